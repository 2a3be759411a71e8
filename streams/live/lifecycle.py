"""Start, watch over, stop: what a worker process does beside its stages.

Faust stays up when it is stuck: not ready for ever, or retrying a broker that is gone. A worker that makes no headway leaves the
process instead, without committing, and its supervisor starts it afresh.
"""

import asyncio
import faulthandler
import logging
import signal
import threading
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiokafka.errors import KafkaError

from streams.config import Settings
from streams.core.rules import RuleSet
from streams.live.app import Parts
from streams.live.outgoing import leave
from streams.live.overseer import Overseer
from streams.live.upkeep import RuleFile
from streams.observe.hosts import own_names
from streams.observe.metrics.worker import WorkerMetrics
from streams.observe.web import application, port_advice, runner_of
from streams.topics import TOPICS

log = logging.getLogger(__name__)

STOP_SECONDS = 20.0

TOO_MANY_FAULTS, STUCK, CRASHED = 72, 73, 74
"""Exit statuses, beside those of overseer.py and outgoing.py."""


class Faults:
    """Counts unexpected exceptions. Each is a dead letter; too many, and the worker stops: the fault is ours, not the article's."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def __call__(self, error: BaseException) -> None:
        self._left -= 1
        if self._left < 0:
            leave(f"too many unexpected errors, the last: {error!r}", TOO_MANY_FAULTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A worker put together and not yet started."""

    parts: Parts
    settings: Settings
    metrics: WorkerMetrics
    rules: RuleSet
    """Those of the rule file."""
    rule_file: RuleFile
    overseer: Overseer


def serve(work: Assembly) -> int:
    """Run the app until a signal says stop; returns the exit status."""
    return asyncio.run(_serve(work))


async def _serve(work: Assembly) -> int:
    settings, app = work.settings, work.parts.app
    overseer = work.overseer
    stop = _on_signal()
    hosts = own_names(settings, settings.web_bind)
    runner = runner_of(application("worker", work.metrics, overseer.state, lambda: _status(overseer, work), hosts))
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web_bind, settings.web_port).start()
    except OSError as error:
        log.error("nothing can be served at %s:%d: %s", settings.web_bind, settings.web_port, port_advice(error, "web_port"))
        await runner.cleanup()
        return 1
    log.info("worker starting on %s, http://%s:%d", settings.bootstrap, settings.web_bind, runner.addresses[0][1])
    try:
        begun = await _before(stop, asyncio.create_task(work.rule_file.start(work.rules)))
    except (KafkaError, OSError) as error:
        log.error("the rules could not be put in force: %r", error)
        begun = None
    if not begun:
        await runner.cleanup()
        return 0 if begun is False else 1
    tasks = [asyncio.create_task(task) for task in (overseer.watch(), overseer.remind(), overseer.measure(), work.rule_file.watch())]
    running, stopping = asyncio.create_task(_run(app, overseer)), asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, running, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        ended = next((task.exception() for task in (running, *tasks) if task.done() and not task.cancelled()), None)
        leave(f"crashed: {ended or app.crash_reason!r}", CRASHED)
    await _stop(app, [*tasks, running, stopping])
    await runner.cleanup()
    return 0


def _on_signal() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set. From then on the process ends in time, even where the loop no longer turns."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def asked(*_: object) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(stop.set)
            bound = threading.Timer(STOP_SECONDS, leave, (f"could not stop within {STOP_SECONDS:.0f} s", STUCK))
            bound.daemon = True
            bound.start()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, asked)
    return stop


async def _before(stop: asyncio.Event, work: "asyncio.Task[None]") -> bool:
    """Whether `work` was done before we were told to stop. Raises what it raises."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        stopping.cancel()
        work.result()
        return True
    work.cancel()
    return False


async def _run(app: Any, overseer: Overseer) -> None:
    """Start Faust; returns, or raises, only when it has crashed."""
    await app.start()
    while overseer.state() != "ready":  # noqa: ASYNC110  Faust has no event for it
        await asyncio.sleep(0.05)
    log.info("worker ready")
    await app._crashed.wait()


async def _stop(app: Any, tasks: list[asyncio.Task[Any]]) -> None:
    """Finish the record in work, commit, leave the group. `_on_signal` bounds it: Faust does not always let itself be cancelled."""
    log.info("worker stopping")
    for task in tasks:
        task.cancel()
    faulthandler.cancel_dump_traceback_later()
    await app.stop()


def _status(overseer: Overseer, work: Assembly) -> dict[str, str]:
    settings = work.settings
    return {
        "state": overseer.state(),
        "topics missing": ", ".join(sorted(overseer.missing)) or "none",
        "Kafka": settings.bootstrap,
        "consumer group": settings.consumer_group,
        "topics": ", ".join(topic.named(settings.topic_prefix) for topic in TOPICS),
        "rule file": work.rule_file.told,
        "rules in force": overseer.rules() or "none yet",
    }
