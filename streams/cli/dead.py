"""`newsgauge dead`: what was refused, why, and sending it through again."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from streams.cli.options import (
    FAILURE,
    USAGE,
    Bootstrap,
    CommandError,
    Config,
    Json,
    complain,
    counted,
    load_settings,
    moment,
    on_kafka,
    print_json,
    utc_now,
)

if TYPE_CHECKING:
    from streams.config import Settings
    from streams.kafka import Record

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""List, show and redrive what was refused.

    A record that the worker cannot use goes to the dead letters, bytes as they came, with the reason in its headers.

    \b
    Examples:
      newsgauge dead list --since 1d
      newsgauge dead show 3/17
      newsgauge dead redrive --reason unexpected --yes
    """,
)

Reason = Annotated[
    str | None, typer.Option("--reason", metavar="WORD", help="Only those refused for this reason: not_json, bad_published ...")
]
Stage = Annotated[str | None, typer.Option("--stage", metavar="WORD", help="Only those refused at this stage: enrich, watch ...")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only those since a time or an age: 2024-01-31, 90m, 7d.")]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which dead letters: these ids, or those that pass all filters."""

    places: tuple[tuple[int, int], ...] = ()
    reason: str | None = None
    stage: str | None = None
    since: datetime | None = None


def _wanted(ids: list[str], reason: str | None, stage: str | None, since: str | None) -> _Wanted:
    from streams.cli.letters import place_of
    from streams.core.intake import Refused
    from streams.core.yamlfile import suggest

    known = get_args(Refused)
    if reason is not None and reason not in known:
        meant = suggest(reason, known) or "."
        raise CommandError(f"{reason!r} is no reason{meant} There are: {', '.join(known)}.", USAGE)
    return _Wanted(tuple(place_of(name) for name in ids), reason, stage, moment(since, now=utc_now()) if since else None)


@app.command("list")
def list_(
    reason: Reason = None,
    stage: Stage = None,
    since: Since = None,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """List dead letters, the oldest first.

    For each: its id, the reason, the stage, where it came from, and how it begins.

    \b
    Examples:
      newsgauge dead list --since 1d
      newsgauge dead list --reason not_json --json | jq -r .id
    """
    wanted = _wanted([], reason, stage, since)
    settings = load_settings(config, bootstrap=bootstrap)
    shown = on_kafka(settings, _list(settings, wanted, json))
    if not json:
        complain(counted(shown, "dead letter"))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it: PARTITION/OFFSET, or articles.dead-PARTITION/OFFSET.")],
    raw: Annotated[bool, typer.Option("--raw", help="Only the bytes, exactly as they came.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Show one dead letter in full.

    Everything that its headers say, and its bytes.

    \b
    Examples:
      newsgauge dead show 3/17
      newsgauge dead show 3/17 --raw > refused.json
    """
    wanted = _wanted([name], None, None, None)
    settings = load_settings(config, bootstrap=bootstrap)
    (record,) = on_kafka(settings, _gather(settings, wanted))
    if raw:
        sys.stdout.buffer.write(record.value or b"")
        sys.stdout.buffer.flush()
    elif json:
        _print(record, json)
    else:
        from streams.cli.letters import in_full

        print(in_full(record))


@app.command()
def redrive(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` shows them; else what the filters pass.")] = None,
    reason: Reason = None,
    stage: Stage = None,
    since: Since = None,
    all_: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send them. Without it they are only listed.")] = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Send dead letters back to where they came from.

    For when the fault behind them is mended. Key, bytes and headers go as they are, so that the worker counts the attempt: what
    fails again returns as a dead letter of the next attempt. The old letter stays where it is until its retention is over; sending
    it twice does no harm, for alerts are idempotent.

    \b
    Examples:
      newsgauge dead redrive --reason unexpected --since 1d          # what would be sent
      newsgauge dead redrive --reason unexpected --since 1d --yes    # send it
      newsgauge dead redrive 3/17 0/4 --yes
    """
    if not (ids or reason or stage or since or all_):
        raise CommandError("Say which: ids, --reason, --stage, --since, or --all.", USAGE)
    if ids and (reason or stage or since or all_):
        raise CommandError("Ids name the dead letters already: take either ids or filters.", USAGE)
    wanted = _wanted(ids or [], reason, stage, since)
    settings = load_settings(config, bootstrap=bootstrap)
    sent, failed = on_kafka(settings, _redrive(settings, wanted, yes))
    if yes:
        print(f"sent {sent:,} back, {failed:,} could not be sent")
    else:
        print(f"{sent:,} would be sent back (nothing was: add --yes)")
    if failed:
        raise typer.Exit(FAILURE)


async def _select(settings: "Settings", wanted: _Wanted) -> "AsyncIterator[Record]":
    """The dead letters that are wanted. CommandError where an id names none."""
    from streams.cli.letters import letter_of
    from streams.kafka import Admin, read
    from streams.topics import DEAD

    async with Admin(settings) as admin:
        await admin.require(DEAD)
        count = (await admin.partitions())[DEAD.name]
    topic = DEAD.named(settings.topic_prefix)
    for partition, offset in wanted.places:
        if partition >= count or (record := await _one(settings, topic, partition, offset)) is None:
            raise CommandError(f"There is no dead letter {topic}-{partition}/{offset} (any more).")
        yield record
    if wanted.places:
        return
    async for record in read(settings, topic, start=wanted.since or "beginning"):
        letter = letter_of(record)
        if wanted.reason in (None, letter and letter.reason) and wanted.stage in (None, letter and letter.stage):
            yield record


async def _one(settings: "Settings", topic: str, partition: int, offset: int) -> "Record | None":
    from streams.kafka import At, read

    async for record in read(settings, topic, start=At(partition, offset)):
        return record if record.offset == offset else None
    return None


async def _gather(settings: "Settings", wanted: _Wanted) -> "list[Record]":
    return [record async for record in _select(settings, wanted)]


async def _list(settings: "Settings", wanted: _Wanted, json: bool) -> int:
    shown = 0
    async for record in _select(settings, wanted):
        shown += 1
        _print(record, json)
    return shown


def _print(record: "Record", json: bool) -> None:
    from streams.cli.letters import as_json, as_told
    from streams.cli.present import console, tell

    if json:
        print_json(as_json(record))
    else:
        tell(console(), as_told(record))


async def _redrive(settings: "Settings", wanted: _Wanted, send: bool) -> tuple[int, int]:
    """Sends what is wanted (or only names it); how many were sent, and how many could not be."""
    from streams.cli.letters import letter_of, name_of
    from streams.kafka import Writer
    from streams.topics import CLAIMS, TOPICS

    sources = {topic.named(settings.topic_prefix) for topic in TOPICS if topic.read_by_worker}
    logs = {CLAIMS.named(settings.topic_prefix)}  # where a record has its partition, and not by its key alone
    counts = {"sent": 0, "failed": 0}

    def settled(name: str, fault: BaseException | None) -> None:
        counts["sent" if fault is None else "failed"] += 1
        if fault is not None:
            complain(f"{name} was not sent: {fault}")

    async with Writer(settings) as writer:
        async for record in _select(settings, wanted):
            name, letter = name_of(record), letter_of(record)
            if letter is None or letter.topic not in sources:
                settled(name, ValueError("its headers do not name a topic that a worker reads"))
                continue
            print(f"{name}  {letter.reason} at {letter.stage}, attempt {letter.attempt}, back to {letter.topic}")
            if send:
                done, place = partial(settled, name), letter.partition if letter.topic in logs else None
                await writer.write(letter.topic, record.value, key=record.key, headers=record.headers, partition=place, done=done)
            else:
                settled(name, None)
    return counts["sent"], counts["failed"]
