"""Lines in order of their keys with flat memory: sorted in runs on disk, merged when read.

A line begins with its key, which must be of one width, or end before its content in a byte below all others, so that the order of
bytes is the order of keys. Runs are packed with gzip: what is kept of an article is mostly the signature of its text.
"""

import gzip
import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

__all__ = ["Runs"]

HELD_BYTES = 24_000_000
"""Bytes of lines that are held before they become a run."""
FAN = 48
"""Runs that are merged at once: as many files are open then."""
LEVEL = 1


class Runs:
    """Lines in the folder `folder`. `names` are runs of before, in it; all that is in the folder beside them may be overwritten."""

    def __init__(self, folder: Path, names: Iterable[str] = (), *, held_bytes: int = HELD_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.names = list(names)
        self._next = 1 + max((int(name.split(".")[0]) for name in self.names), default=0)
        self._held_bytes = held_bytes
        self._lines: list[bytes] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether it is time to `flush`."""
        return self._size >= self._held_bytes

    def add(self, line: bytes) -> None:
        """Take one line, without line breaks in it."""
        self._lines.append(line)
        self._size += len(line)

    def flush(self) -> None:
        """Write what is held as a run; merge runs where there are many."""
        if self._lines:
            self._lines.sort()
            self._write(self._lines)
            self._lines, self._size = [], 0
        if len(self.names) >= FAN:
            old = self.names
            self.names = []
            self._write(self._merged(old))

    def read(self) -> Iterator[bytes]:
        """All lines in order, what is held included."""
        self.flush()
        return self._merged(self.names)

    def _write(self, lines: Iterable[bytes]) -> None:
        name = f"{self._next:06d}.run"
        self._next += 1
        with gzip.open(self._folder / name, "wb", compresslevel=LEVEL) as out:
            for line in lines:
                out.write(line + b"\n")
        self.names.append(name)

    def _merged(self, names: list[str]) -> Iterator[bytes]:
        with ExitStack() as opened:
            streams = [opened.enter_context(gzip.open(self._folder / name, "rb")) for name in names]
            for line in heapq.merge(*streams):
                yield line[:-1]

    def clear_unused(self) -> None:
        """Delete the files of runs that were merged into others."""
        for path in self._folder.glob("*.run"):
            if path.name not in self.names:
                path.unlink()
