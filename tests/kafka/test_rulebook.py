"""The topic `rules` as it may be found: rule sets, and what anybody else wrote there."""

import asyncio

import pytest
from aiokafka.errors import KafkaError

from streams.brokers.kafka import KafkaBroker
from streams.config import DEFAULT_RULES, Settings
from streams.core.claims import FAMILY_OF
from streams.core.rules import RuleSet, parse
from streams.kafka import Admin, KafkaClientError, Writer
from streams.kafka import rulebook as module
from streams.kafka.rulebook import Rulebook, apply_rules
from streams.topics import RULES

TEXT = DEFAULT_RULES.read_text(encoding="utf-8")


@pytest.fixture
def settings(kafka: KafkaBroker, unique: str) -> Settings:
    made = Settings(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.", partitions=1)

    async def create() -> None:
        async with Admin(made) as admin:
            await admin.create()

    asyncio.run(create())
    return made


async def write(settings: Settings, *records: tuple[bytes, bytes]) -> None:
    faults: list[BaseException | None] = []
    async with Writer(settings) as writer:
        for key, value in records:
            await writer.write(RULES.named(settings.topic_prefix), value, key=key, done=faults.append)
    assert faults == [None] * len(records)


async def test_what_is_no_rule_set_or_not_of_its_key_is_passed_over(settings: Settings) -> None:
    rules = parse(TEXT)
    assert isinstance(rules, RuleSet)
    await apply_rules(settings, rules, TEXT, 1)
    forged = TEXT.replace("10_000", "1")
    await write(
        settings, (b"\xff", b"\xff"), (b"k", b"\xfe: ["), (b"0123456789abcdef", TEXT.encode()), (rules.hash.encode(), forged.encode())
    )
    book = Rulebook(settings, dict(FAMILY_OF))
    await book.load()
    assert book.known == {rules.hash: rules} and book.current == rules.hash


async def test_a_rule_set_that_is_not_there_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENSURE_SECONDS", 1)
    with pytest.raises(KafkaClientError, match="no usable rule set deadbeef"):
        await Rulebook(settings, dict(FAMILY_OF)).ensure("deadbeef")


async def test_a_broker_that_is_away_is_not_taken_for_a_rule_set_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENSURE_SECONDS", 1)
    with pytest.raises(KafkaError):
        await Rulebook(Settings(bootstrap="127.0.0.1:1"), dict(FAMILY_OF)).ensure("deadbeef")
