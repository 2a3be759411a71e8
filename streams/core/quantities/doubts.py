"""Why a figure, as read, may report nothing: durations, distances, shares of a whole, votes, small groups already named.

A doubtful figure is left to the cues of its reader; some are beyond doubt.
"""

from streams.core import lexicon
from streams.core.quantities.draft import Draft

__all__ = ["doubtful"]

_NAME = "refusals"
_DATA = lexicon.table(_NAME)


def _set(key: str) -> frozenset[str]:
    return frozenset(lexicon.strings(_NAME, _DATA, key))


_CAPACITIES = _set("attributes.counted")
_PLACES_SURE = _set("places.sure")
_HEADS = {
    **dict.fromkeys(_set("sport.heads"), "sport"),
    **dict.fromkeys(_set("places.doubtful"), "count_place"),
    **dict.fromkeys(_set("votes.heads"), "vote"),
}
_SPEAKERS = _set("sources.speakers")
_SOURCES = _set("sources.doubtful")
_DEFINITE = _set("definite.before")
_AGE_CUES = _set("ages.cues")
_DISTANCE_AFTER = _set("distances.after")
_OFTEN = 500
"""What happened so many times or more may be what is counted: "stopped migrants 2,000 times"."""
_MEASURES = {"points": "market", "energy": "measure", "other": "measure"}
_LONG = 1_000  # hours and days by the thousand are a figure, "12 days" is a duration
_YOUNGEST, _OLDEST = 3, 115
_SMALL = 12
_UNGROUPED = 10_000  # news copy groups such numbers; a bare one is a code

Doubt = tuple[str, bool]


def doubtful(draft: Draft, polled: bool) -> Doubt | None:
    """The reason why the figure may report nothing, and whether that is certain. `polled`: the sentence speaks of a poll."""
    amount = draft.amount
    if draft.attribute and draft.dimension == "count" and not draft.person:
        return "attribute", draft.head not in _CAPACITIES
    if draft.dimension == "duration":
        return "duration", amount.high < _LONG and amount.factor <= 1
    if draft.dimension == "temperature" or draft.dimension == "speed":
        return draft.dimension, True
    if draft.dimension == "length":
        return "distance", draft.attribute or draft.right_word in _DISTANCE_AFTER
    if amount.kind == "fraction":
        return "fraction", False
    if draft.dimension == "share" and polled:
        return "poll", False
    if draft.dimension in ("count", "multiple"):
        return _of_things(draft) or _of_nothing_named(draft, polled)
    return (_MEASURES[draft.dimension], False) if draft.dimension in _MEASURES else None


def _of_things(draft: Draft) -> Doubt | None:
    """Counts of what news counts only in passing: countries, times, votes, sources."""
    head, amount = draft.head, draft.amount
    if head is not None and not draft.person:
        if head in _PLACES_SURE:
            return "count_place", True
        if head == "time" and draft.dimension == "count":
            return "count_time", amount.high < _OFTEN
        if head in _HEADS:
            return _HEADS[head], False
    few = _SMALL if draft.person else _LONG
    if head is not None and amount.high <= few and head in (_SPEAKERS if draft.person else _SOURCES):
        return "count_source", False
    if amount.form == "decimal" and not amount.dotted:
        return "measure", False
    if amount.form == "words" and amount.high <= _SMALL and draft.before in _DEFINITE and draft.bound == "exact":
        return "definite", False
    return None


def _of_nothing_named(draft: Draft, polled: bool) -> Doubt | None:
    """Bare numbers: "under 14", "the comedian, 47, laughed", "Orbit 7", "90999"."""
    amount = draft.amount
    if draft.head is not None:
        return None
    apposed = draft.before in (",", "at") and draft.right_word == "," and amount.high >= _YOUNGEST
    counted = draft.dimension == "count"
    if counted and amount.form == "plain" and amount.high <= _OLDEST and (apposed or draft.cue_word in _AGE_CUES):
        return "age", False
    if polled:
        return "poll", False
    if draft.unit is None and amount.form == "plain":
        if draft.named and draft.cue is None:
            return "identifier", False
        if draft.dashed and draft.cue is None and draft.rate is None and draft.turn is None:
            return "score", False
        if amount.low >= _UNGROUPED and amount.kind == "cardinal":
            return "identifier", False
    return None
