"""One contract for both brokers that the project can start, and what only Kafka promises."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.brokers import Broker, BrokerError
from streams.brokers.kafka import KafkaBroker
from streams.brokers.mock import MockBroker
from tests.live.flow import PATIENCE, alive, wait_for

VALUES = [f"value {number}".encode() for number in range(20)]


@pytest.fixture(params=["kafka", "mock"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    if request.param == "kafka":
        yield request.getfixturevalue("kafka")
        return
    with MockBroker() as mock:
        yield mock


async def create(broker: Broker, topic: str) -> None:
    """The mock broker creates a topic when it is first asked for; Kafka wants it created."""
    if isinstance(broker, KafkaBroker):
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(topic, num_partitions=4, replication_factor=1)])
        await admin.close()


async def produce(broker: Broker, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, max_request_size=10 << 20) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key=value[:8])


async def read(broker: Broker, topic: str, count: int, group: str | None = None) -> list[bytes]:
    """The next `count` values, from the earliest or from what the group committed; commits what it read."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=broker.bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    values: list[bytes] = []
    async with consumer, asyncio.timeout(PATIENCE):
        while len(values) < count:
            for records in (await consumer.getmany(timeout_ms=200, max_records=count - len(values))).values():
                values += [record.value for record in records]
        if group is not None:
            await consumer.commit()
    return values


async def test_what_is_produced_is_read_from_the_earliest_offset(broker: Broker, unique: str) -> None:
    """Every record comes back, and a second reader without a group sees them all again."""
    await create(broker, unique)
    await produce(broker, unique, VALUES)
    assert sorted(await read(broker, unique, len(VALUES))) == sorted(VALUES)
    assert sorted(await read(broker, unique, len(VALUES))) == sorted(VALUES)


async def test_a_group_goes_on_from_its_committed_offsets(broker: Broker, unique: str) -> None:
    """A group's second consumer reads exactly what its first did not commit."""
    await create(broker, unique)
    await produce(broker, unique, VALUES)
    first = await read(broker, unique, 7, group=unique)
    rest = await read(broker, unique, len(VALUES) - 7, group=unique)
    assert sorted(first + rest) == sorted(VALUES)


async def test_a_record_of_four_megabytes_passes(broker: Broker, unique: str) -> None:
    """The largest article that the schema allows must not fail on the broker."""
    await create(broker, unique)
    await produce(broker, unique, [b"x" * 4_000_000])
    (value,) = await read(broker, unique, 1)
    assert len(value) == 4_000_000


async def test_start_and_stop_may_be_repeated(broker: Broker) -> None:
    """A second start changes nothing; a broker that never ran can be stopped."""
    assert broker.start() == broker.bootstrap
    MockBroker().stop()
    KafkaBroker().stop()


def test_a_stopped_broker_leaves_nothing() -> None:
    """No process, no listener, no directory."""
    broker = KafkaBroker()
    host, port = broker.start().split(":")
    home = broker.log.parent
    broker.stop()
    assert not home.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)


async def test_kafka_killed_and_started_again_keeps_records_and_offsets(tmp_path: Path, unique: str) -> None:
    """kill -9 loses nothing that was acknowledged, and the address stays: clients come back by themselves.

    A directory of the caller's outlives `stop` too: that is what `newsgauge broker run --data` is for.
    """
    with KafkaBroker(data=tmp_path / "data") as broker:
        await create(broker, unique)
        await produce(broker, unique, VALUES)
        first = await read(broker, unique, 7, group=unique)
        before = broker.bootstrap
        broker.kill()
        assert not broker.running
        assert await asyncio.to_thread(broker.start) == before
        rest = await read(broker, unique, len(VALUES) - 7, group=unique)
        assert sorted(first + rest) == sorted(VALUES)
    assert (tmp_path / "data").is_dir()


def test_kafka_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A parent killed with -9 leaves neither the broker nor its directory."""
    script = "from streams.brokers.kafka import *; b = KafkaBroker(); b.start(); print(b._process.pid, b.log.parent, flush=True); input()"
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, home = parent.stdout.readline().split()
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert wait_for(lambda: not alive(int(pid)))
    assert wait_for(lambda: not Path(home).exists())


def test_missing_jars_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="make kafka"):
        KafkaBroker(libs=tmp_path).start()


def test_missing_java_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrokerError, match="Java 17 or newer"):
        KafkaBroker().start()


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BrokerError, match="in use"):
            KafkaBroker(port=taken.getsockname()[1]).start()


def test_an_address_before_the_start_is_an_error() -> None:
    for broker in (KafkaBroker(), MockBroker()):
        with pytest.raises(BrokerError, match="before it is started"):
            _ = broker.bootstrap
