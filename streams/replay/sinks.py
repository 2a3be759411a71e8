"""Where the alerts of a replay go. None of these is a topic of the flow: nothing that was replayed may reach a subscriber."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from aiokafka import AIOKafkaProducer

from schemas.alert import Alert
from schemas.codec import encode
from streams.config import Settings
from streams.core.report import cloud_event
from streams.kafka.admin import Admin
from streams.kafka.connection import client_options
from streams.replay.sources import ReplayError
from streams.topics import TOPICS

__all__ = ["FileSink", "ShowSink", "Sink", "TopicSink"]


class Sink(Protocol):
    """Takes alerts in order."""

    async def open(self, written: int) -> None:
        """Begin after the first `written` bytes, where there are bytes."""

    async def write(self, alert: Alert) -> None:
        """Take one alert."""

    async def settle(self) -> int:
        """Have everything safe; how many bytes there are now."""

    async def close(self) -> None:
        """The end."""


class FileSink:
    """JSON lines in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO | None = None

    async def open(self, written: int) -> None:
        try:
            self._stream = stream = self._path.open("r+b" if written else "wb")
        except OSError as error:
            raise ReplayError(f"{self._path} cannot be written: {error.strerror}.") from None
        if stream.seek(0, os.SEEK_END) < written:
            raise ReplayError(f"{self._path} is shorter than it was when the replay stopped: remove {self._path}.progress to begin anew.")
        stream.seek(written)
        stream.truncate()

    async def write(self, alert: Alert) -> None:
        assert self._stream is not None
        self._stream.write(encode(alert) + b"\n")

    async def settle(self) -> int:
        assert self._stream is not None
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._stream.tell()

    async def close(self) -> None:
        if self._stream:
            self._stream.close()


class ShowSink:
    """Hands each alert to a function: the terminal, a list."""

    def __init__(self, show: Callable[[Alert], None]) -> None:
        self._show = show

    async def open(self, written: int) -> None:
        return

    async def write(self, alert: Alert) -> None:
        self._show(alert)

    async def settle(self) -> int:
        return 0

    async def close(self) -> None:
        return


class TopicSink:
    """A topic that is none of the flow's, made where it is missing. Keys and headers are those of `alerts`."""

    def __init__(self, settings: Settings, name: str) -> None:
        if any(name in (topic.named(settings.topic_prefix), topic.name) or name.endswith("." + topic.name) for topic in TOPICS):
            raise ReplayError(f"{name} is the name of a topic of the flow, with or without a prefix: a replay takes one of its own.")
        self._settings = settings
        self._name = name
        self._producer: AIOKafkaProducer | None = None
        self._sent: list[asyncio.Future[object]] = []

    async def open(self, written: int) -> None:
        async with Admin(self._settings) as admin:
            await admin.ensure(self._name)
        self._producer = AIOKafkaProducer(**client_options(self._settings), acks="all", enable_idempotence=True)
        await self._producer.start()

    async def write(self, alert: Alert) -> None:
        assert self._producer is not None
        key = alert.fingerprint.encode()
        self._sent.append(await self._producer.send(self._name, encode(alert), key=key, headers=cloud_event(alert)))
        if len(self._sent) > 1_000:
            await self.settle()

    async def settle(self) -> int:
        sent, self._sent = self._sent, []
        await asyncio.gather(*sent)
        return 0

    async def close(self) -> None:
        if self._producer:
            with contextlib.suppress(asyncio.CancelledError):
                await self._producer.stop()
