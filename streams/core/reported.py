"""The figures that the news reported last, one for each indicator, place, unit and period: what a chart of levels shows.

Only figures that an alert could stand on: asserted, no change, a total. The one published last stands; of those published at the same
moment, the one that the log has last.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.claims import ClaimRecord
from schemas.figure import Claim, Number

__all__ = ["VALID_FOR", "Latest", "Name", "Reported", "counts"]

VALID_FOR = timedelta(days=10)
"""A figure stands no longer than this after its publication, by the clock of its partition."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a figure is about. `place` is an id, "" where the figure has none; `per` is the period as stated."""

    indicator: str
    place: str
    unit: str
    per: str


@dataclass(frozen=True, slots=True)
class Latest:
    """The figure that stands. An end of None is open."""

    partition: int
    published: datetime
    low: Number | None
    high: Number | None
    point: Number | None


class Reported:
    """At most `limit` figures, those published last, of the partitions that are kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._latest: dict[Name, Latest] = {}

    def take(self, partition: int, record: ClaimRecord) -> None:
        """A claim went through `partition`. One whose place has no id is passed over: the words of a text are no name."""
        claim = record.claim
        if not counts(claim) or (claim.place and not claim.place.id):
            return
        name = Name(claim.indicator or "", (claim.place.id or "") if claim.place else "", claim.unit or "", claim.period)
        known = self._latest.get(name)
        if known and known.published > record.published:
            return
        self._latest[name] = Latest(partition, record.published, claim.low, claim.high, claim.point)
        if len(self._latest) > self._limit:
            del self._latest[min(self._latest, key=lambda one: self._latest[one].published)]

    def keep(self, partitions: Collection[int]) -> None:
        """Forget the figures of all other partitions: another worker shows them."""
        self._latest = {name: one for name, one in self._latest.items() if one.partition in partitions}

    def standing(self, clocks: Mapping[int, datetime]) -> Iterator[tuple[Name, Latest]]:
        """What stands at the clocks of the partitions; without the clock of its partition a figure is not told now."""
        for name, one in list(self._latest.items()):
            clock = clocks.get(one.partition)
            if clock and one.published >= clock - VALID_FOR:
                yield name, one
            elif clock:
                del self._latest[name]


def counts(claim: Claim) -> bool:
    """Could an alert on levels stand on this figure?"""
    return claim.modality == "asserted" and claim.kind != "change" and claim.scope == "total"
