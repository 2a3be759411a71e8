"""Which past a replay or a backtest is of: its options, its sources, how far it has come, and what goes wrong with it."""

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import USAGE, CommandError, complain, counted, load_settings, moment, utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from streams.config import Settings
    from streams.core.rules import RuleSet
    from streams.replay import sources
    from streams.replay.past import Asked, Tell
    from streams.replay.sources import Offsets, Source, Stage

__all__ = [
    "INTERRUPTED",
    "Chosen",
    "Files",
    "Jobs",
    "Since",
    "Topics",
    "Until",
    "choose",
    "parsed",
    "progress",
    "refused",
    "saying",
    "told",
]

INTERRUPTED = 130
TELL_SECONDS = 0.2
PLACE = re.compile(r"([\w.-]+):(\d{1,6})@(\d{1,18})")

Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="articles (read again) or claims (as they were read), or such a topic with another prefix, as eu.claims; may be repeated "
        "[default: claims; files: what they hold]",
    ),
]
Since = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="TIME|OFFSET",
        help="From this event time on: 2024-01-31, 2024-01-31T12:00, or an age: 90d. Or from an offset: claims:3@1500, once a partition.",
    ),
]
Until = Annotated[list[str] | None, typer.Option("--to", metavar="TIME|OFFSET", help="Before this event time, or offset.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, metavar="N", help="Processes that read articles.")]
Files = Annotated[
    list[str] | None, typer.Argument(metavar="[FILE]...", help="JSON lines of dated articles, or archives, instead of Kafka.")
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which past was asked for. `topics` are names on the broker; `offsets` are by topic, or by stage for files."""

    settings: "Settings"
    files: tuple[str, ...]
    topics: tuple[str, ...]
    offsets: "Mapping[str, Offsets]"
    asked: "Asked"
    pinned: bool
    """The rules are given, so nothing before the first offset matters."""
    texts: tuple[str, ...] = ()
    """Files of the articles, where `files` are of claims and both are read."""

    @property
    def identity(self) -> dict[str, object]:
        """What makes it the same past again: plain JSON data."""
        from streams.replay import sources

        where: dict[str, object] = {"topics": self.topics, "bootstrap": self.settings.bootstrap}
        if self.files:
            where = sources.Files(self.files).identity
        offsets = [[name, sorted(one.begin.items()), sorted(one.end.items())] for name, one in sorted(self.offsets.items())]
        return where | ({"offsets": offsets} if offsets else {})

    async def source(self, begin: Mapping[str, int], end: Mapping[str, int]) -> "Source":
        """The files; or the topics: between the ends of an earlier run, where there was one, else up to their ends of now."""
        from streams.replay import sources

        stage = self.asked.stage
        if self.files:
            return sources.Files(self.files, stage, self._offsets(stage))
        found = [await self._topic(name, stage, _part(begin, number), _part(end, number)) for number, name in enumerate(self.topics)]
        return found[0] if len(found) == 1 else sources.Several(found)

    async def articles(self) -> "Source":
        """The texts of the same time, where the past is one of claims."""
        from streams.replay import sources

        if self.files:
            return sources.Files(self.texts)
        return await self._topic(self.settings.topic_prefix + "articles", "articles", {}, {})

    async def _topic(self, name: str, stage: "Stage", begin: dict[str, int], end: dict[str, int]) -> "sources.Topic":
        from streams import topics
        from streams.kafka import Admin
        from streams.replay import sources

        if end:
            return sources.Topic(self.settings, name, stage, begin, end, self._offsets(name))
        async with Admin(self._flow(name, stage)) as admin:
            await admin.require(topics.topic(stage))
        # An article is never published after it was written to the topic; a claim is written by another machine's clock, and the rules
        # that held may stand long before it.
        since = self.asked.span.since if stage == "articles" else None
        seek = self.pinned or stage == "articles"
        return await sources.Topic.snapshot(self.settings, name, stage, since, self._offsets(name), seek=seek)

    def _flow(self, name: str, stage: "Stage") -> "Settings":
        """The settings of the flow that a topic is of."""
        return self.settings.model_copy(update={"topic_prefix": name.removesuffix(stage)})

    def _offsets(self, name: str) -> "Offsets":
        from streams.replay.sources import WHOLE

        return self.offsets.get(name, WHOLE)

    async def known(self) -> "dict[str, RuleSet]":
        """The rule sets that were ever applied, where the past is a log of claims in Kafka; archives bring their own."""
        if self.files or self.pinned:
            return {}
        from streams.core.claims import FAMILY_OF
        from streams.kafka.rulebook import Rulebook

        book = Rulebook(self._flow(self.topics[0], self.asked.stage), dict(FAMILY_OF))
        await book.load()
        return book.known


def _part(places: Mapping[str, int], number: int) -> dict[str, int]:
    """Of places of several topics those of one; of one topic all."""
    mine = f"{number}/"
    return {place.removeprefix(mine): offset for place, offset in places.items() if place.startswith(mine) or "/" not in place}


def choose(
    files: list[str] | None,
    since: list[str] | None,
    until: list[str] | None,
    topics: list[str] | None,
    jobs: int,
    bootstrap: str | None,
    config: Path | None,
    *,
    pinned: bool,
    both: bool = False,
) -> Chosen:
    """The past that the options name. CommandError where they contradict each other or a file is missing.

    `pinned`: the rules are given. `both`: it is claims, and the articles of the same time too.
    """
    from streams.replay.past import Asked
    from streams.replay.reading import Span
    from streams.replay.sources import stage_of

    settings = load_settings(config, bootstrap=bootstrap)
    if both and topics:
        raise CommandError("--reader reads articles and claims: it takes no --topic.", USAGE)
    for name in files or ():
        if not Path(name).is_file():
            raise CommandError(f"There is no file {name}.", USAGE)
    with saying():
        texts = tuple(name for name in files or () if both and stage_of([name]) == "articles")
        names = tuple(name for name in files or () if name not in texts)
        found = stage_of(names) if names else None
    if both and files and not (texts and names):
        raise CommandError("--reader needs files of both: archives of claims, and their articles.", USAGE)
    chosen = _topics(topics or [found or "claims"], settings.topic_prefix)
    stage = chosen[0][1]
    if found and (found != stage or len(chosen) > 1):
        raise CommandError(f"The files hold {found}, not {', '.join(topics or ())}.", USAGE)
    span, offsets = _ends(since or [], until or [], {stage: stage} if files else {name: full for name, _, full in chosen})
    if both and offsets:
        raise CommandError("With --reader --from and --to are times: an offset is of claims or of articles, not of both.", USAGE)
    several = len(chosen) > 1 and stage == "claims"
    if several and not pinned:
        raise CommandError("Several logs of claims have rules of their own: a replay of all of them needs --rules FILE.", USAGE)
    if stage == "articles" and not pinned:
        raise CommandError("A replay of articles needs --rules FILE: only the log of claims says which rules held.", USAGE)
    asked = Asked(stage=stage, several=several, span=Span(*span), jobs=jobs, max_text=settings.max_text)
    return Chosen(settings, names, tuple(full for *_, full in chosen), offsets, asked, pinned, texts)


def _topics(names: Sequence[str], prefix: str) -> "list[tuple[str, Stage, str]]":
    """Each topic as it was written, its stage and its name on the broker. Without a prefix it is of this flow."""
    found: list[tuple[str, Stage, str]] = []
    for name in dict.fromkeys(names):
        stage = name.rpartition(".")[2]
        if stage != "articles" and stage != "claims":
            raise CommandError(f"--topic {name}: it must be articles or claims, or such a topic with another prefix, as eu.claims.", USAGE)
        found.append((name, "articles" if stage == "articles" else "claims", name if "." in name else prefix + name))
    if len({stage for _, stage, _ in found}) > 1:
        raise CommandError(f"--topic {', '.join(names)}: a replay takes either articles or claims.", USAGE)
    return found


Ends = tuple["datetime | None", "datetime | None"]


def _ends(since: Sequence[str], until: Sequence[str], topics: Mapping[str, str]) -> "tuple[Ends, dict[str, Offsets]]":
    """Both event times, and the offsets by topic. `topics`: the names that may stand before an offset, and what they are called."""
    from streams.replay.sources import Offsets

    now, times = utc_now(), []
    places: dict[str, tuple[dict[int, int], dict[int, int]]] = {}
    for side, (option, texts) in enumerate((("--from", since), ("--to", until))):
        written = [text for text in texts if not PLACE.fullmatch(text.strip())]
        if len(written) > 1:
            raise CommandError(f"{option} takes one time, not {len(written)}: {', '.join(written)}.", USAGE)
        times.append(moment(written[0], now=now) if written else None)
        for place in filter(None, (PLACE.fullmatch(text.strip()) for text in texts)):
            if place[1] not in topics:
                raise CommandError(f"{option} {place[0]}: this replay is of {', '.join(topics)}, not of {place[1]}.", USAGE)
            ends = places.setdefault(topics[place[1]], ({}, {}))
            if int(place[2]) in ends[side]:
                raise CommandError(f"{option} names {place[1]}:{place[2]} twice.", USAGE)
            ends[side][int(place[2])] = int(place[3])
    if times[0] and times[1] and times[0] >= times[1]:
        raise CommandError("--from must be before --to.", USAGE)
    for name, (begin, end) in places.items():
        for partition in begin.keys() & end.keys():
            if begin[partition] >= end[partition]:
                raise CommandError(f"--from must be before --to: {name}:{partition}@{begin[partition]} is not.", USAGE)
    return (times[0], times[1]), {name: Offsets(begin, end) for name, (begin, end) in places.items()}


def parsed(texts: Mapping[str, str]) -> "dict[str, RuleSet]":
    """Rule sets by hash, of their texts."""
    from streams.core.claims import FAMILY_OF
    from streams.core.rules import RuleSet, parse

    found = {name: parse(text, family_of=dict(FAMILY_OF)) for name, text in texts.items()}
    return {name: rules for name, rules in found.items() if isinstance(rules, RuleSet)}


@contextmanager
def saying(*, resumable: bool = False) -> Iterator[None]:
    """What goes wrong with the past as a sentence; stopped by Ctrl-C as its exit status."""
    from streams.kafka import KafkaClientError
    from streams.replay.past import Stopped
    from streams.replay.sources import ReplayError

    try:
        yield
    except (ReplayError, KafkaClientError) as error:
        raise CommandError(str(error), USAGE) from None
    except Stopped:
        complain("newsgauge: stopped." + (" The same command goes on from here." if resumable else ""))
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def progress() -> "Iterator[Tell]":
    """A bar with rate and time left on a terminal, one for each step; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda step, done, total, counts: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from streams.cli.present import console

    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        tasks: dict[str, Any] = {}
        before: Mapping[str, int] = {}
        started, shown = time.monotonic(), 0.0

        def tell(step: str, done: int, total: int, counts: Mapping[str, int]) -> None:
            nonlocal shown, before
            if not tasks:
                before = dict(counts)
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=None)
            elif (now := time.monotonic()) - shown < TELL_SECONDS:
                return
            else:
                shown = now
            line = f"{step}: {told(counts, time.monotonic() - started, before)}"
            bar.update(tasks[step], completed=done, total=total or None, description=line)

        yield tell


QUIET = frozenset(("read", "outside", "claims", "other", "entries", "sorted", "documents", "without_article"))
"""Counts that are no reasons of refusal."""


def refused(counts: Mapping[str, int]) -> list[str]:
    """How many records were refused, reason by reason."""
    return [f"{count:,} refused ({name})" for name, count in sorted(counts.items()) if name not in QUIET and count]


def told(counts: Mapping[str, int], seconds: float, before: Mapping[str, int] | None = None) -> str:
    """What became of the records, in one line. The rate is of what was done since `before`."""
    if "records" in counts:
        return f"{counted(counts['records'], 'record')}, {seconds:,.1f} s"
    parts = [counted(counts["read"], "article")] if counts.get("read") else []
    parts += [counted(counts.get("claims", 0), "claim")]
    parts += [f"{counts['outside']:,} outside the range"] if counts.get("outside") else []
    parts += [f"{counted(counts['without_article'], 'document')} without an article left out"] if counts.get("without_article") else []
    parts += refused(counts)
    what = "read" if counts.get("read") else "claims"
    rate = (counts.get(what, 0) - (before or {}).get(what, 0)) / max(seconds, 0.001)
    return ", ".join(parts) + f"; {rate:,.0f} a second, {seconds:,.1f} s"
