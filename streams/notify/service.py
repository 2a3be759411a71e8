"""A notifier process. Several share the partitions of `alerts` by their consumer group; each owns the outbox of those it has."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from itertools import count
from time import monotonic
from typing import Any

from aiohttp import web
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from streams.config import ConfigError, Settings
from streams.kafka.connection import client_options, stopped
from streams.notify.file import Configuration, read, stamp
from streams.notify.followed import Followed
from streams.notify.partition import Partition, Shared
from streams.notify.sending import Sender
from streams.notify.store import Store, StoreLostError
from streams.observe.hosts import own_names
from streams.observe.logs import configure, fields
from streams.observe.metrics.notifier import NotifierMetrics, State
from streams.observe.web import application, port_advice, runner_of
from streams.topics import ALERTS

__all__ = ["configuration_of", "run"]

log = logging.getLogger(__name__)

SESSION_MS = 10_000
REBALANCE_MS = 30_000
POLL_MS = 200
MOST_RECORDS = 200
AGAIN_SECONDS = 3.0
"""Before a partition that was lost is opened again: by then an owner that was knows that it is one."""
FILE_SECONDS = 2.0
COMMIT_SECONDS = 2.0
NOT_READY_SECONDS = 300.0
"""A notifier that is not ready for so long leaves, and its supervisor starts it afresh."""
NOT_READY = 70
STOP_SECONDS = 20.0


def configuration_of(settings: Settings) -> Configuration:
    """The configuration in the file of receivers. ConfigError with every fault, or where no file is named."""
    if settings.receivers is None:
        raise ConfigError("No file of receivers is named: give --receivers FILE, or the setting receivers (docs/delivery.md).")
    try:
        found = read(settings.receivers)
    except OSError as error:
        raise ConfigError(f"The file of receivers {settings.receivers} cannot be read: {error.strerror}.") from None
    if isinstance(found, Configuration):
        return found
    raise ConfigError(*(str(fault) for fault in found))


def run(settings: Settings) -> int:
    """Run a notifier until SIGINT or SIGTERM; returns the exit status. ConfigError where the file of receivers has faults."""
    configuration = configuration_of(settings)
    configure(settings.log_level, settings.log_format)
    return asyncio.run(_serve(settings, configuration))


async def _serve(settings: Settings, configuration: Configuration) -> int:
    metrics = NotifierMetrics(version("newsgauge"))
    metrics.in_force("receivers")
    notifier = Notifier(settings, configuration, metrics)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, notifier.reload)
    hosts = own_names(settings, settings.web_bind)
    runner = runner_of(application("notifier", metrics, notifier.state, notifier.status, hosts))
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web_bind, settings.notify_port).start()
    except OSError as error:
        log.error("nothing can be served at %s:%d: %s", settings.web_bind, settings.notify_port, port_advice(error, "notify_port"))
        await runner.cleanup()
        return 1
    log.info("notifier starting on %s, http://%s:%d", settings.bootstrap, settings.web_bind, runner.addresses[0][1])
    working, stopping = asyncio.create_task(notifier.run()), asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        log.critical("leaving the process: %r", working.exception())
        os._exit(NOT_READY)
    log.info("notifier stopping")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(notifier.close(working), STOP_SECONDS)
    await runner.cleanup()
    return 0


class Notifier(ConsumerRebalanceListener):  # type: ignore[misc]
    """Owns partitions while the group gives them to it."""

    def __init__(self, settings: Settings, configuration: Configuration, metrics: NotifierMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._topic = ALERTS.named(settings.topic_prefix)
        self._followed = Followed(settings, self._changed)
        self._shared = Shared(configuration, self._followed, Sender(configuration), metrics, self._changed, back=self._back)
        self._consumer: Any = None
        self._open: dict[int, Partition] = {}
        self._owners: dict[int, asyncio.Task[None]] = {}
        """A task for each partition that the group has given us: opens it, and opens it again when it is lost."""
        self._joined = False
        self._stamp = stamp(configuration.sources)
        self._reload = asyncio.Event()
        self._last_ready = monotonic()

    # --- what the process shows --------------------------------------------------------------------------------------

    def state(self) -> State:
        """Ready: in the group, and every partition that it has given us is open."""
        return "ready" if self._joined and self._open.keys() == self._owners.keys() else "starting"

    def status(self) -> dict[str, str]:
        """For the status page."""
        settings, shared = self._settings, self._shared
        disabled = [name for name in shared.configuration.endpoints if self._followed.disabled(name)]
        return {
            "state": self.state(),
            "Kafka": settings.bootstrap,
            "consumer group": settings.topic_prefix + settings.notify_group,
            "partitions": ", ".join(map(str, sorted(self._open))) or "none",
            "receivers": ", ".join(shared.configuration.endpoints),
            "disabled": ", ".join(disabled) or "none",
            "waiting": str(sum(one.pending for one in self._open.values())),
        }

    # --- its life ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Never returns; raises where it cannot go on."""
        await self._started()
        async with asyncio.TaskGroup() as group:
            for work in (self._read(), self._followed.follow(), self._watch_file(), self._measure()):
                group.create_task(work)

    async def _started(self) -> None:
        while True:
            try:
                await self._followed.load()
                break
            except (KafkaError, OSError) as error:
                log.warning("Kafka does not answer; trying on: %r", error)
                await self._followed.close()
                await asyncio.sleep(AGAIN_SECONDS)
        self._consumer = AIOKafkaConsumer(
            **client_options(self._settings),
            group_id=self._settings.topic_prefix + self._settings.notify_group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            rebalance_timeout_ms=REBALANCE_MS,
        )
        self._consumer.subscribe([self._topic], listener=self)
        await self._consumer.start()

    async def close(self, working: "asyncio.Task[None]") -> None:
        """Give the partitions up and leave the group."""
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await self._commit()
        await self._give_up(list(self._owners))
        await stopped(self._consumer)
        await self._followed.close()
        await self._shared.sender.close()

    async def _read(self) -> None:
        """Hand records to their partitions, for ever."""
        while True:
            try:
                fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            except (KafkaError, OSError) as error:
                log.warning("alerts cannot be read; trying on: %r", error)
                await asyncio.sleep(1)
                continue
            await asyncio.gather(*(self._hand(place.partition, records) for place, records in fetched.items()))

    async def _hand(self, number: int, records: list[Any]) -> None:
        partition = self._open.get(number)
        if partition is None or partition.lost.is_set():
            return  # read again once it is open
        fresh = [record for record in records if record.offset >= partition.position]
        if fresh:
            with contextlib.suppress(StoreLostError):
                await partition.take(fresh)
        elif (self._consumer.highwater(TopicPartition(self._topic, number)) or partition.position) < partition.position:
            log.error("alerts begin anew: the topic was made again", extra=fields(partition=number, position=partition.position))
            partition.lost.set()

    # --- partitions come and go --------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Before others take them: finish, write, let go."""
        await self._commit()
        await self._give_up([place.partition for place in revoked])

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Open them; nothing is read until they are."""
        places = list(assigned)
        self._consumer.pause(*places)
        for place in places:
            self._owners[place.partition] = asyncio.create_task(self._own(place))
        self._joined = True

    async def _give_up(self, numbers: list[int]) -> None:
        owners = [self._owners.pop(number) for number in numbers if number in self._owners]
        for owner in owners:
            owner.cancel()
        await asyncio.gather(*owners, return_exceptions=True)

    async def _own(self, place: TopicPartition) -> None:
        """Keep the partition open until it is taken from us."""
        while True:
            partition = Partition(place.partition, Store(self._settings, place.partition), self._shared)
            try:
                await partition.open(partial(self._first, place))
                self._consumer.seek(place, partition.position)
                self._consumer.resume(place)
                self._open[place.partition] = partition
                await partition.lost.wait()
                self._consumer.pause(place)
            except (KafkaError, OSError, StoreLostError) as error:
                log.warning("partition cannot be opened; trying on: %r", error, extra=fields(partition=place.partition))
            finally:
                self._open.pop(place.partition, None)
                await partition.close()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _first(self, place: TopicPartition, stored: int | None) -> int:
        """Where to go on. A partition that was never read begins with what comes from now on."""
        begin = (await self._consumer.beginning_offsets([place]))[place]
        end = (await self._consumer.end_offsets([place]))[place]
        if stored is None:
            return int(end)
        if not begin <= stored <= end:
            log.error(
                "the place to go on is gone: alerts were deleted", extra=fields(partition=place.partition, position=stored, begin=begin)
            )
            return int(begin)
        return stored

    async def _commit(self) -> None:
        """Tell the group how far we are: for people and their tools; what counts stands in `notified`."""
        offsets = {TopicPartition(self._topic, number): one.position for number, one in self._open.items()}
        if offsets and self._consumer is not None:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(self._consumer.commit(offsets), COMMIT_SECONDS)

    # --- beside it ---------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        for partition in self._open.values():
            partition.look_again()

    def _back(self, receiver: str) -> None:
        for partition in self._open.values():
            partition.hasten(receiver)

    def reload(self) -> None:
        """Read the file of receivers again, as SIGHUP asks for."""
        self._stamp = ()
        self._reload.set()

    async def _watch_file(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._reload.wait(), FILE_SECONDS)
            self._reload.clear()
            now = stamp(self._shared.configuration.sources)
            if now != self._stamp:
                self._stamp = now
                await self._take_over()

    async def _take_over(self) -> None:
        """Put the file in force as it is now; one with faults is refused, and the old one stays."""
        try:
            found = configuration_of(self._settings)
        except ConfigError as error:
            self._metrics.reloaded("receivers", False)
            log.error("the file of receivers is refused, and the old one stays in force: %s", error)
            return
        self._shared.configuration = found
        self._stamp = stamp(found.sources)
        await self._shared.sender.replace(found)
        self._metrics.reloaded("receivers", True)
        self._changed()
        log.info("receivers in force", extra=fields(receivers=",".join(found.endpoints)))

    async def _measure(self) -> None:
        """Gauges once a second, the group's offsets now and then; leave where nothing gets ready."""
        for number in count():
            await asyncio.sleep(1)
            ready, metrics = self.state() == "ready", self._metrics
            metrics.ready.set(ready)
            self._last_ready = monotonic() if ready else self._last_ready
            if monotonic() - self._last_ready > NOT_READY_SECONDS:
                raise TimeoutError(f"not ready for {NOT_READY_SECONDS:.0f} s")
            oldest = min(filter(None, (one.owed_since() for one in self._open.values())), default=None)
            metrics.pending.set(sum(one.pending for one in self._open.values()))
            metrics.oldest.set(oldest.timestamp() if oldest else 0)
            metrics.receivers.set(len(self._shared.configuration.endpoints))
            metrics.disabled.set(sum(self._followed.disabled(name) is not None for name in self._shared.configuration.endpoints))
            self._measure_lag()
            if number % int(COMMIT_SECONDS) == 0:
                await self._commit()

    def _measure_lag(self) -> None:
        self._metrics.lag.clear()
        for number, one in self._open.items():
            end = self._consumer.highwater(TopicPartition(self._topic, number))
            self._metrics.lag.labels(self._topic, str(number)).set(max(0, end - one.position) if end is not None else 0)
