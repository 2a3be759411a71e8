"""The setting `entities` through real workers on a real broker: what each gives, and that a slow model holds up nobody."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.brokers.kafka import KafkaBroker
from streams.core.effort import Entities
from tests.live.flow import Worker, article, everything, publish, until, wait_for
from tests.models.texts import BORDER, COURT, SEA

CLAIM = "Agents apprehended 300 migrants near Eagle Pass on Tuesday, lawyers of Kenya Power said."
OTHER = "Then Wanjiru Mwangi left for Nairobi."
"""No claim stands in this sentence."""
BY_MODEL = {"Kenya Power", "Wanjiru Mwangi"}
"""Names that only the model finds."""
FOUND: dict[Entities, set[str]] = {"off": set(), "gazetteer": set(), "model_on_claims": {"Kenya Power"}, "model": BY_MODEL}


def named(record: Any) -> set[str]:
    return {entity["quote"] for entity in orjson.loads(record.value)["entities"]}


@pytest.mark.parametrize("entities", ["off", "gazetteer", "model_on_claims", "model"])
async def test_each_setting_through_a_worker(entities: Entities, kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"ENTITIES": entities}).start().wait_ready()
    try:
        await publish(kafka.bootstrap, worker.prefix + "articles", [(b"a", article(f"{CLAIM}\n\n{OTHER}", id="a", published="2024-01-31"))])
        (record,) = await until(kafka.bootstrap, worker.prefix + "articles.enriched", len)
        assert orjson.loads(record.value)["claims"], "figures are read whatever the setting"
        assert ("Eagle Pass" in named(record)) == (entities != "off")
        assert named(record) & BY_MODEL == FOUND[entities]
    finally:
        worker.stop()


def versions(keys: int, times: int) -> list[tuple[bytes, bytes]]:
    """Long articles, several versions a key, so that the model needs seconds for all of them."""
    body = "\n\n".join((BORDER, SEA, COURT)) * 12
    return [
        (f"k{key}".encode(), article(f"Version {number}. {CLAIM}\n\n{body}", id=f"k{key}", version=number + 1, published="2024-01-31"))
        for number in range(times)
        for key in range(keys)
    ]


def in_order(records: list[Any]) -> dict[bytes, list[int]]:
    """Key -> the versions, each where it came first."""
    found: dict[bytes, list[int]] = {}
    for record in records:
        version = orjson.loads(record.value)["version"]
        if version not in (seen := found.setdefault(record.key, [])):
            seen.append(version)
    return found


def metric(page: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.startswith(name))


async def test_a_slow_model_holds_up_nobody_and_kill_9_loses_nothing(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    """While it reads, the page answers, the group stays as it is, and the partitions in order; killed in the middle, all is read again."""
    keys, times = 6, 8
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"ENTITIES": "model"}).start().wait_ready()
    source, sink = worker.prefix + "articles", worker.prefix + "articles.enriched"
    try:
        rebalances = metric(worker.get("/metrics")[1], "newsgauge_rebalance_seconds_count")
        await publish(kafka.bootstrap, source, versions(keys, times))
        answers: list[tuple[int, str]] = []

        def read() -> float:
            answers.append(worker.get("/metrics"))
            return metric(answers[-1][1], 'newsgauge_articles_processed_total{outcome="enriched"}')

        assert await asyncio.to_thread(wait_for, lambda: read() >= keys * times // 3)
        assert read() < keys * times, "the test wants it in the middle of its work"
        assert {status for status, _ in answers} == {200} and worker.get("/readyz")[0] == 200
        assert metric(answers[-1][1], "newsgauge_rebalance_seconds_count") == rebalances, "a heartbeat was missed"
        worker.kill()
        worker.start().wait_ready()
        wanted = {f"k{key}".encode(): list(range(1, times + 1)) for key in range(keys)}
        records = await until(kafka.bootstrap, sink, lambda found: {k: sorted(v) for k, v in in_order(found).items()} == wanted)
        assert in_order(records) == wanted
        assert await everything(kafka.bootstrap, worker.prefix + "articles.dead") == []
    finally:
        worker.stop()
