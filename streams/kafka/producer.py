"""Writing to Kafka: in batches, each record acknowledged by every replica in sync."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer

from streams.config import Settings
from streams.kafka.connection import client_options

__all__ = ["Writer"]

LINGER_MS = 20
BATCH_BYTES = 262_144
IN_FLIGHT = 2_000
REQUEST_ROOM = 1_048_576
"""What a request may be larger than the largest record."""

Done = Callable[[BaseException | None], None]


class Writer:
    """An idempotent producer with acks=all. `write` hands over and returns; `done` hears of each record once it is settled.

    At the end of the `async with` everything is settled. At most IN_FLIGHT records are unsettled at a time.
    """

    def __init__(self, settings: Settings) -> None:
        self._producer = AIOKafkaProducer(
            **client_options(settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=settings.max_message_bytes + REQUEST_ROOM,
        )
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._producer.stop()

    async def write(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
        done: Done,
    ) -> None:
        """Hands one record over. Raises aiokafka's errors where it cannot even be queued (too large, unknown topic)."""
        await self._slots.acquire()
        try:
            future = await self._producer.send(topic, value, key=key, headers=list(headers), partition=partition)
        except BaseException:
            self._slots.release()
            raise
        future.add_done_callback(lambda settled: self._settled(settled, done))

    def _settled(self, future: "asyncio.Future[object]", done: Done) -> None:
        self._slots.release()
        done(asyncio.CancelledError() if future.cancelled() else future.exception())
