"""Records are read in a child process, several at a time and before their turn; they are published and acknowledged in their order.

Faust acknowledges a record when the agent is done with it, one after another; nothing of that is changed. An agent that comes to a
record finds it read already, because the records that wait behind the one in work were handed to the child together. With nothing
waiting a record is read at once, alone. So batches are as large as the backlog allows, and no clock is needed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Self

from streams.core.effort import Entities
from streams.live.outgoing import leave, timestamp
from streams.live.reading import Answer, Batch, Failed, serve

__all__ = ["ReadAhead", "ReadingProcess"]

log = logging.getLogger(__name__)

BATCH = 16
"""Records in one batch, at most."""
BATCH_BYTES = 262_144
"""And their size, so that the first of a batch does not wait long for the last; one record may be larger."""
LONGEST_SECONDS = 120.0
"""A batch that takes longer is given up as if the process had died."""
CANNOT_READ = 76
"""Exit status of a worker whose reading process does not start."""


class ReadingProcess:
    """The child process. When it dies, another takes its place, and what it was reading is read again, record by record.

    `renewed` hears of each child after the first; `names` is the text of a user's file of places and offices; `serve` is what the child
    does, with its end of a pipe. Use it as a context manager: the process starts at once and loads meanwhile.
    """

    def __init__(
        self,
        entities: Entities,
        max_text: int,
        renewed: Callable[[], object] = lambda: None,
        names: str = "",
        *,
        serve: Callable[..., None] = serve,
    ) -> None:
        self._serve = partial(serve, entities=entities, max_text=max_text, names=names)
        self._renewed = renewed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._one = asyncio.Lock()
        self._pipe, self._process = self._started()
        self._loaded = False

    @property
    def pid(self) -> int | None:
        """Of the child that is there now."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown()
        self._end()

    async def read(self, batch: Batch) -> tuple[list[Answer], float]:
        """An answer for each record, in order, and the seconds that it took. One batch at a time; others wait their turn.

        A record that twice ends the process that reads it, alone, has Failed.
        """
        async with self._one:
            return await self._read(batch, last=False)

    async def _read(self, batch: Batch, *, last: bool) -> tuple[list[Answer], float]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._exchange, batch)
        except (EOFError, OSError) as error:
            if not self._loaded:
                leave("the process that reads articles does not start", CANNOT_READ)
            log.error("the process that reads articles %s; starting another", error or "has ended")
            self._end()
            self._pipe, self._process = self._started()
            self._loaded = False
            self._renewed()
        if last:
            return [Failed("the process that read this article ended, or took too long, each time")], 0.0
        alone = [await self._read([item], last=len(batch) == 1) for item in batch]
        return [answer for answers, _ in alone for answer in answers], sum(seconds for _, seconds in alone)

    def _exchange(self, batch: Batch) -> tuple[list[Answer], float]:
        """Blocks, in the thread. EOFError or OSError where the child is gone or stuck."""
        if not self._loaded:
            self._pipe.recv()
            self._loaded = True
        self._pipe.send(batch)
        if not self._pipe.poll(LONGEST_SECONDS):
            raise TimeoutError(f"took more than {LONGEST_SECONDS:.0f} s")
        found: tuple[list[Answer], float] = self._pipe.recv()
        return found

    def _started(self) -> tuple[Connection, SpawnProcess]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._serve, args=(theirs,), name="newsgauge-reading", daemon=True)
        process.start()
        theirs.close()
        return ours, process

    def _end(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()


class ReadAhead:
    """The answers to records, those to come included."""

    def __init__(self, process: ReadingProcess) -> None:
        self._process = process
        self._begun: dict[Any, tuple[asyncio.Task[tuple[list[Answer], float]], int, int]] = {}
        """Message -> the task that reads its batch, its place there, and the size of the batch."""

    async def read(self, message: Any, waiting: Callable[[], Iterable[Any]]) -> tuple[Answer, float]:
        """The answer to `message` and the seconds spent on it. `waiting` tells the messages behind it, the nearest first."""
        if message not in self._begun:
            self._begin(_fitting([message, *self._unread(waiting())]))
        task, place, size = self._begun[message]
        try:
            answers, seconds = await asyncio.shield(task)
        finally:
            self._begun.pop(message, None)
        if len(self._begun) < BATCH and (unread := self._unread(waiting())):
            self._begin(_fitting(unread))
        return answers[place], seconds / size

    def forget(self) -> None:
        """Drop what was read ahead: partitions are moving, and what was fetched of them will not be handled."""
        self._begun.clear()

    def _unread(self, messages: Iterable[Any]) -> list[Any]:
        return [message for message in messages if message not in self._begun]

    def _begin(self, messages: Sequence[Any]) -> None:
        task = asyncio.create_task(self._process.read([(message.value, timestamp(message)) for message in messages]))
        self._begun.update((message, (task, place, len(messages))) for place, message in enumerate(messages))


def _fitting(messages: Sequence[Any]) -> list[Any]:
    """As many of the first as make one batch: one at least."""
    taken: list[Any] = []
    size = 0
    for message in messages[:BATCH]:
        size += len(message.value or b"")
        if taken and size > BATCH_BYTES:
            break
        taken.append(message)
    return taken
