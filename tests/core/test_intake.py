"""Articles as they come become documents, or are rejected with a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.article import Article, Document, Source
from streams.core.intake import Rejected, canonical_url, identify, receive

NOW = datetime(2024, 1, 10, 12, tzinfo=UTC)


def received(**fields: object) -> Document:
    document = receive(Article(**({"text": "A story."} | fields)), timestamp=NOW)  # type: ignore[arg-type]
    assert isinstance(document, Document), document
    return document


def reason(**fields: object) -> str:
    rejected = receive(Article(**({"text": "A story."} | fields)), timestamp=NOW)  # type: ignore[arg-type]
    assert isinstance(rejected, Rejected)
    assert rejected.detail.endswith(" - at $." + rejected.detail.rsplit("$.", 1)[1]), "the detail ends with where"
    return rejected.reason


def test_only_text_is_needed_and_what_was_derived_is_flagged() -> None:
    document = received()
    assert document.id.startswith("sha256:") and document.version == 1
    assert document.published == NOW and document.flags == ("id_from_text", "published_assumed")


def test_a_document_is_its_id_else_its_canonical_url_else_its_text() -> None:
    assert identify(Article(text="a", id="7", url="https://x.example")) == ("7", ())
    assert identify(Article(text="a", id=" ", url="https://X.example/a/?utm_source=z#top")) == ("https://x.example/a", ("id_from_url",))
    assert identify(Article(text="a"))[0] == identify(Article(text="a", title="t"))[0]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example/A/", "https://news.example/A"),
        ("https://n.example/a?id=3&utm_campaign=q&fbclid=1", "https://n.example/a?id=3"),
        ("https://n.example/a#x", "https://n.example/a"),
        ("not a url", "not a url"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_a_canonical_url_leaves_out_what_does_not_change_the_page(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2023-12-28", datetime(2023, 12, 28, tzinfo=UTC), "day"),
        ("2023-12-28T10:00:00Z", datetime(2023, 12, 28, 10, tzinfo=UTC), "second"),
        ("2023-12-28T10:00:00+02:00", datetime(2023, 12, 28, 8, tzinfo=UTC), "second"),
        ("2023-12-28 10:00", datetime(2023, 12, 28, 10, tzinfo=UTC), "second"),
    ],
)
def test_publication_dates(text: str, moment: datetime, precision: str) -> None:
    document = received(published=text)
    assert (document.published, document.precision) == (moment, precision)


def test_a_date_a_little_ahead_is_clamped_and_flagged() -> None:
    document = received(published=(NOW + timedelta(days=6)).isoformat())
    assert document.published == NOW and "published_clamped" in document.flags


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": " \n"}, "empty_text"),
        ({"text": "x" * 1_000_001}, "text_too_long"),
        ({"id": "x" * 1_001}, "bad_id"),
        ({"version": 0}, "bad_version"),
        ({"published": "yesterday"}, "bad_published"),
        ({"published": "1870-01-01"}, "published_too_early"),
        ({"published": "2190-01-01"}, "published_in_future"),
        ({"published": "2024-01-18T00:00:00Z"}, "published_in_future"),
        ({"published": "0001-01-01T00:00:00+14:00"}, "bad_published"),
    ],
)
def test_what_cannot_be_used_is_rejected_with_a_reason(fields: dict[str, object], why: str) -> None:
    assert reason(**fields) == why


def test_publisher_wins_over_the_outlet_of_the_source() -> None:
    assert received(source=Source(outlet="B")).publisher == "B"
    assert received(publisher="A", source=Source(outlet="B")).publisher == "A"


def test_a_version_is_given_or_comes_from_the_time_of_the_update() -> None:
    assert received(version=3, updated="2024-01-02").version == 3
    assert received(updated="2024-01-02").version < received(updated="2024-01-02T00:00:01Z").version
    assert "updated_ignored" in received(updated="soon").flags
