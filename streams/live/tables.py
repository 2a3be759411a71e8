"""The state of watch as plain keys over one Faust table, by partition.

Faust's memory store is one dict over all partitions and writes a change to the changelog partition of the record in work. Keys
begin with their partition (streams/core/pipeline.py), and those of a partition that went elsewhere are dropped here, without a
trace in the changelog: another worker owns them now.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from schemas.codec import decode
from streams.core.pipeline import Watch

Build = Callable[[Mapping[str, bytes], int], Watch]
Ensure = Callable[[str], Awaitable[None]]
"""Has the rule set of a hash at hand, or fails loudly."""


class State(Mapping[str, bytes]):
    """Reads and writes a Faust table of raw bytes with text keys."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __getitem__(self, key: str) -> bytes:
        value: bytes = self._table[key.encode()]
        return value

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key in list(self._table.keys()))

    def __len__(self) -> int:
        return len(self._table)

    def write(self, key: str, value: bytes | None) -> None:
        """Set a key, or delete it with None; into the changelog partition of the record in work."""
        if value is not None:
            self._table[key.encode()] = value
        elif key.encode() in self._table:
            del self._table[key.encode()]

    def keep(self, partitions: Iterable[int]) -> None:
        """Drop the keys of all other partitions, from memory alone."""
        kept = tuple(f"{partition}|".encode() for partition in partitions)
        data = self._table.data.data
        for key in [key for key in data if not key.startswith(kept)]:
            del data[key]


class Partitions:
    """The pure `Watch` of each partition of `claims` that this worker owns, built from its state when first needed."""

    def __init__(self, state: State, build: Build, ensure: Ensure) -> None:
        self._state = state
        self._build = build
        self._ensure = ensure
        self._open: dict[int, Watch] = {}
        self.mine: frozenset[int] = frozenset()
        """Those that this worker owns, in use or not."""

    async def open(self, partition: int) -> Watch:
        """The partition's Watch, with the rules that its state names at hand."""
        if partition not in self._open:
            stored = self._state.get(f"{partition}|rules")
            if stored:
                await self._ensure(decode(stored, str))
            self._open[partition] = self._build(self._state, partition)
        return self._open[partition]

    @property
    def opened(self) -> Mapping[int, Watch]:
        """Those in use, by partition."""
        return self._open

    def close(self) -> None:
        """Forget what was built: partitions are moving, and the state will be read again."""
        self._open.clear()

    def keep(self, partitions: Iterable[int]) -> None:
        """These are ours now: drop the state of all others, and build anew what stands on it."""
        self.mine = frozenset(partitions)
        self._state.keep(self.mine)
        self.close()
