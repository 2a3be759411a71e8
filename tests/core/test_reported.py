"""The figures that were reported last: which stand, how many, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemas.claims import ClaimRecord
from schemas.codec import decode
from schemas.figure import Claim, Place
from schemas.publish import FOLDER
from streams.core.reported import VALID_FOR, Name, Reported

DAY = datetime(2024, 1, 1, tzinfo=UTC)
GOLDEN = decode((FOLDER.parent / "golden/claim/full.json").read_bytes(), ClaimRecord)
SOUTHWEST = Name("apprehensions", "us-southwest-border", "person", "day")


def record(value: int, *, days: float = 0, **fields: object) -> ClaimRecord:
    plain: dict[str, object] = {
        "indicator": "apprehensions", "place": Place(text="the border", id="us-southwest-border"), "unit": "person", "period": "day",
        "modality": "asserted", "kind": "flow", "scope": "total", "low": value - 1, "point": value, "high": None,
    }  # fmt: skip
    claim: Claim = replace(GOLDEN.claim, **(plain | fields))  # type: ignore[arg-type]
    return replace(GOLDEN, published=DAY + timedelta(days=days), claim=claim)


def standing(reported: Reported, days: float = 0, partition: int = 3) -> dict[str, float | None]:
    return {name.place: one.point for name, one in reported.standing({partition: DAY + timedelta(days=days)})}


def test_the_figure_published_last_stands_whatever_comes_after() -> None:
    reported = Reported(10)
    for one in (record(5), record(7, days=1), record(6, days=0.5)):
        reported.take(3, one)
    ((name, latest),) = reported.standing({3: DAY})
    assert (name, latest.low, latest.point, latest.high) == (SOUTHWEST, 6, 7, None)


def test_only_what_an_alert_could_stand_on_counts_and_words_of_a_text_are_no_place() -> None:
    reported = Reported(10)
    for fields in ({"modality": "planned"}, {"kind": "change"}, {"scope": "part"}, {"place": Place(text="some valley")}):
        reported.take(3, record(5, **fields))
    assert standing(reported) == {}
    reported.take(3, record(5, place=None))
    assert standing(reported) == {"": 5}


def test_a_figure_expires_by_the_clock_of_its_partition() -> None:
    reported = Reported(10)
    reported.take(3, record(5))
    assert standing(reported, VALID_FOR.days) == {"us-southwest-border": 5}
    assert standing(reported, VALID_FOR.days + 1, partition=4) == {}, "no clock, not told"
    assert standing(reported, VALID_FOR.days + 0.1) == {}
    assert standing(reported) == {}, "forgotten"


def test_there_are_never_more_than_the_limit_and_the_oldest_go() -> None:
    reported = Reported(2)
    for number in (2, 1, 3):
        reported.take(3, record(number, days=number, place=Place(text="x", id=str(number))))
    assert standing(reported) == {"2": 2, "3": 3}


def test_with_the_partition_its_figures_go() -> None:
    reported = Reported(2)
    reported.take(3, record(5))
    reported.keep({1, 2})
    assert standing(reported) == {}
