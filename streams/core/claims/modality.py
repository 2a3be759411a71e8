"""Is a figure reported as fact for now, or is it older, hypothetical, planned, denied?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from schemas.figure import Claim, Modality
from streams.core import lexicon
from streams.core.claims import background, older
from streams.core.claims.bind import Binding
from streams.core.claims.distance import size
from streams.core.claims.view import MEASURE, MODALS, View
from streams.core.dates import When
from streams.core.lexicon.scan import Hit
from streams.core.quantities import Figure

__all__ = ["EVENTS", "OLD_EVENT", "OLD_SPAN", "contrasted", "denied_later", "modality", "superseded"]

OLD = {"month": timedelta(days=125), "year": timedelta(days=640), "fiscal_year": timedelta(days=250)}
OLD_SPAN = timedelta(days=180)
OLD_STOCK = timedelta(days=45)
_SHORT = ("week", "month", "season", "quarter", "year", "span")
OLD_EVENT = timedelta(days=31)
STATISTIC = 1_000  # so many deaths of a year are no event
FEW = 100  # fewer arrests than this are one event
_DATA = lexicon.table("modality")["rules"]
EVENTS = frozenset({"deaths", "injured", "missing", "rescued"})
_REACH = {
    "negated": 7.0,
    "hypothetical.modal": 7.0,
    "hypothetical.before": 9.0,
    "hypothetical.near": 4.5,
    "planned.will": 7.0,
    "planned.before": 9.0,
    "planned.near": 3.5,
}
_AFTER = 4.5
_SUBJECT = 1.7  # "hundreds of troops are also set to": the figure is the subject of what follows
_COMPARED = 3.5
_COMPARED_FAR = 8.0


def modality(view: View, index: int, binding: Binding | None, when: When | None, stock: bool) -> tuple[Modality, str | None]:
    """The modality of figure `index` and the words that show it. `stock`: it holds at a time, so that an old time makes it old."""
    figure = view.figures[index]
    moods = [hit for hit in view.hits["mood"] if not _occupied(view, binding, hit)]
    found = _negated(view, figure, binding, moods)
    if found:
        return "negated", found
    if figure.role == "from":
        return ("asserted", None) if _to_come(view, index, binding, moods) else ("historical", "from")
    if binding is None and background.population(view, figure):
        return "asserted", None
    now = _now(view, figure)
    told = _told(view, figure, binding, moods) or _shared(view, index, moods)
    found = _historical(view, figure, moods)
    if found and not (told is not None and view.phrase_at(told[1], figure.left) > view.phrase_at(found, figure.left)):
        return "historical", found
    if told is not None:
        return told
    if background.asked(view):
        return "hypothetical", "?"
    if _purpose(view, figure, binding):
        if binding is not None and _ENOUGH in view.words[max(0, binding.first - 5) : binding.first]:
            return "hypothetical", _ENOUGH
        return "planned", "to " + view.words[binding.first] if binding else None
    if when is not None and when.future:
        return "planned", view.told(when.first, when.last)
    past = _untold(view, figure, binding) if when is None else None if now else _dated(view, figure, binding, when, stock)
    if past is None and not now and background.bygone(view, stock or (binding is not None and binding.cue.event is not None)):
        past = view.words[0]
    if past is None and not now and older.turned_back(view, figure):
        past = "clause"
    if past is None and older.of_record(view, figure):
        past = "since"
    if past is None and (older.had_been(view, figure, binding) or older.overtaken(view, figure)):
        past = "had"
    past = past or (None if now else _era(view, binding))
    if past is None and stock and not now and any(hit.values[0] == "historical.stock" for hit in view.hits["mood"]):
        past = "earlier"
    return ("asserted", None) if past is None else ("historical", past)


def _dated(view: View, figure: Figure, binding: Binding | None, when: When, stock: bool) -> str | None:
    """The time of the figure where that makes it an older one."""
    struck = binding is not None and binding.cue.event is not None and not view.context.isdisjoint(older.STRUCK)
    harmed = binding is not None and (binding.indicator in EVENTS or struck or _few_arrested(figure, binding))
    counted = binding is not None and (
        binding.cue.kind == "noun" or (binding.indicator in ("deaths", "injured") and size(figure) >= STATISTIC)
    )
    if harmed and counted and when.unit in ("year", "month") and not struck:
        harmed = not view.context.isdisjoint(older.STRUCK)  # "698 deaths in 2023": a statistic, and no event
    then = when.relation == "that" and when.unit in ("month", "year")
    other = binding is not None and (background.distal(view, figure, binding.first) or background.lamented(view, figure, binding.first))
    if harmed and (other or older.months_ago(view, when) or older.week_ago(view, when)):
        return view.told(when.first, when.last)
    old = (
        then
        or background.beside(view, figure, when)
        or _old(when, view.published, harmed, stock, view.words[max(0, when.first - 2) : when.first] == ["as", "of"])
    )
    if harmed and not old and when.last <= background.past_event(view, figure, -1):
        return "background"  # "said on Monday, a week after the attack that killed N"
    if harmed and not old and binding is not None and binding.first >= 0:
        known = when.unit in ("week", "month") and background.presupposed(view, figure, binding.first)
        old = known or background.dated_aside(view, figure, binding.first, when)
    return view.told(when.first, when.last) if old else None


def _few_arrested(figure: Figure, binding: Binding) -> bool:
    """So few are arrested in one event, and are no statistic."""
    return binding.indicator == "arrests" and size(figure) < FEW


def _untold(view: View, figure: Figure, binding: Binding | None) -> str | None:
    """What makes a figure without a time an older one: the past perfect, or that its event is only named to tell of another."""
    if _pluperfect(view, figure, binding):
        return "had"
    eventful = binding is not None and (binding.indicator in EVENTS or _few_arrested(figure, binding))
    harmed = eventful and not _now(view, figure)
    told = harmed and binding is not None and any(check(view, figure, binding.first) for check in background.CHECKS)
    return "background" if told else None


def _era(view: View, binding: Binding | None) -> str | None:
    """The name of an age long past, for harm and flight ("the Black Death killed millions")."""
    if binding is None or binding.indicator not in EVENTS | {"displaced", "detained"}:
        return None
    eras = (hit for hit in view.hits["mood"] if hit.values[0] == "historical.era")
    return next((view.told(hit.first, hit.last) for hit in eras if "since" not in view.words[max(0, hit.first - 3) : hit.first]), None)


def _pluperfect(view: View, figure: Figure, binding: Binding | None) -> bool:
    """ "The group had numbered N": earlier than what is told, unless somebody is quoted, whose present it then is."""
    if binding is None or binding.how != "cue":
        return False
    if any(hit.values[0] in ("say", "according") for hit in view.hits["source"]):
        return False
    first = min(binding.first, figure.left)
    if binding.cue.lemma.endswith(("injury", "injuries")):
        return False  # "N had injuries"
    if "that" in view.words[max(0, figure.left - 2) : figure.left]:  # reported: "it was said that N had died"
        return False
    near = [*range(max(0, first - 3), first), *range(figure.last, max(binding.first, figure.last))]
    return any(view.words[index] == "had" and view.words[index + 1] not in ("to", "no") for index in near)


def _told(view: View, figure: Figure, binding: Binding | None, moods: list[Hit]) -> tuple[Modality, str] | None:
    """Hypothetical or planned by the nearest word that governs the figure, and that word."""
    happened = _happened(view, figure, binding)
    now = _now(view, figure)
    best: tuple[float, Modality, Hit] | None = None
    for hit in moods:
        if now and hit.values[0] in _LOOSE and hit.first < figure.first and view.words[hit.first] not in MODALS:
            continue
        if happened and hit.last <= figure.left and hit.values[0] not in _CONDITIONS:
            continue
        kind = _ahead(view, figure, binding, hit)
        apart = abs(figure.first - hit.first)
        if kind is not None and (best is None or apart < best[0]):
            best = (apart, kind, hit)
    return None if best is None else (best[1], view.told(best[2].first, best[2].last))


def _to_come(view: View, index: int, binding: Binding | None, moods: list[Hit]) -> bool:
    """ "They want to go from 60 a day to 300": a change that is planned or foreseen starts at what holds now."""
    figure = view.figures[index]
    return figure.partner is not None and figure.partner > index and _told(view, figure, None, moods) is not None


def _shared(view: View, index: int, moods: list[Hit]) -> tuple[Modality, str] | None:
    """ "They would hold 300,000, with thousands in camps": an item of a list, without a verb of its own, stands under what governs the
    item before; so does the end of a change under what governs its start."""
    figure = view.figures[index]
    while index > 0:
        before = view.figures[index - 1]
        begins = view.words[max(0, figure.left - 2) : figure.left] in _BEGINS
        if not (begins or background.listed(view, before, figure) or (figure.role == "to" and figure.partner == index - 1)):
            return None
        told = _told(view, before, None, moods)
        if told is not None:
            return told
        index, figure = index - 1, before
    return None


def _purpose(view: View, figure: Figure, binding: Binding | None) -> bool:
    """Is the cue an infinitive ("a vote to deport N") or the subject of a judgement ("deporting N is costly"), so that nothing happened?"""
    if binding is None or binding.first < 1 or binding.how != "cue":
        return False
    if binding.cue.kind == "state":  # "to pull millions out of their homes"
        verb = figure.left - 1
        return verb > 1 and view.words[verb - 1] == "to" and view.words[verb] not in MEASURE and view.words[verb - 2] not in _REAL
    if binding.cue.kind not in ("done_to", "does"):
        return False
    if not _CAUSED.isdisjoint(view.words[max(0, figure.left - 2) : figure.left]):
        return False  # "forced millions to flee"
    before = view.words[binding.first - 1]
    if binding.cue.form == "base" and before == "and" and "to" in view.words[max(0, binding.first - 3) : binding.first]:
        return True  # "agents to detain and deport N"
    if binding.cue.form == "base" and before == "to":
        if not _CAUSED.isdisjoint(view.words[max(0, binding.first - 4) : binding.first - 1]):
            return False  # "prompting officials to evacuate N"
        return binding.first < 2 or view.words[binding.first - 2] not in _REAL
    return binding.cue.form == "ing" and before in _GERUND


def _occupied(view: View, binding: Binding | None, hit: Hit) -> bool:
    """Is the word part of a date ("May") or of the cue itself ("sought asylum")?"""
    if binding is not None and binding.cue.kind != "done_to" and binding.first <= hit.first and hit.last <= binding.last:
        return True
    return any(when.first < hit.last and hit.first < when.last for when in view.whens)


_ENOUGH = "enough"  # "enough poison to kill N": what it could do
_BEGINS = (["beginning", "with"], ["starting", "with"])  # "will send 1,000, beginning with 300"
_LOOSE = ("planned.before", "planned.near")
_CONDITIONS = frozenset({"hypothetical.before"})


def _happened(view: View, figure: Figure, binding: Binding | None) -> bool:
    """Has the figure a finite clause of its own in the past ("N who have crossed", "N were killed", "agents caught N")? Then no plan or
    forecast named before it reaches it."""
    if binding is None or binding.first < 0:
        return False
    modal = [hit for hit in view.hits["mood"] if hit.values[0] in ("hypothetical.modal", "planned.will")]
    if binding.first >= figure.last:
        between = view.words[figure.last : binding.first]
        told = any(word in _PAST for word in between) and "be" not in between
        reduced = binding.cue.kind == "done_to" and binding.cue.form in ("past", "part") and not ({"be", "to", "being"} & set(between))
        return (told or reduced) and not any(figure.last <= hit.first < binding.first for hit in modal)
    if any(binding.first - 4 < hit.last <= figure.left for hit in modal) or "to" in view.words[max(0, binding.first - 1) : binding.first]:
        return False
    if binding.cue.kind == "noun":
        return any(word in _ROSE for word in view.words[binding.last : figure.left])
    return binding.cue.kind in ("done_to", "does") and binding.cue.form in ("past", "part")


_TELLING = (["confirm"], ["report"], ["say"], ["tell"], ["reveal"], ["announce"])  # "I can confirm N"
_FORESEEN = frozenset({"forecast", "projection", "projections", "forecasts"})
_SET = _FORESEEN | {"target", "goal", "cap", "limit", "ceiling", "quota", "budget"}
_SET_REACH = 20.0  # as far as a noun governs the end of its change
_ROSE = frozenset(_DATA["rose"])
_PAST = frozenset({"have", "has", "had", "were", "was", "are", "been", "'ve", "who've", "they've"})


def _old(when: When, published: date | None, event: bool, stock: bool, as_of: bool) -> bool:
    """Did the time that a figure is about end long before the article, or is it named as older? Of an event a month is long: news names
    older ones as background. Statistics come out one to two months late, yearly ones half a year. Without a publication date an event with
    its year, its month or its date is older: copy leaves out the current year and names the weekdays of the current week."""
    if when.relation == "ago":
        return True
    if published is None and when.unit == "span" and when.relation == "in":  # a span of years that is over
        return when.end is not None
    if event and published is None:
        named = when.unit == "month" or (when.unit == "day" and when.last - when.first > 1)  # news of this week names its weekday
        return when.relation == "in" and ((when.unit == "year" and when.end is not None) or named)
    if event and published is not None and when.end is not None and when.relation == "in":
        return published - when.end > (OLD_EVENT if when.unit != "year" else timedelta(0))
    if published is None and stock and when.unit == "month" and when.relation == "in" and not as_of:
        return when.end is not None
    if published is None or when.end is None or when.relation in ("since", "so_far"):
        return False
    return published - when.end > (OLD_STOCK if stock and when.unit in _SHORT else OLD.get(when.unit, OLD_SPAN))


def _governs(view: View, figure: Figure, binding: Binding | None, hit: Hit) -> float | None:
    """How far the word stands before the figure, or before the verb that the figure is subject of; None where it governs neither."""
    if hit.last <= figure.left or hit.last <= figure.first:
        return view.gap(hit.last, figure.left) + _boundaries(view, hit.last, figure.left)
    if binding is not None and figure.last <= hit.first <= hit.last <= binding.first:
        return view.gap(hit.last, binding.first)
    end = max(figure.last, figure.noun[1] if figure.noun and figure.noun[0] >= figure.last else figure.last)
    if hit.first >= end and view.gap(end, hit.first) <= _SUBJECT and "," not in view.words[end : hit.first]:
        return 0.0
    return None


def _boundaries(view: View, first: int, last: int) -> float:
    """Words that end a clause between a modal and a figure keep it from reaching."""
    words = view.words[first:last]
    apart = 4.0 if any(one == "," and two == "with" for one, two in pairwise(words)) else 0.0  # ", with 20 more missing"
    return apart + 4.0 * sum(word in (";", "—", "–", "but", "while", "although", "whereas", ".", "after") for word in words)


def _negated(view: View, figure: Figure, binding: Binding | None, moods: list[Hit]) -> str | None:
    for hit in moods:
        if hit.values[0] != "negated.before":
            continue
        gap = _governs(view, figure, binding, hit)
        if hit.first >= figure.last and (binding is None or hit.last > binding.first):
            continue
        short = hit.last - hit.first == 1 and view.words[hit.first] in (
            "not",
            "never",
            "wasn't",
            "weren't",
            "isn't",
            "aren't",
            "didn't",
            "don't",
            "doesn't",
            "haven't",
            "hasn't",
        )
        if gap is not None and gap <= (2.0 if short else _REACH["negated"]):
            return view.told(hit.first, hit.last)
    return None


def _historical(view: View, figure: Figure, moods: list[Hit]) -> str | None:
    """A word of comparison right before the figure, or at the head of its sentence; a word of older times after it."""
    end = max(figure.right, figure.last)
    for hit in moods:
        value = hit.values[0]
        if value == "historical.before" and hit.last <= figure.left:
            if view.words[hit.first : hit.last] == ["had", "been"] and hit.last != figure.left:
                continue  # "300 had been found and a further 50 were injured"
            reach = 20.0 if hit.first <= 1 else _COMPARED_FAR if view.told(hit.first, hit.last) in _FAR else _COMPARED
            near = view.gap(hit.last, figure.left) <= reach and not _figures_between(view, hit.last, figure.first)
        elif value == "historical.after" and hit.first >= figure.last:
            near = (
                view.gap(min(end, hit.first), hit.first) <= 6.5
                and not _figures_between(view, figure.last, hit.first)
                and _COMPARING.isdisjoint(view.words[figure.last : hit.first])
            )
        else:
            continue
        if near and not _now(view, figure, hit.last):
            return view.told(hit.first, hit.last)
    return None


_COMPARING = frozenset({"than", "times", "twice", "double", "triple"})  # "N, four times those of the year before": that year is another's


def _now(view: View, figure: Figure, since: int = 0) -> bool:
    """Is the figure said to hold now (by words from `since` on)?"""
    end = max(figure.right, figure.last)
    return any(
        hit.values[0] == "contrast.now"
        and hit.first >= since
        and (0 <= figure.left - hit.last <= 3 or 0 <= hit.first - end <= 1)
        and not any(when.first < hit.first and hit.last <= when.last for when in view.whens)  # "in January this year"
        for hit in view.hits["mood"]
    )


def _figures_between(view: View, first: int, last: int) -> bool:
    return any(first <= other.first < last and not other.sure for other in view.figures)


def _ahead(view: View, figure: Figure, binding: Binding | None, hit: Hit) -> Modality | None:
    """Hypothetical or planned, by one word of the lexicon."""
    value = hit.values[0]
    if value == "hypothetical.after":
        near = hit.first >= figure.last and view.gap(min(max(figure.right, figure.last), hit.first), hit.first) <= _AFTER
        return "hypothetical" if near else None
    reach = _REACH.get(value)
    if reach is None or (view.words[hit.first] == "can" and view.words[hit.last : hit.last + 1] in _TELLING):
        return None
    gap = _governs(view, figure, binding, hit)
    word = view.words[hit.first]
    if figure.role in ("from", "to") and word in _SET and hit.last <= figure.left and gap is not None and gap <= _SET_REACH:
        return "hypothetical" if word in _FORESEEN else "planned"  # "raised its forecast for arrivals this year to N"
    if gap is None or gap > reach:
        return None
    if value == "planned.will":
        return "hypothetical" if _forecast(view, figure, hit) else "planned"
    if view.words[hit.first] == "would" and not _PLANS.isdisjoint(view.words[: hit.first]):  # "the bill would fund N"
        return "planned"
    return "planned" if value.startswith("planned") else "hypothetical"


def _forecast(view: View, figure: Figure, hit: Hit) -> bool:
    """After "will": do the counted themselves act, which nobody can plan?"""
    return (
        any(other.values[0] == "hypothetical.will_do" and 0 <= other.first - hit.last <= 1 for other in view.hits["mood"])
        and figure.first < hit.first
    )


def contrasted(claims: Sequence[tuple[int, Claim]]) -> list[Claim]:
    """The claims, each with the index of its sentence, after comparison: of two totals of one series and unit for one kind of period, in
    one sentence or two in a row, the older is historical."""
    result: list[Claim] = []
    for at, (sentence, claim) in enumerate(claims):
        if claim.modality == "asserted" and any(
            _taken_up(claim, other) for where, other in claims[at + 1 : at + 4] if where == sentence + 1
        ):
            claim = replace(claim, modality="historical")
        near = [other for where, other in claims[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1] if abs(where - sentence) <= 2]
        result.append(replace(claim, modality="historical") if any(_older(claim, other) for other in near) else claim)
    return result


def _taken_up(claim: Claim, other: Claim) -> bool:
    """Does the next sentence say what "that number" is today?"""
    opening = other.sentence[:60].lower()
    return claim.family is not None and claim.indicator == other.indicator and opening.startswith(_TAKEN_UP)


_TAKEN_UP: tuple[str, ...] = tuple(_DATA["taken_up"])
_PLANS = frozenset(_DATA["plans"])
_REAL = frozenset(_DATA["real"])
_CAUSED = frozenset(_DATA["caused"])
_GERUND = frozenset(_DATA["gerund"])
_FAR = frozenset(_DATA["far"])
_NEIGHBOURS = 6


def _older(claim: Claim, other: Claim) -> bool:
    """Is `claim` the older of two that can be compared?"""
    if other.modality != "asserted" or claim.modality != "asserted" or "change" in (claim.kind, other.kind):
        return False
    if "event" in (claim.period, other.period) or "day" in (claim.period, other.period):
        return False
    if (
        claim.indicator != other.indicator
        or claim.unit != other.unit
        or claim.family is None
        or claim.reference is None
        or other.reference is None
    ):
        return False
    return not claim.reference.assumed and claim.reference.end < other.reference.start and not other.reference.assumed


def denied_later(view: View) -> bool:
    """Does this sentence deny the figure of the one before?"""
    return any(hit.values[0] == "negated.later" for hit in view.hits["mood"])


def superseded(view: View, index: int) -> bool:
    """Is the figure taken back at once: "5,000, or rather 7,000"?"""
    figure = view.figures[index]
    following = next((other for other in view.figures[index + 1 :] if not other.sure), None)
    if following is None or following.dimension != figure.dimension:
        return False
    return any(
        hit.values[0] == "negated.self_correction"
        and figure.last <= hit.first
        and hit.last <= following.first
        and view.gap(figure.last, following.left) <= 10
        for hit in view.hits["mood"]
    )
