"""One record of `articles`: have it read, publish what was read; what cannot be read becomes a dead letter. Never raises."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from streams.core.intake import Rejected
from streams.live.outgoing import Outgoing, TooLargeError, dead_letter, send, traced
from streams.live.readahead import ReadAhead
from streams.live.reading import Read
from streams.observe.logs import fields
from streams.observe.metrics.worker import WorkerMetrics

log = logging.getLogger(__name__)


class ReadingError(Exception):
    """An exception in the reading process, as it was told."""


class Enriching:
    """The enrich stage. `topics` are the Faust topics by name, of `partitions` partitions; `alarm` hears of each unexpected exception."""

    def __init__(
        self, topics: dict[str, Any], metrics: WorkerMetrics, ahead: ReadAhead, alarm: Callable[[BaseException], None], *, partitions: int
    ) -> None:
        self._topics = topics
        self._metrics = metrics
        self._ahead = ahead
        self._alarm = alarm
        self._partitions = partitions

    async def handle(self, message: Any, waiting: Callable[[], Iterable[Any]] = tuple) -> None:
        """Everything that one record asks for, acknowledged by the broker. `waiting` tells the records behind it."""
        error: Exception | None = None
        try:
            read, seconds = await self._ahead.read(message, waiting)
            self._metrics.stage.labels("enrich").observe(seconds)
            if isinstance(read, Read):
                await self._publish(message, read)
                return
            if isinstance(read, Rejected):
                why = read
            else:
                why, error = Rejected("unexpected", read.error), ReadingError(read.error)
                log.error(
                    "unexpected error at %s-%d offset %d: %s", message.topic, message.partition, message.offset, read.trace or read.error
                )
        except TooLargeError as too_large:
            why = Rejected("unexpected", f"what was read from it is too large for the broker: {too_large}")
        except Exception as unexpected:
            why, error = Rejected("unexpected", str(unexpected)[:500] or type(unexpected).__name__), unexpected
            log.exception("unexpected error at %s-%d offset %d", message.topic, message.partition, message.offset)
        await self.refuse(message, why, error, "enrich")
        self._metrics.articles.labels("dead").inc()

    def forget(self) -> None:
        """Partitions are moving: drop what was read ahead."""
        self._ahead.forget()

    async def refuse(self, message: Any, why: Rejected, error: Exception | None, stage: str) -> None:
        """Put the record into the dead letters."""
        try:
            await send([dead_letter(self._topics["articles.dead"], message, why, stage, error)])
        except TooLargeError:
            log.error("a dead letter is too large for its topic: %s-%d offset %d", message.topic, message.partition, message.offset)
        where = fields(stage=stage, reason=why.reason, topic=message.topic, partition=message.partition, offset=message.offset)
        log.info("dead letter", extra=where)
        self._metrics.dead.labels(stage, why.reason).inc()
        if error:
            self._alarm(error)

    async def _publish(self, message: Any, read: Read) -> None:
        claims, trace = self._topics["claims"], traced(message)
        out = [Outgoing(claims, family.encode(), record, trace) for family, record in read.claims]
        if read.revision:
            out += [Outgoing(claims, None, read.revision, trace, partition=number) for number in range(self._partitions)]
        key = message.key or read.document.encode()
        await send([*out, Outgoing(self._topics["articles.enriched"], key, read.enriched, trace)])
        self._metrics.article_enriched(read.figures, read.flags, read.reported)
