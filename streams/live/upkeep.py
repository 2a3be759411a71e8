"""What a worker does beside its records: put its rule file in force, take over changes of it, and send ticks that are due."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from aiokafka.errors import KafkaError

from schemas.claims import Tick
from schemas.codec import encode
from streams.config import DEFAULT_RULES, Settings
from streams.core.rules import Fault, RuleSet, parse
from streams.kafka.rulebook import Rulebook, apply_rules
from streams.live.outgoing import Outgoing, send
from streams.live.tables import Partitions
from streams.observe.metrics.worker import WorkerMetrics

log = logging.getLogger(__name__)

TICK_SECONDS = 10.0
"""The least time between two ticks into one partition."""
FILE_SECONDS = 2.0


def read_rules(path: Path, family_of: dict[str, str]) -> tuple[str, RuleSet | tuple[Fault, ...]]:
    """The text of a rule file and what it says, or its faults. OSError where it cannot be read."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return "", (Fault(str(path), data.count(b"\n", 0, error.start) + 1, 1, f"byte {error.start} is not UTF-8"),)
    return text, parse(text, file=str(path), family_of=family_of)


class RuleFile:
    """The rule file of a worker. What is valid in it goes into the log of claims; what is not is refused, and the old rules stay."""

    def __init__(self, settings: Settings, rulebook: Rulebook, family_of: dict[str, str], metrics: WorkerMetrics, partitions: int) -> None:
        self._settings = settings
        self._rulebook = rulebook
        self._family_of = family_of
        self._metrics = metrics
        self._partitions = partitions
        self._seen = _stamp(settings.rules)
        self.told = str(settings.rules)
        """The file and what became of its newest version, for people."""

    async def start(self, rules: RuleSet) -> None:
        """Put the file's rules in force. The default file yields to whatever was applied before. Raises aiokafka's errors."""
        await self._rulebook.load()
        current = self._rulebook.current
        if current is None or (self._settings.rules != DEFAULT_RULES and current != rules.hash):
            text, found = await asyncio.to_thread(read_rules, self._settings.rules, self._family_of)
            if isinstance(found, RuleSet):
                await self._apply(found, text)
            else:
                self._seen = None  # it has changed since it was loaded: `watch` says what is wrong with it

    async def watch(self) -> None:
        """Look at the file every other second, for ever."""
        while True:
            await asyncio.sleep(FILE_SECONDS)
            stamp = _stamp(self._settings.rules)
            if stamp != self._seen:
                try:
                    await self._take_over()
                except (KafkaError, OSError) as error:
                    log.warning("the rules could not be applied yet: %r", error)
                else:
                    self._seen = stamp

    async def _take_over(self) -> None:
        path = self._settings.rules
        try:
            text, found = await asyncio.to_thread(read_rules, path, self._family_of)
        except OSError as error:
            text, found = "", (Fault(str(path), 1, 1, f"the file cannot be read: {error.strerror}"),)
        if isinstance(found, RuleSet):
            await self._apply(found, text)
            return
        self.told = f"{path}: refused, {found[0]}" + (f" and {len(found) - 1} more faults" if len(found) > 1 else "")
        self._metrics.reloaded("rules", False)
        for fault in found:
            log.error("rules refused, the old ones stay in force: %s", fault)

    async def _apply(self, rules: RuleSet, text: str) -> None:
        await apply_rules(self._settings, rules, text, self._partitions)
        self._rulebook.known[rules.hash] = rules
        self._metrics.reloaded("rules", True)
        self.told = f"{self._settings.rules} ({rules.hash})"
        log.info("rules %s applied: %d rules", rules.hash, len(rules.rules))


class Ticker:
    """Sends a tick into each partition of `claims` of this worker in which something is due."""

    def __init__(self, topic: Any, partitions: Partitions) -> None:
        self._topic = topic
        self._partitions = partitions
        self._sent: dict[int, float] = {}

    async def tick(self, mine: set[int]) -> None:
        """Look at the partitions of this worker once."""
        for partition in sorted(mine):
            watch = await self._partitions.open(partition)
            moment = watch.due(datetime.now(UTC))
            if moment and monotonic() - self._sent.get(partition, -TICK_SECONDS) >= TICK_SECONDS:
                self._sent[partition] = monotonic()
                await send([Outgoing(self._topic, None, encode(Tick(now=moment)), partition=partition)])


def _stamp(path: Path) -> tuple[int, int] | None:
    """When the file was written and how long it is; None while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
