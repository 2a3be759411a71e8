"""Which countries and states a whole text speaks of: what decides between places of one name.

One pass of an automaton over the text, made when an ambiguous name asks for it and kept for the texts read last.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from streams.core import lexicon

__all__ = ["Evidence", "evidence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How often the text names each country (by name, as an adjective, by a state or a subdivision of it) and each subdivision."""

    countries: Mapping[str, int]
    inside: Mapping[str, int]

    def share(self, country: str) -> float:
        """0..1: the part of all namings that are of this country."""
        total = sum(self.countries.values())
        return self.countries.get(country, 0) / total if total else 0.0

    @property
    def main(self) -> str | None:
        """The country that most of the text is about; None where there is none."""
        best = max(self.countries, key=lambda country: self.countries[country], default=None)
        return best if best is not None and self.share(best) >= _MAIN else None


_MAIN = 0.5


@lru_cache(maxsize=16)
def evidence(text: str) -> Evidence:
    """What `text` says of countries."""
    automaton, meanings = _automaton()
    countries: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    contested: Counter[str] = Counter()
    for number, start, end in automaton.find_matches_as_indexes(text):
        if text[start - 1 : start].isalnum() or text[end : end + 1].isalnum():
            continue
        place = meanings[number]
        if place in _contested():
            contested[place] += 1
            continue
        countries[place[:2]] += 1
        if len(place) > 2:
            inside[place] += 1
    for name, which in _contested().items():
        namings = contested[name]
        here, abroad = countries["US"], sum(countries[country] for country in (which["other"], *which["beside"]))
        if namings and here != abroad:
            countries["US" if here > abroad else which["other"]] += namings
    return Evidence(+countries, inside)


@cache
def _contested() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = lexicon.table("regions")["contested"]
    return found


@cache
def _automaton() -> tuple[AhoCorasick, list[str]]:
    """Names of countries, their adjectives and names of subdivisions with their ISO 3166 codes; contested names stand for themselves."""
    regions = lexicon.table("regions")
    meanings: dict[str, str] = {}
    for code, country in regions["country"].items():
        for name in (*country["names"], *country.get("demonyms", ())):
            meanings.setdefault(name, code)
    for code, names in regions["state"].items():
        meanings.update(dict.fromkeys(names, code))
    for country, subdivisions in lexicon.table("subdivisions").items():
        if country.isupper():
            for code, place in subdivisions.items():
                for name in place["names"]:
                    meanings.setdefault(name, code)
    for country, words in regions["also_says"].items():
        meanings.update(dict.fromkeys(words, country))
    for name in regions["also_names"]:
        meanings.pop(name, None)
    meanings.update({name: name for name in _contested()})
    return AhoCorasick(list(meanings), matchkind=MatchKind.LeftmostLongest), list(meanings.values())
