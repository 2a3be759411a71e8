"""What the notifier says of itself: what was sent to whom, what waits, and what was kept back."""

from typing import ClassVar

from streams.observe.metrics.base import LATENCY, Metrics

__all__ = ["NotifierMetrics"]

_INTEGRATION = ("webhook", "alertmanager", "chat")
_FAILURES = ("refused", "timeout", "unreachable", "rate_limited", "server_error", "gone", "forbidden_address")


class NotifierMetrics(Metrics):
    """The metrics of the notifier."""

    FILES: ClassVar = ("receivers",)

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.sent = self.counter(
            "newsgauge_notifications_total", "Notifications that a receiver has taken, by integration.", {"integration": _INTEGRATION}
        )
        self.failed = self.counter(
            "newsgauge_notifications_failed_total",
            "Tries that a receiver has not taken, by integration and reason.",
            {"integration": _INTEGRATION, "reason": _FAILURES},
        )
        self.suppressed = self.counter(
            "newsgauge_notifications_suppressed_total",
            "Alert events that a receiver was not told of, by reason.",
            {"reason": ("not_listed", "silenced", "cooldown", "late", "ended_undelivered", "collapsed", "not_live")},
        )
        self.seconds = self.histogram(
            "newsgauge_notification_seconds", "Time of one try, from the connection to the answer.", LATENCY, {"integration": _INTEGRATION}
        )
        self.pending = self.gauge("newsgauge_outbox_pending", "Notifications that wait to be delivered.")
        self.oldest = self.gauge(
            "newsgauge_outbox_oldest_timestamp_seconds", "When the notification that waits longest was put there; 0 without any."
        )
        self.disabled = self.gauge("newsgauge_receivers_disabled", "Receivers to which nothing is sent any more.")
        self.receivers = self.gauge("newsgauge_receivers", "Receivers of the file.")
