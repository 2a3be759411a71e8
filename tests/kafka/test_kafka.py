"""Topics and records on a real Apache Kafka, and what is left of it on the mock broker."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.brokers.kafka import KafkaBroker
from streams.brokers.mock import MockBroker
from streams.config import Settings
from streams.kafka import Admin, At, KafkaClientError, Last, Record, Start, Writer, read, translated
from streams.kafka.reader import Between
from streams.topics import ARTICLES, CLAIMS, DEAD, STATE, TOPICS
from tests.live.flow import PATIENCE


@pytest.fixture
def settings(kafka: KafkaBroker, unique: str) -> Settings:
    return Settings(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.", partitions=3)


async def fill(settings: Settings, topic: str, values: list[bytes], *, key: bytes | None = b"k") -> None:
    """Writes the values one after the other, each settled before the next."""
    faults: list[BaseException | None] = []
    async with Writer(settings) as writer:
        for value in values:
            settled = asyncio.Event()
            await writer.write(topic, value, key=key, done=lambda fault, settled=settled: (faults.append(fault), settled.set()))  # type: ignore[misc]
            await settled.wait()
    assert faults == [None] * len(values)


async def values_of(settings: Settings, topic: str, start: Start) -> list[bytes | None]:
    return [record.value async for record in read(settings, topic, start=start)]


async def test_created_topics_are_as_the_table_says(settings: Settings) -> None:
    async with Admin(settings) as admin:
        assert [topic.name for topic in await admin.create()] == [topic.name for topic in TOPICS]
        assert await admin.partitions() == {topic.name: 3 for topic in TOPICS}
        assert await admin.check() == []
        configs = await admin._configs(TOPICS)
    assert configs is not None
    assert configs[STATE]["cleanup.policy"] == "compact"
    assert configs[CLAIMS]["retention.ms"] == str(365 * 24 * 3600 * 1000)
    assert int(configs[DEAD]["max.message.bytes"]) > int(configs[ARTICLES]["max.message.bytes"]) == 8_388_608


async def test_creating_again_changes_nothing(settings: Settings) -> None:
    async with Admin(settings) as admin:
        await admin.create()
        assert await admin.create() == []


async def test_missing_topics_are_named(settings: Settings) -> None:
    async with Admin(settings) as admin:
        assert f"The topic {settings.topic_prefix}claims does not exist." in await admin.check()
        assert await admin.partitions() == {}, "checking creates nothing"


async def test_wrong_topics_are_said_in_sentences(settings: Settings) -> None:
    async with Admin(settings) as admin:
        client = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
        await client.start()
        small = NewTopic(ARTICLES.named(settings.topic_prefix), 3, 1, topic_configs={"max.message.bytes": "1048588"})
        await client.create_topics([NewTopic(STATE.named(settings.topic_prefix), 2, 1), small])
        await client.close()
        await admin.create()
        faults = await admin.check()
    assert len(faults) == 3
    assert "differ in their number of partitions" in faults[0] and f"{settings.topic_prefix}alerts.state 2" in faults[0]
    assert f"{settings.topic_prefix}articles takes records of at most 1048588 bytes; it should take 8388608." in faults[1]
    assert f"{settings.topic_prefix}alerts.state has cleanup.policy delete; it should be compact." in faults[2]


async def test_a_replication_factor_that_cannot_be_is_refused_with_kafkas_words(settings: Settings) -> None:
    async with Admin(settings.model_copy(update={"replication_factor": 3})) as admin:
        with pytest.raises(KafkaClientError, match=r"did not create the topic .*: .*replication factor"):
            await admin.create()


async def test_description_counts_records_and_lag(settings: Settings) -> None:
    name = ARTICLES.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
        await fill(settings, name, [b"1", b"2", b"3"])
        before = {described.topic.name: described for described in await admin.describe()}
        await commit(settings, name, 2)
        after = {described.topic.name: described for described in await admin.describe()}
    assert (before["articles"].records, before["articles"].lag) == (3, 3)
    assert (after["articles"].records, after["articles"].lag) == (3, 1)
    assert before["alerts"].lag is None, "the worker does not read it"
    assert {span.committed for span in before["articles"].spans} == {None}


async def commit(settings: Settings, topic: str, done: int) -> None:
    """Commits, as a worker would, that `done` records of the partition with records are done."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, group_id=settings.consumer_group, enable_auto_commit=False)
    await consumer.start()
    places = [TopicPartition(topic, index) for index in range(settings.partitions)]
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    await consumer.commit({place: done for place, end in ends.items() if end})
    await consumer.stop()


async def test_reading_starts_where_asked(settings: Settings) -> None:
    name = ARTICLES.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
    await fill(settings, name, [b"1", b"2"])
    await asyncio.sleep(0.05)
    middle = datetime.now(UTC)
    await fill(settings, name, [b"3", b"4"])
    assert await values_of(settings, name, "beginning") == [b"1", b"2", b"3", b"4"]
    assert await values_of(settings, name, Last(1)) == [b"4"]
    assert await values_of(settings, name, Last(100)) == [b"1", b"2", b"3", b"4"]
    assert await values_of(settings, name, middle) == [b"3", b"4"]
    assert await values_of(settings, name, middle + timedelta(days=1)) == []
    first = [record async for record in read(settings, name, start="beginning")][1]
    assert (await values_of(settings, name, At(first.partition, first.offset)))[0] == b"2"


async def test_partitions_are_merged_in_the_order_of_time(settings: Settings) -> None:
    name = ARTICLES.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
    wanted = [str(index).encode() for index in range(30)]
    async with Writer(settings) as writer:
        for value in wanted:
            settled = asyncio.Event()
            await writer.write(name, value, partition=int(value) % 3, done=lambda _, settled=settled: settled.set())  # type: ignore[misc]
            await settled.wait()
            await asyncio.sleep(0.002)
    assert await values_of(settings, name, "beginning") == wanted
    assert await values_of(settings, name, Last(4)) == wanted[-4:]


async def test_following_leaves_out_nothing_that_came_while_it_began(settings: Settings) -> None:
    """A fetch of what was there at the start brings what has come since, too."""
    async with Admin(settings) as admin:
        await admin.create()
    name = CLAIMS.named(settings.topic_prefix)
    await fill(settings, name, [b"%d" % number for number in range(6)])
    partition = (await anext(read(settings, name, start="beginning"))).partition
    records = read(settings, name, start=Between({partition: 0}, {partition: 2}), follow=True)
    async with asyncio.timeout(PATIENCE):
        assert [(await anext(records)).offset for _ in range(6)] == [*range(6)]
    await records.aclose()  # type: ignore[attr-defined]


async def test_following_sees_what_is_written_later(settings: Settings) -> None:
    name = ARTICLES.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
    await fill(settings, name, [b"old"])
    records = read(settings, name, start="beginning", follow=True)
    assert (await anext(records)).value == b"old"
    waiting = asyncio.create_task(next_of(records))
    await fill(settings, name, [b"new"])
    assert (await asyncio.wait_for(waiting, PATIENCE)).value == b"new"
    await records.aclose()  # type: ignore[attr-defined]


async def next_of(records: AsyncIterator[Record]) -> Record:
    return await anext(records)


async def test_headers_and_empty_values_arrive_as_written(settings: Settings) -> None:
    name = DEAD.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
    async with Writer(settings) as writer:
        await writer.write(name, None, key=b"k", headers=[("reason", b"empty")], done=lambda fault: None)
    (record,) = [record async for record in read(settings, name, start="beginning")]
    assert (record.key, record.value, record.headers) == (b"k", None, (("reason", b"empty"),))
    assert abs(record.timestamp - datetime.now(UTC)) < timedelta(minutes=5)


async def test_an_article_as_large_as_allowed_passes_and_comes_back(settings: Settings) -> None:
    name = ARTICLES.named(settings.topic_prefix)
    async with Admin(settings) as admin:
        await admin.create()
    large = b"x" * (settings.max_message_bytes - 200)
    await fill(settings, name, [large])
    assert await values_of(settings, name, "beginning") == [large]


async def test_a_broker_that_is_not_there_is_named() -> None:
    settings = Settings(bootstrap="127.0.0.1:1")
    with pytest.raises(KafkaClientError, match=r"cannot be reached at 127\.0\.0\.1:1"), translated(settings):
        async with Admin(settings):
            pass


async def test_deleting_needs_a_prefix_and_takes_only_its_topics(settings: Settings) -> None:
    async with Admin(settings) as admin:
        await admin.create()
        with pytest.raises(ValueError, match="prefix"):
            await admin.delete("")
        await admin.delete(settings.topic_prefix + "alerts")
        wanted = {topic.name for topic in TOPICS if not topic.name.startswith("alerts")}
        for _ in range(600):
            if set(await admin.partitions()) == wanted:
                break
            await asyncio.sleep(0.1)
        assert set(await admin.partitions()) == wanted


async def test_a_topic_that_is_needed_and_missing_is_named_with_the_way_out(settings: Settings) -> None:
    async with Admin(settings) as admin:
        with pytest.raises(KafkaClientError, match=rf"no topic {settings.topic_prefix}articles: .*newsgauge topics create"):
            await admin.require(ARTICLES)
        await admin.create()
        await admin.require(ARTICLES)


async def test_the_mock_broker_makes_topics_itself_and_reads_them_all() -> None:
    with MockBroker() as broker:
        settings = Settings(bootstrap=broker.bootstrap)
        async with Admin(settings) as admin:
            assert len(await admin.create()) == len(TOPICS)
            assert set((await admin.partitions()).values()) == {4}, "its own number, whatever was asked for"
            assert await admin.check() == []
            await fill(settings, "articles", [b"1", b"2"])
            assert next(described for described in await admin.describe() if described.name == "articles").lag == 2
        assert await values_of(settings, "articles", datetime.now(UTC) - timedelta(hours=1)) == [b"1", b"2"]
        assert await values_of(settings, "articles", datetime.now(UTC) + timedelta(hours=1)) == []


def test_trouble_that_lasts_is_told_now_and_again_not_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 6.0, 6.1, 9.0, 80.0, 84.0, 86.0])
    monkeypatch.setattr("streams.kafka.connection.monotonic", lambda: next(clock))
    told: list[str] = []
    with translated(Settings(), told.append):
        for moment in ("1", "4", "6", "6.1", "9", "80", "84", "86"):
            logging.getLogger("aiokafka").warning("at %s", moment)
    assert told == ["at 6", "at 86"], "5 s after it began; again when it began anew"
