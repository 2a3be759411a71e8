"""Log lines: one event a line, for people on a terminal and for programs elsewhere."""

import io
import logging
import sys

import orjson
import pytest

from streams.observe.logs import MAX_SAID, Json, Repeats, Text, configure, fields


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def afterwards() -> object:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def line(out: io.StringIO, form: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", out)
    configure("info", form)  # type: ignore[arg-type]
    logging.getLogger("x").info("alert %s", "firing", extra=fields(rule="r", alert_level=None))
    return out.getvalue()


def test_a_program_gets_json_and_a_terminal_a_line_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    told = orjson.loads(line(io.StringIO(), "auto", monkeypatch))
    assert told.pop("time").endswith("Z")
    assert told == {"level": "info", "logger": "x", "message": "alert firing", "rule": "r", "alert_level": None}
    assert line(Terminal(), "auto", monkeypatch).endswith("INFO    x: alert firing  rule=r alert_level=None\n")


def test_a_form_that_is_asked_for_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert line(io.StringIO(), "text", monkeypatch).startswith("20")
    assert line(Terminal(), "json", monkeypatch).startswith("{")


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_id_out_of_an_article_drives_no_terminal(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    configure("info", form)  # type: ignore[arg-type]
    logging.getLogger("x").info("dead letter", extra=fields(article="a\x1b[2J\x9b31m\u202e"))
    assert out.getvalue().rstrip("\n").isprintable()
    if form == "json":
        assert orjson.loads(out.getvalue())["article"] == "a\x1b[2J\x9b31m\u202e"


def said(name: str, words: str, at: float) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "msg": words, "levelno": logging.ERROR, "levelname": "ERROR", "created": at})


def test_a_library_that_repeats_itself_is_heard_once_a_minute() -> None:
    repeats = Repeats()
    heard = [at for at in range(130) if repeats.filter(said("aiokafka.consumer", "no broker", at))]
    assert heard == [0, 60, 120]
    last = said("aiokafka.consumer", "no broker", 180)
    assert repeats.filter(last) and Json().format(last).endswith('"left_out":9}')
    assert repeats.filter(said("aiokafka.consumer", "another fault", 181))
    assert all(repeats.filter(said("streams.live", "alert firing", 182)) for _ in range(3)), "our own lines are all logged"


def test_words_that_are_never_the_same_are_forgotten() -> None:
    repeats = Repeats()
    assert all(repeats.filter(said("faust", f"offset {number}", 0)) for number in range(2 * MAX_SAID))
    assert len(repeats._said) <= MAX_SAID


def test_what_is_configured_hears_a_library_once(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    line(out, "json", monkeypatch)
    for _ in range(3):
        logging.getLogger("aiokafka").error("no broker")
    assert out.getvalue().count("no broker") == 1


@pytest.mark.parametrize("form", [Json(), Text()])
def test_an_exception_comes_with_its_traceback(form: logging.Formatter) -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it\nbroke", (), sys.exc_info())
    assert "ValueError: why" in form.format(record)
    assert not isinstance(form, Json) or len(form.format(record).splitlines()) == 1
