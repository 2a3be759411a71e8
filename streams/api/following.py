"""Reading one topic for ever, from some days ago on: what was there at the start, then what comes.

What was read survives trouble with the broker: reading goes on where it was. A topic that was deleted and made again is read anew.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from aiokafka.errors import KafkaError

from streams.config import Settings
from streams.kafka import Admin, KafkaClientError, Record, read
from streams.kafka.reader import Between, bounds
from streams.topics import Topic

__all__ = ["Follower", "RecreatedError"]

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
"""Pause after trouble with the broker."""


class RecreatedError(Exception):
    """The topic is not the one that was read before: what was learnt from it is void."""


class Follower(ABC):
    """One topic. A subclass says what becomes of its records, and whether it wants them all (`WHOLE`) or those of the last days."""

    WHOLE: ClassVar[bool] = False

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self.topic = topic
        self.name = topic.named(settings.topic_prefix)
        self.nexts: list[int] = []
        """Of every partition, the offset of the record to take next."""
        self.caught_up = False
        """Was everything taken that was there at the start?"""
        self._settings = settings
        self._ends: Mapping[int, int] = {}
        self._again = asyncio.Event()

    @abstractmethod
    async def renew(self, begins: list[int]) -> None:
        """Forget everything: the topic is read from these offsets on. May raise aiokafka's errors."""

    @abstractmethod
    def take(self, record: Record) -> None:
        """Take the next record of its partition."""

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._until_void()
            except RecreatedError as error:
                log.warning("%s was deleted and made again (%s): reading it anew", self.name, error)
                self.nexts, self.caught_up = [], False
            except (KafkaError, KafkaClientError, OSError) as error:
                log.warning("%s cannot be read, trying on: %s", self.name, str(error) or repr(error))
                await asyncio.sleep(AGAIN_SECONDS)

    def see(self, ends: Mapping[int, int]) -> dict[int, int]:
        """How many records each partition has that are still to be taken, where it ends at `ends`. A topic that ends before what was
        taken is another one, and is read anew."""
        if self.nexts and not _goes_on(self.nexts, ends):
            self._again.set()
        return {partition: max(0, end - self.nexts[partition]) for partition, end in ends.items() if partition < len(self.nexts)}

    async def _until_void(self) -> None:
        """Reads until the broker fails, or `see` finds that the topic is another one."""
        self._again.clear()
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._again.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()
            raise RecreatedError("it ends before what was read")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        async with Admin(self._settings) as admin:
            await admin.require(self.topic)
        since = datetime.now(UTC) - timedelta(days=self._settings.api_history_days)
        begins, self._ends = await bounds(self._settings, self.name, None if self.WHOLE else since)
        if not self.nexts:
            self.nexts = [begins[partition] for partition in sorted(begins)]
            await self.renew(self.nexts)
        elif not _goes_on(self.nexts, self._ends):
            raise RecreatedError("it ends before what was read")
        self._check()
        start = Between(dict(enumerate(self.nexts)), self._ends)
        async for record in read(self._settings, self.name, start=start, follow=True):
            if record.offset < self.nexts[record.partition]:
                raise RecreatedError(f"partition {record.partition} has offset {record.offset} again")
            self.nexts[record.partition] = record.offset + 1
            self.take(record)
            self._check()

    def _check(self) -> None:
        if not self.caught_up:
            self.caught_up = all(self.nexts[partition] >= end for partition, end in self._ends.items())


def _goes_on(nexts: list[int], ends: Mapping[int, int]) -> bool:
    """Can the topic that ends there be the one of which so much was read?"""
    return len(ends) == len(nexts) and all(nexts[partition] <= end for partition, end in ends.items())
