"""Each fault of Faust that faust_fixes mends, shown on the stock code, and gone with the fix.

Where a test says that upstream has mended a fault, drop that fix and raise the pinned version.
"""

import asyncio
import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.consumer import fetcher
from faust.tables.recovery import Recovery
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.producer import ProducerBuffer
from faust.types import TP

from streams.brokers.kafka import KafkaBroker
from streams.live import faust_fixes
from streams.live.faust_fixes import FETCH_WAIT_MS, FIXES, STOCK, UnsupportedFaustError, install
from tests.live.flow import PATIENCE, everything

WORKER = Path(__file__).with_name("counting_worker.py")
PARTITIONS = 4
QUIET_SECONDS = 8.0
BOTH = pytest.mark.parametrize("mended", [False, True], ids=["stock", "mended"])
MENDED_UPSTREAM = "upstream has mended this fault: drop our fix of it"


@pytest.fixture(autouse=True)
def stock_faust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts from upstream's code, and leaves it as it found it."""
    for owner, name, _ in FIXES:
        monkeypatch.setattr(owner, name, STOCK[name])


def use(mended: bool) -> None:
    if mended:
        install()


def test_install_replaces_every_faulty_method_and_may_be_repeated() -> None:
    install()
    install()
    assert all(getattr(owner, name) is fixed is not STOCK[name] for owner, name, fixed in FIXES)


def test_another_version_of_faust_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix laid over code that it was not written for could lose what it is there to save."""
    monkeypatch.setattr(faust_fixes, "version", lambda _: "0.16.0")
    with pytest.raises(UnsupportedFaustError, match=r"faust-streaming 0\.15\.3, and 0\.16\.0 is installed"):
        install()
    assert all(getattr(owner, name) is STOCK[name] for owner, name, _ in FIXES)


class Recorder:
    """Stands for Recovery and for all that it calls: notes what matters here, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        stream, changelog = TP("articles", 0), TP("changelog", 0)
        consumer = SimpleNamespace(
            assignment=lambda: {stream, changelog},
            perform_seek=self._later("seek"),
            resume_partitions=lambda partitions: self.calls.append("fetchable") if partitions == {stream} else None,
            resume_flow=lambda: self.calls.append("flow"),
        )
        self.app = SimpleNamespace(
            consumer=consumer,
            consumer_generation_id=7,
            conf=SimpleNamespace(broker_request_timeout=1.0),
            flow_control=SimpleNamespace(resume=lambda: self.calls.append("clear")),
            on_rebalance_complete=SimpleNamespace(send=self._later("")),
            on_rebalance_end=lambda: None,
            _fetcher=SimpleNamespace(maybe_start=self._later("")),
            assignor=SimpleNamespace(assigned_standbys=set),
        )
        quiet = SimpleNamespace(info=lambda *_: None, dev=lambda *_: None, warning=lambda *_: None)
        self.log, self.completed = quiet, asyncio.Event()
        self.tables = SimpleNamespace(values=list, on_actives_ready=lambda: None, on_standbys_ready=lambda: None)

    def _later(self, name: str) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            self.calls.append(name)

        return call

    def _is_changelog_tp(self, partition: TP) -> bool:
        return partition.topic == "changelog"

    def _set_recovery_ended(self) -> None: ...

    async def _wait(self, coroutine: Awaitable[None], **_: Any) -> None:
        await coroutine


@BOTH
async def test_fault_1_streams_are_fetched_only_after_the_seek_and_the_clearing(mended: bool) -> None:
    """What is fetched before the seek is cleared and counted as done (upstream issue 596)."""
    use(mended)
    recovery: Any = Recorder()
    await Recovery.on_recovery_completed(recovery, 7)
    order = [call for call in recovery.calls if call]
    if mended:
        assert order == ["seek", "clear", "fetchable", "flow"]
        assert recovery.completed.is_set()
    else:
        assert order.index("fetchable") < order.index("seek"), MENDED_UPSTREAM


@BOTH
async def test_fault_1_does_nothing_for_a_generation_that_is_over(mended: bool) -> None:
    """Another rebalance has begun: its own recovery will let the streams go on."""
    use(mended)
    recovery: Any = Recorder()
    await Recovery.on_recovery_completed(recovery, 6)
    assert [call for call in recovery.calls if call] == []
    assert not recovery.completed.is_set()


class Records:
    """Stands for the records of one partition in aiokafka's fetcher; its `fetched_records` is the real one."""

    def getall(self, _: int | None) -> list[Any]:
        return [SimpleNamespace(offset=7)]

    def has_more(self) -> bool:
        return False


async def fetch(monkeypatch: pytest.MonkeyPatch, fetchable: set[TP] | None, meanwhile: Callable[[], object]) -> tuple[Any, list[TP]]:
    """A fetch that waits, during which records of two partitions arrive; returns what it took and what it left."""
    monkeypatch.setattr(fetcher, "FetchResult", Records)
    arrived = asyncio.get_running_loop().create_future()
    held: dict[TP, Records] = {}
    subscriptions = SimpleNamespace(reassignment_in_progress=False, is_assigned=lambda _: True, fetch_context=nullcontext)
    source = SimpleNamespace(_records=held, _subscriptions=subscriptions, _closed=False, _notify=lambda _: None, _wait_consume_future=None)
    source._create_fetch_waiter = lambda: arrived
    source.fetched_records = lambda *args, **limits: fetcher.Fetcher.fetched_records(source, *args, **limits)
    thread: Any = SimpleNamespace(consumer=SimpleNamespace(flow_active=True))
    consumer: Any = SimpleNamespace(_fetcher=source, _closed=False)
    pending = asyncio.ensure_future(AIOKafkaConsumerThread._fetch_records(thread, consumer, fetchable, timeout=0.3, max_records=None))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    meanwhile()
    held.update({TP("articles", 0): Records(), TP("changelog", 0): Records()})
    arrived.set_result(None)
    monkeypatch.setattr(source, "_create_fetch_waiter", asyncio.get_running_loop().create_future)
    return await pending, sorted(held)


@BOTH
async def test_fault_2_a_fetch_takes_nothing_while_all_partitions_are_paused(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka takes an empty set for all partitions; the consumer then throws away what it did not ask for."""
    use(mended)
    fetchable = {TP("changelog", 0)}
    taken, left = await fetch(monkeypatch, fetchable, fetchable.clear)
    if mended:
        assert (taken, left) == ({}, [TP("articles", 0), TP("changelog", 0)])
    else:
        assert sorted(taken) == [TP("articles", 0), TP("changelog", 0)], MENDED_UPSTREAM


async def test_fault_2_a_fetch_takes_what_may_be_fetched_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is resumed during a fetch is taken, what is paused during it is left, and None stands for all."""
    install()
    fetchable = {TP("changelog", 0)}
    taken, left = await fetch(
        monkeypatch, fetchable, lambda: fetchable.symmetric_difference_update([TP("articles", 0), TP("changelog", 0)])
    )
    assert (sorted(taken), left) == ([TP("articles", 0)], [TP("changelog", 0)])
    taken, left = await fetch(monkeypatch, None, lambda: None)
    assert (len(taken), left) == (2, [])


@BOTH
async def test_fault_3_a_flush_waits_for_messages_that_leave_slowly(mended: bool) -> None:
    """Offsets are committed after a flush: what is not out by then is lost in a crash."""
    use(mended)
    sent: list[int] = []

    async def publish(message: Any, wait: bool) -> None:
        await asyncio.sleep(0.25)
        sent.append(message.number)

    buffer = ProducerBuffer()
    buffer.app = SimpleNamespace(conf=SimpleNamespace(producer_threaded=False))  # type: ignore[assignment]
    async with buffer:
        for number in range(3):
            message: Any = SimpleNamespace(number=number, message=SimpleNamespace(channel=SimpleNamespace(publish_message=publish)))
            buffer.put(message)
        await buffer.flush()
        after_flush = list(sent)
        await asyncio.sleep(0.8)
    if mended:
        assert after_flush == [0, 1, 2]
    else:
        assert len(after_flush) < 3, MENDED_UPSTREAM


async def test_fault_3_a_flush_of_a_stopped_buffer_is_an_error() -> None:
    """It could wait for ever."""
    install()
    buffer = ProducerBuffer()
    buffer.app = SimpleNamespace(conf=SimpleNamespace(producer_threaded=False))  # type: ignore[assignment]
    message: Any = SimpleNamespace()
    buffer.put(message)
    with pytest.raises(RuntimeError, match="not Running"):
        await buffer.flush()


class Run:
    """The topics of one counting worker on Kafka, what was put in, and what came out."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.bootstrap, self.name = bootstrap, name
        self.source, self.sink = f"{name}-in", f"{name}-out"
        self.put: Counter[str] = Counter()

    async def create(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        changelog = NewTopic(f"{self.name}-counts-changelog", PARTITIONS, 1, topic_configs={"cleanup.policy": "compact"})
        await admin.create_topics([NewTopic(self.source, PARTITIONS, 1), NewTopic(self.sink, PARTITIONS, 1), changelog])
        await admin.close()

    async def load(self, count: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for number in range(count):
                key = f"key {number % 50}"
                self.put[key] += 1
                await producer.send(self.source, b"1", key=key.encode())
            await producer.flush()

    @contextmanager
    def worker(self, code: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """A worker that has said `ready`; killed with -9 on leaving. A static member of its group, so it can come back at once."""
        settings = json.dumps({"consumer_group_instance_id": "only"})
        command = [sys.executable, str(WORKER), self.bootstrap, self.name, self.source, self.sink, code, settings]
        variables = {**os.environ, **environment}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as process, ExitStack() as stack:
            stack.callback(process.kill)
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], PATIENCE)[0], "the worker does not get ready"
            assert process.stdout.readline() == "ready\n"
            yield process

    async def committed(self, wanted: int) -> int:
        """The sum of the committed offsets, as soon as it is what is wanted or when time is up."""
        partitions = [TopicPartition(self.source, number) for number in range(PARTITIONS)]
        end = asyncio.get_running_loop().time() + PATIENCE
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=self.name, enable_auto_commit=False) as consumer:
            while True:
                total = sum([await consumer.committed(partition) or 0 for partition in partitions])
                if total == wanted or asyncio.get_running_loop().time() > end:
                    return total
                await asyncio.sleep(0.2)

    async def counted(self) -> Counter[str]:
        """The highest count that came out, by key, as soon as everything has or nothing more does for `QUIET_SECONDS`."""
        highest: Counter[str] = Counter()
        came, last = -1, asyncio.get_running_loop().time()
        while highest != self.put and asyncio.get_running_loop().time() - last < QUIET_SECONDS:
            records = await everything(self.bootstrap, self.sink)
            if len(records) > came:
                came, last = len(records), asyncio.get_running_loop().time()
            for record in [json.loads(record.value) for record in records]:
                highest[record["key"]] = max(highest[record["key"]], record["count"])
            await asyncio.sleep(0.3)
        return highest


@BOTH
async def test_a_worker_killed_and_started_again_on_a_backlog_counts_everything_once(mended: bool, kafka: KafkaBroker, unique: str) -> None:
    """The whole of it on a real broker: kill -9, a backlog, a restart. Stock Faust skips input here.

    The race is made certain: the consumer pauses for 1 s while nothing may be fetched, so a seek whose end is noticed
    after 1.5 s, and records that take longer than that, leave some in the queue when stock Faust clears it.
    """
    code = "mended" if mended else "stock"
    run = Run(kafka.bootstrap, unique)
    await run.create()
    await run.load(400)
    with run.worker(code):
        assert await run.committed(400) == 400
    await run.load(400)
    with run.worker(code, SLOW_SEEK="1.5", SLOW_RECORDS="0.01"):
        if mended:
            assert await run.committed(800) == 800
            assert await run.counted() == run.put
        else:
            assert await run.counted() != run.put, MENDED_UPSTREAM


@BOTH
async def test_fault_4_a_fetch_does_not_wait_longer_than_an_alert_may_take(mended: bool, tmp_path: Path) -> None:
    use(mended)
    app = faust.App("wait", broker="kafka://127.0.0.1:1", datadir=str(tmp_path), store="memory://")
    thread: Any = SimpleNamespace(app=app, consumer=SimpleNamespace(in_transaction=False))
    consumer = AIOKafkaConsumerThread._create_worker_consumer(thread, app.transport)
    if mended:
        assert consumer._fetch_max_wait_ms == FETCH_WAIT_MS
    else:
        assert consumer._fetch_max_wait_ms > 1_000, MENDED_UPSTREAM
