"""Numbers written in words: cardinals, vague plurals, fractions."""

from streams.core.numbers.amounts import Amount, Cursor
from streams.core.numbers.scales import scale_at
from streams.core.numbers.tables import (
    AFTER_ONE,
    AFTER_SCORES,
    CARDINALS,
    FRACTIONS,
    PERCENT,
    SCALES,
    TENS,
    UNITS,
    VAGUE,
    VAGUE_BY,
    VAGUE_OF,
)

__all__ = ["fraction", "in_words", "vague"]

_GREATEST = 1e18


def in_words(read: Cursor, place: int) -> Amount | None:
    """Number words: "nine hundred and twenty-one", "half a million", "several thousand", "a hundred"."""
    words = read.words
    word = words[place]
    if word in SCALES:
        return _bare_scale(read, place)
    value, last = _below_scale(read, place)
    if words[last : last + 3] == ["and", "a", "half"]:
        value, last = value + 0.5, last + 3
    fraction = _numerator(read, place, value, last)
    if fraction:
        return fraction
    number, last, factor = _scaled_words(read, value, last)
    if word == "one" and factor == 1 and last == place + 1 and not _counts_one(read, last):
        return None
    return Amount(place, last, number, number, "cardinal", "words", factor)


def _scaled_words(read: Cursor, group: float, last: int) -> tuple[float, int, float]:
    """The number that begins with `group` (below a hundred, ending before `last`), as (value, one past it, greatest magnitude)."""
    words = read.words
    total: float = 0
    factor: float = 1
    while True:
        joint = last + 1 if words[last] == "-" and words[last + 1] in SCALES else last
        scale = SCALES.get(words[joint])
        if scale is None or total + group > _GREATEST:
            return total + group, last, factor
        last = joint + 1
        if scale < 1_000:
            group *= scale
        else:
            total, group = ((total + group) * scale, 0) if 0 < total < scale else (total + group * scale, 0)
        factor = max(factor, scale)
        following = last + 1 if words[last] == "and" and words[last + 1] in CARDINALS and scale >= 100 else last
        if words[following] in CARDINALS and scale != 12:
            extra, last = _below_scale(read, following)
            group += extra
        elif words[following] not in SCALES:
            return total + group, last, factor


def _below_scale(read: Cursor, place: int) -> tuple[float, int]:
    """One to ninety-nine at `place`, as (value, one past it)."""
    words = read.words
    value: float = CARDINALS[words[place]]
    last = place + 1
    if words[place] in TENS:
        unit = last + 1 if words[last] == "-" else last
        if words[unit] in UNITS and words[unit] != "zero" and (unit > last or words[unit + 1] != "hundred"):
            return value + UNITS[words[unit]], unit + 1
    return value, last


def _bare_scale(read: Cursor, place: int) -> Amount:
    """A magnitude word with no number before it: "a hundred", "several thousand", "a few million", "a couple of hundred"."""
    words = read.words
    first, multiplier, kind = place, 1.0, "cardinal"
    before = words[place - 1] if place else ""
    if before == "of" and place > 1 and words[place - 2] == "couple":
        before, first = "couple", place - 1
    if before in VAGUE_BY:
        multiplier, kind, first = VAGUE_BY[before], "vague", first - 1
        if before in ("few", "couple") and first and words[first - 1] == "a":
            first -= 1
    elif before in ("a", "an"):
        first -= 1
    factor: float = 1
    last = place
    while words[last] in SCALES and factor < 1e18:
        factor *= SCALES[words[last]]
        last += 1
    value = multiplier * factor
    if words[last] == "and" and words[last + 1] in CARDINALS and first < place and kind == "cardinal":
        extra, last = _below_scale(read, last + 1)
        value += extra
    if words[last : last + 3] == ["and", "a", "half"]:
        value, last = value + factor / 2, last + 3
    return Amount(first, last, value, value, "vague" if kind == "vague" else "cardinal", "words", factor)


def _counts_one(read: Cursor, last: int) -> bool:
    after = read.words[last]
    return after in AFTER_ONE or after in SCALES or after in FRACTIONS or after in PERCENT


def _numerator(read: Cursor, place: int, value: float, last: int) -> Amount | None:
    """ "two-thirds", "three quarters of", "one half": the fraction whose numerator ends before `last`."""
    words = read.words
    joint = last + 1 if words[last] == "-" else last
    base = FRACTIONS.get(words[joint])
    if base is None or not 1 <= value < base:
        return None
    plain_gap = joint == last
    if plain_gap and words[joint] in ("quarter", "quarters", "seventh", "half", "fourth") and words[joint + 1] != "of":
        return None
    if not words[joint].endswith("s") and words[joint] != "half" and value != 1:
        return None
    return _of_scale(read, Amount(place, joint + 1, value / base, value / base, "fraction", "words"))


def fraction(read: Cursor, place: int) -> Amount | None:
    """A fraction word with no numeral before it: "half", "a third of", "a quarter of a million"."""
    words = read.words
    word = words[place]
    value = 1 / FRACTIONS[word]
    before = words[place - 1] if place else ""
    if word == "half":
        scale = place + 1
        while words[scale] in ("a", "an", "-") and scale < place + 3:
            scale += 1
        if words[scale] in SCALES:
            last, factor = scale_at(read, scale, False, False)
            return Amount(place, last, factor / 2, factor / 2, "cardinal", "words", factor)
        return Amount(place, place + 1, value, value, "fraction", "words")
    if before in ("a", "an", "one") and words[place + 1] in ("of", "less", "more", "fewer", "lower", "higher", "smaller", "larger"):
        return _of_scale(read, Amount(place - (before != "one"), place + 1, value, value, "fraction", "words"))
    return None


def _of_scale(read: Cursor, fraction: Amount) -> Amount:
    """ "a quarter of a million" is a number, "a quarter of the force" a fraction."""
    words, last = read.words, fraction.last
    if words[last] == "of" and words[last + 1] == "a" and words[last + 2] in SCALES:
        factor = SCALES[words[last + 2]]
        value = fraction.low * factor
        return Amount(fraction.first, last + 3, value, value, "cardinal", "words", factor)
    return fraction


def vague(read: Cursor, place: int) -> Amount | None:
    """ "dozens", "tens of thousands", "hundreds of millions", "thousands and thousands"."""
    words = read.words
    word = words[place]
    if words[place + 1] == "of" and word in VAGUE_OF and words[place + 2] in VAGUE:
        value = VAGUE_OF[word] * VAGUE[words[place + 2]]
        return Amount(place, place + 3, value, value, "vague", "words", VAGUE[words[place + 2]])
    if word not in VAGUE:
        return None
    if words[place + 1] in ("and", "upon", "or", "to") and words[place + 2] in (word, "tens") and words[place + 2] != word:
        return Amount(place, place + 1, VAGUE[word], VAGUE[word], "vague", "words", VAGUE[word])
    if words[place + 1] in ("and", "upon") and words[place + 2] == word:
        return Amount(place, place + 3, VAGUE[word], VAGUE[word], "vague", "words", VAGUE[word])
    if word == "scores" and words[place + 1] not in AFTER_SCORES:
        return None
    return Amount(place, place + 1, VAGUE[word], VAGUE[word], "vague", "words", VAGUE[word])
