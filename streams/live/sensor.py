"""What Faust tells of its own work, as our metrics: records taken and finished, commits, rebalances. In seconds."""

import logging
from time import monotonic, time
from typing import Any

from faust.sensors import Sensor

from streams.observe.metrics.worker import WorkerMetrics

Place = tuple[str, int]
"""Topic and partition."""


class Progress(Sensor):
    """Hears of every record that Faust takes and finishes. `finished` says how old the last one was."""

    logger = logging.getLogger("faust.sensors")

    def __init__(self, metrics: WorkerMetrics, articles: str) -> None:
        super().__init__()
        self._metrics = metrics
        self._articles = articles
        self.finished: dict[Place, float] = {}
        """The timestamp (Unix time) of the last record that went through, by its place."""

    def on_message_in(self, tp: Any, offset: int, message: Any) -> None:
        """A record of an input topic reached an agent."""
        if tp.topic == self._articles:
            self._metrics.consumed.inc()
            self._metrics.last_article.set_to_current_time()

    def on_message_out(self, tp: Any, offset: int, message: Any) -> None:
        """An agent is done with it."""
        self.finished[tp.topic, tp.partition] = min(message.timestamp or 0.0, time())

    def on_commit_initiated(self, consumer: Any) -> float:
        """Offsets are about to be committed."""
        return monotonic()

    def on_commit_completed(self, consumer: Any, state: float) -> None:
        """The broker has them."""
        self._metrics.commit.observe(monotonic() - state)

    def on_rebalance_end(self, app: Any, state: dict[str, float]) -> None:
        """Partitions were shared out again, and their state is restored."""
        self._metrics.rebalance.observe(monotonic() - state["time_start"])
