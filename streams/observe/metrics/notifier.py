"""What the notifier says of itself: what was sent to whom, what waits, and what was kept back."""

from typing import ClassVar, Literal, get_args

from schemas.delivery import Reason
from streams.core.delivery.receivers import Integration
from streams.core.delivery.routing import Suppression
from streams.observe.metrics.base import LATENCY, Metrics

__all__ = ["NotifierMetrics", "State"]

State = Literal["starting", "ready", "no_broker"]
"""What a notifier is doing: `ready` is the only state in which alerts are delivered."""
_INTEGRATION = {"integration": get_args(Integration)}
_FAILURE = _INTEGRATION | {"reason": get_args(Reason)}
_PARTITION = "partitions of this notifier"


class NotifierMetrics(Metrics):
    """The metrics of the notifier."""

    FILES: ClassVar = ("receivers",)

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.sent = self.counter("newsgauge_notifications_total", "Notifications that a receiver has taken, by integration.", _INTEGRATION)
        self.failed = self.counter(
            "newsgauge_notifications_failed_total",
            "Tries that a receiver has not taken, by integration and reason.",
            _FAILURE,
        )
        self.given_up = self.counter(
            "newsgauge_notifications_given_up_total",
            "Notifications that are not tried any more, by integration and reason.",
            _FAILURE,
        )
        self.suppressed = self.counter(
            "newsgauge_notifications_suppressed_total",
            "Alert events that nobody, or one receiver, was not told of, by reason.",
            {"reason": get_args(Suppression)},
        )
        self.seconds = self.histogram(
            "newsgauge_notification_seconds", "Time of one try, from the connection to the answer.", LATENCY, _INTEGRATION
        )
        self.pending = self.gauge(
            "newsgauge_outbox_pending", "Notifications that wait to be delivered, in the partitions of this notifier."
        )
        self.oldest = self.gauge(
            "newsgauge_outbox_oldest_timestamp_seconds",
            "Since when the notification that waits longest should be out; 0 without any. Cooldown does not count.",
        )
        self.disabled = self.gauge("newsgauge_receivers_disabled", "Receivers of the file to which nothing is sent any more.")
        self.receivers = self.gauge("newsgauge_receivers", "Receivers of the file.")
        self.lag = self.gauge(
            "newsgauge_consumer_lag_records", "Records not yet processed.", {"topic": "topics that it reads", "partition": _PARTITION}
        )
