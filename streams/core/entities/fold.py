"""Names as they are compared: lower case, without accents, hyphens and other marks."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold"]

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "a"})
_MARKS = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """The name as plain words ("N'Djamena" and "N’Djaména" give "n djamena"); "" for a name without Latin letters or digits."""
    lowered = name.lower()
    if not lowered.isascii():
        parts = unicodedata.normalize("NFD", lowered.translate(_LETTERS))
        lowered = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return _MARKS.sub(" ", lowered).strip()
