"""What leaves the worker. Every send is awaited until the broker has it; only then does the worker's state move.

Faust commits a record whose agent raised, and forgets a send that failed unless it is awaited. So nothing here raises: a send is
tried again while the broker is away, and a worker that cannot send at all leaves the process, so that its input is not committed
and whoever supervises it starts it again.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError

from schemas.dead import DeadLetter, from_headers, to_headers
from schemas.trace import EXTENSION, HEADER, traceparent
from streams.core.intake import MAX_AHEAD, Rejected

log = logging.getLogger(__name__)

CANNOT_SEND = 75
"""Exit status (sysexits.h, EX_TEMPFAIL) of a worker that could not send."""
ATTEMPTS = 6
_TOO_LARGE = (MessageSizeTooLargeError, RecordTooLargeError, RecordListTooLargeError)

Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send. `topic` is a Faust topic of raw bytes."""

    topic: Any
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default_factory=list)
    partition: int | None = None
    """Where to; null: by the key."""


class TooLargeError(Exception):
    """The broker will never take this record: trying again is no use."""


async def send(records: Sequence[Outgoing]) -> None:
    """Send `records`, in order per topic and key, and wait for the broker. TooLargeError where one is refused for its size.

    A passing fault is retried with growing pauses (about a minute in all, beside the client's own retries); then the process ends.
    """
    for attempt in range(ATTEMPTS):
        try:
            await asyncio.gather(*[await _send(record) for record in records])
        except _TOO_LARGE as error:
            raise TooLargeError(str(error)) from error
        except (KafkaError, OSError) as error:
            log.warning("send failed, attempt %d of %d: %r", attempt + 1, ATTEMPTS, error)
            await asyncio.sleep(2**attempt)
        else:
            return
    leave("records could not be sent", CANNOT_SEND)


async def _send(record: Outgoing) -> Any:
    return await record.topic.send(key=record.key, value=record.value, headers=record.headers, partition=record.partition)


def leave(why: str, status: int) -> None:
    """End the process at once, without committing what is in work. The supervisor starts it again."""
    log.critical("leaving the process: %s", why)
    logging.shutdown()
    os._exit(status)


def dead_letter(topic: Any, message: Any, rejected: Rejected, stage: str, error: BaseException | None = None) -> Outgoing:
    """The record for `articles.dead`: key, value and headers as they came, and why."""
    original = tuple((name, None if value is None else bytes(value)) for name, value in _pairs(message.headers))
    earlier = from_headers(original)
    now = datetime.now(UTC)
    letter = DeadLetter(
        reason=rejected.reason,
        detail=rejected.detail,
        stage=stage,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        exception=f"{type(error).__name__}: {error}"[:500] if error else None,
        attempt=earlier.attempt + 1 if earlier else 1,
        first_failed=earlier.first_failed if earlier else now,
        program=f"newsgauge {version('newsgauge')}",
    )
    return Outgoing(topic, message.key, message.value, to_headers(letter, original))


def traced(message: Any, extension: bool = False) -> Headers:
    """The headers by which what comes of `message` belongs to its trace; on alerts with the attribute of CloudEvents."""
    found = traceparent((name, None if value is None else bytes(value)) for name, value in _pairs(message.headers))
    if found is None:
        return []
    return [(HEADER, found), *([(EXTENSION, found)] if extension else [])]


def _pairs(headers: Any) -> list[tuple[str, Any]]:
    if not headers:
        return []
    return list(headers.items()) if hasattr(headers, "items") else list(headers)


def timestamp(message: Any) -> datetime:
    """A record's own time (UTC); the clock's where the producer gave none, or one that cannot be."""
    seconds, now = message.timestamp or 0, datetime.now(UTC)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < (now + MAX_AHEAD).timestamp() else now
