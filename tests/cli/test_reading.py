"""extract and explain: texts in, figures out, without a broker."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, SECONDS, Run, environment

TEXT = "Around 12,000 people have been apprehended daily at the southwest border this month, border patrol officials said."


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_extract_gives_claims_quantities_and_entities(run: Run) -> None:
    result = run("extract", stdin=line(id="a", text=TEXT, published="2024-02-09", title="Border"))
    assert (result.status, result.err) == (0, "")
    found = json.loads(result.out)
    assert set(found) == {"id", "claims", "quantities", "entities"}
    (claim,) = found["claims"]
    assert TEXT[claim["start"] : claim["end"]] == claim["quote"] == "12,000"
    assert {"bound", "unit", "indicator", "period", "kind", "modality", "place", "attribution"} <= set(claim)
    assert (claim["indicator"], claim["point"], claim["low"], claim["high"]) == ("apprehensions", 12_000, 10_800, 13_200)
    assert claim["reference"]["start"] == "2024-02-01"
    (quantity,) = found["quantities"]
    assert {"start", "end", "low", "high", "point", "bound", "unit", "unit_text", "change"} <= set(quantity)


@pytest.mark.parametrize(("command", "field"), [(["extract"], "id"), (["explain", "--json"], "text")])
def test_json_in_a_terminal_says_the_same_and_drives_nothing(command: list[str], field: str, tmp_path: Path) -> None:
    hostile = f"{TEXT[:-1]} \x1b]0;x\x07\x9b31m\u202e\U000e0041 officials said."
    (tmp_path / "a.jsonl").write_bytes(line(id="\x9b2J", text=hostile, title="\x9b"))
    own, theirs = pty.openpty()
    arguments = [*COMMAND, *command, "a.jsonl"]
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, stdout=theirs) as started:
        os.close(theirs)
        told = b""
        with suppress(OSError):  # how Linux says that the last writer is gone
            while part := os.read(own, 65_536):
                told += part
    os.close(own)
    assert started.returncode == 0
    assert told.decode().replace("\r\n", "").isprintable()
    assert json.loads(told)[field] == {"id": "\x9b2J", "text": hostile}[field]


@pytest.mark.parametrize("name", ["a", 7, None, {"part": 1}])
def test_an_id_comes_back_as_it_was(run: Run, name: object) -> None:
    assert json.loads(run("extract", stdin=line(id=name, text="x")).out)["id"] == name


def test_without_a_publication_date_dates_stay_open(run: Run) -> None:
    (claim,) = json.loads(run("extract", stdin=line(text=TEXT, published=None)).out)["claims"]
    assert claim["reference"] is None


def test_entities_can_be_left_out(run: Run) -> None:
    text = "Officials in Mexico and in Guatemala agreed."
    assert json.loads(run("extract", "--entities", "gazetteer", stdin=line(text=text)).out)["entities"]
    assert json.loads(run("extract", "--entities", "off", stdin=line(text=text)).out)["entities"] == []


def test_a_bad_line_is_named_and_the_others_are_read(run: Run, tmp_path: Path) -> None:
    bad = b"not json\n" + line(text=5) + line(id="no text") + line(text="x", published="soon") + b"\xff\n"
    (tmp_path / "many.jsonl").write_bytes(line(id=1, text="x") + b"\n" + bad + line(id=2, text="x"))
    result = run("extract", "many.jsonl")
    assert result.status == 1
    assert [json.loads(row)["id"] for row in result.out.splitlines()] == [1, 2]
    assert [row.split(": ")[:2] for row in result.err.splitlines()] == [
        ["many.jsonl:3", "not_json"],
        ["many.jsonl:4", "wrong_type"],
        ["many.jsonl:5", "wrong_type"],
        ["many.jsonl:6", "bad_published"],
        ["many.jsonl:7", "invalid_utf8"],
    ]


def test_a_line_is_answered_before_the_next_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen([*COMMAND, "extract"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), cwd=tmp_path)
    assert process.stdin is not None and process.stdout is not None
    for name in ("first", "second"):
        process.stdin.write(line(id=name, text="x"))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == name
    process.stdin.close()
    assert process.wait(SECONDS) == 0


def test_extract_needs_neither_kafka_nor_faust_nor_settings(tmp_path: Path) -> None:
    """It starts quickly because of what it does not import; a wrong setting does not concern it."""
    code = (
        "import sys; from streams.cli.main import main; status = main(['extract']); "
        "print(status, [name for name in ('faust', 'aiokafka', 'confluent_kafka', 'asyncio', 'streams.config') if name in sys.modules])"
    )
    env = environment(nonsense="x")
    done = subprocess.run([sys.executable, "-c", code], input=line(text=TEXT), capture_output=True, env=env, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == b"0 []"


def test_explain_marks_every_figure_and_says_what_was_read(run: Run) -> None:
    result = run("explain", TEXT + " Talks began on 3 March 2024.", "--published", "2024-02-09")
    assert (result.status, result.err) == (0, "")
    told = result.out.splitlines()
    assert told[0].startswith("Around [12,000] people have been apprehended daily")
    assert told[1] == "    12,000  apprehensions: 10,800 to 13,200, best 12,000 person per day (approx)"
    for words in (
        "asserted flow",
        "about: 2024-02-01 to 2024-02-29, still running",
        "(us-southwest-border)",
        "according to: border patrol officials",
        "confidence: 0.",
    ):
        assert any(words in row for row in told), words
    assert any("no claim: date" in row for row in told)
    assert told[-1].startswith("1 claim, ")


def test_explain_reads_files_of_text_and_of_json_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(f"date 2024-02-09 (THE EXAMPLE)\n{TEXT}\n")
    (tmp_path / "story.jsonl").write_bytes(line(text=TEXT, published="2024-02-09"))
    assert run("explain", "story.txt").out == run("explain", "story.jsonl").out == run("explain", TEXT, "--published", "2024-02-09").out
    assert run("explain", "-", stdin=TEXT.encode()).status == 0


def test_explain_in_json_holds_what_is_no_claim_too(run: Run) -> None:
    found = json.loads(run("explain", "--json", "--published", "2024-02-09", TEXT + " It was 5:25 a.m. then.").out)
    assert found["published"] == "2024-02-09"
    assert [claim["quote"] for claim in found["claims"]] == ["12,000"]
    assert found["silent"] and {"start", "end", "quote", "reason"} == set(found["silent"][0])
    assert all(found["text"][item["start"] : item["end"]] == item["quote"] for item in (*found["claims"], *found["silent"]))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere.txt"], "There is no file nowhere.txt."),
        (["stories/nowhere"], "There is no file stories/nowhere."),
        (["nowhere"], "There is no file nowhere."),
        (["  "], "the text is empty"),
        ([TEXT, "--published", "soon"], "'soon' is not an ISO 8601 date or time."),
    ],
)
def test_what_explain_cannot_take_is_said(run: Run, args: list[str], words: str) -> None:
    result = run("explain", *args)
    assert result.status == 2
    assert words in result.err


def test_a_text_that_drives_terminals_does_not(run: Run) -> None:
    assert "\x1b" not in run("explain", "Police say \x1b[2J 300 died.").out
