"""Units and rates: what stands right after a figure and says what it is measured in, and per what time."""

from typing import NamedTuple, cast

from streams.core import lexicon
from streams.core.numbers import Cursor
from streams.core.quantities import phrases
from streams.core.quantities.records import Dimension, Rate, TokenRange

__all__ = ["Unit", "far_rate", "near_rate", "rate_before", "unit_at", "unit_of_noun"]

_NAME = "units"
_DATA = lexicon.table(_NAME)
_RATES = lexicon.table("rates")
_DIMENSIONS = tuple(name for name in _DATA if name != "glued")


def _forms() -> dict[str, str]:
    forms: dict[str, str] = {}
    for dimension in _DIMENSIONS:
        for form, unit in lexicon.mapping(_NAME, _DATA, dimension).items():
            if form in forms:
                raise lexicon.LexiconError(f"lexicon {_NAME}.toml: {form!r} is in two dimensions")
            forms[form] = f"{dimension}:{unit}"
    return forms


_UNITS = phrases.compile_after(_forms())
_GLUED = frozenset(lexicon.strings(_NAME, _DATA, "glued.only"))
_NEAR = phrases.compile_after(lexicon.mapping("rates", _RATES, "near"))
_FAR = phrases.compile_after(lexicon.mapping("rates", _RATES, "far"))
_BEFORE = phrases.compile_after(lexicon.mapping("rates", _RATES, "before"))
_NO_RATE = frozenset(lexicon.strings("rates", _RATES, "words.no_rate_before"))
_FROM_WHEN = frozenset(lexicon.strings("rates", _RATES, "words.no_rate_from"))
_CLAUSE_ENDS = frozenset({";", ":", ".", "!", "?", "(", ")", "—", "–"})
_FAR_REACH = 14
_BEFORE_REACH = 8


class Unit(NamedTuple):
    """A unit of measure as written: tokens [first, last). `attribute`: joined by a hyphen, "a 15-foot wall"."""

    name: str
    dimension: Dimension
    first: int
    last: int
    attribute: bool = False


def unit_at(read: Cursor, place: int) -> Unit | None:
    """The unit of measure that begins at `place`, a hyphen before it allowed."""
    words = read.words
    attribute = words[place] == "-" and read.glued(place) and read.glued(place - 1)
    if attribute:
        place += 1
    found = phrases.after(_UNITS, words, place)
    if found is None:
        return None
    meaning, last = found
    if words[place] in _GLUED and last == place + 1 and not read.glued(place - 1):
        return None
    return _unit(meaning, place, last, attribute)


def unit_of_noun(words: list[str], place: int) -> Unit | None:
    """The unit that the head noun at `place` is: "998 horizontal miles", "a 1,900-mile-wide moon", "billions of dollars"."""
    word = words[place]
    found = phrases.after(_UNITS, words, place)
    if found is None and "-" in word:
        first, _, rest = word.partition("-")
        for part in (first, rest.rpartition("-")[2]):
            entries = _UNITS.get(part, ())
            if entries and len(entries[-1][0]) == 1 and part not in _GLUED:
                return _unit(entries[-1][1], place, place + 1, True)
    if found is None or found[1] != place + 1 or word in _GLUED:
        return None
    return _unit(found[0], place, place + 1, False)


def _unit(meaning: str, first: int, last: int, attribute: bool) -> Unit:
    dimension, _, name = meaning.partition(":")
    return Unit(name, "other" if dimension == "data" else cast(Dimension, dimension), first, last, attribute)


def near_rate(words: list[str], place: int) -> tuple[Rate, TokenRange] | None:
    """ "a day", "per month", "daily" at `place`."""
    found = phrases.after(_NEAR, words, place)
    if found is None or (words[place] in ("a", "an") and _is_a_time(found[0], *words[found[1] : found[1] + 2])):
        return None
    return cast(Rate, found[0]), (place, found[1])


def _is_a_time(unit: str, word: str = "", after: str = "") -> bool:
    """Does "a day" or "a week" before these words say when, and not how often?"""
    if word == "on":
        return after != "average" if unit != "day" else not after.isalpha() or after == "from"
    return word in _NO_RATE or (word == "from" and after in _FROM_WHEN)


def far_rate(words: list[str], place: int, stop: int) -> tuple[Rate, TokenRange] | None:
    """The first clear rate further on in the clause: "have been apprehended daily"."""
    for at in range(place, min(stop, place + _FAR_REACH)):
        if words[at] in _CLAUSE_ENDS or words[at] in ("but", "while", "whereas"):
            return None
        if words[at] in _FAR and (found := phrases.after(_FAR, words, at)):
            return cast(Rate, found[0]), (at, found[1])
    return None


def rate_before(words: list[str], place: int, floor: int) -> tuple[Rate, TokenRange] | None:
    """ "a daily average of" before the figure, nothing but words of the clause between."""
    for at in range(place - 1, max(floor, place - _BEFORE_REACH) - 1, -1):
        if words[at] in _CLAUSE_ENDS or (words[at] == "," and at < place - 1):
            return None
        if words[at] in _BEFORE and (found := phrases.after(_BEFORE, words, at)):
            return cast(Rate, found[0]), (at, found[1])
    return None
