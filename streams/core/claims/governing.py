"""Which time expression a figure stands under."""

from dataclasses import replace
from datetime import date

from streams.core import lexicon
from streams.core.claims.bind import Binding
from streams.core.claims.view import RELATIVE, View
from streams.core.dates import When
from streams.core.quantities import Figure

__all__ = ["RECORD_REACH", "SUPERLATIVES", "UNTIL", "governing", "in_name", "of_report", "of_saying"]

_RECORDS = lexicon.table("syntax")["records"]
SUPERLATIVES = frozenset(_RECORDS["superlatives"])
RECORD_REACH: int = _RECORDS["reach"]
_NO_NAME = frozenset(_RECORDS["no_name"])
_BEGAN = frozenset({"began", "begun", "started", "erupted"})
_BOUNDS = frozenset({"start", "beginning"})
_ISSUED = frozenset(_RECORDS["issued"])
UNTIL = frozenset({"until", "till"})
OF_SAYING = 5.0  # how much farther off the day stands on which something was said


def governing(view: View, figure: Figure, binding: Binding | None, stock: bool = False) -> When | None:
    """The time expression that a figure stands under: the nearest; one that opens the sentence reaches far."""
    best: tuple[float, When] | None = None
    for when in view.whens:
        if (when.first >= figure.last and in_name(view.words, when)) or _of_paper(view, when):
            continue
        until = when.unit == "day" and not UNTIL.isdisjoint(view.words[max(0, when.first - 6) : when.first])
        if until and any(other is not when and not of_report(view, figure, other) for other in view.whens):
            continue  # "until six on Wednesday": the end of a count that has a time of its own
        if (_of_record(view.words, when) and not (when.last <= figure.left and _told_of(view.words, when) is not when)) or (
            when.relation == "ago" and _of_other(view, figure, when)
        ):
            continue
        if _compared(view, figure, when) or _of_start(view.words, when) or _of_noun(view, figure, binding, when):
            continue
        then = _told_of(view.words, when) if when.last <= figure.left else when
        gap = 0.5 if then is not when else _gap(view, figure, when)
        when = then
        if binding is not None and binding.first >= 0 and binding.how == "cue":
            gap = min(gap, _gap_to(view, binding.first, binding.last, when) + 1.0)
        told = of_saying(view, when) or of_report(view, figure, when)
        gap += OF_SAYING if told or view.words[when.last : when.last + 1] == ["'s"] else 0.0
        for other in view.figures:
            if other is not figure and not other.sure and min(figure.first, when.first) < other.first < max(figure.first, when.first):
                gap += 3.0 if when.first > 4 else 0.5
        if best is None or gap < best[0]:
            best = (gap, when)
    return best[1] if best is not None and best[0] <= (22 if binding is not None and not stock else 11) else None


def _compared(view: View, figure: Figure, when: When) -> bool:
    """ "600,000 cases, up from 212,000 in 2006": the time belongs to what the figure is compared with."""
    if when.first < figure.last:
        return False
    between = [other for other in view.figures if figure.first < other.first < when.first and not other.sure]
    if not between:
        return False
    return between[-1].role == "from" or any(
        hit.values[0] == "historical.before" and figure.last <= hit.first and hit.last <= between[-1].first for hit in view.hits["mood"]
    )


def _gap(view: View, figure: Figure, when: When) -> float:
    if when.first >= figure.left:
        return view.gap(min(max(figure.right, figure.last), when.first), when.first)
    gap = view.gap(when.last, figure.left) + 1.0
    opens = when.first <= 4 and not any(when.first < other.first < figure.left for other in view.whens)
    return min(gap, 6.0) if opens else gap


def _gap_to(view: View, first: int, last: int, when: When) -> float:
    return view.gap(last, when.first) if when.first >= last else view.gap(when.last, first) + 1.0


def _of_other(view: View, figure: Figure, when: When) -> bool:
    """ "100,000 a month a year ago, they now see 10,000": an older time belongs to the figure on its left."""
    others = [other for other in view.figures if other is not figure and not other.sure]
    if when.first >= figure.last:
        return any(figure.first < other.first < when.first for other in others)
    return any(other.first < when.first for other in others)


def _of_record(words: list[str], when: When) -> bool:
    """ "the largest caravan since June 2022": the time of the record, which is not the figure's."""
    return when.relation in ("since", "so_far") and not SUPERLATIVES.isdisjoint(words[max(0, when.first - RECORD_REACH) : when.first])


def _of_noun(view: View, figure: Figure, binding: Binding | None, when: When) -> bool:
    """ "the toll from a boat that sank two weeks ago had risen to 56": the time of what the cue is said of."""
    if binding is None or binding.cue.kind != "noun" or not 0 <= binding.last <= when.first < figure.left:
        return False
    return not RELATIVE.isdisjoint(view.words[binding.last : when.first])


def _of_start(words: list[str], when: When) -> bool:
    """ "the epidemic that began in February": when something began that lasts; ", the start of the fiscal year,": no time but a remark."""
    before = words[max(0, when.first - 3) : when.first]
    if not _BOUNDS.isdisjoint(words[max(0, when.first - 4) : when.first]) and "," in words[max(0, when.first - 6) : when.first]:
        return when.unit in ("year", "fiscal_year")
    return (
        when.relation == "in"
        and not _BEGAN.isdisjoint(before)
        and not {"that", "which"}.isdisjoint(words[max(0, when.first - 5) : when.first])
    )


def _told_of(words: list[str], when: When) -> When:
    """ "the worst since 2004, when seven died": the clause tells of that time."""
    if when.relation != "since" or when.start is None or "when" not in words[when.last : when.last + 2]:
        return when
    return replace(when, relation="in", unit="year", end=date(when.start.year, 12, 31))


def in_name(words: list[str], when: When) -> bool:
    """ "refugees from the 1994 genocide": the year belongs to a name."""
    if when.unit != "year" or when.last - when.first != 1 or when.last >= len(words):
        return False
    following = words[when.last]
    if words[when.first - 2 : when.first - 1] in (["during"], ["in"]):  # "during the 2018 flu season" is a time
        return False
    return words[when.first - 1] in ("the", "a", "its", "their") and following.isalpha() and following not in _NO_NAME


def of_saying(view: View, when: When) -> bool:
    """ "had been detained, a report released Monday says": the day of the report and not of what it tells."""
    if when.unit != "day" or when.relation != "in":
        return False
    at = when.first - (view.words[when.first - 1 : when.first] in (["on"], ["late"], ["early"]))
    told = any(
        (hit.last == at and hit.values[0] in ("say", "according", "act")) or (hit.first == when.last and hit.values[0] == "say")
        for hit in view.hits["source"]
    )
    return at > 0 and (told or view.words[at - 1] in _ISSUED)


def of_report(view: View, figure: Figure, when: When) -> bool:
    """ "revealed at a briefing on Monday that N had come", "On Monday, the agency reported a drop, with N caught in May": the day of the
    report."""
    if when.unit != "day" or when.relation != "in" or when.last > figure.left:
        return False
    that = next((at for at in range(when.last, figure.left) if view.words[at] == "that"), figure.left)
    low = 0 if that < figure.left else when.last
    said = any(hit.values[0] == "say" and low <= hit.first < that for hit in view.hits["source"])
    return said and (that < figure.left or (when.first <= 1 and len(view.whens) > 1))


def _of_paper(view: View, when: When) -> bool:
    """ "in a September court filing": the month of a paper that tells of other times."""
    words = view.words
    return (
        when.unit == "month"
        and when.last - when.first == 1
        and words[when.first - 1] in ("a", "an")
        and len(view.whens) > 1
        and words[when.last : when.last + 1] != ["that"]
    )
