"""Start, watch over, stop: what a worker process does beside its stages.

Faust stays up when it is stuck: not ready for ever, or retrying a broker that is gone. A worker that makes no headway leaves the
process instead, without committing, and its supervisor starts it afresh.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiohttp import web
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.config import Settings
from streams.core.rules import RuleSet
from streams.kafka.connection import client_options
from streams.live.app import Parts
from streams.live.outgoing import leave
from streams.live.tables import Partitions
from streams.live.upkeep import RuleFile, Ticker
from streams.live.web import application
from streams.observe.metrics.worker import WorkerMetrics
from streams.topics import CLAIMS, TOPICS

log = logging.getLogger(__name__)

READY_SECONDS = 90.0
"""A worker that has no partitions and no state for so long leaves."""
BROKER_SECONDS = 120.0
"""So does one that the broker has not answered for so long."""
STOP_SECONDS = 20.0
LAG_SECONDS = 5.0

NOT_READY, BROKER_GONE, TOO_MANY_FAULTS, STUCK, CRASHED = 70, 71, 72, 73, 74
"""Exit statuses."""


class Faults:
    """Counts unexpected exceptions. Each is a dead letter; too many, and the worker stops: the fault is ours, not the article's."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def __call__(self, error: BaseException) -> None:
        self._left -= 1
        if self._left < 0:
            leave(f"too many unexpected errors, the last: {error!r}", TOO_MANY_FAULTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A worker put together and not yet started."""

    parts: Parts
    settings: Settings
    metrics: WorkerMetrics
    rules: RuleSet
    """Those of the rule file."""
    rule_file: RuleFile
    partitions: Partitions
    ticker: Ticker


class Overseer:
    """Knows whether the worker is ready, measures its lag, and ends it when it is stuck."""

    def __init__(self, work: Assembly) -> None:
        self._parts = work.parts
        self._settings = work.settings
        self._metrics = work.metrics
        self._partitions = work.partitions
        self._ticker = work.ticker
        self._last_ready = self._last_answer = monotonic()
        self._input = {topic.named(work.settings.topic_prefix) for topic in TOPICS if topic.read_by_worker}
        self._claims = CLAIMS.named(work.settings.topic_prefix)

    def ready(self) -> bool:
        """Has the worker its partitions (perhaps none) and its state?"""
        app = self._parts.app
        return bool(app.started and not app.should_stop and not app.rebalancing and app.tables.recovery.completed.is_set())

    async def watch(self) -> None:
        """Look once a second, for ever."""
        while True:
            await asyncio.sleep(1)
            now, ready = monotonic(), self.ready()
            self._metrics.ready.set(ready)
            self._last_ready = now if ready else self._last_ready
            if now - self._last_ready > READY_SECONDS:
                leave(f"not ready for {READY_SECONDS:.0f} s", NOT_READY)
            if ready:
                await self._ticker.tick({place.partition for place in self._mine() if place.topic == self._claims})
            self._metrics.partitions_hold(self._partitions.opened)
            if now - self._last_answer > BROKER_SECONDS:
                leave(f"no answer from Kafka at {self._settings.bootstrap} for {BROKER_SECONDS:.0f} s", BROKER_GONE)

    async def measure(self) -> None:
        """Ask the broker for end offsets with a client of our own, for ever: Faust's own figure freezes when fetching stalls."""
        while True:
            try:
                await self._ask()
            except (KafkaError, OSError) as error:
                log.warning("Kafka does not answer: %r", error)
            await asyncio.sleep(LAG_SECONDS)

    async def _ask(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings, client_id="newsgauge-lag"), enable_auto_commit=False)
        try:
            await consumer.start()
            while True:
                mine = self._mine()
                ends = await consumer.end_offsets(sorted(mine)) if mine else {}
                if not mine:
                    await consumer.topics()
                self._last_answer = monotonic()
                self._metrics.lag.clear()
                for place, end in ends.items():
                    self._metrics.lag.labels(place.topic, str(place.partition)).set(max(0, end - mine[place]))
                await asyncio.sleep(LAG_SECONDS)
        finally:
            with contextlib.suppress(KafkaError, OSError):
                await consumer.stop()

    def _mine(self) -> dict[TopicPartition, int]:
        """The input partitions of this worker, each with the offset of the next record to process."""
        if not self.ready():
            return {}
        committed = self._parts.app.consumer._committed_offset
        return {
            TopicPartition(tp.topic, tp.partition): committed.get(tp) or 0
            for tp in self._parts.app.consumer.assignment()
            if tp.topic in self._input
        }


def serve(work: Assembly) -> int:
    """Run the app until a signal says stop; returns the exit status."""
    return asyncio.run(_serve(work))


async def _serve(work: Assembly) -> int:
    settings, app = work.settings, work.parts.app
    overseer = Overseer(work)
    stop = _on_signal()
    runner = web.AppRunner(application(work.metrics, overseer.ready, lambda: _status(overseer, work)), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web_bind, settings.web_port).start()
    except OSError as error:
        log.error("the web page cannot be served at %s:%d: %s", settings.web_bind, settings.web_port, error)
        await runner.cleanup()
        return 1
    log.info("worker starting on %s, http://%s:%d", settings.bootstrap, settings.web_bind, settings.web_port)
    try:
        begun = await _before(stop, asyncio.create_task(work.rule_file.start(work.rules)))
    except (KafkaError, OSError) as error:
        log.error("the rules could not be put in force: %r", error)
        begun = None
    if not begun:
        await runner.cleanup()
        return 0 if begun is False else 1
    tasks = [asyncio.create_task(task) for task in (overseer.watch(), overseer.measure(), work.rule_file.watch())]
    running, stopping = asyncio.create_task(_run(app, overseer)), asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, running, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        ended = next((task.exception() for task in (running, *tasks) if task.done() and not task.cancelled()), None)
        leave(f"crashed: {ended or app.crash_reason!r}", CRASHED)
    await _stop(app, [*tasks, running, stopping])
    await runner.cleanup()
    return 0


def _on_signal() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set. From then on the process ends in time, even where the loop no longer turns."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def asked(*_: object) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(stop.set)
            bound = threading.Timer(STOP_SECONDS, leave, (f"could not stop within {STOP_SECONDS:.0f} s", STUCK))
            bound.daemon = True
            bound.start()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, asked)
    return stop


async def _before(stop: asyncio.Event, work: "asyncio.Task[None]") -> bool:
    """Whether `work` was done before we were told to stop. Raises what it raises."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        stopping.cancel()
        work.result()
        return True
    work.cancel()
    return False


async def _run(app: Any, overseer: Overseer) -> None:
    """Start Faust; returns, or raises, only when it has crashed."""
    await app.start()
    while not overseer.ready():  # noqa: ASYNC110  Faust has no event for it
        await asyncio.sleep(0.05)
    log.info("worker ready")
    await app._crashed.wait()


async def _stop(app: Any, tasks: list[asyncio.Task[Any]]) -> None:
    """Finish the record in work, commit, leave the group. `_on_signal` bounds it: Faust does not always let itself be cancelled."""
    log.info("worker stopping")
    for task in tasks:
        task.cancel()
    await app.stop()


def _status(overseer: Overseer, work: Assembly) -> dict[str, str]:
    settings, rules = work.settings, work.rules
    return {
        "state": "ready" if overseer.ready() else "starting",
        "Kafka": settings.bootstrap,
        "consumer group": settings.consumer_group,
        "topics": ", ".join(topic.named(settings.topic_prefix) for topic in TOPICS),
        "rule file": f"{settings.rules} ({rules.hash})",
        "its rules": ", ".join(f"{rule.id} ({rule.state})" for rule in rules.rules),
    }
