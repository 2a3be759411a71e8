"""What a recogniser gives: a stretch of a text that names somebody, something or some place."""

from dataclasses import dataclass
from typing import Literal

from schemas.figure import EntityType

__all__ = ["Span", "SpanSource"]

SpanSource = Literal["gazetteer", "model"]


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` names a person, an organisation or a place. Offsets are characters of the text as received.

    `score` is 0..1, how sure its source is. Borders may be rough ("the Pentagon's"): `link` trims them.
    """

    start: int
    end: int
    type: EntityType
    score: float
    source: SpanSource
