"""What belongs to a number beside its digits: magnitude words, the currency sign before, the percent word after."""

from streams.core.numbers.amounts import Amount, Cursor
from streams.core.numbers.tables import CODE_LETTERS, CURRENCIES, GLUED, NO_MILLION, NO_THOUSAND, PERCENT, SCALES, SHORT

__all__ = ["scale_at", "signed", "with_currency", "with_percent"]


def scale_at(read: Cursor, place: int, glued: bool, money: bool) -> tuple[int, float]:
    """The magnitude words from `place` on, as (one past them, their product)."""
    words = read.words
    word = words[place]
    if word == "-" and (words[place + 1] in SCALES) and glued:
        place, word = place + 1, words[place + 1]
    factor: float = 1
    if word in SCALES:
        while words[place] in SCALES and factor < 1e18:
            factor *= SCALES[words[place]]
            place += 1
        return place, factor
    if word in SHORT:
        return place + 1, SHORT[word]
    if word in GLUED and (glued or (money and word in ("m", "b"))):
        after = words[place + 1]
        if (word == "k" and after not in NO_THOUSAND) or money:
            return place + 1, GLUED[word]
        if word == "m" and after.isalpha() and after not in NO_MILLION:
            return place + 1, GLUED[word]
    return place, 1


def signed(read: Cursor, place: int) -> tuple[int, str] | None:
    """The currency sign or code that ends right before the token at `place`: (its first token, ISO 4217 code)."""
    if not place:
        return None
    words = read.words
    before = words[place - 1]
    code = CURRENCIES.get(before)
    if code is None:
        if before == "." and place > 1 and words[place - 2] == "rs":
            return place - 2, "inr"
        return None
    if before == "$" and place > 1 and words[place - 2] in CODE_LETTERS and read.glued(place - 2):
        return place - 2, CURRENCIES.get(f"{words[place - 2]}$".replace(".", ""), code)
    return place - 1, code


def with_currency(read: Cursor, amount: Amount) -> Amount:
    sign = signed(read, amount.first)
    if sign is not None:
        return amount._replace(first=sign[0], currency=sign[1])
    place = amount.first
    if place and read.words[place - 1] == "minus":
        return amount._replace(first=place - 1, low=-amount.low, high=-amount.high)
    if place and read.words[place - 1] in ("-", "−") and amount.form != "words" and read.glued(place - 1) and _is_minus(read, place - 1):
        return amount._replace(first=place - 1, low=-amount.low, high=-amount.high)
    return amount


def _is_minus(read: Cursor, place: int) -> bool:
    """A dash with a blank, or a bracket, before it and digits right after it."""
    return place == 0 or not read.glued(place - 1) or read.words[place - 1] == "("


def with_percent(read: Cursor, amount: Amount) -> Amount:
    words, last = read.words, amount.last
    if words[last] == "-" and words[last + 1] == "percent":
        return amount._replace(last=last + 2, percent=True)
    if words[last] in PERCENT:
        return amount._replace(last=last + 1, percent=True)
    if words[last] == "per" and words[last + 1] == "cent":
        return amount._replace(last=last + 2, percent=True)
    return amount
