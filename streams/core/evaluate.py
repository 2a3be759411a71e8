"""The state machine of one alert: (series, input, now) -> (series, events). Pure; the same inputs give the same bytes.

A series is one rule and one group. It holds the figures of each voice (origin and attribution); the greatest of a voice is
its current one, and from the current ones follows the level. Up is immediate; down needs newer figures that meet the level's
reset. The rules are those of docs/semantics.md, section 4; timers, revisions and changed rules come on top of this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from schemas.alert import Evidence, Grade, Normalised, Transition
from schemas.figure import Bound, Interval, Reference
from streams.core.grading import Operator, at_least, capped, grade
from streams.core.rules import Level, Rule

MAX_HELD = 32
"""Figures kept a series."""
MAX_APPLIED = 512
"""Claim ids remembered a series."""
MAX_PUBLISHERS = 50

Outcome = Literal["applied", "duplicate", "superseded", "history", "stale"]
"""What became of a claim: it counts now; its id was seen before; a better one of the same voice stands; it is about an
earlier time than the evidence in force; it was too old on arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One value that one voice gave, with what ranks it. Copies of it are merged into one."""

    claim: str
    origin: str
    voice: str
    """The attribution: its id, else its words, else empty."""
    publishers: tuple[str, ...]
    """Who printed it, sorted; at most `MAX_PUBLISHERS`."""
    figure: Interval
    cap: Grade
    normalised: Normalised | None
    effective_end: date
    assumed: bool
    """The text gives no date: `effective_end` is the date of `first_published`."""
    first_published: datetime
    """Of this value within its origin, so that late copies do not make it fresh."""
    published: datetime
    version: int
    confidence: float
    total: bool
    position: int
    bound: Bound
    text: str
    """The figure with the words of its bound: "Around 10,000"."""
    reference: Reference | None
    ingested: datetime
    evidence: Evidence

    @property
    def key(self) -> tuple[str, str, Interval]:
        return (self.origin, self.voice, self.figure)

    @property
    def rank(self) -> tuple[date, datetime, int, float, bool, int, str]:
        """The greatest of one voice is its current figure."""
        return (self.effective_end, self.first_published, self.version, self.confidence, self.total, -self.position, self.claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The state of one alert. Before its first figure every field has its default."""

    held: tuple[Held, ...] = ()
    level: str | None = None
    pending: bool = False
    until: date | None = None
    """Effective end of the evidence that holds the level: only later figures take it back."""
    floor: date | None = None
    """Effective end of the figures that took a level back last: earlier figures do not raise it again."""
    contested: bool = False
    episode: int = 0
    sequence: int = 0
    opening: str | None = None
    started_at: datetime | None = None
    shown: float | None = None
    """The value of the last event, by which `updated` measures movement."""
    applied: dict[str, datetime] = field(default_factory=dict)
    """Claim id -> its publication time."""

    @property
    def open(self) -> bool:
        return self.level is not None or self.pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One transition, before it is dressed as an alert record. `evidence` begins with the figure that decided."""

    transition: Transition
    reason: str
    level: str | None
    previous: str | None
    episode: int
    sequence: int
    opening: str
    started_at: datetime
    contested: bool
    late: bool
    grade: Grade
    condition: Level
    evidence: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What one input did to a series. `grade` is that of the figure against the mildest level."""

    series: Series
    events: tuple[Event, ...]
    outcome: Outcome
    grade: Grade


def step(rule: Rule, series: Series, claim: Held, now: datetime) -> Step:
    """Apply one figure at `now` (the clock of the partition, UTC)."""
    quality = _grade(rule, claim, rule.when.levels[0], "at")
    if claim.claim in series.applied:
        return Step(series, (), "duplicate", quality)
    series, events = expire(rule, series, now)
    series = replace(series, applied=_remember(rule, series, claim, now))
    if not _valid(rule, claim, now):
        return Step(series, events, "stale", quality)
    series = replace(series, held=admit(series.held, claim))
    merged = next((one for one in current(series.held) if one.key == claim.key), None)
    if merged is None:
        return Step(series, events, "superseded", quality)
    late = claim.published < now - timedelta(seconds=rule.lifetime.allowed_lateness)
    before = series.until if series.level else series.floor
    series, more = _decide(rule, series, merged, late)
    history = not more and before is not None and merged.effective_end < before
    return Step(series, events + more, "history" if history else "applied", quality)


def expire(rule: Rule, series: Series, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """Let go of figures older than `valid_for`; an alert that has no evidence left expires: no longer known, not good news."""
    fresh = tuple(held for held in series.held if _valid(rule, held, now))
    if len(fresh) == len(series.held):
        return series, ()
    after = replace(series, held=fresh)
    level = _level(rule, series.level)
    if level is None:
        return replace(after, pending=series.pending and bool(_supporters(rule, after, rule.when.levels[0]))), ()
    if any(series.until is None or one.effective_end >= series.until for one in current(fresh)):
        return after, ()
    lost = _by_strength(rule, [held for held in series.held if held not in fresh])
    closed = replace(after, level=None, contested=False, until=None, sequence=series.sequence + 1, shown=None)
    return closed, (_event(closed, "expired", "not_fresh", None, series.level, level, lost, rule, late=False),)


# --- admission: which figures are held, and which of each voice is current. Independent of the order of arrival. ----------


def admit(held: tuple[Held, ...], claim: Held) -> tuple[Held, ...]:
    """`held` with `claim`, merged with an equal figure of the same voice; the greatest `MAX_HELD` are kept, greatest first."""
    same = next((one for one in held if one.key == claim.key), None)
    merged = claim if same is None else _merge(same, claim)
    kept = sorted([*(one for one in held if one is not same), merged], key=lambda one: one.rank, reverse=True)
    return tuple(kept[:MAX_HELD])


def current(held: tuple[Held, ...]) -> tuple[Held, ...]:
    """The greatest figure of each voice, greatest first. `held` is in order of rank."""
    voices: dict[tuple[str, str], Held] = {}
    for one in held:
        voices.setdefault((one.origin, one.voice), one)
    return tuple(voices.values())


def _merge(one: Held, other: Held) -> Held:
    """Two reports of one value by one voice. A stated date beats an assumed one; undated restatements are no newer evidence."""
    first = min(one.first_published, other.first_published)
    better = max(one, other, key=lambda item: (not item.assumed, item.effective_end.toordinal() * (not item.assumed), *_earliest(item)))
    end = first.date() if better.assumed else better.effective_end
    publishers = tuple(sorted({*one.publishers, *other.publishers}))[:MAX_PUBLISHERS]
    return replace(better, first_published=first, effective_end=end, publishers=publishers)


def _earliest(held: Held) -> tuple[int, float, float, int, str]:
    return (held.version, -held.published.timestamp(), held.confidence, -held.position, held.claim)


def _valid(rule: Rule, held: Held, now: datetime) -> bool:
    return now <= held.first_published + timedelta(seconds=rule.lifetime.valid_for)


def _remember(rule: Rule, series: Series, claim: Held, now: datetime) -> dict[str, datetime]:
    horizon = now - timedelta(seconds=max(rule.lifetime.allowed_lateness, rule.lifetime.valid_for))
    kept = {name: moment for name, moment in series.applied.items() if moment >= horizon}
    kept[claim.claim] = claim.published
    if len(kept) > MAX_APPLIED:
        kept = dict(sorted(kept.items(), key=lambda item: (item[1], item[0]))[-MAX_APPLIED:])
    return kept


# --- decision: which level the current figures give --------------------------------------------------------------------


def _decide(rule: Rule, series: Series, claim: Held, late: bool) -> tuple[Series, tuple[Event, ...]]:
    level = _level(rule, series.level)
    index = rule.when.levels.index(level) if level else -1
    for rising in reversed(rule.when.levels[index + 1 :]):
        support = _confirmed(rule, _supporters(rule, series, rising))
        if support:
            return _rise(rule, series, rising, support, late)
    if level:
        return _fall(rule, series, claim, level, late) or _stay(rule, series, claim, level, late)
    met = _supporters(rule, series, rule.when.levels[0])
    if met and not series.pending:
        opened = replace(_opened(series, met[0]), pending=True)
        return opened, (_event(opened, "pending", "unconfirmed", None, None, rule.when.levels[0], met, rule, late=late),)
    return replace(series, pending=bool(met)), ()


def _supporters(rule: Rule, series: Series, level: Level) -> tuple[Held, ...]:
    """The current figures that meet `level`, unless enough newer ones have taken it back."""
    figures = [one for one in current(series.held) if series.floor is None or one.effective_end >= series.floor]
    good = [one for one in figures if at_least(_grade(rule, one, level, "at"), rule.when.certainty)]
    newest = max((one.effective_end for one in good), default=None)
    if newest is None or _confirmed(rule, _resetting(rule, figures, level, newest)):
        return ()
    return _by_strength(rule, good)


def _resetting(rule: Rule, figures: Iterable[Held], level: Level, since: date | None) -> tuple[Held, ...]:
    """Those of `figures` that are about a time after `since` and meet the reset of `level`."""
    newer = [one for one in figures if since is None or one.effective_end > since]
    return _by_strength(rule, [one for one in newer if at_least(_grade(rule, one, level, "back"), rule.when.certainty)])


def _confirmed(rule: Rule, figures: tuple[Held, ...]) -> tuple[Held, ...]:
    """`figures` if some of them, published within one window, come from `min_origins` distinct voices; else none."""
    needed, window = rule.confirm.min_origins, timedelta(seconds=rule.confirm.within)
    for first in figures:
        together = [one for one in figures if first.first_published <= one.first_published <= first.first_published + window]
        if len({name for one in together for name in _voices(rule, one)}) >= needed:
            return figures
    return ()


def _voices(rule: Rule, held: Held) -> tuple[str, ...]:
    return {"origin": (held.origin,), "publisher": held.publishers, "attribution": (held.voice,)}[rule.confirm.distinct_by]


def _rise(rule: Rule, series: Series, level: Level, support: tuple[Held, ...], late: bool) -> tuple[Series, tuple[Event, ...]]:
    opened = replace(series, sequence=series.sequence + 1) if series.open else _opened(series, support[0])
    after = replace(
        opened, level=level.level, pending=False, until=max(one.effective_end for one in support), shown=_middle(support[0].figure)
    )
    after = replace(after, contested=_contested(rule, after, support))
    transition: Transition = "escalated" if series.level else "firing"
    return after, (_event(after, transition, "level_crossed", level.level, series.level, level, support, rule, late=late),)


def _fall(rule: Rule, series: Series, claim: Held, level: Level, late: bool) -> tuple[Series, tuple[Event, ...]] | None:
    """Down to the highest level still met, if enough newer figures meet the reset of the level in force."""
    meeting = _confirmed(rule, _resetting(rule, current(series.held), level, series.until))
    if not meeting:
        return None
    below = rule.when.levels[: rule.when.levels.index(level)]
    met = [one for one in below if any(at_least(_grade(rule, figure, one, "at"), rule.when.certainty) for figure in meeting)]
    lower = met[-1] if met else None
    deciding = (claim, *(one for one in meeting if one is not claim)) if claim in meeting else meeting
    after = replace(
        series,
        level=lower.level if lower else None,
        sequence=series.sequence + 1,
        floor=min(one.effective_end for one in meeting),
        until=max(one.effective_end for one in meeting) if lower else None,
        contested=False,
        shown=_middle(deciding[0].figure) if lower else None,
    )
    transition: Transition = "deescalated" if lower else "resolved"
    return after, (_event(after, transition, "reset_met", after.level, series.level, level, deciding, rule, late=late),)


def _stay(rule: Rule, series: Series, claim: Held, level: Level, late: bool) -> tuple[Series, tuple[Event, ...]]:
    """Same level: `updated` where the value moved, another origin joined, or the figures began or ceased to disagree."""
    support = _supporters(rule, series, level)
    supports = claim in support
    contested = _contested(rule, series, support) if support else series.contested
    joined = supports and len(support) > 1 and all(one.origin != claim.origin for one in support if one is not claim)
    moved = supports and _moved(rule, series.shown, _middle(claim.figure))
    reason = "contested_changed" if contested != series.contested else "new_origin" if joined else "value_moved" if moved else None
    until = max(series.until or claim.effective_end, claim.effective_end) if supports else series.until
    after = replace(series, contested=contested, until=until)
    if reason is None:
        return after, ()
    after = replace(after, sequence=series.sequence + 1, shown=_middle(claim.figure) if supports else series.shown)
    evidence = (claim, *(one for one in support if one is not claim))
    return after, (_event(after, "updated", reason, series.level, series.level, level, evidence, rule, late=late),)


def _contested(rule: Rule, series: Series, support: tuple[Held, ...]) -> bool:
    """Does another voice give a figure for the time of the evidence that does not support the level?"""
    oldest, newest = min(one.effective_end for one in support), max(one.effective_end for one in support)
    return any(oldest <= one.effective_end <= newest for one in current(series.held) if one not in support)


def _moved(rule: Rule, shown: float | None, value: float | None) -> bool:
    return None not in (shown, value) and shown != value and abs(value - shown) >= rule.notify.update_when * abs(shown)  # type: ignore[operator,arg-type]


# --- small helpers -----------------------------------------------------------------------------------------------------


def _grade(rule: Rule, held: Held, level: Level, side: Literal["at", "back"]) -> Grade:
    above = rule.when.direction == "above"
    operator: Operator = ">=" if (side == "at") == above else "<="
    return capped(grade(held.figure, operator, level.at if side == "at" else level.back), held.cap)


def _by_strength(rule: Rule, figures: list[Held]) -> tuple[Held, ...]:
    """The most telling first: the furthest value, then the greatest rank."""
    sign = 1 if rule.when.direction == "above" else -1
    return tuple(sorted(figures, key=lambda one: (sign * (_middle(one.figure) or 0.0), one.rank), reverse=True))


def _middle(figure: Interval) -> float | None:
    known = [end for end in (figure.low, figure.high) if end is not None]
    return float(figure.point if figure.point is not None else sum(known) / len(known)) if known or figure.point is not None else None


def _level(rule: Rule, name: str | None) -> Level | None:
    return next((level for level in rule.when.levels if level.level == name), None)


def _opened(series: Series, first: Held) -> Series:
    return replace(series, episode=series.episode + 1, sequence=1, opening=first.claim, started_at=first.published)


def _event(
    series: Series,
    transition: Transition,
    reason: str,
    level: str | None,
    previous: str | None,
    condition: Level,
    evidence: tuple[Held, ...],
    rule: Rule,
    *,
    late: bool,
) -> Event:
    assert series.opening is not None and series.started_at is not None
    side: Literal["at", "back"] = "back" if transition in ("resolved", "deescalated") else "at"
    return Event(
        transition=transition,
        reason=reason,
        level=level,
        previous=previous,
        episode=series.episode,
        sequence=series.sequence,
        opening=series.opening,
        started_at=series.started_at,
        contested=series.contested,
        late=late,
        grade=_grade(rule, evidence[0], condition, side),
        condition=condition,
        evidence=evidence,
    )
