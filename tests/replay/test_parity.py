"""A live run on a real broker, and what comes of its log when it is replayed.

The run has four partitions, articles out of order and more than once, corrections, an edited rule file and a worker killed in the middle.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from schemas.claims import ClaimRecord, Revision, RulesChange, Tick, decode_record
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from tests.cli.conftest import Run
from tests.live.flow import Worker, everything, publish, until, wait_for
from tests.replay.stories import START, rules, stories

HOW_MANY = 90


@dataclass(frozen=True)
class Lived:
    """What the live run left on the broker."""

    bootstrap: str
    prefix: str
    alerts: list[Any]
    claims: list[Any]
    groups: dict[str, Any]

    @property
    def settings(self) -> dict[str, str]:
        return {"bootstrap": self.bootstrap, "topic_prefix": self.prefix}


@pytest.fixture(scope="module")
def lived(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("lived")
    file = folder / "rules.yaml"
    file.write_text(rules())
    prefix = f"{folder.name}{random.randrange(10**9)}."
    worker = Worker(kafka.bootstrap, prefix, folder / "worker.log", {"RULES": str(file)}).start().wait_ready()
    try:
        asyncio.run(_live(worker, file))
        yield asyncio.run(_look(kafka.bootstrap, prefix))
    finally:
        worker.stop()


async def _live(worker: Worker, file: Path) -> None:
    made = stories(HOW_MANY, 4)
    draw = random.Random(9)
    corrected = [{**story, "version": 2, "text": f"CORRECTION: {story['text']}".replace("11,000", "6,500")} for story in made[10:60:10]]
    order = sorted(range(len(made)), key=lambda number: number + draw.uniform(0, 9))
    values = [made[number] for number in order]
    values[30:30] = values[5:20]
    values[75:75] = corrected
    # The last one comes ten days later: what other papers said is then out of date, which only a tick can tell.
    last = {"id": "last", "published": (START + timedelta(days=40)).isoformat(), "publisher": "The Last"}
    values.append(last | {"text": "Some 11,000 migrants were apprehended daily at the southwest border, officials said."})
    sent = [(str(value["id"]).encode(), orjson.dumps(value)) for value in values]
    source = worker.prefix + "articles"
    await publish(worker.bootstrap, source, sent[:50])
    await until(worker.bootstrap, worker.prefix + "alerts", len)
    await asyncio.to_thread(file.write_text, rules(low=7_500, high=9_500))
    assert wait_for(lambda: 'reloads_total{outcome="applied"} 2.0' in worker.get("/metrics")[1], 30)
    await publish(worker.bootstrap, source, sent[50:70])
    await asyncio.sleep(0.5)
    worker.kill()
    await publish(worker.bootstrap, source, sent[70:])
    worker.start().wait_ready()
    enriched = worker.prefix + "articles.enriched"
    await until(worker.bootstrap, enriched, lambda records: len({one.key for one in records}) == HOW_MANY + 1, 60)
    await until(worker.bootstrap, worker.prefix + "claims", lambda records: any(b'"tick"' in one.value for one in records), 20)
    await done_with(worker)
    assert worker.stop() == 0


async def done_with(worker: Worker, seconds: float = 40) -> None:
    """Wait until the worker has committed all that lies in its topics."""
    settings, end = Settings(bootstrap=worker.bootstrap, topic_prefix=worker.prefix), asyncio.get_running_loop().time() + seconds
    async with Admin(settings) as admin:
        while any(topic.lag for topic in await admin.describe()):
            assert asyncio.get_running_loop().time() < end, "still behind"
            await asyncio.sleep(0.5)


async def _look(bootstrap: str, prefix: str) -> Lived:
    shadow = await everything(bootstrap, prefix + "alerts.shadow")
    alerts = await everything(bootstrap, prefix + "alerts")
    return Lived(bootstrap, prefix, alerts + shadow, await everything(bootstrap, prefix + "claims"), await groups(bootstrap, prefix))


async def groups(bootstrap: str, prefix: str) -> dict[str, Any]:
    """Every group of the broker of this run's name, with its offsets."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        names = [group[0] for group in await client.list_consumer_groups() if group[0].startswith(prefix)]
        return {name: await client.list_consumer_group_offsets(name) for name in names}
    finally:
        await client.close()


def by_key(events: list[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for key, event in events:
        found.setdefault(key, []).append(event)
    return found


def plain(data: bytes) -> bytes:
    """The event without what may differ: when it was emitted, and its mode."""
    event = orjson.loads(data)
    return orjson.dumps(event | {"mode": None, "times": event["times"] | {"emitted_at": None}})


def delivered(alerts: list[Any]) -> dict[str, list[bytes]]:
    """By key, each event once: a worker that died may have sent some again, with the same id."""
    events = {dict(one.headers)["ce_id"]: (one.key.decode(), plain(one.value)) for one in reversed(alerts)}
    return by_key(list(reversed(events.values())))


def replayed(path: Path) -> dict[str, list[bytes]]:
    lines = path.read_bytes().splitlines()
    for line in lines:
        event = orjson.loads(line)
        assert event["mode"] == "replay" and event["times"]["emitted_at"] is None
    return by_key([(orjson.loads(line)["fingerprint"], plain(line)) for line in lines])


def test_a_replay_of_claims_gives_the_live_events_byte_for_byte(lived: Lived, run: Run, tmp_path: Path) -> None:
    kinds = Counter(type(decode_record(one.value)) for one in lived.claims)
    assert kinds[RulesChange] == 2 * 4 and kinds[Tick] and kinds[Revision] and kinds[ClaimRecord] >= HOW_MANY
    assert len({one.partition for one in lived.claims if isinstance(decode_record(one.value), ClaimRecord)}) > 1
    done = run("replay", "--out", "a.jsonl", **lived.settings)
    assert done.status == 0, done.err
    wanted = delivered(lived.alerts)
    assert len(wanted) >= 8 and sum(map(len, wanted.values())) > 30
    assert replayed(tmp_path / "a.jsonl") == wanted
    assert not (tmp_path / "a.jsonl.progress").exists()
    again = run("replay", **lived.settings)
    assert again.out.encode() == (tmp_path / "a.jsonl").read_bytes()


def test_a_replay_leaves_no_trace_in_the_live_flow(lived: Lived, run: Run) -> None:
    assert lived.groups, "the worker's own group is seen"
    for arguments in (("replay",), ("archive", "claims", "--out", "x.jsonl.gz")):
        assert run(*arguments, **lived.settings).status == 0
    after = asyncio.run(_look(lived.bootstrap, lived.prefix))
    assert after.groups == lived.groups
    assert [one.value for one in after.alerts + after.claims] == [one.value for one in lived.alerts + lived.claims]


def test_alerts_may_go_to_a_topic_of_their_own_but_to_none_of_the_flow(lived: Lived, run: Run) -> None:
    done = run("replay", "--out", f"topic:{lived.prefix}played", **lived.settings)
    assert done.status == 0, done.err
    played = asyncio.run(everything(lived.bootstrap, lived.prefix + "played"))
    assert by_key([(one.key.decode(), plain(one.value)) for one in played]) == delivered(lived.alerts)
    assert all(dict(one.headers)["ce_id"].decode() == orjson.loads(one.value)["event_id"] for one in played)
    for name in ("alerts", lived.prefix + "alerts", "other.alerts", lived.prefix + "alerts.state", "claims"):
        refused = run("replay", "--out", f"topic:{name}", **lived.settings)
        assert refused.status == 2 and "is the name of a topic of the flow" in refused.err


@pytest.mark.parametrize("name", ["claims.jsonl.gz", "claims.jsonl"])
def test_an_archive_of_claims_replays_as_the_topic_does(lived: Lived, run: Run, tmp_path: Path, name: str) -> None:
    done = run("archive", "claims", "--out", name, **lived.settings)
    assert done.status == 0, done.err
    assert ((tmp_path / name).read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    nowhere = {"bootstrap": "127.0.0.1:1"}
    assert run("replay", name, **nowhere).out == run("replay", **lived.settings).out


def test_articles_from_the_topic_and_from_its_archive_give_the_same_whatever_the_jobs(lived: Lived, run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules())
    asked = ("replay", "--rules", "rules.yaml")
    direct = run(*asked, "--topic", "articles", **lived.settings)
    assert direct.status == 0 and direct.out.count("\n") > 20, direct.err
    assert run(*asked, "--topic", "articles", "--jobs", "2", **lived.settings).out == direct.out
    assert run("archive", "articles", "--out", "articles.jsonl.gz", **lived.settings).status == 0
    assert run(*asked, "articles.jsonl.gz").out == direct.out


def test_a_part_of_the_log_keeps_the_rules_that_were_set_before_it(lived: Lived, run: Run) -> None:
    part = run("replay", "--from", "2024-01-15", "--to", "2024-01-25", **lived.settings)
    times = [orjson.loads(line)["times"]["published_at"] for line in part.out.splitlines()]
    assert part.status == 0 and times
    assert all("2024-01-15" <= moment < "2024-01-26" for moment in times)


class Sometimes:
    """Asks to stop at every third look."""

    looks = 0

    def is_set(self) -> bool:
        self.looks += 1
        return self.looks > 2


@pytest.mark.parametrize("files", [[], ["claims.jsonl.gz"]])
def test_a_replay_of_claims_that_was_stopped_goes_on_to_the_same_bytes(
    lived: Lived, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str]
) -> None:
    whole = run("replay", **lived.settings).out
    if files:
        assert run("archive", "claims", "--out", files[0], **lived.settings).status == 0
    monkeypatch.setattr("streams.replay.replay.LOOK_EVERY", 15)
    monkeypatch.setattr("streams.cli.replay.until_stopped", lambda: nullcontext(Sometimes()))
    stops = 0
    while (done := run("replay", "--out", "b.jsonl", *files, **lived.settings)).status == 130:
        stops += 1
    assert done.status == 0 and stops > 2, done.err
    assert (tmp_path / "b.jsonl").read_text() == whole
