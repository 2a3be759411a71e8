"""The process: start, watch over, stop."""

import asyncio
import contextlib
import logging
import resource
import signal
from collections.abc import Coroutine
from importlib.metadata import version
from typing import Any

from aiohttp import web

from streams.api.guard import cors, counted, errors, safe_headers, tokens
from streams.api.knowledge import Knowledge
from streams.api.listening import listening
from streams.api.routes import Api, add_routes
from streams.api.stream import Streams
from streams.api.tokens import Tokens
from streams.config import ConfigError, Settings
from streams.observe.logs import configure
from streams.observe.metrics.api import ApiMetrics

__all__ = ["application", "run"]

log = logging.getLogger(__name__)

TOKENS_SECONDS = 2.0
SPARE_FILES = 200
"""Open files beside one for each stream."""


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit status. Raises ConfigError before anything has started."""
    known = Tokens(settings.api_tokens)
    configure(settings.log_level, settings.log_format)
    return asyncio.run(_serve(settings, known))


def application(settings: Settings, knowledge: Knowledge, streams: Streams, known: Tokens, metrics: ApiMetrics) -> web.Application:
    """The endpoints with their guards."""
    origins = frozenset(origin for origin in settings.api_cors.split(",") if origin)
    app = web.Application(middlewares=[cors(origins), errors, tokens(known)])
    app.on_response_prepare.extend([safe_headers, counted(metrics)])
    add_routes(app, Api(knowledge, streams, known, metrics, max_streams=settings.api_max_streams))
    return app


async def _serve(settings: Settings, known: Tokens) -> int:
    _allow_files(settings.api_max_streams + SPARE_FILES)
    metrics = ApiMetrics(version("newsgauge"))
    metrics.in_force("tokens")
    knowledge = Knowledge(settings, metrics)
    streams = Streams(knowledge, metrics)
    stop = _on_signal()
    app = application(settings, knowledge, streams, known, metrics)
    try:
        async with listening(app, settings.api_bind, settings.api_port):
            log.info("API on http://%s:%d, reading %s", settings.api_bind, settings.api_port, settings.bootstrap)
            ended = await _until(stop, knowledge.run(), streams.run(), _refresh(known, metrics))
            streams.close()
    except OSError as error:
        log.error("the API cannot be served at %s:%d: %s", settings.api_bind, settings.api_port, error)
        return 1
    for fault in ended:
        log.critical("crashed", exc_info=fault)
    return 1 if ended else 0


async def _until(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> list[Exception]:
    """Does all the work until it is told to stop, or until one part of it fails; what failed."""
    tasks = [asyncio.create_task(part) for part in (*work, _heard(stop))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    return [result for result in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(result, Exception)]


async def _heard(stop: asyncio.Event) -> None:
    await stop.wait()


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


def _allow_files(wanted: int) -> None:
    """As many open files as the streams need, where the system allows them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
