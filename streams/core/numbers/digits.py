"""Numbers written in digits: grouping, decimals, chains of digits that are no number."""

from streams.core.numbers.amounts import Amount, Cursor, Form
from streams.core.numbers.scales import scale_at, signed
from streams.core.numbers.tables import ENDINGS, GLUED, LINKS, NO_GROUP_AFTER, PERCENT, SCALES, SHORT

__all__ = ["chain", "in_digits", "value_of"]

_SMALL_DIGITS = frozenset("123456789")
_LONGEST = 24  # characters of one number; what is longer is an identifier


def in_digits(read: Cursor, place: int) -> Amount:
    """Digits with scale words after them: "1,010", "7.2bn", "2.5 crore", "1.2 lakh crore"."""
    word = read.words[place]
    parsed = value_of(word)
    glued = read.glued(place)
    after = read.words[place + 1]
    if parsed is None or (glued and after in ENDINGS):
        return Amount(place, place + 2 if parsed else place + 1, 0, 0, "ordinal" if parsed else "chain", "plain")
    value, form, dotted = parsed
    if "," in word and form == "decimal" and after not in SCALES and after not in SHORT and after not in PERCENT:
        return Amount(place, place + 1, value, value, "chain", "plain")
    last, factor = scale_at(read, place + 1, glued, signed(read, place) is not None)
    if factor != 1:
        value = round(value * factor, 6)
        return Amount(place, last, value, value, "cardinal", "scaled", factor)
    if form == "plain" and len(word) <= 3 and _spaced_group(read, place):
        value = value * 1_000 + int(read.words[place + 1])
        return Amount(place, place + 2, value, value, "cardinal", "grouped")
    if read.words[place + 1 : place + 4] == ["and", "a", "half"]:
        return _percent_scaled(read, Amount(place, place + 4, value + 0.5, value + 0.5, "cardinal", "decimal"))
    return Amount(place, place + 1, value, value, "cardinal", form, dotted=dotted)


def value_of(word: str) -> tuple[float, Form, bool] | None:
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
        and not (place and read.words[place - 1] in NO_GROUP_AFTER)
    )


def _percent_scaled(read: Cursor, amount: Amount) -> Amount:
    last, factor = scale_at(read, amount.last, False, False)
    value = round(amount.low * factor, 6)
    return amount._replace(last=last, low=value, high=value, factor=factor)


def chain(read: Cursor, place: int) -> Amount | None:
    """Digits glued to digits by ``- / :``, all one token run: telephone numbers, dates, times, scores that no range can be."""
    words = read.words
    last = place + 1
    links = ""
    while words[last] in LINKS and read.glued(last - 1) and read.glued(last) and (read.is_digits(last + 1) or words[last + 1] == "-"):
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
    first, second = value_of(low), value_of(high)
    if first is None or second is None or (len(high) > 1 and high[0] == "0"):
        return False
    if second[0] > first[0]:
        return True
    return after in SCALES or after in SHORT or after in GLUED or (second[1] == "grouped" and first[0] * 1_000 < second[0])
