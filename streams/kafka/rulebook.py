"""Rule sets in Kafka: their texts in the compacted topic `rules`, their changes as records in every partition of `claims`."""

import asyncio
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.claims import RulesChange
from schemas.codec import encode
from streams.config import Settings
from streams.core.rules import RuleSet, parse
from streams.kafka.connection import KafkaClientError, client_options, stopped
from streams.kafka.reader import Record, read
from streams.topics import CLAIMS, RULES

__all__ = ["Rulebook", "apply_rules"]

CURRENT = b"current"
ENSURE_SECONDS = 20.0


class Rulebook:
    """The rule sets that were ever applied, by hash."""

    def __init__(self, settings: Settings, family_of: dict[str, str]) -> None:
        self._settings = settings
        self._family_of = family_of
        self.known: dict[str, RuleSet] = {}
        self.current: str | None = None
        """The hash that was applied last; null: none ever was."""

    async def load(self) -> None:
        """Read the topic from its beginning to its end of this moment; what is no rule set, or not of its key, is nothing to us.

        Raises aiokafka's errors.
        """
        async for record in read(self._settings, RULES.named(self._settings.topic_prefix), start="beginning"):
            self.take(record)

    def take(self, record: Record) -> None:
        """Take the next record of the topic."""
        text = (record.value or b"").decode(errors="replace")
        if record.key == CURRENT:
            self.current = text or None
        elif record.key and text and record.key.decode(errors="replace") not in self.known:
            found = parse(text, family_of=self._family_of)
            if isinstance(found, RuleSet) and found.hash.encode() == record.key:
                self.known[found.hash] = found

    async def ensure(self, name: str) -> None:
        """Have the rule set `name` (a hash) at hand. KafkaClientError where the topic does not have it; else aiokafka's errors."""
        fault: Exception | None = None
        for _ in range(int(ENSURE_SECONDS)):
            if name in self.known:
                return
            try:
                await self.load()
                fault = None
            except (KafkaError, OSError) as error:
                fault = error
            if name not in self.known:
                await asyncio.sleep(1)
        raise fault or KafkaClientError(f"The topic {RULES.name} has no usable rule set {name}, which the log of claims names.")


async def apply_rules(settings: Settings, rules: RuleSet, text: str, partitions: int) -> None:
    """Put a checked rule set in force: its text first, then one change record into each of the `partitions` of `claims`."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        topic = RULES.named(settings.topic_prefix)
        await producer.send_and_wait(topic, text.encode(), key=rules.hash.encode())
        change = encode(RulesChange(hash=rules.hash, applied=datetime.now(UTC)))
        for partition in range(partitions):
            await producer.send_and_wait(CLAIMS.named(settings.topic_prefix), change, partition=partition)
        await producer.send_and_wait(topic, rules.hash.encode(), key=CURRENT)
    finally:
        await stopped(producer)
