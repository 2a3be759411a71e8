"""Articles: as a producer writes them, and as the pipeline knows them once received."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]
"""A time with its zone; on the wire RFC 3339, written in UTC."""
Precision = Literal["second", "day"]
Flag = Literal[
    "id_from_url",  # no `id`: the canonical URL stands in
    "id_from_text",  # neither `id` nor `url`: a hash of the text stands in
    "published_assumed",  # no `published`: the record's timestamp stands in
    "published_clamped",  # `published` was up to 7 days ahead of the record's timestamp, which stands in
    "updated_ignored",  # `updated` could not be read as a time
    "entities_cut",  # too long for the model that finds names: it has read only the beginning
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an article was published, as some crawlers write it."""

    outlet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as any producer may write it to `articles`. Only `text` is required; unknown keys are ignored.

    `published` and `updated` are ISO 8601 times (no zone: UTC) or bare dates (00:00Z, precision `day`).
    `publisher` wins over `source.outlet`. `version` counts up as the publisher rewrites the same document.
    """

    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    updated: str | None = None
    publisher: str | None = None
    source: Source | None = None
    language: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article once received: identified, dated in UTC, and flagged where something had to be derived."""

    id: str
    version: int
    text: str
    title: str | None
    url: str | None
    publisher: str | None
    language: str | None
    published: Moment
    precision: Precision
    updated: Moment | None
    ingested: Moment
    """The timestamp of the record in `articles`."""
    flags: tuple[Flag, ...] = ()
