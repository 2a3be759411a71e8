"""The one place that knows bytes: orjson writes and reads, msgspec checks types and says where they are wrong."""

from typing import Any, Literal, TypeVar

import msgspec
import orjson

T = TypeVar("T")
SchemaReason = Literal["empty", "invalid_utf8", "not_json", "wrong_type"]


class SchemaError(ValueError):
    """Bytes that are not the record they should be. `path` is where, as in ``$.claims[0].low``; `reason` is a short closed word."""

    def __init__(self, reason: SchemaReason, detail: str, path: str = "$") -> None:
        super().__init__(f"{detail} - at {path}" if path != "$" else detail)
        self.reason: SchemaReason = reason
        self.detail = detail
        self.path = path


def encode(record: object) -> bytes:
    """`record` (a dataclass of this package, or plain JSON data) as UTF-8 JSON; times are written in UTC with Z."""
    return orjson.dumps(record, option=orjson.OPT_UTC_Z)


def decode(data: bytes | None, kind: type[T]) -> T:
    """`data` as a record of `kind`.

    Raises SchemaError with reason `empty`, `invalid_utf8`, `not_json` or `wrong_type`, and a path. Types are strict: "5" is no number.
    """
    return convert(parse(data), kind)


def parse(data: bytes | None) -> Any:
    """`data` as plain JSON data. Raises SchemaError as `decode` does, but never `wrong_type`."""
    try:
        return orjson.loads(data or b"")
    except orjson.JSONDecodeError as error:
        raise _fault(data or b"", str(error)) from None


def _fault(data: bytes, told: str) -> SchemaError:
    """Why `data` is no JSON."""
    if not data.strip():
        return SchemaError("empty", "the record has no value")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return SchemaError("invalid_utf8", f"byte {error.start} is not UTF-8")
    return SchemaError("not_json", told)


def convert(value: Any, kind: type[T]) -> T:
    """Plain JSON data as a record of `kind`. Raises SchemaError (`wrong_type`) with the path of the first fault."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise SchemaError("wrong_type", detail, path.rstrip("`") or "$") from None
