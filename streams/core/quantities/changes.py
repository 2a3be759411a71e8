"""Change or level: which figures are the size of a change, the level reached, the level before.

"rose by 300 to 4,100 from 3,800": the first is a delta, the second the level reached ("to"), the third the level before ("from").
"""

from typing import NamedTuple, cast

from schemas.figure import Change
from streams.core import lexicon
from streams.core.quantities.records import Role

__all__ = ["Turn", "after", "before", "has_verb"]

_NAME = "changes"
_DATA = lexicon.table(_NAME)
_ALL_VERBS = lexicon.mapping(_NAME, _DATA, "verbs")
_VERBS = {verb: change for verb, change in _ALL_VERBS.items() if " " not in verb}
_NOUNS = lexicon.mapping(_NAME, _DATA, "nouns")
_COMPARATIVES = lexicon.mapping(_NAME, _DATA, "comparatives")
_ADVERBS = frozenset(lexicon.strings(_NAME, _DATA, "words.adverbs"))
_PARTICLE_VERBS = frozenset(lexicon.strings(_NAME, _DATA, "words.particle_verbs"))
_PARTICLES = frozenset({"up", "down", "off"})
_STOPS = frozenset({".", ";", ":", "?", "!", "(", ")"})
_OUTDOING = frozenset(lexicon.strings(_NAME, _DATA, "words.outdoing"))
_COMPARED = frozenset(lexicon.strings(_NAME, _DATA, "words.compared"))
_ADVERB_REACH = 5
_VERB_REACH = 14
_BY_REACH = 20


class Turn(NamedTuple):
    """What a figure is in a change: role and direction (None where the text leaves it open)."""

    role: Role
    change: Change | None


def before(words: list[str], left: int, floor: int) -> Turn | None:
    """The change that the words before token `left` make of the figure there; nothing before `floor` is looked at."""
    place = left - 1
    lowest = max(floor, left - _ADVERB_REACH)
    while place >= lowest:
        word = words[place]
        if word in _VERBS and _is_change(words, place):
            return Turn("delta", _direction(_VERBS[word]))
        if word in ("to", "from", "of", "in") or word not in _ADVERBS:
            break
        place -= 1
    if place < 0 or place < floor:
        return None
    if words[left - 1] == "by":
        verb = has_verb(words, left - 1, max(floor, left - _BY_REACH))
        if verb is not None and verb.role == "delta":
            return verb
    word = words[place]
    if word == "of" and place > floor and words[place - 1] in _NOUNS:
        return Turn("delta", _direction(_NOUNS[words[place - 1]]))
    if place and words[place - 1] in _COMPARED:
        return None
    if word == "to" or word == "from":
        verb = has_verb(words, place, max(0, place - _VERB_REACH))
        if verb is not None:
            return Turn(cast(Role, word), verb.change)
    return None


def has_verb(words: list[str], place: int, floor: int) -> Turn | None:
    """The nearest word of change before `place` in the same clause."""
    for at in range(place - 1, floor - 1, -1):
        word = words[at]
        if word in _STOPS:
            return None
        if (word in _VERBS and _is_change(words, at)) or (words[place] == "by" and word in _OUTDOING):
            return Turn("delta", _direction(_VERBS.get(word, "up")))
        if word in _NOUNS and at and words[at - 1] not in ("to",):
            return Turn("delta", _direction(_NOUNS[word]))
    return None


def after(words: list[str], place: int, relative: bool) -> Turn | None:
    """The change that the words from `place` on make of the figure before: "a 40 percent drop", "30 % more than".

    `relative`: the figure is a percentage, points or a multiple, for which "more" and "higher" alone are enough.
    """
    at = place + 1 if words[place] == "-" else place
    for ahead in range(at, at + 3):
        word = words[ahead]
        if word in _NOUNS and (relative or ahead > at or words[at - 1] != "-"):
            return Turn("delta", _direction(_NOUNS[word])) if relative or ahead == at else None
        if not word or not word[0].isalpha() or word in ("of", "in", "to", "the", "and", "from", "by", "were", "was", "are", "is"):
            break
    word = words[at]
    if word in _COMPARATIVES and (relative or words[at + 1] == "than"):
        return Turn("delta", _direction(_COMPARATIVES[word]))
    return None


def _is_change(words: list[str], place: int) -> bool:
    """ "up 30 %" is a change; "made up 30 %", "up to 30 %" and "shot down 30 planes" are none."""
    if words[place] not in _PARTICLES:
        return True
    return words[place + 1] != "to" and not (place and words[place - 1] in _PARTICLE_VERBS)


def _direction(change: str) -> Change | None:
    return None if change == "either" else cast(Change, change)
