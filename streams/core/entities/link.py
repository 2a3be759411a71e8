"""Spans become entities: borders trimmed, the gazetteer's and a model's merged, ids given."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.figure import Entity
from streams.core.entities.again import again
from streams.core.entities.merge import Named, gathered, merged
from streams.core.entities.names import Names
from streams.core.entities.people import resolved
from streams.core.entities.span import Span

__all__ = ["Finder", "Linked", "link", "linked", "scheme"]

Finder = Literal["gazetteer", "rule", "model"]


class Linked(NamedTuple):
    """An entity, and who found it: the lexicon's names, the rules of their shapes, or a model."""

    entity: Entity
    by: Finder


def link(text: str, spans: Sequence[Span] = (), home: str | None = None, names: Names | None = None) -> tuple[Entity, ...]:
    """The entities of `text`, in order of place, none overlapping another.

    `spans` are a model's; without any the gazetteer decides alone. `home` is the country for whose readers the text was written
    (ISO 3166-1 alpha-2), where known. Deterministic. What is not surely known has no id.
    """
    return tuple(one.entity for one in linked(text, spans, home, names))


def linked(text: str, spans: Sequence[Span] = (), home: str | None = None, names: Names | None = None) -> list[Linked]:
    """The same, each with who found it."""
    found = resolved(text, again(text, merged(text, gathered(text, home, names), spans)))
    return [Linked(_entity(text, named), _finder(named)) for named in found]


def _finder(named: Named) -> Finder:
    if named.how == "model":
        return "model"
    return "gazetteer" if named.how == "listed" and named.type != "person" else "rule"


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
