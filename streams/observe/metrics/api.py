"""What the API says of itself: requests, and the clients that follow the stream of alerts."""

from typing import ClassVar

from streams.observe.metrics.base import LATENCY, Metrics

__all__ = ["ApiMetrics"]

_ROUTE = "routes of the API, as declared; `unknown`"
_PARTITION = "partitions of the topic"


class ApiMetrics(Metrics):
    """The metrics of the API."""

    FILES: ClassVar = ("tokens",)

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.requests = self.counter(
            "newsgauge_http_requests_total", "Requests answered, by route and status.", {"route": _ROUTE, "code": "HTTP status codes"}
        )
        self.seconds = self.histogram(
            "newsgauge_http_request_seconds", "Time to the answer; of a stream, to its first byte.", LATENCY, {"route": _ROUTE}
        )
        self.clients = self.gauge("newsgauge_sse_clients", "Clients that follow the stream of alerts now.")
        self.resumes = self.counter(
            "newsgauge_sse_resumes_total",
            "Streams that a client asked to go on with, by outcome.",
            {"outcome": ("resumed", "reset", "bad_cursor")},
        )
        self.cut = self.counter("newsgauge_sse_cut_total", "Clients that were cut off because they read too slowly.")
        self.refused = self.counter("newsgauge_sse_refused_total", "Streams that were refused because too many were open.")
        self.records = self.counter(
            "newsgauge_api_records_total",
            "Records read from Kafka, by topic and what became of them.",
            {"topic": ("alerts", "claims"), "outcome": ("taken", "repeated", "malformed", "not_live")},
        )
        self.lag = self.gauge(
            "newsgauge_api_lag_records",
            "Records of a partition that the API has not read yet.",
            {"topic": "topics it reads", "partition": _PARTITION},
        )
        self.held = self.gauge("newsgauge_api_held", "What the API holds in memory.", {"what": ("events", "figures", "open_alerts")})
