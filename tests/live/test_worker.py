"""The spine on a real broker: a story in, an alert out; bad input stops nothing; a killed worker loses and repeats nothing."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from schemas.alert import Alert
from schemas.claims import RulesChange, Tick, decode_record
from schemas.codec import decode
from schemas.dead import from_headers
from streams.brokers.kafka import KafkaBroker
from streams.config import DEFAULT_RULES
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.pipeline import Watch
from streams.core.rules import MAX_RULES_BYTES, RuleSet
from streams.live.lifecycle import STUCK
from streams.live.worker import load_rules
from tests.live.flow import PATIENCE, Worker, article, everything, publish, put, settled, until, wait_for

STORY = """LAREDO (Example Wire) — Officials of both countries met on Thursday.
Around {count:,} migrants have been apprehended daily at the
southwest border this month, according to border patrol officials.
The visitors, said to come from 24 nationalities, rested in the shade. It was the largest
group since June 2022."""
IF = "Officials warned on Thursday that the bridges would close if apprehensions at the southwest border exceed 10,000 a day."


@pytest.fixture
def worker(kafka: KafkaBroker, unique: str, tmp_path: Path) -> Iterator[Worker]:
    """A worker on topics of its own, ready."""
    started = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log").start()
    try:
        yield started.wait_ready()
    finally:
        started.stop()


async def test_a_story_becomes_one_alert_and_its_copies_none(worker: Worker) -> None:
    text = STORY.format(count=10_000)
    original = article(text, id="a", published="2023-12-28", publisher="Example Wire")
    await publish(worker.bootstrap, worker.prefix + "articles", [(b"a", original)])
    first = await until(worker.bootstrap, worker.prefix + "alerts", len)
    copies = [
        (f"c{n}".encode(), article(f"(Paper {n}) " + text, id=f"c{n}", published="2023-12-28", publisher=f"Paper {n}")) for n in range(10)
    ]
    await publish(worker.bootstrap, worker.prefix + "articles", [*copies, (b"if", article(IF, id="if", published="2023-12-28"))])
    enriched = await until(worker.bootstrap, worker.prefix + "articles.enriched", lambda records: len(records) == 12)
    assert len(enriched) == 12
    await settled(worker)
    alerts = await everything(worker.bootstrap, worker.prefix + "alerts")
    assert len(first) == 1
    assert transitions(alerts) == ["firing"], [record.value for record in alerts]
    alert = decode(alerts[0].value, Alert)
    assert (alert.transition, alert.level, alert.rule.id) == ("firing", "critical", "sw-border-daily")
    assert alert.group == {"place": "us-southwest-border"}
    assert (alert.value.point, alert.value.bound, alert.value.text, alert.condition.per) == (10_000, "approx", "Around 10,000", "day")
    (proof,) = alert.evidence
    assert text[slice(*proof.quote_span)] == proof.quote == "10,000" and text[slice(*proof.sentence_span)] == proof.sentence
    assert (proof.attribution, proof.attribution_id, proof.publisher) == ("border patrol officials", "us-cbp", "Example Wire")
    headers = dict(alerts[0].headers)
    assert alerts[0].key == alert.fingerprint.encode()
    assert headers["ce_id"] == alert.event_id.encode() and headers["ce_type"] == b"newsgauge.alert.firing.v1"
    state = await everything(worker.bootstrap, worker.prefix + "alerts.state")
    assert [record.value for record in state] == [alerts[0].value]


BAD: dict[str, bytes | None] = {
    "not_json": b"{not json",
    "wrong_type": b'{"text": 5}',
    "invalid_utf8": b'{"text": "\xff\xfe"}',
    "empty": b"",
    "empty_text": b'{"text": "  "}',
    "text_too_long": orjson.dumps({"text": "a" * 5_000_000}),
    "published_too_early": orjson.dumps({"text": "A story.", "published": "1870-01-01"}),
    "published_in_future": orjson.dumps({"text": "A story.", "published": "2190-01-01"}),
    "bad_published": orjson.dumps({"text": "A story.", "published": "soon"}),
}


async def test_malformed_input_goes_to_the_dead_letters_as_it_came_and_stops_nothing(worker: Worker) -> None:
    source = worker.prefix + "articles"
    poison = [(name.encode(), value) for name, value in BAD.items()]
    missing = (None, b'{"title": "no text"}')
    nothing = (b"none", None)
    good = (b"good", article(STORY.format(count=12_000), published="2023-12-28"))
    await publish(worker.bootstrap, source, [*poison, missing, nothing, good])
    alerts = await until(worker.bootstrap, worker.prefix + "alerts", len)
    dead = await until(worker.bootstrap, worker.prefix + "articles.dead", lambda records: len(records) == len(BAD) + 2)
    assert len(alerts) == 1
    sent = {record.key: record for record in await everything(worker.bootstrap, source)}
    reasons = {}
    for record in dead:
        letter = from_headers(tuple((name, bytes(value)) for name, value in record.headers))
        assert letter is not None
        assert record.value == sent[record.key].value, "value as it came"
        assert (letter.topic, letter.partition, letter.offset) == (source, sent[record.key].partition, sent[record.key].offset)
        assert letter.stage == "enrich" and letter.attempt == 1 and letter.detail
        reasons[record.key] = letter.reason
    assert reasons == {name.encode(): name for name in BAD} | {None: "wrong_type", b"none": "empty"}
    assert wait_for(lambda: 'newsgauge_dead_letters_total{reason="not_json",stage="enrich"} 1.0' in worker.get("/metrics")[1])


def stories(count: int, seed: int) -> list[tuple[bytes, bytes]]:
    """Reports of many days with values around the levels, some of them copies: every kind of transition."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        day = date(2024, 1, 1) + timedelta(days=number // 6)
        value = draw.choice([6_000, 7_100, 8_500, 9_500, 10_400, 12_000])
        words = " ".join(f"w{draw.randrange(10**6)}" for _ in range(60))
        text = f"Some {value:,} migrants were apprehended at the southwest border on {day:%A}, border patrol officials said.\n\n{words}."
        made.append((f"s{number}".encode(), article(text, id=f"s{number}", published=day.isoformat(), publisher=f"P{number % 7}")))
    return made


def expected(claims: list[Any]) -> list[tuple[str, str]]:
    """What the pure pipeline says of the log of `claims`: (fingerprint, event id), in order."""
    rules, found = load_rules(DEFAULT_RULES), []
    stores: dict[int, dict[str, bytes]] = {}
    watches: dict[int, Watch] = {}
    for message in claims:
        store = stores.setdefault(message.partition, {})
        if message.partition not in watches:
            watches[message.partition] = Watch(
                RuleSet((), ""), store, message.partition, family_of=dict(FAMILY_OF), within=within, known={rules.hash: rules}
            )
        watch = watches[message.partition]
        verdict = watch.apply(decode_record(message.value), datetime.fromtimestamp(message.timestamp / 1000, UTC))
        watch.settle(verdict, partial(_write, store))
        found += [(alert.fingerprint, alert.event_id) for alert in verdict.alerts]
    return found


def _write(store: dict[str, bytes], key: str, value: bytes | None) -> None:
    if value is None:
        del store[key]
    else:
        store[key] = value


async def test_kill_9_at_any_time_loses_nothing_and_repeats_nothing(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    """Five times, while stories arrive; then the events are those that the log of claims gives, each once by `ce_id`, in order."""
    worker, draw = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log"), random.Random(7)
    made = stories(300, 11)
    try:
        worker.start().wait_ready()
        for number in range(5):
            await publish(kafka.bootstrap, worker.prefix + "articles", made[number * 60 : (number + 1) * 60])
            await asyncio.sleep(draw.uniform(0.0, 1.2))
            worker.kill()
            worker.start().wait_ready()
        sink = worker.prefix + "articles.enriched"
        enriched = await until(kafka.bootstrap, sink, lambda records: len({record.key for record in records}) == 300)
        assert len({record.key for record in enriched}) == 300, "an article was lost"
        await settled(worker)
        claims = await everything(kafka.bootstrap, worker.prefix + "claims")
        alerts = await everything(kafka.bootstrap, worker.prefix + "alerts")
        delivered = list(dict.fromkeys((record.key.decode(), dict(record.headers)["ce_id"].decode()) for record in alerts))
        wanted = expected(claims)
        assert len(wanted) > 20
        assert sorted(delivered) == sorted(wanted)
        for fingerprint in {name for name, _ in wanted}:
            assert [e for name, e in delivered if name == fingerprint] == [e for name, e in wanted if name == fingerprint]
    finally:
        worker.stop()


def sample(worker: Worker, name: str, labels: str = "", seconds: float = PATIENCE) -> float | None:
    """The value of a series of the worker, as soon as it is not 0, or what it is after `seconds`."""
    pattern = re.compile(rf"^{name}(?:{{[^}}]*{re.escape(labels)}[^}}]*}})? (\S+)$", re.M)
    found: list[str] = []

    def there() -> bool:
        found[:] = pattern.findall(worker.get("/metrics")[1])
        return any(float(one) for one in found)

    wait_for(there, seconds)
    return max((float(one) for one in found), default=None)


async def test_two_workers_share_the_work_and_one_takes_over_when_the_other_dies(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    one = Worker(kafka.bootstrap, unique + ".", tmp_path / "one.log").start().wait_ready()
    two = Worker(kafka.bootstrap, unique + ".", tmp_path / "two.log").start().wait_ready()
    made = stories(240, 5)
    try:
        await publish(kafka.bootstrap, one.prefix + "articles", made[:80])
        await asyncio.sleep(1)
        two.kill()
        await publish(kafka.bootstrap, one.prefix + "articles", made[80:160])
        await asyncio.sleep(2)
        two.start().wait_ready()
        await publish(kafka.bootstrap, one.prefix + "articles", made[160:])
        assert one.stop() == 0
        await until(kafka.bootstrap, one.prefix + "articles.enriched", lambda records: len({record.key for record in records}) == 240)
        await settled(two)
        claims = await everything(kafka.bootstrap, one.prefix + "claims")
        alerts = await everything(kafka.bootstrap, one.prefix + "alerts")
        delivered = {(record.key.decode(), dict(record.headers)["ce_id"].decode()) for record in alerts}
        assert delivered == set(expected(claims))
    finally:
        one.stop()
        two.stop()


RULES = """
schema: 1
rules:
  - id: quick
    title: Quick
    match: {indicator: [apprehensions], place: {is: us-southwest-border}}
    value: {unit: person, per: day}
    when: {levels: [{level: high, at: LIMIT}]}
    lifetime: {valid_for: 25s}
"""


def transitions(records: list[Any]) -> list[str]:
    return [decode(record.value, Alert).transition for record in records]


def once(records: list[Any]) -> list[Any]:
    """Each event where it came first: a worker that was killed may send it again, with the same id."""
    found: dict[bytes, Any] = {}
    for record in records:
        found.setdefault(dict(record.headers)["ce_id"], record)
    return list(found.values())


async def test_an_alert_expires_on_an_idle_topic_and_survives_a_restart_in_between(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.replace("LIMIT", "10_000"))
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"RULES": str(rules)}).start().wait_ready()
    try:
        now = datetime.now(UTC).isoformat()
        await publish(kafka.bootstrap, worker.prefix + "articles", [(b"a", article(STORY.format(count=12_000), id="a", published=now))])
        assert transitions(await until(kafka.bootstrap, worker.prefix + "alerts", len)) == ["firing"]
        worker.kill()
        worker.start().wait_ready()
        alerts = await until(kafka.bootstrap, worker.prefix + "alerts", lambda records: len(once(records)) > 1)
        assert transitions(once(alerts)) == ["firing", "expired"]
        claims = await everything(kafka.bootstrap, worker.prefix + "claims")
        assert sum(isinstance(decode_record(record.value), Tick) for record in claims) == 1
    finally:
        worker.stop()


MANY = """
schema: 1
rules:
"""
FAMILIES = {
    "apprehensions": "Agents apprehended {n} migrants on Tuesday near the town",
    "deaths": "A boat sank off the coast on Tuesday and {n} people died",
    "displaced": "The flood has displaced {n} people in the valley",
    "detained": "The police detained {n} people on Tuesday",
    "caravan_size": "A caravan of {n} migrants left the town on Tuesday",
}


async def test_timers_move_with_their_partitions_and_fire_once(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    """Alerts of several families, so of several partitions; a second worker joins, one dies, one comes back; each alert expires once."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        MANY
        + "".join(
            f"  - {{id: {name}, title: T, match: {{indicator: [{name}], min_confidence: 0}}, value: {{unit: person}}, "
            "group_by: [indicator], when: {levels: [{level: high, at: 100}]}, lifetime: {valid_for: 40s}}\n"
            for name in FAMILIES
        )
    )
    one = Worker(kafka.bootstrap, unique + ".", tmp_path / "one.log", {"RULES": str(rules)}).start().wait_ready()
    two = Worker(kafka.bootstrap, unique + ".", tmp_path / "two.log", {"RULES": str(rules)})
    try:
        now = datetime.now(UTC).isoformat()
        texts = [(name.encode(), article(text.format(n=500) + ".", id=name, published=now)) for name, text in FAMILIES.items()]
        await publish(kafka.bootstrap, one.prefix + "articles", texts)
        fired = await until(kafka.bootstrap, one.prefix + "alerts", lambda records: len(records) == len(FAMILIES))
        two.start().wait_ready()
        one.kill()
        one.start().wait_ready()
        two.kill()
        alerts = await until(kafka.bootstrap, one.prefix + "alerts", lambda records: len(once(records)) == 2 * len(fired))
        told = Counter((record.key, decode(record.value, Alert).transition) for record in once(alerts))
        assert len(fired) == len(FAMILIES)
        assert len({record.partition for record in await everything(kafka.bootstrap, one.prefix + "claims")}) > 1
        assert told == Counter({(record.key, name): 1 for record in fired for name in ("firing", "expired")})
    finally:
        one.stop()
        two.stop()


async def test_an_edited_rule_file_takes_over_and_a_faulty_one_is_refused(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.replace("LIMIT", "10_000").replace("25s", "10d"))
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"RULES": str(rules)}).start().wait_ready()
    try:
        await publish(kafka.bootstrap, worker.prefix + "articles", [(b"a", article(STORY.format(count=12_000), published="2023-12-28"))])
        await until(kafka.bootstrap, worker.prefix + "alerts", len)
        began = worker.get("/")[1]
        put(rules, "schema: 1\nrules: [{id: x}]\n")
        assert wait_for(lambda: 'reloads_total{file="rules",outcome="refused"} 1.0' in worker.get("/metrics")[1])
        assert "rules.yaml: refused, " in worker.get("/")[1] and ": quick (live)" in worker.get("/")[1]
        rules.unlink()
        assert wait_for(lambda: 'reloads_total{file="rules",outcome="refused"} 2.0' in worker.get("/metrics")[1])
        assert 'newsgauge_config_last_reload_successful{file="rules"} 0.0' in worker.get("/metrics")[1]
        put(rules, RULES.replace("LIMIT", "20_000"))
        alerts = await until(kafka.bootstrap, worker.prefix + "alerts", lambda records: len(records) > 1)
        assert transitions(alerts) == ["firing", "closed"]
        assert wait_for(lambda: 'newsgauge_config_last_reload_successful{file="rules"} 1.0' in worker.get("/metrics")[1])
        threshold = 'newsgauge_rule_threshold{indicator="apprehensions",level="high",rule="quick",side="at"} 20000.0'
        assert wait_for(lambda: threshold in worker.get("/metrics")[1])
        assert re.findall("[0-9a-f]{16}", worker.get("/")[1]) != re.findall("[0-9a-f]{16}", began)
        changes = [decode_record(record.value) for record in await everything(kafka.bootstrap, worker.prefix + "claims")]
        assert sum(isinstance(change, RulesChange) for change in changes) == 2 * 4, "one a partition and rule set"
    finally:
        worker.stop()


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_trace_context_goes_on_to_the_claim_and_the_alert_and_a_broken_one_does_not(worker: Worker) -> None:
    source = worker.prefix + "articles"
    story = [(b"a", article(STORY.format(count=12_000), id="a", published="2023-12-28"))]
    await publish(worker.bootstrap, source, story, headers=[("traceparent", TRACE.encode()), ("other", b"x")])
    (alert,) = await until(worker.bootstrap, worker.prefix + "alerts", len)
    headers = dict(alert.headers)
    assert headers["traceparent"] == headers["ce_traceparent"] == TRACE.encode() and "other" not in headers
    claims = await everything(worker.bootstrap, worker.prefix + "claims")
    traced = [dict(record.headers) for record in claims if decode_record(record.value).type == "claim"]
    assert traced == [{"traceparent": TRACE.encode()}]
    await publish(worker.bootstrap, source, [(b"b", article(IF, id="b", updated="2024-01-01"))], headers=[("traceparent", b"00-zz")])
    enriched = await until(worker.bootstrap, worker.prefix + "articles.enriched", lambda records: len(records) == 2)
    assert {record.key: dict(record.headers) for record in enriched} == {b"a": {"traceparent": TRACE.encode()}, b"b": {}}


async def test_a_worker_says_how_far_it_has_come(worker: Worker) -> None:
    """Funnel, open alerts, watermark and the age of what waits, as series."""
    source = worker.prefix + "articles"
    now = datetime.now(UTC) - timedelta(seconds=30)
    await publish(worker.bootstrap, source, [(b"a", article(STORY.format(count=12_000), id="a", published=now.isoformat())), (b"b", b"{")])
    await until(worker.bootstrap, worker.prefix + "alerts", len)
    await settled(worker)
    assert sample(worker, "newsgauge_alerts_open", 'level="critical",rule="sw-border-daily",state="firing"') == 1
    assert sample(worker, "newsgauge_watermark_timestamp_seconds") == pytest.approx(now.timestamp())
    assert sample(worker, "newsgauge_articles_consumed_total") == 2
    assert sample(worker, "newsgauge_articles_processed_total", 'outcome="dead"') == 1
    assert (sample(worker, "newsgauge_figures_total") or 0) >= 2
    assert sample(worker, "newsgauge_claims_total", 'bound="approx",indicator="apprehensions"') == 1
    assert sample(worker, "newsgauge_rule_evaluations_total", 'grade="certain",rule="sw-border-daily"') == 1
    assert sample(worker, "newsgauge_rule_confirmed_total", 'rule="sw-border-daily"') == 1
    assert 30 <= (sample(worker, "newsgauge_publish_to_alert_seconds_sum") or 0) < 3_600, "seconds, not milliseconds"
    assert sample(worker, "newsgauge_commit_seconds_count") and sample(worker, "newsgauge_rebalance_seconds_count")
    assert wait_for(lambda: sample(worker, "newsgauge_consumer_lag_seconds", seconds=0.1) == 0)
    assert sample(worker, "newsgauge_ready") == sample(worker, "newsgauge_worker_state", 'state="ready"') == 1
    lines = [orjson.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line["message"] == "alert firing"]
    assert (told["rule"], told["alert_level"], told["article"]) == ("sw-border-daily", "critical", "a")
    assert [line["reason"] for line in lines if line["message"] == "dead letter"] == ["not_json"]


async def test_what_marks_the_end_of_a_producers_transaction_is_no_lag(worker: Worker) -> None:
    """It has an offset and never becomes a record. A worker that starts behind it has no lag either."""
    producer = AIOKafkaProducer(bootstrap_servers=worker.bootstrap, transactional_id=worker.prefix)
    await producer.start()
    for number in range(3):
        async with producer.transaction():
            await producer.send_and_wait(worker.prefix + "articles", article("The ministers met.", id=f"a{number}"), partition=number % 2)
    await producer.stop()
    await until(worker.bootstrap, worker.prefix + "articles.enriched", lambda records: len(records) == 3)

    def level() -> bool:
        page = worker.get("/metrics")[1]
        lags = re.findall(r"^newsgauge_consumer_lag_records{.*} (\S+)$", page, re.M)
        offset = f'newsgauge_consumer_offset{{partition="0",topic="{worker.prefix}articles"}} 4.0'
        return offset in page and bool(lags) and not any(map(float, lags))

    assert await asyncio.to_thread(wait_for, level)
    assert worker.stop() == 0
    worker.start().wait_ready()
    assert await asyncio.to_thread(wait_for, level)


async def test_reported_values_are_series_where_they_are_asked_for(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"REPORTED_VALUES": "5"}).start().wait_ready()
    try:
        await publish(kafka.bootstrap, worker.prefix + "articles", [(b"a", article(STORY.format(count=12_000), published="2023-12-28"))])
        about = 'indicator="apprehensions",per="day",place="us-southwest-border",unit="person"'
        lines = "".join(f'newsgauge_reported_value{{bound="{bound}",{about}}} {value}\n' for bound, value in BAND)
        expected = {*lines.splitlines(), f"newsgauge_reported_value_timestamp_seconds{{{about}}} 1.7037216e+09"}
        assert wait_for(lambda: expected <= {sorted_labels(line) for line in worker.get("/metrics")[1].splitlines()})
    finally:
        worker.stop()


BAND = (("low", "10800.0"), ("point", "12000.0"), ("high", "13200.0"))


def sorted_labels(line: str) -> str:
    name, brace, rest = line.partition("{")
    labels, _, value = rest.rpartition("}")
    return f"{name}{{{','.join(sorted(labels.split(',')))}}}{value}" if brace else line


async def test_two_workers_of_one_machine_need_a_port_each(worker: Worker, tmp_path: Path) -> None:
    other = Worker(worker.bootstrap, worker.prefix, tmp_path / "other.log", port=worker.port).start()
    assert other.process is not None and other.process.wait(PATIENCE) == 1
    assert "another process has this port; every process of a machine needs a web_port of its own" in other.log.read_text()
    free = Worker(worker.bootstrap, worker.prefix, tmp_path / "free.log", port=0).start()
    try:
        assert wait_for(lambda: "worker starting" in free.log.read_text())
        free.port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", free.log.read_text())[0])
        free.wait_ready()
    finally:
        free.stop()


async def test_a_corrected_version_retracts_the_alert(worker: Worker) -> None:
    source = worker.prefix + "articles"
    await publish(worker.bootstrap, source, [(b"a", article(STORY.format(count=12_000), id="a", published="2023-12-28"))])
    await until(worker.bootstrap, worker.prefix + "alerts", len)
    silent = "The ministers met on Thursday and said that they would meet again."
    await publish(worker.bootstrap, source, [(b"a", article(silent, id="a", published="2023-12-28", updated="2023-12-28T20:00:00Z"))])
    assert transitions(await until(worker.bootstrap, worker.prefix + "alerts", lambda records: len(records) > 1)) == ["firing", "retracted"]


async def test_a_worker_stops_on_sigterm_and_commits(worker: Worker) -> None:
    await publish(worker.bootstrap, worker.prefix + "articles", stories(10, 1))
    await until(worker.bootstrap, worker.prefix + "articles.enriched", lambda records: len(records) == 10)
    assert worker.stop() == 0
    before = len(await everything(worker.bootstrap, worker.prefix + "articles.enriched"))
    worker.start().wait_ready()
    await settled(worker)
    assert len(await everything(worker.bootstrap, worker.prefix + "articles.enriched")) == before


async def test_sigterm_ends_a_worker_in_time_whatever_holds_it_up(worker: Worker) -> None:
    """Here its input is deleted under it: Faust then neither stops nor lets itself be cancelled. The worker says that it is not ready."""
    admin = AIOKafkaAdminClient(bootstrap_servers=worker.bootstrap)
    await admin.start()
    await admin.delete_topics([worker.prefix + "claims"])
    await admin.close()
    await publish(worker.bootstrap, worker.prefix + "articles", [(b"a", article(STORY.format(count=12_000), id="a"))])
    assert await asyncio.to_thread(wait_for, lambda: worker.get("/readyz") == (503, '{"status": "topics_missing"}'))
    assert f"<td>{worker.prefix}claims" in worker.get("/")[1]
    assert await asyncio.to_thread(sample, worker, "newsgauge_worker_state", 'state="topics_missing"') == 1
    assert await asyncio.to_thread(worker.stop) in (0, STUCK), worker.log.read_text()[-2000:]


async def test_a_rule_file_that_is_too_large_is_refused_once(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.replace("LIMIT", "10_000").replace("25s", "10d"))
    worker = Worker(kafka.bootstrap, unique + ".", tmp_path / "worker.log", {"RULES": str(rules)}).start().wait_ready()
    try:
        put(rules, rules.read_text() + "#" * MAX_RULES_BYTES)
        assert wait_for(lambda: 'reloads_total{file="rules",outcome="refused"} 1.0' in worker.get("/metrics")[1])
        put(rules, b"\xff")
        assert wait_for(lambda: 'reloads_total{file="rules",outcome="refused"} 2.0' in worker.get("/metrics")[1])
        told = worker.log.read_text()
        assert "bytes of rules, and at most 1,000,000 are taken" in told and "byte 0 is not UTF-8" in told
    finally:
        worker.stop()
