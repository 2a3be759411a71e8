"""What one step changes, gathered for one transaction: outbox, who was told what, the log of deliveries, a receiver's state."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self

from schemas.codec import encode
from schemas.delivery import Notice, Notified, OutboxEntry, Position, ReceiverState, Seen
from streams.core.delivery import notices
from streams.core.delivery.lane import Lane, Settled, delivery
from streams.core.delivery.retry import Attempt
from streams.notify.followed import Followed
from streams.notify.store import POSITION, Write, outbox_key
from streams.observe.metrics.notifier import NotifierMetrics
from streams.topics import DELIVERIES, NOTIFIED, OUTBOX, RECEIVERS

__all__ = ["Batch"]

_SUPPRESSED = frozenset({"silenced", "collapsed", "unsent"})


class Batch:
    """Changes of partition `number`. Of the outbox the last word on each entry is written, of the log every line."""

    def __init__(self, number: int, followed: Followed, metrics: NotifierMetrics, integration: Callable[[str], str]) -> None:
        self._number = number
        self._followed = followed
        self._metrics = metrics
        self._integration = integration
        self._outbox: dict[str, OutboxEntry | None] = {}
        self._others: list[Write] = []
        self.told: set[str] = set()
        """Fingerprints of which something else is known now."""
        self.started: list[OutboxEntry] = []
        """Entries to send once this is written."""
        self.disabled: list[ReceiverState] = []
        """Receivers that are disabled once this is written."""

    def put(self, entry: OutboxEntry) -> None:
        """The entry is now so."""
        self._outbox[outbox_key(entry)] = entry

    def drop(self, entry: OutboxEntry) -> None:
        """The entry is settled."""
        self._outbox[outbox_key(entry)] = None

    def at(self, position: int) -> Self:
        """Everything before `position` in `alerts` is taken over."""
        self._others.append(Write(NOTIFIED, POSITION, encode(Position(offset=position)), self._number))
        return self

    def log(
        self, settled: Settled, attempt: Attempt | None, now: datetime, *, next_at: datetime | None = None, silence: str | None = None
    ) -> None:
        """A line of the log of deliveries."""
        line = delivery(settled, attempt, self._integration(settled.entry.receiver), now, next_at, silence)
        self._others.append(Write(DELIVERIES, outbox_key(settled.entry).encode(), encode(line), self._number))
        if settled.outcome in _SUPPRESSED:
            self._metrics.suppressed.labels(settled.outcome).inc()
        elif settled.outcome == "failed":
            self._metrics.given_up.labels(line.integration, settled.reason).inc()

    def disable(self, name: str, attempt: Attempt, now: datetime, others: tuple[str, ...]) -> Notice | None:
        """The receiver is disabled from now on; what the others are to hear. None where it was disabled before."""
        known = self._followed.receivers.get(name)
        if self._followed.disabled(name) or attempt.reason is None:
            return None
        generation = known.generation + 1 if known else 1
        state = ReceiverState(
            name=name,
            state="disabled",
            generation=generation,
            reason=attempt.reason,
            detail=attempt.detail,
            at=now,
            partition=self._number,
            told=others,
        )
        self.disabled.append(state)
        self._others.append(Write(RECEIVERS, name.encode(), encode(state)))
        return notices.disabled(state)

    def records(self, told: Mapping[str, tuple[tuple[Seen, ...], Mapping[str, Lane]]]) -> list[Write]:
        """All of it. `told`: what is known of the fingerprints in `self.told`."""
        entries = [
            Write(OUTBOX, key.encode(), encode(entry) if entry is not None else None, self._number) for key, entry in self._outbox.items()
        ]
        known = [Write(NOTIFIED, name.encode(), encode(_notified(name, seen, lanes)), self._number) for name, (seen, lanes) in told.items()]
        return [*entries, *known, *self._others]


def _notified(fingerprint: str, seen: tuple[Seen, ...], lanes: Mapping[str, Lane]) -> Notified:
    return Notified(fingerprint=fingerprint, seen=seen, told={name: lane.told for name, lane in lanes.items() if lane.told is not None})
