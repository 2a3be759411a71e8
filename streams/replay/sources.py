"""Where the past comes from: a topic between two ends, or files. Each can be read again from any position.

A position is plain data, {partition or number of the file: the next offset or line}, so that it can be kept and gone on from.
"""

import gzip
import heapq
import io
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from schemas.codec import SchemaError, parse
from streams.config import Settings
from streams.kafka.reader import Between, bounds, read
from streams.replay.archive import Archived, from_line, is_archived
from streams.topics import CLAIMS, RULES

__all__ = ["Files", "Item", "Offsets", "Position", "ReplayError", "Several", "Source", "Stage", "Step", "Topic", "ends", "stage_of"]

Stage = Literal["articles", "claims"]
Step = Literal["read", "watch"]
"""What a replay does: articles are read first, then what they say is watched; claims are watched at once."""
Position = dict[str, int]
GZIP = b"\x1f\x8b"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
APART = 10_000
"""Between the partitions of one source and those of the next."""


class ReplayError(Exception):
    """The past cannot be replayed; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record with the position after it. `at` is the record's timestamp; None for an article out of a plain file.

    `topic` is without prefix. `inside`: it lies between the offsets that were asked for.
    """

    topic: str
    partition: int
    offset: int
    at: datetime | None
    key: bytes | None
    value: bytes | None
    place: tuple[str, int]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Offsets:
    """From `begin` on and before `end`, by partition; a partition that is not named is whole."""

    begin: Mapping[int, int] = field(default_factory=dict)
    end: Mapping[int, int] = field(default_factory=dict)

    def hold(self, partition: int, offset: int) -> bool:
        """Whether a place lies between them."""
        return self.begin.get(partition, 0) <= offset and not self.ended(partition, offset)

    def ended(self, partition: int, offset: int) -> bool:
        """Whether a place lies behind them."""
        return partition in self.end and offset >= self.end[partition]


WHOLE = Offsets()


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
    """A topic between two ends, merged over its partitions by the records' timestamps. `name` is its name on the broker."""

    settings: Settings
    name: str
    stage: Stage
    begin: dict[str, int]
    end: dict[str, int]
    offsets: Offsets = WHOLE
    _at: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def snapshot(
        cls, settings: Settings, name: str, stage: Stage, since: datetime | None, offsets: Offsets, *, seek: bool
    ) -> "Topic":
        """The topic up to its ends of this moment, from the first record written at or after `since`; with `seek` from the offsets
        that were asked for, else from before them, so that what holds from there on is known. Raises aiokafka's errors, ReplayError.
        """
        whole, ends = await bounds(settings, name, None)
        for partition, offset in (*offsets.begin.items(), *offsets.end.items()):
            if partition not in ends:
                raise ReplayError(f"{name} has no partition {partition}; it has {len(ends)}, from 0.")
            if not whole[partition] <= offset <= ends[partition]:
                there = f"{name}:{partition} holds the offsets from {whole[partition]:,} to before {ends[partition]:,}"
                raise ReplayError(f"{there}; {offset:,} is not among them.")
        begins = (await bounds(settings, name, since))[0] if since else whole
        begin = {place: max(at, offsets.begin.get(place, 0)) if seek else at for place, at in begins.items()}
        end = {place: max(begin[place], min(at, offsets.end.get(place, at))) for place, at in ends.items()}
        return cls(settings, name, stage, _named(begin), _named(end), offsets)

    @property
    def identity(self) -> dict[str, object]:
        return {"topic": self.name, "bootstrap": self.settings.bootstrap}

    @property
    def total(self) -> int:
        return sum(end - self.begin[place] for place, end in self.end.items())

    def done(self) -> int:
        return sum(offset - self.begin[place] for place, offset in self._at.items())

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        begin = self.begin | dict(position)
        self._at = dict(begin)
        start = Between({int(place): offset for place, offset in begin.items()}, {int(place): end for place, end in self.end.items()})
        async for record in read(self.settings, self.name, start=start):
            place = (str(record.partition), record.offset + 1)
            self._at[place[0]] = place[1]
            inside = self.offsets.hold(record.partition, record.offset)
            yield Item(self.stage, record.partition, record.offset, record.timestamp, record.key, record.value, place, inside)


def _named(offsets: Mapping[int, int]) -> dict[str, int]:
    return {str(partition): offset for partition, offset in sorted(offsets.items())}


@dataclass(slots=True)
class Several:
    """Several sources, one after the other, with partitions that are told apart."""

    sources: Sequence[Source]

    @property
    def identity(self) -> dict[str, object]:
        return {"several": [source.identity for source in self.sources]}

    @property
    def total(self) -> int:
        return sum(source.total for source in self.sources)

    def done(self) -> int:
        return sum(source.done() for source in self.sources)

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        for number, source in enumerate(self.sources):
            mine = f"{number}/"
            rest = {place.removeprefix(mine): offset for place, offset in position.items() if place.startswith(mine)}
            async with aclosing(source.read(rest)) as items:
                async for item in items:
                    place = (mine + item.place[0], item.place[1])
                    yield replace(item, partition=APART * number + item.partition, place=place)


@dataclass(slots=True)
class Files:
    """Files of JSON lines: articles as `publish` takes them, or archives; packed with gzip or not. Articles one file after the other;
    archives of claims as the one log that they are parts of, by time.

    An article out of a plain file has the number of its file for a partition, and that of its line for an offset.
    """

    names: Sequence[str]
    stage: Stage = "articles"
    offsets: Offsets = WHOLE
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
        with ExitStack() as opened:
            files = [opened.enter_context(Path(name).open("rb")) for name in self.names]  # noqa: ASYNC230 - a file never waits long
            log = self.stage == "claims"
            parts = [
                _items(name, number, raw, 0 if log else position.get(str(number), 0))
                for number, (name, raw) in enumerate(zip(self.names, files, strict=True))
            ]
            for item in self._one_log(parts) if log else chain.from_iterable(parts):
                if item.topic == CLAIMS.name and self.offsets.ended(item.partition, item.offset):
                    continue  # as with a topic, which is not read on: a change of rules there is none of this past
                if item.place[1] > position.get(item.place[0], 0):
                    self._done = sum(raw.tell() for raw in files)
                    yield item if self.offsets.hold(item.partition, item.offset) else replace(item, inside=False)

    def _one_log(self, parts: Sequence[Iterator[Item]]) -> Iterator[Item]:
        """Archives merged by time, their rule sets first. What lies in two of them comes once, but for rule sets, which are the same
        however often they are told; offsets that go back are no part of one log."""
        last: dict[tuple[str, int], Item] = {}
        for item in heapq.merge(*parts, key=_when):
            if item.topic == RULES.name:
                yield item
                continue
            before = last.get((item.topic, item.partition))
            if before and (before.offset, before.value) == (item.offset, item.value):
                continue
            if before and item.offset <= before.offset:
                where = f"{self.names[int(item.place[0])]}:{item.place[1]}: {item.topic}:{item.partition}@{item.offset}"
                raise ReplayError(f"{where} comes after @{before.offset}: these are no parts of one log. Replay each log on its own.")
            last[item.topic, item.partition] = item
            yield item


def _when(item: Item) -> tuple[datetime, int, int]:
    """The place of an archived record in the log. Rule sets stand before the records that name them, whenever they were written."""
    return (EPOCH, 0, 0) if item.topic == RULES.name else (item.at or EPOCH, item.partition, item.offset)


def ends(source: Source) -> tuple[dict[str, int], dict[str, int]]:
    """Between which offsets a source of topics lies, by place, so that it can be made again; of files nothing."""
    if isinstance(source, Topic):
        return dict(source.begin), dict(source.end)
    if isinstance(source, Several):
        both = [ends(one) for one in source.sources]
        begin, end = ({f"{number}/{place}": at for number, one in enumerate(both) for place, at in one[side].items()} for side in (0, 1))
        return begin, end
    return {}, {}


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
                last = item.topic
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
