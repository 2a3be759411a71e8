"""The state machine of one alert: (series, input, now) -> (series, events, wake_at). Pure; the same inputs give the same bytes.

A series is one rule and one group. Its held figures (voices.py) give a signal, the table (transitions.py) gives the transition.
Inputs are a figure (`step`), a document taken back (`revise`), a changed rule (`change`) and the clock alone (`tick`).
The rules are those of docs/semantics.md, section "From figures to a level".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from schemas.alert import Grade, Transition
from schemas.figure import Interval
from streams.core.grading import Operator, at_least, capped, grade
from streams.core.rules import Level, Rule
from streams.core.transitions import Phase, Signal, follow
from streams.core.voices import Held, admit, current, withdraw

MAX_APPLIED = 512
"""Claim ids remembered a series."""

Outcome = Literal["applied", "duplicate", "superseded", "history", "stale", "revised"]
"""What became of a claim: it counts now; its id was seen before; a better one of the same voice stands; it is about an
earlier time than the evidence in force; it was too old on arrival; a later version of its document was seen before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The state of one alert. Before its first figure every field has its default."""

    phase: Phase = "idle"
    level: str | None = None
    """The level in force; null unless `phase` is firing."""
    held: tuple[Held, ...] = ()
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
    told_at: datetime | None = None
    """The clock at the last event of the open alert, from which `repeat` counts."""
    applied: dict[str, int] = field(default_factory=dict)
    """The first 16 hex digits of a claim's id -> its publication time in seconds."""


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
    """What one input did to a series. `grade` is that of the figure against the mildest level. `wake_at`: when the clock alone
    will change something, null for never."""

    series: Series
    events: tuple[Event, ...]
    outcome: Outcome
    grade: Grade
    wake_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the figures say now: the signal, its reason, the level it leads to, and the figures behind it."""

    signal: Signal
    reason: str = ""
    level: Level | None = None
    condition: Level | None = None
    """The level whose threshold or reset decided."""
    evidence: tuple[Held, ...] = ()


def step(rule: Rule, series: Series, claim: Held, now: datetime) -> Step:
    """Apply one figure at `now` (the clock of the partition, UTC)."""
    quality = _grade(rule, claim, rule.when.levels[0], "at")
    if _brief(claim.claim) in series.applied:
        return Step(series, (), "duplicate", quality, wake_at(rule, series))
    series, events = _age(rule, series, now)
    series = replace(series, applied=_remember(rule, series, claim, now))
    if not _valid(rule, claim, now):
        return Step(series, events, "stale", quality, wake_at(rule, series))
    kept = _replaced(series.held, claim)
    corrects = len(kept) < len(series.held)
    known = current(series.held)
    series = replace(series, held=admit(kept, claim))
    merged = next((one for one in current(series.held) if one.key == claim.key), None)
    if merged is None and {one.key for one in current(series.held)} == {one.key for one in known}:
        return Step(series, events, "superseded", quality, wake_at(rule, series))
    merged = merged or current(series.held)[0]
    late = claim.published < now - timedelta(seconds=rule.lifetime.allowed_lateness)
    before = series.until if series.level else series.floor
    found = (_corrected(rule, series, merged) if corrects else None) or _look(rule, series, merged)
    series, more = _act(rule, series, found, now, late=late)
    history = not more and before is not None and merged.effective_end < before
    return Step(series, events + more, "history" if history else "applied", quality, wake_at(rule, series))


def tick(rule: Rule, series: Series, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """What time alone does: figures older than `valid_for` go, an alert without evidence expires, one that lasts is repeated.

    A figure that moves the clock does not repeat what it may be about to change: only a tick does.
    """
    series, events = _age(rule, series, now)
    due = _repeat_at(rule, series)
    if events or due is None or now < due:
        return series, events
    level = _level(rule, series.level)
    support = (_supporters(rule, series, level) if level else ()) or _by_strength(rule, list(current(series.held)))
    return _act(rule, series, _Found(signal="due", reason="repeat_elapsed", level=level, condition=level, evidence=support), now)


def _age(rule: Rule, series: Series, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """Let go of figures older than `valid_for`."""
    fresh = tuple(held for held in series.held if _valid(rule, held, now))
    if len(fresh) == len(series.held):
        return series, ()
    lost = _by_strength(rule, [held for held in series.held if held not in fresh])
    return _after_loss(rule, replace(series, held=fresh), lost, now)


def revise(rule: Rule, series: Series, document: str, version: int, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """A later `version` of `document` (its key), or its withdrawal: what earlier versions said goes, and what it held with it."""
    held = withdraw(series.held, document, version)
    if held == series.held:
        return series, ()
    lost = _by_strength(rule, [one for one in series.held if one.key not in {other.key for other in held}]) or series.held
    after = replace(series, held=held)
    found = _corrected(rule, after, *lost)
    return _act(rule, after, found, now) if found else (_quietly(rule, after), ())


def change(rule: Rule | None, series: Series, old: Rule, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """The rule was `old` and is now `rule` (None: removed or off). Figures stay; the level is found anew from them."""
    level = _level(old, series.level)
    if series.phase != "firing" or level is None:
        return (_quietly(rule, series) if rule else replace(series, phase="idle")), ()
    support = _by_strength(old, list(series.held))
    best = _best(rule, series) if rule else None
    if rule is None or best is None:
        reason = "rule_removed" if rule is None else "rule_changed"
        return _act(old, series, _Found(signal="closed", reason=reason, condition=level, evidence=support), now)
    if best[0].level == level.level:
        return series, ()
    order = [one.level for one in rule.when.levels]
    up = level.level not in order or order.index(best[0].level) > order.index(level.level)
    found = _Found(signal="crossed" if up else "lowered", reason="rule_changed", level=best[0], condition=best[0], evidence=best[1])
    return _act(rule, series, found, now)


def wake_at(rule: Rule, series: Series) -> datetime | None:
    """When `tick` will next do something, if no figure comes before: the end of the oldest figure, or the next repeat."""
    ends = [one.first_published + rule.lifetime.span + timedelta(microseconds=1) for one in series.held] if series.phase != "idle" else []
    due = _repeat_at(rule, series)
    ends += [due] if due else []
    return min(ends, default=None)


def graded(rule: Rule, figure: Interval, cap: Grade, level: Level, side: Literal["at", "back"] = "at") -> Grade:
    """How surely `figure`, graded `cap` at best, meets the threshold of `level`, or the value that takes it back."""
    above = rule.when.direction == "above"
    operator: Operator = ">=" if (side == "at") == above else "<="
    return capped(grade(figure, operator, level.at if side == "at" else level.back), cap)


def _repeat_at(rule: Rule, series: Series) -> datetime | None:
    """When an open alert is told again; never at the moment at which its last figure ends."""
    if series.phase != "firing" or not series.told_at or not rule.notify.repeat:
        return None
    due = series.told_at + timedelta(seconds=rule.notify.repeat)
    return due if any(due < one.first_published + rule.lifetime.span for one in series.held) else None


def _replaced(held: tuple[Held, ...], claim: Held) -> tuple[Held, ...]:
    """`held` without the other values that earlier versions of the claim's document gave in the same voice."""
    document, version = claim.sources[0].key, claim.version
    mine = tuple(one for one in held if (one.origin, one.voice) == (claim.origin, claim.voice) and one.figure != claim.figure)
    gone = {one.key for one in mine} - {one.key for one in withdraw(mine, document, version)}
    return tuple(one for one in held if one.key not in gone)


# --- what the figures say ------------------------------------------------------------------------------------------------


def _look(rule: Rule, series: Series, claim: Held) -> _Found:
    """The signal of the figures after `claim` was admitted."""
    level = _level(rule, series.level)
    best = _best(rule, series)
    if best and (level is None or rule.when.levels.index(best[0]) > rule.when.levels.index(level)):
        return _Found(signal="crossed", reason="level_crossed", level=best[0], condition=best[0], evidence=best[1])
    if level:
        return _falling(rule, series, claim, level) or _staying(rule, series, claim, level)
    met = _supporters(rule, series, rule.when.levels[0])
    if met:
        return _Found(signal="unconfirmed", reason="unconfirmed", condition=rule.when.levels[0], evidence=met)
    return _Found(signal="nothing")


def _corrected(rule: Rule, series: Series, *evidence: Held) -> _Found | None:
    """The signal where evidence was taken back and the level in force does not hold without it."""
    level = _level(rule, series.level)
    if level is None or _holds(rule, series, level):
        return None
    best = _best(rule, replace(series, floor=None))
    return _Found(
        signal="corrected" if best else "withdrawn",
        reason="evidence_withdrawn",
        level=best[0] if best else None,
        condition=level,
        evidence=(*evidence, *(one for one in (best[1] if best else ()) if one not in evidence)),
    )


def _best(rule: Rule, series: Series) -> tuple[Level, tuple[Held, ...]] | None:
    """The highest level that is supported and confirmed, with its figures."""
    for level in reversed(rule.when.levels):
        support = _confirmed(rule, _supporters(rule, series, level))
        if support:
            return level, support
    return None


def _holds(rule: Rule, series: Series, level: Level) -> bool:
    """Is a level in force still held: by figures that support it, or by newer ones that have not met its reset?"""
    if _supporters(rule, series, level):
        return True
    return any(not _meets(rule, one, level, "back") for one in current(series.held) if _after(series, one))


def _after(series: Series, held: Held) -> bool:
    return series.until is None or held.effective_end > series.until


def _supporters(rule: Rule, series: Series, level: Level) -> tuple[Held, ...]:
    """The current figures that meet `level`, unless enough newer ones have taken it back."""
    figures = [one for one in current(series.held) if series.floor is None or one.effective_end >= series.floor]
    good = [one for one in figures if _meets(rule, one, level, "at")]
    newest = max((one.effective_end for one in good), default=None)
    if newest is None or _confirmed(rule, _resetting(rule, figures, level, newest)):
        return ()
    return _by_strength(rule, good)


def _resetting(rule: Rule, figures: Iterable[Held], level: Level, since: date | None) -> tuple[Held, ...]:
    """Those of `figures` that are about a time after `since`, meet the reset of `level`, and not the level itself."""
    newer = [one for one in figures if since is None or one.effective_end > since]
    return _by_strength(rule, [one for one in newer if _meets(rule, one, level, "back") and not _meets(rule, one, level, "at")])


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


def _falling(rule: Rule, series: Series, claim: Held, level: Level) -> _Found | None:
    """Down to the highest level still met, if enough newer figures meet the reset of the level in force."""
    meeting = _confirmed(rule, _resetting(rule, current(series.held), level, series.until) or _changed_their_mind(rule, series, level))
    if not meeting:
        return None
    below = rule.when.levels[: rule.when.levels.index(level)]
    met = [one for one in below if any(_meets(rule, figure, one, "at") for figure in meeting)]
    deciding = (claim, *(one for one in meeting if one is not claim)) if claim in meeting else meeting
    return _Found(
        signal="lowered" if met else "reset", reason="reset_met", level=met[-1] if met else None, condition=level, evidence=deciding
    )


def _changed_their_mind(rule: Rule, series: Series, level: Level) -> tuple[Held, ...]:
    """Where nobody supports the level any more: the voices that did, and whose greatest figure now meets its reset."""
    if _supporters(rule, series, level):
        return ()
    did = {(one.origin, one.voice) for one in series.held if _meets(rule, one, level, "at")}
    mine = [one for one in current(series.held) if (one.origin, one.voice) in did]
    return _resetting(rule, mine, level, None)


def _staying(rule: Rule, series: Series, claim: Held, level: Level) -> _Found:
    support = _supporters(rule, series, level)
    supports = claim in support
    contested = _contested(series, support) if support else series.contested
    joined = supports and len(support) > 1 and all(one.origin != claim.origin for one in support if one is not claim)
    moved = supports and _moved(rule, series.shown, _middle(claim.figure))
    reason = "contested_changed" if contested != series.contested else "new_origin" if joined else "value_moved" if moved else None
    evidence = (claim, *(one for one in support if one is not claim))
    if reason is None:
        return _Found(signal="nothing", level=level, evidence=evidence if supports else support)
    return _Found(signal="moved", reason=reason, level=level, condition=level, evidence=evidence)


def _contested(series: Series, support: tuple[Held, ...]) -> bool:
    """Does another voice give a figure for the time of the evidence that does not support the level?"""
    oldest, newest = min(one.effective_end for one in support), max(one.effective_end for one in support)
    return any(oldest <= one.effective_end <= newest for one in current(series.held) if one not in support)


def _moved(rule: Rule, shown: float | None, value: float | None) -> bool:
    if shown is None or value is None or shown == value:
        return False
    return abs(value - shown) >= rule.notify.update_when * abs(shown)


# --- what follows from it ------------------------------------------------------------------------------------------------


def _act(rule: Rule, series: Series, found: _Found, now: datetime, *, late: bool = False) -> tuple[Series, tuple[Event, ...]]:
    """The next state by the table, and the event it tells of."""
    phase, transition = follow(series.phase, found.signal)
    opened = series
    if series.phase == "idle" and phase != "idle":
        first = found.evidence[0]
        opened = replace(series, episode=series.episode + 1, sequence=0, opening=first.claim, started_at=first.published)
    after = _settle(rule, replace(opened, phase=phase), found)
    if transition is None:
        return after, ()
    after = replace(after, sequence=after.sequence + 1, told_at=now, shown=_middle(found.evidence[0].figure))
    return after, (_event(rule, after, series, transition, found, late=late),)


def _settle(rule: Rule, series: Series, found: _Found) -> Series:
    """Level, evidence dates and contest as `found` leaves them."""
    if series.phase != "firing":
        floor = min(one.effective_end for one in found.evidence) if found.signal == "reset" else series.floor
        return replace(series, level=None, until=None, contested=False, floor=floor)
    level = found.level
    assert level is not None
    support = _supporters(rule, series, level)
    ends = [one.effective_end for one in support]
    if found.signal == "lowered":
        ends = [one.effective_end for one in found.evidence]
        return replace(series, level=level.level, until=max(ends), floor=min(ends), contested=False)
    if found.signal in ("crossed", "corrected"):
        contested = bool(support) and _contested(series, support)
        return replace(series, level=level.level, until=max(ends, default=series.until), contested=contested)
    contested = _contested(series, support) if support else series.contested
    return replace(series, contested=contested, until=max(ends, default=series.until))


def _after_loss(rule: Rule, series: Series, lost: tuple[Held, ...], now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """Figures grew old. An alert stays while any figure about the time of its evidence, or a later one, is left."""
    level = _level(rule, series.level)
    if level is None:
        return _quietly(rule, series), ()
    if any(series.until is None or one.effective_end >= series.until for one in current(series.held)):
        return series, ()
    return _act(rule, series, _Found(signal="stale", reason="not_fresh", condition=level, evidence=lost), now)


def _quietly(rule: Rule, series: Series) -> Series:
    """A series that is not firing, after figures went: pending only while a level is still supported."""
    if series.phase == "pending" and not _supporters(rule, series, rule.when.levels[0]):
        return replace(series, phase="idle")
    return series


def _event(rule: Rule, after: Series, before: Series, transition: Transition, found: _Found, *, late: bool) -> Event:
    assert after.opening is not None and after.started_at is not None and found.condition is not None
    side: Literal["at", "back"] = "back" if found.signal in ("reset", "lowered") and found.reason == "reset_met" else "at"
    return Event(
        transition=transition,
        reason=found.reason,
        level=after.level,
        previous=before.level,
        episode=after.episode,
        sequence=after.sequence,
        opening=after.opening,
        started_at=after.started_at,
        contested=after.contested,
        late=late,
        grade=_grade(rule, found.evidence[0], found.condition, side),
        condition=found.condition,
        evidence=found.evidence,
    )


# --- small helpers -------------------------------------------------------------------------------------------------------


def _valid(rule: Rule, held: Held, now: datetime) -> bool:
    return now <= held.first_published + rule.lifetime.span


def _remember(rule: Rule, series: Series, claim: Held, now: datetime) -> dict[str, int]:
    horizon = now.timestamp() - max(rule.lifetime.allowed_lateness, rule.lifetime.valid_for)
    kept = {name: moment for name, moment in series.applied.items() if moment >= horizon}
    kept[_brief(claim.claim)] = int(claim.published.timestamp())
    if len(kept) > MAX_APPLIED:
        kept = dict(sorted(kept.items(), key=lambda item: (item[1], item[0]))[-MAX_APPLIED:])
    return kept


def _brief(claim_id: str) -> str:
    return claim_id.replace("-", "")[:16]


def _meets(rule: Rule, held: Held, level: Level, side: Literal["at", "back"]) -> bool:
    return at_least(_grade(rule, held, level, side), rule.when.certainty)


def _grade(rule: Rule, held: Held, level: Level, side: Literal["at", "back"]) -> Grade:
    return graded(rule, held.figure, held.cap, level, side)


def _by_strength(rule: Rule, figures: list[Held]) -> tuple[Held, ...]:
    """The most telling first: the furthest value, then the greatest rank."""
    sign = 1 if rule.when.direction == "above" else -1
    return tuple(sorted(figures, key=lambda one: (sign * (_middle(one.figure) or 0.0), one.rank), reverse=True))


def _middle(figure: Interval) -> float | None:
    known = [end for end in (figure.low, figure.high) if end is not None]
    return float(figure.point if figure.point is not None else sum(known) / len(known)) if known or figure.point is not None else None


def _level(rule: Rule, name: str | None) -> Level | None:
    return next((level for level in rule.when.levels if level.level == name), None)
