"""A document with everything that was read from it."""

from dataclasses import dataclass
from typing import Literal

from schemas.article import Flag, Moment, Precision
from schemas.figure import Claim, Entity, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """The value of `articles.enriched`: the document without its text, and what was read from the text."""

    schema: Literal["enriched/1"] = "enriched/1"
    document: str
    version: int
    title: str | None
    url: str | None
    publisher: str | None
    language: str | None
    published: Moment
    precision: Precision
    ingested: Moment
    flags: tuple[Flag, ...] = ()
    signature: tuple[int, ...] = ()
    """MinHash of the text (streams/core/origin.py), by which copies of one story are recognised."""
    quantities: tuple[Quantity, ...] = ()
    claims: tuple[Claim, ...] = ()
    entities: tuple[Entity, ...] = ()
