"""What makes a figure an older one by its time or its clause."""

from datetime import timedelta

from streams.core.claims.bind import Binding
from streams.core.claims.view import View
from streams.core.dates import When
from streams.core.quantities import Figure

__all__ = ["STRUCK", "had_been", "months_ago", "of_record", "overtaken", "turned_back", "week_ago"]

_THAN = frozenset({"to", "with", "from", "than"})  # "a drop compared to last year, when N came"
_CLAUSE = 24  # words of such a clause before its figure
_THIS_WEEK = timedelta(days=1)
STRUCK = frozenset({"incident", "struck"})


def week_ago(view: View, when: When) -> bool:
    """ "Last week, a man opened fire, killing N": told beside the news, which names its day."""
    if when.unit != "week" or when.relation != "in" or when.first > 1 or when.end is None or view.published is None:
        return False
    return when.end < view.published - _THIS_WEEK


def months_ago(view: View, when: When) -> bool:
    """ "In June, a boat capsized": an event of another month; news of one names its day."""
    if when.unit != "month" or when.relation != "in" or when.end is None or view.published is None:
        return False
    return when.end < view.published.replace(day=1) and not view.context.isdisjoint(STRUCK)


def of_record(view: View, figure: Figure) -> bool:
    """ "the lowest since January 2021 (75,316)": what it was then."""
    aside = view.aside(figure.first)
    return aside is not None and any(when.last == aside[0] and when.relation == "since" for when in view.whens)


def had_been(view: View, figure: Figure, binding: Binding | None) -> bool:
    """ "Two hostages who had been held were released": over, whoever says so."""
    if binding is None or binding.first <= figure.first:
        return False
    return view.words[max(0, binding.first - 2) : binding.first] == ["had", "been"] and view.words[binding.first - 3] in ("who", "that")


def turned_back(view: View, figure: Figure) -> bool:
    """ "... , while last year a total of N came", "the same months of 2014, when N came": a clause that sets an older year against now."""
    words = view.words
    start = next((at for at in range(figure.left - 1, max(0, figure.left - _CLAUSE), -1) if words[at] in ("while", "whereas", "when")), 0)
    if not start:
        return False
    for when in view.whens:
        compared = when.relation == "ago" or not _THAN.isdisjoint(words[max(0, when.first - 2) : when.first])
        before = start - 3 <= when.last <= start and compared
        inside = start < when.first < figure.left if words[start] != "when" else before
        if inside and when.unit in ("year", "fiscal_year", "span") and when.relation in ("in", "ago") and when.end is not None:
            return view.published is not None and when.end.year < view.published.year
    return False


def overtaken(view: View, figure: Figure) -> bool:
    """ "Another official had said N": other figures have come since."""
    said = [hit for hit in view.hits["source"] if hit.values[0] in ("say", "according")]
    return bool(said) and all(hit.last <= figure.left and "had" in view.words[max(0, hit.first - 1) : hit.last] for hit in said)
