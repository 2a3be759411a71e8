"""The state of a partition on a real broker: read as it was written, and closed to an owner that was."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer

from schemas.codec import encode
from schemas.delivery import Notified, OutboxEntry, Position
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from streams.notify.store import POSITION, REQUEST, Loaded, Store, StoreLostError, Write, outbox_key
from streams.topics import NOTIFIED, OUTBOX
from tests.core.delivery.build import alert, entry
from tests.live.flow import PATIENCE

ENTRY = entry(alert())
KNOWN = Notified(fingerprint=ENTRY.fingerprint, seen=())


@pytest.fixture
async def settings(kafka: KafkaBroker, unique: str) -> Settings:
    found = Settings.model_validate({"bootstrap": kafka.bootstrap, "topic_prefix": unique + ".", "partitions": 2})
    async with Admin(found) as admin:
        await admin.create([OUTBOX, NOTIFIED])
    return found


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    made = Store(settings, 1)
    yield made
    await made.close()


def put(one: OutboxEntry, value: bool = True) -> Write:
    return Write(OUTBOX, outbox_key(one).encode(), encode(one) if value else None, 1)


async def reopened(settings: Settings) -> Loaded:
    again = Store(settings, 1)
    try:
        return await again.load()
    finally:
        await again.close()


async def test_a_partition_that_was_never_written_is_empty(store: Store) -> None:
    assert await store.load() == Loaded()


async def test_what_was_written_is_found_again_and_what_was_settled_is_gone(store: Store, settings: Settings) -> None:
    await store.load()
    other = entry(alert("escalated", 2), 1)
    await asyncio.gather(
        store.write([put(ENTRY), put(other), Write(NOTIFIED, KNOWN.fingerprint.encode(), encode(KNOWN), 1)]),
        store.write([Write(NOTIFIED, POSITION, encode(Position(offset=7)), 1)]),
        store.write([put(other, False)]),
    )
    assert await reopened(settings) == Loaded({outbox_key(ENTRY): ENTRY}, {KNOWN.fingerprint: KNOWN}, 7)
    beside = Store(settings, 0)
    assert await beside.load() == Loaded(), "another partition"
    await beside.close()


async def test_an_owner_that_was_can_write_nothing_more(store: Store, settings: Settings) -> None:
    await store.load()
    await store.write([put(ENTRY)])
    new = Store(settings, 1)
    try:
        assert (await new.load()).entries == {outbox_key(ENTRY): ENTRY}
        with pytest.raises(StoreLostError, match="ProducerFenced"):
            await store.write([put(ENTRY, False)])
        with pytest.raises(StoreLostError):
            await store.write([put(ENTRY, False)])
        await new.write([Write(NOTIFIED, POSITION, encode(Position(offset=9)), 1)])
    finally:
        await new.close()
    assert await reopened(settings) == Loaded({outbox_key(ENTRY): ENTRY}, {}, 9)


async def test_of_a_transaction_that_was_cut_off_nothing_is_read(store: Store, settings: Settings) -> None:
    await store.load()
    producer = store._producer
    assert producer is not None
    await producer.begin_transaction()
    await producer.send_and_wait(OUTBOX.named(settings.topic_prefix), encode(ENTRY), key=outbox_key(ENTRY).encode(), partition=1)
    assert await reopened(settings) == Loaded()


async def test_a_command_asks_through_the_outbox_and_is_heard(store: Store, settings: Settings) -> None:
    await store.load()
    asked = entry(alert(), by_hand=True)
    requests = store.requests()
    waiting = asyncio.create_task(anext(requests))
    await store.write([put(entry(alert("escalated", 2)))])
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    for headers in ([], [(REQUEST, b"redeliver")]):
        key = outbox_key(asked).encode()
        await producer.send_and_wait(OUTBOX.named(settings.topic_prefix), encode(asked), key=key, partition=1, headers=headers)
    await producer.stop()
    assert await asyncio.wait_for(waiting, PATIENCE) == asked, "our own writes are not requests"
    assert (await reopened(settings)).entries[outbox_key(asked)] == asked, "and it is durable by itself"


async def test_state_that_this_version_cannot_read_is_left_alone(store: Store, settings: Settings) -> None:
    await store.load()
    await store.write([put(ENTRY), Write(OUTBOX, b"desk|newer", b'{"schema":"outbox/9"}', 1), Write(NOTIFIED, b"f", b"no json", 1)])
    assert await reopened(settings) == Loaded({outbox_key(ENTRY): ENTRY}, {}, None)
