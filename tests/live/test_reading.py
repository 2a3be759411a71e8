"""The reading process and its worker's side, without Kafka: order, batches, faults, deaths; nothing hangs and nothing is lost."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from streams.core.intake import Rejected
from streams.core.naming import LONGEST
from streams.live import readahead
from streams.live.readahead import BATCH, BATCH_BYTES, CANNOT_READ, ReadAhead, ReadingProcess
from streams.live.reading import Answer, Failed, Read, Reader
from streams.models.nothing import Nothing
from tests.live import fatal_reader
from tests.live.flow import alive, wait_for

NOW = datetime(2024, 1, 31, tzinfo=UTC)
STORY = "Agents apprehended {n} migrants near Eagle Pass, Texas on Tuesday, Ruth Okafor of the border patrol said."


def article(number: int, text: str = STORY) -> bytes:
    return orjson.dumps({"id": f"a{number}", "text": text.format(n=100 + number), "published": "2024-01-30"})


@dataclass(eq=False)
class Message:
    """As Faust's: hashed by identity."""

    value: bytes | None
    timestamp: float = field(default_factory=time.time)


@pytest.fixture
def fatal() -> Iterator[ReadingProcess]:
    with ReadingProcess("off", 1_000_000, serve=fatal_reader.serve) as process:
        yield process


def documents(answers: list[Answer]) -> list[str]:
    return [answer.document if isinstance(answer, Read) else type(answer).__name__ for answer in answers]


async def test_answers_come_in_the_order_of_the_records() -> None:
    with ReadingProcess("gazetteer", 1_000_000) as process:
        batch = [(article(1), NOW), (b"{", NOW), (article(2), NOW), (None, NOW), (article(3), NOW)]
        answers, seconds = await process.read(batch)
        assert documents(answers) == ["a1", "Rejected", "a2", "Rejected", "a3"]
        assert isinstance(answers[1], Rejected) and answers[1].reason == "not_json" and seconds > 0
        assert (await process.read([]))[0] == []
        many = await asyncio.gather(*(process.read([(article(number), NOW)]) for number in range(20)))
        assert [documents(answers) for answers, _ in many] == [[f"a{number}"] for number in range(20)]


async def test_an_article_that_kills_its_reader_costs_only_itself(fatal: ReadingProcess) -> None:
    deadly = article(7, fatal_reader.DEADLY.decode())
    answers, _ = await fatal.read([(article(1), NOW), (deadly, NOW), (article(2), NOW)])
    assert documents(answers) == ["a1", "Failed", "a2"]
    assert documents((await fatal.read([(article(3), NOW)]))[0]) == ["a3"]


async def test_a_death_that_is_not_the_articles_fault_costs_nothing(fatal: ReadingProcess, tmp_path: Path) -> None:
    once = article(1, f"{fatal_reader.ONCE.decode()}{tmp_path}/died| " + STORY)
    alone = article(2, f"{fatal_reader.ONCE.decode()}{tmp_path}/again| " + STORY)
    assert documents((await fatal.read([(article(0), NOW), (once, NOW)]))[0]) == ["a0", "a1"]
    assert documents((await fatal.read([(alone, NOW)]))[0]) == ["a2"]


async def test_kill_9_of_the_child_at_any_time_costs_nothing() -> None:
    renewed: list[None] = []
    with ReadingProcess("gazetteer", 1_000_000, lambda: renewed.append(None)) as process:
        await process.read([(article(0), NOW)])
        for pause in (0.0, 0.05, 0.2):
            reading = asyncio.create_task(process.read([(article(number, STORY * 200), NOW) for number in range(16)]))
            await asyncio.sleep(pause)
            assert process.pid
            os.kill(process.pid, signal.SIGKILL)
            assert documents((await reading)[0]) == [f"a{number}" for number in range(16)]
    assert renewed


async def test_what_takes_for_ever_is_given_up(fatal: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    await fatal.read([(article(0), NOW)])
    monkeypatch.setattr(readahead, "LONGEST_SECONDS", 1.0)
    answers, _ = await fatal.read([(article(7, fatal_reader.ENDLESS.decode()), NOW)])
    assert documents(answers) == ["Failed"]


def test_a_child_that_does_not_start_ends_the_worker() -> None:
    code = """
import asyncio
from streams.live.readahead import ReadingProcess
from tests.live.fatal_reader import fail_to_start
if __name__ == "__main__":
    with ReadingProcess("off", 1000, serve=fail_to_start) as process:
        asyncio.run(process.read([(b"{}", None)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == CANNOT_READ, done.stderr


def test_kill_9_of_the_worker_ends_the_child() -> None:
    code = """
import asyncio, os
from streams.live.readahead import ReadingProcess
if __name__ == "__main__":
    process = ReadingProcess("off", 1000)
    asyncio.run(process.read([]))
    print(process.pid, flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -9
    assert wait_for(lambda: not alive(int(done.stdout))), "an orphan"


def test_an_unexpected_exception_costs_only_its_article() -> None:
    class Fault(Reader):
        def _received(self, value: bytes | None, moment: datetime) -> object:  # type: ignore[override]
            if value == b"bad":
                raise KeyError("what")
            return super()._received(value, moment)

    answers = Fault(Nothing(), "gazetteer", 1_000_000).read([(article(1), NOW), (b"bad", NOW), (article(2), NOW)])
    assert documents(answers) == ["a1", "Failed", "a2"]
    assert isinstance(answers[1], Failed) and answers[1].error == "KeyError: 'what'" and "_received" in answers[1].trace


class Counting(ReadingProcess):
    """Remembers the batches."""

    def __init__(self) -> None:
        super().__init__("off", 10_000_000)
        self.batches: list[int] = []

    async def read(self, batch: readahead.Batch) -> tuple[list[Answer], float]:
        self.batches.append(len(batch))
        return await super().read(batch)


async def played(messages: list[Message], process: ReadingProcess) -> list[str]:
    """All of `messages` in order, each seeing those behind it, as an agent does."""
    ahead, found = ReadAhead(process), []
    for number, message in enumerate(messages):
        answer, _ = await ahead.read(message, lambda number=number: messages[number + 1 : number + 1 + 2 * BATCH])  # type: ignore[misc]
        found += documents([answer])
    return found


async def test_what_waits_is_read_in_batches_and_comes_in_order() -> None:
    with Counting() as process:
        messages = [Message(article(number)) for number in range(100)]
        assert await played(messages, process) == [f"a{number}" for number in range(100)]
        assert sum(process.batches) == 100 and max(process.batches) == BATCH
        assert len(process.batches) < 40


async def test_a_lone_record_waits_for_no_other() -> None:
    with Counting() as process:
        assert documents([(await ReadAhead(process).read(Message(article(1)), tuple))[0]]) == ["a1"]
        assert process.batches == [1]


async def test_large_records_make_small_batches() -> None:
    with Counting() as process:
        large = [Message(article(number, "x" * (BATCH_BYTES // 2))) for number in range(6)]
        assert await played(large, process) == [f"a{number}" for number in range(6)]
        assert set(process.batches) == {1}


async def test_forgotten_records_are_read_again_when_they_come() -> None:
    with Counting() as process:
        ahead, messages = ReadAhead(process), [Message(article(number)) for number in range(3)]
        await ahead.read(messages[0], lambda: messages[1:])
        ahead.forget()
        assert documents([(await ahead.read(messages[1], tuple))[0]]) == ["a1"]
        assert process.batches == [3, 1]


async def test_a_long_article_is_cut_for_the_model_and_marked() -> None:
    claim = STORY.format(n=300) + "\n\n"
    with ReadingProcess("model", 1_000_000) as process:
        short, long = orjson.dumps({"text": claim * 3}), orjson.dumps({"text": claim * (LONGEST // len(claim) + 200)})
        answers, _ = await process.read([(short, NOW), (long, NOW)])
    flags = [orjson.loads(answer.enriched)["flags"] for answer in answers if isinstance(answer, Read)]
    assert ["entities_cut" in found for found in flags] == [False, True]
