"""The state machine of one receiver and one fingerprint: what waits for it, in order, and what it was told.

Only the head of the queue is ever tried, and the next one only when the head is settled: so a receiver sees the events of an alert in
their order, whatever fails and whoever dies. What was tried once is never dropped for something newer, since it may have arrived.

    admit     another event            -> collapse, or drop an alert that ended unheard
    begin     the time has come        -> the head is in flight; written down before it is sent
    finish    a try ended              -> told, or tried again, or given up
    give_up   no more for this receiver
    hasten    the receiver is back         -> what waits for its next try is due
    restored  after a crash            -> what was in flight may have arrived
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.delivery import Delivery, OutboxEntry, Outcome, Reason, Told
from streams.core.delivery.retry import Attempt, next_try
from streams.core.delivery.routing import is_end

__all__ = ["Lane", "Settled", "Step", "admit", "begin", "delivery", "finish", "give_up", "hasten", "owed_since", "restored", "wake_at"]

_SUPERSEDED = frozenset({"updated", "repeated"})
"""Transitions that a later event of the same alert says too."""
_LONGEST_COOLDOWN = 3_650 * 86_400.0
"""Seconds; as much as a rule can ask for."""
_COOLED = frozenset({"firing", "updated", "repeated", "deescalated"})
"""Transitions that wait while their level was told a short time ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """`told`: what the receiver was told last; `queue`: what waits, the next first."""

    told: Told | None = None
    queue: tuple[OutboxEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """An entry that is done with: delivered, or why not."""

    entry: OutboxEntry
    outcome: Outcome
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one input did. `exhausted`: the head was given up because its tries are used up, or the receiver wants no more."""

    lane: Lane
    settled: tuple[Settled, ...] = ()
    exhausted: bool = False


def admit(lane: Lane, entry: OutboxEntry) -> Step:
    """Take in another entry. What is asked for by hand goes before what was not tried yet, by its place in `alerts`."""
    again = next((one for one in lane.queue if one.event_id == entry.event_id), None)
    if again is not None:
        hastened = replace(again, due_at=min(again.due_at, entry.due_at), by_hand=again.by_hand or entry.by_hand)
        return Step(lane=replace(lane, queue=tuple(hastened if one is again else one for one in lane.queue)))
    tried = tuple(one for one in lane.queue if _tried(one))
    untried = [*(one for one in lane.queue if not _tried(one)), entry]
    if entry.by_hand:
        untried.sort(key=lambda one: -1 if one.offset is None else one.offset)
    return _tidy(replace(lane, queue=(*tried, *untried)))


def begin(lane: Lane, now: datetime) -> tuple[Lane, OutboxEntry | None]:
    """Put the head in flight where it is due; the entry to send, as it is to be written down first."""
    due = wake_at(lane)
    if due is None or due > now:
        return lane, None
    head, *rest = lane.queue
    started = replace(head, attempt=head.attempt + 1, in_flight=True, first_tried_at=head.first_tried_at or now)
    return replace(lane, queue=(started, *rest)), started


def finish(lane: Lane, attempt: Attempt, schedule: tuple[float, ...], now: datetime) -> Step:
    """The try of the head ended with `attempt`."""
    head, *rest = lane.queue
    head = replace(head, in_flight=False, unsure=head.unsure or attempt.unsure)
    if attempt.reason is None:
        return _tidy(Lane(told=_told(lane.told, head, now, sure=True), queue=tuple(rest)), Settled(head, "delivered"))
    again = next_try(head, attempt, schedule, now)
    if again is not None:
        return _tidy(replace(lane, queue=(replace(head, due_at=again), *rest)))
    told = _told(lane.told, head, now, sure=False) if head.unsure else lane.told
    step = _tidy(Lane(told=told, queue=tuple(rest)), Settled(head, "failed", attempt.reason))
    return replace(step, exhausted=True)


def give_up(lane: Lane, reason: Reason, now: datetime, *, before: datetime | None = None) -> Step:
    """Settle what waits, or what of it was there `before` a time; what is in flight ends by itself."""
    gone = tuple(one for one in lane.queue if not one.in_flight and (before is None or one.created_at <= before))
    told = lane.told
    for one in gone:
        if one.unsure:
            told = _told(told, one, now, sure=False)
    kept = tuple(one for one in lane.queue if one not in gone)
    return Step(lane=Lane(told=told, queue=kept), settled=tuple(Settled(one, "failed", reason) for one in gone))


def hasten(lane: Lane, now: datetime) -> Lane:
    """The receiver took something after it had failed: the head that waits for its next try need not wait longer."""
    if not lane.queue or not _tried(lane.queue[0]) or lane.queue[0].in_flight or lane.queue[0].due_at <= now:
        return lane
    head, *rest = lane.queue
    return replace(lane, queue=(replace(head, due_at=now), *rest))


def restored(entry: OutboxEntry, now: datetime) -> OutboxEntry:
    """An entry as the next owner finds it. One that was in flight is tried again at once, and may have arrived."""
    if not entry.in_flight:
        return entry
    return replace(entry, in_flight=False, unsure=True, attempt=entry.attempt - 1, due_at=min(entry.due_at, now))


def wake_at(lane: Lane) -> datetime | None:
    """When the head may be tried; None where nothing waits or something is in flight."""
    if not lane.queue or lane.queue[0].in_flight:
        return None
    head = lane.queue[0]
    alert = head.alert
    if alert is None or lane.told is None or _tried(head) or head.by_hand or alert.transition not in _COOLED:
        return head.due_at
    if any(one.alert is not None and one.alert.transition not in _COOLED for one in lane.queue[1:]):
        return head.due_at  # an escalation, a retraction or an end behind it does not wait
    last = lane.told.levels.get(alert.level or "")
    cooldown = timedelta(seconds=min(max(alert.notify.cooldown, 0.0), _LONGEST_COOLDOWN))
    return head.due_at if last is None else max(head.due_at, last + cooldown)


def owed_since(lane: Lane, now: datetime) -> datetime | None:
    """Since when the receiver should have the head; None where nothing is owed yet."""
    if not lane.queue:
        return None
    head, due = lane.queue[0], wake_at(lane)
    if _tried(head):
        return head.first_tried_at or head.created_at
    return due if due is not None and due <= now else None


def delivery(
    settled: Settled,
    attempt: Attempt | None,
    integration: str,
    now: datetime,
    next_at: datetime | None = None,
    silence: str | None = None,
) -> Delivery:
    """The line of the log of deliveries for a try, or for a decision not to send."""
    entry = settled.entry
    alert, notice = entry.alert, entry.notice
    return Delivery(
        at=now,
        receiver=entry.receiver,
        integration=integration,
        outcome=settled.outcome,
        reason=settled.reason,
        event_id=entry.event_id,
        fingerprint=entry.fingerprint,
        alert_id=alert.alert_id if alert else None,
        rule=alert.rule.id if alert else None,
        transition=alert.transition if alert else notice.kind if notice else "",
        level=(alert.level or alert.previous_level) if alert else None,
        offset=entry.offset,
        attempt=entry.attempt,
        status=attempt.status if attempt else None,
        detail=attempt.detail if attempt else "",
        seconds=attempt.seconds if attempt else None,
        next_at=next_at,
        silence=silence,
    )


def _tried(entry: OutboxEntry) -> bool:
    """May the receiver have heard of it? Then it keeps its place."""
    return entry.attempt > 0 or entry.in_flight or entry.unsure


def _told(told: Told | None, entry: OutboxEntry, now: datetime, *, sure: bool) -> Told | None:
    """What the receiver knows after `entry`; one that was sent again by hand after newer ones changes nothing."""
    alert, offset = entry.alert, entry.offset
    if alert is None or offset is None or (told is not None and offset < told.offset):
        return told
    level = alert.level
    levels = {**(told.levels if told else {}), **({level: now} if level else {})}
    return Told(
        alert_id=alert.alert_id,
        event_id=entry.event_id,
        offset=offset,
        transition=alert.transition,
        level=level,
        at=now,
        open=not is_end(alert),
        sure=sure,
        levels=levels,
    )


def _tidy(lane: Lane, *settled: Settled) -> Step:
    """Drop from the queue what need not be said any more."""
    queue = lane.queue
    collapsed = [one for place, one in enumerate(queue) if _superseded(one, queue[place + 1 :])]
    queue = tuple(one for one in queue if one not in collapsed)
    ended = [one for one in queue if one.alert and not one.by_hand and is_end(one.alert) and not _heard(lane.told, one, queue)]
    unsent = [one for one in queue if _of(one, ended)]
    queue = tuple(one for one in queue if one not in unsent)
    dropped = (*(Settled(one, "collapsed") for one in collapsed), *(Settled(one, "unsent") for one in unsent))
    return Step(lane=replace(lane, queue=queue), settled=(*settled, *dropped))


def _superseded(entry: OutboxEntry, later: Sequence[OutboxEntry]) -> bool:
    """Does a later event of the alert say what `entry` would, which was not tried yet?"""
    return entry.alert is not None and entry.alert.transition in _SUPERSEDED and not (_tried(entry) or entry.by_hand) and _of(entry, later)


def _of(entry: OutboxEntry, others: Sequence[OutboxEntry]) -> bool:
    """Is one of `others` an event of the same alert?"""
    return any(entry.alert is not None and other.alert is not None and other.alert.alert_id == entry.alert.alert_id for other in others)


def _heard(told: Told | None, end: OutboxEntry, queue: Sequence[OutboxEntry]) -> bool:
    """Does the receiver know of the alert that ends, or may it? What somebody asked for by hand is sent in any case."""
    if end.alert is not None and told is not None and told.alert_id == end.alert.alert_id and told.open:
        return True
    return any(_of(one, [end]) and (one.in_flight or one.unsure or one.by_hand) for one in queue)
