"""The lexicon of numerals, compiled once."""

from streams.core import lexicon

_NAME = "numerals"
_DATA = lexicon.table(_NAME)
UNITS = lexicon.numbers(_NAME, _DATA, "units")
TEENS = lexicon.numbers(_NAME, _DATA, "teens")
TENS = lexicon.numbers(_NAME, _DATA, "tens")
SCALES = lexicon.numbers(_NAME, _DATA, "scales")
SHORT = lexicon.numbers(_NAME, _DATA, "short_scales")
GLUED = lexicon.numbers(_NAME, _DATA, "glued_scales")
VAGUE = lexicon.numbers(_NAME, _DATA, "vague")
VAGUE_OF = lexicon.numbers(_NAME, _DATA, "vague_of")
VAGUE_BY = lexicon.numbers(_NAME, _DATA, "vague_by")
FRACTIONS = lexicon.numbers(_NAME, _DATA, "fractions")
MULTIPLES = lexicon.numbers(_NAME, _DATA, "multiples")
ENDINGS = frozenset(lexicon.strings(_NAME, _DATA, "words.ordinal_endings"))
AFTER_ONE = frozenset(lexicon.strings(_NAME, _DATA, "words.after_one"))
AFTER_SCORES = frozenset(lexicon.strings(_NAME, _DATA, "words.after_scores"))
NO_MILLION = frozenset(lexicon.strings(_NAME, _DATA, "words.length_after_m"))
NO_THOUSAND = frozenset(lexicon.strings(_NAME, _DATA, "words.race_after_k"))
TIME_AFTER_RATIO = frozenset(lexicon.strings(_NAME, _DATA, "words.no_ratio_before"))
CURRENCIES = lexicon.names(_NAME, _DATA, "currencies")
CODE_LETTERS = frozenset(sign[:-1] for sign in CURRENCIES if len(sign) > 1 and sign.endswith("$")) | {"u.s."}
PERCENT = frozenset(lexicon.names(_NAME, _DATA, "percent"))
DASHES = frozenset(lexicon.strings(_NAME, _DATA, "joiners.dash"))
CARDINALS = {**UNITS, **TEENS, **TENS}
SMALL = frozenset({*UNITS, *TEENS})
TRIGGERS = frozenset({*CARDINALS, *SCALES, *VAGUE, *VAGUE_OF, *FRACTIONS, *MULTIPLES})
LINKS = frozenset({"-", "–", "/", ":"})
NO_GROUP_AFTER = frozenset(lexicon.strings(_NAME, _DATA, "words.months"))
RANGE_BEFORE_FROM = frozenset(lexicon.strings(_NAME, _DATA, "words.range_before_from"))
CHANGES = frozenset(lexicon.mapping("changes", lexicon.table("changes"), "verbs")) | {"by"}
