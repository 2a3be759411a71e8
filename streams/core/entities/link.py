"""Spans become entities: borders trimmed, the gazetteer's and a model's merged, ids given."""

import re
from collections.abc import Iterator, Sequence

from schemas.figure import Entity
from streams.core import text as texts
from streams.core.entities.gazetteer import mentions
from streams.core.entities.span import Span

__all__ = ["link"]


def link(text: str, spans: Sequence[Span] = (), home: str | None = None) -> tuple[Entity, ...]:
    """The entities of `text`, in order of place, none overlapping another.

    `spans` are a model's; without any the gazetteer decides alone. `home` is the country of the reader for whom the text was written
    (ISO 3166-1 alpha-2), where known. Deterministic. What is not surely known has no id.
    """
    listed = list(_listed(text))
    taken = [(entity.start, entity.end) for entity in listed]
    found = [span for span in spans if not any(span.start < end and start < span.end for start, end in taken)]
    unlisted = [
        Entity(start=span.start, end=span.end, quote=text[span.start : span.end], type=span.type, score=span.score) for span in found
    ]
    return tuple(sorted((*listed, *unlisted), key=lambda entity: (entity.start, entity.end)))


def _listed(text: str) -> Iterator[Entity]:
    """The places and organisations of the gazetteer."""
    for span in texts.spans(text):
        tokens = texts.tokens(text, span.start, span.end)
        for first, last, entry in mentions(text, tokens):
            if entry.use in ("bare", "demonym", "contested"):
                continue
            start, end = tokens.starts[first], tokens.ends[last - 1]
            yield Entity(
                start=start,
                end=end,
                quote=text[start:end],
                type=entry.type,
                id=entry.id,
                scheme=_scheme(entry.id),
                name=entry.name,
                country=entry.country,
                score=0.6 if entry.use == "alone" else 0.9,
            )


def _scheme(place: str) -> str:
    if re.fullmatch(r"[A-Z]{2}", place):
        return "iso3166-1"
    return "iso3166-2" if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", place) else "newsgauge"
