"""Does a figure meet a condition? A figure is an interval, so the answer has grades; and a total must first become a rate.

The grades and their vectors are those of docs/semantics.md, sections 1 and 2.
"""

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf
from typing import Literal

from schemas.alert import Grade, Normalised
from schemas.figure import Interval, Number, Period, Reference, whole

MEAN_MONTH = 30.4375
"""Days of a month that cannot be identified (365.25 / 12)."""
_MEAN_DAYS: dict[Period, float] = {"day": 1, "week": 7, "month": MEAN_MONTH, "year": 365.25, "fiscal_year": 365.25}
_AS_STATED: frozenset[Period] = frozenset({"none", "event", "cumulative", "day"})
"""What a rule without a period takes: counts as they stand, and those of one day, which may well be one event."""
_ORDER: dict[Grade, int] = {"no": 0, "possible": 1, "probable": 2, "certain": 3}

Operator = Literal[">=", ">", "<=", "<"]


def at_least(grade: Grade, wanted: Grade) -> bool:
    """Is `grade` as good as `wanted`, or better?"""
    return _ORDER[grade] >= _ORDER[wanted]


def grade(figure: Interval, operator: Operator, limit: Number) -> Grade:
    """How surely the figure satisfies ``value operator limit``.

    certain: the whole interval does; probable: the point does; possible: part of the interval does; no: none of it does.
    """
    if operator in (">=", ">"):
        low, high, low_closed, high_closed, point = figure.low, figure.high, figure.low_closed, figure.high_closed, figure.point
    else:  # mirrored at zero, "below" is "above"
        low, high, low_closed, high_closed = _minus(figure.high), _minus(figure.low), figure.high_closed, figure.low_closed
        point, limit = _minus(figure.point), -limit
    bottom, top = -inf if low is None else low, inf if high is None else high
    strict = operator in (">", "<")
    if bottom > limit or (bottom == limit and (not strict or not low_closed)):
        return "certain"
    if point is not None and (point > limit or (point == limit and not strict)):
        return "probable"
    if top > limit or (top == limit and high_closed and not strict):
        return "possible"
    return "no"


def _minus(value: Number | None) -> Number | None:
    return None if value is None else -value


@dataclass(frozen=True, slots=True)
class Normal:
    """A figure in the rule's period. `source` is null where nothing was converted."""

    figure: Interval
    source: Normalised | None = None

    @property
    def cap(self) -> Grade:
        """The best grade it may have: a month or year of assumed length proves nothing for certain."""
        return "probable" if self.source and self.source.assumed else "certain"


def capped(grade: Grade, cap: Grade) -> Grade:
    return grade if _ORDER[grade] <= _ORDER[cap] else cap


def normalise(
    figure: Interval,
    period: Period,
    reference: Reference | None,
    per: Period | None,
    *,
    partial: Literal["reject", "elapsed"] = "reject",
    convertible: bool = True,
) -> Normal | Literal["no_period", "not_convertible", "unnormalisable"]:
    """`figure`, stated for one `period` and about `reference`, as a figure for one `per`; or why not.

    Without `per` a figure is taken as stated, unless it is for a week or longer. `convertible` is false for stocks, percentages and
    currencies. A period is converted by its days where the reference is one whole such period, by a mean length otherwise
    (`assumed`); one that still runs only with ``partial="elapsed"``.
    """
    if per is None:
        return Normal(figure) if period in _AS_STATED else "not_convertible"
    if period == per:
        return Normal(figure)
    if period not in _MEAN_DAYS or per not in _MEAN_DAYS:
        return "no_period"
    if not convertible:
        return "not_convertible"
    days, assumed = float(_MEAN_DAYS[period]), True
    if reference and not reference.assumed and _is_one(period, reference):
        if not reference.complete and partial == "reject":
            return "unnormalisable"
        days, assumed = float((reference.end - reference.start).days + 1), False
    factor = _MEAN_DAYS[per] / days
    scaled = Interval(
        low=_scale(figure.low, factor),
        high=_scale(figure.high, factor),
        low_closed=figure.low_closed,
        high_closed=figure.high_closed,
        point=_scale(figure.point, factor),
    )
    stated = figure.point if figure.point is not None else figure.low if figure.low is not None else figure.high
    return Normal(scaled, Normalised(value=stated, per=period, factor=factor, days=days, assumed=assumed))


def _scale(value: Number | None, factor: float) -> Number | None:
    return None if value is None else whole(value * factor)


def _is_one(period: Period, reference: Reference) -> bool:
    """Are the dates one calendar period of this kind (a fiscal year may begin in any month; a running one may be cut short)?"""
    start, end = reference.start, reference.end
    if not reference.complete:
        return start <= end < start + timedelta(days=_length(period, start))
    return (end - start).days + 1 == _length(period, start)


def _length(period: Period, start: date) -> int:
    if period == "month":
        return monthrange(start.year, start.month)[1]
    if period in ("year", "fiscal_year"):
        leap = start.year if start.month <= 2 else start.year + 1
        return 366 if isleap(leap) else 365
    return 7 if period == "week" else 1
