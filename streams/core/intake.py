"""First step of the flow: an article as it came becomes a document, or is rejected with a reason.

A document is its `id`, else its canonical URL, else the hash of its text. Nothing is guessed in silence: whatever had to
be derived is named in `Document.flags`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from schemas.article import Article, Document, Flag, Precision

MAX_TEXT = 1_000_000
"""Characters. A longer text is rejected."""
MAX_ID = 1_000
MAX_AHEAD = timedelta(days=7)
"""How far ahead of the record's timestamp a publication date may be and still be clamped to it."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid")


Refused = Literal[
    "empty", "invalid_utf8", "not_json", "wrong_type", "empty_text", "text_too_long", "bad_id", "bad_version", "bad_published",
    "published_too_early", "published_in_future", "unexpected",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a record goes to the dead letters: a closed word for metrics, and a sentence for people."""

    reason: Refused
    detail: str


def receive(article: Article, *, timestamp: datetime, max_text: int = MAX_TEXT) -> Document | Rejected:
    """`article`, which reached the broker at `timestamp` (UTC), as a document."""
    if not article.text.strip():
        return Rejected("empty_text", "the text is empty - at $.text")
    if len(article.text) > max_text:
        return Rejected("text_too_long", f"the text has {len(article.text):,} characters, at most {max_text:,} are read - at $.text")
    if article.id is not None and len(article.id) > MAX_ID:
        return Rejected("bad_id", f"the id has {len(article.id):,} characters, at most {MAX_ID:,} are kept - at $.id")
    if article.version is not None and article.version < 1:
        return Rejected("bad_version", f"versions count from 1, not {article.version} - at $.version")
    dated = _published(article.published, timestamp)
    if isinstance(dated, Rejected):
        return dated
    published, precision, date_flags = dated
    name, name_flags = identify(article)
    updated = parse_time(article.updated) if article.updated else None
    flags = (*name_flags, *date_flags, *(("updated_ignored",) if article.updated and updated is None else ()))
    moment = updated[0] if updated else None
    return Document(
        id=name,
        version=article.version or (max(1, int(moment.timestamp())) if moment else 1),
        text=article.text,
        title=article.title,
        url=article.url,
        publisher=article.publisher or (article.source.outlet if article.source else None),
        language=article.language,
        published=published,
        precision=precision,
        updated=moment,
        ingested=timestamp,
        flags=flags,
    )


def identify(article: Article) -> tuple[str, tuple[Flag, ...]]:
    """The document id of `article`, which is its key in `articles`, and the flag that says how it was derived."""
    if article.id and article.id.strip():
        return article.id, ()
    if article.url and article.url.strip():
        return canonical_url(article.url), ("id_from_url",)
    return "sha256:" + sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest(), ("id_from_text",)


def canonical_url(url: str) -> str:
    """`url` without what does not change the page: case of scheme and host, fragment, tracking parameters, a final slash.

    >>> canonical_url("HTTPS://News.example/a/?utm_source=x&id=3#top")
    'https://news.example/a?id=3'
    """
    try:
        parts = urlsplit(url.strip())
        query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not k.lower().startswith(_TRACKING)]
    except ValueError:
        return url.strip()
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), urlencode(query), ""))


def parse_time(text: str) -> tuple[datetime, Precision] | None:
    """An ISO 8601 time in UTC (no zone is taken as UTC) with its precision; None where `text` is none."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment, "day" if len(text) <= 10 else "second"


def _published(text: str | None, timestamp: datetime) -> tuple[datetime, Precision, tuple[Flag, ...]] | Rejected:
    if text is None or not text.strip():
        return timestamp, "second", ("published_assumed",)
    parsed = parse_time(text)
    if parsed is None:
        return Rejected("bad_published", f"{text[:60]!r} is not an ISO 8601 date or time - at $.published")
    moment, precision = parsed
    if moment < EARLIEST:
        return Rejected("published_too_early", f"{text[:60]!r} is before 1990 - at $.published")
    if moment > timestamp + MAX_AHEAD:
        return Rejected("published_in_future", f"{text[:60]!r} is more than 7 days after it was received - at $.published")
    if moment > timestamp:
        return timestamp, precision, ("published_clamped",)
    return moment, precision, ()
