"""Time expressions: where they are, what unit they have, which dates they mean."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.core import dates
from streams.core.dates import When, find

TODAY = date(2024, 5, 16)  # a Thursday

# text | unit | relation | first day | last day, of the only expression in it
ONE = [
    ("in April 2018 .", "month", "in", "2018-04-01", "2018-04-30"),
    ("in Feb. 2024 ,", "month", "in", "2024-02-01", "2024-02-29"),
    ("on Sept. 3", "day", "in", "2023-09-03", "2023-09-03"),
    ("on March 3 , 2022 ,", "day", "in", "2022-03-03", "2022-03-03"),
    ("on 3 March 2022", "day", "in", "2022-03-03", "2022-03-03"),
    ("in October", "month", "in", "2023-10-01", "2023-10-31"),
    ("in May", "month", "in", "2024-05-01", "2024-05-31"),
    ("in April alone", "month", "in", "2024-04-01", "2024-04-30"),
    ("last November", "month", "in", "2023-11-01", "2023-11-30"),
    ("last April", "month", "in", "2023-04-01", "2023-04-30"),
    ("in January of last year", "month", "in", "2023-01-01", "2023-01-31"),
    ("this month", "month", "in", "2024-05-01", "2024-05-31"),
    ("last month", "month", "in", "2024-04-01", "2024-04-30"),
    ("next month", "month", "in", "2024-06-01", "2024-06-30"),
    ("this week", "week", "in", "2024-05-13", "2024-05-19"),
    ("last week", "week", "in", "2024-05-06", "2024-05-12"),
    ("this year", "year", "in", "2024-01-01", "2024-12-31"),
    ("last year", "year", "in", "2023-01-01", "2023-12-31"),
    ("in 2019 ,", "year", "in", "2019-01-01", "2019-12-31"),
    ("during 2007", "year", "in", "2007-01-01", "2007-12-31"),
    ("so far this year", "year", "so_far", "2024-01-01", "2024-12-31"),
    ("so far in 2024", "year", "so_far", "2024-01-01", "2024-12-31"),
    ("this year to date", "year", "so_far", "2024-01-01", "2024-12-31"),
    ("on Tuesday", "day", "in", "2024-05-14", "2024-05-14"),
    ("Thursday night", "day", "in", "2024-05-16", "2024-05-16"),
    ("last Friday", "day", "in", "2024-05-10", "2024-05-10"),
    ("next Monday", "day", "in", "2024-05-20", "2024-05-20"),
    ("yesterday", "day", "in", "2024-05-15", "2024-05-15"),
    ("today", "day", "in", "2024-05-16", "2024-05-16"),
    ("last night", "day", "in", "2024-05-15", "2024-05-15"),
    ("in fiscal year 2022", "fiscal_year", "in", "2021-10-01", "2022-09-30"),
    ("in fiscal 2022", "fiscal_year", "in", "2021-10-01", "2022-09-30"),
    ("in FY2023", "fiscal_year", "in", "2022-10-01", "2023-09-30"),
    ("in FY 23", "fiscal_year", "in", "2022-10-01", "2023-09-30"),
    ("the 2019 fiscal year", "fiscal_year", "in", "2018-10-01", "2019-09-30"),
    ("this fiscal year", "fiscal_year", "in", "2023-10-01", "2024-09-30"),
    ("last fiscal year", "fiscal_year", "in", "2022-10-01", "2023-09-30"),
    ("next fiscal year", "fiscal_year", "in", "2024-10-01", "2025-09-30"),
    ("so far this fiscal year", "fiscal_year", "so_far", "2023-10-01", "2024-09-30"),
    ("since October", "span", "since", "2023-10-01", "2024-05-16"),
    ("since the beginning of the fiscal year", "span", "since", "2023-10-01", "2024-05-16"),
    ("since last year", "span", "since", "2023-01-01", "2024-05-16"),
    ("since 2021", "span", "since", "2021-01-01", "2024-05-16"),
    ("since early February", "span", "since", "2024-02-01", "2024-05-16"),
    ("in March and April", "span", "in", "2024-03-01", "2024-04-30"),
    ("between October 2018 and February 2019", "span", "in", "2018-10-01", "2019-02-28"),
    ("from January to March", "span", "in", "2024-01-01", "2024-03-31"),
    ("from November through January", "span", "in", "2023-11-01", "2024-01-31"),
    ("through March of this year", "span", "through", "2024-03-01", "2024-03-31"),
    ("in the past 24 hours", "day", "in", "2024-05-15", "2024-05-16"),
    ("over the last three months", "span", "in", "2024-02-15", "2024-05-16"),
    ("in the past week", "week", "in", "2024-05-06", "2024-05-12"),
    ("in recent months", "span", "in", "2024-02-15", "2024-05-16"),
    ("in the last few days", "span", "in", "2024-05-13", "2024-05-16"),
    ("a year ago", "span", "ago", "2023-05-17", "2023-05-17"),
    ("two months earlier", "span", "ago", "2024-03-16", "2024-03-16"),
    ("the same period of 2023", "span", "ago", "2023-01-01", "2023-12-31"),
    ("the same month last year", "span", "ago", "2023-01-01", "2023-12-31"),
    ("in the 1990s", "span", "ago", "1990-01-01", "1999-12-31"),
    ("in the summer of 2023", "season", "in", "2023-06-01", "2023-08-31"),
    ("last summer", "season", "in", "2023-06-01", "2023-08-31"),
    ("last quarter", "quarter", "in", "2024-01-01", "2024-03-31"),
]

NONE = [
    "they may come in large numbers",
    "people will march on the capital",
    "2,019 people",
    "1987 people were there",
    "the sun rose",
    "they sat down",
    "a fall of 30 percent",
    "the same people",
    "for three months",
    "section 2022 of the act",
]


def read(text: str, published: date | None = TODAY) -> tuple[When, ...]:
    words = re.findall(r"\d+(?:,\d+)*(?=s\b)|\d[\d,]*\d|\w+|[^\w\s]", text)
    return find([word.lower() for word in words], published, lambda index: words[index][0].isupper())


@pytest.mark.parametrize(("text", "unit", "relation", "start", "end"), ONE, ids=[row[0] for row in ONE])
def test_one_expression(text: str, unit: str, relation: str, start: str, end: str) -> None:
    """One expression is found, with its unit, its relation and its dates."""
    found = read(text)
    assert [(when.unit, when.relation, str(when.start), str(when.end)) for when in found] == [(unit, relation, start, end)]


@pytest.mark.parametrize("text", NONE)
def test_no_expression(text: str) -> None:
    """Words that only look like times are none."""
    assert read(text) == ()


def test_several_in_one_sentence() -> None:
    """Expressions are found in order and do not overlap."""
    found = read("In April 2018 it was higher , up from the same month a year earlier .")
    assert [(when.unit, when.relation) for when in found] == [("month", "in"), ("span", "ago")]
    assert all(one.last <= two.first for one, two in pairwise(found))


def test_future_is_marked() -> None:
    """What lies ahead is told apart."""
    assert [when.future for when in read("next year")] == [True]
    assert [when.future for when in read("last year")] == [False]


def test_without_publication_date() -> None:
    """Without a publication date only what the text itself dates has dates."""
    assert [(when.unit, when.start) for when in read("this month", None)] == [("month", None)]
    assert [(when.unit, str(when.start)) for when in read("in June 2022", None)] == [("month", "2022-06-01")]


@pytest.mark.parametrize(("year", "start", "end"), [(2024, "2023-10-01", "2024-09-30"), (2000, "1999-10-01", "2000-09-30")])
def test_fiscal_year(year: int, start: str, end: str) -> None:
    """The US fiscal year begins on 1 October of the year before."""
    assert tuple(map(str, dates.fiscal_year(year))) == (start, end)


VOCABULARY = """in since the last this past next may march june of 2019 1990 s 12 31 24 hours fiscal year fy2023 ago earlier a week monday
so far to date through and between same period month , . - tonight recent months summer quarter 99 0 first two that day course"""
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=40)


@example(["since", "next", "may"], date(2000, 1, 1))
@given(WORDS, st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2190, 1, 1))))
def test_any_words(words: list[str], published: date | None) -> None:
    """Any words can be read: no error, ranges inside the sentence, starts not after ends."""
    for when in find(words, published):
        assert 0 <= when.first < when.last <= len(words)
        assert when.start is None or when.end is None or when.start <= when.end
