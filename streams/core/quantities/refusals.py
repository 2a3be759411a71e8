"""Why a number is certainly no quantity: dates, ages, times, telephone numbers, identifiers, scores, seen from its neighbours alone."""

from collections.abc import Callable

from streams.core import lexicon
from streams.core.numbers import Amount, Cursor
from streams.core.quantities import phrases
from streams.core.quantities.nouns import is_person, is_plural

__all__ = ["NOT_QUANTITIES", "certain", "is_time"]

_NAME = "refusals"
_DATA = lexicon.table(_NAME)


def _set(key: str) -> frozenset[str]:
    return frozenset(lexicon.strings(_NAME, _DATA, key))


NOT_QUANTITIES = _set("never")
"""The reasons for which a number measures nothing."""

_YEAR_PLURALS = _set("dates.plurals")
_MONTHS = _set("dates.months")
_WEEKDAYS = _set("dates.weekdays")
_BEFORE_YEAR = _set("dates.before_year")
_TIMES = _set("times.after")
_AGE_BEFORE = _set("ages.before")
_AGE_AFTER = phrases.compile_after((phrase, "age") for phrase in lexicon.strings(_NAME, _DATA, "ages.after"))
_AGE_COMPARE = phrases.compile_after((phrase, "age") for phrase in lexicon.strings(_NAME, _DATA, "ages.compare"))
_STREETS = _set("addresses.streets")
_NAMED = phrases.compile_before((phrase, "identifier") for phrase in lexicon.strings(_NAME, _DATA, "identifiers.before"))
_SCREENS = _set("identifiers.screens")
_LITERALS = _set("identifiers.literals")
_NAMED_CAPITAL = _set("identifiers.capital")
_NAMED_AFTER = _set("identifiers.after")
_IDIOMS = phrases.compile_after((phrase, "idiom") for phrase in lexicon.strings(_NAME, _DATA, "idioms.phrases"))
_TIMES_ONLY = _set("idioms.times_only")
_ADJECTIVES = _set("idioms.multiple_adjectives")
_AFTER_TWICE = _set("idioms.after_multiple")
_AGE_ENDS = _set("ages.ends")
_AGE_APPOSED = _set("ages.apposed")
_AFTER_TIMES_ONLY = _set("idioms.after_twice")
_STREET_PARTS = _set("addresses.parts")
_GLUED_AFTER = _set("identifiers.glued_units")
_FIRST_YEAR, _LAST_YEAR = 1_000, 2_100
_ROUND_YEAR = 2_000  # more often a round count than a year
_OLDEST = 115
_SMALL = 12

Check = Callable[[Cursor, str, Amount], str | None]


def certain(read: Cursor, text: str, amount: Amount) -> str | None:
    """The reason why `amount` is certainly no quantity, from its neighbours; None if there is none."""
    if amount.kind == "ordinal":
        return "ordinal"
    if amount.kind == "chain":
        return _chain(read, text, amount)
    if amount.percent and amount.form == "words" and read.glued(amount.last - 1) and text[read.ends[amount.last - 1] :][:1].isdecimal():
        return "url"  # "one%20in": a blank of an encoded address
    if amount.currency or amount.percent:
        return None
    return next((reason for check in _CHECKS if (reason := check(read, text, amount))), None)


def is_time(word: str) -> bool:
    """A month, a weekday, a year, "fiscal": what may follow "in" or "for" without being what the money is for."""
    return word in _MONTHS or word in _WEEKDAYS or word in _BEFORE_YEAR or word[0].isdecimal()


def _chain(read: Cursor, text: str, amount: Amount) -> str:
    links = {read.words[place] for place in range(amount.first, amount.last)}
    digits = [word for word in read.words[amount.first : amount.last] if word[0].isdecimal()]
    if ":" in links:
        return "time"
    if "/" in links:
        return "date"
    if len(digits) == 3 and (len(digits[0]) == 4 or len(digits[2]) == 4) and max(map(len, digits)) == 4 and len(digits[1]) <= 2:
        return "date"
    if len(digits) > 2 or read.words[amount.last - 1].isalpha() or sum(map(len, digits)) >= 7:
        return "phone" if "-" in links or "." in text[read.starts[amount.first] : read.ends[amount.first]] else "identifier"
    if len(digits) == 2 and len(digits[0]) == 4 and len(digits[1]) == 2:
        return "year"
    return "score" if len(digits) == 2 else "identifier"


def _glued(read: Cursor, text: str, amount: Amount) -> str | None:
    """ "COVID-19", "H-1B", "A320", "5G", "1980s", "20s"."""
    first, last, words = amount.first, amount.last, read.words
    if not words[first][0].isdecimal():
        return None
    if first and read.glued(first - 1) and amount.form == "plain":
        before = words[first - 1]
        if before[0].isalpha() or before in ("#", "@", "_"):
            return "year" if before in ("mid", "fy", "pre", "post") else "identifier"
        if before == "-" and first > 1 and read.glued(first - 2) and words[first - 2][0].isalpha():
            return "year" if words[first - 2] in ("mid", "pre", "post", "late", "early") else "identifier"
    if amount.form != "plain" or amount.kind == "range" or not read.glued(last - 1):
        return None
    after = words[last]
    if (after == "p" and words[first] in _SCREENS) or (after == "g" and text[read.starts[last]] == "G"):
        return "identifier"
    if after == "s" or (after == "'" and words[last + 1] == "s" and read.glued(last)):
        return "year" if amount.low >= _FIRST_YEAR or amount.low % 10 == 0 else "identifier"
    if after == "'s":
        return "identifier"
    if after[:1].isalpha() and after not in _GLUED_AFTER and after not in _TIMES:
        return "identifier"
    return None


def _date(read: Cursor, text: str, amount: Amount) -> str | None:
    """ "September 8", "Dec. 18-20", "8 May", "May 15, 2019", "June 2022", "fiscal year 2019"."""
    if amount.form not in ("plain", "words") or amount.high != int(amount.high):
        return None
    words, first = read.words, amount.first
    before = words[first - 1] if first else ""
    place = first - 2 if before == "." else first - 1
    if place >= 0 and words[place] in _MONTHS and _month(read, text, place):
        if amount.high <= 31 or _FIRST_YEAR <= amount.low <= _LAST_YEAR:
            return "date"
    elif place > 0 and before == "of" and words[place - 1] in _MONTHS and amount.high >= _FIRST_YEAR:
        return "date"
    after = amount.last + 1 if words[amount.last] == "of" else amount.last
    if amount.high <= 31 and words[after] in _MONTHS and amount.form == "plain" and _month(read, text, after):
        return "date"
    if first > 2 and before == "," and amount.form == "plain" and _FIRST_YEAR <= amount.low <= _LAST_YEAR:
        if words[first - 2][:1].isdecimal() and (words[first - 3] in _MONTHS or words[first - 3] == "."):
            return "date"
        if words[first - 2] in _MONTHS:
            return "date"
    if first > 1 and before == "and" and amount.high <= 31 and words[first - 2].isdecimal() and first > 2 and words[first - 3] in _MONTHS:
        return "date"
    return None


def _month(read: Cursor, text: str, place: int) -> bool:
    """A month, not the verb "may" or "march": written with a capital."""
    return text[read.starts[place]].isupper() or read.words[place] not in ("may", "march", "mar", "sun")


def _year(read: Cursor, text: str, amount: Amount) -> str | None:
    """A bare four-digit number that nothing counts: "in 2019", "the 2016 elections"."""
    if amount.form != "plain" or not _FIRST_YEAR <= amount.low <= amount.high <= _LAST_YEAR:
        return None
    words = read.words
    before = words[amount.first - 1] if amount.first else ""
    if before == "fiscal":
        return "year"
    if amount.low == amount.high == _ROUND_YEAR and (before not in _BEFORE_YEAR or _counted(read, amount.last)):
        return None
    if before in _BEFORE_YEAR and not (
        before in ("of", "for", "to", "at", "around", "between", "than", "by") and _counted(read, amount.last)
    ):
        return "year"
    if 1_900 <= amount.low <= 2_050 and not _counted(read, amount.last):
        return "year"
    if (
        1_990 <= amount.low <= 2_030
        and not is_person(words[amount.last])
        and text[read.starts[amount.first] - 1 : read.starts[amount.first]] != "-"
    ):
        return "year"
    return None


def _counted(read: Cursor, place: int) -> bool:
    """Does a noun of people, or a plain plural, follow?"""
    words = read.words
    if is_plural(words[place]):
        return words[place] not in _YEAR_PLURALS
    return is_plural(words[place + 1]) and is_person(words[place + 1]) and words[place].isalpha()


def _time(read: Cursor, text: str, amount: Amount) -> str | None:
    words, last = read.words, amount.last
    if (
        amount.high > 24
        and amount.form == "plain"
        and amount.high < 2_500
        and words[last] in ("gmt", "utc", "et", "hours")
        and len(words[amount.first]) == 4
    ):
        return "time"
    if amount.high > 24:
        return None
    after = words[last]
    if after in _TIMES and (after not in ("am", "ct", "pt", "est", "noon") or not read.glued(last) or True):
        return "time"
    if after == "(" and words[last + 1] in _TIMES:
        return "time"
    if after == "in" and words[last + 1] == "the" and words[last + 2] in ("morning", "afternoon", "evening"):
        return "time"
    return None


def _age(read: Cursor, text: str, amount: Amount) -> str | None:
    """ "25-year-old", "aged 25", "ages 18 to 34", "Armstrong, 25,", "18 and older"."""
    words, first, last = read.words, amount.first, amount.last
    if amount.high > _OLDEST or amount.form not in ("plain", "words"):
        return None
    after = last + 1 if words[last] == "-" else last
    if phrases.after(_AGE_AFTER, words, after) or phrases.after(_AGE_COMPARE, words, last):
        return "age"
    before = words[first - 1] if first else ""
    if before in _AGE_BEFORE or (before == "also" and first > 1 and words[first - 2] == "," and words[last] == ","):
        return "age"
    if before in ("of", "from", "between") and first > 1 and words[first - 2] in ("ages", "age", "aged"):
        return "age"
    if before in ("between", "from") and words[last] in ("years",) and words[last + 1] in ("old", "of"):
        return "age"
    if before == "," and first > 1 and amount.form == "plain" and amount.kind == "cardinal" and words[last] in _AGE_APPOSED:
        name = first - 3 if words[first - 2] == "." and first > 2 else first - 2
        if words[name][0].isalpha() and text[read.starts[name]].isupper() and words[name] not in _MONTHS and _apposed(read, text, last):
            return "age"
    if before in ("is", "was", "'s") and first > 1 and words[first - 2] in ("who", "he", "she") and words[last] in _AGE_ENDS:
        return "age"
    return None


def _apposed(read: Cursor, text: str, last: int) -> bool:
    """After "Armstrong, 25": a comma, a full stop or a word of origin; not another number of a list."""
    return not read.words[last + 1][:1].isdecimal()


def _address(read: Cursor, text: str, amount: Amount) -> str | None:
    """ "575 Wilbraham Road": capitals after a bare number, the last a kind of street."""
    if amount.form != "plain" or amount.kind != "cardinal":
        return None
    for place in range(amount.last, min(read.count, amount.last + 5)):
        word = read.words[place]
        if not text[read.starts[place]].isupper() and not word[0].isdecimal() and word not in _STREET_PARTS:
            return None
        if word in _STREETS and place > amount.last:
            return "address"
    return None


def _identifier(read: Cursor, text: str, amount: Amount) -> str | None:
    """ "Section 230", "Title 42", "Route 66", "No. 5", "737 Max", "(1) "."""
    words, first, last = read.words, amount.first, amount.last
    if amount.form == "grouped" or amount.form == "scaled":
        return None
    before = words[first - 1] if first else ""
    if before == "per" and amount.low == amount.high:
        return "identifier"  # "a rate per million"
    if words[last] in _NAMED_AFTER and amount.form == "plain":
        return "identifier"
    if before in ("#", "§", "№"):
        return "identifier"
    marked = amount.form == "plain" and amount.high < 100 and words[last] in (")", ".") and read.glued(last - 1) and last < read.count - 1
    if marked and (first == 0 or (first == 1 and before in ("(", "-", "•", "*"))):
        return "list"
    if (before in ("(", "[") and words[last] in (")", "]")) and amount.form == "plain" and amount.high < 1_000:
        return "list"
    if words[first] in _LITERALS and amount.form == "plain" and not _counted(read, last):
        return "identifier"
    if (
        before == "."
        and first > 1
        and words[first - 2] in ("no", "nos", "sec", "vol", "art", "fig", "op", "pp", "p", "ch")
        and amount.form == "plain"
    ):
        return "identifier"
    found = phrases.before(_NAMED, words, first)
    if found and (amount.form == "plain" or amount.high < _SMALL) and not _counts_after_name(read, text, amount, found[1]):
        return "identifier"
    if before in _NAMED_CAPITAL and first and text[read.starts[first - 1]].isupper() and amount.high < 1_000 and not _counted(read, last):
        return "identifier"
    return None


def _counts_after_name(read: Cursor, text: str, amount: Amount, name: int) -> bool:
    """ "in the area 200 people died", "of that number 15 were children": the word before is no name."""
    capital = text[read.starts[name]].isupper()
    return not capital and (_counted(read, amount.last) or read.words[amount.last] in ("were", "are", "have", "had", "of"))


def _idiom(read: Cursor, text: str, amount: Amount) -> str | None:
    words = read.words
    if words[amount.first] in _IDIOMS and amount.form == "words" and phrases.after(_IDIOMS, words, amount.first):
        return "idiom"
    if amount.first and words[amount.first - 1] in _IDIOMS and amount.form == "words" and phrases.after(_IDIOMS, words, amount.first - 1):
        return "idiom"
    if amount.kind == "multiple" and amount.form == "words":
        return _no_multiple(words, amount)
    if amount.kind == "fraction" and amount.first > 1 and words[amount.first - 2 : amount.first] == ["and", "a"]:
        return "idiom"
    if amount.low == 1 and amount.high == 1 and words[amount.first] == "one":
        after = words[amount.last]
        if after == "of" or (after in ("in", "was", "that", "who", "which", "-", "more", "new", "other") and not _counts_one(read, amount)):
            return "pronoun"
        if amount.first and words[amount.first - 1] in (
            "no",
            "the",
            "this",
            "that",
            "any",
            "every",
            "each",
            "another",
            "which",
            "only",
            "'s",
        ):
            return "pronoun"
    return None


def _no_multiple(words: list[str], amount: Amount) -> str | None:
    """ "doubling down", "a double standard", "twice elected": words of doubling that say nothing about size."""
    word, after = words[amount.first], words[amount.last]
    if word in _TIMES_ONLY:
        return None if after in _AFTER_TIMES_ONLY else "idiom"
    if after in ("down", "up", "check", "-"):
        return "idiom"
    return "idiom" if word in _ADJECTIVES and after[:1].isalpha() and after not in _AFTER_TWICE else None


def _counts_one(read: Cursor, amount: Amount) -> bool:
    words, last = read.words, amount.last
    return is_person(words[last + 1]) or words[last + 1] in ("death", "case", "killed", "injured", "wounded", "arrested")


_CHECKS: tuple[Check, ...] = (_glued, _date, _year, _time, _age, _address, _identifier, _idiom)
