"""Two numbers that are one: ranges and ratios."""

from streams.core.numbers.amounts import Amount, Cursor, Form
from streams.core.numbers.digits import value_of
from streams.core.numbers.single import amount_at
from streams.core.numbers.tables import (
    CARDINALS,
    CHANGES,
    CURRENCIES,
    DASHES,
    LINKS,
    NO_GROUP_AFTER,
    RANGE_BEFORE_FROM,
    SCALES,
    TIME_AFTER_RATIO,
)

__all__ = ["ranged", "ratio"]

_BY_TO = 4  # "rose 300 to 4,000" is a change and a level; "rose 20 to 30 percent" is a range
_RATIO_BASES = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 25, 50, 100, 1_000, 10_000, 100_000})


def ratio(read: Cursor, amount: Amount) -> Amount | None:
    """ "one in three", "9 out of 10": a fraction of a whole, where base and company allow no other reading."""
    words, last = read.words, amount.last
    if amount.low > 99 or amount.currency or amount.percent or amount.factor != 1:
        return None
    base_at = last + 1
    if words[last] == "-" and words[last + 1] == "in" and words[last + 2] == "-":
        base_at = last + 3
    elif words[last] == "out" and words[last + 1] == "of":
        base_at = last + 2
    elif words[last] != "in":
        return None
    if words[base_at] == "every":
        base_at += 1
    word = words[base_at]
    if not (word in CARDINALS or word[:1].isdecimal()):
        return None
    base = amount_at(read, base_at)
    if base is None or base.kind != "cardinal" or base.currency or base.percent or base.low <= amount.low or amount.low <= 0:
        return None
    if (base.low not in _RATIO_BASES and words[last] != "out" and amount.low != 1) or (base.form == "plain" and 1_900 <= base.low <= 2_100):
        return None
    if words[base.last] in TIME_AFTER_RATIO:
        return None
    value = amount.low / base.low
    return Amount(amount.first, base.last, value, value, "fraction", amount.form)


def ranged(read: Cursor, amount: Amount) -> Amount:
    """`amount`, or the range that begins with it: "200 to 300", "20-25", "between 2,000 and 3,000", "$3-5 billion", "15, 16,000"."""
    words, last = read.words, amount.last
    word = words[last]
    by = False
    if word in DASHES:
        at = last + 1 if words[last + 1] not in ("to", "or") else last + 2
        if read.glued(last - 1) != read.glued(last) and at == last + 1:
            return amount
    elif word == "to" or word == "or" or (word == "and" and _between(read, amount.first)):
        if word == "to" and _from(read, amount):
            return amount
        by = word == "to" and not CHANGES.isdisjoint(words[max(0, amount.first - 3) : amount.first])
        at = last + 1
    elif word == ",":
        return _elided(read, amount)
    else:
        return amount
    if words[at] in CURRENCIES:
        at += 1
    if not (read.is_digits(at) or words[at] in CARDINALS or words[at] in SCALES):
        return amount
    if words[at] in SCALES or _is_chain(read, at):
        return amount
    other = amount_at(read, at)
    if other is None or other.kind != "cardinal" or (amount.currency and other.currency and amount.currency != other.currency):
        return amount
    if by and (other.low > _BY_TO * amount.low or (amount.currency and other.currency)):
        return amount
    return _joined(amount, other, word)


def _is_chain(read: Cursor, place: int) -> bool:
    return read.is_digits(place) and read.words[place + 1] in LINKS and read.is_digits(place + 2) and read.glued(place)


def _joined(amount: Amount, other: Amount, joiner: str) -> Amount:
    """The range of two amounts, if they make one."""
    if (amount.percent and not other.percent) or (other.currency and not amount.currency) or amount.kind != "cardinal":
        return amount
    low = amount.low
    if joiner == "to" and amount.form == "plain" and other.form == "grouped" and 1_900 <= low <= 2_100:
        return amount  # "the total through May 2016 to 47,600": a year before a level
    if amount.factor == 1 and other.factor != 1 and low * other.factor <= other.low and low < 1_000:
        low *= other.factor
    elif amount.form == "plain" and other.form == "grouped" and low < 1_000 and low < other.low / 1_000 <= 2 * low:
        low *= 1_000
    if low >= other.low or (joiner == "or" and other.low > 3 * low):
        return amount
    form: Form = "plain" if amount.form == other.form == "plain" else other.form
    return Amount(
        amount.first,
        other.last,
        low,
        other.low,
        "range",
        form,
        other.factor,
        amount.currency or other.currency,
        amount.percent or other.percent,
    )


def _elided(read: Cursor, amount: Amount) -> Amount:
    """ "15, 16,000" said for 15,000 to 16,000: the next thousand or two, after a number that cannot be a day."""
    place = amount.last + 1
    if amount.form != "plain" or amount.percent or amount.currency or not read.is_digits(place) or not 1 <= amount.low < 1_000:
        return amount
    if amount.first and read.words[amount.first - 1] in NO_GROUP_AFTER:
        return amount
    parsed = value_of(read.words[place])
    if parsed is None or parsed[1] != "grouped" or parsed[0] % 1_000 or not 0 < parsed[0] / 1_000 - amount.low <= max(2, amount.low / 5):
        return amount
    return Amount(amount.first, place + 1, amount.low * 1_000, parsed[0], "range", "grouped")


def _between(read: Cursor, first: int) -> bool:
    for place in range(first - 1, max(-1, first - 6), -1):
        if read.words[place] == "between":
            return True
        if read.words[place] in (",", ".", ";", "and"):
            return False
    return False


def _from(read: Cursor, amount: Amount) -> bool:
    """Does "from" stand before the amount and mean a change? "anywhere from", "ranging from" and "ages from" mean a range."""
    words, first = read.words, amount.first
    for place in range(first - 1, max(-1, first - 7), -1):
        if words[place] == "from":
            if place == 0:  # "From 60 to 80 people were hurt": no verb of change stands before it
                return not words[amount.last + 2].isalpha()
            return words[place - 1] not in RANGE_BEFORE_FROM
        if words[place] in (",", ".", ";", "to", "in", "at", "by", "between", "and"):
            return False
    return False
