"""People, organisations and places that no lexicon lists, by the shape of their names: capitalised words, and what stands beside them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.figure import EntityType
from streams.core import lexicon
from streams.core import text as texts
from streams.core.entities.atlas import candidates
from streams.core.entities.fold import fold

__all__ = ["GIVEN", "NOT_NAMES", "NO_ACRONYMS", "ORGANISATIONS", "Shape", "shapes", "titled"]

_PEOPLE = lexicon.table("people")
GIVEN = frozenset(_PEOPLE["given"])
"""Given names, in lower case and without accents."""
_ALONE = frozenset(_PEOPLE["alone"])
_TITLES = frozenset(_PEOPLE["titles"])
_DEPARTMENTS = frozenset(_PEOPLE["departments"])
_HEADS = frozenset(_PEOPLE["heads"])
_ROLES = frozenset(_PEOPLE["roles"])
_PARTICLES = frozenset(_PEOPLE["particles"])
_VERBS = frozenset(_PEOPLE["verbs"])
_DATA = lexicon.table("shapes")
ORGANISATIONS = frozenset(_DATA["organisation"]["last"])
"""Words, in lower case, with which names of organisations end."""
_TEAMS = frozenset(_DATA["organisation"]["teams"])
_FIRST = frozenset(_DATA["organisation"]["first"])
_JOINS = frozenset(_DATA["organisation"]["joins"])
NO_ACRONYMS = frozenset(_DATA["organisation"]["not_acronyms"])
"""Words in capitals, here in lower case, that are no organisation's."""
_PLACE_LAST = frozenset(_DATA["place"]["last"])
_PLACE_FIRST = frozenset(_DATA["place"]["first"])
_OTHER_LAST = frozenset(_DATA["other"]["last"])
_AT = frozenset(_DATA["place"]["at"])
_KINDS = frozenset(_DATA["place"]["kinds"])
NOT_NAMES = frozenset(_DATA["place"]["not_names"])
"""Words, in lower case, that are never names by themselves."""
_OPENERS = frozenset(_DATA["place"]["openers"])
_TIMES = frozenset(_DATA["place"]["times"])
_COMPOUND = re.compile(r"-[a-z]")
_OF = frozenset({"secretary", "minister", "director", "commissioner"})
_MARKS = str.maketrans("", "", "'-.")
LONGEST = 8  # words


@dataclass(frozen=True, slots=True)
class Shape:
    """The words ``[first, last)`` that look like a name of `type`; None: a capitalised word that may be a later mention of one;
    "other": the name of an event, a law or a work, and so is nothing inside it."""

    first: int
    last: int
    type: EntityType | Literal["other"] | None
    score: float


def _headline(text: str, tokens: texts.Tokens) -> bool:
    """Are most words capitalised, so that a capital says nothing?"""
    long = [index for index, word in enumerate(tokens.words) if len(word) > 3 and word.isalpha()]
    return len(long) > 3 and 10 * sum(text[tokens.starts[index]].isupper() for index in long) > 6 * len(long)


def shapes(text: str, tokens: texts.Tokens, taken: Sequence[bool], kind: texts.SpanKind = "prose") -> list[Shape]:
    """The names of one sentence; `taken` marks the words that the gazetteer has named (a shape may hold them, not be one of them)."""
    if kind == "line" and _headline(text, tokens):
        return []
    return list(_Sentence(text, tokens, taken).shapes())


class _Sentence:
    def __init__(self, text: str, tokens: texts.Tokens, taken: Sequence[bool]) -> None:
        self.text, self.taken = text, taken
        self.words, self.starts, self.ends = tokens.words, tokens.starts, tokens.ends
        self.size = len(self.words)
        self.capitals = [text[start].isupper() for start in tokens.starts]

    def shapes(self) -> Iterator[Shape]:
        last = 0
        for index, capital in enumerate(self.capitals):
            if capital and index >= last and self._named(index):
                last = self._run(index)
                yield from self._split(index, last)

    def _capital(self, index: int) -> bool:
        return index < self.size and self.capitals[index]

    def _named(self, index: int) -> bool:
        """Does a name begin at this capitalised word?"""
        return not (self.words[index] in _OPENERS and self._opens(index) and not self._long_title(index))

    def _opens(self, index: int) -> bool:
        """Does the word begin the sentence, or a quotation in it?"""
        return index == 0 or self.words[index - 1] in ('"', "'", ":", "(", "—", "–", "-", "•", "*")

    def _long_title(self, index: int) -> bool:
        """ "President Xi", "Prime Minister Y", "Foreign Ministry" at the head of a sentence: the opener belongs to what follows."""
        return self.words[index] in _TITLES and self._capital(index + 1)

    def _run(self, first: int) -> int:
        """One past the last word of the capitalised sequence; small words stand inside it only before another capital."""
        last = first + 1
        while last < self.size and last - first < LONGEST:
            if not (self._capital(last) or self._goes_on(first, last)):
                break
            last += 1
        while last - first > 1 and (not self._capital(last - 1) or self.words[last - 1] in _TIMES):
            last -= 1
        return last

    def _goes_on(self, first: int, last: int) -> bool:
        """Does a mark or a small word hold the name together?"""
        word = self.words[last]
        if word == ".":
            return self._initial(last - 1) and self._capital(last + 1)
        if word == "-":
            glued = self.ends[last - 1] == self.starts[last] and self._capital(last + 1)
            return glued and len(self.words[last - 1]) > 1  # not "R-Texas"
        return (word in _JOINS or word in _PARTICLES) and self._joined(first, last)

    def _initial(self, index: int) -> bool:
        word = self.words[index]
        return len(word) == 1 or word in _TITLES or word == "st"

    def _joined(self, first: int, last: int) -> bool:
        """Does the small word hold the name together: a particle of a person, or "of" and its like after a word such as Ministry?"""
        word, following = self.words[last], last + 1
        if word == "the" and self._capital(following):
            return self.words[last - 1] in ("of", "for", "on")
        if word in ("of", "for", "on", "to", "in", "the"):
            joined = self._capital(following) or (self.words[following : following + 1] == ["the"] and self._capital(following + 1))
            return joined and any(self.words[index] in _FIRST for index in range(first, last)) and word != "in"
        if word in ("and", "&"):
            return self._capital(following) and (word == "&" or any(self.words[index] in _FIRST for index in range(first, last)))
        return self._capital(following) or (self.words[following : following + 1] == ["la"] and self._capital(following + 1))

    def _split(self, first: int, last: int) -> Iterator[Shape]:
        """What the capitalised sequence is; titles in front are cut off, and what is listed on its own is left to the gazetteer."""
        if last - first > 1 and self.words[first] == "the":
            first += 1
        if last - first > 1 and self.words[last - 1] in _OTHER_LAST:
            yield Shape(first, last, "other", 0.8)
            return
        if last - first == 2 and self.words[first + 1] == "administration":  # "Harding Administration"
            if not self.taken[first]:
                yield Shape(first, first + 1, "person", 0.7)
            return
        organisation = self._organisation(first, last)
        if organisation is not None:
            yield organisation
            return
        title = self._inner_title(first, last)
        if title > first:
            yield from self._split(first, title)
            first = title
        start = self._after_titles(first, last)
        if first > 1 and self.words[first - 1] == "of" and self.words[first - 2] in _OF and last - first > 1:
            start = max(start, first + 1)  # "Secretary of State Ada Brandt", "Minister of National Security Ada Brandt"
            while start < last and (self.words[start] in _TITLES or self.words[start] in _DEPARTMENTS):
                start += 1
        if start > first or (start and self.words[start - 1] == "." and self.words[max(0, start - 2)] in _HEADS):
            if start < last and not all(self.taken[start:last]):
                yield Shape(start, last, "person", 0.85)
            return
        while first < last and (self.taken[first] or self.words[first] in NOT_NAMES or self.words[first] == "-"):
            first += 1
        if first >= last or all(self.taken[first:last]):
            return
        shape = self._kind(first, last)
        if shape is not None:
            yield shape

    def _inner_title(self, first: int, last: int) -> int:
        """Where a title stands after other words ("Webb County Judge Ada Brandt"); 0 where none does."""
        at = next((at for at in range(last - 2, first, -1) if self.words[at] in _HEADS and self._capital(at + 1)), 0)
        plain = all(word in _TITLES or word in (".", "-") for word in self.words[first:at])
        return 0 if plain or self.words[at - 1] in _JOINS else at

    def _after_titles(self, first: int, last: int) -> int:
        """Where the name begins after its titles: those at its head, and a listed country before them ("Texas Gov. Ada Brandt")."""
        at, start = first, first
        while at < last and self.taken[at]:
            at += 1
        while at < last and (self.words[at] in _TITLES or self.words[at] in (".", "-")):
            at += 1
            if self.words[at - 1] in _HEADS or (self.words[at - 1] == "." and self.words[at - 2] in _HEADS):
                start = at
        if start < last and self.words[start] == ".":
            start += 1
        return start

    def _organisation(self, first: int, last: int) -> Shape | None:
        """A sequence that ends with a word such as Agency, or begins with one that "of" follows; the largest such part of it."""
        words = self.words
        size = last - first
        if size == 2 and words[last - 1] in ("senate", "congress") and words[first] in NOT_NAMES:
            return None  # "GOP Senate"
        if size > 1 and words[last - 1] in ORGANISATIONS:
            start = self._after_titles(first, last)
            start = start if start < last - 1 else first
            return Shape(start, last, "organisation", 0.8)
        if size > 1 and words[last - 1] in _TEAMS and self._at_home(first, last - 1):
            return Shape(first, last, "organisation", 0.8)
        for at in range(first, last - 2):
            if words[at] in _FIRST and words[at + 1] in ("of", "for", "on"):
                return Shape(first, last, "organisation", 0.8)
        if size == 1 and self._acronym(first):
            return Shape(first, last, "organisation", 0.5)
        return None

    def _at_home(self, first: int, last: int) -> bool:
        """Is it a place or a university's acronym, as before the name of a team ("Chicago Cubs")?"""
        place = all(self.taken[first:last]) or bool(candidates(fold(self.text[self.starts[first] : self.ends[last - 1]])))
        return place or (last - first == 1 and self._acronym(first))

    def _acronym(self, index: int) -> bool:
        word = self.text[self.starts[index] : self.ends[index]]
        return 2 < len(word) <= 6 and word.isalpha() and word.isupper() and self.words[index] not in NO_ACRONYMS and not self.taken[index]

    def _kind(self, first: int, last: int) -> Shape | None:
        words = self.words
        size = last - first
        before = words[first - 1] if first else ""
        if size > 1 and (words[last - 1] in _PLACE_LAST or (words[first] in _PLACE_FIRST and self._alpha(first + 1, last))):
            return Shape(first, last, "place", 0.75)
        if size > 1 and self._person(first, last):
            return Shape(first, last, "person", 0.8)
        if size == 1 and fold(words[first]) in _ALONE:
            return Shape(first, last, "person", 0.8)
        if size == 1 and (words[first] in NOT_NAMES or not self._alpha(first, last)):
            return None
        if size < 3 and self._located(first, last):
            return Shape(first, last, "place", 0.8 if before == "of" else 0.45)
        if size in (2, 3) and self._alpha(first, last) and words[first] not in _OPENERS:
            role = before in _ROLES or (before == "," and first > 1 and words[first - 2] in _ROLES)
            if self._said(last) or role or self._aged(last):
                return Shape(first, last, "person", 0.7)
            return Shape(first, last, None, 0.3)
        return Shape(first, last, None, 0.3) if size == 1 else None

    def _located(self, first: int, last: int) -> bool:
        """Does "in", "near" or "the town of" stand before the name, and nothing after it that says otherwise?"""
        words = self.words
        before = words[first - 1] if first else ""
        of = first > 1 and before == "of" and words[first - 2] in _KINDS
        known = any(fold(word) in GIVEN or word in _OPENERS or not word.isalpha() for word in words[first:last])
        acronym = self.text[self.starts[first] : self.ends[last - 1]].isupper()
        return (before in _AT or of) and not (known or acronym or self._said(last) or words[last : last + 1] == ["'s"])

    def _alpha(self, first: int, last: int) -> bool:
        return all(word.translate(_MARKS).isalpha() or word in (".", "-") for word in self.words[first:last])

    def _person(self, first: int, last: int) -> bool:
        """A given name, and a family name after it."""
        words = self.words
        names = [word for word in words[first:last] if word not in (".", "-")]
        if (
            not self._alpha(first, last)
            or _COMPOUND.search(self.text, self.starts[first], self.ends[last - 1])
            or len(names) > 5
            or any(word in _JOINS and word not in _PARTICLES for word in names)
        ):
            return False
        return fold(names[0].split("-")[0]) in GIVEN and names[-1] not in _PLACE_LAST and names[-1] not in ORGANISATIONS

    def _said(self, last: int) -> bool:
        return last < self.size and self.words[last] in _VERBS

    def _aged(self, last: int) -> bool:
        """ ", 41,": only people have their age told."""
        words = self.words
        return last + 2 < self.size and words[last] == "," and words[last + 1].isdigit() and len(words[last + 1]) == 2


def titled(words: Sequence[str]) -> int:
    """How many of the words at the head are titles."""
    count = 0
    for index, word in enumerate(words):
        if word in _HEADS:
            count = index + 1
        elif word not in _TITLES and word != ".":
            break
    return count + (words[count : count + 1] == ["."])
