"""`newsgauge tail`: what is in a topic, for people in a terminal and for programs behind a pipe."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemas import Alert, Article, Enriched, SchemaError, decode
from schemas.claims import decode_record
from schemas.codec import parse
from streams.cli.options import USAGE, Bootstrap, CommandError, Config, complain, load_settings, moment, on_kafka, print_json, utc_now

if TYPE_CHECKING:
    from streams.cli.present import Told
    from streams.config import Settings
    from streams.kafka import Record, Start

__all__ = ["tail"]

What = Literal["articles", "enriched", "claims", "alerts", "dead"]
NEWEST = 10


def tail(
    what: Annotated[What, typer.Argument(metavar="TOPIC", help="articles, enriched, claims, alerts or dead.")] = "alerts",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what arrives, until Ctrl-C.")] = False,
    count: Annotated[int | None, typer.Option("--lines", "-n", min=0, metavar="N", help="The newest N records [default: 10]")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Records since a time or an age: 2024-01-31, 90m, 7d.")] = None,
    beginning: Annotated[bool, typer.Option("--from-beginning", help="All records.")] = False,
    json: Annotated[bool | None, typer.Option("--json/--text", help="JSON lines or lines to read [default: to read in a terminal]")] = None,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Show what is in a topic: alerts, unless another is named.

    In a terminal each record is told in a few lines, an alert with the sentence that proves it and the figure marked. Behind a pipe
    each record is one JSON line as it lies in Kafka (for `dead`: why it was refused, and the bytes as text). Records come in the
    order of time over all partitions; those that arrive later, as they arrive. Nothing is committed, so no consumer is disturbed.

    \b
    Examples:
      newsgauge tail -f
      newsgauge tail claims --since 2h
      newsgauge tail alerts --from-beginning | jq 'select(.level == "critical") | .summary'
      newsgauge tail dead -n 1
    """
    if sum((count is not None, since is not None, beginning)) > 1:
        raise CommandError("--lines, --since and --from-beginning are three ways to say where to start: take one.", USAGE)
    at = moment(since, now=utc_now()) if since else None
    settings = load_settings(config, bootstrap=bootstrap)
    as_json = not sys.stdout.isatty() if json is None else json
    work = _tail(settings, what, _start(count, at, beginning), follow, _json_line if as_json else _to_read())
    on_kafka(settings, work, endless=follow)


def _start(count: int | None, since: datetime | None, beginning: bool) -> "Start":
    from streams.kafka import Last

    return "beginning" if beginning else since or Last(NEWEST if count is None else count)


async def _tail(settings: "Settings", what: What, start: "Start", follow: bool, show: Callable[[What, "Record"], None]) -> None:
    from streams.kafka import Admin, read
    from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD, ENRICHED

    topic = {"articles": ARTICLES, "enriched": ENRICHED, "claims": CLAIMS, "alerts": ALERTS, "dead": DEAD}[what]
    async with Admin(settings) as admin:
        await admin.require(topic)
    async for record in read(settings, topic.named(settings.topic_prefix), start=start, follow=follow):
        show(what, record)


def _json_line(what: What, record: "Record") -> None:
    """One line of JSON. A value that is no JSON is named on standard error, since a program reads the rest."""
    if what == "dead":
        from streams.cli.letters import as_json

        print_json(as_json(record))
    else:
        try:
            print_json(parse(record.value))
        except SchemaError as error:
            complain(f"{record.topic} {record.partition}/{record.offset} is not shown: {error}")


def _to_read() -> Callable[[What, "Record"], None]:
    from streams.cli.present import console, has_colour, tell

    out = console()

    def show(what: What, record: "Record") -> None:
        tell(out, _told(what, record, colour=has_colour(out)))

    return show


def _told(what: What, record: "Record", *, colour: bool) -> "Told":
    """One record for a person; what it should be and is not is said in its place."""
    from streams.cli import present

    if what == "dead":
        from streams.cli.letters import as_told

        return as_told(record)
    try:
        match what:
            case "articles":
                return present.article_told(decode(record.value, Article))
            case "enriched":
                return present.enriched_told(decode(record.value, Enriched))
            case "claims":
                return present.claim_told(decode_record(record.value), colour=colour)
            case "alerts":
                return present.alert_told(decode(record.value, Alert), colour=colour)
    except SchemaError as error:
        return present.fault_told(f"{record.topic} {record.partition}/{record.offset}", f"{error.reason}: {error}")
