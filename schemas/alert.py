"""The alert record: one transition of one alert, with the evidence that proves it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from schemas.article import Moment
from schemas.figure import Bound, Number, Period, Reference

Mode = Literal["live", "replay", "test", "shadow"]
Transition = Literal["pending", "firing", "escalated", "deescalated", "updated", "repeated", "resolved", "expired", "retracted", "closed"]
Direction = Literal["above", "below"]
Grade = Literal["certain", "probable", "possible", "no"]
Notification = Literal[
    "due",  # receivers are to be told
    "pending",  # the level is not confirmed yet
    "late",  # the figure came later than the rule allows
    "unlisted",  # the rule does not list the transition under `notify.on`
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule that was in force, by id and by the hash of the rule set it came in."""

    id: str
    title: str
    rules_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What was asked: the threshold of the event's level, and the value that takes it back."""

    direction: Direction
    at: Number
    reset: Number
    unit: str
    per: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """How a total of a known period became a figure per the rule's period: value x factor."""

    value: Number | None
    per: Period
    factor: float
    days: float
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The figure that decided, as an interval in the rule's unit and period."""

    text: str
    low: Number | None
    high: Number | None
    low_closed: bool = True
    high_closed: bool = True
    point: Number | None = None
    bound: Bound
    grade: Grade
    normalised_from: Normalised | None = None
    reference: Reference | None = None
    effective_end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The sentence that proves a figure, and where it stands. Spans are character offsets into the article's text."""

    claim_id: str
    indicator: str
    sentence: str
    sentence_span: tuple[int, int]
    quote: str
    quote_span: tuple[int, int]
    document: str
    version: int
    url: str | None
    title: str | None
    publisher: str | None
    origin_id: str
    place: str | None
    attribution: str | None
    attribution_id: str | None
    published_at: Moment
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Corroboration:
    """How many independent voices stand behind the level, and how many the rule requires."""

    origins: int
    publishers: int
    attributions: int
    required: int
    contested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """`emitted_at` is the only field of an alert that may differ when the same log is processed again."""

    started_at: Moment
    event_time: Moment
    published_at: Moment
    ingested_at: Moment
    emitted_at: Moment | None = None
    expires_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Whether receivers are to be told, and how long one level is not told again."""

    decision: Notification
    cooldown: float = 0.0
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The value of `alerts`; its key is the fingerprint, its headers are CloudEvents 1.0 in Kafka binary mode."""

    schema: Literal["alert/1"] = "alert/1"
    mode: Mode
    event_id: str
    alert_id: str
    fingerprint: str
    episode: int
    sequence: int
    transition: Transition
    reason: str
    level: str | None
    previous_level: str | None
    rule: Rule
    group: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    condition: Condition
    value: Value
    evidence: tuple[Evidence, ...] = ()
    corroboration: Corroboration
    times: Times
    late: bool = False
    summary: str = ""
    notify: Notify = Notify(decision="due")
