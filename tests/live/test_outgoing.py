"""What leaves the worker, without a broker: dead letters of records as odd as Kafka allows, and their times."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.dead import from_headers
from streams.core.intake import Rejected
from streams.live.outgoing import dead_letter, timestamp


def message(**fields: Any) -> Any:
    return SimpleNamespace(**({"topic": "articles", "partition": 1, "offset": 2, "key": b"k", "value": b"{", "headers": []} | fields))


def test_headers_travel_as_they_came_even_those_without_a_value() -> None:
    came = [("a", None), ("a", b"\xff"), ("", b""), ("newsgauge-stage", None)]
    sent = dead_letter(None, message(headers=came), Rejected("not_json", "why"), "enrich")
    assert sent.headers[:3] == came[:3]
    letter = from_headers(tuple(sent.headers))
    assert letter and (letter.reason, letter.stage, letter.attempt) == ("not_json", "enrich", 1)


@pytest.mark.parametrize("seconds", [None, -0.001, 0, 10**15, 4e9])
def test_a_time_that_cannot_be_is_taken_for_none(seconds: float | None) -> None:
    before = datetime.now(UTC)
    assert before <= timestamp(message(timestamp=seconds)) <= datetime.now(UTC)


def test_a_record_has_its_own_time() -> None:
    assert timestamp(message(timestamp=1_700_000_000.5)) == datetime.fromtimestamp(1_700_000_000.5, UTC)
