"""Towns and subdivisions in a sentence: which capitalised words name one, and which of the places of that name it is.

Precision goes first. A name is looked up only where it stands alone (no capitalised stranger beside it), and believed only where something
speaks for it: many people live there, a container is named with it ("Paris, Texas"), or the text speaks of its country or state.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10

from streams.core import lexicon
from streams.core import text as texts
from streams.core.entities import atlas
from streams.core.entities.atlas import Place
from streams.core.entities.evidence import Evidence
from streams.core.entities.fold import fold
from streams.core.entities.names import Names

__all__ = ["AMBIGUOUS", "Container", "Looked", "Sense", "exactly", "found", "senses"]

_DATA = lexicon.table("towns")
_AT = frozenset(_DATA["words"]["at"])
_KINDS = frozenset(_DATA["words"]["kinds"])
_TOWNS = frozenset(_DATA["words"]["towns"])
_JOINS = frozenset(_DATA["words"]["joins"])
_NEVER = frozenset((*_DATA["words"]["never"], *lexicon.table("shapes")["place"]["not_names"]))
_COMMON = frozenset(_DATA["words"]["common"])
_NO_NEIGHBOUR = frozenset(_DATA["words"]["no_neighbour"])
_TITLED = frozenset(_DATA["words"]["titled"])
_AFTER = frozenset(_DATA["words"]["after"])
_OFFICES = frozenset(_DATA["words"]["offices"])
LONGEST = 5  # words of a name

KNOWN, LARGE, MIDDLE, SMALL = 500_000, 300_000, 75_000, 12_000  # people
DIVISION = 50_000  # people that a subdivision is taken to have at least
_UNKNOWN = 0.35  # a sense with a smaller margin has no id
AMBIGUOUS = 1.0  # one with a smaller margin is flagged


@dataclass(frozen=True, slots=True)
class Container:
    """A place that the sentence names: where its words are, its id and its country."""

    first: int
    last: int
    id: str
    country: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """The words ``[first, last)`` of a name that was looked up, its key, and all its meanings."""

    first: int
    last: int
    key: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a name means. `place` is None where two meanings are about as likely; `country` where both lie in it; `margin` is by how much
    the best is the best."""

    first: int
    last: int
    place: Place | None
    country: str | None
    margin: float


def found(text: str, tokens: texts.Tokens, taken: Sequence[bool]) -> Iterator[Looked]:
    """Each name that may be a town's or a subdivision's, longest first."""
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    size, until = len(words), 0
    for index in [index for index, start in enumerate(starts) if text[start].isupper()]:
        if index < until or taken[index] or words[index] in _NEVER or not atlas.begins(words[index]):
            continue
        last = index + 1
        while last < size and last - index < LONGEST and not taken[last] and (text[starts[last]].isupper() or words[last] in _JOINS):
            last += 1
        places: tuple[Place, ...] = ()
        while last > index:
            key = fold(text[starts[index] : ends[last - 1]]) if text[starts[last - 1]].isupper() else ""
            if key and (places := atlas.candidates(key)):
                break
            last -= 1
        if places and _alone(text, tokens, taken, index, last):
            yield Looked(index, last, key, places)
        until = last


def exactly(text: str, tokens: texts.Tokens, first: int, last: int) -> Place | None:
    """The largest place that is called by exactly these words, the last of which has a capital or is a word such as "state"."""
    if not (text[tokens.starts[last - 1]].isupper() or tokens.words[last - 1] in _KINDS):
        return None
    places = atlas.candidates(fold(text[tokens.starts[first] : tokens.ends[last - 1]]))
    return places[0] if places and (places[0].people >= MIDDLE or not places[0].town) else None


def _alone(text: str, tokens: texts.Tokens, taken: Sequence[bool], first: int, last: int) -> bool:
    """Does no other capitalised word stand beside the name, of which it would be a part?"""
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    if last < len(words) and not taken[last]:
        following = words[last]
        if text[starts[last]].isupper() and following.isalpha() and following not in _AFTER:
            ends_here = last + 1 >= len(words) or not text[starts[last + 1]].isupper()
            if following not in _KINDS or not ends_here:
                return False
        if following in ("-", "&") and ends[last - 1] == starts[last]:
            return False
    if first and not taken[first - 1]:
        before = words[first - 1]
        glued = ends[first - 1] == starts[first]
        if before in _TITLED or before in ("&", "@", "#") or (glued and before in (".", "-")):
            return False
        if before == "." and first > 1 and words[first - 2] in _TITLED:
            return False
        if text[starts[first - 1]].isupper() and before[0].isalpha() and before not in _NO_NEIGHBOUR and before not in _TOWNS:
            return False
    return True


def senses(
    text: str,
    tokens: texts.Tokens,
    looked: Sequence[Looked],
    containers: Sequence[Container],
    about: Evidence,
    names: Names,
    home: str | None,
) -> Iterator[Sense]:
    """What each name means here; names for which too little speaks are left out."""
    there = _Surroundings(text, tokens, tuple(containers), about, names, home)
    paired = dict(_paired(looked, tokens, names))
    for name in looked:
        place = paired.get(name.first) or there.held(name)
        if place is not None:
            yield Sense(name.first, name.last, place, place.country, 9.0)
        elif (sense := there.sense(name)) is not None:
            yield sense


def _paired(looked: Sequence[Looked], tokens: texts.Tokens, names: Names) -> Iterator[tuple[int, Place]]:
    """ "Seattle, Washington": of two names with a comma between them, the meanings of which one lies in the other."""
    for one, other in pairwise(looked):
        if other.first == one.last + 1 and tokens.words[one.last] == ",":
            for container in (place for place in other.places if not place.town):
                inside = [place for place in one.places if place.id != container.id and names.within(place.id, container.id)]
                if inside:
                    yield one.first, max(inside, key=lambda place: (place.town, place.people))
                    yield other.first, container
                    break


class _Surroundings:
    """What decides between the meanings of a name: its sentence, and what the text speaks of."""

    def __init__(
        self, text: str, tokens: texts.Tokens, containers: Sequence[Container], about: Evidence, names: Names, home: str | None
    ) -> None:
        self.text, self.tokens, self.words = text, tokens, tokens.words
        self.containers, self.about, self.names, self.home = containers, about, names, home
        self.countries = {container.country for container in containers}
        self.inside = {container.id for container in containers}

    def held(self, name: Looked) -> Place | None:
        """The meaning that lies in a container named with it ("Paris, Texas", "Ukraine's Kharkiv"), or the state in a list of states
        ("Oregon and Washington")."""
        for container in self.containers:
            after = container.first == name.last + 1 and self.words[name.last] == ","
            before = container.last == name.first - 1 and self.words[name.first - 1] == "'s"
            if after or before:
                fitting = [place for place in name.places if place.id != container.id and self.names.within(place.id, container.id)]
                if fitting:
                    return max(fitting, key=lambda place: (place.town, place.people))
        state = next((place for place in name.places if not place.town and place.country == "US"), None)
        return state if state is not None and any(self._listed(name, other) for other in self.containers) else None

    def _listed(self, name: Looked, other: Container) -> bool:
        """Do the name and an American state stand side by side in a list?"""
        gap = self.words[other.last : name.first] if other.first < name.first else self.words[name.last : other.first]
        return other.id.startswith("US-") and len(gap) in (1, 2) and all(word in (",", "and", "or") for word in gap)

    def sense(self, name: Looked) -> Sense | None:
        """The likeliest meaning; None where too little speaks for any."""
        following = self.words[name.last] if name.last < len(self.words) else ""
        kind = following in _KINDS or following in _OFFICES
        ranked = sorted(((self._score(place, name, kind), place) for place in name.places), key=lambda pair: pair[0], reverse=True)
        score, best = ranked[0]
        if not self._believed(name, best, kind):
            return None
        rival = next((other for other in ranked[1:] if not _twins(other[1], best)), None)
        margin = score - rival[0] if rival is not None else 9.0
        if margin >= (_UNKNOWN if best.people >= MIDDLE or not best.town else AMBIGUOUS):
            return Sense(name.first, name.last, best, best.country, margin)
        same = rival is not None and rival[1].country == best.country
        return Sense(name.first, name.last, None, best.country if same else None, margin)

    @staticmethod
    def _near(place: Place, named: Collection[str]) -> bool:
        """Is the subdivision named that the place lies in?"""
        return len(place.inside) > 2 and place.inside in named

    def _score(self, place: Place, name: Looked, kind: bool) -> float:
        """How likely the meaning is: the order of magnitude of its people, and what the sentence and the text speak of."""
        country, about = place.country, self.about
        score = log10(max(place.people, 1_000 if place.town else DIVISION)) - 0.6 * (fold(place.name) != name.key)
        score += 1.2 * (country in self.countries) + 1.5 * self._near(place, self.inside)
        score += 1.6 * about.share(country) + 0.5 * (country in about.countries) + 0.8 * self._near(place, about.inside)
        score += 0.5 * (country == self.home) + 1.0 * (place.town and place.people >= KNOWN)  # "in Paris" of an American text is in France
        if not place.town:
            twin = any(other.town and other.country == country and other.people >= DIVISION for other in name.places)
            return score + (2.0 if kind else -2.5 if twin else 0.0)
        return score - 0.5 * kind

    def _believed(self, name: Looked, place: Place, kind: bool) -> bool:
        """Does enough speak for its being a place at all?"""
        first, last, words, about = name.first, name.last, self.words, self.about
        single = last - first == 1
        before = words[first - 1] if first else ""
        at = before in _AT or before in _TOWNS
        known = place.country in self.countries or place.country in about.countries or place.country == self.home
        near = self._near(place, self.inside) or self._near(place, about.inside)
        if single and len(words[first]) < 5 and self.text[self.tokens.starts[first] : self.tokens.ends[first]].isupper():
            return False
        if single and (words[first] in _COMMON or len(words[first]) < 3):
            return (kind and known) or (at and (place.people >= LARGE or (known and (near or place.people >= MIDDLE or not place.town))))
        if place.people >= LARGE:
            return True
        if kind:
            return known
        if place.people >= MIDDLE:
            return at or known
        return known and (at or near or not single) if place.people >= SMALL or not place.town else near and at


def _twins(one: Place, other: Place) -> bool:
    """Are they one place, or a town and the subdivision that is called after it?"""
    return one.id == other.id or (one.country == other.country and one.town != other.town)
