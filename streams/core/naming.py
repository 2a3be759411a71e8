"""The entities of texts that were read: by the gazetteer, and by a model on as much of each text as is asked (`effort`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from schemas.figure import Claim, Entity
from streams.core.effort import Entities
from streams.core.entities import Finder, Linked, Span, linked

__all__ = ["LONGEST", "Named", "Recognize", "name_all"]

Recognize = Callable[[Sequence[str]], Sequence[Sequence[Span]]]
LONGEST = 100_000
"""Characters of one text that a model reads at most: half a second."""


class Passage(NamedTuple):
    """The characters ``[start, end)`` of the text of that number."""

    text: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Named:
    """The entities of one text, and who found each. `cut`: a model was asked for, and has read only the beginning of what it should."""

    entities: tuple[Entity, ...]
    by: tuple[Finder, ...] = ()
    cut: bool = False


def name_all(
    texts: Sequence[str],
    claims: Sequence[Sequence[Claim]],
    entities: Entities,
    recognize: Recognize,
    homes: Sequence[str | None] | None = None,
) -> list[Named]:
    """The entities of each text, of which `claims` were read. The model is asked once, for everything that it shall read.

    `homes` are the countries of their readers, where known.
    """
    if entities == "off":
        return [Named(()) for _ in texts]
    asked = [_asked(entities, text, found) for text, found in zip(texts, claims, strict=True)]
    passages = [Passage(number, *stretch) for number, stretches in enumerate(asked) for stretch in _first(stretches, LONGEST)]
    spans: list[list[Span]] = [[] for _ in texts]
    if passages:
        for passage, found in zip(passages, recognize([texts[at][start:end] for at, start, end in passages]), strict=True):
            spans[passage.text] += [replace(span, start=span.start + passage.start, end=span.end + passage.start) for span in found]
    return [
        _named(linked(text, found, home), sum(end - start for start, end in stretches) > LONGEST)
        for text, found, stretches, home in zip(texts, spans, asked, homes or [None] * len(texts), strict=True)
    ]


def _named(found: Sequence[Linked], cut: bool) -> Named:
    return Named(tuple(one.entity for one in found), tuple(one.by for one in found), cut)


def _asked(entities: Entities, text: str, claims: Sequence[Claim]) -> list[tuple[int, int]]:
    """What of `text` a model shall read, in order."""
    if entities == "model":
        return [(0, len(text))]
    if entities == "model_on_claims":
        return sorted({(claim.sentence_start, claim.sentence_end) for claim in claims if claim.indicator})
    return []


def _first(stretches: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """As much of `stretches` as `limit` characters hold."""
    kept = []
    for start, end in stretches:
        if limit <= 0:
            break
        kept.append((start, min(end, start + limit)))
        limit -= end - start
    return kept
