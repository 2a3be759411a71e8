"""Two rule sets over the same past in one go: each article is read once, each claim is played twice."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from schemas.claims import ClaimRecord
from streams.core.rules import RuleSet
from streams.replay.compare import Difference, Episodes, differences
from streams.replay.past import Past, Stopped
from streams.replay.playing import Given
from streams.replay.series import Figures

__all__ = ["Result", "backtest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came out of both."""

    old: Episodes
    new: Episodes
    rules_old: RuleSet
    rules_new: RuleSet
    differences: list[Difference]
    figures: Figures
    counts: Mapping[str, int]


async def backtest(past: Past, old: RuleSet, new: RuleSet, until: datetime | None) -> Result:
    """Play `past` with both rule sets. Raises Stopped."""
    await past.gather({}, [])
    sides = [(Given(rules, {}), Episodes()) for rules in (old, new)]
    figures = Figures((new, old))
    async with aclosing(past.entries({})) as entries:
        async for entry, _ in entries:
            if past.stopped():
                raise Stopped
            for player, episodes in sides:
                for alert in player.play(entry):
                    episodes.take(alert)
            for record in entry.records:
                if isinstance(record, ClaimRecord):
                    figures.take(record)
    for player, episodes in sides:
        for alert in player.finish(until):
            episodes.take(alert)
    before, after = sides[0][1], sides[1][1]
    return Result(
        old=before,
        new=after,
        rules_old=old,
        rules_new=new,
        differences=differences(before, after),
        figures=figures,
        counts=past.counts,
    )
