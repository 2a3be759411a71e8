"""What watch keeps between two records, as it is stored: clock, documents, series. The keys are those of pipeline.py."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from streams.core.assess import Series
from streams.core.transitions import Phase

__all__ = ["EARLIEST", "Age", "Brief", "Clock", "Group", "Known", "Mark", "Standing", "Stored"]

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

Group = tuple[tuple[str, str], ...]
"""Labels, sorted by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`time`: the greatest event time seen. `moved`: the time of the record in the log that moved it."""

    time: datetime = EARLIEST
    moved: datetime = EARLIEST

    def at(self, now: datetime) -> datetime:
        """Event time at the wall time `now`: it goes on from where the log left it."""
        return self.time + max(timedelta(0), now - self.moved)

    def reaches(self, moment: datetime) -> datetime:
        """The wall time at which event time is `moment`, if no record moves it before."""
        return self.moved + max(timedelta(0), moment - self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far the log is in the state: the `offset` of the last record, and the latest time (`newest`) at which any was written."""

    offset: int = -1
    newest: datetime = EARLIEST

    def passed(self, offset: int, at: datetime) -> bool:
        """Is the record at `offset`, written at `at`, one of those? One of a topic that was made again is not: it was written later."""
        return offset <= self.offset and at <= self.newest

    def moved(self, offset: int, at: datetime) -> "Mark":
        """The mark after that record."""
        return Mark(offset=offset, newest=max(at, self.newest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The stored form of `3|document|...`."""

    origin: str
    published: datetime
    version: int
    series: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """What of a stored origin or document says when it may be forgotten."""

    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The stored form of `3|series|<fingerprint>`. `wake_at`: when the clock alone changes it, or when it may be forgotten."""

    rule: str
    group: Group
    wake_at: datetime | None
    series: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Of a series: its phase and level."""

    phase: Phase = "idle"
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What of a stored series is kept in memory."""

    rule: str
    wake_at: datetime | None
    series: Standing

    @classmethod
    def of(cls, stored: Stored) -> "Brief":
        """The brief of a series at hand."""
        return cls(rule=stored.rule, wake_at=stored.wake_at, series=Standing(phase=stored.series.phase, level=stored.series.level))
