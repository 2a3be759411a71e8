"""The memory of figures, without Kafka."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.claims import ClaimRecord, Revision
from schemas.figure import Interval, Reference
from streams.api import paging
from streams.api.figures import Figures
from tests.core.build import START, record

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OCTOBER = Reference(start=date(2023, 10, 1), end=date(2023, 10, 31), complete=True)


def held(*records: ClaimRecord | Revision, most: int = 1_000) -> Figures:
    figures = Figures(most=most)
    for number, one in enumerate(records):
        figures.take(one, NOW + timedelta(seconds=number))
    return figures


def values(figures: Figures, **asked: object) -> list[object]:
    """The best estimates that are found, newest publication first."""
    found = figures.find(**({"indicator": "apprehensions", "limit": 100} | asked))  # type: ignore[arg-type]
    return [figure.point for figure in found.figures]


def revision(document: str, version: int) -> Revision:
    return Revision(document=document, version=version, published=NOW, ingested=NOW)


def test_figures_come_newest_publication_first_whenever_they_arrived() -> None:
    assert values(held(record(1, day=2), record(2, day=0), record(3, day=1))) == [1, 3, 2]


@pytest.mark.parametrize(
    "left_out",
    [{"modality": "planned"}, {"modality": "negated"}, {"modality": "historical"}, {"kind": "change"}, {"indicator": None}],
)
def test_what_no_rule_could_take_is_in_no_series(left_out: dict[str, object]) -> None:
    assert len(held(record(5, **left_out))) == 0


def test_a_claim_that_comes_again_is_held_once() -> None:
    assert values(held(record(5), record(5))) == [5]


def test_a_newer_version_takes_back_what_the_older_said() -> None:
    old, new, other = record(5, document="d"), record(6, document="d", version=2), record(7, document="e")
    assert values(held(old, other, new, revision("d", 2))) == [7, 6]
    assert values(held(old, revision("d", 2), other)) == [7], "a version that says nothing"
    assert values(held(revision("d", 2), old)) == [], "a version that comes late"
    assert values(held(revision("d", 2), revision("d", 1), new)) == [6]


def test_a_total_of_a_whole_month_is_brought_to_a_day_and_says_from_what() -> None:
    october = record(None, figure=Interval(low=310_000, high=310_000, point=310_000), period="month", reference=OCTOBER)
    figures = held(october, record(9_000))
    assert values(figures, per="day") == [10_000, 9_000]
    converted = figures.find(indicator="apprehensions", per="day", limit=1, since=START).figures[0]
    assert converted.normalised_from is not None
    assert (converted.per, converted.normalised_from.per, converted.normalised_from.days) == ("day", "month", 31)
    assert values(figures, per="month") == [310_000, pytest.approx(9_000 * 30.4375)]
    assert values(held(record(5, period="cumulative")), per="day") == [], "no rate can be made of it"
    assert values(held(record(5, kind="stock", period="month")), per="day") == []


def test_a_search_narrows_by_place_unit_scope_and_time_of_publication() -> None:
    figures = held(record(1, day=0), record(2, day=1, place=None), record(3, day=2, unit="family"), record(4, day=3, scope="part"))
    assert values(figures) == [3, 2, 1]
    assert values(figures, place="us-southwest-border") == [3, 1]
    assert values(figures, unit="family") == [3]
    assert values(figures, scope="part") == [4]
    assert values(figures, since=START + timedelta(days=1)) == [3, 2]
    assert values(figures, before=START + timedelta(days=1)) == [1], "the end is not in it"
    assert values(figures, indicator="deaths") == []


def test_pages_lead_through_all_figures_of_several_series_once() -> None:
    figures = held(*(record(n, day=n // 3, unit=("person", "family")[n % 2]) for n in range(20)))
    found, after = [], None
    while True:
        some = figures.find(indicator="apprehensions", limit=7, after=after)
        found += [figure.claim_id for figure in some.figures]
        if some.next is None:
            break
        after = paging.read(some.next)
    assert len(found) == len(set(found)) == 20


def test_the_oldest_go_by_when_they_came_not_by_what_they_are_about() -> None:
    figures = held(record(1, day=9), record(2, day=0), record(3, day=5), most=2)
    assert values(figures) == [3, 2]
    figures.forget(NOW + timedelta(seconds=2))
    assert values(figures) == [3]
    figures.forget(NOW + timedelta(days=1))
    assert (len(figures), figures.names()) == (0, [])


def test_the_names_say_what_there_is() -> None:
    figures = held(record(1, day=4), record(2, day=0), record(3, place=None))
    told = [(one.place, one.figures, one.first, one.last) for one in figures.names()]
    assert told == [(None, 1, START, START), ("us-southwest-border", 2, START, START + timedelta(days=4))]


def test_a_figure_proves_itself_and_leads_only_to_safe_places() -> None:
    from dataclasses import replace

    safe = replace(record(5), url="https://news.example/1")
    hostile = replace(record(6, day=1), url="javascript:alert(1)")
    evil, good = held(safe, hostile).find(indicator="apprehensions", limit=2).figures
    assert (good.url, evil.url) == ("https://news.example/1", None)
    assert good.sentence == "A sentence that says so."
    assert (good.effective_end, good.attribution, good.published_at) == (START.date(), "us-cbp", START)
