"""One number at a given token, whatever its form."""

from streams.core.numbers.amounts import Amount, Cursor
from streams.core.numbers.digits import chain, in_digits
from streams.core.numbers.scales import with_currency, with_percent
from streams.core.numbers.tables import FRACTIONS, MULTIPLES, VAGUE, VAGUE_OF
from streams.core.numbers.words import fraction, in_words, vague

__all__ = ["amount_at"]


def amount_at(read: Cursor, place: int) -> Amount | None:
    """The number that begins at `place`, with its currency sign and percent word; no range."""
    word = read.words[place]
    amount: Amount | None
    if word[0].isdecimal():
        amount = chain(read, place) or in_digits(read, place)
    elif word in VAGUE or word in VAGUE_OF:
        amount = vague(read, place)
    elif word in MULTIPLES:
        amount = Amount(place, place + 1, MULTIPLES[word], MULTIPLES[word], "multiple", "words")
    elif word in FRACTIONS:
        amount = fraction(read, place)
    else:
        amount = in_words(read, place)
    if amount is None or amount.kind in ("chain", "ordinal", "multiple"):
        return amount
    return with_percent(read, with_currency(read, amount))
