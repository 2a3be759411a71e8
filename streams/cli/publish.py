"""`newsgauge publish`: articles from files into the topic `articles`."""

import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from schemas.article import Article
from schemas.codec import SchemaError, decode, encode
from streams.cli.inputs import STDIN, Bad, Format, Line, article_of_text, format_of, is_regular, lines, opened, shown, without_blocking
from streams.cli.options import (
    FAILURE,
    USAGE,
    Bootstrap,
    CommandError,
    Config,
    Json,
    complain,
    load_settings,
    on_kafka,
    print_json,
    utc_now,
)
from streams.core.intake import Rejected, identify, receive

if TYPE_CHECKING:
    from streams.config import Settings
    from streams.kafka import Writer

__all__ = ["publish"]

LONG = 1_000_000
"""Bytes of input from which a progress bar is shown."""
SNIFF = 512


@dataclass(slots=True)
class _Tally:
    """What became of the articles so far."""

    published: int = 0
    refused: int = 0
    started: float = field(default_factory=time.monotonic)

    def refuse(self, bad: Bad) -> None:
        self.refused += 1
        complain(str(bad))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class _Job:
    """What the command line asked for."""

    files: tuple[str, ...]
    form: Format
    raw: bool
    given: Article


def publish(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of JSON lines or plain text; - is standard input.")],
    published: Annotated[str | None, typer.Option(metavar="DATE", help="Plain text: when it was published (ISO 8601).")] = None,
    publisher: Annotated[str | None, typer.Option(metavar="NAME", help="Plain text: who published it.")] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Plain text: its address.")] = None,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="Plain text: its headline.")] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Plain text: its id; without one the URL, else a hash of the text.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", metavar="FORMAT", help="auto (by the file's name, else by its first character), jsonl or text.")
    ] = "auto",
    raw: Annotated[bool, typer.Option("--raw", help="Send each line as it is, unchecked and without a key.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Publish articles to Kafka, for a worker to read.

    A file holds JSON lines, one article a line, or is one plain text. An article needs only "text"; "id", "url", "title", "published",
    "updated", "publisher" (or "source": {"outlet": ...}), "language" and "version" are used where present.
    A plain text may begin with a head, `date 2024-01-31 (PUBLISHER)`, which is not part of the text that is published.

    A line that is no article is reported with file, line and reason; the others are published all the same, and the exit status is 1.

    \b
    Examples:
      newsgauge publish stories.jsonl
      newsgauge publish story.txt --published 2024-01-31 --publisher "The Example"
      crawler | newsgauge publish -
    """
    job = _job(files, form, raw, Article(text="", published=published, publisher=publisher, url=url, title=title, id=id_))
    settings = load_settings(config, bootstrap=bootstrap)
    tally = _Tally()
    on_kafka(settings, _publish(settings, job, tally), endless=STDIN in files)
    _report(tally, json)
    if tally.refused:
        raise typer.Exit(FAILURE)


def _job(files: list[str], form: Format, raw: bool, given: Article) -> _Job:
    for name in files:
        if name != STDIN and (Path(name).is_dir() or not Path(name).exists()):
            raise CommandError(f"{name} is a directory." if Path(name).is_dir() else f"There is no file {name}.", USAGE)
    if len(files) > 1 and (given.id or given.url):
        raise CommandError("--id and --url name one article, and there are several files.", USAGE)
    return _Job(tuple(files), form, raw, given)


async def _publish(settings: "Settings", job: _Job, tally: _Tally) -> None:
    from streams.kafka import Admin, Writer
    from streams.topics import ARTICLES

    async with Admin(settings) as admin:
        await admin.require(ARTICLES)
    with _progress(job.files) as advance:
        async with Writer(settings) as writer:
            for name in job.files:
                with opened(name) as stream:
                    await _publish_file(_Sender(settings, writer, tally), name, stream, job, advance)


async def _publish_file(sender: "_Sender", name: str, stream: BinaryIO, job: _Job, advance: Any) -> None:
    beginning = stream.peek(SNIFF) if hasattr(stream, "peek") else b""
    if not job.raw and format_of(name, beginning, job.form) == "text":
        await sender.text(name, stream.read(), job.given)
        return
    if job.given != Article(text=""):
        raise CommandError(
            f"--published, --publisher, --url, --title and --id are for plain text, and {shown(name)} holds JSON lines.", USAGE
        )
    async for line in without_blocking(lines(name, stream), waits=not is_regular(stream)):
        await (sender.send(line.where, line.data, None) if job.raw else sender.line(line))
        advance(len(line.data) + 1)


class _Sender:
    """Checks articles as a worker would, and sends them."""

    def __init__(self, settings: "Settings", writer: "Writer", tally: _Tally) -> None:
        from streams.topics import ARTICLES

        self._settings = settings
        self._writer = writer
        self._tally = tally
        self._topic = ARTICLES.named(settings.topic_prefix)

    async def line(self, line: Line) -> None:
        """One article as JSON; its bytes travel as they are."""
        try:
            article = decode(line.data, Article)
        except SchemaError as error:
            self._tally.refuse(Bad(line.where, f"{error.reason}: {error}"))
            return
        await self._article(line.where, article, line.data)

    async def text(self, name: str, data: bytes, given: Article) -> None:
        """One plain text."""
        article = article_of_text(name, data, given)
        if isinstance(article, Bad):
            self._tally.refuse(article)
            return
        present = {key: value for key in Article.__slots__ if (value := getattr(article, key)) is not None}
        await self._article(f"{name}:1", article, encode(present))

    async def _article(self, where: str, article: Article, data: bytes) -> None:
        received = receive(article, timestamp=utc_now(), max_text=self._settings.max_text)
        if isinstance(received, Rejected):
            self._tally.refuse(Bad(where, f"{received.reason}: {received.detail}"))
            return
        await self.send(where, data, identify(article)[0].encode())

    async def send(self, where: str, data: bytes, key: bytes | None) -> None:
        """One record. What Kafka refuses is refused here too, with its words."""
        if len(data) + len(key or b"") + 200 > self._settings.max_message_bytes:
            self._tally.refuse(Bad(where, f"too_large: {len(data):,} bytes, at most {self._settings.max_message_bytes:,} are taken"))
            return

        def done(fault: BaseException | None) -> None:
            if fault is None:
                self._tally.published += 1
            else:
                self._tally.refuse(Bad(where, f"Kafka did not take it: {fault}"))

        await self._writer.write(self._topic, data, key=key, done=done)


def _progress(files: tuple[str, ...]) -> Any:
    """A context that gives `advance(bytes)`: a bar on a terminal where the input is long or has no known end, else nothing."""
    sizes = [Path(name).stat().st_size for name in files if name != STDIN]
    known = len(sizes) == len(files)
    if not sys.stderr.isatty() or (known and sum(sizes) < LONG) or (not known and sys.stdin.isatty()):
        return nullcontext(lambda count: None)
    return _bar(sum(sizes) if known else None)


def _bar(total: int | None) -> Any:
    from contextlib import contextmanager

    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from streams.cli.present import console

    @contextmanager
    def bar() -> Any:
        columns = (TextColumn("publishing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
            task = progress.add_task("publishing", total=total)
            yield lambda count: progress.advance(task, count)

    return bar()


def _report(tally: _Tally, json: bool) -> None:
    if json:
        print_json({"published": tally.published, "refused": tally.refused, "seconds": round(tally.seconds, 3)})
    else:
        print(f"published {tally.published:,}, refused {tally.refused:,}, in {tally.seconds:.1f} s")
