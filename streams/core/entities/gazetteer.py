"""The gazetteer: places and offices that a sentence names, by their words alone, each with what it means in its text.

A name must be written with the capitals of the lexicon ("US", not "us"). Longest names win. No guess is made at what is not listed.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from streams.core import lexicon
from streams.core import text as texts
from streams.core.entities import towns
from streams.core.entities.evidence import Evidence, evidence
from streams.core.entities.names import Entry, Names, standard
from streams.core.entities.towns import Container, Sense

__all__ = ["Flag", "Mention", "mentions", "settled"]

Flag = str
_COMPANY = frozenset({"with", "by", "said", "says", "like", "than", "as"})
AMBIGUOUS, ALIAS, CONTEXT = "ambiguous", "alias", "by_context"


class Mention(NamedTuple):
    """A name found at the words ``[first, last)``.

    Flags: "ambiguous": another meaning is not much less likely; "alias": no name of the office, but words for it ("border officials");
    "by_context": the country whose office it is stands elsewhere in the text.
    """

    first: int
    last: int
    entry: Entry
    flags: tuple[Flag, ...] = ()


def mentions(text: str, tokens: texts.Tokens, home: str | None = None, names: Names | None = None) -> list[Mention]:
    """The names in one sentence of `text`, in order; within one word range the first entry of the lexicon holds.

    `home` is the country for whose readers the text was written, where known.
    """
    names = names or standard()
    hits = names.scanner.scan(tokens.words)
    found: list[Mention] = []
    for hit in hits["name"]:
        entry = next((entry for entry in hit.values if _written(text, tokens, hit.first, entry.parts)), None)
        found.extend([Mention(hit.first, hit.last, entry)] if entry else _shorter(text, tokens, hit.first, hit.last, names))
    known = frozenset(place for mention in found for place in range(mention.first, mention.last))
    found = [mention for mention in found if not (_person(text, tokens, mention, known) or _part(text, tokens, mention, known))]
    found = _with_towns(text, tokens, found, names, home)
    found = [item for mention in found if (item := _in_context(text, tokens, mention, found, home)) is not None]
    for hit in hits["bare"]:  # "the border", but not in "the Border Patrol"
        if not any(
            hit.first < other.last and other.first < hit.last for other in found if other.last > hit.last or other.last - other.first > 1
        ):
            found = [other for other in found if not (hit.first <= other.first and other.last <= hit.last)]
            found.extend(Mention(hit.first, hit.last, entry) for entry in hit.values[:1])
    return sorted(found, key=lambda mention: mention.first)


def _shorter(text: str, tokens: texts.Tokens, first: int, last: int, names: Names) -> list[Mention]:
    """A long phrase whose capitals did not agree may hide a shorter name at its start ("Mexico border" in "mexico Border")."""
    for end in range(last - 1, first, -1):
        for entry in names.by_words.get(tuple(tokens.words[first:end]), ()):
            if _written(text, tokens, first, entry.parts):
                return [Mention(first, end, entry)]
    return []


def _written(text: str, tokens: texts.Tokens, first: int, parts: Sequence[str]) -> bool:
    """Do the words from `first` on have the capitals of the name? Headlines in capitals are no evidence for an acronym."""
    for offset, part in enumerate(parts):
        start, end = tokens.starts[first + offset], tokens.ends[first + offset]
        if part[0].isupper() and not text[start].isupper():
            return False
        if len(part) > 1 and part.isupper() and part.isalpha() and not text[start:end].isupper():
            return False
    return text[end : end + 1] != "$"  # "US$25"


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
    placed = before in leading and before not in _COMPANY
    if not following or following in titles or placed or not capital(last) or following in leading:
        return False
    return not text[tokens.starts[last] : tokens.ends[last]].isupper()


def _part(text: str, tokens: texts.Tokens, mention: Mention, known: frozenset[int]) -> bool:
    """Is the one word of a region part of another name ("Channel 10", "Pacific Northwest")?"""
    last = mention.last
    if last - mention.first > 1 or mention.entry.type != "place" or not mention.entry.id.islower() or last >= len(tokens.words):
        return False
    following = tokens.words[last]
    capital = text[tokens.starts[last]].isupper() and following.isalpha() and last not in known
    return following.isdigit() or (capital and following not in _persons()[2])


@cache
def _persons() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    data = lexicon.table("regions")
    towns = {name for places in data["town"].values() for place in places for name in ([place] if isinstance(place, str) else place)}
    persons = {*data["persons"], *(name for name in towns if " " not in name)}
    return frozenset(persons), frozenset(data["titles"]), frozenset(data["no_given_name"])


def _with_towns(text: str, tokens: texts.Tokens, found: list[Mention], names: Names, home: str | None) -> list[Mention]:
    """The mentions with the towns and subdivisions between them, and contested names decided by the towns beside them."""
    taken = [False] * len(tokens.words)
    for mention in found:
        taken[mention.first : mention.last] = [True] * (mention.last - mention.first)
    found = [_longer(text, tokens, mention, taken) for mention in found]
    looked = list(towns.found(text, tokens, taken))
    contested = any(mention.entry.use == "contested" for mention in found)
    if not looked and not contested:
        return found
    about = evidence(text)
    found = [_decided(mention, found, looked, tokens, about, home) if mention.entry.use == "contested" else mention for mention in found]
    containers = [
        Container(mention.first, mention.last, mention.entry.id, mention.entry.country)
        for mention in found
        if mention.entry.id and mention.entry.type == "place" and mention.entry.use in ("plain", "demonym")
    ]
    senses = towns.senses(text, tokens, looked, containers, about, names, home)
    return [*found, *map(_mention, senses)]


def _longer(text: str, tokens: texts.Tokens, mention: Mention, taken: list[bool]) -> Mention:
    """ "Mexico City", "Niger state": the name of another place that begins with one that the lexicon lists."""
    last = mention.last
    if mention.entry.type != "place" or mention.entry.use not in ("plain", "demonym") or last >= len(tokens.words) or taken[last]:
        return mention
    place = towns.exactly(text, tokens, mention.first, last + 1)
    if place is None or place.country not in (mention.entry.country, place.country if not place.town else None):
        return mention
    taken[last] = True
    end = last + text[tokens.starts[last]].isupper()
    return Mention(mention.first, end, Entry(place.id, place.name, "place", "plain", place.country, ()))


def _mention(sense: Sense) -> Mention:
    place = sense.place
    flags = (AMBIGUOUS,) if sense.margin < towns.AMBIGUOUS else ()
    if place is None:
        return Mention(sense.first, sense.last, Entry("", "", "place", "plain", sense.country, ()), flags)
    return Mention(sense.first, sense.last, Entry(place.id, place.name, "place", "plain", place.country, ()), flags)


def _decided(
    mention: Mention, found: Sequence[Mention], looked: Sequence[towns.Looked], tokens: texts.Tokens, about: Evidence, home: str | None
) -> Mention:
    """A contested name: by the town before it, by the other names of the sentence (beside American ones the state, beside neighbours
    the country), by what follows ("Georgia Gov."), or by what the text speaks of."""
    entry = mention.entry
    which = _contested()[entry.name]
    state, country = which["us"], which["other"]
    for name in looked:
        if name.last == mention.first - 1 and tokens.words[name.last] == ",":
            inside = {place.inside if place.inside in (state, country) else place.country for place in name.places}
            if (state in inside) != (country in inside):
                return mention._replace(entry=settled(entry, us=state in inside))
    following = tokens.words[mention.last] if mention.last < len(tokens.words) else ""
    company = {other.entry.country for other in found if other.entry.use != "contested"}
    company |= {name.places[0].country for name in looked if name.places[0].people >= towns.LARGE}
    if company & which["beside"] or country in company:
        return mention._replace(entry=settled(entry, us=False))
    if "US" in company or following in which["state_before"]:
        return mention._replace(entry=settled(entry, us=True))
    abroad = sum(about.countries.get(other, 0) for other in (country, *which["beside"]))
    here = about.countries.get("US", 0) + (home == "US")
    if here >= 2 * abroad and here > 1:
        return mention._replace(entry=settled(entry, us=True), flags=(CONTEXT,))
    if about.countries.get(country, 0) and abroad >= 2 * here:
        return mention._replace(entry=settled(entry, us=False), flags=(CONTEXT,))
    return mention


def settled(entry: Entry, us: bool) -> Entry:
    """The place that a contested name means in an American context, or else abroad."""
    which = _contested()[entry.name]
    return replace(entry, id=which["us"] if us else which["other"], use="plain", country="US" if us else which["other"])


@cache
def _contested() -> dict[str, dict[str, Any]]:
    sets = ("beside", "state_before")
    table = lexicon.table("regions")["contested"]
    return {name: {**which, **{key: frozenset(which[key]) for key in sets}} for name, which in table.items()}


def _in_context(text: str, tokens: texts.Tokens, mention: Mention, found: Sequence[Mention], home: str | None) -> Mention | None:
    """A name that many countries' offices share, with the country of its context; an alias flagged; everything else as it is."""
    entry = mention.entry
    if entry.type == "organisation" and entry.use == "plain":
        described = text[tokens.starts[mention.first]].islower() and not any(part[0].isupper() for part in entry.parts)
        return mention._replace(flags=(ALIAS,)) if described else mention
    if entry.use != "shared":
        return mention
    country, flags = _owner(text, tokens, mention, found, home)
    if entry.of and country not in entry.of:
        about = evidence(text)
        country = max(entry.of, key=lambda one: about.countries.get(one, 0))
        country, flags = (country, (CONTEXT,)) if about.countries.get(country) else (None, ())
    if len(entry.of) == 1:  # elsewhere the word is none of its names
        return mention._replace(entry=replace(entry, use="plain", country=country), flags=flags) if country else None
    office = f"{country.lower()}-{entry.id}" if country else ""
    return mention._replace(entry=replace(entry, id=office, use="plain", country=country), flags=flags)


def _owner(
    text: str, tokens: texts.Tokens, mention: Mention, found: Sequence[Mention], home: str | None
) -> tuple[str | None, tuple[Flag, ...]]:
    """The country whose office it is: the one right before it or after "of", the only one of the sentence, or that of the text."""
    words = tokens.words
    nations = [other for other in found if other.entry.country and other.entry.type == "place" and other.entry.use in ("plain", "demonym")]
    for other in nations:
        gap = words[other.last : mention.first]
        if other.last <= mention.first and (gap in ([], ["'s"]) or (len(gap) == 2 and gap[0] == "'s")):
            return other.entry.country, ()
        if words[mention.last : other.first] in (["of"], ["in"]):
            return other.entry.country, ()
    about = evidence(text)
    here = {other.entry.country for other in nations}
    if len(here) == 1 and (about.main in here or any(other.entry.use == "plain" for other in nations)):  # not "a Chinese immigrant"
        return here.pop(), (CONTEXT,)
    country = about.main or home
    return country, (CONTEXT,) if country else ()
