"""The state of one partition in Kafka: `outbox` and `notified`, written in transactions, read whole before anything is delivered.

Why it holds, whoever dies:

- Opening fences: the new owner takes the transactional id of the partition, so that whatever an owner that was (paused, cut off) still
  tries to write is refused. Only then is the state read, up to its end.
- What belongs together is written together: the position in `alerts` with what follows from the alerts before it, the outcome of a try
  with what it changes. So an alert is taken over once, and a crash leaves no half of anything.
- A store that failed once is lost: nothing more is written through it, and its owner opens the partition anew.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.codec import SchemaError, decode
from schemas.delivery import Notified, OutboxEntry, Position
from streams.config import Settings
from streams.kafka.connection import client_options, stopped
from streams.topics import NOTIFIED, OUTBOX, Topic

__all__ = ["POSITION", "REQUEST", "Loaded", "Store", "StoreLostError", "Write", "outbox_key"]

log = logging.getLogger(__name__)

POSITION = b"position"
REQUEST = "newsgauge-request"
"""The header of an outbox entry that a command wrote, not the partition's owner."""
WRITE_SECONDS = 30.0
POLL_MS = 500


class StoreLostError(Exception):
    """Nothing more can be written: the broker is away, or another notifier owns the partition."""


@dataclass(frozen=True, slots=True)
class Write:
    """One record. `partition` None: by its key."""

    topic: Topic
    key: bytes
    value: bytes | None
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The state as it was found. `position` None: the partition was never read."""

    entries: Mapping[str, OutboxEntry] = field(default_factory=dict)
    notified: Mapping[str, Notified] = field(default_factory=dict)
    position: int | None = None


def outbox_key(entry: OutboxEntry) -> str:
    """The key of an entry in `outbox`."""
    return f"{entry.receiver}|{entry.event_id}"


class Store:
    """Open it with `load`, then `write` and follow `requests`; `close` it in any case."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self._settings = settings
        self._partition = partition
        self._prefix = settings.topic_prefix
        self._outbox = TopicPartition(OUTBOX.named(self._prefix), partition)
        self._notified = TopicPartition(NOTIFIED.named(self._prefix), partition)
        self._producer: AIOKafkaProducer | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._waiting: list[tuple[Sequence[Write], asyncio.Future[None]]] = []
        self._drain: asyncio.Task[None] | None = None

    async def load(self) -> Loaded:
        """Fence whoever wrote here before, then read the state. Raises aiokafka's errors."""
        options = client_options(self._settings)
        name = f"{self._prefix}{self._settings.notify_group}-{self._partition}"
        self._producer = AIOKafkaProducer(**options, transactional_id=name, acks="all", transaction_timeout_ms=int(WRITE_SECONDS * 1000))
        await self._producer.start()
        self._consumer = AIOKafkaConsumer(
            **options, enable_auto_commit=False, auto_offset_reset="earliest", isolation_level="read_committed"
        )
        await self._consumer.start()
        self._consumer.assign([self._outbox, self._notified])
        return await self._read(self._consumer)

    async def _read(self, consumer: AIOKafkaConsumer) -> Loaded:
        ends = await consumer.end_offsets([self._outbox, self._notified])
        await consumer.seek_to_beginning(*ends)
        entries: dict[str, OutboxEntry] = {}
        notified: dict[str, Notified] = {}
        position: int | None = None
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    key = (record.key or b"").decode(errors="replace")
                    if place == self._outbox:
                        _put(entries, key, record.value, OutboxEntry)
                    elif record.key == POSITION:
                        position = decode(record.value, Position).offset
                    else:
                        _put(notified, key, record.value, Notified)
        return Loaded(entries, notified, position)

    async def write(self, records: Sequence[Write]) -> None:
        """Write `records` in one transaction, perhaps with those of other callers. StoreLostError where that fails, now and ever after."""
        if self._producer is None:
            raise StoreLostError("the store is closed")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((records, done))
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._commit())
        await done

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            fault = await self._transaction([record for records, _ in batch for record in records])
            for _, done in batch:
                if not done.done():
                    done.set_exception(StoreLostError(fault)) if fault else done.set_result(None)

    async def _transaction(self, records: Sequence[Write]) -> str | None:
        """What went wrong; None: the broker has them all."""
        producer = self._producer
        if producer is None:
            return "the store is closed"
        try:
            async with asyncio.timeout(WRITE_SECONDS), producer.transaction():
                sent = [
                    await producer.send(one.topic.named(self._prefix), one.value, key=one.key, partition=one.partition) for one in records
                ]
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as error:
            self._producer = None
            await stopped(producer)
            return repr(error)
        return None

    async def requests(self) -> AsyncIterator[OutboxEntry]:
        """Entries that commands write into the outbox, as they come, for ever. Raises aiokafka's errors."""
        assert self._consumer is not None
        async for record in self._consumer:
            if record.topic == self._outbox.topic and any(name == REQUEST for name, _ in record.headers):
                try:
                    yield decode(record.value, OutboxEntry)
                except SchemaError as error:
                    log.error("a request at %s-%d offset %d cannot be read: %s", record.topic, record.partition, record.offset, error)

    async def close(self) -> None:
        """Let go of the connections; what is not written by then is not."""
        producer, self._producer = self._producer, None
        await stopped(producer)
        await stopped(self._consumer)
        if self._drain is not None:
            await self._drain


def _put(state: dict[str, OutboxEntry] | dict[str, Notified], key: str, value: bytes | None, kind: type) -> None:
    """The newest value of `key`. One that this version cannot read is left where it is."""
    if value is None:
        state.pop(key, None)
        return
    try:
        state[key] = decode(value, kind)
    except SchemaError as error:
        log.error("the state under %s cannot be read by this version: %s", key, error)
