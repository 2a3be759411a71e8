"""The worker command before it works, brokers of our own, and the demo from nothing to nothing."""

import contextlib
import json
import os
import signal
import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.brokers.kafka import KafkaBroker
from streams.cli.stories import articles, stories
from streams.core.intake import Rejected, receive
from tests.cli.conftest import COMMAND, SECONDS, Run, environment
from tests.live.flow import alive, wait_for


def children(pid: int) -> set[int]:
    """All that descend from a process, as of now."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile
            found |= set(map(int, (task / "children").read_text().split()))
    return found.union(*(children(child) for child in found)) if found else set()


def test_a_worker_does_not_create_topics_when_told_not_to(run: Run, kafka: KafkaBroker, unique: str) -> None:
    result = run("worker", "--no-create-topics", bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    assert result.status == 1
    assert f"newsgauge: The topic {unique}.articles does not exist." in result.err.splitlines()
    assert "missing" in run("topics", "describe", bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.").out


async def test_a_worker_says_what_is_wrong_with_topics_and_does_not_start(run: Run, kafka: KafkaBroker, unique: str) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await client.start()
    await client.create_topics([NewTopic(f"{unique}.claims", 2, 1, topic_configs={"cleanup.policy": "compact"})])
    await client.close()
    result = run("worker", bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    assert result.status == 1
    assert "differ in their number of partitions" in result.err
    assert f"The topic {unique}.claims has cleanup.policy compact; it should be delete." in result.err


def test_a_worker_with_a_wrong_rule_file_says_where(run: Run, kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("schema: 1\nrules:\n  - id: x\n    nonsense: 1\n")
    result = run("worker", "--rules", "rules.yaml", bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    assert result.status == 2
    assert "rules.yaml:" in result.err and "nonsense" in result.err
    assert "Traceback" not in result.err


def test_a_mock_broker_runs_until_it_is_stopped(run: Run, tmp_path: Path) -> None:
    process = subprocess.Popen([*COMMAND, "broker", "run", "--mock"], stdout=subprocess.PIPE, env=environment(), cwd=tmp_path)
    assert process.stdout is not None
    word, bootstrap = process.stdout.readline().decode().split()
    assert word == "bootstrap"
    assert run("topics", "create", bootstrap=bootstrap).status == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0


def test_the_stories_can_be_published_on_any_day() -> None:
    """The last one is about a later day than the first, within the day after which the alert would be repeated."""
    for hour in range(24):
        now = datetime(2024, 3, 1, hour, 59, tzinfo=UTC)
        documents = [receive(article, timestamp=now) for _, article in articles(now)]
        dated = [document.published for document in documents if not isinstance(document, Rejected)]
        assert len(dated) == len(stories())
        assert dated == sorted(dated) and dated[-1] <= now
        assert dated[0].date() < dated[-1].date() and dated[-1] - dated[0] < timedelta(hours=24)


def test_the_stories_are_a_figure_a_copy_a_threshold_and_a_lower_figure() -> None:
    (talks, copy, threat, relief) = (article for _, article in articles(datetime(2024, 3, 1, 12, tzinfo=UTC)))
    assert talks.text.strip() in copy.text and talks.publisher != copy.publisher
    assert "exceed" in threat.text
    assert relief.text.count("6,500") == 1


@pytest.mark.slow
def test_the_demo_shows_the_alert_fire_and_resolve_and_leaves_nothing(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setenv("TMPDIR", str(scratch))
    result = run("demo", "--once", "--json", bootstrap="nowhere:1")  # the user's settings do not concern a broker of its own
    assert result.status == 0, result.err
    told = [json.loads(row) for row in result.out.splitlines()]
    assert [(row["story"], row["alert"] and row["alert"]["transition"]) for row in told] == [
        ("talks", "firing"),
        ("copy", None),
        ("threat", None),
        ("relief", "resolved"),
    ]
    assert all(row["took_ms"] > 0 for row in told)
    firing = told[0]["alert"]
    assert (firing["level"], firing["value"]["point"], firing["group"]) == ("critical", 10_000, {"place": "us-southwest-border"})
    proof = firing["evidence"][0]
    at = proof["sentence_span"][0]
    assert proof["sentence"][proof["quote_span"][0] - at : proof["quote_span"][1] - at] == proof["quote"] == "10,000"
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_a_demo_that_stays_up_serves_the_live_page_with_its_alerts(tmp_path: Path) -> None:
    process = subprocess.Popen([*COMMAND, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path)
    assert process.stdout is not None and process.stderr is not None
    rows = iter(process.stdout.readline, b"")
    address = next(row.split()[1].decode() for row in rows if row.startswith(b"page"))
    assert any(address in row.decode() for row in rows if b"Alerts as they come" in row)
    with urllib.request.urlopen(address, timeout=60) as page:
        assert b"<!doctype html>" in page.read().lower()

    def ended() -> list[str]:
        with urllib.request.urlopen(f"{address}v1/alerts?state=ended", timeout=60) as answer:
            return [alert["transition"] for alert in json.load(answer)["alerts"]]

    assert wait_for(lambda: ended() == ["resolved"]), ended()
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    assert process.stderr.read() == b""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_however_the_demo_ends_nothing_stays_behind(tmp_path: Path, name: str) -> None:
    process = subprocess.Popen([*COMMAND, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path)
    assert process.stdout is not None and process.stderr is not None
    while not process.stdout.readline().startswith(b"worker"):
        assert process.poll() is None
    family = children(process.pid)
    assert family, "there is a worker"
    process.send_signal(getattr(signal, name))
    status = process.wait(SECONDS)
    assert status == (-signal.SIGKILL if name == "SIGKILL" else 130)
    assert wait_for(lambda: not any(map(alive, family)))
    assert b"Traceback" not in process.stderr.read()


@pytest.mark.slow
def test_on_a_kafka_of_the_users_the_demo_keeps_to_itself_and_clears_away(run: Run, kafka: KafkaBroker, unique: str) -> None:
    result = run("demo", "--once", "--bootstrap", kafka.bootstrap)
    assert result.status == 0, result.err
    assert "FIRING critical" in result.out and "RESOLVED" in result.out
    prefix = next(word for word in result.out.split() if word.startswith("demo-")).rstrip("*)")
    described = json.loads(run("topics", "describe", "--json", bootstrap=kafka.bootstrap, topic_prefix=prefix).out)
    assert not any(topic["exists"] for topic in described)


def test_a_broker_to_start_and_a_broker_to_use_are_not_both_taken(run: Run) -> None:
    result = run("demo", "--broker", "kafka", "--bootstrap", "127.0.0.1:9092")
    assert result.status == 2
    assert result.err == "newsgauge: --broker starts a broker and --bootstrap uses yours: take one.\n"


def test_a_demo_on_a_broker_that_is_not_there_says_so(run: Run) -> None:
    result = run("demo", "--once", "--bootstrap", "127.0.0.1:1")
    assert result.status == 1
    assert "Kafka cannot be reached at 127.0.0.1:1" in result.err
    assert os.linesep + "Traceback" not in result.err
