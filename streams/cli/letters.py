"""Dead letters as the commands see them: their ids, and what they look like to programs and to people."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from schemas.dead import DeadLetter, from_headers, to_headers
from streams.cli.options import USAGE, CommandError
from streams.cli.present import Told, clean, dead_told, fault_told

if TYPE_CHECKING:
    from streams.kafka import Record

__all__ = ["as_json", "as_told", "in_full", "letter_of", "name_of", "place_of"]

FOREIGN = "the headers of a dead letter are missing"


def letter_of(record: "Record") -> DeadLetter | None:
    """Why the record was refused; None where its headers do not say."""
    return from_headers(record.headers)


def name_of(record: "Record") -> str:
    """The id of a dead letter: where it lies, as `PARTITION/OFFSET`."""
    return f"{record.partition}/{record.offset}"


def place_of(name: str) -> tuple[int, int]:
    """Partition and offset of an id, with or without the topic before it (`articles.dead-3/17`). CommandError where it is none."""
    found = re.fullmatch(r"(?:\S+-)?(\d{1,9})/(\d{1,18})", name)
    if found is None:
        raise CommandError(f"{name!r} is no id of a dead letter: expected PARTITION/OFFSET, as `newsgauge dead list` shows it.", USAGE)
    return int(found[1]), int(found[2])


def as_json(record: "Record") -> dict[str, Any]:
    """One dead letter for a program. Bytes that are not UTF-8 appear as U+FFFD; `dead show --raw` gives them as they are."""
    letter = letter_of(record)
    return {
        "id": name_of(record),
        "timestamp": record.timestamp,
        **(asdict(letter) if letter else {"reason": None, "detail": FOREIGN}),
        "key": _text(record.key),
        "value": _text(record.value),
    }


def as_told(record: "Record") -> Told:
    """One dead letter for a person."""
    letter = letter_of(record)
    return dead_told(name_of(record), letter, record.value) if letter else fault_told(name_of(record), FOREIGN)


def in_full(record: "Record") -> str:
    """Everything about one dead letter: its fields, other headers, key, and the whole value as text."""
    letter = letter_of(record)
    fields = {"id": name_of(record), **(asdict(letter) if letter else {"detail": FOREIGN}), "key": _text(record.key)}
    ours = {name for name, _ in to_headers(letter)} if letter else set()
    others = {name: _text(value) for name, value in record.headers if name not in ours}
    rows = [(name.replace("_", " "), value) for name, value in fields.items() if value is not None]
    rows += [(f"header {name}", value) for name, value in others.items()]
    told = "\n".join(f"{name + ':':14} {value}" for name, value in rows)
    return clean(f"{told}\n\n{_text(record.value) or '(no value)'}")


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="replace")
