"""The trace context of a record: carried as it came, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.trace import HEADER, traceparent

GOOD = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("value", [GOOD, GOOD[:-1] + b"0", b"01" + GOOD[2:], b"cc" + GOOD[2:] + b"-what-will-be"])
def test_what_the_specification_allows_is_carried(value: bytes) -> None:
    assert traceparent([("a", b"b"), (HEADER, value)]) == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        GOOD.upper(),
        GOOD[:-1],
        GOOD + b"-more",
        GOOD + b"\n",
        b"ff" + GOOD[2:],
        b"00-" + b"0" * 32 + GOOD[35:],
        GOOD[:36] + b"0" * 16 + b"-01",
        b"01" + GOOD[2:] + b".more",
        b"01" + GOOD[2:] + b"-\xff",
        b"01" + GOOD[2:] + b"-" + b"x" * 600,
    ],
)
def test_anything_else_is_dropped(value: bytes | None) -> None:
    assert traceparent([(HEADER, value)]) is None


def test_two_are_none() -> None:
    assert traceparent([(HEADER, GOOD), (HEADER, GOOD)]) is None
    assert traceparent([]) is None


@given(st.lists(st.tuples(st.sampled_from([HEADER, "b"]), st.none() | st.binary(max_size=80))))
def test_whatever_comes_is_answered(headers: list[tuple[str, bytes | None]]) -> None:
    found = traceparent(headers)
    assert found is None or (HEADER, found) in headers
