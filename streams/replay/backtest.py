"""Two rule sets over the same past in one go: each article is read once, each claim is played twice. And two readers over it."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from schemas.claims import ClaimRecord
from streams.core.rules import RuleSet
from streams.replay.compare import Difference, Episodes, differences
from streams.replay.past import Past, Stopped
from streams.replay.playing import Given
from streams.replay.reading import Entry
from streams.replay.readings import Readings
from streams.replay.rereading import Rereading
from streams.replay.series import Figures

__all__ = ["Result", "backtest", "backtest_reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came out of both. `readings`: what is read differently, where two readers were compared."""

    old: Episodes
    new: Episodes
    rules_old: RuleSet
    rules_new: RuleSet
    differences: list[Difference]
    figures: Figures
    counts: Mapping[str, int]
    readings: Readings | None = None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not (self.readings and self.readings.differ)


class _Side:
    """One rule set over one reading."""

    def __init__(self, rules: RuleSet) -> None:
        self.episodes = Episodes()
        self._player = Given(rules, {})

    def play(self, entry: Entry) -> None:
        for alert in self._player.play(entry):
            self.episodes.take(alert)

    def finish(self, until: datetime | None) -> None:
        for alert in self._player.finish(until):
            self.episodes.take(alert)


async def backtest(past: Past, old: RuleSet, new: RuleSet, until: datetime | None) -> Result:
    """Play `past` with both rule sets. Raises Stopped."""
    await past.gather({}, [])
    before, after, figures = _Side(old), _Side(new), Figures((new, old))
    async with aclosing(past.entries({})) as entries:
        async for entry, _ in entries:
            if past.stopped():
                raise Stopped
            before.play(entry)
            after.play(entry)
            _take(figures, entry)
    return _result(before, after, after, (old, new), until, figures, past.counts)


async def backtest_reader(rereading: Rereading, old: RuleSet, new: RuleSet, until: datetime | None) -> Result:
    """Play what was stored with both rule sets, and what is read now with the new one. Raises Stopped."""
    await rereading.gather()
    before, between, after, figures, readings = _Side(old), _Side(new), _Side(new), Figures((new, old)), Readings()
    for pair in rereading.pairs():
        if rereading.stopped():
            raise Stopped
        before.play(pair.stored)
        between.play(pair.stored)
        after.play(pair.read)
        _take(figures, pair.read)
        readings.take(pair.stored.records, pair.read.records)
    return _result(before, between, after, (old, new), until, figures, rereading.counts, readings)


def _take(figures: Figures, entry: Entry) -> None:
    for record in entry.records:
        if isinstance(record, ClaimRecord):
            figures.take(record)


def _result(
    before: _Side,
    between: _Side,
    after: _Side,
    rules: tuple[RuleSet, RuleSet],
    until: datetime | None,
    figures: Figures,
    counts: Mapping[str, int],
    readings: Readings | None = None,
) -> Result:
    """`between` has the new rules on the old reading, and is `after` where there is but one reading."""
    for side in {id(side): side for side in (before, between, after)}.values():
        side.finish(until)
    found = differences(before.episodes, between.episodes)
    if between is not after:
        found += differences(between.episodes, after.episodes, cause="reader")
    return Result(
        old=before.episodes,
        new=after.episodes,
        rules_old=rules[0],
        rules_new=rules[1],
        differences=found,
        figures=figures,
        counts=counts,
        readings=readings,
    )
