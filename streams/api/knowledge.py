"""What the API knows, kept current from Kafka by one consumer a topic, and how well."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.claims import decode_record
from schemas.codec import SchemaError
from streams.api.figures import Figures
from streams.api.following import Follower
from streams.api.past import Past
from streams.config import Settings
from streams.core.claims import FAMILY_OF
from streams.core.rules import RuleSet
from streams.kafka import Admin, KafkaClientError, Record, read, translated
from streams.kafka.connection import client_options, stopped
from streams.kafka.rulebook import Rulebook
from streams.observe.metrics.api import ApiMetrics
from streams.topics import ALERTS, CLAIMS, RULES, STATE

__all__ = ["Bell", "Knowledge"]

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the broker is asked where the topics end."""
SILENCE_SECONDS = 10.0
"""A broker that has not answered for so long is gone."""
FORGET_SECONDS = 60.0


class Bell:
    """Wakes everybody who waits for news."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wakes those who wait now."""
        self._event.set()
        self._event.clear()

    async def wait(self) -> None:
        """Until it rings next."""
        await self._event.wait()


class _Alerts(Follower):
    """The past of `alerts`; the alerts that are open longer than it reaches come from `alerts.state`."""

    def __init__(self, settings: Settings, bell: Bell, metrics: ApiMetrics) -> None:
        super().__init__(settings, ALERTS)
        self._bell = bell
        self._metrics = metrics
        self.past = Past((), most=settings.api_max_alerts)

    async def renew(self, begins: list[int]) -> None:
        past = Past(begins, most=self._settings.api_max_alerts)
        async with Admin(self._settings) as admin:
            await admin.require(STATE)
        async for record in read(self._settings, STATE.named(self._settings.topic_prefix), start="beginning"):
            past.recall(record.value)
        past.recalled()
        self.past = past
        self._bell.ring()

    def take(self, record: Record) -> None:
        outcome = self.past.take(record.partition, record.offset, record.timestamp, record.value)
        self._metrics.records.labels(ALERTS.name, outcome).inc()
        if outcome == "taken":
            self._bell.ring()
        elif outcome != "repeated":
            log.warning("%s %d/%d is not shown: %s", record.topic, record.partition, record.offset, outcome)


class _Claims(Follower):
    """The figures of `claims`."""

    def __init__(self, settings: Settings, metrics: ApiMetrics) -> None:
        super().__init__(settings, CLAIMS)
        self._metrics = metrics
        self.figures = Figures(most=settings.api_max_figures)

    async def renew(self, begins: list[int]) -> None:
        self.figures = Figures(most=self._settings.api_max_figures)

    def take(self, record: Record) -> None:
        try:
            self.figures.take(decode_record(record.value), record.timestamp)
            self._metrics.records.labels(CLAIMS.name, "taken").inc()
        except SchemaError as error:
            self._metrics.records.labels(CLAIMS.name, "malformed").inc()
            log.warning("%s %d/%d is not shown: %s", record.topic, record.partition, record.offset, error)


class _Rules(Follower):
    """The rule set that is in force."""

    WHOLE = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, RULES)
        self.book = Rulebook(settings, dict(FAMILY_OF))

    async def renew(self, begins: list[int]) -> None:
        self.book = Rulebook(self._settings, dict(FAMILY_OF))

    def take(self, record: Record) -> None:
        self.book.take(record)


class Knowledge:
    """Alerts, figures and rules."""

    def __init__(self, settings: Settings, metrics: ApiMetrics) -> None:
        self.bell = Bell()
        self._settings = settings
        self._metrics = metrics
        self._alerts = _Alerts(settings, self.bell, metrics)
        self._claims = _Claims(settings, metrics)
        self._rules = _Rules(settings)
        self._followers: tuple[Follower, ...] = (self._alerts, self._claims, self._rules)
        self._answered = float("-inf")
        self._silent = False

    @property
    def past(self) -> Past:
        """The alerts; another object where the topic was made anew."""
        return self._alerts.past

    @property
    def figures(self) -> Figures:
        """The figures."""
        return self._claims.figures

    @property
    def rules(self) -> RuleSet | None:
        """The rule set in force; null: none ever was."""
        book = self._rules.book
        return book.known.get(book.current or "")

    @property
    def rebuilt(self) -> bool:
        """Was everything taken that was there at the start?"""
        return all(follower.caught_up for follower in self._followers)

    @property
    def connected(self) -> bool:
        """Has the broker answered of late?"""
        return monotonic() - self._answered < SILENCE_SECONDS

    async def run(self) -> None:
        """For ever."""
        with translated(self._settings, lambda words: log.warning("Kafka does not answer, trying on: %s", words)):
            async with asyncio.TaskGroup() as group:
                for work in (*(follower.run() for follower in self._followers), self._look(), self._forget()):
                    group.create_task(work)

    async def _look(self) -> None:
        """Ask the broker where the topics end, again and again."""
        while True:
            try:
                await self._ask()
            except (KafkaError, KafkaClientError, OSError, TimeoutError) as error:
                if not self._silent:
                    log.warning("Kafka does not answer; what is known is still served: %r", error)
                self._silent = True
            await asyncio.sleep(LOOK_SECONDS)

    async def _ask(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self._settings, client_id="newsgauge-lag"), enable_auto_commit=False)
        try:
            await consumer.start()
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    for follower in self._followers:
                        places = [TopicPartition(follower.name, partition) for partition in range(len(follower.nexts))]
                        ends = await consumer.end_offsets(places) if places else {}
                        self._see(follower, {place.partition: end for place, end in ends.items()})
                    self._answered = monotonic()
                if self._silent:
                    log.info("Kafka answers again")
                self._silent = False
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await stopped(consumer)

    def _see(self, follower: Follower, ends: Mapping[int, int]) -> None:
        """Compare where a topic ends with how far its follower is."""
        for partition, left in follower.see(ends).items():
            self._metrics.lag.labels(follower.topic.name, str(partition)).set(left)

    def measure(self) -> None:
        """Put into the metrics how things are at this moment."""
        self._metrics.ready.set(self.rebuilt and self.connected)
        self._metrics.held.labels("events").set(len(self.past.ring))
        self._metrics.held.labels("open_alerts").set(self.past.open)
        self._metrics.held.labels("figures").set(len(self.figures))

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            before = datetime.now(UTC) - timedelta(days=self._settings.api_history_days)
            self.past.forget(before)
            self.figures.forget(before)
