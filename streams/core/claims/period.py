"""For how long a figure counts, and on which dates."""

from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from schemas.figure import Period, Reference
from streams.core import lexicon
from streams.core.claims.bind import Binding
from streams.core.claims.distance import size
from streams.core.claims.governing import RECORD_REACH, SUPERLATIVES, UNTIL, governing, in_name, of_report, of_saying
from streams.core.claims.view import HAVE, View
from streams.core.dates import When, fiscal_year
from streams.core.quantities import Figure
from streams.core.quantities.units import near_rate

__all__ = ["HARM", "STATISTICS", "TALLIES", "Timing", "timing"]

_RECORDS = lexicon.table("syntax")["records"]
_STATES = frozenset(
    {"is", "are", "was", "were", "has", "have", "had", "stands", "stood", "live", "lives", "remain", "remained", "numbered"}
)
TALLIES = frozenset(_RECORDS["tallies"])
_RATES: dict[str, Period] = {"day": "day", "week": "week", "month": "month", "year": "year"}
MANY = 300  # so many are seldom rescued or arrested in one operation
_TOTAL_REACH = 8
_INCIDENTS = ("incident", "struck")
HARM = frozenset({"displaced", "deaths", "injured", "missing", "rescued"})
_ENDS = ("from", "to")
_IN_A_ROW = ("straight", "consecutive")
_GROUPS = frozenset({"group", "groups", "carrying", "boatload"})
_SINCE = 7  # words between a figure with its verb and "since"
_TWELVE = frozenset({"12-month", "twelve-month", "12"})
_AT_ONCE = frozenset(_RECORDS["at_once"])
_LASTING = frozenset(_RECORDS["lasting"])
_THROUGH = 16  # words between a figure and the time that it runs through
STATISTICS = frozenset({"border_flow", "asylum"})  # families that authorities count by the month
_HAPPENINGS = frozenset(
    {"deported", "en_route", "deaths", "injured", "missing", "rescued", "arrests", "detained", "displaced", "seized_drugs", "other"}
)  # a weekday dates them; it is no rate


@dataclass(frozen=True, slots=True)
class Timing:
    """The period of a figure, the expression that gave it (None: nothing did) and whether the text said it as a rate."""

    period: Period
    when: When | None
    rate: bool = False


def timing(
    view: View, index: int, binding: Binding | None, stock: bool, default: Period, before: Timing | None, near: frozenset[str] = frozenset()
) -> Timing:
    """The period of figure `index`. `default` is what its indicator has where the text names no time; `before` is the timing of the last
    figure of the same series, which one that names no time of its own shares; `near` the context classes of the sentence before."""
    figure = view.figures[index]
    when = governing(view, figure, binding, stock)
    rate = (
        figure.rate
        if figure.rate in _RATES
        else _partner_rate(view, figure) or _within(view, figure, binding) or _qualified(view, figure, binding)
    )
    if rate is not None and not stock:
        fiscal = rate == "year" and when is not None and when.unit == "fiscal_year"
        return Timing("fiscal_year" if fiscal else _RATES[rate], when, True)
    if stock or (binding is None and default == "none" and _stative(view, figure)):
        return Timing(default, when)
    if when is not None and when.relation == "ago" and before is not None:
        return Timing(before.period, when, before.rate)
    if when is None and before is not None:
        shared = before.when if before.when is None or before.when.relation != "ago" else None
        return Timing(before.period, shared, before.rate)
    since = 0 if rate is not None or when is None or when.relation == "since" else _since_after(view, figure, binding)
    if since and when is not None and (when.last <= figure.left or when.first > since):
        return Timing("cumulative", replace(when, relation="since", end=None) if when.first > since else None)
    said = when is not None and (of_saying(view, when) or of_report(view, figure, when))  # where "had died" is "died", reported
    if (when is None and _total(view, index, binding, default, near)) or (said and default == "event" and _runs(view, figure, binding)):
        return Timing("cumulative", None)
    if when is None:
        return Timing(_compared_unit(view, index, binding) or default, None)
    if default == "event" and view.words[when.first - 1] in UNTIL and _perfect(view, figure, binding):
        return Timing("cumulative", when)
    if view.words[max(0, when.first - 2) : when.first] == ["as", "of"] or (
        view.words[:2] == ["as", "of"] and when.relation == "in"
    ):  # the date of the count, not what it counts for
        held = binding is not None and view.indicators.by_name[binding.indicator].kind == "stock"
        return Timing("none" if held else "cumulative" if default == "event" else default, when)
    if default == "event" and binding is not None and binding.cue.lemma in TALLIES:
        return Timing("cumulative", when)
    if _incident(view, figure, binding, when):
        return Timing("event", when)
    if when.unit == "day" and default == "event" and not _whole_day(when) and (_grouped(view, figure) or when.named == "weekend"):
        return Timing("event", when)  # a group arrives; crowds are counted by the day
    earlier = "earlier" in view.words[max(0, when.first - 1) : when.first]
    return Timing(
        _period(
            when,
            view.published,
            binding,
            default,
            earlier,
            size(figure) >= MANY,
            _ended(view, when),
            "past" in view.words[when.first : when.last],
        ),
        when,
    )


def _total(view: View, index: int, binding: Binding | None, default: Period, near: frozenset[str]) -> bool:
    """Without a time: is it a total up to now?"""
    figure = view.figures[index]
    if binding is None and figure.dimension == "count" and _has_done(view, figure):
        return True
    if default != "event":
        return False
    incident = (not view.context.isdisjoint(_INCIDENTS) or "struck" in near) and "lasting" not in view.context | near
    harmed = binding is not None and binding.indicator in HARM and (incident or binding.cue.lemma.split()[0] in _AT_ONCE)
    return (
        (_perfect(view, figure, binding) and not harmed)
        or _summed(view, figure)
        or _since(view)
        or _through(view, figure)
        or _lasted(view.words)
        or _tallied(view, index, binding)
    )


def _incident(view: View, figure: Figure, binding: Binding | None, when: When) -> bool:
    """ "The blast in May killed 45": one event with its date, and no total; statistics name no event, or count deaths."""
    if when.unit not in ("month", "year") or when.relation not in ("in", "ago") or figure.rate is not None:
        return False
    incident = not view.context.isdisjoint(_INCIDENTS)
    if binding is None:
        return incident and bool(view.hits["event"])
    if when.unit == "year" and _perfect(view, figure, binding):
        return False  # "over 2,000 have died in the sea in 2015"
    return binding.indicator in HARM and binding.cue.kind != "noun" and (incident or in_name(view.words, when))


def _within(view: View, figure: Figure, binding: Binding | None) -> str | None:
    """ "76,000 migrants cross in a month": the unit of time named as the measure, after the figure or its verb; "in each of the last four
    months", "in the average year"."""
    words = view.words
    if words[0] in ("every", "each") and words[1:2] and words[1] in _RATES:  # "Every day, agents stop 2,000"
        return words[1]
    for at in range(len(words) - 2):
        if words[at] in ("month", "week", "day") and (words[at + 1 : at + 4] == ["in", "a", "row"] or words[at - 1] in _IN_A_ROW):
            return words[at] if not any(figure.last <= other.first < at and not other.sure for other in view.figures) else None
        if words[at] == "each" and words[at + 1] == "of":  # "on each of three days", "in each of the last four months"
            if words[at + 2 : at + 4] in (["the", "last"], ["the", "past"]):
                return next((unit for unit in _RATES if unit + "s" in words[at + 4 : at + 7]), None)
            if "days" in words[at + 2 : at + 6]:
                return "day"
        if words[at] in _TWELVE and (words[at] != "12" or words[at + 1 : at + 3] == ["-", "month"]):
            return "year"
        if words[at] in ("the", "an", "a") and words[at + 1] in ("average", "typical", "whole", "entire") and words[at + 2] in _RATES:
            return words[at + 2]
    if binding is not None and binding.first >= figure.last and (found := near_rate(words, binding.last)) and found[0] in _RATES:
        return found[0]  # "take 900 people into custody a day"
    for start in {max(figure.right, figure.last), binding.last if binding is not None and binding.first >= figure.last else figure.last}:
        for index in range(start, min(start + 4, len(words) - 2)):
            if words[index] == "in" and words[index + 1] in ("a", "one", "a single"):
                at = index + 2 + (words[index + 2] == "single")
                if at < len(words) and words[at] in _RATES and words[at + 1 : at + 2] not in (["when"], ["-"]):
                    return words[at]
    return None


def _qualified(view: View, figure: Figure, binding: Binding | None) -> str | None:
    """ "daily arrests fell by half", "daily migrant arrests: 900": what is counted by the day, or a change of it."""
    if binding is None or binding.first < 0 or binding.cue.kind != "noun":
        return None
    if figure.dimension != "share":
        return "day" if "daily" in view.words[max(0, binding.first - 2) : binding.last] else None
    return next((_EVERY[word] for word in view.words[max(0, binding.first - 1) : binding.last] if word in _EVERY), None)


_EVERY = {"daily": "day", "weekly": "week", "monthly": "month", "annual": "year", "yearly": "year"}


def _partner_rate(view: View, figure: Figure) -> str | None:
    """ "from 4,000 a day to 1,900": the end of a change counts for what its start counts."""
    if figure.role != "to" or figure.partner is None or figure.dimension != "count":
        return None
    rate = view.figures[figure.partner].rate
    return rate if rate in _RATES else None


def _tallied(view: View, index: int, binding: Binding | None) -> bool:
    """ "14 deaths were attributed to the storm": deaths counted as such are a tally, unless one incident is named."""
    if binding is None or binding.indicator != "deaths" or binding.cue.kind != "noun":
        return False
    running = view.figures[index].role in _ENDS  # "fatalities rose from 70 to 82"
    return binding.cue.lemma in TALLIES or running or (binding.how == "cue" and "incident" not in view.context)


def _summed(view: View, figure: Figure) -> bool:
    """Is the figure called a total ("so far", "bringing the toll to", "41,000 accumulated arrivals")?"""
    if {"accumulated", "cumulative"} & set(view.words[max(0, figure.left - 2) : figure.last + 2]):
        return True
    near = (hit for hit in view.hits["carry"] if hit.values[0] == "total")
    return any(min(abs(figure.left - hit.last), abs(hit.first - figure.right)) <= _TOTAL_REACH for hit in near)


def _runs(view: View, figure: Figure, binding: Binding | None) -> bool:
    """Is a total that still runs told of, whatever day it is said on?"""
    counted = "so" in view.words[max(0, figure.left - 3) : figure.left] and _perfect(view, figure, binding)  # "so far N have died"
    return figure.role in _ENDS or counted or _through(view, figure)


def _through(view: View, figure: Figure) -> bool:
    """ "during the campaign": a total over something that lasts."""
    words = view.words
    return any(
        word == "during" and not _LASTING.isdisjoint(words[at + 1 : at + 5]) and abs(at - figure.right) <= _THROUGH
        for at, word in enumerate(words)
    )


def _lasted(words: list[str]) -> bool:
    """ "during the four-month period": a total over a span."""
    return any(
        word == "period" and (words[at - 1] in ("month", "day", "week", "year") or words[at - 1].endswith(("-month", "-day", "-week")))
        for at, word in enumerate(words)
        if at
    )


def _since_after(view: View, figure: Figure, binding: Binding | None) -> int:
    """Where "since" stands after the figure and its verb ("20,000 have come since the vote in May"); 0 where it does not."""
    end = max(figure.right, figure.last, binding.last if binding is not None else 0)
    for at in range(end, min(end + _SINCE, len(view.words) - 1)):
        word = view.words[at]
        if word == "since" and view.words[at - 1] != "ever":
            return at
        if word in (",", ";", ".") or word in SUPERLATIVES or any(other.first == at and not other.sure for other in view.figures):
            return 0
    return 0


def _since(view: View) -> bool:
    """ "arrested since the president took office": a total from an event on, which has no date here."""
    words = view.words
    return any(
        word == "since"
        and words[at - 1] not in ("ever", "has", "have", "had")
        and SUPERLATIVES.isdisjoint(words[max(0, at - RECORD_REACH) : at])
        for at, word in enumerate(words[:-2])
        if at != 0 or "," in words
    )


def _stative(view: View, figure: Figure) -> bool:
    """ "There were 400 cases in May", "it has 300": a state of things at a time, not a total for it (as in "400 were sent in May")."""
    if _has_done(view, figure):
        return False
    words = view.words
    for index in (*range(max(0, figure.left - 2), figure.left), *range(figure.right, min(len(words), figure.right + 1))):
        following = words[index + 1] if index + 1 < len(words) else ""
        if words[index] in _STATES and not following.endswith(("ed", "en")):
            return True
    return False


def _grouped(view: View, figure: Figure) -> bool:
    """ "a group of 337", or of a caravan: one event, whatever day it has."""
    aboard = view.words[max(0, figure.left - 2) : figure.left]
    if aboard[-1:] == ["with"] and aboard[:1] in (["boat"], ["vessel"], ["ship"], ["dinghy"]):
        return True  # "a boat with 200 migrants arrived"
    return "caravan" in view.context or not _GROUPS.isdisjoint(view.words[max(0, figure.left - 2) : figure.left])


def _compared_unit(view: View, index: int, binding: Binding | None) -> Period | None:
    """ "17,100 were stopped, down from 18,900 in March": a figure without a time counts for what the one it is compared with counts."""
    if binding is None or view.indicators.by_name[binding.indicator].family not in STATISTICS:
        return None
    for other in view.figures[index + 1 :]:
        if other.role == "from":
            when = governing(view, other, None)
            unit = None if when is None else when.unit if when.relation != "ago" else when.named
            return cast(Period, unit) if unit in ("month", "year", "fiscal_year") else None
    return None


def _period(
    when: When,
    published: date | None,
    binding: Binding | None,
    default: Period,
    earlier: bool = False,
    many: bool = False,
    ended: bool = False,
    window: bool = False,
) -> Period:
    """The period that a total has under a time expression; "earlier this month" only dates it. `many`: more than one event does."""
    happening = binding is None or binding.indicator in _HAPPENINGS
    if when.relation == "ago" and when.named is not None:
        return "month" if when.named == "month" else default
    if earlier:
        return default
    whole = _whole(when)
    if whole is not None:
        return whole
    if when.unit in ("span", "quarter", "season") or when.relation in ("since", "through"):
        return "cumulative"
    if when.unit == "day":
        return "event" if happening and not _whole_day(when) else "day"
    if when.unit == "week":
        return "event" if happening and default == "event" and not many and not window else "week"
    if when.unit in ("year", "fiscal_year"):
        if ended:
            return "fiscal_year"
        running = (
            (when.unit == "year" or binding is not None)
            and published is not None
            and when.start is not None
            and when.start <= published <= _last(when)
        )
        if when.relation == "so_far" or (running and not when.future):
            return "cumulative"
        return "fiscal_year" if when.unit == "fiscal_year" else "year"
    return "month"


def _ended(view: View, when: When) -> bool:
    """ "the fiscal year ended in September": over, whatever year it is."""
    return when.unit == "fiscal_year" and view.words[when.last : when.last + 1] in (["ended"], ["ending"])


def _whole(when: When) -> Period | None:
    """ "From October 2014 to September 2015" is a fiscal year, from January to December a year."""
    if when.unit != "span" or when.relation != "in" or when.start is None or when.end is None:
        return None
    if (when.start, when.end) == fiscal_year(when.end.year):
        return "fiscal_year"
    return "year" if (when.start, when.end) == (date(when.end.year, 1, 1), date(when.end.year, 12, 31)) else None


def _whole_day(when: When) -> bool:
    """ "that day", "in the past 24 hours": a count for a day, not the date of an event."""
    return (
        when.relation == "that"
        or (when.start is not None and when.start != when.end and when.named != "weekend")
        or (when.last - when.first >= 3 and when.start is None)
    )


def _last(when: When) -> date:
    return when.end or date.max


def _perfect(view: View, figure: Figure, binding: Binding | None) -> bool:
    """ "have been killed": a total up to now rather than one event."""
    if binding is None or binding.first < 0 or _had(figure, binding):
        return False
    if binding.first >= figure.last:
        near = view.words[figure.last : binding.first]
    elif binding.last <= figure.left:
        near = view.words[max(0, binding.first - 3) : binding.first] + view.words[binding.last : figure.left]
    else:
        near = view.words[max(0, figure.left - 3) : figure.left]
    return any(word in HAVE for word in near)


def _had(figure: Figure, binding: Binding) -> bool:
    """ "N had injuries": no perfect."""
    return binding.first >= figure.last and binding.cue.lemma.endswith(("injury", "injuries"))


def _has_done(view: View, figure: Figure) -> bool:
    """ "N children have been taken", "has delivered N meals": the perfect beside a figure of no series."""
    words = view.words
    end = max(figure.right, figure.last)
    for index in (*range(max(0, figure.left - 3), figure.left), *range(end, min(len(words), end + 3))):
        if words[index] in HAVE and any(word == "been" or word.endswith("ed") for word in words[index + 1 : index + 4]):
            return True
    return False


def reference(when: When | None, published: date | None) -> Reference | None:
    """The dates of the figure; the publication date stands in where the text gives none."""
    if when is not None and when.start is not None and when.end is not None:
        return Reference(start=when.start, end=when.end, complete=published is None or when.end < published)
    if published is None:
        return None
    return Reference(start=published, end=published, complete=False, assumed=True)
