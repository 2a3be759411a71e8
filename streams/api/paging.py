"""Where an answer with a limit ended, as text: the time and the id of the last thing on it. So it holds while new things come."""

import re
from datetime import UTC, datetime, timedelta

__all__ = ["PATTERN", "Place", "place", "read", "write"]

Place = tuple[int, str]
"""Microseconds since 1970, and an id."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATTERN = r"^(-?[0-9]{1,18})~([!-~]{1,150})$"
_FORM = re.compile(PATTERN)


def place(moment: datetime, name: str) -> Place:
    """The place of a thing in order of time."""
    return (moment - _EPOCH) // timedelta(microseconds=1), name


def write(last: Place) -> str:
    """The text that asks for what comes after `last`."""
    return f"{last[0]}~{last[1]}"


def read(text: str) -> Place | None:
    """The place that a text names; null where it is none of ours."""
    found = _FORM.fullmatch(text)
    return (int(found[1]), found[2]) if found else None
