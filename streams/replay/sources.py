"""Where the past comes from: a topic between two ends, or files. Each can be read again from any position.

A position is plain data, {partition or number of the file: the next offset or line}, so that it can be kept and gone on from.
"""

import gzip
import io
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from schemas.codec import SchemaError, parse
from streams.config import Settings
from streams.kafka.reader import Between, bounds, read
from streams.replay.archive import Archived, from_line, is_archived

__all__ = ["Files", "Item", "Position", "ReplayError", "Source", "Stage", "Step", "Topic", "stage_of"]

Stage = Literal["articles", "claims"]
Step = Literal["read", "watch"]
"""What a replay does: articles are read first, then what they say is watched; claims are watched at once."""
Position = dict[str, int]
GZIP = b"\x1f\x8b"


class ReplayError(Exception):
    """The past cannot be replayed; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record with the position after it. `at` is the record's timestamp; None for an article out of a plain file.

    `topic` is without prefix, or `bad` for a line that is none; `value` is then the reason.
    """

    topic: str
    partition: int
    offset: int
    at: datetime | None
    key: bytes | None
    value: bytes | None
    place: tuple[str, int]


class Source(Protocol):
    """A past that can be read more than once, always the same."""

    @property
    def identity(self) -> dict[str, object]:
        """What makes it the same past again: plain JSON data."""

    @property
    def total(self) -> int:
        """How much there is, in a measure of its own (records, bytes)."""

    def done(self) -> int:
        """How much of `total` the last reading has behind it."""

    def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        """The items after `position`."""


@dataclass(slots=True)
class Topic:
    """A topic of the flow (`name` is without prefix) between two ends, merged over its partitions by the records' timestamps."""

    settings: Settings
    name: str
    begin: dict[str, int]
    end: dict[str, int]
    _at: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def snapshot(cls, settings: Settings, name: str, since: datetime | None) -> "Topic":
        """The topic up to its ends of this moment, from the first record written at or after `since`. Raises aiokafka's errors."""
        begin, end = await bounds(settings, settings.topic_prefix + name, since)
        return cls(settings, name, _named(begin), _named(end))

    @property
    def identity(self) -> dict[str, object]:
        return {"topic": self.settings.topic_prefix + self.name, "bootstrap": self.settings.bootstrap}

    @property
    def total(self) -> int:
        return sum(end - self.begin[place] for place, end in self.end.items())

    def done(self) -> int:
        return sum(offset - self.begin[place] for place, offset in self._at.items())

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        begin = self.begin | dict(position)
        self._at = dict(begin)
        start = Between({int(place): offset for place, offset in begin.items()}, {int(place): end for place, end in self.end.items()})
        async for record in read(self.settings, self.settings.topic_prefix + self.name, start=start):
            place = (str(record.partition), record.offset + 1)
            self._at[place[0]] = place[1]
            yield Item(self.name, record.partition, record.offset, record.timestamp, record.key, record.value, place)


def _named(offsets: Mapping[int, int]) -> dict[str, int]:
    return {str(partition): offset for partition, offset in sorted(offsets.items())}


@dataclass(slots=True)
class Files:
    """Files of JSON lines, one after the other: articles as `publish` takes them, or archives; packed with gzip or not.

    An article out of a plain file has the number of its file for a partition, and that of its line for an offset.
    """

    names: Sequence[str]
    _done: int = 0

    @property
    def identity(self) -> dict[str, object]:
        return {"files": [[name, Path(name).stat().st_size] for name in self.names]}

    @property
    def total(self) -> int:
        return sum(Path(name).stat().st_size for name in self.names)

    def done(self) -> int:
        return self._done

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        before = 0
        for number, name in enumerate(self.names):
            with Path(name).open("rb") as raw:  # noqa: ASYNC230 - a file never waits long, and nothing else runs meanwhile
                for item in _items(name, number, raw, position.get(str(number), 0)):
                    self._done = before + raw.tell()
                    yield item
                before += raw.seek(0, io.SEEK_END)


def stage_of(names: Sequence[str]) -> Stage:
    """What the files hold, by the first line of each. ReplayError where they do not agree, cannot be read, or hold neither."""
    found = {topic for name in names if (topic := _first(name)) not in (None, "rules")}
    if found == {"claims"} or not found:
        return "claims" if found else "articles"
    if found == {"articles"}:
        return "articles"
    raise ReplayError(f"The files hold {', '.join(sorted(filter(None, found)))}: a replay takes either articles or claims.")


def _first(name: str) -> str | None:
    """The topic of the first record that is no rule set; `articles` for a plain file of articles; None for an empty one."""
    last = None
    try:
        with Path(name).open("rb") as raw:
            for item in _items(name, 0, raw, 0):
                last = "articles" if item.topic == "bad" else item.topic
                if last != "rules":
                    return last
    except OSError as error:
        raise ReplayError(f"{name} cannot be read: {error.strerror or error}.") from None
    return last


def _items(name: str, number: int, raw: BinaryIO, skip: int) -> Iterator[Item]:
    """The lines of one file after the first `skip`."""
    packed = raw.read(2) == GZIP
    raw.seek(0)
    stream: BinaryIO = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw
    archived: bool | None = None
    try:
        for count, line in enumerate(iter(stream.readline, b""), 1):
            if archived is None and line.strip():
                archived = _looks_archived(line)
            if count > skip and line.strip():
                place = (str(number), count)
                yield _archived(name, line, place) if archived else _plain(number, line, place)
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise ReplayError(f"{name} is damaged: {error}.") from None


def _looks_archived(line: bytes) -> bool:
    try:
        return is_archived(parse(line))
    except SchemaError:
        return False


def _plain(number: int, line: bytes, place: tuple[str, int]) -> Item:
    return Item("articles", number, place[1], None, None, line.rstrip(b"\r\n"), place)


def _archived(name: str, line: bytes, place: tuple[str, int]) -> Item:
    try:
        found: Archived = from_line(parse(line))
    except SchemaError as error:
        raise ReplayError(f"{name}:{place[1]} is no record of an archive: {error}.") from None
    return Item(found.topic, found.partition, found.offset, found.timestamp, found.key, found.value, place)
