"""One record of `claims`: decode, judge, publish the alerts, and only then write the state. Never raises."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiokafka.errors import KafkaError

from schemas.alert import Alert
from schemas.claims import ClaimRecord, Record, RulesChange, decode_record
from schemas.codec import SchemaError, encode
from streams.core.intake import Rejected
from streams.core.report import cloud_event
from streams.core.reported import Reported
from streams.live.outgoing import CANNOT_SEND, Headers, Outgoing, TooLargeError, leave, send, timestamp, traced
from streams.live.tables import Ensure, Partitions, State
from streams.observe.logs import fields
from streams.observe.metrics.worker import WorkerMetrics

log = logging.getLogger(__name__)

Refuse = Callable[[Any, Rejected, Exception | None, str], Awaitable[None]]


class Watching:
    """The watch stage."""

    def __init__(
        self,
        topics: dict[str, Any],
        metrics: WorkerMetrics,
        state: State,
        partitions: Partitions,
        ensure: Ensure,
        refuse: Refuse,
        reported: Reported,
    ) -> None:
        self._topics = topics
        self._metrics = metrics
        self._state = state
        self._partitions = partitions
        self._ensure = ensure
        self._refuse = refuse
        self._reported = reported

    async def handle(self, message: Any) -> None:
        """Judge one claim. A record that is no claim is a dead letter."""
        try:
            record = decode_record(message.value)
        except SchemaError as error:
            await self._refuse(message, Rejected(error.reason, str(error)), None, "watch")
            return
        try:
            with self._metrics.stage.labels("watch").time():
                rejected = await self._judge(message, record)
            if rejected:
                await self._refuse(message, rejected, None, "watch")
        except (KafkaError, OSError) as error:
            leave(f"the rules could not be read: {error!r}", CANNOT_SEND)
        except TooLargeError as error:
            await self._refuse(message, Rejected("unexpected", f"an alert is too large for the broker: {error}"), error, "watch")
        except Exception as error:
            log.exception("unexpected error at %s-%d offset %d", message.topic, message.partition, message.offset)
            await self._refuse(message, Rejected("unexpected", str(error)[:500] or type(error).__name__), error, "watch")

    async def _judge(self, message: Any, record: Record) -> Rejected | None:
        """Publish and remember what `record` does. Raises aiokafka's errors where the rules cannot be read."""
        watch = await self._partitions.open(message.partition)
        if isinstance(record, RulesChange):
            await self._ensure(record.hash)
        verdict = watch.apply(record, timestamp(message), message.offset)
        if verdict.rejected:
            return verdict.rejected
        now = datetime.now(UTC)
        trace = traced(message, extension=True)
        await send([out for alert in verdict.alerts for out in self._records(alert, now, trace)])
        watch.settle(verdict, self._state.write)
        if isinstance(record, ClaimRecord):
            self._reported.take(message.partition, record)
        for (rule, result), count in verdict.tallies.items():
            self._metrics.judged.labels(rule, result).inc(count)
        for judged in verdict.judged:
            self._metrics.rule_judged(judged)
        for alert in verdict.alerts:
            self._metrics.alert_published(alert, now)
            log.info("alert %s", alert.transition, extra=_about(alert))
        return None

    def _records(self, alert: Alert, now: datetime, trace: Headers) -> list[Outgoing]:
        value = encode(replace(alert, times=replace(alert.times, emitted_at=now)))
        key = alert.fingerprint.encode()
        names = ("alerts", "alerts.state") if alert.mode == "live" else ("alerts.shadow",)
        return [Outgoing(self._topics[name], key, value, [*cloud_event(alert), *trace]) for name in names]


def _about(alert: Alert) -> dict[str, Any]:
    """What a log line says of an alert: ids, no text."""
    return fields(
        rule=alert.rule.id,
        alert_level=alert.level,
        reason=alert.reason,
        fingerprint=alert.fingerprint,
        event_id=alert.event_id,
        article=alert.evidence[0].document if alert.evidence else None,
    )
