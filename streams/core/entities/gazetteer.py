"""The gazetteer: places and offices that a text names, by their words alone.

A name must be written with the capitals of the lexicon ("US", not "us"). Longest names win. No guess is made at what is not listed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

from streams.core import lexicon
from streams.core import text as texts
from streams.core.lexicon.scan import Scanner

__all__ = ["Entry", "Mention", "mentions", "offices", "places", "settled", "within"]

Use = Literal["plain", "alone", "bare", "demonym", "contested"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a place or office. "plain" names it anywhere, "alone" and "bare" in the right context only; a "demonym" is of it.

    A "contested" name is of two places and has the empty id until the company it keeps decides (`settled`)."""

    id: str
    name: str
    type: Literal["place", "organisation"]
    use: Use
    country: str | None
    parts: tuple[str, ...]
    """The words of the name as written."""


class Mention(NamedTuple):
    """A name found at the words ``[first, last)``."""

    first: int
    last: int
    entry: Entry


def mentions(text: str, tokens: texts.Tokens) -> list[Mention]:
    """The names in one sentence, in order; within one word range the first entry of the lexicon holds."""
    scanner, _ = _compiled()
    hits = scanner.scan(tokens.words)
    found: list[Mention] = []
    for hit in hits["name"]:
        entry = next((entry for entry in hit.values if _written(text, tokens, hit.first, entry.parts)), None)
        found.extend([Mention(hit.first, hit.last, entry)] if entry else _shorter(text, tokens, hit.first, hit.last))
    known = frozenset(place for mention in found for place in range(mention.first, mention.last))
    found = [mention for mention in found if not _person(text, tokens, mention, known)]
    if any(mention.entry.use == "contested" for mention in found):
        found = [Mention(first, last, _decided(entry, found)) for first, last, entry in found]
    for hit in hits["bare"]:  # "the border", but not in "the Border Patrol"
        if not any(
            hit.first < other.last and other.first < hit.last for other in found if other.last > hit.last or other.last - other.first > 1
        ):
            found = [other for other in found if not (hit.first <= other.first and other.last <= hit.last)]
            found.extend(Mention(hit.first, hit.last, entry) for entry in hit.values[:1])
    return sorted(found, key=lambda mention: mention.first)


def _shorter(text: str, tokens: texts.Tokens, first: int, last: int) -> list[Mention]:
    """A long phrase whose capitals did not agree may hide a shorter name at its start ("Mexico border" in "mexico Border")."""
    _, by_words = _compiled()
    for end in range(last - 1, first, -1):
        for entry in by_words.get(tuple(tokens.words[first:end]), ()):
            if _written(text, tokens, first, entry.parts):
                return [Mention(first, end, entry)]
    return []


def _person(text: str, tokens: texts.Tokens, mention: Mention, known: frozenset[int]) -> bool:
    """Is the name that of a person here: after a title or a given name ("Jim Jordan"), or before a family name ("Chad Wolf")?"""
    names, titles, leading = _persons()
    first, last = mention.first, mention.last
    words = tokens.words
    if last - first > 1 or mention.entry.type != "place" or (mention.entry.name not in names and words[first].title() not in names):
        return False

    def capital(index: int) -> bool:
        return text[tokens.starts[index]].isupper() and words[index].isalpha() and index not in known

    before = words[first - 1] if first else ""
    titled = first > 1 and before == "." and words[first - 2] in titles
    if titled or before in titles:
        return True
    if first and capital(first - 1) and before not in leading:
        return True
    following = words[last] if last < len(words) else ""
    if not following or before in leading or not capital(last) or following in leading:
        return False
    return not text[tokens.starts[last] : tokens.ends[last]].isupper()


@cache
def _persons() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    data = lexicon.table("regions")
    return frozenset(data["persons"]), frozenset(data["titles"]), frozenset(data["no_given_name"])


def _decided(entry: Entry, found: Sequence[Mention]) -> Entry:
    """A contested name by the other names of the sentence: beside American ones the state, beside neighbours the country."""
    if entry.use != "contested":
        return entry
    company = {other.entry.country for other in found if other.entry.use != "contested"}
    which = _contested()[entry.name]
    if company & which["beside"] or which["other"] in company:
        return settled(entry, us=False)
    return settled(entry, us=True) if "US" in company else entry


def settled(entry: Entry, us: bool) -> Entry:
    """The place that a contested name means in an American context, or else abroad."""
    which = _contested()[entry.name]
    return replace(entry, id=which["us"] if us else which["other"], use="plain", country="US" if us else which["other"])


@cache
def _contested() -> dict[str, dict[str, Any]]:
    return {name: {**which, "beside": frozenset(which["beside"])} for name, which in lexicon.table("regions")["contested"].items()}


def within(place_id: str, region_id: str) -> bool:
    """Is the place the region, or in it?"""
    _, parents = _places()
    seen: set[str] = set()
    waiting = [place_id]
    while waiting:
        place = waiting.pop()
        if place == region_id:
            return True
        if place not in seen:
            seen.add(place)
            waiting.extend(parents.get(place, ()))
    return False


@cache
def places() -> frozenset[str]:
    """The ids of all places."""
    return frozenset(entry.id for entry in _places()[0] if entry.id)


@cache
def offices() -> frozenset[str]:
    """The ids of all offices that may be a source."""
    return frozenset(lexicon.table("offices")["office"])


def _written(text: str, tokens: texts.Tokens, first: int, parts: Sequence[str]) -> bool:
    """Do the words from `first` on have the capitals of the name? Headlines in capitals are no evidence for an acronym."""
    for offset, part in enumerate(parts):
        start, end = tokens.starts[first + offset], tokens.ends[first + offset]
        if part[0].isupper() and not text[start].isupper():
            return False
        if len(part) > 1 and part.isupper() and part.isalpha() and not text[start:end].isupper():
            return False
    return True


@cache
def _places() -> tuple[tuple[Entry, ...], dict[str, tuple[str, ...]]]:
    """Entries and containers of regions.toml."""
    data = lexicon.table("regions")
    entries: list[Entry] = []
    parents: dict[str, tuple[str, ...]] = {}

    def add(place: str, names: Sequence[str], title: str, country: str | None, use: Use = "plain") -> None:
        entries.extend(Entry(place, title, "place", use, country, _split(name)) for name in names)

    for code, country in data["country"].items():
        add(code, country["names"], country["names"][0], code)
        add(code, country.get("demonyms", ()), country["names"][0], code, "demonym")
        add(
            code,
            [name + "s" for name in country.get("demonyms", ()) if name[-2:] in ("an", "ni", "li", "in")],
            country["names"][0],
            code,
            "demonym",
        )
    for code, names in data["state"].items():
        add(code, names, names[0], "US")
        parents[code] = ("US",)
    for container, names in data["city"].items():
        for name in names:
            place = f"{container[:2].lower()}-{re.sub(r'[^a-z]+', '-', name.lower()).strip('-')}"
            add(place, [name], name, container[:2])
            parents[place] = (container,)
    _add_regions(data["region"], add, parents)
    for name in data["contested"]:
        add("", [name], name, None, "contested")
    _check_parents(parents, {entry.id for entry in entries})
    return tuple(entries), parents


def _check_parents(parents: dict[str, tuple[str, ...]], ids: set[str]) -> None:
    """Containers and contained must be places that the lexicon names."""
    unknown = ({parent for listed in parents.values() for parent in listed} | set(parents)) - ids
    if unknown:
        raise lexicon.LexiconError(f"lexicon regions.toml: unknown parent or member {sorted(unknown)}")


def _add_regions(regions: dict[str, Any], add: Callable[..., None], parents: dict[str, tuple[str, ...]]) -> None:
    for place, region in regions.items():
        inside = next((parent[:2] for parent in region["parent"] if parent[:2].isupper()), "US" if place.startswith("us-") else None)
        for key, use in (("names", "plain"), ("alone", "alone"), ("bare", "bare")):
            add(place, region.get(key, ()), region["name"], inside, use)
        parents[place] = tuple(region["parent"])
        for member in region.get("members", ()):
            parents[member] = (*parents.get(member, ()), place)


@cache
def _compiled() -> tuple[Scanner, dict[tuple[str, ...], list[Entry]]]:
    entries = list(_places()[0])
    for office, data in lexicon.table("offices")["office"].items():
        entries.extend(Entry(office, data["name"], "organisation", "plain", data.get("country"), _split(name)) for name in data["names"])
    by_words: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        by_words.setdefault(tuple(part.lower() for part in entry.parts), []).append(entry)
    entered = [("bare" if entry.use == "bare" else "name", words, entry) for words, found in by_words.items() for entry in found]
    return Scanner(["name", "bare"], entered), by_words


def _split(name: str) -> tuple[str, ...]:
    """The name in the words in which a text would hold it."""
    tokens = texts.tokens(name, 0, len(name))
    return tuple(name[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True))
