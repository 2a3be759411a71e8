"""The towns and subdivisions of places.tsv: what a name may mean, and what lies in what.

The file (80,000 names, 3 MB) is read when the first name is looked up, in some milliseconds, and kept as it is: rows are found by
bisection, so that no table of Python objects is built.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from streams.core.entities.fold import fold

__all__ = ["Place", "begins", "candidates", "listed", "parent"]


class Place(NamedTuple):
    """A town (its id is GeoNames') or a subdivision (ISO 3166-2). `inside` is the smallest listed container."""

    id: str
    name: str
    inside: str
    people: int

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        return self.inside[:2]

    @property
    def town(self) -> bool:
        return self.id.isdigit()


@lru_cache(maxsize=20_000)
def candidates(key: str) -> tuple[Place, ...]:
    """The places that a folded name may mean, those with most people first."""
    data, starts = _file()
    wanted = key.encode() + b"\t"
    size = len(wanted)
    found: list[Place] = []
    at = bisect_left(starts, wanted, key=lambda start: data[start : start + size])
    while at < len(starts) and data.startswith(wanted, starts[at]):
        found.append(_row(data, starts[at]))
        at += 1
    return tuple(found)


@lru_cache(maxsize=50_000)
def begins(word: str) -> bool:
    """Does any name begin with this word, as a token of a text? A cheap question before the names are looked up."""
    data, starts = _file()
    wanted = fold(word).encode()
    size = len(wanted)
    at = bisect_left(starts, wanted, key=lambda start: data[start : start + size])
    return size > 0 and at < len(starts) and data.startswith((wanted + b"\t", wanted + b" "), starts[at])


@lru_cache(maxsize=20_000)
def listed(place: str) -> Place | None:
    """The town or subdivision with this id."""
    data, _ = _file()
    towns, starts, subdivisions = _ids()
    if not (place.isascii() and place.isdigit() and len(place) < 12):
        at = subdivisions.get(place)
    else:
        number = int(place)
        found = bisect_left(towns, number)
        at = starts[found] if found < len(towns) and towns[found] == number else None
    return None if at is None else _row(data, at)


def parent(place: str) -> str | None:
    """What the town or subdivision directly lies in: a subdivision, else a country; None for what is not listed."""
    found = listed(place)
    return found.inside if found is not None else None


def _row(data: bytes, start: int) -> Place:
    _, place, name, inside, people = data[start : data.index(b"\n", start)].decode().split("\t")
    return Place(place, name, inside, int(people))


@cache
def _file() -> tuple[bytes, Sequence[int]]:
    """The file, and where its lines begin."""
    data = resources.files("streams.core.lexicon").joinpath("places.tsv").read_bytes()
    starts = array("I", [0])
    starts.extend(match.end() for match in re.finditer(rb"\n", data))
    starts.pop()
    return data, starts


@cache
def _ids() -> tuple[Sequence[int], Sequence[int], dict[str, int]]:
    """Ids of towns in order and where the first row of each begins; the same of subdivisions."""
    data, _ = _file()
    rows = sorted((int(row[1]), row.start()) for row in re.finditer(rb"^[^\t\n]*\t(\d+)\t", data, re.MULTILINE))
    subdivisions: dict[str, int] = {}
    for row in re.finditer(rb"^[^\t\n]*\t([A-Z]{2}-[A-Z0-9]{1,3})\t", data, re.MULTILINE):
        subdivisions.setdefault(row[1].decode(), row.start())
    return array("I", [number for number, _ in rows]), array("I", [start for _, start in rows]), subdivisions
