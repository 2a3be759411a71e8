"""The records of delivery: what is to be sent, who was told what, what came of each try, what is kept silent, who is disabled.

The notifier keeps all its state in them. `outbox` and `notified` are partitioned as `alerts` is, so that the owner of a partition
owns what follows from it; `silences` and `receivers` are read whole by every notifier.
"""

from dataclasses import dataclass, field
from typing import Literal

from schemas.alert import Alert, Transition
from schemas.article import Moment

Operator = Literal["=", "!=", "=~", "!~"]
Reason = Literal[
    "server_error",  # 5xx
    "rate_limited",  # 429
    "gone",  # 410: the receiver wants no more
    "rejected",  # any other 4xx
    "redirected",  # 3xx, which is never followed
    "timeout",  # no answer in time
    "connection",  # no connection, or one that ended before the answer
    "address",  # the receiver's address is one that may not be called
    "refused",  # the chat service did not take it
    "disabled",  # the receiver is disabled
    "removed",  # the receiver is no longer in the file
]
Outcome = Literal[
    "delivered",  # the receiver has it
    "retrying",  # this try failed; another comes at `next_at`
    "failed",  # given up, for `reason`
    "collapsed",  # a later event of the alert says it too
    "unsent",  # the alert ended before its beginning was delivered
    "silenced",  # kept back by a silence
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition on a label. Regular expressions match the whole value; a label that is missing is empty."""

    name: str
    op: Operator
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The value of `silences`; its key is the id. From `starts_at` to before `ends_at` alerts that match are not told."""

    schema: Literal["silence/1"] = "silence/1"
    id: str
    matchers: tuple[Matcher, ...]
    author: str
    comment: str
    created_at: Moment
    starts_at: Moment
    ends_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverState:
    """The value of `receivers`; its key is the receiver's name. A receiver without one is enabled."""

    schema: Literal["receiver/1"] = "receiver/1"
    name: str
    state: Literal["enabled", "disabled"]
    generation: int
    """Grows with every change, so that two notifiers that find the same fault make the same notice."""
    reason: Reason | None = None
    detail: str = ""
    at: Moment
    partition: int | None = None
    """Of `outbox`, in which the notices that it is disabled went out; None: there were none."""
    told: tuple[str, ...] = ()
    """To whom they went: these hear too when it is enabled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What newsgauge has to say of its own delivery: a receiver was disabled, or is enabled again. Goes to the other receivers."""

    schema: Literal["notice/1"] = "notice/1"
    event_id: str
    kind: Literal["receiver_disabled", "receiver_enabled"]
    receiver: str
    """The one that was disabled."""
    reason: Reason
    """Why it was."""
    at: Moment
    since: Moment | None = None
    """Of one that is enabled again: when it was disabled."""
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """The value of `outbox`; its key is receiver|event_id. One event on its way to one receiver; gone (a tombstone) once settled.

    Either `alert` or `notice` is there.
    """

    schema: Literal["outbox/1"] = "outbox/1"
    receiver: str
    event_id: str
    fingerprint: str
    """Of the alert; of a notice `receiver:` and the name. Entries of one receiver and fingerprint are sent in order."""
    offset: int | None
    """Where the alert lies in the partition of `alerts` with the number of this one."""
    created_at: Moment
    due_at: Moment
    """When the next try may begin."""
    attempt: int = 0
    """Tries begun."""
    first_tried_at: Moment | None = None
    in_flight: bool = False
    """A try has begun whose outcome is not written yet."""
    unsure: bool = False
    """Some try ended without an answer, so that the receiver may have the event."""
    by_hand: bool = False
    """Asked for with `newsgauge deliveries redeliver`."""
    traceparent: str | None = None
    alert: Alert | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one receiver was told last of one alert."""

    alert_id: str
    event_id: str
    offset: int
    transition: Transition
    level: str | None
    at: Moment
    open: bool
    """Whether the receiver has still to hear of the alert's end."""
    sure: bool = True
    """False: it may have arrived, but every try ended without an answer."""
    levels: dict[str, Moment] = field(default_factory=dict)
    """When each level was last told, in any episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Up to which event an episode was taken over from `alerts`."""

    alert_id: str
    episode: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A value of `notified`; its key is the fingerprint. What was taken over from `alerts`, and who was told what."""

    schema: Literal["notified/1"] = "notified/1"
    fingerprint: str
    seen: tuple[Seen, ...]
    """The newest episodes, the newest last."""
    told: dict[str, Told] = field(default_factory=dict)
    """By receiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The value of `notified` under the key `position`: the next offset of `alerts` to take over into this partition's outbox."""

    schema: Literal["position/1"] = "position/1"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The value of `deliveries`; its key is receiver|event_id. One try, or one decision not to send."""

    schema: Literal["delivery/1"] = "delivery/1"
    at: Moment
    receiver: str
    integration: str
    """`apprise`, or the format of a webhook: `newsgauge`, `alertmanager`, `slack`."""
    outcome: Outcome
    reason: Reason | None = None
    event_id: str
    fingerprint: str
    alert_id: str | None
    """None: a notice."""
    rule: str | None = None
    transition: str
    """Of an alert; of a notice its kind."""
    level: str | None = None
    offset: int | None = None
    """Where the alert lies in the partition of `alerts` with the number of this one."""
    attempt: int = 0
    status: int | None = None
    """The HTTP status that was answered."""
    detail: str = ""
    seconds: float | None = None
    """How long the try took."""
    next_at: Moment | None = None
    silence: str | None = None
    """The id of the silence that kept it back."""
