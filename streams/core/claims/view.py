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
_NO_VERBS = frozenset(_SYNTAX["verbs"]["no_verbs"])
PREPOSITIONS = frozenset(_SYNTAX["verbs"]["prepositions"])
MODALS = frozenset(_SYNTAX["verbs"]["modals"])
BE = frozenset(_SYNTAX["verbs"]["be"])
HAVE = frozenset(_SYNTAX["verbs"]["have"])
RELATIVE = frozenset(_SYNTAX["verbs"]["relative"])
ADVERBS = frozenset(_SYNTAX["verbs"]["adverbs"])
WEAK_MEASURE = frozenset(_SYNTAX["verbs"]["weak_measure"])
MEASURE = frozenset(_SYNTAX["verbs"]["measure"])


@lru_cache(maxsize=20_000)
def _weight(word: str) -> float:
    """What a word adds to the distance; a form that looks like a verb begins another predicate."""
    cost = _COSTS.get(word)
    if cost is not None:
        return cost
    return _VERBISH if len(word) > 4 and word.endswith(("ed", "ing")) and word not in _NO_VERBS else 1.0


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

    def gap(self, first: int, last: int) -> float:
        """How far apart two places of the sentence stand; 0 where they touch or cross."""
        return self.costs[last] - self.costs[first] if last > first else 0.0

    def capital(self, index: int) -> bool:
        return self.text[self.tokens.starts[index]].isupper()

    def slice(self, first: int, last: int) -> str:
        """The words as written, white space folded."""
        return " ".join(self.text[self.tokens.starts[first] : self.tokens.ends[last - 1]].split())
