"""Very long sentences in parts, so that reading one takes time in proportion to its length."""

from collections.abc import Iterator
from dataclasses import replace

from streams.core import text as texts
from streams.core.quantities import Figure, Passage

__all__ = ["pieces"]

LONGEST_PIECE = 300  # words that are read together


def pieces(passage: Passage) -> Iterator[Passage]:
    """The passage, or where no full stop ends it for very long, parts of it: nothing hundreds of words off concerns a figure."""
    count = len(passage.tokens.words)
    if count <= LONGEST_PIECE:
        yield passage
        return
    tokens, figures, at = passage.tokens, passage.figures, 0
    for low in range(0, count, LONGEST_PIECE):
        high = min(low + LONGEST_PIECE, count)
        inside: list[Figure] = []
        first = at
        while at < len(figures) and figures[at].first < high:
            inside.append(_moved(figures[at], low, high, first))
            at += 1
        if inside:
            words = texts.Tokens(tokens.starts[low:high], tokens.ends[low:high], tokens.words[low:high])
            yield Passage(passage.index, words.starts[0], words.ends[-1], words, tuple(inside))


def _moved(figure: Figure, low: int, high: int, first: int) -> Figure:
    """The figure with its word places counted from `low`; what lies outside the part is dropped, and so is a partner outside."""

    def clamp(place: int) -> int:
        return min(max(place, low), high) - low

    def moved(span: tuple[int, int] | None) -> tuple[int, int] | None:
        return (span[0] - low, span[1] - low) if span is not None and low <= span[0] and span[1] <= high else None

    partner = figure.partner - first if figure.partner is not None and figure.partner >= first else None
    return replace(
        figure,
        first=clamp(figure.first),
        last=clamp(figure.last),
        left=clamp(figure.left),
        right=clamp(figure.right),
        cue=moved(figure.cue),
        noun=moved(figure.noun),
        rate_span=moved(figure.rate_span),
        partner=partner,
    )
