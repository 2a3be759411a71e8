"""One record of `articles`: decode, receive, enrich, publish; what cannot be read becomes a dead letter. Never raises."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

from schemas.article import Article
from schemas.codec import SchemaError, decode, encode
from schemas.enriched import Enriched
from streams.core.enrich import enrich, records, revision
from streams.core.intake import Rejected, receive
from streams.live.outgoing import Outgoing, TooLargeError, dead_letter, send, timestamp, traced
from streams.observe.logs import fields
from streams.observe.metrics.worker import WorkerMetrics

log = logging.getLogger(__name__)


class Enriching:
    """The enrich stage. `topics` are the Faust topics by name, of `partitions` partitions; `alarm` hears of each unexpected exception."""

    def __init__(
        self,
        topics: dict[str, Any],
        metrics: WorkerMetrics,
        executor: Executor,
        alarm: Callable[[BaseException], None],
        *,
        partitions: int,
        entities: bool,
        max_text: int,
    ) -> None:
        self._topics = topics
        self._metrics = metrics
        self._executor = executor
        self._alarm = alarm
        self._partitions = partitions
        self._spans = () if entities else None
        self._max_text = max_text

    async def handle(self, message: Any) -> None:
        """Everything that one record asks for, acknowledged by the broker."""
        moment = timestamp(message)
        error: Exception | None = None
        try:
            with self._metrics.stage.labels("enrich").time():
                read = await asyncio.get_running_loop().run_in_executor(self._executor, self._read, message.value, moment)
            if isinstance(read, Enriched):
                await self._publish(message, read)
                return
        except TooLargeError as too_large:
            read = Rejected("unexpected", f"what was read from it is too large for the broker: {too_large}")
        except Exception as unexpected:
            read, error = Rejected("unexpected", str(unexpected)[:500] or type(unexpected).__name__), unexpected
            log.exception("unexpected error at %s-%d offset %d", message.topic, message.partition, message.offset)
        await self.refuse(message, read, error, "enrich")
        self._metrics.articles.labels("dead").inc()

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

    def _read(self, value: bytes | None, moment: datetime) -> Enriched | Rejected:
        """The CPU work, in the executor's thread."""
        try:
            article = decode(value, Article)
        except SchemaError as error:
            return Rejected(error.reason, str(error))
        document = receive(article, timestamp=moment, max_text=self._max_text)
        return document if isinstance(document, Rejected) else enrich(document, self._spans)

    async def _publish(self, message: Any, enriched: Enriched) -> None:
        found, trace = records(enriched), traced(message)
        claims = self._topics["claims"]
        out = [Outgoing(claims, family.encode(), encode(record), trace) for family, record in found]
        later = revision(enriched)
        if later:
            out += [Outgoing(claims, None, encode(later), trace, partition=number) for number in range(self._partitions)]
        key = message.key or enriched.document.encode()
        await send([*out, Outgoing(self._topics["articles.enriched"], key, encode(enriched), trace)])
        self._metrics.article_enriched(enriched, [record.claim for _, record in found])
