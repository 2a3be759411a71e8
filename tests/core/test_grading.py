"""Graded comparison and normalising: the vectors of semantics sections 1 and 2."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.figure import Interval, Reference
from streams.core.grading import Normal, at_least, capped, grade, normalise

EXACT = Interval(low=10_000, high=10_000, point=10_000)
APPROX = Interval(low=9_000, high=11_000, point=10_000)
MORE_THAN = Interval(low=10_000, high=None, low_closed=False)
AT_LEAST = Interval(low=10_000, high=None)
NEARLY = Interval(low=9_000, high=10_000, high_closed=False)
UP_TO = Interval(low=0, high=10_000)
RANGE = Interval(low=9_000, high=11_000)
APPROX_12K = Interval(low=10_800, high=13_200, point=12_000)
MORE_THAN_8K = Interval(low=8_000, high=None, low_closed=False)
TENS_OF_THOUSANDS = Interval(low=10_000, high=None)


@pytest.mark.parametrize(
    ("figure", "at_or_above", "above", "below"),
    [
        (EXACT, "certain", "no", "no"),
        (APPROX, "probable", "possible", "possible"),
        (MORE_THAN, "certain", "certain", "no"),
        (AT_LEAST, "certain", "possible", "no"),
        (NEARLY, "no", "no", "certain"),
        (UP_TO, "possible", "no", "possible"),
        (RANGE, "possible", "possible", "possible"),
        (APPROX_12K, "certain", "certain", "no"),
        (MORE_THAN_8K, "possible", "possible", "possible"),
        (TENS_OF_THOUSANDS, "certain", "possible", "no"),
    ],
)
def test_the_table_of_semantics_section_1(figure: Interval, at_or_above: str, above: str, below: str) -> None:
    assert grade(figure, ">=", 10_000) == at_or_above
    assert grade(figure, ">", 10_000) == above
    assert grade(figure, "<", 10_000) == below


values = st.integers(-50, 50)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(values), draw(values)))
    point = draw(st.none() | st.integers(low, high))
    if draw(st.booleans()):
        return Interval(low=low, high=None, low_closed=draw(st.booleans()))
    if low == high:
        return Interval(low=low, high=high, point=point)
    return Interval(
        low=low, high=high, point=point, low_closed=point == low or draw(st.booleans()), high_closed=point == high or draw(st.booleans())
    )


@given(intervals(), values, st.sampled_from([(">=", "<"), (">", "<=")]))
def test_a_condition_and_its_opposite_are_never_both_sure(figure: Interval, limit: int, pair: tuple[str, str]) -> None:
    one, other = (grade(figure, op, limit) for op in pair)  # type: ignore[arg-type]
    assert (one == "certain") == (other == "no")
    assert not (at_least(one, "probable") and at_least(other, "probable"))


@given(intervals(), values, values)
def test_a_higher_limit_is_never_met_more_surely(figure: Interval, limit: int, other: int) -> None:
    low, high = sorted((limit, other))
    assert at_least(grade(figure, ">=", low), grade(figure, ">=", high))


OCTOBER = Reference(start=date(2023, 10, 1), end=date(2023, 10, 31), complete=True)
RUNNING = Reference(start=date(2023, 12, 1), end=date(2023, 12, 31), complete=False)
TOTAL = Interval(low=300_000, high=300_000, point=300_000)


def test_a_total_of_a_complete_month_becomes_a_figure_a_day() -> None:
    normal = normalise(TOTAL, "month", OCTOBER, "day")
    assert isinstance(normal, Normal) and normal.source
    assert normal.figure.point == pytest.approx(9677.4, abs=0.05)
    assert (normal.source.value, normal.source.per, normal.source.days, normal.source.assumed) == (300_000, "month", 31, False)
    assert normal.cap == "certain"


def test_a_month_that_cannot_be_identified_counts_its_mean_length_and_proves_nothing_for_certain() -> None:
    normal = normalise(TOTAL, "month", None, "day")
    assert isinstance(normal, Normal) and normal.source
    assert (normal.source.days, normal.source.assumed, normal.cap) == (30.4375, True, "probable")
    assert capped("certain", normal.cap) == "probable"


def test_a_figure_stated_per_day_needs_no_conversion_whatever_its_dates() -> None:
    assert normalise(APPROX, "day", RUNNING, "day") == Normal(APPROX)


def test_a_total_of_a_running_month_is_refused_unless_the_rule_takes_it() -> None:
    assert normalise(TOTAL, "month", RUNNING, "day") == "unnormalisable"
    so_far = Reference(start=date(2023, 12, 1), end=date(2023, 12, 20), complete=False)
    normal = normalise(TOTAL, "month", so_far, "day", partial="elapsed")
    assert isinstance(normal, Normal) and normal.figure.point == 15_000


@pytest.mark.parametrize(
    ("period", "per", "convertible", "why"),
    [
        ("cumulative", "day", True, "no_period"),
        ("event", "day", True, "no_period"),
        ("none", "day", True, "no_period"),
        ("month", "day", False, "not_convertible"),
        ("month", None, True, "not_convertible"),
    ],
)
def test_what_is_never_converted(period: str, per: str, convertible: bool, why: str) -> None:
    assert normalise(TOTAL, period, OCTOBER, per, convertible=convertible) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "start", "end", "days"),
    [
        ("month", date(2024, 2, 1), date(2024, 2, 29), 29),
        ("year", date(2023, 1, 1), date(2023, 12, 31), 365),
        ("year", date(2024, 1, 1), date(2024, 12, 31), 366),
        ("fiscal_year", date(2023, 10, 1), date(2024, 9, 30), 366),
        ("fiscal_year", date(2022, 10, 1), date(2023, 9, 30), 365),
        ("week", date(2023, 12, 4), date(2023, 12, 10), 7),
    ],
)
def test_a_period_has_the_days_of_its_calendar(period: str, start: date, end: date, days: int) -> None:
    normal = normalise(TOTAL, period, Reference(start=start, end=end, complete=True), "day")  # type: ignore[arg-type]
    assert isinstance(normal, Normal) and normal.source and normal.source.days == days
