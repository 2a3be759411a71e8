"""The records that the reading of quantities hands on: figures, passages, the document."""

from dataclasses import dataclass
from typing import Literal

from schemas.figure import Bound, Change, Interval
from streams.core.text import Span, Tokens

Dimension = Literal[
    "count",
    "money",
    "share",
    "mass",
    "length",
    "area",
    "volume",
    "duration",
    "temperature",
    "speed",
    "energy",
    "points",
    "multiple",
    "other",
]
Role = Literal["level", "delta", "to", "from", "multiple", "share"]
Rate = Literal["hour", "day", "week", "month", "year"]
TokenRange = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a sentence as read. Token ranges are half open, over the tokens of its passage."""

    start: int
    """Offset of the quote: digits or number words, scale, currency sign, percent sign or word."""
    end: int
    first: int
    """Tokens of the quote: [first, last)."""
    last: int
    left: int
    """First token of the bound cue or article before the quote; `first` where there is none."""
    right: int
    """One past the last token read: unit, noun phrase, rate."""
    value: Interval
    bound: Bound
    cue: TokenRange | None = None
    cue_text: str | None = None
    """The words that gave the bound, as written."""
    dimension: Dimension = "count"
    unit: str | None = None
    unit_text: str | None = None
    noun: TokenRange | None = None
    head: str | None = None
    """Head noun of what is counted, singular: "migrant"."""
    person: bool = False
    """Are people counted?"""
    concept: tuple[str, ...] = ()
    subject: str | None = None
    rate: Rate | None = None
    rate_span: TokenRange | None = None
    change: Change | None = None
    role: Role = "level"
    partner: int | None = None
    """Index of the figure at the other end of "from X to Y" in the same passage."""
    part: bool = False
    """Named as a part of a total: "including 3,000", "76,000 of whom"."""
    skip: str | None = None
    """Why this is, or may be, no claim: date, year, age, time, duration, ordinal, ..."""
    sure: bool = False
    """With `skip`: certainly so. Without it the caller's cues decide."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that holds a number: its index in `Document.spans`, its tokens, all its numbers in order."""

    index: int
    start: int
    end: int
    tokens: Tokens
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one text: every sentence, and the passages among them."""

    text: str
    lowered: str
    spans: list[Span]
    passages: list[Passage]
    cut: bool = False
    """The article has more numbers than are read (`MOST_NUMBERS`)."""
