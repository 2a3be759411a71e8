"""What a subscriber of `alerts` has seen: the next offset of every partition, as one opaque text.

Offsets are the same for every server, so any server can resume what another has begun, and a server that lost its memory what it
began itself. The text ends with a check of the last event seen, which a topic that was deleted and made again does not pass.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256

__all__ = ["MAX_TEXT", "PATTERN", "Cursor", "check_of", "read", "write"]

VERSION = "1"
MAX_TEXT = 6_000
"""Characters; enough for a thousand partitions of a long life."""
PATTERN = r"^1\.([A-Za-z0-9_-]*)\.([0-9]{1,4}-[0-9a-f]{8}|)$"
_FORM = re.compile(PATTERN)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`offsets[p]` is the offset of the first record of partition p that was not seen."""

    offsets: tuple[int, ...]
    partition: int | None = None
    """Where the last event that was seen stands (just before its partition's offset); null: none was seen."""
    check: str = ""
    """Of that event; see `check_of`."""


def check_of(event_id: str) -> str:
    """Eight hex digits that tell one event from another at the same place."""
    return sha256(event_id.encode()).hexdigest()[:8]


def write(offsets: list[int] | tuple[int, ...], partition: int | None = None, check: str = "") -> str:
    """The text of a cursor: letters, digits, `-`, `_` and `.`."""
    packed = urlsafe_b64encode(b"".join(map(_packed, offsets))).rstrip(b"=").decode()
    return f"{VERSION}.{packed}." + (f"{partition}-{check}" if partition is not None else "")


def read(text: str) -> Cursor | None:
    """The cursor that `text` is; null where it is none of ours."""
    found = _FORM.fullmatch(text) if len(text) <= MAX_TEXT else None
    if found is None:
        return None
    try:
        data = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
    except (Error, ValueError):
        return None
    offsets = _unpacked(data)
    partition, _, check = found[2].partition("-")
    if offsets is None or (partition and int(partition) >= len(offsets)):
        return None
    return Cursor(offsets, int(partition), check) if partition else Cursor(offsets)


def _packed(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the last byte has no high bit."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _unpacked(data: bytes) -> tuple[int, ...] | None:
    """The numbers; null where one is cut off or no offset of Kafka's (63 bits)."""
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if number >> 63 or shift > 70:
            return None
        if not byte & 0x80:
            numbers.append(number)
            number = shift = 0
    return None if shift else tuple(numbers)
