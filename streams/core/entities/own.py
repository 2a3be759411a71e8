"""Places and offices that a user adds to the lexicon: one TOML file, checked.

[place.us-harbor-county]            # a new id, or one that exists and gets more names
name = "Harbor County"              # as it is shown
names = ["Harbor County"]           # as texts write it, with its capitals
inside = ["US-TX"]                  # ids of what it lies in
members = ["us-eagle-pass"]         # ids of what lies in it

[office.us-harbor-sheriff]
name = "Harbor County Sheriff's Office"
country = "US"                      # ISO 3166-1 alpha-2
names = ["Harbor County Sheriff's Office", "harbor deputies"]
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streams.core.lexicon import LexiconError

__all__ = ["Addition", "parse"]

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*|\d+|[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_KEYS = {"place": {"name", "names", "inside", "members"}, "office": {"name", "names", "country"}}


@dataclass(frozen=True, slots=True)
class Addition:
    """One place or office of the file."""

    id: str
    kind: str
    """place | office"""
    name: str
    names: tuple[str, ...]
    country: str | None = None
    inside: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


def parse(text: str, where: str) -> tuple[Addition, ...]:
    """The places and offices of a user's file. Raises LexiconError, which names `where` and the entry, on anything it cannot use."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{where}: {error}") from error
    return tuple(_additions(data, where))


def _additions(data: Mapping[str, Any], where: str) -> Iterator[Addition]:
    for kind, entries in data.items():
        if kind not in _KEYS or not isinstance(entries, dict):
            raise LexiconError(f"{where}: {kind}: expected tables [place.ID] and [office.ID]")
        for key, entry in entries.items():
            place = f"{where}: {kind}.{key}"
            if not isinstance(entry, dict) or not _ID.fullmatch(key):
                raise LexiconError(f"{place}: an id is lower-case words with hyphens, as in us-harbor-county, or one that exists")
            unknown = sorted(set(entry) - _KEYS[kind])
            if unknown:
                raise LexiconError(f"{place}: unknown key {unknown[0]}; known are {', '.join(sorted(_KEYS[kind]))}")
            yield _addition(kind, key, entry, place)


def _addition(kind: str, key: str, entry: Mapping[str, Any], place: str) -> Addition:
    lists = {field: _strings(entry.get(field, []), f"{place}.{field}") for field in ("names", "inside", "members")}
    if not lists["names"]:
        raise LexiconError(f"{place}.names: expected at least one name")
    country = entry.get("country") or next((inside[:2] for inside in lists["inside"] if inside[:2].isupper()), None)
    if country is not None and not re.fullmatch(r"[A-Z]{2}", str(country)):
        raise LexiconError(f"{place}.country: expected two capitals of ISO 3166-1, such as US")
    name = entry.get("name", lists["names"][0])
    if not isinstance(name, str) or not name:
        raise LexiconError(f"{place}.name: expected text")
    return Addition(key, kind, name, country=country, **lists)


def _strings(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise LexiconError(f"{place}: expected a list of texts")
    return tuple(value)
