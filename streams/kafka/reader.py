"""Reading a topic without a consumer group: nothing is committed, nobody is disturbed.

First everything up to the end offsets as they were at the start, merged over the partitions by the records' timestamps;
then, where asked to follow, whatever arrives, as it arrives.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.config import Settings
from streams.kafka.connection import client_options, stopped

__all__ = ["At", "Between", "Last", "Record", "Start", "bounds", "read"]

POLL_MS = 500
FETCH_WAIT_MS = 100
"""How long the broker holds a fetch that finds nothing. Short, since the mock broker does not wake it when something comes."""
PREFETCH = 500
FETCH_ROOM = 1_048_576
"""What a fetch may be larger than the largest record."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Last:
    """Start so that the newest `count` records before the end are read."""

    count: int


@dataclass(frozen=True, slots=True)
class At:
    """Start at one record of one partition."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Between:
    """From these offsets to before those, by partition; other partitions are left out."""

    begin: Mapping[int, int]
    end: Mapping[int, int]


Start = Literal["beginning"] | Last | At | Between | datetime
"""Where to start: at the oldest record, at the newest few, at one record, between offsets, or at the first whose timestamp is at or
after a time."""

Offsets = dict[TopicPartition, int]


async def read(settings: Settings, topic: str, *, start: Start, follow: bool = False) -> AsyncIterator[Record]:
    """The records of `topic` (its name on the broker); endless with `follow`.

    Raises aiokafka's errors; a topic that does not exist is the caller's to have checked.
    """
    consumer = _consumer(settings, *(() if isinstance(start, At | Between) else (topic,)))
    await consumer.start()
    try:
        if isinstance(start, At):
            consumer.assign([TopicPartition(topic, start.partition)])
        if isinstance(start, Between):
            consumer.assign([TopicPartition(topic, partition) for partition in start.end])
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        if isinstance(start, Between):
            ends = {place: min(start.end[place.partition], end) for place, end in ends.items()}
        for place, offset in (await _targets(consumer, ends, start)).items():
            consumer.seek(place, offset)
        async for record in _kept(_merged(consumer, ends), start):
            yield record
        if follow:
            for place, end in ends.items():  # a fetch may have brought more, which came since
                consumer.seek(place, end)
        while follow:
            yield _record(await consumer.getone())
    finally:
        await stopped(consumer)


async def bounds(settings: Settings, topic: str, since: datetime | None) -> tuple[dict[int, int], dict[int, int]]:
    """Where each partition of `topic` begins (the first record written at or after `since`) and ends at this moment."""
    consumer = _consumer(settings, topic)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        begins = await _targets(consumer, ends, since or "beginning")
        return {place.partition: begin for place, begin in begins.items()}, {place.partition: end for place, end in ends.items()}
    finally:
        await stopped(consumer)


def _consumer(settings: Settings, *topics: str) -> Any:
    return AIOKafkaConsumer(
        *topics,
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=settings.max_message_bytes + FETCH_ROOM,
    )


async def _targets(consumer: Any, ends: Offsets, start: Start) -> Offsets:
    """Where to read from in every partition, or a little before it: what is too old is dropped later."""
    begins = await consumer.beginning_offsets(list(ends))
    match start:
        case Last(count):
            return {place: max(begins[place], end - count) for place, end in ends.items()}
        case At(_, offset):
            return {place: min(max(begins[place], offset), end) for place, end in ends.items()}
        case Between(begin, _):
            return {place: min(max(begins[place], begin.get(place.partition, 0)), end) for place, end in ends.items()}
        case datetime():
            return await _since(consumer, begins, ends, start)
        case _:
            return dict(begins)


async def _since(consumer: Any, begins: Offsets, ends: Offsets, start: datetime) -> Offsets:
    """The first offsets at or after a time; the beginning where the broker cannot look times up (it finds nothing even at the epoch)."""
    filled = [place for place in begins if begins[place] < ends[place]]
    if not filled:
        return ends
    ever = await consumer.offsets_for_times(dict.fromkeys(filled, 0))
    found = await consumer.offsets_for_times(dict.fromkeys(filled, int((start - EPOCH) / timedelta(milliseconds=1))))
    late = {place: ends[place] if ever[place] else begins[place] for place in filled}
    return ends | {place: found[place].offset if found[place] else late[place] for place in filled}


async def _merged(consumer: Any, ends: Offsets) -> AsyncIterator[Record]:
    """Everything before `ends`, by (timestamp, partition, offset) over the partitions, in order of offsets within each.

    Only partitions of which nothing is at hand are fetched, so no more than a batch of each is held.
    """
    queues: dict[TopicPartition, deque[Record]] = {place: deque() for place in ends}
    while True:
        wanted = [place for place, queue in queues.items() if not queue and await consumer.position(place) < ends[place]]
        if wanted:
            for place, fetched in (await consumer.getmany(*wanted, timeout_ms=POLL_MS, max_records=PREFETCH)).items():
                queues[place].extend(_record(item) for item in fetched if item.offset < ends[place])
            continue
        heads = [(queue[0].timestamp, place.partition, place) for place, queue in queues.items() if queue]
        if not heads:
            return
        yield queues[min(heads)[2]].popleft()


async def _kept(records: AsyncIterator[Record], start: Start) -> AsyncIterator[Record]:
    """What the start asks for: of `Last` the newest over all partitions, of a time what is not older."""
    if isinstance(start, Last):
        newest: deque[Record] = deque(maxlen=start.count)
        async for record in records:
            newest.append(record)
        for record in newest:
            yield record
        return
    async for record in records:
        if not isinstance(start, datetime) or record.timestamp >= start:
            yield record


def _record(item: Any) -> Record:
    when = EPOCH + timedelta(milliseconds=max(item.timestamp, 0))
    return Record(item.topic, item.partition, item.offset, when, item.key, item.value, tuple(item.headers))
