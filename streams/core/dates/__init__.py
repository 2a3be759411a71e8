"""Time expressions in a sentence, resolved against the publication date.

`find` reads a list of lower-case words and gives every expression of time with its place, its unit and its dates. Nothing here knows what a
figure is: whether "in October" is the period of one is decided by `claims.period`.

The US federal fiscal year N runs from 1 October N-1 to 30 September N (31 U.S.C. 1102). A month or weekday without a year is the latest one
that had begun on the publication date. Without a publication date, what needs one has no dates.

    when.py     one expression of time
    reader.py   single expressions, from left to right
    joining.py  spans of two, and how they relate to the publication
"""

from collections.abc import Callable, Sequence
from datetime import date

from streams.core.dates.joining import joined
from streams.core.dates.reader import TRIGGERS, Reader
from streams.core.dates.when import Relation, Unit, When, fiscal_year, month_of

__all__ = ["Relation", "Unit", "When", "find", "fiscal_year", "month_of"]


def find(words: Sequence[str], published: date | None, capital: Callable[[int], bool] = lambda index: True) -> tuple[When, ...]:
    """Every time expression in `words` (lower-case tokens), in order, not overlapping. `capital(i)`: was word i written with a capital?"""
    if not any(word in TRIGGERS or (word.isdigit() and len(word) == 4) or word[:2] == "fy" for word in words):
        return ()
    reader = Reader(words, published, capital)
    atoms: list[When] = []
    index = 0
    while index < len(words):
        atom = reader.atom(index)
        if atom is None:
            index += 1
            continue
        atoms.append(atom)
        index = max(atom.last, index + 1)
    return tuple(joined(words, atoms, published))
