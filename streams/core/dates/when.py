"""One expression of time, and the dates of months and fiscal years."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "season", "year", "fiscal_year", "span"]

Relation = Literal["in", "since", "so_far", "through", "ago", "that"]


@dataclass(frozen=True, slots=True)
class When:
    """One time expression: the words ``[first, last)``, its unit and, where they can be known, its dates (both inclusive).

    `relation`: "since" (from there to the publication), "so_far" (of a period still running), "through" (up to there), "ago" (an older
    time named only to compare: "a year earlier", "the same month of 2014"), "that" (one named before: "that day"), else "in".
    """

    first: int
    last: int
    unit: Unit
    start: date | None
    end: date | None
    relation: Relation = "in"
    future: bool = False
    named: str | None = None
    """The unit in which an "ago" counts: "month" in "two months earlier"; "weekend" for two days that are one time."""


def fiscal_year(number: int) -> tuple[date, date]:
    """First and last day of a US federal fiscal year."""
    return date(number - 1, 10, 1), date(number, 9, 30)


def month_of(year: int, month: int) -> tuple[date, date]:
    """First and last day of a calendar month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)
