"""Numbers in the tokens of a sentence: value, span, form. What they measure or count is the business of `quantities`.

Read here: digits with their grouping ("1,010", "10 000", "10.000" where people are counted, "2,00,000"), scales ("7.2bn", "2.5 crore"),
number words ("nine hundred and twenty-one", "half a million"), vague plurals ("tens of thousands"), fractions ("two-thirds", "one in three"),
multiples ("doubled", "fivefold"), the currency sign before and the percent word after, ranges over all of these, and chains of digits
("1-800-273-8255", "5:25", "9/11"), which are one number of kind "chain" so that nobody reads their pieces.

Each token is looked at a bounded number of times, so `find` is linear in the number of tokens.
"""

import re
from typing import Literal, NamedTuple

from streams.core import lexicon
from streams.core.text import Tokens

__all__ = ["Amount", "Cursor", "Form", "Kind", "find", "follows_one", "is_trigger"]

Kind = Literal["cardinal", "range", "vague", "fraction", "ordinal", "multiple", "chain"]
Form = Literal["plain", "grouped", "decimal", "scaled", "words"]
"""plain: bare digits, as a year or an age would be written; grouped: with thousands marks; scaled: with a magnitude word."""

_NAME = "numerals"
_DATA = lexicon.table(_NAME)
_UNITS = lexicon.numbers(_NAME, _DATA, "units")
_TEENS = lexicon.numbers(_NAME, _DATA, "teens")
_TENS = lexicon.numbers(_NAME, _DATA, "tens")
_SCALES = lexicon.numbers(_NAME, _DATA, "scales")
_SHORT = lexicon.numbers(_NAME, _DATA, "short_scales")
_GLUED = lexicon.numbers(_NAME, _DATA, "glued_scales")
_VAGUE = lexicon.numbers(_NAME, _DATA, "vague")
_VAGUE_OF = lexicon.numbers(_NAME, _DATA, "vague_of")
_VAGUE_BY = lexicon.numbers(_NAME, _DATA, "vague_by")
_FRACTIONS = lexicon.numbers(_NAME, _DATA, "fractions")
_MULTIPLES = lexicon.numbers(_NAME, _DATA, "multiples")
_WORDS = _DATA["words"]
_ENDINGS = frozenset(lexicon.strings(_NAME, _DATA, "words.ordinal_endings"))
_AFTER_ONE = frozenset(lexicon.strings(_NAME, _DATA, "words.after_one"))
_AFTER_SCORES = frozenset(lexicon.strings(_NAME, _DATA, "words.after_scores"))
_NO_MILLION = frozenset(lexicon.strings(_NAME, _DATA, "words.length_after_m"))
_NO_THOUSAND = frozenset(lexicon.strings(_NAME, _DATA, "words.race_after_k"))
_TIME_AFTER_RATIO = frozenset(lexicon.strings(_NAME, _DATA, "words.no_ratio_before"))
_CURRENCIES = lexicon.names(_NAME, _DATA, "currencies")
_CODE_LETTERS = frozenset(sign[:-1] for sign in _CURRENCIES if len(sign) > 1 and sign.endswith("$")) | {"u.s."}
_PERCENT = frozenset(lexicon.names(_NAME, _DATA, "percent"))
_DASHES = frozenset(lexicon.strings(_NAME, _DATA, "joiners.dash"))
_CARDINALS = {**_UNITS, **_TEENS, **_TENS}
_SMALL = frozenset({*_UNITS, *_TEENS})
_TRIGGERS = frozenset({*_CARDINALS, *_SCALES, *_VAGUE, *_VAGUE_OF, *_FRACTIONS, *_MULTIPLES})
_DIGITS = frozenset("0123456789")
_SMALL_DIGITS = frozenset("123456789")
_LINKS = frozenset({"-", "–", "/", ":"})
_NO_GROUP_AFTER = frozenset(lexicon.strings(_NAME, _DATA, "words.months"))
_RANGE_BEFORE_FROM = frozenset(lexicon.strings(_NAME, _DATA, "words.range_before_from"))
_GREATEST = 1e18
_BY_TO = 4  # "by 300 to 4,000" is a change and a level; "by 20 to 30 percent" is a range
_FIRST_WORD = re.compile(r"\s*([^\W\d_]+|-|%)")
_LONGEST = 24  # characters of one number; what is longer is an identifier
_RATIO_BASES = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 25, 50, 100, 1_000, 10_000, 100_000})


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


def is_trigger(word: str) -> bool:
    """May a number begin at `word`, lower case?"""
    return word in _TRIGGERS or word[:1].isdecimal()


def follows_one(after: str) -> bool:
    """May "one" before `after`, lower case, be a count? (Mostly it is a pronoun, and then nothing else need be read.)"""
    match = _FIRST_WORD.match(after)
    if match is None:
        return False
    word = match.group(1)
    return word in _AFTER_ONE or word in _SCALES or word in _FRACTIONS or word in _PERCENT


def find(read: Cursor, most: int = 1_000_000) -> list[Amount]:
    """All numbers of a sentence, in order, none inside another; no more than `most`."""
    found: list[Amount] = []
    until = 0
    for place, word in enumerate(read.words[: read.count]):
        if place < until or not (word in _TRIGGERS or word[0] in _DIGITS or word[0].isdecimal()):
            continue
        amount = _amount(read, place)
        if amount is None:
            continue
        if amount.kind == "cardinal":
            amount = _ratio(read, amount) or _ranged(read, amount)
        found.append(amount)
        until = amount.last
        if len(found) >= most:
            break
    return found


def _amount(read: Cursor, place: int) -> Amount | None:
    """The number that begins at `place`, with its currency sign and percent word; no range."""
    word = read.words[place]
    if word[0].isdecimal():
        amount = _chain(read, place) or _digits(read, place)
    elif word in _VAGUE or word in _VAGUE_OF:
        amount = _vague(read, place)
    elif word in _MULTIPLES:
        amount = Amount(place, place + 1, _MULTIPLES[word], _MULTIPLES[word], "multiple", "words")
    elif word in _FRACTIONS:
        amount = _fraction(read, place)
    else:
        amount = _in_words(read, place)
    if amount is None or amount.kind in ("chain", "ordinal", "multiple"):
        return amount
    return _percent(read, _with_currency(read, amount))


def _digits(read: Cursor, place: int) -> Amount:
    """Digits with scale words after them: "1,010", "7.2bn", "2.5 crore", "1.2 lakh crore"."""
    word = read.words[place]
    parsed = _value(word)
    glued = read.glued(place)
    after = read.words[place + 1]
    if parsed is None or (glued and after in _ENDINGS):
        return Amount(place, place + 2 if parsed else place + 1, 0, 0, "ordinal" if parsed else "chain", "plain")
    value, form, dotted = parsed
    if "," in word and form == "decimal" and after not in _SCALES and after not in _SHORT and after not in _PERCENT:
        return Amount(place, place + 1, value, value, "chain", "plain")
    last, factor = _scale(read, place + 1, glued, _signed(read, place) is not None)
    if factor != 1:
        value = round(value * factor, 6)
        return Amount(place, last, value, value, "cardinal", "scaled", factor)
    if form == "plain" and len(word) <= 3 and _spaced_group(read, place):
        value = value * 1_000 + int(read.words[place + 1])
        return Amount(place, place + 2, value, value, "cardinal", "grouped")
    if read.words[place + 1 : place + 4] == ["and", "a", "half"]:
        return _percent_scaled(read, Amount(place, place + 4, value + 0.5, value + 0.5, "cardinal", "decimal"))
    return Amount(place, place + 1, value, value, "cardinal", form, dotted=dotted)


def _value(word: str) -> tuple[float, Form, bool] | None:
    """The value of a token of digits, its form, and whether a dot may stand for a comma; None for what is no number, as "5.3.1"."""
    if len(word) > _LONGEST:
        return None
    for blank in ("\u00a0", "\u2007", "\u2009", "\u202f"):
        if blank in word:
            word = word.replace(blank, ",")
    if word.isdecimal():
        return int(word), "plain", False
    if "," in word:
        whole, _, rest = word.partition(".")
        head, *groups = whole.split(",")
        if "." in rest:
            return None
        if len(groups) == 1 and len(groups[0]) < 3:
            return None if rest else (float(f"{head}.{groups[0]}"), "decimal", False)
        return _number(f"{head}{''.join(groups)}", rest), "grouped", False
    groups = word.split(".")
    if len(groups) > 2:
        thousands = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        return (int("".join(groups)), "grouped", False) if thousands else None
    return float(word), "decimal", len(groups[1]) == 3 and len(groups[0]) <= 3 and groups[0] != "0"


def _number(whole: str, rest: str) -> float:
    return float(f"{whole}.{rest}") if rest else int(whole)


def _spaced_group(read: Cursor, place: int) -> bool:
    """ "10 000": a group of three digits after one blank, as in European copy, and nothing that says otherwise."""
    group = read.words[place + 1]
    return (
        len(group) == 3
        and group.isdecimal()
        and read.starts[place + 1] - read.ends[place] in (1, 6)
        and not read.is_digits(place + 2)
        and (group == "000" or group[1:] == "00" or group[2:] == "0")
        and read.words[place] != "0"
        and not (place and read.words[place - 1] in _NO_GROUP_AFTER)
    )


def _scale(read: Cursor, place: int, glued: bool, money: bool) -> tuple[int, float]:
    """The magnitude words from `place` on, as (one past them, their product)."""
    words = read.words
    word = words[place]
    if word == "-" and (words[place + 1] in _SCALES) and glued:
        place, word = place + 1, words[place + 1]
    factor: float = 1
    if word in _SCALES:
        while words[place] in _SCALES and factor < 1e18:
            factor *= _SCALES[words[place]]
            place += 1
        return place, factor
    if word in _SHORT:
        return place + 1, _SHORT[word]
    if word in _GLUED and (glued or (money and word in ("m", "b"))):
        after = words[place + 1]
        if (word == "k" and after not in _NO_THOUSAND) or money:
            return place + 1, _GLUED[word]
        if word == "m" and after.isalpha() and after not in _NO_MILLION:
            return place + 1, _GLUED[word]
    return place, 1


def _in_words(read: Cursor, place: int) -> Amount | None:
    """Number words: "nine hundred and twenty-one", "half a million", "several thousand", "a hundred"."""
    words = read.words
    word = words[place]
    if word in _SCALES:
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
        joint = last + 1 if words[last] == "-" and words[last + 1] in _SCALES else last
        scale = _SCALES.get(words[joint])
        if scale is None or total + group > _GREATEST:
            return total + group, last, factor
        last = joint + 1
        if scale < 1_000:
            group *= scale
        else:
            total, group = ((total + group) * scale, 0) if 0 < total < scale else (total + group * scale, 0)
        factor = max(factor, scale)
        following = last + 1 if words[last] == "and" and words[last + 1] in _CARDINALS and scale >= 100 else last
        if words[following] in _CARDINALS and scale != 12:
            extra, last = _below_scale(read, following)
            group += extra
        elif words[following] not in _SCALES:
            return total + group, last, factor


def _below_scale(read: Cursor, place: int) -> tuple[float, int]:
    """One to ninety-nine at `place`, as (value, one past it)."""
    words = read.words
    value: float = _CARDINALS[words[place]]
    last = place + 1
    if words[place] in _TENS:
        unit = last + 1 if words[last] == "-" else last
        if words[unit] in _UNITS and words[unit] != "zero" and (unit > last or words[unit + 1] != "hundred"):
            return value + _UNITS[words[unit]], unit + 1
    return value, last


def _bare_scale(read: Cursor, place: int) -> Amount:
    """A magnitude word with no number before it: "a hundred", "several thousand", "a few million", "a couple of hundred"."""
    words = read.words
    first, multiplier, kind = place, 1.0, "cardinal"
    before = words[place - 1] if place else ""
    if before == "of" and place > 1 and words[place - 2] == "couple":
        before, first = "couple", place - 1
    if before in _VAGUE_BY:
        multiplier, kind, first = _VAGUE_BY[before], "vague", first - 1
        if before in ("few", "couple") and first and words[first - 1] == "a":
            first -= 1
    elif before in ("a", "an"):
        first -= 1
    factor: float = 1
    last = place
    while words[last] in _SCALES and factor < 1e18:
        factor *= _SCALES[words[last]]
        last += 1
    value = multiplier * factor
    if words[last] == "and" and words[last + 1] in _CARDINALS and first < place and kind == "cardinal":
        extra, last = _below_scale(read, last + 1)
        value += extra
    if words[last : last + 3] == ["and", "a", "half"]:
        value, last = value + factor / 2, last + 3
    return Amount(first, last, value, value, "vague" if kind == "vague" else "cardinal", "words", factor)


def _counts_one(read: Cursor, last: int) -> bool:
    after = read.words[last]
    return after in _AFTER_ONE or after in _SCALES or after in _FRACTIONS or after in _PERCENT


def _numerator(read: Cursor, place: int, value: float, last: int) -> Amount | None:
    """ "two-thirds", "three quarters of", "one half": the fraction whose numerator ends before `last`."""
    words = read.words
    joint = last + 1 if words[last] == "-" else last
    base = _FRACTIONS.get(words[joint])
    if base is None or not 1 <= value < base:
        return None
    plain_gap = joint == last
    if plain_gap and words[joint] in ("quarter", "quarters", "seventh", "half", "fourth") and words[joint + 1] != "of":
        return None
    if not words[joint].endswith("s") and words[joint] != "half" and value != 1:
        return None
    return _of_scale(read, Amount(place, joint + 1, value / base, value / base, "fraction", "words"))


def _fraction(read: Cursor, place: int) -> Amount | None:
    """A fraction word with no numeral before it: "half", "a third of", "a quarter of a million"."""
    words = read.words
    word = words[place]
    value = 1 / _FRACTIONS[word]
    before = words[place - 1] if place else ""
    if word == "half":
        scale = place + 1
        while words[scale] in ("a", "an", "-") and scale < place + 3:
            scale += 1
        if words[scale] in _SCALES:
            last, factor = _scale(read, scale, False, False)
            return Amount(place, last, factor / 2, factor / 2, "cardinal", "words", factor)
        return Amount(place, place + 1, value, value, "fraction", "words")
    if before in ("a", "an", "one") and words[place + 1] in ("of", "less", "more", "fewer", "lower", "higher", "smaller", "larger"):
        return _of_scale(read, Amount(place - (before != "one"), place + 1, value, value, "fraction", "words"))
    return None


def _of_scale(read: Cursor, fraction: Amount) -> Amount:
    """ "a quarter of a million" is a number, "a quarter of the force" a fraction."""
    words, last = read.words, fraction.last
    if words[last] == "of" and words[last + 1] == "a" and words[last + 2] in _SCALES:
        factor = _SCALES[words[last + 2]]
        value = fraction.low * factor
        return Amount(fraction.first, last + 3, value, value, "cardinal", "words", factor)
    return fraction


def _vague(read: Cursor, place: int) -> Amount | None:
    """ "dozens", "tens of thousands", "hundreds of millions", "thousands and thousands"."""
    words = read.words
    word = words[place]
    if words[place + 1] == "of" and word in _VAGUE_OF and words[place + 2] in _VAGUE:
        value = _VAGUE_OF[word] * _VAGUE[words[place + 2]]
        return Amount(place, place + 3, value, value, "vague", "words", _VAGUE[words[place + 2]])
    if word not in _VAGUE:
        return None
    if words[place + 1] in ("and", "upon", "or", "to") and words[place + 2] in (word, "tens") and words[place + 2] != word:
        return Amount(place, place + 1, _VAGUE[word], _VAGUE[word], "vague", "words", _VAGUE[word])
    if words[place + 1] in ("and", "upon") and words[place + 2] == word:
        return Amount(place, place + 3, _VAGUE[word], _VAGUE[word], "vague", "words", _VAGUE[word])
    if word == "scores" and words[place + 1] not in _AFTER_SCORES:
        return None
    return Amount(place, place + 1, _VAGUE[word], _VAGUE[word], "vague", "words", _VAGUE[word])


def _percent_scaled(read: Cursor, amount: Amount) -> Amount:
    last, factor = _scale(read, amount.last, False, False)
    value = round(amount.low * factor, 6)
    return amount._replace(last=last, low=value, high=value, factor=factor)


def _signed(read: Cursor, place: int) -> tuple[int, str] | None:
    """The currency sign or code that ends right before the token at `place`: (its first token, ISO 4217 code)."""
    if not place:
        return None
    words = read.words
    before = words[place - 1]
    code = _CURRENCIES.get(before)
    if code is None:
        if before == "." and place > 1 and words[place - 2] == "rs":
            return place - 2, "inr"
        return None
    if before == "$" and place > 1 and words[place - 2] in _CODE_LETTERS and read.glued(place - 2):
        return place - 2, _CURRENCIES.get(f"{words[place - 2]}$".replace(".", ""), code)
    return place - 1, code


def _with_currency(read: Cursor, amount: Amount) -> Amount:
    signed = _signed(read, amount.first)
    if signed is not None:
        return amount._replace(first=signed[0], currency=signed[1])
    place = amount.first
    if place and read.words[place - 1] in ("-", "−") and amount.form != "words" and read.glued(place - 1) and _is_minus(read, place - 1):
        return amount._replace(first=place - 1, low=-amount.low, high=-amount.high)
    return amount


def _is_minus(read: Cursor, place: int) -> bool:
    """A dash with a blank, or a bracket, before it and digits right after it."""
    return place == 0 or not read.glued(place - 1) or read.words[place - 1] == "("


def _percent(read: Cursor, amount: Amount) -> Amount:
    words, last = read.words, amount.last
    if words[last] == "-" and words[last + 1] == "percent":
        return amount._replace(last=last + 2, percent=True)
    if words[last] in _PERCENT:
        return amount._replace(last=last + 1, percent=True)
    if words[last] == "per" and words[last + 1] == "cent":
        return amount._replace(last=last + 2, percent=True)
    return amount


def _chain(read: Cursor, place: int) -> Amount | None:
    """Digits glued to digits by ``- / :``, all one token run: telephone numbers, dates, times, scores that no range can be."""
    words = read.words
    last = place + 1
    links = ""
    while words[last] in _LINKS and read.glued(last - 1) and read.glued(last) and (read.is_digits(last + 1) or words[last + 1] == "-"):
        links += words[last]
        last += 2 if read.is_digits(last + 1) else 1
    if not links:
        return None
    if links == "-" or links == "–":
        if words[place] == "1" and words[last] == "-" and read.glued(last - 1) and words[last + 1][:1].isalpha():  # 1-800-RED-CROSS
            while last < read.count and read.glued(last - 1) and (words[last] == "-" or words[last].isalpha()):
                last += 1
            return Amount(place, last, 0, 0, "chain", "plain")
        return None if _rises(words[place], words[place + 2], words[place + 3]) else Amount(place, last, 0, 0, "chain", "plain")
    if links == "/" and words[place] in _SMALL_DIGITS and words[place + 2] in _SMALL_DIGITS and int(words[place]) < int(words[place + 2]):
        value = int(words[place]) / int(words[place + 2])
        return Amount(place, last, value, value, "fraction", "plain")
    return Amount(place, last, 0, 0, "chain", "plain")


def _rises(low: str, high: str, after: str) -> bool:
    """May ``low-high`` be a range? Not "2-1", "67-22", "2015-16", "555-0199"."""
    first, second = _value(low), _value(high)
    if first is None or second is None or (len(high) > 1 and high[0] == "0"):
        return False
    if second[0] > first[0]:
        return True
    return after in _SCALES or after in _SHORT or after in _GLUED or (second[1] == "grouped" and first[0] * 1_000 < second[0])


def _ratio(read: Cursor, amount: Amount) -> Amount | None:
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
    word = words[base_at]
    if not (word in _CARDINALS or word[:1].isdecimal()):
        return None
    base = _amount(read, base_at)
    if base is None or base.kind != "cardinal" or base.currency or base.percent or base.low <= amount.low or amount.low <= 0:
        return None
    if (base.low not in _RATIO_BASES and words[last] != "out" and amount.low != 1) or (base.form == "plain" and 1_900 <= base.low <= 2_100):
        return None
    if words[base.last] in _TIME_AFTER_RATIO:
        return None
    value = amount.low / base.low
    return Amount(amount.first, base.last, value, value, "fraction", amount.form)


def _ranged(read: Cursor, amount: Amount) -> Amount:
    """`amount`, or the range that begins with it: "200 to 300", "20-25", "between 2,000 and 3,000", "$3-5 billion", "15, 16,000"."""
    words, last = read.words, amount.last
    word = words[last]
    by = False
    if word in _DASHES:
        at = last + 1 if words[last + 1] not in ("to", "or") else last + 2
        if read.glued(last - 1) != read.glued(last) and at == last + 1:
            return amount
    elif word == "to" or word == "or" or (word == "and" and _between(read, amount.first)):
        if word == "to" and _from(read, amount.first):
            return amount
        by = word == "to" and "by" in words[max(0, amount.first - 3) : amount.first]
        at = last + 1
    elif word == ",":
        return _elided(read, amount)
    else:
        return amount
    if words[at] in _CURRENCIES:
        at += 1
    if not (read.is_digits(at) or words[at] in _CARDINALS or words[at] in _SCALES):
        return amount
    if words[at] in _SCALES or _is_chain(read, at):
        return amount
    other = _amount(read, at)
    if other is None or other.kind != "cardinal" or (amount.currency and other.currency and amount.currency != other.currency):
        return amount
    if by and other.low > _BY_TO * amount.low:
        return amount
    return _joined(amount, other, word)


def _is_chain(read: Cursor, place: int) -> bool:
    return read.is_digits(place) and read.words[place + 1] in _LINKS and read.is_digits(place + 2) and read.glued(place)


def _joined(amount: Amount, other: Amount, joiner: str) -> Amount:
    """The range of two amounts, if they make one."""
    if (amount.percent and not other.percent) or (other.currency and not amount.currency) or amount.kind != "cardinal":
        return amount
    low = amount.low
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
    if amount.first and read.words[amount.first - 1] in _NO_GROUP_AFTER:
        return amount
    parsed = _value(read.words[place])
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


def _from(read: Cursor, first: int) -> bool:
    """Does "from" stand before the amount and mean a change? "anywhere from", "ranging from" and "ages from" mean a range."""
    words = read.words
    for place in range(first - 1, max(-1, first - 7), -1):
        if words[place] == "from":
            return not (place and words[place - 1] in _RANGE_BEFORE_FROM)
        if words[place] in (",", ".", ";", "to", "in", "at", "by", "between", "and"):
            return False
    return False
