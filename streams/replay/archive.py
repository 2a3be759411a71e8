"""A record as one line of JSON, and back: the form in which history outlives its topic.

{"topic": "claims", "partition": 3, "offset": 17, "timestamp": "2024-01-31T12:00:00.000Z", "key": "border_flow",
 "headers": [["name", "value"]], "value": "..."}

`topic` is the name without prefix. Bytes that are no UTF-8 stand as {"base64": "..."}; an absent key or value is null.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.article import Moment
from schemas.codec import SchemaError, convert, encode

__all__ = ["Archived", "from_line", "is_archived", "to_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One record as it lay in a topic. `topic` is without prefix; `timestamp` in UTC, whole milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: Moment
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packed:
    base64: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    topic: str
    partition: int
    offset: int
    timestamp: Moment
    key: str | _Packed | None
    headers: Sequence[tuple[str, str | _Packed | None]] = ()
    value: str | _Packed | None


def to_line(record: Archived) -> bytes:
    """`record` as JSON without a line break."""
    return encode(
        _Line(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp=record.timestamp,
            key=_packed(record.key),
            headers=[(name, _packed(value)) for name, value in record.headers],
            value=_packed(record.value),
        )
    )


def is_archived(value: Any) -> bool:
    """Whether plain JSON data is a line of an archive, and not an article."""
    return isinstance(value, dict) and {"topic", "partition", "offset", "timestamp"} <= value.keys()


def from_line(value: Any) -> Archived:
    """The record of a line, given as plain JSON data. Raises SchemaError with a path."""
    line = convert(value, _Line)
    return Archived(
        topic=line.topic,
        partition=line.partition,
        offset=line.offset,
        timestamp=line.timestamp,
        key=_unpacked(line.key, "$.key"),
        value=_unpacked(line.value, "$.value"),
        headers=tuple((name, _unpacked(content, "$.headers")) for name, content in line.headers),
    )


def _packed(data: bytes | None) -> str | _Packed | None:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _Packed(base64=b64encode(data).decode())


def _unpacked(content: str | _Packed | None, path: str) -> bytes | None:
    if not isinstance(content, _Packed):
        return None if content is None else content.encode()
    try:
        return b64decode(content.base64, validate=True)
    except ValueError:
        raise SchemaError("wrong_type", "this is no base64", path) from None
