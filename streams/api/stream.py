"""Server-Sent Events: every client is an index into the one ring of events, and is written the bytes that all share.

A client that does not take what it is sent within STALL_SECONDS is cut off; it comes back with its cursor and misses nothing.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from aiohttp import web

from streams.api import cursor
from streams.api.cursor import Cursor
from streams.api.facts import Filter
from streams.api.knowledge import Knowledge
from streams.api.past import Page, Past, Resumed
from streams.observe.metrics.api import ApiMetrics

__all__ = ["MEDIA_TYPE", "Streams", "Subscription", "snapshot"]

MEDIA_TYPE = "text/event-stream"
PING_SECONDS = 15.0
STALL_SECONDS = 10.0
STALL_LOOK_SECONDS = 0.25
CHUNK = 65_536
"""Bytes that are written at once, or one event where that is larger."""
BUFFER = 65_536
"""Bytes that may wait for a client here; as many again wait in the kernel."""
SCAN = 2_000
"""Events that one client looks through before others have their turn."""
RETRY_MS = 2_000


def snapshot(past: Past, page: Page) -> bytes:
    """Alerts as they are, and the cursor at which they are so."""
    tail = b'],"next":' + (f'"{page.next}"'.encode() if page.next else b"null") + f',"cursor":"{past.cursor}"}}'.encode()
    return b'{"alerts":[' + b",".join(page.alerts) + tail


@dataclass(slots=True)
class Subscription:
    """One client: what it wants and how far it has come. Pure, but for the ring that it reads."""

    wanted: Filter
    limit: int
    past: Past
    number: int
    until: int = 0
    """Of the events before this one, some may have been seen: see `offsets`."""
    offsets: list[int] = field(default_factory=list)
    reset: bool = False

    @classmethod
    def start(cls, past: Past, wanted: Filter, limit: int, seen: Cursor | None, *, void: bool = False) -> "Subscription":
        """At the cursor; without one, at the end. A cursor that cannot be resumed (or is `void`) starts with a reset."""
        resumed = past.resume(seen) if seen else Resumed(past.end, past.end, ())
        if resumed is None or void:
            return cls(wanted, limit, past, past.end, reset=True)
        return cls(wanted, limit, past, resumed.number, resumed.until, list(resumed.offsets))

    def take(self, past: Past) -> bytes:
        """What the client is to be sent next; empty where it has everything."""
        if past is not self.past or self.number < past.base or self.reset:
            return self._reset(past)
        parts: list[bytes] = []
        size = 0
        for entry in islice(past.since(self.number), SCAN):
            self.number = entry.number + 1
            if entry.number < self.until:
                if entry.offset < self.offsets[entry.partition]:
                    continue
                self.offsets[entry.partition] = entry.offset + 1
            if not self.wanted.passes(entry.facts):
                continue
            frame = entry.frame
            if entry.number < self.until:
                check = cursor.check_of(entry.facts.event_id)
                frame = entry.after(cursor.write(self.offsets, entry.partition, check))
            parts.append(frame)
            size += len(frame)
            if size >= CHUNK:
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def behind(self, past: Past) -> bool:
        """Is there something that the client has not looked at?"""
        return past is not self.past or self.number < past.end or self.reset

    def ping(self) -> bytes:
        """A remark that keeps the connection up, and the cursor: a filter may have let nothing pass for long."""
        return b": ping\n" + (f"id: {self.past.cursor}\n".encode() if self.number >= max(self.until, self.past.end) else b"") + b"\n"

    def _reset(self, past: Past) -> bytes:
        """The alerts as they are, instead of events that are gone."""
        self.past, self.number, self.until, self.reset = past, past.end, 0, False
        page = past.page(self.wanted, limit=self.limit)
        return f"id: {past.cursor}\nevent: reset\ndata: ".encode() + snapshot(past, page) + b"\n\n"


class Streams:
    """The clients of this process."""

    def __init__(self, knowledge: Knowledge, metrics: ApiMetrics) -> None:
        self.count = 0
        self.closing = False
        self._knowledge = knowledge
        self._metrics = metrics
        self._pings = 0

    async def run(self) -> None:
        """Have everybody pinged, for ever."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            self._pings += 1
            self._knowledge.bell.ring()

    def close(self) -> None:
        """Ends every stream."""
        self.closing = True
        self._knowledge.bell.ring()

    async def serve(self, request: web.Request, subscription: Subscription, allowed: Callable[[], bool]) -> web.StreamResponse:
        """Sends one client what it wants, until it goes, is too slow, is `allowed` no more, or the server stops."""
        response = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"})
        await response.prepare(request)
        self._counted(1)
        try:
            await self._serve(request, response, subscription, allowed)
        except ConnectionError:
            pass
        finally:
            self._counted(-1)
        return response

    def _counted(self, more: int) -> None:
        self.count += more
        self._metrics.clients.set(self.count)

    async def _serve(
        self, request: web.Request, response: web.StreamResponse, subscription: Subscription, allowed: Callable[[], bool]
    ) -> None:
        _small_buffer(request.transport)
        await response.write(f"retry: {RETRY_MS}\n".encode() + subscription.ping())
        pinged = self._pings
        while not self.closing:
            past = self._knowledge.past
            chunk = subscription.take(past)
            if pinged != self._pings:
                if not allowed():
                    return
                chunk, pinged = chunk or subscription.ping(), self._pings
            if chunk:
                if not await _written(response, chunk, request.transport):
                    self._metrics.cut.inc()
                    return
            elif subscription.behind(past):
                await asyncio.sleep(0)
            else:
                await self._knowledge.bell.wait()


def _small_buffer(transport: asyncio.Transport | None) -> None:
    """So that a client which does not read is found out soon, and holds little."""
    if transport is not None and (connection := transport.get_extra_info("socket")) is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)


async def _written(response: web.StreamResponse, chunk: bytes, transport: asyncio.Transport | None) -> bool:
    """Whether the client has taken so much that it may be sent more; one that takes too long is cut off."""
    if transport is None:
        raise ConnectionResetError("the client is gone")
    try:
        async with asyncio.timeout(STALL_SECONDS):
            await response.write(chunk)
            while transport.get_write_buffer_size() > BUFFER:  # noqa: ASYNC110  a transport has no event for it
                await asyncio.sleep(STALL_LOOK_SECONDS)
    except TimeoutError:
        transport.abort()
        return False
    return True
