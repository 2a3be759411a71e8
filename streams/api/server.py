"""The process: start, watch over, stop."""

import asyncio
import logging
import resource
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any

from aiohttp import web

from streams.api.guard import cors, counted, errors, hosts, safe_headers, tokens
from streams.api.knowledge import Knowledge
from streams.api.listening import listening
from streams.api.routes import Api, add_routes
from streams.api.stream import Streams
from streams.api.tokens import Tokens
from streams.config import ConfigError, Settings
from streams.observe.hosts import own_names
from streams.observe.logs import configure
from streams.observe.metrics.api import ApiMetrics
from streams.observe.web import port_advice

__all__ = ["application", "run", "serving"]

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TOKENS_SECONDS = 2.0
SPARE_FILES = 200
"""Open files beside one for each stream; half of them are for connections that are no streams."""


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status. Raises ConfigError before anything has started."""
    known = Tokens(settings.api_tokens)
    configure(settings.log_level, settings.log_format)
    return asyncio.run(_serve(settings, known))


def application(settings: Settings, knowledge: Knowledge, streams: Streams, known: Tokens, metrics: ApiMetrics) -> web.Application:
    """The endpoints with their guards."""
    origins = frozenset(origin for origin in settings.api_cors.split(",") if origin)
    asked = tokens(known) if known.needed else hosts(own_names(settings, settings.api_bind))
    app = web.Application(middlewares=[cors(origins), errors, asked])
    app.on_response_prepare.extend([safe_headers, counted(metrics)])
    add_routes(app, Api(knowledge, streams, known, metrics, max_streams=settings.api_max_streams))
    return app


@asynccontextmanager
async def serving(settings: Settings, known: Tokens) -> AsyncIterator["asyncio.Task[None]"]:
    """Serves while it lasts. Its task ends only where something is broken. Raises OSError where the address cannot be had."""
    metrics = ApiMetrics(version("newsgauge"))
    metrics.in_force("tokens")
    knowledge = Knowledge(settings, metrics)
    streams = Streams(knowledge, metrics)
    app = application(settings, knowledge, streams, known, metrics)
    async with listening(app, settings.api_bind, settings.api_port, _room(settings)):
        work = asyncio.create_task(_together(knowledge.run(), streams.run(), _refresh(known, metrics)))
        try:
            yield work
        finally:
            streams.close()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def _serve(settings: Settings, known: Tokens) -> int:
    _allow_files(settings.api_max_streams + SPARE_FILES)
    stop = _on_signal()
    try:
        async with serving(settings, known) as work:
            log.info("API on http://%s:%d, reading %s", settings.api_bind, settings.api_port, settings.bootstrap)
            if not known.needed and settings.api_bind not in LOOPBACK:
                log.warning("no token is needed: everybody who can reach %s:%d may read alerts", settings.api_bind, settings.api_port)
            await asyncio.wait([work, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                log.critical("crashed", exc_info=work.exception())
                return 1
    except OSError as error:
        log.error("nothing can be served at %s:%d: %s", settings.api_bind, settings.api_port, port_advice(error, "api_port"))
        return 1
    return 0


async def _together(*parts: Coroutine[Any, Any, None]) -> None:
    """All parts of the work, until one fails."""
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part)


async def _refresh(known: Tokens, metrics: ApiMetrics) -> None:
    """Have the file of tokens read when it changes, for ever."""
    while True:
        await asyncio.sleep(TOKENS_SECONDS)
        try:
            if known.refresh():
                metrics.reloaded("tokens", good=True)
                log.info("tokens: %s", ", ".join(sorted(known.names)) or "none")
        except ConfigError as error:
            metrics.reloaded("tokens", good=False)
            log.error("nobody is let in: %s", error)


def _on_signal() -> asyncio.Event:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


def _room(settings: Settings) -> int:
    """How many connections may be open at a time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(settings.api_max_streams + SPARE_FILES, soft) - SPARE_FILES // 2)


def _allow_files(wanted: int) -> None:
    """As many open files as the streams need, where the system allows them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
