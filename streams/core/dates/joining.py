"""Expressions that belong together ("from May to July") or say how they relate to the publication ("since May", "so far this year")."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from streams.core import lexicon
from streams.core.dates.when import When, month_of

_WORDS = lexicon.table("dates")["words"]
_TO_DATE = frozenset(tuple(phrase.split()) for phrase in _WORDS["to_date"])


def joined(words: Sequence[str], atoms: list[When], published: date | None) -> list[When]:
    """Expressions made of two ("between October 2018 and February 2019") and the words around one ("since", "so far")."""
    joined: list[When] = []
    for atom in atoms:
        before = joined[-1] if joined else None
        if before is not None and _linked(words, before, atom):
            joined[-1] = _span(words, before, atom, published)
        else:
            joined.append(atom)
    return [_related(words, when, published) for when in joined]


def _linked(words: Sequence[str], one: When, two: When) -> bool:
    between = tuple(words[one.last : two.first])
    if two.relation != "ago" and between in ((",",), ("of",), ("of", "the"), ("in",), ("of", "this"), ("in", "the")):
        return _width(two) > _width(one) and two.first - one.last <= 2
    if between in (("to",), ("through",), ("until",), ("-",), ("–",), ("and",)):
        opened = not {"from", "between", "in", "during", "through", "since"}.isdisjoint(words[max(0, one.first - _OPENED) : one.first])
        return one.unit == two.unit and one.unit in ("day", "month", "year", "fiscal_year") and (opened or between != ("and",))
    return between == ("through", "the", "end", "of") or (not between and two.relation == "ago" and one.unit == "month")


_OPENED = 5  # words between "between" and its first date ("between their start on 3 May and 9 June")


def _width(when: When) -> int:
    return ("day", "week", "month", "season", "quarter", "year", "fiscal_year", "span").index(when.unit)


def _span(words: Sequence[str], one: When, two: When, published: date | None) -> When:
    """One expression out of two: the finer of "August of the current fiscal year", or from the first to the second."""
    if words[one.last] in (",", "of", "in"):
        if one.start and two.start and two.end and one.end and not (two.start <= one.start <= two.end):
            moved = one.start.year + (
                two.end.year - one.start.year if one.start.month <= two.end.month else two.start.year - one.start.year
            )
            if one.unit == "month":
                return When(one.first, two.last, "month", *month_of(moved, one.start.month), two.relation)
        return replace(one, last=two.last, relation=two.relation)
    if two.relation == "ago":
        return replace(one, last=two.last, relation="ago", start=two.start, end=two.end)
    start, end = one.start, two.end
    if start and end and start > end:
        start = _years_earlier(start, 1)
    return When(one.first, two.last, "span", start, end)


def _years_earlier(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)


_INTO = frozenset({"late", "early", "mid", "the", "beginning", "start", "end", "of", "-", "at"})


def _related(words: Sequence[str], when: When, published: date | None) -> When:
    """The expression with the preposition and the "so far" beside it taken in."""
    first = when.first
    while first > 0 and words[first - 1] in _INTO and first > when.first - 5:
        first -= 1
    word = words[first - 1] if first else ""
    if word in ("since", "from") and when.relation == "in" and (word == "since" or words[first - 2 : first - 1] == ["starting"]):
        begun = when.start and published and when.start <= published  # "starting next May" has no end yet
        return replace(when, first=first - 1, unit="span", relation="since", end=published if begun else None)
    if word in ("through", "thru") and when.relation == "in" and when.unit != "span":
        return replace(when, first=first - 1, unit="span", relation="through")
    if _to_date(words, when):
        return replace(when, relation="so_far")
    return when


def _to_date(words: Sequence[str], when: When) -> bool:
    before, after = tuple(words[max(0, when.first - 3) : when.first]), tuple(words[when.last : when.last + 3])
    return any(
        before[-len(phrase) :] == phrase or before[-len(phrase) - 1 : -1] == phrase or after[: len(phrase)] == phrase for phrase in _TO_DATE
    )
