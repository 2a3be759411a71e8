"""What strangers wrote, as it may be shown: articles, answers of receivers, records of topics that anybody may write."""

import re
import unicodedata

__all__ = ["clean", "escaped", "safe_url"]

_LINK = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def clean(text: str) -> str:
    """`text` without what drives a terminal or turns the direction of reading; every character still in its place."""
    return "".join("·" if unicodedata.category(char) in _UNSEEN and char not in "\n\t" else char for char in text)


def escaped(json: str) -> str:
    """JSON that says the same, with the characters that `clean` takes away as escapes.

    >>> print(escaped('{"a": "\x9b31m"}'))
    {"a": "\\u009b31m"}
    """
    return "".join(_escape(char) if unicodedata.category(char) in _UNSEEN and char not in "\n\t" else char for char in json)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def safe_url(url: object) -> str | None:
    """The link where it is http or https and has a host; null otherwise."""
    return url if isinstance(url, str) and _LINK.match(url) and url.isprintable() else None
