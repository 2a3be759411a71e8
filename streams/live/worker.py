"""A worker process: load the rules, find the topics, put the stages together, and hand them to `lifecycle`."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from streams.config import ConfigError, Settings
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.pipeline import Watch
from streams.core.reported import Latest, Name, Reported
from streams.core.rules import RuleSet
from streams.kafka import Admin, KafkaClientError, translated
from streams.kafka.rulebook import Rulebook
from streams.live import faust_fixes
from streams.live.app import attach, build
from streams.live.enriching import Enriching
from streams.live.lifecycle import Assembly, Faults, serve
from streams.live.overseer import Overseer
from streams.live.readahead import ReadAhead, ReadingProcess
from streams.live.sensor import Progress
from streams.live.tables import Partitions
from streams.live.upkeep import RuleFile, Ticker, read_rules
from streams.live.watching import Watching
from streams.observe.logs import configure
from streams.observe.metrics.worker import WorkerMetrics
from streams.topics import TOPICS


def run(settings: Settings) -> int:
    """Run a worker until SIGINT or SIGTERM; returns the exit status.

    Raises ConfigError (rules) or KafkaClientError (no broker, topics missing or unlike) before anything has started.
    """
    rules = load_rules(settings.rules)
    partitions = asyncio.run(count_partitions(settings))
    faust_fixes.install()
    configure(settings.log_level, settings.log_format)
    metrics = WorkerMetrics(version("newsgauge"))
    metrics.rules_in_force(rules.rules)
    metrics.in_force("rules")
    own = settings.names.read_text(encoding="utf-8") if settings.names else ""
    reading = ReadingProcess(settings.entities, settings.max_text, metrics.renewed.inc, own)
    metrics.show_reading(lambda: reading.pid)
    with reading, TemporaryDirectory(prefix="newsgauge-") as scratch:
        return serve(_assemble(settings, rules, partitions, metrics, ReadAhead(reading), scratch))


def _assemble(settings: Settings, rules: RuleSet, partitions: int, metrics: WorkerMetrics, ahead: ReadAhead, scratch: str) -> Assembly:
    """The app with its stages, not started."""
    family_of = dict(FAMILY_OF)
    parts = build(settings, partitions, scratch)
    rulebook = Rulebook(settings, family_of)
    none = RuleSet((), "")
    opened = Partitions(
        parts.state,
        lambda state, number: Watch(none, state, number, family_of=family_of, within=within, known=rulebook.known),
        rulebook.ensure,
    )
    enriching = Enriching(parts.topics, metrics, ahead, Faults(settings.dead_letter_limit), partitions=partitions)
    reported = Reported(settings.reported_values)
    if settings.reported_values:
        metrics.show_reported(partial(_standing, reported, opened))
    watching = Watching(parts.topics, metrics, parts.state, opened, rulebook.ensure, enriching.refuse, reported)
    attach(parts, enriching, watching, opened)
    progress = Progress(metrics, parts.topics["articles"].get_topic_name())
    parts.app.sensors.add(progress)
    return Assembly(
        parts=parts,
        settings=settings,
        metrics=metrics,
        rules=rules,
        rule_file=RuleFile(settings, rulebook, family_of, metrics, partitions),
        overseer=Overseer(parts, settings, metrics, progress, opened, Ticker(parts.topics["claims"], opened)),
    )


def _standing(reported: Reported, opened: Partitions) -> Iterator[tuple[Name, Latest]]:
    """The reported figures of this worker's partitions, by their clocks now."""
    reported.keep(opened.mine)
    now = datetime.now(UTC)
    return reported.standing({number: watch.clock.at(now) for number, watch in opened.opened.items()})


def load_rules(path: Path) -> RuleSet:
    """The rules of a file. ConfigError with every fault, its line and column."""
    try:
        _, rules = read_rules(path, dict(FAMILY_OF))
    except OSError as error:
        raise ConfigError(f"The rule file {path} cannot be read: {error.strerror}.") from None
    if isinstance(rules, RuleSet):
        return rules
    raise ConfigError(*(str(fault) for fault in rules))


async def count_partitions(settings: Settings) -> int:
    """How many partitions the topics of the flow have. KafkaClientError where they are missing or differ."""
    with translated(settings):
        async with Admin(settings) as admin:
            found = await admin.partitions()
    missing = [topic.named(settings.topic_prefix) for topic in TOPICS if topic.name not in found]
    if missing:
        raise KafkaClientError(f"These topics are missing: {', '.join(missing)}. `newsgauge topics create` creates them.")
    if len(set(found.values())) > 1:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        raise KafkaClientError(f"All topics of the flow must have the same number of partitions, but they have: {counts}.")
    return next(iter(found.values()))
