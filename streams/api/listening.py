"""The sockets: connections that are closed when they dawdle or are too many, and that answer what is no HTTP with a problem too."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from streams.api.problems import ProblemError, answer

__all__ = ["listening"]

log = logging.getLogger(__name__)

IDLE_SECONDS = 15.0
"""A connection on which no request is complete for so long is closed."""
STOP_SECONDS = 5.0
BACKLOG = 1_024


class _Connection(RequestHandler):
    """One connection. What cannot be read as a request is a problem like any other, and no stack trace in the log."""

    __slots__ = ("_most",)

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop, most: int) -> None:
        super().__init__(manager, loop=loop, keepalive_timeout=IDLE_SECONDS, access_log=None)  # type: ignore[arg-type]
        self._most = most

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One too many is closed, so that files are left for Kafka."""
        super().connection_made(transport)
        assert self._manager is not None and self.transport is not None
        if len(self._manager.connections) > self._most:
            self.transport.abort()

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The last answer of this connection."""
        log.debug("no request from %s: %r", request.remote, exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of an answer is on its way already")
        found = answer(ProblemError(HTTPStatus(status), "This is no HTTP request that can be read."))
        found.force_close()
        return found


@asynccontextmanager
async def listening(app: web.Application, address: str, port: int, most: int) -> AsyncIterator[None]:
    """Serves `app` at the address, to at most so many connections. Raises OSError where it cannot be had."""
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS, handler_cancellation=True)
    await runner.setup()
    manager = runner.server
    assert manager is not None
    try:
        server = await loop.create_server(lambda: _Connection(manager, loop, most), address, port, backlog=BACKLOG)
        try:
            yield
        finally:
            server.close()
    finally:
        await runner.cleanup()
