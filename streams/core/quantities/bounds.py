"""How exact a figure is: the cue beside it, and the interval that follows.

The intervals: around v is [0.9 v, 1.1 v] with v as best estimate; nearly v is [0.9 v, v); up to v is [0, v]; at least v is [v, inf);
more than v is (v, inf); a vague plural is its floor and up.
"""

from typing import cast

from schemas.figure import Bound, Interval, whole
from streams.core import lexicon
from streams.core.numbers import Amount
from streams.core.quantities import phrases

__all__ = ["after", "before", "interval"]

_NAME = "bounds"
_DATA = lexicon.table(_NAME)
_BEFORE = phrases.compile_before(lexicon.mapping(_NAME, _DATA, "before"))
_AFTER = phrases.compile_after(lexicon.mapping(_NAME, _DATA, "after"))
_WIDTHS = lexicon.numbers(_NAME, _DATA, "widths")
_SKIPPED = frozenset({'"', "(", "'", "~"})


def before(words: list[str], first: int, floor: int) -> tuple[Bound, int] | None:
    """The cue that ends right before token `first`: (bound, its first token). Of "more than about 500" the outer cue counts."""
    place = first
    while place - 1 > floor and words[place - 1] in _SKIPPED and words[place - 1] != "~":
        place -= 1
    found = phrases.before(_BEFORE, words, place, floor)
    if found is None:
        return None
    bound, start = found
    while bound in ("approx", "exact") and (outer := phrases.before(_BEFORE, words, start, floor)) is not None:
        bound, start = (outer[0] if outer[0] != "exact" or bound == "exact" else bound), outer[1]
    return cast(Bound, bound), start


def after(words: list[str], place: int) -> tuple[Bound, int] | None:
    """The cue that begins at `place`: (bound, one past it)."""
    found = phrases.after(_AFTER, words, place)
    return (cast(Bound, found[0]), found[1]) if found else None


def interval(amount: Amount, bound: Bound) -> Interval:
    """The values that `amount` with `bound` allows."""
    value = whole(amount.low)
    if bound == "range":
        return Interval(low=value, high=whole(amount.high))
    if bound == "exact":
        return Interval(low=value, high=value, point=value)
    if bound == "approx":
        reach = abs(value) * _WIDTHS["approx"]
        return Interval(low=_tidy(value - reach), high=_tidy(value + reach), point=value)
    if bound == "at_least" or bound == "vague":
        return Interval(low=value, high=None)
    if bound == "more_than":
        return Interval(low=value, high=None, low_closed=False)
    if bound == "at_most":
        return Interval(low=0 if value >= 0 else None, high=value)
    return Interval(low=_tidy(value - abs(value) * _WIDTHS["below"]), high=value, high_closed=False)


def _tidy(value: float) -> float:
    return whole(round(value, 9))
