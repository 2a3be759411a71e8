"""The watch step of a replay: entries in, alerts out. State is plain keys and bytes by partition, so that a replay can go on from it.

`Recorded` does what the worker did: the rules that the log names, the ticks that the log holds, nothing else. `Given` holds rules of
our own against the same past: they stay in force, and what is due by them is done when it is due (streams/core/rehearse.py).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from schemas.alert import Alert
from schemas.claims import RulesChange
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.pipeline import Watch
from streams.core.rehearse import Rehearsal, Timed
from streams.core.rules import RuleSet
from streams.replay.reading import Entry
from streams.replay.sources import ReplayError

__all__ = ["Given", "Player", "Recorded", "State"]

State = dict[int, tuple[datetime | None, dict[str, Any]]]
"""By partition: the time it has come to (None where the log alone says so), and its keys; values become bytes by `packed`."""


class Player(Protocol):
    """Something that plays entries in their order."""

    def play(self, entry: Entry) -> Iterator[Alert]:
        """The alerts that `entry` leads to, those that became due before it included."""

    def finish(self, until: datetime | None) -> Iterator[Alert]:
        """The alerts that the clock alone leads to, before `until`."""

    @property
    def state(self) -> State:
        """From which another player of the same kind goes on."""


class Recorded:
    """The rules that the log names. `known` are the rule sets by hash; more may come into it while it plays."""

    def __init__(self, known: Mapping[str, RuleSet], state: State) -> None:
        self._known = known
        self._stores = {partition: store for partition, (_, store) in state.items()}
        self._watches: dict[int, Watch] = {}

    @property
    def state(self) -> State:
        return {partition: (None, store) for partition, store in self._stores.items()}

    def play(self, entry: Entry) -> Iterator[Alert]:
        watch = self._open(entry.partition)
        for record in entry.records:
            if isinstance(record, RulesChange) and record.hash not in self._known:
                raise ReplayError(
                    f"The log names the rule set {record.hash}, which is not at hand: it must be in the topic rules, or in an archive of "
                    "claims, which begins with its rule sets. With --rules a replay needs none of the log's."
                )
            verdict = watch.apply(record, entry.at)
            watch.settle(verdict, partial(_write, self._stores[entry.partition]))
            yield from verdict.alerts

    def finish(self, until: datetime | None) -> Iterator[Alert]:
        return iter(())

    def _open(self, partition: int) -> Watch:
        if partition not in self._watches:
            store = self._stores.setdefault(partition, {})
            self._watches[partition] = Watch(
                RuleSet((), ""), store, partition, family_of=dict(FAMILY_OF), within=within, known=self._known, mode="replay", loose=True
            )
        return self._watches[partition]


class Given:
    """`rules` over the past, in every partition."""

    def __init__(self, rules: RuleSet, state: State) -> None:
        self._rules = rules
        self._stores = {partition: store for partition, (_, store) in state.items()}
        self._runs = {partition: self._run(partition, at) for partition, (at, _) in state.items()}

    @property
    def state(self) -> State:
        return {partition: (run.at, self._stores[partition]) for partition, run in self._runs.items()}

    def play(self, entry: Entry) -> Iterator[Alert]:
        if entry.partition not in self._runs:
            self._runs[entry.partition] = self._run(entry.partition, None)
        for record in entry.records:
            yield from self._runs[entry.partition].take(Timed(entry.at, record))

    def finish(self, until: datetime | None) -> Iterator[Alert]:
        if until:
            for partition in sorted(self._runs):
                yield from self._runs[partition].wait(until - timedelta(microseconds=1))

    def _run(self, partition: int, at: datetime | None) -> Rehearsal:
        store = self._stores.setdefault(partition, {})
        return Rehearsal(self._rules, mode="replay", store=store, at=at) if at else Rehearsal(self._rules, mode="replay", store=store)


def _write(store: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        store.pop(key, None)
    else:
        store[key] = value
