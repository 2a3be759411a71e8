"""All numbers of a sentence."""

import re

from streams.core.numbers.amounts import Amount, Cursor
from streams.core.numbers.ranges import ranged, ratio
from streams.core.numbers.single import amount_at
from streams.core.numbers.tables import AFTER_ONE, FRACTIONS, PERCENT, SCALES, TRIGGERS

__all__ = ["find", "follows_one", "is_trigger"]

_FIRST_WORD = re.compile(r"\s*([^\W\d_]+|-|%)")
_DIGITS = frozenset("0123456789")


def is_trigger(word: str) -> bool:
    """May a number begin at `word`, lower case?"""
    return word in TRIGGERS or word[:1].isdecimal()


def follows_one(after: str) -> bool:
    """May "one" before `after`, lower case, be a count? (Mostly it is a pronoun, and then nothing else need be read.)"""
    match = _FIRST_WORD.match(after)
    if match is None:
        return False
    word = match.group(1)
    return word in AFTER_ONE or word in SCALES or word in FRACTIONS or word in PERCENT


def find(read: Cursor, most: int = 1_000_000) -> list[Amount]:
    """All numbers of a sentence, in order, none inside another; no more than `most`."""
    found: list[Amount] = []
    until = 0
    for place, word in enumerate(read.words[: read.count]):
        if place < until or not (word in TRIGGERS or word[0] in _DIGITS or word[0].isdecimal()):
            continue
        amount = amount_at(read, place)
        if amount is None:
            continue
        if amount.kind == "cardinal":
            amount = ratio(read, amount) or ranged(read, amount)
        found.append(amount)
        until = amount.last
        if len(found) >= most:
            break
    return found
