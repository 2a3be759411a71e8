"""What the endpoints answer, as records: for the OpenAPI document, and for what is not put together from bytes at hand."""

from dataclasses import dataclass
from typing import Literal

from schemas.alert import Alert, Direction
from schemas.figure import Number, Period, Scope
from streams.api.figures import Figure, Series
from streams.core.rules import Rule, RuleSet

__all__ = [
    "AlertHistory",
    "Alerts",
    "Figures",
    "PlaceNames",
    "Places",
    "RuleLevel",
    "RuleShown",
    "Rules",
    "SeriesNames",
    "Status",
    "rules_shown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts, each as its latest event left it; the newest start comes first. Also the data of the stream's event `reset`."""

    alerts: tuple[Alert, ...]
    next: str | None
    """Give it as `after` for the alerts that follow; null: there are none."""
    cursor: str
    """Give it to the stream as `cursor`, and it goes on from where this answer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """One alert: its latest event, and all of its events that are held, in order."""

    alert: Alert
    history: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Reported figures, the newest publication first."""

    figures: tuple[Figure, ...]
    next: str | None
    """Give it as `after` for older figures; null: there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesNames:
    """Every series of which figures are held."""

    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLevel:
    """One threshold, and the value that takes it back."""

    level: str
    at: Number
    reset: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShown:
    """What a rule watches and when it fires. `place` holds, or every place `within`."""

    id: str
    title: str
    indicators: tuple[str, ...]
    place: str | None
    within: str | None
    scope: Scope
    unit: str
    per: Period | None
    direction: Direction
    levels: tuple[RuleLevel, ...]
    """From the mildest to the gravest."""
    min_origins: int
    labels: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The live rules that are in force."""

    rules_hash: str | None
    """Null where no rules were ever put in force."""
    rules: tuple[RuleShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNames:
    """A place for people: its own name, then those of the state and the country that it lies in, where it does."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The places asked for that there are."""

    places: tuple[PlaceNames, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the process is."""

    status: Literal[
        "alive",  # the process answers
        "ready",  # the history is rebuilt and Kafka answers
        "rebuilding",  # the history is being read from Kafka
        "disconnected",  # Kafka does not answer; what was read is still served
    ]


def rules_shown(current: RuleSet | None) -> Rules:
    """A rule set as subscribers may see it: rules in `shadow` or `off` are nobody's business."""
    if current is None:
        return Rules(rules_hash=None, rules=())
    return Rules(rules_hash=current.hash, rules=tuple(_shown(rule) for rule in current.rules if rule.state == "live"))


def _shown(rule: Rule) -> RuleShown:
    return RuleShown(
        id=rule.id,
        title=rule.title,
        indicators=rule.match.indicator,
        place=rule.match.place.is_ if rule.match.place else None,
        within=rule.match.place.within if rule.match.place else None,
        scope=rule.match.scope,
        unit=rule.value.unit,
        per=rule.value.per,
        direction=rule.when.direction,
        levels=tuple(RuleLevel(level=level.level, at=level.at, reset=level.back) for level in rule.when.levels),
        min_origins=rule.confirm.min_origins,
        labels=rule.labels,
    )
