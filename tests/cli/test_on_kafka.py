"""publish, tail, topics and dead, as processes against a real Apache Kafka."""

import asyncio
import json
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import encode
from schemas.dead import DeadLetter, to_headers
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Record, Writer, read
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD
from tests.cli.conftest import COMMAND, SECONDS, Run, environment
from tests.cli.test_present import ALERT
from tests.live.flow import wait_for

STORY = b"date 2024-02-01 (THE EXAMPLE) About 300 people came on Monday.\n"


def articles(run: Run, *args: str) -> list[dict[str, object]]:
    """What lies in `articles`."""
    return [json.loads(line) for line in run("tail", "articles", "--from-beginning", *args).out.splitlines()]


def test_a_plain_text_is_published_with_what_its_head_and_the_flags_say(on_kafka: Run, tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_bytes(STORY)
    result = on_kafka("publish", "story.txt", "--title", "Arrivals", "--url", "https://news.example/1?utm_source=x")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("published 1, refused 0, in ")
    assert articles(on_kafka) == [
        {
            "text": "About 300 people came on Monday.\n",
            "title": "Arrivals",
            "url": "https://news.example/1?utm_source=x",
            "published": "2024-02-01",
            "publisher": "THE EXAMPLE",
        }
    ]


def test_lines_travel_as_they_are_and_bad_ones_are_named(on_kafka: Run, tmp_path: Path) -> None:
    good = '{"id": "a", "text": "About 300 came.", "unknown": [1, 2]}'
    bad = [
        "not json",
        '{"text": 5}',
        '{"text": " "}',
        '{"text": "x", "published": "1870-01-01"}',
        '{"text": "x", "published": "soon"}',
        "[]",
    ]
    (tmp_path / "many.jsonl").write_text("\n".join([good, "", *bad, good.replace('"a"', '"b"')]))
    result = on_kafka("publish", "many.jsonl", "--json")
    assert result.status == 1
    assert [line.split(": ")[:2] for line in result.err.splitlines()] == [
        ["many.jsonl:3", "not_json"],
        ["many.jsonl:4", "wrong_type"],
        ["many.jsonl:5", "empty_text"],
        ["many.jsonl:6", "published_too_early"],
        ["many.jsonl:7", "bad_published"],
        ["many.jsonl:8", "wrong_type"],
    ]
    counts = json.loads(result.out)
    assert (counts["published"], counts["refused"]) == (2, 6)
    assert {record["id"] for record in articles(on_kafka)} == {"a", "b"}
    assert articles(on_kafka)[0]["unknown"] == [1, 2]


def test_what_is_too_large_is_refused_here(on_kafka: Run) -> None:
    result = on_kafka("publish", "-", stdin=b'{"text": "%s"}\n{"text": "x"}' % (b"x" * 2_000), max_message_bytes="2000")
    assert result.err == "standard input:1: too_large: 2,012 bytes, at most 2,000 are taken\n"
    assert result.out.startswith("published 1, refused 1")


def test_raw_lines_are_sent_unchecked(on_kafka: Run) -> None:
    assert on_kafka("publish", "-", "--raw", stdin=b"not json\n\xff\xfe\n").out.startswith("published 2, refused 0")
    result = on_kafka("tail", "articles", "--from-beginning")
    assert result.out == ""
    assert "not_json" not in result.err and len(result.err.splitlines()) == 2, "each is named, since it cannot be shown as JSON"


def test_flags_for_plain_text_are_refused_with_json_lines(on_kafka: Run) -> None:
    result = on_kafka("publish", "-", "--publisher", "A", stdin=b'{"text": "x"}')
    assert result.status == 2
    assert "are for plain text, and standard input holds JSON lines." in result.err


def test_copies_of_one_text_meet_in_one_partition(on_kafka: Run) -> None:
    on_kafka("publish", "-", stdin=b'{"text": "the same"}\n' * 20)
    described = json.loads(on_kafka("topics", "describe", "--json").out)
    (found,) = [topic for topic in described if topic["name"].endswith(".articles")]
    assert sorted(partition["end"] for partition in found["partitions"]) == [0, 0, 20]
    assert (found["records"], found["lag"]) == (20, 20)


def test_publishing_to_a_broker_without_topics_says_what_to_do(run: Run, kafka: KafkaBroker, unique: str) -> None:
    result = run("publish", "-", stdin=b'{"text": "x"}', bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    assert result.status == 1
    assert f"has no topic {unique}.articles: a worker creates it when it starts, or `newsgauge topics create`." in result.err


def test_a_slow_pipe_is_published_as_it_comes(on_kafka: Run, kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    """A crawler that writes a line now and then does not wait for its own end, and Ctrl-C ends both."""
    env = environment(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    process = subprocess.Popen(
        [*COMMAND, "publish", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=tmp_path
    )
    assert process.stdin is not None and process.stderr is not None
    process.stdin.write(b'{"id": "first", "text": "x"}\n')
    process.stdin.flush()
    assert wait_for(lambda: articles(on_kafka))
    assert [record["id"] for record in articles(on_kafka)] == ["first"]
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 130
    assert process.stderr.read() == b""
    process.stdin.close()


def test_tail_starts_where_asked(on_kafka: Run) -> None:
    on_kafka("publish", "-", stdin=b"\n".join(b'{"id": "%d", "text": "x"}' % index for index in range(12)))
    assert len(on_kafka("tail", "articles").out.splitlines()) == 10
    assert len(on_kafka("tail", "articles", "-n", "3").out.splitlines()) == 3
    assert len(on_kafka("tail", "articles", "--since", "1h").out.splitlines()) == 12
    assert len(on_kafka("tail", "articles", "--since", "2199-01-01").out.splitlines()) == 0


def test_tail_follows_until_it_is_interrupted(on_kafka: Run, kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    env = environment(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    process = subprocess.Popen([*COMMAND, "tail", "articles", "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=tmp_path)
    assert process.stdout is not None and process.stderr is not None
    on_kafka("publish", "-", stdin=b'{"id": "one", "text": "x"}')
    assert json.loads(process.stdout.readline())["id"] == "one"
    on_kafka("publish", "-", stdin=b'{"id": "two", "text": "x"}')
    assert json.loads(process.stdout.readline())["id"] == "two"
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 130
    assert process.stderr.read() == b""


def test_topics_are_created_checked_and_described(run: Run, kafka: KafkaBroker, unique: str) -> None:
    where = {"bootstrap": kafka.bootstrap, "topic_prefix": f"{unique}.", "partitions": "3"}
    missing = run("topics", "check", **where)
    assert missing.status == 1
    assert f"newsgauge: The topic {unique}.claims does not exist." in missing.err.splitlines()
    assert "missing" in run("topics", "describe", **where).out
    assert f"created {unique}.claims" in run("topics", "create", **where).out.splitlines()
    assert run("topics", "create", **where).out == "Every topic exists already.\n"
    assert run("topics", "check", **where).out == "Every topic is as it should be.\n"
    rows = [line.split() for line in run("topics", "describe", "--partitions", **where).out.splitlines()]
    assert [f"{unique}.claims", "2", "0", "0", "0", "0"] in rows


LETTER: dict[str, Any] = {
    "reason": "unexpected",
    "detail": "",
    "stage": "enrich",
    "offset": 7,
    "exception": None,
    "attempt": 1,
    "first_failed": datetime(2024, 2, 1, tzinfo=UTC),
    "program": "newsgauge 0",
}


def refuse(kafka: KafkaBroker, unique: str, *letters: tuple[str, bytes | None]) -> None:
    """Writes dead letters (reason, bytes) as a worker does."""
    records = []
    for reason, value in letters:
        letter = DeadLetter(**LETTER | {"reason": reason, "detail": f"because of {reason}"}, topic=f"{unique}.articles", partition=1)
        records.append((value, to_headers(letter, (("trace", b"t1"),))))
    write(kafka, DEAD.named(f"{unique}."), *records)


def write(kafka: KafkaBroker, topic: str, *records: tuple[bytes | None, Any], key: bytes | None = b"k") -> None:
    """Writes records (bytes, headers) with the key."""

    async def work() -> None:
        async with Writer(Settings(bootstrap=kafka.bootstrap)) as writer:
            for value, headers in records:
                await writer.write(topic, value, key=key, headers=headers, done=lambda fault: None)

    asyncio.run(work())


def test_a_file_may_be_a_pipe(on_kafka: Run) -> None:
    """As with `publish <(zcat stories.jsonl.gz)`."""
    assert on_kafka("publish", "/dev/stdin", stdin=b'{"text": "One."}\n{"text": "Two."}\n').out.startswith("published 2, refused 0")


def test_dead_letters_are_listed_by_reason_and_shown_as_they_came(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    refuse(kafka, unique, ("not_json", b"{oops \xff"), ("unexpected", b'{"text": "x"}'))
    listed = on_kafka("dead", "list")
    assert listed.err == "2 dead letters\n"
    assert "not_json at enrich" in listed.out and "because of unexpected" in listed.out
    (one,) = [json.loads(line) for line in on_kafka("dead", "list", "--reason", "not_json", "--json").out.splitlines()]
    assert (one["reason"], one["offset"], one["attempt"], one["value"]) == ("not_json", 7, 1, "{oops �")
    assert on_kafka("dead", "list", "--stage", "watch").err == "0 dead letters\n"
    shown = on_kafka("dead", "show", f"{unique}.articles.dead-{one['id']}").out
    assert "detail:        because of not_json" in shown and "header trace:  t1" in shown and "{oops" in shown
    assert on_kafka("tail", "dead", "-n", "1").out == on_kafka("dead", "list", "--reason", "unexpected", "--json").out


def test_the_bytes_of_a_dead_letter_are_the_original_ones(kafka: KafkaBroker, unique: str, on_kafka: Run, tmp_path: Path) -> None:
    refuse(kafka, unique, ("invalid_utf8", b"\xff\x00\n"))
    name = json.loads(on_kafka("dead", "list", "--json").out)["id"]
    env = environment(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.")
    done = subprocess.run([*COMMAND, "dead", "show", name, "--raw"], capture_output=True, env=env, cwd=tmp_path, check=True)
    assert done.stdout == b"\xff\x00\n"


def test_redriving_sends_back_what_was_asked_for_and_only_when_told(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    refuse(kafka, unique, ("unexpected", b'{"id": "back"}'), ("not_json", b"{"))
    dry = on_kafka("dead", "redrive", "--reason", "unexpected")
    assert dry.status == 0
    assert dry.out.splitlines()[-1] == "1 would be sent back (nothing was: add --yes)"
    assert articles(on_kafka) == []
    sent = on_kafka("dead", "redrive", "--reason", "unexpected", "--yes")
    assert sent.out.splitlines()[-1] == "sent 1 back, 0 could not be sent"
    assert articles(on_kafka) == [{"id": "back"}]


def test_a_redriven_record_still_says_which_attempt_it_is(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    refuse(kafka, unique, ("unexpected", b"x"))
    on_kafka("dead", "redrive", "--all", "--yes")

    async def gather() -> list[Record]:
        settings = Settings(bootstrap=kafka.bootstrap)
        return [record async for record in read(settings, ARTICLES.named(f"{unique}."), start="beginning")]

    (record,) = asyncio.run(gather())
    headers = dict(record.headers)
    assert (record.key, record.value, headers["trace"]) == (b"k", b"x", b"t1")
    assert (headers["newsgauge-attempt"], headers["newsgauge-first-failed"]) == (b"1", b"2024-02-01T00:00:00+00:00")


def test_what_has_no_key_goes_back_to_its_partition(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    """A revision, a tick or a change of rules is for one partition of `claims`, and has no key that says which."""
    letters = [DeadLetter(**LETTER, topic=f"{unique}.claims", partition=number) for number in (0, 1, 1, 1, 1)]
    write(kafka, DEAD.named(f"{unique}."), *((b"{}", to_headers(letter)) for letter in letters), key=None)
    assert on_kafka("dead", "redrive", "--all", "--yes").status == 0

    async def gather() -> list[int]:
        settings = Settings(bootstrap=kafka.bootstrap)
        return [record.partition async for record in read(settings, CLAIMS.named(f"{unique}."), start="beginning")]

    assert sorted(asyncio.run(gather())) == [0, 1, 1, 1, 1]


def test_a_letter_of_a_foreign_topic_is_not_sent_there(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    write(kafka, DEAD.named(f"{unique}."), (b"x", [("newsgauge-topic", b"payroll")]))
    result = on_kafka("dead", "redrive", "--all", "--yes")
    assert result.status == 1
    assert "its headers do not name a topic that a worker reads" in result.err


@pytest.mark.parametrize("name", ["0/999", "9/0"])
def test_a_dead_letter_that_is_not_there_is_said(on_kafka: Run, name: str) -> None:
    result = on_kafka("dead", "show", name)
    assert result.status == 1
    assert result.err.startswith("newsgauge: There is no dead letter") and f"articles.dead-{name} " in result.err


def test_alerts_are_json_behind_a_pipe_and_lines_to_read_where_asked(on_kafka: Run, kafka: KafkaBroker, unique: str) -> None:
    write(kafka, ALERTS.named(f"{unique}."), (encode(ALERT), []))
    assert json.loads(on_kafka("tail").out)["event_id"] == ALERT.event_id
    assert "FIRING critical" in on_kafka("tail", "--text").out
