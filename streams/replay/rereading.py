"""Two readings of the same articles: what the stored claims say, and what today's reader makes of the texts. Joined by document.

Both are sorted by (time of publication, document, version) on disk, so that whatever plays them meets both in the same order: what
then differs, differs because of the reader. Claims of which there is no article any more are counted and left out.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby
from pathlib import Path

from schemas.claims import ClaimRecord, Record, Revision, decode_record
from streams.replay.past import Asked, Past, Stopped
from streams.replay.reading import SEPARATOR, Entry, document_line_key, entry, line_of, read_articles
from streams.replay.runs import Runs
from streams.replay.sources import Item, Source

__all__ = ["Pair", "Rereading"]

STORED, READ = b"0", b"1"


@dataclass(frozen=True, slots=True)
class Pair:
    """One version of a document: its records as they were stored, and as they are read now, each in the order of the text."""

    stored: Entry
    read: Entry


class Rereading:
    """`past` is of claims, `articles` the texts of the same time; both in `asked.span`."""

    def __init__(self, past: Past, articles: Source, asked: Asked, folder: Path) -> None:
        self.counts = past.counts
        """As those of the past of claims, with `read` and the reasons of refusal of the articles; `documents`, `without_article`."""
        self._past = past
        self._articles = articles
        self._asked = asked
        self._stored = Runs(folder / "stored")
        self._read = Runs(folder / "read")

    async def gather(self) -> None:
        """Sort both readings. Raises Stopped."""
        async with aclosing(self._past.entries({})) as entries:
            async for one, _ in entries:
                for record in one.records:
                    if isinstance(record, ClaimRecord | Revision):
                        _take(self._stored, line_of(document_line_key(record.published, record.document, record.version), (record,)))
                if self._past.stopped():
                    raise Stopped
        work = read_articles(self._texts(), self._asked.span, max_text=self._asked.max_text, jobs=self._asked.jobs, key="document")
        async with aclosing(work) as batches:
            async for batch in batches:
                for done in batch:
                    self.counts[done.outcome] += 1
                    if done.line:
                        _take(self._read, done.line)
                self._past.tell("read", self._articles.done(), self._articles.total, self.counts)
                if self._past.stopped():
                    raise Stopped

    def stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._past.stopped()

    def pairs(self) -> Iterator[Pair]:
        """Each document of which there is an article, in order of time."""
        sides = merge(_keyed(STORED, self._stored), _keyed(READ, self._read))
        for _, same in groupby(sides, key=lambda one: one[0]):
            lines = list(same)
            read = next((line for _, side, line in lines if side == READ), None)
            if read is None:
                self.counts["without_article"] += 1
                continue
            self.counts["documents"] += 1
            now = entry(read)
            stored = (decode_record(part) for _, side, line in lines if side == STORED for part in line.split(SEPARATOR)[1:])
            yield Pair(replace(now, records=_in_order(stored)), replace(now, records=_in_order(now.records)))

    async def _texts(self) -> AsyncGenerator[Item, None]:
        async with aclosing(self._articles.read({})) as items:
            async for item in items:
                if item.topic == "articles":
                    yield item


def _take(runs: Runs, line: bytes) -> None:
    runs.add(line)
    if runs.full:
        runs.flush()


def _keyed(side: bytes, runs: Runs) -> Iterator[tuple[bytes, bytes, bytes]]:
    return ((line.partition(SEPARATOR)[0], side, line) for line in runs.read())


def _in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Claims in the order of the text, each once, then the revision, of which every partition has one."""
    claims: dict[str, ClaimRecord] = {}
    revision: Revision | None = None
    for record in records:
        if isinstance(record, ClaimRecord):
            claims.setdefault(record.claim.claim_id, record)
        elif isinstance(record, Revision):
            revision = record
    ordered = sorted(claims.values(), key=lambda one: (one.claim.start, one.claim.claim_id))
    return (*ordered, revision) if revision else tuple(ordered)
