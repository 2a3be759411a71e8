"""The state of a partition in the hands of one record.

It is plain keys and bytes, but most of what a record writes is read again by the next one of the same story or series. So a `Memo`
stands before the bytes: it remembers the values of the last of them. What it says follows from the bytes alone.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.alert import Alert, Grade
from schemas.codec import decode, encode
from streams.core.evaluate import Outcome

__all__ = ["Judged", "Memo", "Tally", "Work", "packed", "unpacked"]

T = TypeVar("T")
MEMO_BYTES = 2_000_000
"""Bytes of which a memo remembers the values; these take about five times as much."""

Tally = tuple[str, str]
"""(rule id, what became of the claim there): a refusal of matching, or an outcome of evaluation, or `near_miss`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a rule that took a claim made of it. `confirmed`: it meets a level, and enough voices stand there. `late`: too late to tell."""

    rule: str
    outcome: Outcome
    grade: Grade
    confirmed: bool
    late: bool


class Memo:
    """The values of the bytes that were read or written last."""

    def __init__(self, room: int = MEMO_BYTES) -> None:
        self.held_bytes = 0
        self._room = room
        self._held: OrderedDict[bytes, object] = OrderedDict()

    def read(self, value: Any, kind: type[T]) -> T:
        """A value of the store as an object of `kind`, which it always has."""
        if not isinstance(value, bytes):
            found: T = value
            return found
        held = self._held.get(value)
        if not isinstance(held, kind):
            held = decode(value, kind)
            self._keep(value, held)
        else:
            self._held.move_to_end(value)
        return held

    def write(self, value: object) -> bytes:
        """The bytes of `value`."""
        data = encode(value)
        if data not in self._held:
            self._keep(data, value)
        return data

    def _keep(self, data: bytes, value: object) -> None:
        if data in self._held:
            self.held_bytes -= len(data)
        self._held[data] = value
        self.held_bytes += len(data)
        while self.held_bytes > self._room:
            old, _ = self._held.popitem(last=False)
            self.held_bytes -= len(old)


class Work:
    """What one record has led to so far; reads see its own changes. `loose`: values are written as they are, not as bytes."""

    def __init__(self, store: Mapping[str, Any], memo: Memo, *, loose: bool) -> None:
        self._store = store
        self._memo = memo
        self._loose = loose
        self.alerts: list[Alert] = []
        self.changes: dict[str, Any] = {}
        self.tallies: Counter[Tally] = Counter()
        self.judged: list[Judged] = []

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value of `key`, an object of `kind`."""
        value = self.changes[key] if key in self.changes else self._store.get(key)
        return None if value is None else self._memo.read(value, kind)

    def put(self, key: str, value: object, *, pack: bool = False) -> None:
        """Set the value of `key`. `pack`: as bytes in a loose store too, since it is large and seldom read."""
        self.changes[key] = value if self._loose and not pack else self._memo.write(value)

    def drop(self, key: str) -> None:
        """Delete `key`."""
        self.changes[key] = None


def unpacked(value: Any, kind: type[T]) -> Any:
    """A value of a store as an object that has the fields of `kind`."""
    return decode(value, kind) if isinstance(value, bytes) else value


def packed(value: Any) -> bytes:
    """A value of a loose store as a table keeps it."""
    return value if isinstance(value, bytes) else encode(value)
