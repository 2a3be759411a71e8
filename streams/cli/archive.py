"""`newsgauge archive`: a topic's range as JSON lines, so that history outlives retention."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from streams.cli.options import USAGE, Bootstrap, CommandError, Config, complain, load_settings, moment, on_kafka, until_stopped, utc_now
from streams.cli.past import INTERRUPTED, progress

if TYPE_CHECKING:
    from streams.config import Settings
    from streams.kafka import Record
    from streams.replay.archive import Archived

__all__ = ["archive"]

LOOK_EVERY = 256


def archive(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="A topic of the flow, without prefix: claims, articles, alerts ...")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file; packed where its name ends in .gz.")],
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Records written at or after this time.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Records written before this time.")] = None,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Write a topic's records to a file, for replay and backtest.

    A line is a record: topic, partition, offset, timestamp, key, headers, value; bytes that are no text as {"base64": ...}. Records come in
    the order of time, those of a partition in their order. An archive of claims begins with the rule sets that the log names. The file is
    there once it is whole.

    \b
    Examples:
      newsgauge archive claims --out claims.jsonl.gz
      newsgauge archive articles --from 2024-01-01 --to 2024-02-01 --out january.jsonl.gz
    """
    from streams.topics import TOPICS

    if topic not in (names := {one.name for one in TOPICS}):
        raise CommandError(f"There is no topic {topic} in the flow. There are: {', '.join(sorted(names))}.", USAGE)
    now = utc_now()
    span = (moment(since, now=now) if since else None, moment(until, now=now) if until else None)
    settings = load_settings(config, bootstrap=bootstrap)
    with until_stopped() as stopped, _whole(out) as stream:
        count = on_kafka(settings, _archive(settings, topic, span, stream, stopped.is_set))
        if count is None:
            complain("newsgauge: stopped; nothing was kept.")
            raise typer.Exit(INTERRUPTED)
    complain(f"{count:,} records of {topic} in {out}, {out.stat().st_size:,} bytes")


async def _archive(
    settings: "Settings",
    topic: str,
    span: tuple[datetime | None, datetime | None],
    stream: "IO[bytes] | gzip.GzipFile",
    stopped: Callable[[], bool],
) -> int | None:
    """How many records were written; None where it was stopped."""
    from streams import topics
    from streams.kafka import Admin
    from streams.kafka.reader import Between, bounds, read
    from streams.replay.archive import to_line

    name, (since, until), count = settings.topic_prefix + topic, span, 0
    async with Admin(settings) as admin:
        await admin.require(topics.topic(topic))
    if topic == topics.CLAIMS.name:
        async for record in read(settings, settings.topic_prefix + topics.RULES.name, start="beginning"):
            stream.write(to_line(_archived(topics.RULES.name, record)) + b"\n")
    begin, end = await bounds(settings, name, since)
    total, done = sum(end.values()) - sum(begin.values()), 0
    with progress() as tell:
        async for record in read(settings, name, start=Between(begin, end)):
            done += 1
            if (since is None or record.timestamp >= since) and (until is None or record.timestamp < until):
                stream.write(to_line(_archived(topic, record)) + b"\n")
                count += 1
            tell("read", done, total, {"records": count})
            if done % LOOK_EVERY == 0 and stopped():
                return None
    return count


def _archived(topic: str, record: "Record") -> "Archived":
    from streams.replay.archive import Archived

    return Archived(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=record.headers,
    )


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """The file under another name, which becomes `path` when all went well. Packed, it has the same bytes for the same records."""
    part = path.with_name(path.name + ".part")
    try:
        raw = part.open("wb")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                    yield packed
            else:
                yield raw
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
