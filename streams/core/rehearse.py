"""The whole flow without a broker: articles and other records in order of time in, alerts out.

It is the same pure code that a worker runs (enrich, records, revision, Watch), on one partition whose state is a dict. A worker sends
a tick when something is due; here a tick stands at exactly the moment at which something is due, so that expiry and repetition have
their own times. The same inputs give the same bytes, and memory grows only with what the rules remember.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.alert import Alert, Mode
from schemas.article import Document
from schemas.claims import Record, Tick
from streams.core.claims import FAMILY_OF
from streams.core.enrich import enrich, records, revision
from streams.core.entities import within
from streams.core.matching import Within
from streams.core.pipeline import Watch
from streams.core.rules import RuleSet
from streams.core.state import Tally

__all__ = ["Input", "Rehearsal", "Timed", "rehearse"]

Input = Document | Record
"""An article, or a record of `claims`: a claim, a revision, a tick (the clock moves to a time)."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timed:
    """Something that comes at a time (UTC). An article that comes after its publication is one that comes late."""

    at: datetime
    what: Input


def rehearse(rules: RuleSet, inputs: Iterable[Timed], *, until: datetime | None = None) -> Iterator[Alert]:
    """The alerts that `inputs`, in order of time, lead to, and then what the clock alone leads to `until` that time."""
    rehearsal = Rehearsal(rules)
    for one in inputs:
        yield from rehearsal.take(one)
    if until:
        yield from rehearsal.wait(until)


class Rehearsal:
    """One run. `rules` stay in force whatever the records say. One that goes on from an earlier one is given its `store` and `at`."""

    def __init__(
        self,
        rules: RuleSet,
        *,
        family_of: Mapping[str, str] = FAMILY_OF,
        within: Within = within,
        mode: Mode = "test",
        store: dict[str, Any] | None = None,
        at: datetime = _EARLIEST,
    ) -> None:
        self._store: dict[str, Any] = {} if store is None else store
        self.watch = Watch(rules, self._store, 0, family_of=dict(family_of), within=within, mode=mode, pinned=True, loose=True)
        self.tallies: Counter[Tally] = Counter()
        """What became of the claims so far, by rule."""
        self._at = at

    @property
    def at(self) -> datetime:
        """The time of the last input, or to which it waited."""
        return self._at

    @property
    def store(self) -> Mapping[str, Any]:
        """The state, as a worker keeps it in partition 0, once `packed` or `unpacked`."""
        return self._store

    def take(self, one: Timed) -> Iterator[Alert]:
        """The alerts of all that is due before `one`, and then of `one`. A time before the last one counts as the last one."""
        yield from self.wait(one.at)
        for record in _records(one.what):
            yield from self._apply(record, self._at)

    def wait(self, until: datetime) -> Iterator[Alert]:
        """The alerts of what becomes due up to `until`, each at its own time."""
        while (wake := self.watch.wake) and (moment := self.watch.clock.reaches(wake)) <= until:
            yield from self._apply(Tick(now=max(wake, self.watch.clock.time)), moment)
        self._at = max(self._at, until)

    def _apply(self, record: Record, at: datetime) -> Iterator[Alert]:
        verdict = self.watch.apply(record, at)
        self.watch.settle(verdict, self._write)
        for tally, count in verdict.tallies.items():
            self.tallies[tally] += count
        yield from verdict.alerts

    def _write(self, key: str, value: Any) -> None:
        if value is None:
            self._store.pop(key, None)
        else:
            self._store[key] = value


def _records(what: Input) -> Iterator[Record]:
    """What enrich writes to the partition for an article: its claims, then its revision."""
    if not isinstance(what, Document):
        yield what
        return
    enriched = enrich(what)
    for _, record in records(enriched):
        yield record
    if change := revision(enriched):
        yield change
