"""A figure while it is being read: filled in step by step by `reading`, then frozen into a record."""

from schemas.figure import Bound
from streams.core.numbers import Amount
from streams.core.quantities.changes import Turn
from streams.core.quantities.nouns import Noun
from streams.core.quantities.records import Dimension, Rate, TokenRange

__all__ = ["Draft"]


class Draft:
    """One number of a sentence with what has been found beside it so far."""

    __slots__ = (
        "amount",
        "attribute",
        "before",
        "bound",
        "cue",
        "cue_word",
        "dashed",
        "dimension",
        "head",
        "left",
        "multiple",
        "named",
        "noun",
        "part",
        "partner",
        "person",
        "rate",
        "rate_span",
        "right",
        "right_word",
        "skip",
        "sure",
        "turn",
        "unit",
        "unit_span",
    )

    def __init__(self, amount: Amount) -> None:
        self.amount = amount
        self.left = amount.first
        self.right = amount.last
        self.bound: Bound = "exact"
        self.cue: TokenRange | None = None
        self.cue_word = ""
        self.before = ""
        self.dashed = False
        self.right_word = ""
        self.dimension: Dimension = "count"
        self.unit: str | None = None
        self.unit_span: TokenRange | None = None
        self.attribute = False
        self.multiple = False
        self.named = False
        self.noun: Noun | None = None
        self.head: str | None = None
        self.person = False
        self.rate: Rate | None = None
        self.rate_span: TokenRange | None = None
        self.turn: Turn | None = None
        self.partner: int | None = None
        self.part = False
        self.skip: str | None = None
        self.sure = False
