"""Knows whether the worker does its work, measures how far it is behind, and ends it when it is stuck."""

import asyncio
import faulthandler
import logging
from time import monotonic, time
from typing import Any, get_args

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.config import Settings
from streams.kafka.connection import client_options, stopped
from streams.live.app import Parts
from streams.live.faust_fixes import fetched_to
from streams.live.outgoing import leave
from streams.live.sensor import Place, Progress
from streams.live.tables import Partitions
from streams.live.upkeep import Ticker
from streams.observe.metrics.worker import State, WorkerMetrics
from streams.topics import CLAIMS, TOPICS

log = logging.getLogger(__name__)

READY_SECONDS = 90.0
"""A worker that has no partitions, no state or not all of its topics for so long leaves."""
BROKER_SECONDS = 120.0
"""So does one that the broker has not answered for so long."""
SILENT_SECONDS = 15.0
"""A worker that the broker has not answered for so long says so."""
LOOP_SECONDS = 60.0
"""A worker whose event loop has not turned for so long ends, with status 1, and where each thread stood on standard error. Its heartbeats
come from another thread and would keep its partitions from others."""
LAG_SECONDS = 5.0
NOT_READY, BROKER_GONE = 70, 71
"""Exit statuses."""


class Overseer:
    """Looks at the worker from outside its agents."""

    def __init__(
        self, parts: Parts, settings: Settings, metrics: WorkerMetrics, progress: Progress, partitions: Partitions, ticker: Ticker
    ) -> None:
        self._parts = parts
        self._settings = settings
        self._metrics = metrics
        self._progress = progress
        self._partitions = partitions
        self._ticker = ticker
        self._last_ready = self._last_answer = monotonic()
        self._silent = False
        """Kafka has not answered, and that was logged."""
        self._begun = time()
        self._caught_up: dict[Place, float] = {}
        self._wanted = {topic.named(settings.topic_prefix) for topic in TOPICS}
        self._input = {topic.named(settings.topic_prefix) for topic in TOPICS if topic.read_by_worker}
        self._claims = CLAIMS.named(settings.topic_prefix)
        self._rules: frozenset[str] = frozenset()
        self.missing: set[str] = set()
        """Topics that were there at the start and are gone."""

    def state(self) -> State:
        """What the worker is doing: `ready` is the only state in which articles become alerts."""
        if self.missing:
            return "topics_missing"
        if monotonic() - self._last_answer > SILENT_SECONDS:
            return "kafka_silent"
        return "ready" if self._at_work() else "starting"

    def _at_work(self) -> bool:
        """Has the worker its partitions (perhaps none) and their state?"""
        app = self._parts.app
        return bool(app.started and not app.should_stop and not app.rebalancing and app.tables.recovery.completed.is_set())

    async def watch(self) -> None:
        """Look once a second, for ever."""
        while True:
            await asyncio.sleep(1)
            faulthandler.dump_traceback_later(LOOP_SECONDS, exit=True)
            now, state = monotonic(), self.state()
            for name in get_args(State):
                self._metrics.state.labels(name).set(name == state)
            self._metrics.ready.set(state == "ready")
            self._last_ready = now if state in ("ready", "kafka_silent") else self._last_ready
            if now - self._last_ready > READY_SECONDS:
                leave(f"not ready for {READY_SECONDS:.0f} s: {state}", NOT_READY)
            if now - self._last_answer > BROKER_SECONDS:
                leave(f"no answer from Kafka at {self._settings.bootstrap} for {BROKER_SECONDS:.0f} s", BROKER_GONE)
            self._show()

    async def remind(self) -> None:
        """Send what is due into the partitions of this worker, for ever. Sending may take minutes, and nothing waits for it."""
        while True:
            await asyncio.sleep(1)
            if self.state() == "ready":
                await self._ticker.tick({place.partition for place in self._mine() if place.topic == self._claims})

    def _show(self) -> None:
        """What stands in the partitions of this worker, and the rules in force there."""
        self._metrics.partitions_hold(self._partitions.opened)
        in_force = {watch.rules.hash: watch.rules for watch in self._partitions.opened.values() if watch.rules.hash}
        if in_force and frozenset(in_force) != self._rules:
            self._rules = frozenset(in_force)
            self._metrics.rules_in_force(rule for rules in in_force.values() for rule in rules.rules)

    async def measure(self) -> None:
        """Ask the broker for end offsets with a client of our own, for ever: Faust's own figure freezes when fetching stalls."""
        while True:
            try:
                await self._ask()
            except (KafkaError, OSError) as error:
                if not self._silent:
                    log.warning("Kafka does not answer: %r", error)
                self._silent = True
            await asyncio.sleep(LAG_SECONDS)

    async def _ask(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings, client_id="newsgauge-lag"), enable_auto_commit=False)
        try:
            await consumer.start()
            while True:
                self._find_missing(await consumer.topics())
                mine = {place: offset for place, offset in self._mine().items() if place.topic not in self.missing}
                ends = await consumer.end_offsets(sorted(mine)) if mine else {}
                self._last_answer = monotonic()
                if self._silent:
                    log.info("Kafka answers again")
                self._silent = False
                self._metrics.answered.set_to_current_time()
                self._show_progress(mine, ends)
                await asyncio.sleep(LAG_SECONDS)
        finally:
            await stopped(consumer)

    def _find_missing(self, there: set[str]) -> None:
        missing = self._wanted - there
        if missing - self.missing:
            log.error("topics are gone: %s", ", ".join(sorted(missing)))
        self.missing = missing

    def _show_progress(self, mine: dict[TopicPartition, int], ends: dict[TopicPartition, int]) -> None:
        """What waits came after the last record that went through, and after there was no lag last; before both, we know no better than
        that it was there when we began to look."""
        now = time()
        for gauge in (self._metrics.offset, self._metrics.lag, self._metrics.lag_seconds):
            gauge.clear()
        for (topic, partition), end in ends.items():
            place, offset = (topic, partition), mine[topic, partition]
            records = max(0, end - offset)
            self._metrics.offset.labels(topic, str(partition)).set(offset)
            if not records:
                self._caught_up[place] = now
            since = max(self._caught_up.get(place, 0.0), self._progress.finished.get(place, 0.0)) or self._begun
            self._metrics.lag.labels(topic, str(partition)).set(records)
            self._metrics.lag_seconds.labels(topic, str(partition)).set(now - since if records else 0)

    def _mine(self) -> dict[TopicPartition, int]:
        """The input partitions of this worker, each with the offset of the next record to process."""
        if not self._at_work():
            return {}
        assigned = self._parts.app.consumer.assignment()
        return {TopicPartition(tp.topic, tp.partition): self._next(tp) for tp in assigned if tp.topic in self._input}

    def _next(self, tp: Any) -> int:
        """The offset of the next record to process."""
        committed: int = self._parts.app.consumer._committed_offset.get(tp) or 0
        last, position = fetched_to(self._parts.app, tp)
        return committed if last >= committed else max(committed, position)

    def rules(self) -> str:
        """The rules in force in the partitions of this worker, for people."""
        in_force = {watch.rules.hash: watch.rules for watch in self._partitions.opened.values()}
        return "; ".join(
            f"{name[:12] or 'none'}: {', '.join(f'{rule.id} ({rule.state})' for rule in rules.rules)}" for name, rules in in_force.items()
        )
