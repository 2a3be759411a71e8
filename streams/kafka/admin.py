"""The topics of the flow on a broker: create what is missing, say what is wrong, show what is in them.

A broker that cannot create topics (librdkafka's mock cluster) makes them itself, with its own number of partitions, when they are
asked for by name; what can be asked of it is less, and the answers here say so by None.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

from streams.config import Settings
from streams.kafka.connection import KafkaClientError, client_options, stopped
from streams.topics import TOPICS, Topic

__all__ = ["Admin", "Described", "Span"]

APPEAR_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Span:
    """One partition: the offsets of the oldest record and of the next to come, and what the workers have committed."""

    partition: int
    begin: int
    end: int
    committed: int | None

    @property
    def lag(self) -> int:
        """Records that the workers have not done with."""
        return self.end - max(self.committed or 0, self.begin)


@dataclass(frozen=True, slots=True)
class Described:
    """One topic as it is. `spans` is empty where it does not exist."""

    topic: Topic
    name: str
    spans: tuple[Span, ...]

    @property
    def records(self) -> int:
        """Records between begin and end (an upper bound where the topic is compacted)."""
        return sum(span.end - span.begin for span in self.spans)

    @property
    def lag(self) -> int | None:
        """Records that the workers have not done with; None where they do not read the topic."""
        return sum(span.lag for span in self.spans) if self.topic.read_by_worker else None


class Admin:
    """The topics as one broker has them. `async with Admin(settings) as admin: ...`; raises aiokafka's errors (see `translated`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaAdminClient(**client_options(settings))

    async def __aenter__(self) -> Self:
        await self._client.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.close()

    async def partitions(self) -> dict[str, int]:
        """How many partitions each of the flow's topics that exist has, by its name in streams/topics.py. Creates nothing."""
        found = {topic["topic"]: len(topic["partitions"]) for topic in await self._client.describe_topics()}
        named = ((topic.name, topic.named(self._settings.topic_prefix)) for topic in TOPICS)
        return {short: found[name] for short, name in named if found.get(name)}

    async def create(self, wanted: Sequence[Topic] = TOPICS) -> list[Topic]:
        """Creates those of `wanted` that are missing, waits for them, and returns them. KafkaClientError where one cannot be."""
        there = await self.partitions()
        missing = [topic for topic in wanted if topic.name not in there]
        if missing and await self._creates_topics():
            await self._create(missing)
        elif missing:
            await self._client.describe_topics([topic.named(self._settings.topic_prefix) for topic in missing])
        for _ in range(int(APPEAR_SECONDS / POLL_SECONDS)):
            there = await self.partitions()
            if all(topic.name in there for topic in missing):
                return missing
            await asyncio.sleep(POLL_SECONDS)
        names = ", ".join(topic.named(self._settings.topic_prefix) for topic in missing if topic.name not in there)
        raise KafkaClientError(f"Kafka has accepted the topics {names} but does not show them after {APPEAR_SECONDS:.0f} s.")

    async def ensure(self, name: str) -> None:
        """Creates the topic `name` (as on the broker), which is none of the flow's, unless it is there or comes by itself."""
        if name in await self._client.list_topics() or not await self._creates_topics():
            return
        await self._create_named([NewTopic(name, self._settings.partitions, self._settings.replication_factor)])

    async def require(self, topic: Topic) -> None:
        """KafkaClientError where `topic` does not exist. A broker that makes topics by itself is let do so."""
        if topic.name in await self.partitions():
            return
        if await self._creates_topics():
            name, at = topic.named(self._settings.topic_prefix), self._settings.bootstrap
            raise KafkaClientError(f"Kafka at {at} has no topic {name}: a worker creates it when it starts, or `newsgauge topics create`.")
        await self.create([topic])

    async def delete(self, prefix: str) -> None:
        """Deletes every topic whose name starts with `prefix` (which must not be empty)."""
        if not prefix:
            raise ValueError("a prefix is needed: without one every topic of the broker would go")
        names = [name for name in await self._client.list_topics() if name.startswith(prefix)]
        if names and await self._creates_topics():
            await self._client.delete_topics(names)

    async def check(self) -> list[str]:
        """What is wrong with the topics, in sentences; empty where the workers can start."""
        there = await self.partitions()
        prefix = self._settings.topic_prefix
        missing = [f"The topic {topic.named(prefix)} does not exist." for topic in TOPICS if topic.name not in there]
        configs = await self._configs([topic for topic in TOPICS if topic.name in there])
        return missing + _partition_faults(there, prefix) + (_config_faults(configs, self._settings) if configs else [])

    async def describe(self) -> list[Described]:
        """Every topic of the flow with its offsets and the workers' lag."""
        there = await self.partitions()
        prefix = self._settings.topic_prefix
        places = {topic: [TopicPartition(topic.named(prefix), index) for index in range(there.get(topic.name, 0))] for topic in TOPICS}
        begin, end = await self._offsets([place for some in places.values() for place in some])
        read = [place for topic, some in places.items() if topic.read_by_worker for place in some]
        done = await self._committed(read) if read else {}
        return [
            Described(topic, topic.named(prefix), tuple(Span(at.partition, begin[at], end[at], done.get(at)) for at in some))
            for topic, some in places.items()
        ]

    async def _committed(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """What the workers have committed. A broker that was never asked for a group first makes the topic for it: ask again."""
        for _ in range(int(APPEAR_SECONDS / POLL_SECONDS)):
            try:
                found = await self._client.list_consumer_group_offsets(self._settings.consumer_group, partitions=places)
                return {place: committed.offset for place, committed in found.items() if committed.offset >= 0}
            except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
                await asyncio.sleep(POLL_SECONDS)
        raise KafkaClientError(f"Kafka at {self._settings.bootstrap} has no coordinator for the group {self._settings.consumer_group}.")

    async def _offsets(self, places: list[TopicPartition]) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """Where each partition begins and ends."""
        if not places:
            return {}, {}
        consumer = AIOKafkaConsumer(**client_options(self._settings))
        await consumer.start()
        try:
            return await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        finally:
            await stopped(consumer)

    async def _creates_topics(self) -> bool:
        """Whether the broker can create topics when told to: it names a controller."""
        cluster = await self._client.describe_cluster()
        return cluster["controller_id"] in {broker["node_id"] for broker in cluster["brokers"]}

    async def _create(self, topics: Sequence[Topic]) -> None:
        settings = self._settings
        new = [
            NewTopic(
                topic.named(settings.topic_prefix),
                settings.partitions,
                settings.replication_factor,
                topic_configs=topic.settings(settings.max_message_bytes),
            )
            for topic in topics
        ]
        await self._create_named(new)

    async def _create_named(self, new: Sequence[NewTopic]) -> None:
        answer = await self._client.create_topics(list(new))
        for name, code, message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise KafkaClientError(f"Kafka did not create the topic {name}: {message or error.description}")

    async def _configs(self, topics: Sequence[Topic]) -> dict[Topic, dict[str, str]] | None:
        """The settings of each topic; None where the broker does not tell."""
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic.named(self._settings.topic_prefix)) for topic in topics]
        try:
            answers = await self._client.describe_configs(resources)
        except IncompatibleBrokerVersion:
            return None
        found: dict[str, dict[str, str]] = {}
        for answer in answers:
            for code, message, _, name, entries in answer.resources:
                if code:
                    raise KafkaError(message or for_code(code).description)
                found[name] = {entry[0]: entry[1] for entry in entries}
        return {topic: found[topic.named(self._settings.topic_prefix)] for topic in topics}


def _partition_faults(there: Mapping[str, int], prefix: str) -> list[str]:
    """All topics of the flow need the same number: a key must fall into the same partition everywhere."""
    if len(set(there.values())) <= 1:
        return []
    counts = ", ".join(f"{prefix}{name} {count}" for name, count in there.items())
    return [f"The topics differ in their number of partitions, which must be the same for all: {counts}."]


def _config_faults(configs: Mapping[Topic, Mapping[str, str]], settings: Settings) -> list[str]:
    """Settings under which records would be lost or refused. How long records are kept is the operator's choice."""
    faults = []
    for topic, found in configs.items():
        name = topic.named(settings.topic_prefix)
        policy = set(found["cleanup.policy"].split(","))
        if policy != {topic.cleanup}:
            faults.append(f"The topic {name} has cleanup.policy {found['cleanup.policy']}; it should be {topic.cleanup}.")
        needed = topic.max_message_bytes(settings.max_message_bytes)
        if int(found["max.message.bytes"]) < needed:
            faults.append(f"The topic {name} takes records of at most {found['max.message.bytes']} bytes; it should take {needed}.")
    return faults
