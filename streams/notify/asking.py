"""What the commands read from notifiers' topics, and what they ask through them: silences, the log of deliveries, sending again."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.alert import Alert
from schemas.codec import SchemaError, decode, encode
from schemas.delivery import Delivery, OutboxEntry, Silence
from schemas.trace import traceparent
from streams.config import Settings
from streams.core.delivery import notices
from streams.kafka import Admin, Record, Writer, read
from streams.kafka.reader import Between
from streams.notify.followed import Followed
from streams.notify.store import REQUEST, outbox_key
from streams.topics import ALERTS, DELIVERIES, OUTBOX, RECEIVERS, SILENCES, Topic

__all__ = ["Line", "Request", "deliveries", "enable", "known", "redeliver", "write_silence"]

KEPT = timedelta(days=30)
"""How long an ended silence is remembered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log of deliveries, and the partition in which it and its alert lie."""

    partition: int
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Request:
    """One event to send again to one receiver."""

    receiver: str
    partition: int
    offset: int
    event_id: str


async def known(settings: Settings) -> Followed:
    """Silences and receivers as they are now. Raises aiokafka's errors, KafkaClientError where topics are missing."""
    await _require(settings, SILENCES, RECEIVERS)
    followed = Followed(settings)
    try:
        await followed.load()
    finally:
        await followed.close()
    return followed


async def write_silence(settings: Settings, silence: Silence, followed: Followed, now: datetime) -> None:
    """Put a silence in force, or another version of it; those that ended long ago are forgotten."""
    old = [one.id for one in followed.silences.values() if one.ends_at < now - KEPT and one.id != silence.id]
    values = [(silence.id, encode(silence)), *((name, None) for name in old)]
    await _write(settings, SILENCES, [(name.encode(), value, None, ()) for name, value in values])


async def deliveries(settings: Settings, since: datetime | None) -> AsyncIterator[Line]:
    """The log of deliveries in the order of time, its lines since then. What cannot be read is left out."""
    await _require(settings, DELIVERIES)
    async for record in read(settings, DELIVERIES.named(settings.topic_prefix), start=since or "beginning"):
        try:
            yield Line(record.partition, decode(record.value, Delivery))
        except SchemaError:
            continue


async def enable(settings: Settings, names: Iterable[str], followed: Followed, now: datetime) -> list[str]:
    """Enable those of the receivers that are disabled; returns their names. Who heard of that hears of this too, and first: whoever
    asks again because the second half failed makes the same notices."""
    before = [state for name in sorted(set(names)) if (state := followed.disabled(name))]
    changes = [(state, *notices.enabled(state, now)) for state in before]
    told = [(notices.entry(notice, name, now), state.partition) for state, _, notice in changes if notice for name in state.told]
    await _require(settings, OUTBOX)
    await _ask(settings, told)
    await _write(settings, RECEIVERS, [(after.name.encode(), encode(after), None, ()) for _, after, _ in changes])
    return [state.name for state in before]


async def redeliver(settings: Settings, requests: Iterable[Request], now: datetime) -> list[Request]:
    """Ask the owners of the partitions to send these events again. Returns the requests whose alert is no longer in `alerts`."""
    wanted = list(requests)
    await _require(settings, ALERTS, OUTBOX)
    found = {(one.partition, one.offset): await _alert(settings, one) for one in wanted}
    missing = [one for one in wanted if found[one.partition, one.offset] is None]
    asked = [one for one in wanted if one not in missing]
    await _ask(settings, [(_entry(one, record, now), one.partition) for one in asked if (record := found[one.partition, one.offset])])
    return missing


async def _ask(settings: Settings, entries: Iterable[tuple[OutboxEntry, int | None]]) -> None:
    """Hand entries to the owners of their partitions."""
    written = [(outbox_key(entry).encode(), encode(entry), partition, ((REQUEST, b"redeliver"),)) for entry, partition in entries]
    await _write(settings, OUTBOX, written)


async def _alert(settings: Settings, request: Request) -> Record | None:
    """The record of `alerts` that the request is about, where it is still there."""
    span = Between({request.partition: request.offset}, {request.partition: request.offset + 1})
    async for record in read(settings, ALERTS.named(settings.topic_prefix), start=span):
        try:
            if record.offset == request.offset and decode(record.value, Alert).event_id == request.event_id:
                return record
        except SchemaError:
            pass
    return None


def _entry(request: Request, record: Record, now: datetime) -> OutboxEntry:
    alert = decode(record.value, Alert)
    trace = traceparent(record.headers)
    return OutboxEntry(
        receiver=request.receiver,
        event_id=alert.event_id,
        fingerprint=alert.fingerprint,
        offset=record.offset,
        created_at=now,
        due_at=now,
        by_hand=True,
        traceparent=trace.decode() if trace else None,
        alert=alert,
    )


async def _require(settings: Settings, *topics: Topic) -> None:
    async with Admin(settings) as admin:
        for topic in topics:
            await admin.require(topic)


_Record = tuple[bytes, bytes | None, int | None, tuple[tuple[str, bytes], ...]]


async def _write(settings: Settings, topic: Topic, records: Iterable[_Record]) -> None:
    """Write and wait for the broker. Raises what it answers."""
    faults: list[BaseException] = []
    async with Writer(settings) as writer:
        for key, value, partition, headers in records:
            done = lambda fault: faults.append(fault) if fault is not None else None  # noqa: E731
            await writer.write(topic.named(settings.topic_prefix), value, key=key, headers=headers, partition=partition, done=done)
    if faults:
        raise faults[0]
