"""Log lines: one event a line, for people on a terminal and for programs elsewhere."""

import io
import logging
import sys

import orjson
import pytest

from streams.observe.logs import Json, Text, configure, fields


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


@pytest.mark.parametrize("form", [Json(), Text()])
def test_an_exception_comes_with_its_traceback(form: logging.Formatter) -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it\nbroke", (), sys.exc_info())
    assert "ValueError: why" in form.format(record)
    assert not isinstance(form, Json) or len(form.format(record).splitlines()) == 1
