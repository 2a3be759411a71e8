"""From an article to its passages: one pass finds where numbers may be, only those sentences are tokenised and read."""

import re

import ahocorasick_rs

from schemas.figure import Quantity
from streams.core import lexicon, numbers
from streams.core import text as texts
from streams.core.quantities.reading import Counted, figures
from streams.core.quantities.records import Document, Figure, Passage
from streams.core.quantities.refusals import NOT_QUANTITIES

__all__ = ["MOST_NUMBERS", "MOST_QUANTITIES", "measured", "quantity", "read", "sentences_with_numbers"]

MOST_QUANTITIES = 2_000
"""No more quantities are kept of one article."""
MOST_NUMBERS = 5_000
"""No more numbers are read in one article; what follows is left alone and `Document.cut` says so."""

_DIGITS = re.compile(r"\d")
_WORDS = tuple(sorted(word for word in lexicon.numerals() if numbers.is_trigger(word)))
_FINDER = ahocorasick_rs.AhoCorasick(_WORDS, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


def read(text: str) -> Document:
    """All numbers of `text`, sentence by sentence."""
    lowered = texts.lower(text)
    spans = texts.spans(text)
    passages: list[Passage] = []
    left = MOST_NUMBERS
    carried: Counted | None = None
    before = -2
    for index in sentences_with_numbers(lowered, spans):
        start, end, _ = spans[index]
        tokens = texts.tokens(text, start, end)
        found, carried = figures(text, tokens, left, carried if index - 1 == before else None)
        before = index
        if found:
            passages.append(Passage(index, start, end, tokens, found))
            left -= len(found)
            if left <= 0:
                break
    return Document(text, lowered, spans, passages, left <= 0)


def sentences_with_numbers(lowered: str, spans: list[texts.Span]) -> list[int]:
    """The indexes of the sentences in which a number may stand. `lowered` is the text as `texts.lower` gives it."""
    found: list[int] = []
    words = [start for _, start, end in _FINDER.find_matches_as_indexes(lowered) if _stands_alone(lowered, start, end)]
    words.append(len(lowered) + 1)
    at = 0
    for index, (start, end, _) in enumerate(spans):
        while words[at] < start:
            at += 1
        if words[at] < end or _DIGITS.search(lowered, start, end):
            found.append(index)
    return found


def _stands_alone(lowered: str, start: int, end: int) -> bool:
    """A whole word, and not "one" or "second" as in most of their uses."""
    if (start and lowered[start - 1].isalpha()) or lowered[end : end + 1].isalpha():
        return False
    return lowered[start:end] != "one" or _counts(lowered, end)


def _counts(lowered: str, end: int) -> bool:
    return numbers.follows_one(lowered[end : end + 24])


def quantity(figure: Figure, text: str) -> Quantity:
    """`figure` as the record that travels."""
    value = figure.value
    return Quantity(
        start=figure.start,
        end=figure.end,
        quote=text[figure.start : figure.end],
        low=value.low,
        high=value.high,
        low_closed=value.low_closed,
        high_closed=value.high_closed,
        point=value.point,
        bound=figure.bound,
        cue=figure.cue_text,
        unit=figure.unit,
        unit_text=figure.unit_text,
        change=figure.change,
        concept=figure.concept,
    )


def measured(document: Document) -> list[Quantity]:
    """Every quantity of the document, claims and others: all numbers but dates, ages, identifiers and the like."""
    found = [
        quantity(figure, document.text)
        for passage in document.passages
        for figure in passage.figures
        if not (figure.sure and figure.skip in NOT_QUANTITIES)
    ]
    return found[:MOST_QUANTITIES]
