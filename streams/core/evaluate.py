"""The state machine of one alert: (series, input, now) -> (series, events, wake_at). Pure; the same inputs give the same bytes.

A series is one rule and one group. Its held figures (voices.py) give a signal, the table (transitions.py) gives the transition.
Inputs are a figure (`step`), a document taken back (`revise`), a changed rule (`change`) and the clock alone (`tick`).
The rules are those of docs/semantics.md, section "From figures to a level".
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from schemas.alert import Grade, Transition
from streams.core.assess import (
    Found,
    Series,
    View,
    best_level,
    by_strength,
    corrected,
    grade_of,
    is_contested,
    level_of,
    look,
    middle,
)
from streams.core.rules import Level, Rule
from streams.core.transitions import Phase, follow
from streams.core.voices import Held, admit, current, withdraw

MAX_APPLIED = 512
"""Claim ids remembered a series."""

Outcome = Literal["applied", "duplicate", "superseded", "history", "stale", "revised"]
"""What became of a claim: it counts now; its id was seen before; a better one of the same voice stands; it is about an
earlier time than the evidence in force; it was too old on arrival; a later version of its document was seen before."""


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
    quality = grade_of(rule, claim, rule.when.levels[0], "at")
    if _brief(claim.claim) in series.applied:
        return Step(series, (), "duplicate", quality)
    if not _valid(rule, claim, now):  # seen again after a crash, perhaps: it must not be what tells that others grew old
        return Step(series, (), "stale", quality)
    series, events = _age(rule, series, now)
    known, kept = series.held, _replaced(series.held, claim)
    corrects = len(kept) < len(known)
    series = replace(series, applied=_remember(rule, series, claim, now), held=admit(kept, claim))
    view = View(rule, series)
    merged = next((one for one in view.current if one.key == claim.key), None)
    if merged is None and {one.key for one in view.current} == {one.key for one in current(known)}:
        return Step(series, events, "superseded", quality)
    merged = merged or view.current[0]
    late = claim.published < now - timedelta(seconds=rule.lifetime.allowed_lateness)
    before = series.until if series.level else series.floor
    found = (corrected(view, merged) if corrects else None) or look(view, merged)
    series, more = _act(view, found, now, late=late)
    history = not more and before is not None and merged.effective_end < before
    return Step(series, events + more, "history" if history else "applied", quality)


def tick(rule: Rule, series: Series, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """What time alone does: figures older than `valid_for` go, an alert without evidence expires, one that lasts is repeated.

    A figure that moves the clock does not repeat what it may be about to change: only a tick does. What is repeated is the newest
    figure that supports the level: an older and stronger one may have been taken back since.
    """
    series, events = _age(rule, series, now)
    due = _repeat_at(rule, series)
    if events or due is None or now < due:
        return series, events
    view = View(rule, series)
    level = view.level
    support = sorted(view.supporters(level) if level else (), key=lambda one: one.rank, reverse=True) or view.current
    return _act(view, Found(signal="due", reason="repeat_elapsed", level=level, condition=level, evidence=tuple(support)), now)


def _age(rule: Rule, series: Series, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """Let go of figures older than `valid_for`."""
    span = rule.lifetime.span
    fresh = tuple(held for held in series.held if now <= held.first_published + span)
    if len(fresh) == len(series.held):
        return series, ()
    lost = by_strength(rule, [held for held in series.held if held not in fresh])
    return _after_loss(rule, replace(series, held=fresh), lost, now)


def revise(rule: Rule, series: Series, document: str, version: int, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """A later `version` of `document` (its key), or its withdrawal: what earlier versions said goes, and what it held with it."""
    held = withdraw(series.held, document, version)
    if held == series.held:
        return series, ()
    lost = by_strength(rule, [one for one in series.held if one.key not in {other.key for other in held}]) or series.held
    after = View(rule, replace(series, held=held))
    found = corrected(after, *lost)
    return _act(after, found, now) if found else (_quietly(after), ())


def change(rule: Rule | None, series: Series, old: Rule, now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """The rule was `old` and is now `rule` (None: removed or off). Figures stay; the level is found anew from them."""
    level = level_of(old, series.level)
    if series.phase != "firing" or level is None:
        return (_quietly(View(rule, series)) if rule else replace(series, phase="idle")), ()
    support = by_strength(old, series.held)
    best = best_level(View(rule, series)) if rule else None
    if rule is None or best is None:
        reason = "rule_removed" if rule is None else "rule_changed"
        return _act(View(old, series), Found(signal="closed", reason=reason, condition=level, evidence=support), now)
    if best[0].level == level.level:
        return series, ()
    order = [one.level for one in rule.when.levels]
    up = level.level not in order or order.index(best[0].level) > order.index(level.level)
    found = Found(signal="crossed" if up else "lowered", reason="rule_changed", level=best[0], condition=best[0], evidence=best[1])
    return _act(View(rule, series), found, now)


def wake_at(rule: Rule, series: Series) -> datetime | None:
    """When `tick` will next do something, if no figure comes before: the end of the oldest figure, or the next repeat."""
    if series.phase == "idle" or not series.held:
        return None
    end = min(one.first_published for one in series.held) + rule.lifetime.span + timedelta(microseconds=1)
    due = _repeat_at(rule, series)
    return min(end, due) if due else end


def _repeat_at(rule: Rule, series: Series) -> datetime | None:
    """When an open alert is told again; never at the moment at which its last figure ends."""
    if series.phase != "firing" or not series.told_at or not rule.notify.repeat or not series.held:
        return None
    due = series.told_at + timedelta(seconds=rule.notify.repeat)
    return due if due < max(one.first_published for one in series.held) + rule.lifetime.span else None


def _replaced(held: tuple[Held, ...], claim: Held) -> tuple[Held, ...]:
    """`held` without the other values that earlier versions of the claim's document gave in the same voice."""
    document, version = claim.sources[0].key, claim.version
    mine = tuple(one for one in held if (one.origin, one.voice) == (claim.origin, claim.voice) and one.figure != claim.figure)
    gone = {one.key for one in mine} - {one.key for one in withdraw(mine, document, version)}
    return tuple(one for one in held if one.key not in gone)


# --- what follows from it ------------------------------------------------------------------------------------------------


def _act(view: View, found: Found, now: datetime, *, late: bool = False) -> tuple[Series, tuple[Event, ...]]:
    """The next state by the table, and the event it tells of."""
    series = view.series
    phase, transition = follow(series.phase, found.signal)
    changes: dict[str, Any] = {"phase": phase} | _settled(view, phase, found)
    sequence = series.sequence
    if series.phase == "idle" and phase != "idle":
        first, sequence = found.evidence[0], 0
        changes |= {"episode": series.episode + 1, "sequence": 0, "opening": first.claim, "started_at": first.published}
    if transition is None:
        return replace(series, **changes), ()
    changes |= {"sequence": sequence + 1, "told_at": now, "shown": middle(found.evidence[0].figure)}
    after = replace(series, **changes)
    return after, (_event(view.rule, after, series, transition, found, late=late),)


def _settled(view: View, phase: Phase, found: Found) -> dict[str, Any]:
    """What level, evidence dates and contest become by `found`."""
    series = view.series
    if phase != "firing":
        floor = min(one.effective_end for one in found.evidence) if found.signal == "reset" else series.floor
        return {"level": None, "until": None, "contested": False, "floor": floor}
    level = found.level
    assert level is not None
    if found.signal == "lowered":
        ends = [one.effective_end for one in found.evidence]
        return {"level": level.level, "until": max(ends), "floor": min(ends), "contested": False}
    support = view.supporters(level)
    until = max((one.effective_end for one in support), default=series.until)
    if found.signal in ("crossed", "corrected"):
        return {"level": level.level, "until": until, "contested": bool(support) and is_contested(view, level, support)}
    return {"contested": is_contested(view, level, support) if support else series.contested, "until": until}


def _after_loss(rule: Rule, series: Series, lost: tuple[Held, ...], now: datetime) -> tuple[Series, tuple[Event, ...]]:
    """Figures grew old. An alert stays while any figure about the time of its evidence, or a later one, is left."""
    view = View(rule, series)
    level = view.level
    if level is None:
        return _quietly(view), ()
    if any(series.until is None or one.effective_end >= series.until for one in view.current):
        return series, ()
    return _act(view, Found(signal="stale", reason="not_fresh", condition=level, evidence=lost), now)


def _quietly(view: View) -> Series:
    """A series that is not firing, after figures went: pending only while a level is still supported."""
    if view.series.phase == "pending" and not view.supporters(view.rule.when.levels[0]):
        return replace(view.series, phase="idle")
    return view.series


def _event(rule: Rule, after: Series, before: Series, transition: Transition, found: Found, *, late: bool) -> Event:
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
        grade=grade_of(rule, found.evidence[0], found.condition, side),
        condition=found.condition,
        evidence=found.evidence,
    )


# --- small helpers -------------------------------------------------------------------------------------------------------


def _valid(rule: Rule, held: Held, now: datetime) -> bool:
    return now <= held.first_published + rule.lifetime.span


def _remember(rule: Rule, series: Series, claim: Held, now: datetime) -> dict[str, int]:
    horizon = now.timestamp() - max(rule.lifetime.allowed_lateness, rule.lifetime.valid_for)
    known = series.applied
    kept = dict(known) if not known or min(known.values()) >= horizon else {name: at for name, at in known.items() if at >= horizon}
    kept[_brief(claim.claim)] = int(claim.published.timestamp())
    if len(kept) > MAX_APPLIED:
        kept = dict(sorted(kept.items(), key=lambda item: (item[1], item[0]))[-MAX_APPLIED:])
    return kept


def _brief(claim_id: str) -> str:
    return claim_id.replace("-", "")[:16]
