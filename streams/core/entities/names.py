"""The names of the lexicon, compiled: countries, states, regions, towns of our own, and offices; and what lies in what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from schemas.figure import EntityType
from streams.core import lexicon
from streams.core import text as texts
from streams.core.entities import atlas
from streams.core.entities.fold import fold
from streams.core.entities.own import Addition, parse
from streams.core.lexicon.scan import Scanner

__all__ = [
    "Entry",
    "Names",
    "Use",
    "add",
    "compile_names",
    "known_office",
    "known_place",
    "offices",
    "place_names",
    "places",
    "reset",
    "standard",
    "within",
]

Use = Literal["plain", "alone", "bare", "demonym", "contested", "shared"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a place or office. "plain" names it anywhere, "alone" and "bare" in the right context only; a "demonym" is of it.

    A "contested" name is of two places, a "shared" one of an office that many countries have: the empty id, or the second half of one,
    stands until the context decides."""

    id: str
    name: str
    type: Literal["place", "organisation"]
    use: Use
    country: str | None
    parts: tuple[str, ...]
    """The words of the name as written."""
    of: tuple[str, ...] = ()
    """The only countries that have such an office, of a shared name; of one country alone, `id` is whole."""
    acts: bool = False
    """A place that is an organisation where it is named as an entity (the European Union)."""

    @property
    def kind(self) -> EntityType:
        return "organisation" if self.acts else self.type


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that the lexicon names. `parents`: what each place directly lies in."""

    entries: tuple[Entry, ...]
    parents: Mapping[str, tuple[str, ...]]
    scanner: Scanner
    by_words: Mapping[tuple[str, ...], Sequence[Entry]]
    words: Mapping[str, Entry]
    """Words that name an organisation only where something else says so."""

    def within(self, place: str, region: str) -> bool:
        """Is the place the region, or in it? Ids of any kind: ours, ISO 3166-1 and -2, GeoNames."""
        seen: set[str] = set()
        waiting = [place]
        while waiting:
            here = waiting.pop()
            if here == region:
                return True
            if here not in seen:
                seen.add(here)
                waiting.extend(self.parents.get(here, ()))
                if (above := atlas.parent(here)) is not None:
                    waiting.append(above)
        return False


def within(place: str, region: str) -> bool:
    """`Names.within` of the standard lexicon."""
    return standard().within(place, region)


_added: list[Addition] = []


@cache
def standard() -> Names:
    """The names in force: the lexicon as it is shipped, and what `add` has put to it."""
    return compile_names(tuple(_added))


def add(text: str, where: str) -> None:
    """Add a user's places and offices (own.py has the form) to the names in force, for the whole process: before anything is read.

    Raises LexiconError, and adds nothing, where the file cannot be used; `where` names it.
    """
    additions = parse(text, where)
    compile_names((*_added, *additions), where)
    _added.extend(additions)
    _forget()


def reset() -> None:
    """Take back all that was added."""
    if _added:
        _added.clear()
        _forget()


def _forget() -> None:
    for known in (standard, places, offices, _titles):
        known.cache_clear()


def known_place(place: str) -> bool:
    """Can a text speak of a place with this id: ours, ISO 3166-1 or -2, or GeoNames?"""
    return place in places() or atlas.listed(place) is not None


def place_names(place: str) -> tuple[str, ...]:
    """The name of a place, then of the state and the country that it lies in: "Laredo", "Texas", "United States". Empty: no such place."""
    names: list[str] = []
    here: str | None = place
    while here is not None and (name := _titles().get(here) or _listed_name(here)):
        names.append(name)
        containers = [above for above in standard().parents.get(here, ()) if above[:2].isupper()]
        here = containers[0] if containers else atlas.parent(here)
    return tuple(names)


def _listed_name(place: str) -> str | None:
    found = atlas.listed(place)
    return found.name if found is not None else None


@cache
def _titles() -> Mapping[str, str]:
    """The names of the places of our own files by their ids."""
    return {entry.id: entry.name for entry in standard().entries if entry.type == "place" and entry.id}


def known_office(office: str) -> bool:
    """Can a source have this id: an office that the lexicon lists, or one that many countries have ("ua-interior")?"""
    country, _, shared = office.partition("-")
    return office in offices() or (shared in lexicon.table("offices")["shared"] and country.upper() in places())


@cache
def places() -> frozenset[str]:
    """The ids of the places that have one in our own files: countries, states, regions, towns."""
    return frozenset(entry.id for entry in standard().entries if entry.type == "place" and entry.id)


@cache
def offices() -> frozenset[str]:
    """The ids of all offices that may be a source."""
    return frozenset(entry.id for entry in standard().entries if entry.type == "organisation" and entry.use == "plain")


def compile_names(added: Sequence[Addition] = (), where: str = "") -> Names:
    """The names of regions.toml and offices.toml, and before them those that were added (of the file `where`). Raises LexiconError."""
    regions, found = lexicon.table("regions"), lexicon.table("offices")
    parents: dict[str, tuple[str, ...]] = {}
    entries = [*_countries(regions), *_states(regions, parents), *_towns(regions, parents), *_regions(regions["region"], parents)]
    entries += [Entry("", name, "place", "contested", None, _split(name)) for name in regions["contested"]]
    _check_parents(parents, {entry.id for entry in entries}, "lexicon regions.toml")
    entries += _offices(found)
    entries = [*_additions(added, parents), *entries]
    _check_parents(parents, {entry.id for entry in entries}, where)
    by_words: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        by_words.setdefault(tuple(part.lower() for part in entry.parts), []).append(entry)
    entered = [("bare" if entry.use == "bare" else "name", words, entry) for words, same in by_words.items() for entry in same]
    words = {entry.parts[0]: entry for entry in _office_names(found, "words")}
    return Names(tuple(entries), parents, Scanner(["name", "bare"], entered), by_words, words)


def _countries(regions: Mapping[str, Any]) -> Iterator[Entry]:
    for code, country in regions["country"].items():
        title, demonyms = country["names"][0], country.get("demonyms", [])
        yield from _each(code, country["names"], title, code)
        plurals = [name + "s" for name in demonyms if name[-2:] in ("an", "ni", "li", "in")]
        yield from _each(code, [*demonyms, *plurals], title, code, "demonym")


def _states(regions: Mapping[str, Any], parents: dict[str, tuple[str, ...]]) -> Iterator[Entry]:
    for code, names in regions["state"].items():
        yield from _each(code, names, names[0], "US")
        parents[code] = ("US",)


def _towns(regions: Mapping[str, Any], parents: dict[str, tuple[str, ...]]) -> Iterator[Entry]:
    for container, places in regions["town"].items():
        for town in places:
            names = [town] if isinstance(town, str) else town
            place = f"{container[:2].lower()}-{fold(names[0]).replace(' ', '-')}"
            yield from _each(place, [spelt for name in names for spelt in _spellings(name)], names[0], container[:2])
            parents[place] = (container,)


def _regions(regions: Mapping[str, Any], parents: dict[str, tuple[str, ...]]) -> Iterator[Entry]:
    for place, region in regions.items():
        inside = next((parent[:2] for parent in region["parent"] if parent[:2].isupper()), "US" if place.startswith("us-") else None)
        uses: tuple[tuple[str, Use], ...] = (("names", "plain"), ("alone", "alone"), ("bare", "bare"))
        for key, use in uses:
            yield from _each(place, region.get(key, ()), region["name"], inside, use, acts=region.get("acts", False))
        parents[place] = (*parents.get(place, ()), *region["parent"])
        for member in region.get("members", ()):
            parents[member] = (*parents.get(member, ()), place)


def _offices(found: Mapping[str, Any]) -> Iterator[Entry]:
    yield from _office_names(found, "names")
    for office, data in found["shared"].items():
        for name in data["names"]:
            yield Entry(office, data["name"], "organisation", "shared", None, _split(name), tuple(data.get("countries", ())))


def _office_names(found: Mapping[str, Any], key: str) -> Iterator[Entry]:
    for office, data in found["office"].items():
        names = data.get(key, ())
        for name in (*names, *_with_country(data), *_dotted(names)) if key == "names" else names:
            yield Entry(office, data["name"], "organisation", "plain", data.get("country"), _split(name))


def _dotted(names: Sequence[str]) -> Iterator[str]:
    """ "F.B.I.": abbreviations as some papers write them."""
    yield from (".".join(name) + "." for name in names if 2 < len(name) < 6 and name.isupper() and name.isalpha())


def _with_country(office: Mapping[str, Any]) -> Iterator[str]:
    """ "U.S. Department of Labor": the names of several words of an American office, with the country before them."""
    if office.get("country") == "US":
        for name in office["names"]:
            if " " in name and name[0].isupper() and not name.startswith(("U.S.", "US ", "United States")):
                yield from (f"{country} {name}" for country in ("U.S.", "US", "United States"))


def _each(place: str, names: Sequence[str], title: str, country: str | None, use: Use = "plain", acts: bool = False) -> Iterator[Entry]:
    for name in names:
        yield Entry(place, title, "place", use, country, _split(name), acts=acts)


def _spellings(name: str) -> Iterator[str]:
    """The name, and where it has accents the name without them."""
    yield name
    plain = "".join(fold(letter) or letter if letter.islower() else letter for letter in name)
    if plain != name:
        yield plain


def _additions(added: Sequence[Addition], parents: dict[str, tuple[str, ...]]) -> Iterator[Entry]:
    for one in added:
        kind: Literal["place", "organisation"] = "place" if one.kind == "place" else "organisation"
        for name in one.names:
            yield Entry(one.id, one.name, kind, "plain", one.country, _split(name))
        if one.kind == "place":
            parents[one.id] = (*parents.get(one.id, ()), *one.inside)
            for member in one.members:
                parents[member] = (*parents.get(member, ()), one.id)


def _check_parents(parents: Mapping[str, Sequence[str]], ids: set[str], where: str) -> None:
    """Containers and contained must be places that the lexicon names."""
    named = {parent for listed in parents.values() for parent in listed} | set(parents)
    unknown = {place for place in named - ids if atlas.listed(place) is None}
    if unknown:
        raise lexicon.LexiconError(f"{where}: unknown parent or member {sorted(unknown)}")


def _split(name: str) -> tuple[str, ...]:
    """The name in the words in which a text would hold it."""
    tokens = texts.tokens(name, 0, len(name))
    return tuple(name[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True))
