"""`newsgauge replay`: the past again, with the same code. And what it shares with `backtest`: which past, and how far it has come."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from schemas.codec import encode
from streams.cli.options import USAGE, Bootstrap, CommandError, Config, complain, load_settings, moment, on_kafka, until_stopped, utc_now

if TYPE_CHECKING:
    from schemas.alert import Alert
    from streams.config import Settings
    from streams.core.rules import RuleSet
    from streams.replay.past import Asked, Past
    from streams.replay.sinks import Sink
    from streams.replay.sources import Source

__all__ = [
    "INTERRUPTED",
    "Chosen",
    "Files",
    "Jobs",
    "Since",
    "Stage",
    "Until",
    "choose",
    "progress",
    "replay",
    "rules_of",
    "saying",
    "told",
]

INTERRUPTED = 130
TELL_SECONDS = 0.2
TOPIC = "topic:"

Stage = Annotated[
    Literal["articles", "claims"] | None,
    typer.Option(
        "--topic", metavar="TOPIC", help="articles (read again) or claims (as they were read) [default: claims; files: what they hold]"
    ),
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="From this event time on: 2024-01-31, 2024-01-31T12:00, or 90d ago.")
]
Until = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before this event time.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, metavar="N", help="Processes that read articles.")]
Files = Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", help="JSON lines of articles, or archives, instead of Kafka.")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which past was asked for."""

    settings: "Settings"
    files: tuple[str, ...]
    asked: "Asked"

    async def source(self, begin: Mapping[str, int], end: Mapping[str, int]) -> "Source":
        """The files; or the topic: between the ends of an earlier run, where there was one, else up to its end of now."""
        from streams import topics
        from streams.kafka import Admin
        from streams.replay import sources

        if self.files:
            return sources.Files(self.files)
        if end:
            return sources.Topic(self.settings, self.asked.stage, dict(begin), dict(end))
        async with Admin(self.settings) as admin:
            await admin.require(topics.topic(self.asked.stage))
        # An article is never published after it was written to the topic; a claim is written by another machine's clock, and the rules
        # that held may stand long before it.
        since = self.asked.span.since if self.asked.stage == "articles" else None
        return await sources.Topic.snapshot(self.settings, self.asked.stage, since)

    async def known(self) -> dict[str, "RuleSet"]:
        """The rule sets that were ever applied, where the past is a log of claims in Kafka; archives bring their own."""
        if self.files or self.asked.stage == "articles":
            return {}
        from streams.core.claims import FAMILY_OF
        from streams.kafka.rulebook import Rulebook

        book = Rulebook(self.settings, dict(FAMILY_OF))
        await book.load()
        return book.known


def replay(
    files: Files = None,
    since: Since = None,
    until: Until = None,
    topic: Stage = None,
    rules: Annotated[
        Path | None, typer.Option(metavar="FILE", help="These rules, all the time [default: those that the log of claims names]")
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="FILE|topic:NAME", help="Where alerts go [default: standard output]")] = None,
    openmetrics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the reported figures over time, for promtool.")] = None,
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

    \b
    Examples:
      newsgauge replay --out alerts.jsonl
      newsgauge replay --from 2023-12-01 --to 2024-03-01 --rules rules.yaml
      newsgauge replay --rules rules.yaml --jobs 2 --out alerts.jsonl stories.jsonl
      newsgauge replay --openmetrics figures.om claims.jsonl.gz
    """
    chosen = choose(files, since, until, topic, jobs, bootstrap, config)
    given = rules_of(rules) if rules else None
    if given is None and chosen.asked.stage == "articles":
        raise CommandError("A replay of articles needs --rules FILE: only the log of claims says which rules held.", USAGE)
    started = time.monotonic()
    with saying(), until_stopped() as stopped, ExitStack() as stack:
        folder = stack.enter_context(_folder(out))
        counts, events = on_kafka(chosen.settings, _replay(chosen, given, out, openmetrics, folder, stopped.is_set))
    seconds = time.monotonic() - started
    transitions = ", ".join(f"{count:,} {name}" for name, count in sorted(events.items())) or "no alerts"
    complain(f"{told(counts, seconds)}\n{transitions}")


async def _replay(
    chosen: Chosen, rules: "RuleSet | None", out: str | None, openmetrics: Path | None, folder: Path, stopped: Callable[[], bool]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    from streams.replay.checkpoint import Checkpoint, load
    from streams.replay.past import Past
    from streams.replay.replay import replay
    from streams.replay.samples import write_samples

    span = chosen.asked.span
    asked = {
        "source": (await chosen.source({}, {"0": 0})).identity,
        "stage": chosen.asked.stage,
        "span": [span.since, span.until],
        "rules": rules.hash if rules else None,
    }
    checkpoint = load(folder, asked) or Checkpoint(asked=asked)
    source = await chosen.source(checkpoint.begin, checkpoint.end)
    checkpoint.begin, checkpoint.end = dict(getattr(source, "begin", {})), dict(getattr(source, "end", {}))
    known = await chosen.known() | _parsed(checkpoint.rules)
    with progress() as tell:
        past = Past(source, chosen.asked, folder, known=known, tell=tell, stopped=stopped)
        past.texts.update(checkpoint.rules)
        summary = await replay(past, rules, _sink(chosen.settings, out), checkpoint, folder, span.until)
        if openmetrics:
            await write_samples(_again(past, source, chosen, folder, known, checkpoint.runs, stopped), openmetrics, folder)
    return summary.counts, summary.events


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


def _parsed(texts: Mapping[str, str]) -> "dict[str, RuleSet]":
    from streams.core.claims import FAMILY_OF
    from streams.core.rules import RuleSet, parse

    found = {name: parse(text, family_of=dict(FAMILY_OF)) for name, text in texts.items()}
    return {name: rules for name, rules in found.items() if isinstance(rules, RuleSet)}


def _sink(settings: "Settings", out: str | None) -> "Sink":
    from streams.replay.sinks import FileSink, ShowSink, TopicSink

    if out is None:
        return ShowSink(_shown())
    return TopicSink(settings, out.removeprefix(TOPIC)) if out.startswith(TOPIC) else FileSink(Path(out))


def _shown() -> "Callable[[Alert], None]":
    if not sys.stdout.isatty():
        return lambda alert: print(encode(alert).decode())
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
        raise CommandError(f"{folder} cannot be written: {error.strerror}.") from None
    yield folder
    shutil.rmtree(folder)


def choose(
    files: list[str] | None, since: str | None, until: str | None, topic: str | None, jobs: int, bootstrap: str | None, config: Path | None
) -> Chosen:
    """The past that the options name. CommandError where they contradict each other or a file is missing."""
    from streams.replay.past import Asked
    from streams.replay.reading import Span
    from streams.replay.sources import stage_of

    now = utc_now()
    span = Span(moment(since, now=now) if since else None, moment(until, now=now) if until else None)
    if span.since and span.until and span.since >= span.until:
        raise CommandError("--from must be before --to.", USAGE)
    for name in files or ():
        if not Path(name).is_file():
            raise CommandError(f"There is no file {name}.", USAGE)
    with saying():
        stage = stage_of(files) if files else topic or "claims"
    if topic and stage != topic:
        raise CommandError(f"The files hold {stage}, not {topic}.", USAGE)
    settings = load_settings(config, bootstrap=bootstrap)
    asked = Asked(stage="claims" if stage == "claims" else "articles", span=span, jobs=jobs, max_text=settings.max_text)
    return Chosen(settings, tuple(files or ()), asked)


def rules_of(path: Path) -> "RuleSet":
    """The rules of a file. CommandError with every fault, its line and column."""
    from streams.core.claims import FAMILY_OF
    from streams.core.rules import RuleSet, parse

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The rule file {path} cannot be read: {error}.", USAGE) from None
    rules = parse(text, file=str(path), family_of=dict(FAMILY_OF))
    if isinstance(rules, RuleSet):
        return rules
    raise CommandError("\n".join(str(fault) for fault in rules), USAGE)


@contextmanager
def saying() -> Iterator[None]:
    """What goes wrong with the past as a sentence; stopped by Ctrl-C as its exit status."""
    from streams.replay.past import Stopped
    from streams.replay.sources import ReplayError

    try:
        yield
    except ReplayError as error:
        raise CommandError(str(error), USAGE) from None
    except Stopped:
        complain("newsgauge: stopped. With --out FILE the same command goes on from here.")
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def progress() -> Iterator[Callable[[int, int, Mapping[str, int]], None]]:
    """A bar with rate and time left on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total, counts: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from streams.cli.present import console

    started = time.monotonic()
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("replaying", total=None)

        shown = 0.0

        def tell(done: int, total: int, counts: Mapping[str, int]) -> None:
            nonlocal shown
            if (now := time.monotonic()) - shown < TELL_SECONDS:
                return
            shown = now
            bar.update(task, completed=done, total=total or None, description=told(counts, now - started))

        yield tell


def told(counts: Mapping[str, int], seconds: float) -> str:
    """What became of the records, in one line."""
    refused = {name: count for name, count in counts.items() if name not in ("read", "outside", "claims", "other") and count}
    if "records" in counts:
        return f"{counts['records']:,} records, {seconds:,.1f} s"
    parts = [f"{counts.get('read', 0):,} articles"] if counts.get("read") else []
    parts += [f"{counts.get('claims', 0):,} claims"]
    parts += [f"{counts['outside']:,} outside the range"] if counts.get("outside") else []
    parts += [f"{count:,} refused ({name})" for name, count in sorted(refused.items())]
    rate = (counts.get("read", 0) or counts.get("claims", 0)) / max(seconds, 0.001)
    return ", ".join(parts) + f"; {rate:,.0f} a second, {seconds:,.1f} s"
