"""When to try again: the schedule, what an answer means, Retry-After, jitter that is always the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.delivery.retry import JITTER, SCHEDULE, Attempt, next_try, reason_of, retry_after
from tests.core.delivery.build import NOW, alert, entry

TRIED = replace(entry(alert()), attempt=1)


def wait(attempt: int, reason: str = "server_error", **more: object) -> float | None:
    at = next_try(replace(TRIED, attempt=attempt), Attempt(reason=reason, **more), SCHEDULE, NOW)  # type: ignore[arg-type]
    return None if at is None else (at - NOW).total_seconds()


def test_the_schedule_goes_from_five_seconds_to_a_day_and_ends() -> None:
    waits = [wait(number) for number in range(1, len(SCHEDULE) + 2)]
    assert waits.pop() is None
    for seconds, planned in zip(waits, SCHEDULE, strict=True):
        assert seconds is not None and planned <= seconds <= planned * (1 + JITTER)
    assert timedelta(days=3) < timedelta(seconds=sum(SCHEDULE)) < timedelta(days=4)


@pytest.mark.parametrize(
    ("reason", "tries"),
    [
        *[("server_error", 10), ("rate_limited", 10), ("timeout", 10), ("connection", 10), ("address", 10), ("refused", 10)],
        *[("rejected", 4), ("redirected", 4), ("gone", 1)],
    ],
)
def test_how_often_each_failure_is_tried(reason: str, tries: int) -> None:
    assert [wait(number, reason) is None for number in range(1, 11)].index(True) + 1 == tries


def test_retry_after_makes_a_wait_longer_and_never_shorter() -> None:
    assert wait(1, "rate_limited", retry_after=60.0) == 60
    assert (wait(2, "rate_limited", retry_after=60.0) or 0) >= 300


def test_jitter_is_the_same_for_the_same_try_and_differs_between_tries() -> None:
    assert wait(3) == wait(3)
    others = {next_try(replace(TRIED, event_id=str(n)), Attempt(reason="timeout"), SCHEDULE, NOW) for n in range(20)}
    assert len(others) == 20


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 5 ", 5),
        ("0", 0),
        ("999999999", 86_400),
        ("Thu, 01 Feb 2024 12:02:00 GMT", 120),
        ("Thu, 01 Feb 2024 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Thu, 99 Feb 2024 12:02:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_whatever_retry_after_says_is_no_error(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or 0 <= found <= 86_400


@given(st.integers(min_value=100, max_value=599))
def test_only_2xx_is_success(status: int) -> None:
    assert (reason_of(status) is None) == (200 <= status < 300)
