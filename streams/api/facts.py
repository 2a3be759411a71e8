"""What a filter may ask of an alert, and the filter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Literal

from schemas.alert import Alert
from streams.core.entities import within

__all__ = ["ENDS", "Facts", "Filter", "State", "facts_of"]

SHARED = 10_000
"""Sets of places and of labels that events share in memory, since the events of one alert have the same."""
State = Literal["open", "pending", "ended"]
ENDS = frozenset({"resolved", "expired", "closed"})
"""Transitions after which an alert is over; a retraction is an end where it leaves no level."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One event, as far as a filter sees it."""

    event_id: str
    alert_id: str
    fingerprint: str
    episode: int
    sequence: int
    state: State
    level: str | None
    """Of an alert that ended: the level that it had."""
    rule: str
    places: frozenset[str]
    """The place of its group, and those that its evidence speaks of."""
    labels: dict[str, str]
    started_at: datetime


def facts_of(alert: Alert) -> Facts:
    """What `alert` leaves its subscribers with."""
    places = {alert.group.get("place"), *(evidence.place for evidence in alert.evidence)}
    return Facts(
        event_id=alert.event_id,
        alert_id=alert.alert_id,
        fingerprint=alert.fingerprint,
        episode=alert.episode,
        sequence=alert.sequence,
        state=_state(alert),
        level=alert.level or alert.previous_level,
        rule=intern(alert.rule.id),
        places=_places(frozenset(place for place in places if place)),
        labels=_labels(tuple((alert.labels | alert.group).items())),
        started_at=alert.times.started_at,
    )


@lru_cache(SHARED)
def _places(places: frozenset[str]) -> frozenset[str]:
    return places


@lru_cache(SHARED)
def _labels(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(labels)


def _state(alert: Alert) -> State:
    if alert.transition == "pending":
        return "pending"
    return "ended" if alert.transition in ENDS or alert.level is None else "open"


@dataclass(frozen=True, slots=True)
class Filter:
    """Every part that is set must hold; of the values of one part any."""

    states: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    """Each takes in what lies within it."""
    labels: tuple[tuple[str, str], ...] = ()
    """All must hold."""
    within: Callable[[str, str], bool] = field(default=within)

    @property
    def empty(self) -> bool:
        """Does everything pass?"""
        return not (self.states or self.levels or self.rules or self.places or self.labels)

    def passes(self, facts: Facts) -> bool:
        """Does the event interest whoever set the filter?"""
        return (
            (not self.states or facts.state in self.states)
            and (not self.levels or facts.level in self.levels)
            and (not self.rules or facts.rule in self.rules)
            and all(facts.labels.get(name) == value for name, value in self.labels)
            and (not self.places or any(self.within(place, region) for place in facts.places for region in self.places))
        )
