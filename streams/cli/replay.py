"""`newsgauge replay`: the past again, with the same code."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import USAGE, Bootstrap, CommandError, Config, complain, on_kafka, print_json, until_stopped, writable
from streams.cli.past import Chosen, Files, Jobs, Since, Topics, Until, choose, parsed, progress, saying, told
from streams.cli.rules import rule_set

if TYPE_CHECKING:
    from schemas.alert import Alert
    from streams.config import Settings
    from streams.core.rules import RuleSet
    from streams.replay.past import Past
    from streams.replay.sinks import Sink
    from streams.replay.sources import Source

__all__ = ["replay"]

TOPIC = "topic:"


def replay(
    files: Files = None,
    since: Since = None,
    until: Until = None,
    topics: Topics = None,
    rules: Annotated[
        Path | None, typer.Option(metavar="FILE", help="These rules, all the time [default: those that the log of claims names]")
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="FILE|topic:NAME", help="Where alerts go [default: standard output]")] = None,
    openmetrics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the reported figures over time, for promtool.")] = None,
    metrics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what it came to for Prometheus, as a file for node exporter.")
    ] = None,
    jobs: Jobs = 1,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Run the past again, with the rules then or with others.

    From claims, in the order of the log, come the alerts that were live, byte for byte, but for their mode and emitted_at. With --rules
    come those that these rules would have given. From articles everything is read again, in the order of publication; that needs --rules.

    Nothing of the live flow is touched: no consumer group, no table, no subscriber; every alert says mode "replay".

    With --out FILE a replay that was stopped (Ctrl-C) goes on when the same command is given again, and the same bytes come out. Where it
    stands is kept in FILE.progress meanwhile.

    Of several topics, or files of articles, all is played in the order of event time. Offsets begin and end single partitions.

    \b
    Examples:
      newsgauge replay --out alerts.jsonl
      newsgauge replay --from 2023-12-01 --to 2024-03-01 --rules rules.yaml
      newsgauge replay --rules rules.yaml --jobs 2 --out alerts.jsonl stories.jsonl
      newsgauge replay --rules rules.yaml --from claims:3@1500 --to claims:3@1800
      newsgauge replay --rules rules.yaml --topic articles --topic eu.articles
      newsgauge replay --openmetrics figures.om claims.jsonl.gz
    """
    chosen = choose(files, since, until, topics, jobs, bootstrap, config, pinned=rules is not None)
    given = rule_set(rules) if rules else None
    writable(metrics, openmetrics)
    started = time.monotonic()
    resumable = out is not None and not out.startswith(TOPIC)
    with saying(resumable=resumable), until_stopped() as stopped, ExitStack() as stack:
        folder = stack.enter_context(_folder(out))
        counts, events, before = on_kafka(chosen.settings, _replay(chosen, given, out, openmetrics, folder, stopped.is_set))
    seconds = time.monotonic() - started
    transitions = ", ".join(f"{count:,} {name}" for name, count in sorted(events.items())) or "no alerts"
    complain(f"{told(counts, seconds, before)}\n{transitions}")
    if metrics:
        _write_metrics(metrics, counts, events, seconds)


def _write_metrics(path: Path, counts: Mapping[str, int], events: Mapping[str, int], seconds: float) -> None:
    from importlib.metadata import version

    from streams.observe.metrics.replay import ReplayMetrics

    try:
        ReplayMetrics(version("newsgauge")).write(path, counts, events, seconds)
    except OSError as error:
        raise CommandError(f"The metrics could not be written to {path}: {error.strerror}.", USAGE) from None


async def _replay(
    chosen: Chosen, rules: "RuleSet | None", out: str | None, openmetrics: Path | None, folder: Path, stopped: Callable[[], bool]
) -> tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]:
    """The counts, the alerts by transition, and the counts of before it was stopped."""
    from streams.replay.checkpoint import Checkpoint, load
    from streams.replay.past import Past
    from streams.replay.replay import replay
    from streams.replay.samples import write_samples
    from streams.replay.sources import ends

    span = chosen.asked.span
    asked = {
        "source": chosen.identity,
        "stage": chosen.asked.stage,
        "span": [span.since, span.until],
        "rules": rules.hash if rules else None,
    }
    checkpoint = load(folder, asked) or Checkpoint(asked=asked)
    before = dict(checkpoint.counts)
    source = await chosen.source(checkpoint.begin, checkpoint.end)
    checkpoint.begin, checkpoint.end = ends(source)
    known = await chosen.known() | parsed(checkpoint.rules)
    with progress() as tell:
        past = Past(source, chosen.asked, folder, known=known, tell=tell, stopped=stopped)
        past.texts.update(checkpoint.rules)
        summary = await replay(past, rules, _sink(chosen.settings, out), checkpoint, folder, span.until)
        if openmetrics:
            await write_samples(_again(past, source, chosen, folder, known, checkpoint.runs, stopped), openmetrics, folder)
    return summary.counts, summary.events, before


def _again(
    past: "Past",
    source: "Source",
    chosen: Chosen,
    folder: Path,
    known: "dict[str, RuleSet]",
    runs: list[str],
    stopped: Callable[[], bool],
) -> "Past":
    """The same past from its beginning, counted anew."""
    again = type(past)(source, chosen.asked, folder, known=known, stopped=stopped)
    again.reopen(runs)
    return again


def _sink(settings: "Settings", out: str | None) -> "Sink":
    from streams.replay.sinks import FileSink, ShowSink, TopicSink

    if out is None:
        return ShowSink(_shown())
    return TopicSink(settings, out.removeprefix(TOPIC)) if out.startswith(TOPIC) else FileSink(Path(out))


def _shown() -> "Callable[[Alert], None]":
    if not sys.stdout.isatty():
        return lambda alert: print_json(alert)
    from streams.cli.present import alert_told, console, has_colour, tell

    screen = console()
    return lambda alert: tell(screen, alert_told(alert, colour=has_colour(screen)))


@contextmanager
def _folder(out: str | None) -> Iterator[Path]:
    """The folder beside the output file, which goes when the replay has come to its end; for other outputs a temporary one."""
    if out is None or out.startswith(TOPIC):
        with TemporaryDirectory(prefix="newsgauge-replay-") as scratch:
            yield Path(scratch)
        return
    import shutil

    folder = Path(out + ".progress")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror}.", USAGE) from None
    yield folder
    shutil.rmtree(folder)
