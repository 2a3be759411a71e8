"""Silences and disabled receivers, as every notifier and every command sees them: two small compacted topics, read whole, then followed."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.codec import SchemaError, decode
from schemas.delivery import ReceiverState, Silence
from streams.config import Settings
from streams.core.delivery.matchers import fault
from streams.kafka.connection import client_options, stopped
from streams.topics import RECEIVERS, SILENCES

__all__ = ["Followed"]

log = logging.getLogger(__name__)

POLL_MS = 500
AGAIN_SECONDS = 1.0


class Followed:
    """`load` reads both topics up to their end; `follow` goes on from there for ever and calls `changed` after each change."""

    def __init__(self, settings: Settings, changed: Callable[[], None] = lambda: None) -> None:
        self._settings = settings
        self._changed = changed
        self._consumer: AIOKafkaConsumer | None = None
        self.silences: dict[str, Silence] = {}
        self.receivers: dict[str, ReceiverState] = {}

    def disabled(self, name: str) -> ReceiverState | None:
        """The state of the receiver `name` where it is disabled."""
        found = self.receivers.get(name)
        return found if found is not None and found.state == "disabled" else None

    async def load(self) -> None:
        """Read everything. Raises aiokafka's errors."""
        names = [topic.named(self._settings.topic_prefix) for topic in (SILENCES, RECEIVERS)]
        consumer = AIOKafkaConsumer(
            *names,
            **client_options(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        self._consumer = consumer
        await consumer.start()
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(sorted(consumer.assignment()))
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    self._take(record.topic, record.key, record.value)

    async def follow(self) -> None:
        """Never returns: a broker that is away is waited for."""
        while True:
            try:
                if self._consumer is None:
                    await self.load()
                    self._changed()
                assert self._consumer is not None
                async for record in self._consumer:
                    self._take(record.topic, record.key, record.value)
                    self._changed()
            except (KafkaError, OSError) as error:
                log.warning("silences and receivers are not followed; trying on: %r", error)
                await self.close()
                await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        """Let go of the connection."""
        consumer, self._consumer = self._consumer, None
        await stopped(consumer)

    def take(self, state: ReceiverState) -> None:
        """Know of a change of our own before the broker repeats it."""
        known = self.receivers.get(state.name)
        if known is None or state.generation >= known.generation:
            self.receivers[state.name] = state

    def _silence(self, name: str, silence: Silence) -> None:
        """One that cannot be asked keeps nothing back."""
        faults = list(filter(None, map(fault, silence.matchers)))
        if faults:
            self.silences.pop(name, None)
            log.error("the silence %s is not in force: %s", name, "; ".join(faults))
        else:
            self.silences[name] = silence

    def _take(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode(errors="replace")
        silences = topic == SILENCES.named(self._settings.topic_prefix)
        try:
            if value is None:
                (self.silences if silences else self.receivers).pop(name, None)
            elif silences:
                self._silence(name, decode(value, Silence))
            else:
                self.take(decode(value, ReceiverState))
        except SchemaError as error:
            log.error("what stands in %s under %s is nothing that this version reads: %s", topic, name, error)
