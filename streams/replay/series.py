"""What a chart of a backtest shows of one series: the figures that a rule took, in a number of columns that does not grow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from schemas.claims import ClaimRecord
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.matching import Matched, match
from streams.core.rules import Rule, RuleSet
from streams.replay.compare import Key

__all__ = ["Column", "Figures"]

MAX_COLUMNS = 400
"""Columns that a series keeps; when there are twice as many, neighbours are put together."""
MAX_SERIES = 5_000
"""Series of which figures are kept; those that come later have none, and their charts say so."""


@dataclass(frozen=True, slots=True)
class Column:
    """The figures of some time, in the rule's unit and period: from the lowest end to the highest, and the last best estimate.

    `open`: one of them had no upper end.
    """

    start: datetime
    end: datetime
    low: float
    high: float
    point: float | None
    open: bool
    figures: int = 1

    def joined(self, other: "Column") -> "Column":
        """Both as one; `other` is later."""
        return Column(
            min(self.start, other.start),
            max(self.end, other.end),
            min(self.low, other.low),
            max(self.high, other.high),
            self.point if other.point is None else other.point,
            self.open or other.open,
            self.figures + other.figures,
        )


@dataclass(slots=True)
class Figures:
    """The figures that the rules of any of `sets` take, by rule and group."""

    sets: tuple[RuleSet, ...]
    by_key: dict[Key, list[Column]] = field(default_factory=dict)
    _families: tuple[dict[str, tuple[Rule, ...]], ...] = ()

    def __post_init__(self) -> None:
        self._families = tuple(one.families(dict(FAMILY_OF)) for one in self.sets)

    def take(self, record: ClaimRecord) -> None:
        """Take one claim; of a rule that is in several sets, the first that takes the claim speaks for all."""
        taken: set[str] = set()
        for families in self._families:
            for rule in families.get(record.claim.family or "", ()):
                found = match(rule, record, within) if rule.id not in taken else None
                if isinstance(found, Matched):
                    taken.add(rule.id)
                    self._add((rule.id, found.group), record.published, found)

    def _add(self, key: Key, at: datetime, found: Matched) -> None:
        columns = self.by_key.get(key)
        if columns is None:
            if len(self.by_key) >= MAX_SERIES:
                return
            columns = self.by_key[key] = []
        figure = found.normal.figure
        stated = [float(end) for end in (figure.low, figure.high, figure.point) if end is not None]
        if not stated:
            return
        low = 0.0 if figure.low is None else float(figure.low)
        columns.append(Column(at, at, low, max(stated), None if figure.point is None else float(figure.point), figure.high is None))
        if len(columns) >= 2 * MAX_COLUMNS:
            columns.sort(key=lambda column: column.start)
            columns[:] = [_joined(columns[place : place + 2]) for place in range(0, len(columns), 2)]

    def columns(self, key: Key) -> list[Column]:
        """The columns of a series, in order of time."""
        return sorted(self.by_key.get(key, ()), key=lambda column: column.start)


def _joined(some: Iterable[Column]) -> Column:
    return reduce(Column.joined, some)
