"""`newsgauge deliveries`: what was told to whom, what failed, and sending it again."""

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemas.delivery import Delivery, Outcome, ReceiverState
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
from streams.core.untrusted import clean

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from streams.config import Settings
    from streams.notify.asking import Line, Request

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""List deliveries and send them again.

    The notifier logs every try and every decision not to send; the log is kept for 90 days.

    \b
    Examples:
      newsgauge deliveries list --since 2h
      newsgauge deliveries list --outcome failed --receiver desk
      newsgauge deliveries redeliver --receiver desk --failed --yes
    """,
)
STYLES = {"delivered": "green", "retrying": "yellow", "failed": "bold red"}

Receiver = Annotated[str | None, typer.Option("--receiver", metavar="NAME", help="Only to this receiver.")]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="Since a time or an age: 2024-01-31, 90m, 7d.")]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which lines of the log."""

    receiver: str | None
    alert: str | None
    outcome: Outcome | None
    since: datetime

    def __contains__(self, line: object) -> bool:
        if not isinstance(line, Delivery):
            return False
        names = (line.event_id, line.alert_id, line.fingerprint, line.rule)
        return (
            self.receiver in (None, line.receiver)
            and self.outcome in (None, line.outcome)
            and (self.alert is None or any(name is not None and name.startswith(self.alert) for name in names))
        )


@app.command("list")
def list_(
    receiver: Receiver = None,
    alert: Annotated[
        str | None,
        typer.Option("--alert", metavar="ID", help="Only this alert: a rule, a fingerprint, an alert or event id, or its start."),
    ] = None,
    outcome: Annotated[
        Literal["delivered", "retrying", "failed", "collapsed", "unsent", "silenced"] | None,
        typer.Option("--outcome", metavar="WORD", help="delivered, retrying, failed, collapsed, unsent or silenced."),
    ] = None,
    since: Since = "1d",
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """List tries and decisions not to send, the oldest first.

    Receivers that are disabled are named before. A table in a terminal, elsewhere a line each with tabs; with --json each line is a
    record of the log, and each disabled receiver one of its state.

    \b
    Examples:
      newsgauge deliveries list --since 2h
      newsgauge deliveries list --alert sw-border-daily --outcome silenced
      newsgauge deliveries list --since 7d --json | jq 'select(.outcome == "failed") | .reason'
    """
    wanted = _Wanted(receiver, alert, outcome, moment(since, now=utc_now()))
    settings = load_settings(config, bootstrap=bootstrap)
    disabled, lines = on_kafka(settings, _gather(settings, wanted))
    if json:
        for state in disabled:
            print_json(state)
        for line in lines:
            print_json(line.delivery)
        return
    for state in disabled:
        complain(f"{state.name} is disabled since {_clock(state.at)}: {state.reason}{f', {state.detail}' if state.detail else ''}")
    if sys.stdout.isatty() and lines:
        from streams.cli.present import console

        console().print(_table(lines))
    else:
        for line in lines:
            print("\t".join(map(str, _row(line.delivery))))
    complain(counted(len(lines), "line"))


@app.command()
def redeliver(
    events: Annotated[list[str] | None, typer.Argument(metavar="EVENT", help="Event ids, as `list --json` shows them.")] = None,
    receiver: Receiver = None,
    failed: Annotated[bool, typer.Option("--failed", help="Everything that was given up and not delivered since.")] = False,
    since: Since = "90d",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send. Without it the events are only listed.")] = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Send events again.

    Either the events named, to every receiver they were meant for or to --receiver alone, or with --failed all that a receiver did not
    get. A receiver that is disabled is enabled. The notifier sends them in the order of their alerts and with the same webhook-id as
    before, so a receiver that has one already drops it.

    \b
    Examples:
      newsgauge deliveries redeliver --receiver desk --failed          # what would be sent
      newsgauge deliveries redeliver --receiver desk --failed --yes    # send it
      newsgauge deliveries redeliver e256a597-0243-547a-b8de-af1406176bb4 --yes
    """
    if bool(events) == failed:
        raise CommandError("Say which: either event ids, or --failed with --receiver.", USAGE)
    if failed and receiver is None:
        raise CommandError("--failed needs --receiver: which receiver is mended?", USAGE)
    settings = load_settings(config, bootstrap=bootstrap)
    found = on_kafka(settings, _select(settings, set(events or ()), receiver, moment(since, now=utc_now())))
    unknown = sorted(set(events or ()) - {one.event_id for one in found})
    if unknown:
        raise CommandError(f"The log of deliveries has no event {unknown[0]}{f' for {receiver}' if receiver else ''}.")
    for one in found:
        print(clean(f"{one.event_id}  to {one.receiver}"))
    if not yes:
        print(f"{len(found):,} would be sent again (nothing was: add --yes)")
        return
    enabled, missing = on_kafka(settings, _redeliver(settings, found, receiver))
    for name in enabled:
        print(f"enabled {name}")
    for one in missing:
        complain(f"{one.event_id} is no longer in alerts and cannot be sent")
    print(f"asked for {len(found) - len(missing):,}; `newsgauge deliveries list` shows what comes of it")
    if missing:
        raise typer.Exit(FAILURE)


async def _gather(settings: "Settings", wanted: _Wanted) -> "tuple[list[ReceiverState], list[Line]]":
    from streams.notify.asking import deliveries, known

    followed = await known(settings)
    disabled = [state for name in sorted(followed.receivers) if (state := followed.disabled(name)) and wanted.receiver in (None, name)]
    return disabled, [line async for line in deliveries(settings, wanted.since) if line.delivery in wanted]


async def _select(settings: "Settings", events: set[str], receiver: str | None, since: datetime) -> "list[Request]":
    """The events to send again, each once a receiver, in the order of the log: the named ones, or those whose last line says failed."""
    from streams.notify.asking import Request, deliveries

    last: dict[tuple[str, str], Line] = {}
    async for line in deliveries(settings, since):
        delivery = line.delivery
        if delivery.offset is not None and receiver in (None, delivery.receiver) and (not events or delivery.event_id in events):
            last[delivery.receiver, delivery.event_id] = line
    chosen = [line for line in last.values() if events or line.delivery.outcome == "failed"]
    chosen.sort(key=lambda line: (line.delivery.receiver, line.partition, line.delivery.offset or 0))
    return [Request(line.delivery.receiver, line.partition, line.delivery.offset or 0, line.delivery.event_id) for line in chosen]


async def _redeliver(settings: "Settings", wanted: "list[Request]", receiver: str | None) -> "tuple[list[str], list[Request]]":
    from streams.notify.asking import enable, known, redeliver

    now = utc_now()
    names = {one.receiver for one in wanted} | ({receiver} if receiver else set())
    enabled = await enable(settings, names, await known(settings), now)
    return enabled, await redeliver(settings, wanted, now)


def _table(lines: "list[Line]") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("time", "receiver", "outcome", "event", "try", "why"):
        table.add_column(name, overflow="fold", no_wrap=name in ("time", "outcome"))
    for line in lines:
        table.add_row(*_row(line.delivery))
    return table


def _row(line: Delivery) -> "tuple[Text | str, ...]":
    from rich.text import Text

    event = " ".join(filter(None, (line.transition, line.level, line.rule, line.event_id)))
    status = str(line.status) if line.status and str(line.status) not in line.detail else None
    later = f"again at {line.next_at:%H:%M:%S}Z" if line.next_at else None
    silence = f"silence {line.silence}" if line.silence else None
    why = ", ".join(filter(None, (line.reason, status, line.detail, silence, later)))
    outcome = Text(line.outcome, STYLES.get(line.outcome, "dim"))
    return _clock(line.at), clean(line.receiver), outcome, clean(event), str(line.attempt or ""), clean(why)


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
