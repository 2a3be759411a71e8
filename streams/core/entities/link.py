"""Spans become entities: borders trimmed, the gazetteer's and a model's merged, ids given."""

from collections.abc import Sequence

from schemas.figure import Entity
from streams.core.entities.merge import Named, gathered, merged
from streams.core.entities.names import Names
from streams.core.entities.people import resolved
from streams.core.entities.span import Span

__all__ = ["link", "scheme"]


def link(text: str, spans: Sequence[Span] = (), home: str | None = None, names: Names | None = None) -> tuple[Entity, ...]:
    """The entities of `text`, in order of place, none overlapping another.

    `spans` are a model's; without any the gazetteer decides alone. `home` is the country for whose readers the text was written
    (ISO 3166-1 alpha-2), where known. Deterministic. What is not surely known has no id.
    """
    found = resolved(text, merged(text, gathered(text, home, names), spans))
    return tuple(_entity(text, named) for named in found)


def _entity(text: str, named: Named) -> Entity:
    return Entity(
        start=named.start,
        end=named.end,
        quote=text[named.start : named.end],
        type=named.type,
        id=named.id or None,
        scheme=scheme(named.id) if named.id else None,
        name=named.name or None,
        country=named.country,
        score=round(named.score, 2),
        flags=named.flags,
    )


def scheme(place: str) -> str:
    """What an id belongs to: "geonames", "iso3166-1", "iso3166-2" or "newsgauge"."""
    if place.isdigit():
        return "geonames"
    if place[:2].isupper():
        return "iso3166-1" if len(place) == 2 else "iso3166-2"
    return "newsgauge"
