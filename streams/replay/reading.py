"""Articles become claims, by the same functions as in the worker, in the order in which they came; with several processes where asked.

What is kept of an article is one line: its key, which begins with the time, then its records, so that lines sort by event time.
"""

import asyncio
import signal
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from typing import Literal

from schemas.article import Article, Document
from schemas.claims import Record, decode_record
from schemas.codec import SchemaError, decode, encode
from streams.core.enrich import enrich, records, revision
from streams.core.intake import Rejected, parse_time, receive
from streams.core.report import document_key
from streams.replay.sources import Item

__all__ = ["SEPARATOR", "Done", "Entry", "Key", "Span", "document_line_key", "entry", "line_of", "place_key", "read_articles"]

BATCH = 64
"""Articles that are handed to a process at once."""
AHEAD = 4
"""Batches in work or waiting, for each process."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEPARATOR = b"\x1e"
"""Before each record of a line: a control character, which JSON never holds unescaped, and below all that a key holds."""
Key = Literal["place", "document"]
"""What orders articles of one time: where they lay, or what document they are. With `document` each has a line, even an empty one."""


@dataclass(frozen=True, slots=True)
class Span:
    """Event times from `since` on and before `until`; None: open."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` lies in it."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """What came at one time (UTC), in one partition."""

    at: datetime
    partition: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one article: `read`, `outside` the span, or why it was refused; its line, where it has claims; the position after."""

    outcome: str
    line: bytes | None
    place: tuple[str, int]


async def read_articles(
    items: AsyncIterator[Item], span: Span, *, max_text: int, jobs: int, key: Key = "place"
) -> AsyncGenerator[list[Done], None]:
    """Batches in the order of `items`, whatever the number of processes `jobs`."""
    work = partial(read_batch, span=span, max_text=max_text, key=key)
    if jobs == 1:
        async for batch in _batches(items):
            yield work(batch)
        return
    waiting: deque[Future[list[Done]]] = deque()
    with _pool(jobs) as pool:
        async for batch in _batches(items):
            waiting.append(pool.submit(work, batch))
            if len(waiting) >= AHEAD * jobs:
                yield await asyncio.wrap_future(waiting.popleft())
        while waiting:
            yield await asyncio.wrap_future(waiting.popleft())


def read_batch(batch: Sequence[Item], *, span: Span, max_text: int, key: Key = "place") -> list[Done]:
    """The articles of `batch`, in their order."""
    return [Done(*_read(item, span, max_text, key), item.place) for item in batch]


def entry(line: bytes) -> Entry:
    """A line that `read_batch` made, as an entry of partition 0: an article's own partition decides only the order."""
    key, *parts = line.split(SEPARATOR)
    return Entry(EPOCH + timedelta(microseconds=int(key[:17])), 0, tuple(map(decode_record, parts)))


def place_key(moment: datetime, partition: int, offset: int) -> bytes:
    """Orders by time, then by place."""
    return b"%017d %06d %012d" % ((moment - EPOCH) // timedelta(microseconds=1), partition, offset)


def document_line_key(moment: datetime, document: str, version: int) -> bytes:
    """Orders by time, then by document and version."""
    return b"%017d %s %012d" % ((moment - EPOCH) // timedelta(microseconds=1), document_key(document).encode(), version)


def line_of(key: bytes, found: Iterable[Record]) -> bytes:
    """The line of `found` under `key`."""
    return b"".join((key, *(SEPARATOR + encode(record) for record in found)))


def _read(item: Item, span: Span, max_text: int, key: Key) -> tuple[str, bytes | None]:
    document = _document(item, max_text)
    if isinstance(document, Rejected):
        return document.reason, None
    if not span.holds(document.published):
        return "outside", None
    enriched = enrich(document)
    found: list[Record] = [record for _, record in records(enriched)]
    if later := revision(enriched):
        found.append(later)
    if key == "document":
        return "read", line_of(document_line_key(document.published, document.id, enriched.version), found)
    return "read", line_of(place_key(document.published, item.partition, item.offset), found) if found else None


def _document(item: Item, max_text: int) -> Document | Rejected:
    """An article out of a plain file counts as received when it was published; without a date it has no place in the past."""
    try:
        article = decode(item.value, Article)
    except SchemaError as error:
        return Rejected(error.reason, str(error))
    moment = item.at
    if moment is None:
        parsed = parse_time(article.published) if article.published else None
        if parsed is None:
            return Rejected("bad_published", "an article out of a file needs a date of publication to have its place in the past")
        moment = parsed[0]
    return receive(article, timestamp=moment, max_text=max_text)


async def _batches(items: AsyncIterator[Item]) -> AsyncIterator[list[Item]]:
    batch: list[Item] = []
    async for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes that leave Ctrl-C to us; what waits is dropped at the end."""
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_deaf)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
