"""The past as entries in order, which can be played more than once.

`claims` are entries as they lie in the log, merged over the partitions by the time at which they were written. `articles` are read
first, in the order in which they came; what they say is sorted by (event time, partition, offset) on disk, and then it is entries too.
So are the claims of several logs, which have no order together but that of their event times.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from schemas.claims import ClaimRecord, Record, Revision, RulesChange, Tick, decode_record
from schemas.codec import SchemaError
from streams.core.claims import FAMILY_OF
from streams.core.rules import RuleSet, parse
from streams.replay.reading import Done, Entry, Span, entry, line_of, place_key, read_articles
from streams.replay.runs import Runs
from streams.replay.sources import Item, Source, Stage, Step

__all__ = ["ENTRIES", "Asked", "Past", "Stopped", "Tell"]

ENTRIES = "entries"
TELL_EVERY = 100
REVISIONS = 500_000
"""Added to the partition of a revision, which so comes after all claims of its time."""

Position = dict[str, int]
Save = Callable[[Position, list[str]], None]
Tell = Callable[[Step, int, int, Mapping[str, int]], None]
"""Hears what is in work, how much of it is done, how much there is, and the counts so far."""


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody asked to stop; what was done so far is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What part of the past, and how to read it. `several`: claims of several logs."""

    stage: Stage
    several: bool = False
    span: Span = field(default_factory=Span)
    jobs: int = 1
    max_text: int = 1_000_000


class Past:
    """`source` as entries. `known` takes up the rule sets (by hash) that lie in an archive, and `texts` their texts.

    `tell` hears of progress; `stopped()` is asked now and again.
    """

    def __init__(
        self,
        source: Source,
        asked: Asked,
        folder: Path,
        *,
        known: dict[str, RuleSet],
        tell: Tell = lambda step, done, total, counts: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        """What became of the records: `read` (`entries` of which have claims), `outside`, `claims`, and the reasons of those refused."""
        self.texts: dict[str, str] = {}
        self.known = known
        self._source = source
        self._asked = asked
        self._folder = folder
        self._runs: Runs | None = None
        self.tell = tell
        self.stopped = stopped

    async def gather(self, position: Position, runs: list[str], save: Save = lambda position, runs: None) -> list[str]:
        """Read what lies after `position` into runs, beside those that are there; returns all runs. One log of claims is in order as it is.

        `save` hears of each point from which this can go on. Raises Stopped after the last of them.
        """
        self._runs = sorted_runs = Runs(self._folder, runs)
        if self._in_order:
            return []
        position = dict(position)
        async with aclosing(self._read(position)) as batches:
            async for batch in batches:
                for done in batch:
                    self.counts[done.outcome] += 1
                    if done.line:
                        sorted_runs.add(done.line)
                        self.counts["entries"] += 1
                    position[done.place[0]] = done.place[1]
                self.tell("read", self._source.done(), self._source.total, self.counts)
                halt = self.stopped()
                if halt or sorted_runs.full:
                    sorted_runs.flush()
                    save(position, sorted_runs.names)
                    sorted_runs.clear_unused()
                if halt:
                    raise Stopped
        sorted_runs.flush()
        save(position, sorted_runs.names)
        sorted_runs.clear_unused()
        return sorted_runs.names

    def reopen(self, runs: list[str]) -> None:
        """Take up what an earlier `gather` has read."""
        self._runs = Runs(self._folder, runs)

    async def entries(self, position: Mapping[str, int]) -> AsyncGenerator[tuple[Entry, tuple[str, int]], None]:
        """The entries after `position`, each with the position after it. After `gather`."""
        if self._in_order:
            async with aclosing(self._source.read(position)) as items:
                async for item in items:
                    record = self._record(item)
                    if record is not None:
                        yield Entry(item.at or record_time(record), item.partition, (record,)), item.place
                        self.tell("watch", self._source.done(), self._source.total, self.counts)
            return
        assert self._runs is not None, "gather first"
        skip = position.get(ENTRIES, 0)
        for number, line in enumerate(islice(self._runs.read(), skip, None), skip + 1):
            found = entry(line)
            if number % TELL_EVERY == 0:
                self.tell("watch", number, self.counts["entries"], self.counts)
            self.counts["claims"] += sum(isinstance(record, ClaimRecord) for record in found.records)
            yield found, (ENTRIES, number)

    @property
    def _in_order(self) -> bool:
        """Whether the source is entries as it lies."""
        return self._asked.stage == "claims" and not self._asked.several

    def _read(self, position: Mapping[str, int]) -> AsyncGenerator[list[Done], None]:
        if self._asked.stage == "claims":
            return self._logs(position)
        return read_articles(self._articles(position), self._asked.span, max_text=self._asked.max_text, jobs=self._asked.jobs)

    async def _articles(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        async with aclosing(self._source.read(position)) as items:
            async for item in items:
                if item.topic == "articles" and item.inside:
                    yield item
                elif item.topic == "articles":
                    self.counts["outside"] += 1

    async def _logs(self, position: Mapping[str, int]) -> AsyncGenerator[list[Done], None]:
        """Claims and revisions of several logs, a revision after the claims of its time. Ticks and rules are those of one log."""
        async with aclosing(self._source.read(position)) as items:
            async for item in items:
                record = self._record(item)
                if isinstance(record, ClaimRecord | Revision):
                    key = place_key(record.published, item.partition + REVISIONS * isinstance(record, Revision), item.offset)
                    self.counts["claims"] -= isinstance(record, ClaimRecord)  # counted when they are played
                    yield [Done("sorted", line_of(key, (record,)), item.place)]

    def _record(self, item: Item) -> Record | None:
        """The record of an item out of `claims`, where it lies in the span; changes of rules hold for what comes after them."""
        if item.topic == "rules":
            self._learn(item)
            return None
        try:
            record = decode_record(item.value)
        except SchemaError as error:
            self.counts[error.reason] += 1
            return None
        inside = isinstance(record, RulesChange) or (item.inside and self._asked.span.holds(record_time(record)))
        kind = "claims" if isinstance(record, ClaimRecord) else "other"
        self.counts[kind if inside else "outside"] += 1
        return record if inside else None

    def _learn(self, item: Item) -> None:
        """A rule set out of an archive."""
        name, text = (item.key or b"").decode(errors="replace"), (item.value or b"").decode(errors="replace")
        found = parse(text, family_of=dict(FAMILY_OF))
        if isinstance(found, RuleSet) and found.hash == name:
            self.known[name] = found
            self.texts[name] = text


def record_time(record: Record) -> datetime:
    """The event time of a record; of a change of rules the time at which it was applied."""
    match record:
        case ClaimRecord() | Revision():
            return record.published
        case Tick():
            return record.now
        case RulesChange():
            return record.applied
