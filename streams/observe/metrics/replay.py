"""What a replay says of itself when it is done: it is a job, so a file for the textfile collector of Prometheus' node exporter."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from prometheus_client import write_to_textfile

from streams.observe.metrics.base import Metrics
from streams.observe.metrics.words import TRANSITIONS

__all__ = ["ReplayMetrics"]


class ReplayMetrics(Metrics):
    """The metrics of one replay, the last that was done."""

    SERVES: ClassVar = False

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.records = self.gauge(
            "newsgauge_replay_records",
            "Records of the last replay, by what they were or became.",
            {"what": "words of the replay's summary"},
        )
        self.alerts = self.gauge("newsgauge_replay_alerts", "Alert events of the last replay.", {"transition": TRANSITIONS})
        self.seconds = self.gauge("newsgauge_replay_duration_seconds", "How long the last replay took.")
        self.done = self.gauge("newsgauge_replay_last_success_timestamp_seconds", "When the last replay was done.")

    def write(self, path: Path, counts: Mapping[str, int], events: Mapping[str, int], seconds: float) -> None:
        """Fill in what a replay came to and write it to `path`, whole or not at all. OSError where that cannot be."""
        for what, count in counts.items():
            self.records.labels(what).set(count)
        for transition, count in events.items():
            self.alerts.labels(transition).set(count)
        self.seconds.set(seconds)
        self.done.set_to_current_time()
        write_to_textfile(str(path), self.registry)
