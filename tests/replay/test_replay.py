"""Replays of files: the order of time, what is refused, stopping and going on."""

import asyncio
import gzip
import random
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.cli.past import told
from streams.core.claims import FAMILY_OF
from streams.core.rehearse import Timed, rehearse
from streams.core.rules import RuleSet, parse
from streams.replay.checkpoint import Checkpoint, load
from streams.replay.past import Asked, Past, Stopped
from streams.replay.replay import replay
from streams.replay.runs import FAN, Runs
from streams.replay.sinks import FileSink
from streams.replay.sources import Files, ReplayError, stage_of
from tests.cli.conftest import COMMAND, Run, environment
from tests.replay.stories import rules, stories, write


def rule_set(text: str) -> RuleSet:
    found = parse(text, family_of=dict(FAMILY_OF))
    assert isinstance(found, RuleSet), found
    return found


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two files of articles, each in no order, one of them packed; and rules.yaml."""
    made = stories(150, 1)
    random.Random(2).shuffle(made)
    (tmp_path / "rules.yaml").write_text(rules())
    write(tmp_path / "one.jsonl", made[:80])
    (tmp_path / "two.jsonl.gz").write_bytes(gzip.compress(write(tmp_path / "two", made[80:]).read_bytes()))
    return ["one.jsonl", "two.jsonl.gz"]


def play(folder: Path, names: list[str], out: str, *, stop_after: int | None = None) -> bytes | None:
    """One replay in this process; None where it was stopped, which it is after `stop_after` looks."""
    looks = 0

    def stopped() -> bool:
        nonlocal looks
        looks += 1
        return stop_after is not None and looks > stop_after

    progress = folder / (out + ".progress")
    progress.mkdir(exist_ok=True)
    checkpoint = load(progress, {"names": names}) or Checkpoint(asked={"names": names})
    source = Files([str(folder / name) for name in names])
    past = Past(source, Asked(stage="articles"), progress, known={}, stopped=stopped)
    try:
        asyncio.run(replay(past, rule_set(rules()), FileSink(folder / out), checkpoint, progress, None))
    except Stopped:
        return None
    return (folder / out).read_bytes()


def test_articles_are_played_in_the_order_of_publication(run: Run, files: list[str]) -> None:
    done = run("replay", "--rules", "rules.yaml", *files)
    assert done.status == 0, done.err
    events = [orjson.loads(line) for line in done.out.splitlines()]
    times = [event["times"]["event_time"] for event in events]
    assert times == sorted(times) and len(times) > 30
    assert {event["mode"] for event in events} == {"replay"} and {event["times"]["emitted_at"] for event in events} == {None}
    assert {event["transition"] for event in events} >= {"firing", "resolved", "expired", "escalated"}
    assert "150 articles" in done.err


def test_a_replay_is_a_rehearsal_of_the_same_articles(files: list[str], tmp_path: Path) -> None:
    """The pure code over articles that are in order, without files, runs or processes, says the same."""
    from schemas.article import Article
    from schemas.codec import decode, encode
    from streams.core.intake import Rejected, receive

    documents = []
    for story in stories(150, 1):
        article = decode(orjson.dumps(story), Article)
        document = receive(article, timestamp=datetime.fromisoformat(str(story["published"])))
        assert not isinstance(document, Rejected)
        documents.append(Timed(document.published, document))
    wanted = [orjson.loads(encode(alert)) | {"mode": "replay"} for alert in rehearse(rule_set(rules()), documents)]
    assert wanted and [orjson.loads(line) for line in (play(tmp_path, files, "out.jsonl") or b"").splitlines()] == wanted


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_replay_that_was_stopped_goes_on_to_the_same_bytes(
    files: list[str], tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.replay.replay.LOOK_EVERY", 7)
    whole = play(tmp_path, files, "whole.jsonl")
    stops = 0
    while (part := play(tmp_path, files, "parts.jsonl", stop_after=stop_after)) is None:
        stops += 1
        with (tmp_path / "parts.jsonl").open("ab") as out:
            out.write(b"what a crash may leave behind the last checkpoint")
    assert stops > 5 // (stop_after + 1)
    assert part == whole


def test_ctrl_c_stops_and_the_same_command_goes_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(rules())
    write(tmp_path / "in.jsonl", stories(1_000, 5))
    command = ["replay", "--rules", "rules.yaml", "--out", "out.jsonl", "in.jsonl"]
    process = subprocess.Popen([*COMMAND, *command], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, start_new_session=True)
    while process.poll() is None and not (tmp_path / "out.jsonl.progress").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130 and b"goes on from here" in said, said
    assert (tmp_path / "out.jsonl.progress" / "checkpoint.json").exists()
    other = run("replay", "--rules", "rules.yaml", "--out", "out.jsonl", "--from", "2024-01-02", "in.jsonl")
    assert other.status == 2 and "another replay (other: span)" in other.err
    assert run(*command).status == 0
    assert (tmp_path / "out.jsonl").read_bytes() == run("replay", "--rules", "rules.yaml", "in.jsonl").out.encode()


def test_what_cannot_be_used_is_counted_by_reason(run: Run, tmp_path: Path, files: list[str]) -> None:
    bad = b'{not json\n{"text": 5}\n{"text": "No date here."}\n\n{"text": " ", "published": "2024-01-01"}\n'
    (tmp_path / "bad.jsonl").write_bytes(bad)
    done = run("replay", "--rules", "rules.yaml", "bad.jsonl", "one.jsonl")
    assert done.status == 0
    for words in ("80 articles", "1 refused (not_json)", "1 refused (wrong_type)", "1 refused (bad_published)", "1 refused (empty_text)"):
        assert words in done.err


def test_from_and_to_are_event_times(files: list[str], run: Run) -> None:
    done = run("replay", "--rules", "rules.yaml", "--from", "2024-01-10", "--to", "2024-01-20", *files)
    events = [orjson.loads(line) for line in done.out.splitlines()]
    assert events and all("2024-01-10" <= event["times"]["event_time"] < "2024-01-20" for event in events)
    assert "outside the range" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--topic", "claims", "one.jsonl"], "The files hold articles, not claims"),
        (["one.jsonl"], "needs --rules FILE"),
        (["--from", "2024-02-01", "--to", "2024-01-01", "--rules", "rules.yaml", "one.jsonl"], "--from must be before --to"),
        (["--rules", "rules.yaml", "none.jsonl"], "There is no file none.jsonl"),
        (["--rules", "faulty.yaml", "one.jsonl"], "faulty.yaml:2:"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(files: list[str], run: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "faulty.yaml").write_text("schema: 1\nrules: [{id: x}]\n")
    done = run("replay", *arguments)
    assert done.status == 2 and words in done.err and "Traceback" not in done.err


def test_a_damaged_archive_is_told(tmp_path: Path, files: list[str], run: Run) -> None:
    whole = (tmp_path / "two.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = run("replay", "--rules", "rules.yaml", "cut.jsonl.gz")
    assert done.status == 2 and "is damaged" in done.err


def test_files_of_two_kinds_do_not_mix(tmp_path: Path, files: list[str]) -> None:
    line = {"topic": "claims", "partition": 0, "offset": 0, "timestamp": "2024-01-01T00:00:00Z", "key": None, "value": "{}"}
    (tmp_path / "claims.jsonl").write_bytes(orjson.dumps(line) + b"\n")
    assert stage_of([str(tmp_path / "claims.jsonl")]) == "claims"
    with pytest.raises(ReplayError, match="articles, claims"):
        stage_of([str(tmp_path / "claims.jsonl"), str(tmp_path / "one.jsonl")])


@settings(max_examples=40)
@given(lines=st.lists(st.binary(min_size=1, max_size=12).map(lambda data: data.hex().encode()), unique=True), held=st.integers(1, 200))
def test_runs_come_back_sorted_whatever_is_held(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], held: int) -> None:
    runs = Runs(tmp_path_factory.mktemp("runs"), held_bytes=held)
    for line in lines:
        runs.add(line)
        if runs.full:
            runs.flush()
    assert list(runs.read()) == sorted(lines)


def test_many_runs_are_merged_into_few(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    for number in range(3 * FAN):
        runs.add(b"%06d" % (number * 7919 % 1000))
        runs.flush()
    assert len(runs.names) < FAN
    assert list(Runs(tmp_path, runs.names).read()) == sorted(b"%06d" % (number * 7919 % 1000) for number in range(3 * FAN))
    runs.clear_unused()
    assert len(list(tmp_path.glob("*.run"))) == len(runs.names)


def test_the_rate_is_of_what_was_done_since_it_went_on() -> None:
    assert told({"read": 900, "claims": 7, "entries": 5}, 2.0) == "900 articles, 7 claims; 450 a second, 2.0 s"
    assert told({"read": 900, "claims": 7}, 2.0, {"read": 800}) == "900 articles, 7 claims; 50 a second, 2.0 s"
