"""A live run on a real broker, and what comes of its log when it is replayed.

The run has four partitions, articles out of order and more than once, corrections, and an edited rule file: three times, and each time the
worker is killed as soon as the new rules are in force, so that it reads what came before them again.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zlib import crc32

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from schemas.alert import Transition
from schemas.claims import ClaimRecord, Revision, RulesChange, Tick, decode_record
from schemas.codec import encode
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.core.claims import FAMILY_OF
from streams.core.rehearse import Timed, rehearse
from streams.core.rules import RuleSet, parse
from streams.kafka import Admin
from tests.cli.conftest import Run
from tests.live.flow import Worker, everything, publish, put, settled, until, wait_for
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
    file.write_text(live_rules())
    prefix = f"{folder.name}{random.randrange(10**9)}."
    worker = Worker(kafka.bootstrap, prefix, folder / "worker.log", {"RULES": str(file)}).start().wait_ready()
    try:
        asyncio.run(_live(worker, file))
        yield asyncio.run(_look(kafka.bootstrap, prefix))
    finally:
        worker.stop()


def live_rules(low: int = 8_000, high: int = 10_000) -> str:
    """Rules by which everything happens that can: two voices are asked for here, and there an alert is repeated.

    With other levels there is another rule, too: what stands in the log before it is not for it.
    """
    more = f"""\
  - id: towns-{low}
    title: Displaced as each paper has them
    match: {{indicator: [displaced], min_confidence: 0}}
    value: {{unit: person}}
    group_by: [publisher]
    when: {{levels: [{{level: any, at: 1_000}}]}}
"""
    two, again = "    confirm: {min_origins: 2, within: 72h}\n", "    notify: {repeat: 15s}\n"
    papers, floods = "    when: {levels: [{level: any,", "    when: {levels: [{level: high,"
    return rules(low, high).replace(papers, again + papers).replace(floods, two + floods).replace("valid_for: 2d", "valid_for: 4d") + more


async def _live(worker: Worker, file: Path) -> None:
    made = stories(HOW_MANY, 4)
    draw = random.Random(9)
    corrected = [{**story, "version": 2, "text": f"CORRECTION: {story['text']}".replace("11,000", "6,500")} for story in made[10:60:10]]
    order = sorted(range(len(made)), key=lambda number: number + draw.uniform(0, 9))
    values = [made[number] for number in order]
    values[30:30] = values[5:20]
    values[75:75] = corrected
    # One that alone holds an alert, and is corrected.
    sole = {"id": "sole", "publisher": "The Sole", "text": "Some 11,000 migrants were apprehended daily at the southwest border."}
    values.append(sole | {"published": (START + timedelta(days=33)).isoformat()})
    fixed = {"version": 2, "published": (START + timedelta(days=33, hours=2)).isoformat()}
    values.append(sole | fixed | {"text": "CORRECTION: Some 110 migrants were apprehended daily at the southwest border."})
    # The last one comes ten days later: what other papers said is then out of date, which only a tick can tell.
    last = {"id": "last", "published": (START + timedelta(days=40)).isoformat(), "publisher": "The Last"}
    values.append(last | {"text": "Some 11,000 migrants were apprehended daily at the southwest border, officials said."})
    sent = [(str(value["id"]).encode(), orjson.dumps(value)) for value in values]
    source = worker.prefix + "articles"
    await publish(worker.bootstrap, source, sent[:50])
    await until(worker.bootstrap, worker.prefix + "alerts", len)
    # Other thresholds: some alerts change their level, and some close.
    for number, low in enumerate((7_500, 8_500, 7_000)):
        text = live_rules(low, low + 2_000).replace("at: 6_000", f"at: {low + 1_500}")
        put(file, text)
        hash_ = hash_of(text)
        coming = asyncio.create_task(_trickle(worker, source, sent[50 + 10 * number : 60 + 10 * number]))
        assert await asyncio.to_thread(wait_for, lambda wanted=hash_: wanted[:12] in worker.get("/")[1])
        await asyncio.sleep(draw.uniform(0, 0.3))
        worker.kill()
        await coming
        if number < 2:
            worker.start().wait_ready()
    await publish(worker.bootstrap, source, sent[80:])
    worker.start().wait_ready()
    enriched = worker.prefix + "articles.enriched"
    await until(worker.bootstrap, enriched, lambda records: len({one.key for one in records}) == HOW_MANY + 2)
    await until(worker.bootstrap, worker.prefix + "alerts", lambda records: any(b'"repeated"' in one.value for one in records))
    await settled(worker)
    assert worker.stop() == 0


async def _trickle(worker: Worker, topic: str, sent: list[tuple[bytes, bytes]]) -> None:
    for one in sent:
        await publish(worker.bootstrap, topic, [one])
        await asyncio.sleep(0.2)


def hash_of(text: str) -> str:
    found = parse(text, family_of=dict(FAMILY_OF))
    assert isinstance(found, RuleSet), found
    return found.hash


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
    changes = [(one.partition, record.hash) for one in lived.claims if isinstance(record := decode_record(one.value), RulesChange)]
    assert len(set(changes)) == 4 * 4, "one a partition and rule set, or more where it was killed meanwhile"
    assert kinds[Tick] and kinds[Revision] and kinds[ClaimRecord] >= HOW_MANY
    assert len({one.partition for one in lived.claims if isinstance(decode_record(one.value), ClaimRecord)}) > 1
    done = run("replay", "--out", "a.jsonl", **lived.settings)
    assert done.status == 0, done.err
    wanted = delivered(lived.alerts)
    events = [orjson.loads(event) for some in wanted.values() for event in some]
    assert len(wanted) >= 8 and len(events) > 30
    assert {event["transition"] for event in events} == {*get_args(Transition)}
    assert {event["corroboration"]["contested"] for event in events} == {True, False}
    assert {json.loads(one.value)["mode"] for one in lived.alerts} == {"live", "shadow"}
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


def ends(lived: Lived) -> dict[int, int]:
    """One past the last offset of each partition of the log."""
    return {one.partition: one.offset + 1 for one in lived.claims}


def test_offsets_begin_and_end_single_partitions(lived: Lived, run: Run, tmp_path: Path) -> None:
    """With rules given: what two halves of a partition hold is what the whole holds; the others stay whole, or empty."""
    (tmp_path / "rules.yaml").write_text(rules())
    partition, end = max(ends(lived).items(), key=lambda one: one[1])
    asked = ("replay", "--rules", "rules.yaml")
    others = [word for place, last in ends(lived).items() if place != partition for word in ("--from", f"claims:{place}@{last}")]
    claims = [one for one in lived.claims if one.partition == partition and isinstance(decode_record(one.value), ClaimRecord)]
    only = run(*asked, *others, **lived.settings)
    assert f"{len(claims):,} claims" in only.err, only.err
    part = run(*asked, *others, "--from", f"claims:{partition}@{end // 3}", "--to", f"claims:{partition}@{end // 2}", **lived.settings)
    inside = [one for one in claims if end // 3 <= one.offset < end // 2]
    assert part.status == 0 and f"{len(inside):,} claims" in part.err and len(inside) > 5, part.err
    assert run("archive", "claims", "--out", "c.jsonl", **lived.settings).status == 0
    same = run(*asked, *others, "--from", f"claims:{partition}@{end // 3}", "--to", f"claims:{partition}@{end // 2}", "c.jsonl")
    assert same.out == part.out


def test_rules_before_an_offset_still_hold(lived: Lived, run: Run) -> None:
    changes = [one for one in lived.claims if isinstance(decode_record(one.value), RulesChange)]
    after = [f"claims:{one.partition}@{one.offset + 1}" for one in changes if one.offset == 0]
    done = run("replay", *(word for place in after for word in ("--from", place)), **lived.settings)
    assert len(after) > 1 and done.status == 0 and done.out == run("replay", **lived.settings).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "claims:9@0"], "claims has no partition 9; it has 4, from 0"),
        (["--to", "claims:0@999999"], "999,999 is not among them"),
        (["--from", "articles:0@1"], "this replay is of claims, not of articles"),
        (["--from", "claims:0@2", "--to", "claims:0@1"], "--from must be before --to: "),
        (["--from", "claims:0@2", "--from", "claims:0@3"], "names claims:0 twice"),
        (["--from", "2024-01-01", "--from", "2d"], "takes one time, not 2"),
        (["--topic", "claims", "--topic", "eu.claims"], "needs --rules FILE"),
        (["--topic", "claims", "--topic", "articles"], "either articles or claims"),
        (["--topic", "alerts"], "must be articles or claims"),
        (["--rules", "rules.yaml", "--topic", "eu.claims"], "has no topic eu.claims"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(lived: Lived, run: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "rules.yaml").write_text(rules())
    done = run("replay", *arguments, **lived.settings)
    assert done.status == 2 and words in done.err and "Traceback" not in done.err and not done.out


@pytest.mark.parametrize("stage", ["articles", "claims"])
def test_several_topics_are_one_past_in_the_order_of_event_time(lived: Lived, run: Run, tmp_path: Path, stage: str) -> None:
    """Dealt out to two topics by document, the records come to the same alerts as in one, in whatever order the topics are named."""
    (tmp_path / "rules.yaml").write_text(rules())
    records = lived.claims if stage == "claims" else asyncio.run(everything(lived.bootstrap, lived.prefix + "articles"))
    known = [one for one in records if stage == "articles" or isinstance(decode_record(one.value), ClaimRecord | Revision)]
    flows = [f"{lived.prefix}{name}.{stage}" for name in ("a", "b")]
    for number, name in enumerate(flows):
        some = [(one.key, one.value) for one in known if crc32(document_of(one.value)) % 2 == number]
        assert len(some) > 20
        asyncio.run(fill(lived, name, some))
    asked = ("replay", "--rules", "rules.yaml")
    both = run(*asked, "--topic", flows[0], "--topic", flows[1], "--jobs", "2", **lived.settings)
    assert both.status == 0 and both.out.count("\n") > 20, both.err
    assert run(*asked, "--topic", flows[1], "--topic", flows[0], **lived.settings).out == both.out
    if stage == "articles":
        whole = run(*asked, "--topic", "articles", **lived.settings).out
        assert as_lived(whole.splitlines()) == as_lived(both.out.splitlines())
        return
    found = [decode_record(one.value) for one in known]
    inputs = [Timed(record.published, record) for record in found if isinstance(record, ClaimRecord | Revision)]
    inputs.sort(key=lambda one: (one.at, isinstance(one.what, Revision)))
    rule_set = parse(rules(), family_of=dict(FAMILY_OF))
    assert isinstance(rule_set, RuleSet)
    assert as_lived(both.out.splitlines()) == as_lived([encode(alert).decode() for alert in rehearse(rule_set, inputs)])


def as_lived(lines: list[str]) -> list[Any]:
    """Events without their mode, and without when their article came to the topic."""
    events = [orjson.loads(line) for line in lines]
    return [event | {"mode": None, "times": event["times"] | {"ingested_at": None}} for event in events]


async def fill(lived: Lived, name: str, values: list[tuple[bytes, bytes]]) -> None:
    """A topic with these records."""
    async with Admin(Settings(bootstrap=lived.bootstrap, topic_prefix=lived.prefix)) as admin:
        await admin.ensure(name)
    await publish(lived.bootstrap, name, values)


def document_of(value: bytes) -> bytes:
    found = orjson.loads(value)
    return str(found.get("document") or found.get("id")).encode()


def test_parts_of_a_log_are_one_log_and_those_of_two_are_refused(lived: Lived, run: Run, tmp_path: Path) -> None:
    whole = run("replay", **lived.settings)
    middle = sorted(one.timestamp for one in lived.claims)[len(lived.claims) // 2]
    moment = datetime.fromtimestamp(middle / 1_000, UTC).isoformat()
    late = datetime.fromtimestamp((middle - 3_000) / 1_000, UTC).isoformat()
    assert run("archive", "claims", "--to", moment, "--out", "one.jsonl.gz", **lived.settings).status == 0
    assert run("archive", "claims", "--from", late, "--out", "two.jsonl", **lived.settings).status == 0
    assert run("replay", "two.jsonl", "one.jsonl.gz").out == whole.out, "they overlap by some seconds"
    lines = [orjson.loads(line) for line in (tmp_path / "two.jsonl").read_bytes().splitlines()]
    other = [line | {"offset": line["offset"] + 1} for line in lines if line["topic"] == "claims"]
    (tmp_path / "other.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in other))
    done = run("replay", "two.jsonl", "other.jsonl")
    assert done.status == 2 and "these are no parts of one log" in done.err
