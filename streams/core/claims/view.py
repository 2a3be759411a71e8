"""One sentence as the readers of this package see it: its words, the cues in it, and how far its words stand apart."""

from datetime import date
from functools import cached_property, lru_cache
from itertools import accumulate

from streams.core import entities, lexicon
from streams.core import text as texts
from streams.core.claims.indicator import Indicators
from streams.core.dates import When, find
from streams.core.entities import Mention
from streams.core.lexicon.scan import Hit
from streams.core.quantities import Figure

__all__ = ["View"]

_SYNTAX = lexicon.table("syntax")
_COSTS = {word: float(cost) for cost, words in _SYNTAX["costs"].items() for word in words}
_VERBISH: float = _SYNTAX["verbs"]["verbish"]
NO_VERBS = frozenset(_SYNTAX["verbs"]["no_verbs"])
OTHER_VERBS = frozenset(_SYNTAX["verbs"]["other"])
PREPOSITIONS = frozenset(_SYNTAX["verbs"]["prepositions"])
HEADS = frozenset(_SYNTAX["verbs"]["heads"])
MODALS = frozenset(_SYNTAX["verbs"]["modals"])
BE = frozenset(_SYNTAX["verbs"]["be"])
HAVE = frozenset(_SYNTAX["verbs"]["have"])
RELATIVE = frozenset(_SYNTAX["verbs"]["relative"])
ADVERBS = frozenset(_SYNTAX["verbs"]["adverbs"])
WEAK_MEASURE = frozenset(_SYNTAX["verbs"]["weak_measure"])
MEASURE = frozenset(_SYNTAX["verbs"]["measure"])


ASIDES = frozenset(_SYNTAX["asides"]["openers"])
ASIDE = 25  # words of the longest aside
COUNTED = {name: frozenset(words) for name, words in _SYNTAX["counted"].items()}
_OPENING = frozenset({"(", "[", "—", "–", "-", ","})
_VERBS = frozenset({"done_to", "does", "state"})
_GOES_ON = BE | HAVE | MODALS | frozenset({"and", "who", "that"})


@lru_cache(maxsize=20_000)
def _weight(word: str) -> float:
    """What a word adds to the distance; a form that looks like a verb begins another predicate."""
    cost = _COSTS.get(word)
    if cost is not None:
        return cost
    return _VERBISH if len(word) > 4 and word.endswith(("ed", "ing")) and word not in NO_VERBS else 1.0


class View:
    """A sentence of an article. Everything but the words is read when it is first asked for."""

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        tokens: texts.Tokens,
        figures: tuple[Figure, ...],
        published: date | None,
        indicators: Indicators,
    ) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.tokens = tokens
        self.words = tokens.words
        self.figures = figures
        self.published = published
        self.indicators = indicators

    @cached_property
    def hits(self) -> dict[str, list[Hit]]:
        return self.indicators.scanner.scan(self.words)

    @cached_property
    def context(self) -> frozenset[str]:
        """The classes of words that the sentence holds ("border", "migrant", ...)."""
        return frozenset(value for hit in self.hits["context"] for value in hit.values)

    @cached_property
    def mentions(self) -> list[Mention]:
        return entities.mentions(self.text, self.tokens)

    @cached_property
    def whens(self) -> tuple[When, ...]:
        return find(self.words, self.published, self.capital)

    @cached_property
    def costs(self) -> list[float]:
        """Running sum: ``costs[b] - costs[a]`` is what lies in the words ``[a, b)``."""
        return list(accumulate(map(_weight, self.words), initial=0.0))

    @cached_property
    def headline(self) -> bool:
        """Are most words capitalised, so that a capital says nothing?"""
        long = [index for index, word in enumerate(self.words) if len(word) > 3 and word.isalpha()]
        return 2 * sum(map(self.capital, long)) > len(long)

    @cached_property
    def asides(self) -> tuple[tuple[int, int], ...]:
        """Parentheses ``[first, last)`` with their marks: in brackets, between two dashes, or from ", including" to the next comma."""
        words, found, index = self.words, [], 0
        if not _OPENING.isdisjoint(words):
            while index < len(words):
                last = self._aside(index) if words[index] in _OPENING else 0
                if last:
                    found.append((index, last))
                index = last or index + 1
        return tuple(found)

    def _aside(self, index: int) -> int:
        """One past the aside that opens at `index`, 0 where none does."""
        words, word = self.words, self.words[index]
        limit = min(len(words) - 1, index + ASIDE)
        if index + 2 >= len(words):
            return 0
        if word == ",":
            one, two = (*words[index + 1 : index + 3], "", "")[:2]
            if one not in ASIDES and not (one.endswith("ed") and two in PREPOSITIONS):
                return 0
            return next((at + 1 for at in range(index + 3, limit) if words[at] == "," and self._goes_on(at + 1)), 0)
        closing = {"(": (")",), "[": ("]",)}.get(word, ("—", "–", "-"))
        if word == "-" and not self._apart(index):
            return 0
        return next((at + 1 for at in range(index + 2, limit) if words[at] in closing and (words[at] != "-" or self._apart(at))), 0)

    def _goes_on(self, index: int) -> bool:
        """Does the sentence go on there after an aside: with a verb, or a word that stands before one?"""
        return self.words[index] in _GOES_ON or any(
            hit.first == index and any(cue is not None and cue.kind in _VERBS for cue in hit.values) for hit in self.hits["cue"]
        )

    def _apart(self, index: int) -> bool:
        """Does white space stand on both sides of the word?"""
        starts, ends = self.tokens.starts, self.tokens.ends
        return 0 < index < len(starts) - 1 and ends[index - 1] < starts[index] and ends[index] < starts[index + 1]

    def gap(self, first: int, last: int) -> float:
        """How far apart two places of the sentence stand; 0 where they touch or cross. A whole aside between them counts as one word."""
        if last <= first:
            return 0.0
        gap = self.costs[last] - self.costs[first]
        for start, end in self.asides:
            if first <= start and end <= last:
                gap -= max(0.0, self.costs[end] - self.costs[start] - 1.0)
        return gap

    def aside(self, index: int) -> tuple[int, int] | None:
        """The aside that the word stands in."""
        return next((span for span in self.asides if span[0] <= index < span[1]), None)

    def capital(self, index: int) -> bool:
        return self.text[self.tokens.starts[index]].isupper()

    def told(self, first: int, last: int) -> str:
        """The words, lower case."""
        return " ".join(self.words[first:last])

    def phrase_at(self, phrase: str, before: int) -> int:
        """Where the last occurrence of these words before a place begins; -1 without one."""
        words = phrase.split()
        places = range(min(before, len(self.words)) - len(words), -1, -1)
        return next((at for at in places if self.words[at : at + len(words)] == words), -1)

    def slice(self, first: int, last: int) -> str:
        """The words as written, white space folded."""
        return " ".join(self.text[self.tokens.starts[first] : self.tokens.ends[last - 1]].split())
