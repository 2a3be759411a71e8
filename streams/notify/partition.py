"""One partition of `alerts` that this notifier owns: what waits there for whom, tries, and what comes of them.

Every change goes the same way: the pure step, the memory, one transaction, and only then the request that it allows. Where the
transaction fails the partition is lost: its memory is thrown away, and it is opened anew from Kafka by whoever owns it then.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.alert import Alert
from schemas.codec import SchemaError, decode
from schemas.delivery import OutboxEntry, Reason, Seen
from schemas.trace import traceparent
from streams.core.delivery import notices
from streams.core.delivery.lane import Lane, Settled, Step, admit, begin, finish, give_up, hasten, owed_since, restored, wake_at
from streams.core.delivery.retry import SCHEDULE, Attempt
from streams.core.delivery.routing import Plan, plan, seen_before, unfit
from streams.notify.batch import Batch
from streams.notify.file import Configuration
from streams.notify.followed import Followed
from streams.notify.sending import Sender
from streams.notify.store import Loaded, Store, StoreLostError
from streams.observe.logs import fields
from streams.observe.metrics.notifier import NotifierMetrics

__all__ = ["Partition", "Shared"]

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
"""How long tries under way may go on when the partition leaves this notifier."""


@dataclass(slots=True)
class Shared:
    """What all partitions of a notifier share. `changed` tells them that receivers or their states are others now."""

    configuration: Configuration
    followed: Followed
    sender: Sender
    metrics: NotifierMetrics
    changed: Callable[[], None] = lambda: None
    successes: dict[str, datetime] = field(default_factory=dict)
    """When each receiver took something last, as far as this process knows."""
    failing: set[str] = field(default_factory=set)
    """Receivers whose newest try failed."""
    back: Callable[[str], None] = lambda _: None
    """Tells the partitions that a receiver takes things again."""


@dataclass(slots=True)
class Series:
    """One fingerprint: the events taken over, and a lane for each receiver."""

    seen: tuple[Seen, ...] = ()
    lanes: dict[str, Lane] = field(default_factory=dict)


class Partition:
    """Open it, hand it the records of `alerts` in order, and close it."""

    def __init__(self, number: int, store: Store, shared: Shared) -> None:
        self.number = number
        self.position = 0
        """The next offset of `alerts` to take over."""
        self.lost = asyncio.Event()
        self._store = store
        self._shared = shared
        self._series: dict[str, Series] = {}
        self._active: set[tuple[str, str]] = set()
        """(fingerprint, receiver) of the lanes in which something waits."""
        self._nudge = asyncio.Event()
        self._swept = False
        self._background: list[asyncio.Task[None]] = []
        self._tries: set[asyncio.Task[None]] = set()
        self._closing = False
        self._dying: set[str] = set()
        """Receivers that are disabled as soon as that is written."""
        self._patient: set[str] = set()
        """Events that are not tried before their time: they were once, or the receiver has said when to come."""

    # --- its life ----------------------------------------------------------------------------------------------------

    async def open(self, first: Callable[[int | None], Awaitable[int]]) -> None:
        """Fence the owner before us, rebuild the state, begin. `first` says where in `alerts` to go on, from the position as stored.

        Raises aiokafka's errors, StoreLostError.
        """
        loaded = await self._store.load()
        self._rebuild(loaded)
        self.position = await first(loaded.position)
        if self.position != loaded.position:
            await self._write(self._batch().at(self.position))
        self._background = [self._watched(self._clock()), self._watched(self._requests())]
        log.info("partition open", extra=fields(partition=self.number, position=self.position, waiting=self.pending))

    def _rebuild(self, loaded: Loaded) -> None:
        now = _now()
        for fingerprint, known in loaded.notified.items():
            self._series[fingerprint] = Series(known.seen, {name: Lane(told=told) for name, told in known.told.items()})
        order = sorted(
            loaded.entries.values(),
            key=lambda one: (one.attempt == 0 and not one.unsure, -1 if one.offset is None else one.offset, one.created_at),
        )
        for entry in order:
            series = self._series.setdefault(entry.fingerprint, Series())
            lane = series.lanes.get(entry.receiver, Lane())
            series.lanes[entry.receiver] = Lane(told=lane.told, queue=(*lane.queue, restored(entry, now)))
            self._active.add((entry.fingerprint, entry.receiver))
        self._swept = False

    async def close(self) -> None:
        """Let tries under way end, for a short time, and let go. What is cut off is tried again by the next owner."""
        self._closing = True
        for task in self._background:
            task.cancel()
        if self._tries:
            await asyncio.wait(self._tries, timeout=GRACE_SECONDS)
        for task in tuple(self._tries):
            task.cancel()
        await asyncio.gather(*self._background, *self._tries, return_exceptions=True)
        await self._store.close()

    def _watched(self, work: Any) -> "asyncio.Task[None]":
        """A task whose failure loses the partition."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tries.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("partition lost: %r", error, extra=fields(partition=self.number))
            self.lost.set()

    # --- what comes in -----------------------------------------------------------------------------------------------

    async def take(self, records: Sequence[Any]) -> None:
        """Take records of `alerts` over, in their order, all in one transaction with the position. StoreLostError where that fails."""
        now, batch = _now(), self._batch()
        for record in records:
            try:
                alert = decode(record.value, Alert)
                why = unfit(alert, len(record.value))
            except SchemaError as error:
                why = str(error)
            if why is not None:
                log.error("a record of alerts cannot be passed on: %s", why, extra=fields(partition=self.number, offset=record.offset))
                self._shared.metrics.suppressed.labels("unreadable").inc()
                continue
            found = traceparent((name, None if value is None else bytes(value)) for name, value in record.headers)
            self._admit(alert, record.offset, found.decode() if found else None, now, batch)
        self.position = records[-1].offset + 1
        await self._write(batch.at(self.position))

    def _admit(self, alert: Alert, offset: int, trace: str | None, now: datetime, batch: Batch) -> None:
        """One alert event: to whom it goes, and to whom not."""
        series = self._series.get(alert.fingerprint) or Series()
        seen = seen_before(series.seen, alert) if alert.mode == "live" else ()
        told = {name: lane.told for name, lane in series.lanes.items() if lane.told is not None}
        waiting = [
            name for name, lane in series.lanes.items() if any(one.alert and one.alert.alert_id == alert.alert_id for one in lane.queue)
        ]
        found = plan(alert, self._shared.configuration.file.route, self._shared.followed.silences.values(), told, waiting, now)
        why = found.suppressed or ("seen" if seen is None else None)
        if why is not None or seen is None:
            self._shared.metrics.suppressed.labels(why).inc()
            return
        series.seen = seen
        self._series[alert.fingerprint] = series
        batch.told.add(alert.fingerprint)
        for name, entry in self._entries(alert, offset, trace, now, found):
            if name in found.silenced:
                batch.log(Settled(entry, "silenced"), None, now, silence=found.silence.id if found.silence else None)
            elif (refusal := self._refusal(name)) is not None:
                batch.log(Settled(entry, "failed", refusal), None, now)
            else:
                self._apply(entry, admit(series.lanes.get(name, Lane()), entry), None, now, batch)

    def _entries(self, alert: Alert, offset: int, trace: str | None, now: datetime, found: Plan) -> Iterator[tuple[str, OutboxEntry]]:
        for name in (*found.receivers, *found.silenced):
            yield (
                name,
                OutboxEntry(
                    receiver=name,
                    event_id=alert.event_id,
                    fingerprint=alert.fingerprint,
                    offset=offset,
                    created_at=now,
                    due_at=now,
                    traceparent=trace,
                    alert=alert,
                ),
            )

    def _refusal(self, name: str) -> Reason | None:
        """Why nothing may be sent to the receiver `name` now."""
        if name not in self._shared.configuration.endpoints:
            return "removed"
        return "disabled" if name in self._dying or self._shared.followed.disabled(name) else None

    async def _requests(self) -> None:
        """Take in what commands ask to be sent again."""
        async for entry in self._store.requests():
            now, batch = _now(), self._batch()
            series = self._series.setdefault(entry.fingerprint, Series())
            if entry.receiver in self._shared.configuration.endpoints:
                self._apply(entry, admit(series.lanes.get(entry.receiver, Lane()), entry), None, now, batch)
            else:
                batch.drop(entry)
                batch.log(Settled(entry, "failed", "removed"), None, now)
            await self._write(batch)

    # --- time, tries, and what comes of them -------------------------------------------------------------------------

    async def _clock(self) -> None:
        """Begin what is due, for ever."""
        while True:
            now, batch = _now(), self._batch()
            self._nudge.clear()
            if not self._swept:
                self._swept = True
                self._sweep(now, batch)
            for fingerprint, name in tuple(self._active):
                self._begin(fingerprint, name, now, batch)
            await self._write(batch)
            due = min(filter(None, (wake_at(self._lane(*key)) for key in self._active if self._refusal(key[1]) is None)), default=None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudge.wait(), None if due is None else max(0.0, (due - _now()).total_seconds()))

    def look_again(self) -> None:
        """Receivers or their states have changed."""
        self._swept = False
        self._nudge.set()

    def hasten(self, name: str) -> None:
        """The receiver `name` is back: try what waits for it now."""
        now = _now()
        for fingerprint, receiver in self._active:
            lane = self._lane(fingerprint, receiver)
            head = lane.queue[0].event_id
            if receiver == name and head not in self._patient:
                self._series[fingerprint].lanes[name] = hasten(lane, now)
                if self._lane(fingerprint, name) != lane:
                    self._patient.add(head)
        self._nudge.set()

    def _begin(self, fingerprint: str, name: str, now: datetime, batch: Batch) -> None:
        if self._closing or self._refusal(name) is not None:
            return
        series = self._series[fingerprint]
        series.lanes[name], started = begin(series.lanes[name], now)
        if started is not None:
            batch.put(started)
            batch.started.append(started)

    async def _try(self, entry: OutboxEntry) -> None:
        attempt = await self._shared.sender.send(entry)
        now, batch = _now(), self._batch()
        endpoint = self._shared.configuration.endpoints.get(entry.receiver)
        step = finish(self._lane(entry.fingerprint, entry.receiver), attempt, endpoint.receiver.retry if endpoint else SCHEDULE, now)
        metrics, kind = self._shared.metrics, self._integration(entry.receiver)
        metrics.seconds.labels(kind).observe(attempt.seconds)
        if attempt.reason is None:
            metrics.sent.labels(kind).inc()
            self._shared.successes[entry.receiver] = now
            if entry.receiver in self._shared.failing:
                self._shared.failing.remove(entry.receiver)
                self._shared.back(entry.receiver)
        else:
            metrics.failed.labels(kind, attempt.reason).inc()
            self._shared.failing.add(entry.receiver)
            if attempt.retry_after is not None or attempt.reason == "rate_limited":
                self._patient.add(entry.event_id)
        self._tell(entry, attempt)
        if step.exhausted and self._is_dead(entry, attempt):
            self._disable(entry, attempt, now, batch)
        self._apply(entry, step, attempt, now, batch)
        await self._write(batch)

    def _apply(self, entry: OutboxEntry, step: Step, attempt: Attempt | None, now: datetime, batch: Batch) -> None:
        """The lane of `entry` is now as `step` left it."""
        fingerprint, name = entry.fingerprint, entry.receiver
        series = self._series.setdefault(fingerprint, Series())
        before = series.lanes.get(name, Lane())
        series.lanes[name] = step.lane
        for one in before.queue:
            if all(one.event_id != other.event_id for other in step.lane.queue):
                batch.drop(one)
        for one in step.lane.queue:
            if one not in before.queue:
                batch.put(one)
        if entry.event_id not in {one.event_id for one in step.lane.queue}:
            batch.drop(entry)
        if step.lane.told != before.told:
            batch.told.add(fingerprint)
        for settled in step.settled:
            self._patient.discard(settled.entry.event_id)
            tried = attempt if settled.entry.event_id == entry.event_id else None
            batch.log(settled, tried, now)
        head = next(iter(step.lane.queue), None)
        if attempt is not None and head is not None and head.event_id == entry.event_id:
            batch.log(Settled(head, "retrying", attempt.reason), attempt, now, next_at=head.due_at)
        (self._active.add if step.lane.queue else self._active.discard)((fingerprint, name))
        self._begin(fingerprint, name, now, batch)
        self._nudge.set()

    # --- receivers that are gone -------------------------------------------------------------------------------------

    def _is_dead(self, entry: OutboxEntry, attempt: Attempt) -> bool:
        """Is the fault the receiver's? Not where it took something else since `entry` was tried first: then the fault is this event's."""
        tolds = (series.lanes[entry.receiver].told for series in self._series.values() if entry.receiver in series.lanes)
        known = [told.at for told in tolds if told is not None and told.sure]
        last = max([*known, *filter(None, [self._shared.successes.get(entry.receiver)])], default=None)
        return attempt.reason == "gone" or last is None or entry.first_tried_at is None or last < entry.first_tried_at

    def _disable(self, entry: OutboxEntry, attempt: Attempt, now: datetime, batch: Batch) -> None:
        """No more to this receiver; the others hear of it."""
        heard = self._shared.configuration.file.told_of(entry.receiver)
        others = tuple(one.name for one in heard if self._refusal(one.name) is None)
        notice = batch.disable(entry.receiver, attempt, now, others)
        if notice is None:
            return
        self._dying.add(notice.receiver)
        log.critical("receiver disabled", extra=fields(receiver=notice.receiver, reason=notice.reason, detail=attempt.detail))
        for name in others:
            told = notices.entry(notice, name, now)
            lane = self._series.setdefault(told.fingerprint, Series()).lanes.get(name, Lane())
            self._apply(told, admit(lane, told), None, now, batch)

    def _sweep(self, now: datetime, batch: Batch) -> None:
        """Settle what waits for receivers that are disabled or no longer in the file. What was asked for since then waits."""
        for fingerprint, name in tuple(self._active):
            lane, refusal = self._lane(fingerprint, name), self._refusal(name)
            if refusal is None:
                continue
            state = self._shared.followed.disabled(name)
            step = give_up(lane, refusal, now, before=state.at if state and refusal == "disabled" else None)
            if step.settled:
                self._apply(step.settled[0].entry, step, None, now, batch)

    # --- small helpers -----------------------------------------------------------------------------------------------

    def _lane(self, fingerprint: str, name: str) -> Lane:
        return self._series[fingerprint].lanes[name]

    def _integration(self, name: str) -> str:
        endpoint = self._shared.configuration.endpoints.get(name)
        return endpoint.receiver.integration if endpoint else "newsgauge"

    def _batch(self) -> Batch:
        return Batch(self.number, self._shared.followed, self._shared.metrics, self._integration)

    async def _write(self, batch: Batch) -> None:
        """Write, then begin what was written as begun."""
        told = {name: (self._series[name].seen, self._series[name].lanes) for name in batch.told if name in self._series}
        records = batch.records(told)
        if records:
            try:
                await self._store.write(records)
            except StoreLostError:
                self.lost.set()
                raise
        for state in batch.disabled:
            self._shared.followed.take(state)
            self._dying.discard(state.name)
            self._shared.changed()
        for entry in batch.started:
            self._tries.add(self._watched(self._try(entry)))

    def _tell(self, entry: OutboxEntry, attempt: Attempt) -> None:
        level = logging.INFO if attempt.reason is None else logging.WARNING
        about = fields(
            receiver=entry.receiver,
            event_id=entry.event_id,
            attempt=entry.attempt,
            reason=attempt.reason,
            status=attempt.status,
            detail=attempt.detail or None,
            traceparent=entry.traceparent,
        )
        log.log(level, "delivered" if attempt.reason is None else "not delivered", extra=about)

    @property
    def pending(self) -> int:
        """Entries that wait or are in flight."""
        return sum(len(self._lane(*key).queue) for key in self._active)

    def owed_since(self) -> datetime | None:
        """Since when the entry that waits longest should be out."""
        now = _now()
        return min(filter(None, (owed_since(self._lane(*key), now) for key in self._active if self._refusal(key[1]) is None)), default=None)


def _now() -> datetime:
    return datetime.now(UTC)
