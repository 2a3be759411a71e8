"""The record of one number, and the cursor over the tokens of a sentence."""

from typing import Literal, NamedTuple

from streams.core.text import Tokens

__all__ = ["Amount", "Cursor", "Form", "Kind"]

Kind = Literal["cardinal", "range", "vague", "fraction", "ordinal", "multiple", "chain"]
Form = Literal["plain", "grouped", "decimal", "scaled", "words"]
"""plain: bare digits, as a year or an age would be written; grouped: with thousands marks; scaled: with a magnitude word."""


class Amount(NamedTuple):
    """One number: tokens [first, last), values `low` and `high` (equal but for ranges), what it looks like."""

    first: int
    last: int
    low: float
    high: float
    kind: Kind
    form: Form
    factor: float = 1
    """The magnitude words together: 1,000,000 for "1.2 million"."""
    currency: str | None = None
    percent: bool = False
    dotted: bool = False
    """Written like "10.000": the low value is read with a decimal point, and thousands are meant where things are counted."""


class Cursor:
    """The tokens of one sentence with padding, so that looking ahead needs no test."""

    __slots__ = ("count", "ends", "starts", "words")

    def __init__(self, tokens: Tokens) -> None:
        self.count = len(tokens.words)
        self.words = [*tokens.words, "", "", "", "", "", ""]
        self.starts = [*tokens.starts, -9, -9, -9, -9, -9, -9]
        self.ends = [*tokens.ends, -8, -8, -8, -8, -8, -8]

    def glued(self, place: int) -> bool:
        """Is there nothing between the token at `place` and the next?"""
        return self.ends[place] == self.starts[place + 1]

    def is_digits(self, place: int) -> bool:
        return self.words[place][:1].isdecimal()
