"""Single expressions of time ("in May", "last week", "two years ago"): the words of one sentence, from left to right."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from streams.core import lexicon
from streams.core.dates.when import Unit, When, fiscal_year, month_of

_DATA = lexicon.table("dates")
_WORDS = _DATA["words"]
_MONTHS = {word: int(number) for number, words in _DATA["months"].items() for word in words}
_WEEKDAYS = {word: int(number) for number, words in _DATA["weekdays"].items() for word in words}
_SEASONS = {word: (first, count) for word, (first, count) in _DATA["seasons"].items()}
_NUMBERS: dict[str, int] = _DATA["numbers"]
_AMBIGUOUS = frozenset(_WORDS["ambiguous"])
_BEFORE_PLAIN = frozenset(_WORDS["before_plain"])
_BEFORE_YEAR = frozenset(_WORDS["before_year"])
_PARTS_OF_DAY = frozenset(_WORDS["parts_of_day"])
_UNITS = frozenset(_WORDS["units"])
_PLURALS = {unit + "s": unit for unit in _UNITS if not unit.endswith("y") or unit == "day"} | {"centuries": "century"}
_FEW = frozenset(_WORDS["few"])
_EARLIER = frozenset(_WORDS["earlier"])
_SHIFT = dict.fromkeys(_WORDS["this"], 0) | dict.fromkeys(_WORDS["last"], -1) | dict.fromkeys(_WORDS["next"], 1)
_DAYS_IN = {
    "hour": 1 / 24,
    "day": 1,
    "week": 7,
    "weekend": 7,
    "night": 1,
    "month": 30.4375,
    "quarter": 91,
    "year": 365.25,
    "decade": 3652,
    "century": 36525,
}
_OTHER = _WORDS["triggers"]
TRIGGERS = frozenset({*_MONTHS, *_WEEKDAYS, *_SEASONS, *_SHIFT, *_OTHER})


class Reader:
    """One sentence under the rules for single expressions; those that join two are in `_join`."""

    __slots__ = ("capital", "published", "words")

    def __init__(self, words: Sequence[str], published: date | None, capital: Callable[[int], bool]) -> None:
        self.words = words
        self.published = published
        self.capital = capital

    def word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def atom(self, index: int) -> When | None:
        """The expression that begins at `index` ("18 December" begins at 18), or None."""
        word = self.words[index]
        if word.isdigit():
            return self.number(index, word)
        if word in _MONTHS:
            return self.month(index)
        if word in _WEEKDAYS:
            return self.weekday(index)
        if word in _SEASONS:
            return self.season(index, 0)
        if word in _SHIFT:
            return self.shifted(index)
        if word == "first" and self.word(index + 1) not in _UNITS and self.word(index + 2) in _PLURALS:
            return self.opening(index)
        if word in ("a", "an") or word in _NUMBERS:
            return self.ago(index)
        return self.other(index, word)

    def other(self, index: int, word: str) -> When | None:
        if word == "that" and self.word(index + 1) in ("day", "week", "month", "year", "night"):
            return When(index, index + 2, {"night": "day"}.get(self.word(index + 1), self.word(index + 1)), None, None, "that")  # type: ignore[arg-type]
        if word == "course" and self.word(index + 1) == "of" and self.word(index + 2) in ("the", "this") and self.word(index + 3) == "year":
            return self.unit_shifted(index, index + 4, "year", 0)
        if word == "today" and self.word(index - 1) == "usa":
            return None
        if word in ("today", "tonight", "yesterday", "tomorrow"):
            return self.near_day(index, {"yesterday": -1, "tomorrow": 1}.get(word, 0))
        if word == "fiscal" or word[:2] == "fy":
            return self.fiscal(index)
        if word == "same":
            return self.same(index)
        if (
            word == "far"
            and index > 1
            and self.words[index - 1] == "so"
            and self.words[index - 2] == "year"
            and self.word(index - 3) == "the"
        ):
            return replace(self.unit_shifted(index - 3, index + 1, "year", 0), relation="so_far")  # type: ignore[type-var]
        if word == "weekend" and self.word(index - 1) == "the":
            return self.unit_shifted(index, index + 1, "weekend", 0)
        if word == "recent" and self.word(index + 1) in _PLURALS:
            return self.back(index, index + 2, 3 * _DAYS_IN[_PLURALS[self.word(index + 1)]], "span")
        return None

    def number(self, index: int, word: str) -> When | None:
        after = self.word(index + 1)
        if len(word) <= 2 and after in _MONTHS and (after not in _AMBIGUOUS or self.capital(index + 1)) and 1 <= int(word) <= 31:
            return self.month(index + 1, int(word), index)
        if len(word) == 4 and word[:2] in ("19", "20"):
            return self.year(index, int(word))
        return self.ago(index)

    def year(self, index: int, year: int) -> When | None:
        if self.word(index + 1) in ("fiscal", "budget", "financial") and self.word(index + 2) in ("year", "years"):
            return When(index, index + 3, "fiscal_year", *fiscal_year(year))
        if self.word(index + 1) in ("s", "'s") and year % 10 == 0 and self.word(index - 1) == "the":
            return When(index, index + 2, "span", date(year, 1, 1), date(year + 9, 12, 31), "ago")
        if self.word(index - 1) in _BEFORE_YEAR or (index == 0 and self.word(1) in (",", ":", "-", "was", "saw")):
            return When(index, index + 1, "year", date(year, 1, 1), date(year, 12, 31))
        return None

    def month(self, index: int, day: int | None = None, first: int | None = None) -> When | None:
        """A month at `index`, with the day before or after it and the year after it where they are named."""
        month, last = _MONTHS[self.words[index]], index + 1
        plain = self.words[index] in _AMBIGUOUS
        if self.word(last) == "." and len(self.words[index]) <= 4:
            last += 1
        if day is None and self.word(last).isdigit() and len(self.word(last)) <= 2 and 1 <= int(self.word(last)) <= 31:
            day, last = int(self.word(last)), last + 1
            last += self.word(last) in ("st", "nd", "rd", "th")
        year, last = self.year_after(last)
        if plain and day is None and year is None and not (self.word(index - 1) in _BEFORE_PLAIN and self.capital(index)):
            return None
        start = first if first is not None else index
        return self.dated(start, last, year, month, day)

    def year_after(self, last: int) -> tuple[int | None, int]:
        """The year that follows a month ("June 2022", "June 5, 2022", "June of last year") and where it ends."""
        at = last + (self.word(last) in (",", "of"))
        word = self.word(at)
        if len(word) == 4 and word.isdigit() and word[:2] in ("19", "20"):
            return int(word), at + 1
        if word in ("last", "this") and self.word(at + 1) == "year" and self.published:
            return self.published.year + _SHIFT[word], at + 2
        return None, last

    def dated(self, first: int, last: int, year: int | None, month: int, day: int | None) -> When:
        if year is None and self.published is not None:
            later = (month, day or 1) > (self.published.month, self.published.day)
            year = self.published.year - later
        if year is None:
            return When(first, last, "month" if day is None else "day", None, None)
        begin, end = month_of(year, month)
        if day is not None:
            day = min(day, end.day)
            return When(first, last, "day", date(year, month, day), date(year, month, day))
        return When(first, last, "month", begin, end)

    def weekday(self, index: int, shift: int | None = None, first: int | None = None) -> When | None:
        if self.words[index] in _AMBIGUOUS and not (self.word(index + 1) == "." and self.capital(index)):
            return None
        last = index + 1 + (self.word(index + 1) == "." and len(self.words[index]) <= 5)
        last += self.word(last) in _PARTS_OF_DAY
        start = first if first is not None else index
        if self.published is None:
            return When(start, last, "day", None, None)
        back = (self.published.weekday() - _WEEKDAYS[self.words[index]]) % 7
        day = self.published + timedelta(days=7 - back if back else 7) if shift == 1 else self.published - timedelta(days=back)
        return When(start, last, "day", day, day, future=shift == 1)

    def near_day(self, index: int, shift: int) -> When:
        last = index + 1 + (self.word(index + 1) in _PARTS_OF_DAY)
        day = self.published + timedelta(days=shift) if self.published else None
        return When(index, last, "day", day, day, future=shift > 0)

    def season(self, index: int, shift: int, first: int | None = None) -> When | None:
        year, last = self.year_after(index + 1)
        plain = first is None and year is None
        if plain and not (self.word(index - 1) in ("the", "in", "since", "this") and self.words[index] not in _AMBIGUOUS):
            return None
        month, count = _SEASONS[self.words[index]]
        start = first if first is not None else index
        if year is None and self.published is None:
            return When(start, last, "season", None, None)
        if year is None and self.published is not None:
            year = self.published.year - (
                (month > self.published.month) if shift == 0 else (month + count > self.published.month) if shift < 0 else -1
            )
        assert year is not None
        end_month = month + count - 1
        return When(
            start,
            last,
            "season",
            date(year, month, 1),
            month_of(year + (end_month - 1) // 12, (end_month - 1) % 12 + 1)[1],
            future=shift > 0,
        )

    def shifted(self, index: int) -> When | None:
        """ "this month", "last year", "the past 24 hours", "next fiscal year", "last November", "last Tuesday"."""
        shift, at = _SHIFT[self.words[index]], index + 1
        word = self.word(at)
        if word in _MONTHS:
            return self.month_shifted(index, at, shift)
        if word in _WEEKDAYS:
            return self.weekday(at, shift, index)
        if word in _SEASONS:
            return self.season(at, shift, index)
        if word in ("fiscal", "budget", "financial") and self.word(at + 1) == "year":
            return self.fiscal_shifted(index, at + 2, shift)
        if word == "calendar":
            at += 1
            word = self.word(at)
        if shift < 0 and word == "month" and tuple(self.words[at + 1 : at + 4]) == ("of", "the", "year") and self.published:
            year = self.published.year - (self.published.month < 12)  # "the last month of the year"
            return When(index, at + 4, "month", *month_of(year, 12))
        if word in _FEW or word in _NUMBERS or word.isdigit():
            return self.several(index, at, shift)
        if word in _PARTS_OF_DAY:
            return self.near_day(at, -1 if shift < 0 else 0) if word != "noon" else None
        return (
            self.unit_shifted(index, at + 1, word, shift)
            if word in _UNITS
            else self.several(index, at - 1, shift)
            if word in _PLURALS and shift < 0
            else None
        )

    def month_shifted(self, index: int, at: int, shift: int) -> When | None:
        when = self.month(at, None, index)
        if when is None or when.start is None or self.published is None:
            return when
        if shift < 0 and when.start.year == self.published.year and (self.published - when.start).days < 62:
            return self.dated(index, when.last, self.published.year - 1, when.start.month, None)
        if shift >= 0 and when.end is not None and when.end < self.published and shift > 0:
            return replace(self.dated(index, when.last, when.start.year + 1, when.start.month, None), future=True)
        return when

    def several(self, index: int, at: int, shift: int) -> When | None:
        """ "the past 24 hours", "the last few months", "the next three years": `at` is the number or the word before the unit."""
        count = _NUMBERS.get(
            self.word(at), 3 if self.word(at) in _FEW else int(self.word(at)) if self.word(at).isdigit() and len(self.word(at)) < 4 else 1
        )
        unit_at = at + 1 + (self.word(at + 1) in ("of", "full", "calendar", "fiscal", "budget"))
        unit = _PLURALS.get(self.word(unit_at), self.word(unit_at))
        if unit not in _DAYS_IN or shift == 0:
            return None
        days = count * _DAYS_IN[unit]
        named: Unit = "day" if days <= 1 else "week" if abs(days - 7) < 1 else "span"
        return self.back(index, unit_at + 1, days, named) if shift < 0 else self.ahead(index, unit_at + 1, days)

    def opening(self, index: int) -> When | None:
        """ "the first five months of 2019": from the start of what follows "of"."""
        count = _NUMBERS.get(
            self.word(index + 1), int(self.word(index + 1)) if self.word(index + 1).isdigit() and len(self.word(index + 1)) < 4 else 0
        )
        at = index + 3 + (self.word(index + 3) in ("of", "in"))
        at += self.word(at) == "the"
        whole = self.atom(at) if at < len(self.words) and at > index + 3 else None
        if not count:
            return None
        if whole is None:
            return When(index, index + 3, "span", None, None)
        if whole.start is None:
            return When(index, whole.last, "span", None, None)
        length = round(count * _DAYS_IN[_PLURALS[self.word(index + 2)]])
        return When(index, whole.last, "span", whole.start, whole.start + timedelta(days=min(length, 36600)))

    def back(self, first: int, last: int, days: float, unit: Unit) -> When:
        if self.published is None:
            return When(first, last, unit, None, None)
        return When(first, last, unit, self.published - timedelta(days=max(1, round(min(days, 36600)))), self.published)

    def ahead(self, first: int, last: int, days: float) -> When:
        if self.published is None:
            return When(first, last, "span", None, None, future=True)
        return When(first, last, "span", self.published, self.published + timedelta(days=round(min(days, 36600))), future=True)

    def unit_shifted(self, first: int, last: int, unit: str, shift: int) -> When | None:
        today = self.published
        named: Unit = "day" if unit in ("day", "night", "weekend", "hour") else "span" if unit in ("decade", "century") else unit  # type: ignore[assignment]
        if today is None:
            return When(first, last, named, None, None, future=shift > 0)
        if unit == "year":
            return When(first, last, "year", date(today.year + shift, 1, 1), date(today.year + shift, 12, 31), future=shift > 0)
        if unit == "month":
            number = today.year * 12 + today.month - 1 + shift
            return When(first, last, "month", *month_of(number // 12, number % 12 + 1), future=shift > 0)
        if unit == "quarter":
            number = today.year * 4 + (today.month - 1) // 3 + shift
            return When(
                first,
                last,
                "quarter",
                date(number // 4, number % 4 * 3 + 1, 1),
                month_of(number // 4, number % 4 * 3 + 3)[1],
                future=shift > 0,
            )
        if unit == "week":
            begin = today - timedelta(days=today.weekday()) + timedelta(days=7 * shift)
            return When(first, last, "week", begin, begin + timedelta(days=6), future=shift > 0)
        if unit == "weekend":
            begin = today - timedelta(days=(today.weekday() - 5) % 7)
            return When(first, last, "day", begin, begin + timedelta(days=1), future=shift > 0, named="weekend")
        return self.back(first, last, _DAYS_IN[unit], named) if shift < 0 else self.near_day(first, shift) if unit == "night" else None

    def fiscal_shifted(self, first: int, last: int, shift: int) -> When:
        if self.published is None:
            return When(first, last, "fiscal_year", None, None, future=shift > 0)
        year = self.published.year + (self.published.month >= 10) + shift
        return When(first, last, "fiscal_year", *fiscal_year(year), future=shift > 0)

    def fiscal(self, index: int) -> When | None:
        """ "fiscal year 2022", "fiscal 2022", "FY2022", "FY 22", "the fiscal year" (the one that runs)."""
        word = self.words[index]
        at = index + 1 + (self.word(index + 1) in ("year", "years")) if word == "fiscal" else index + 1
        digits = word[2:] if word[:2] == "fy" and word[2:].isdigit() else self.word(at)
        last = at + 1 if digits == self.word(at) else at
        if digits.isdigit() and len(digits) in (2, 4):
            return When(index, last, "fiscal_year", *fiscal_year(int(digits) + (2000 if len(digits) == 2 else 0)))
        if word == "fiscal" and at == index + 2:
            return self.fiscal_shifted(index, at, 0)
        return None

    def ago(self, index: int) -> When | None:
        """ "a year ago", "three months earlier", "two years before": a time before the publication, in its unit."""
        unit = _PLURALS.get(self.word(index + 1), self.word(index + 1))
        if unit not in _DAYS_IN or self.word(index + 2) not in _EARLIER:
            return None
        count = _NUMBERS.get(self.words[index]) or (
            int(self.words[index]) if self.words[index].isdigit() and len(self.words[index]) < 4 else 0
        )
        if not count:
            return None
        when = self.back(index, index + 3, count * _DAYS_IN[unit], "span")
        end = when.start
        return When(index, index + 3, "span", end, end, "ago", named=unit)

    def same(self, index: int) -> When | None:
        """ "the same period last year", "the same month a year earlier", "the same time in 2014": an older time, for comparison."""
        if (
            self.word(index + 1) not in _UNITS
            and self.word(index + 1) not in ("period", "time", "stretch", "point", "span")
            and self.word(index + 1) not in _MONTHS
        ):
            return None
        at = index + 2 + (self.word(index + 2) in ("in", "of", "the"))
        at += self.word(at) == "the"
        inner = self.atom(at) if at < len(self.words) else None
        if inner is None:
            return None
        return When(index, inner.last, "span", inner.start, inner.end, "ago")
