"""`newsgauge silence`: what receivers are not told for a time, by whom and why."""

import getpass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import (
    USAGE,
    Bootstrap,
    CommandError,
    Config,
    Json,
    complain,
    counted,
    load_settings,
    on_kafka,
    print_json,
    utc_now,
)

if TYPE_CHECKING:
    from schemas.delivery import Silence
    from streams.config import Settings

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""Add, list and expire silences.

    While a silence lasts, alerts that match are not told to receivers; they stand in `alerts` all the same. A retraction passes to
    everyone who was told, and so does the end of an alert whose beginning was delivered.

    \b
    Examples:
      newsgauge silence add 'rule="sw-border-daily"' --for 12h --comment "recount under way"
      newsgauge silence list
      newsgauge silence expire 3f9c2a71
    """,
)
ID_LENGTH = 8


@app.command()
def add(
    matchers: Annotated[
        list[str], typer.Argument(metavar="MATCHER...", help="As 'level=\"warning\"' or 'team=~\"mig.*\"'; all have to hold.")
    ],
    comment: Annotated[str, typer.Option("--comment", "-m", metavar="TEXT", help="Why.")],
    span: Annotated[str | None, typer.Option("--for", metavar="DURATION", help="How long: 90m, 12h, 2d.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Until when: 2024-01-31T12:00 (UTC).")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when [default: now]")] = None,
    author: Annotated[str | None, typer.Option("--author", metavar="NAME", help="Who says so [default: the user's name]")] = None,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Add a silence, and print its id.

    Labels are those of the rule and of the group (such as place), and rule, level and transition.

    \b
    Examples:
      newsgauge silence add 'rule="sw-border-daily"' --for 12h --comment "recount under way"
      newsgauge silence add level=warning 'place=~"us-.*"' --until 2024-01-31 --author desk -m "known"
    """
    from schemas.delivery import Silence
    from streams.core.delivery.matchers import parse_matcher

    now = utc_now()
    begins, ends = _span(start, span, until, now)
    try:
        parsed = tuple(parse_matcher(text) for text in matchers)
    except ValueError as error:
        raise CommandError(f"{error}.", USAGE) from None
    if not comment.strip():
        raise CommandError("Say why in --comment: the next one will ask.", USAGE)
    who = author or getpass.getuser()
    name = sha256(f"{now.isoformat()}|{matchers}|{who}".encode()).hexdigest()[:ID_LENGTH]
    made = Silence(id=name, matchers=parsed, author=who, comment=comment, created_at=now, starts_at=begins, ends_at=ends)
    settings = load_settings(config, bootstrap=bootstrap)
    on_kafka(settings, _write(settings, made, now))
    print(name)


@app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those that ended in the last 30 days too.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """List silences that last or are to come.

    \b
    Examples:
      newsgauge silence list
      newsgauge silence list --all --json
    """
    settings, now = load_settings(config, bootstrap=bootstrap), utc_now()
    found = [one for one in on_kafka(settings, _silences(settings)) if all_ or one.ends_at > now]
    for one in found:
        if json:
            print_json(one)
        else:
            _tell(one, now)
    if not json:
        complain(counted(len(found), "silence"))


@app.command()
def expire(
    name: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """End a silence now.

    What it kept back is not told afterwards; `newsgauge deliveries list --outcome silenced` shows it.

    \b
    Examples:
      newsgauge silence expire 3f9c2a71
    """
    from dataclasses import replace

    settings, now = load_settings(config, bootstrap=bootstrap), utc_now()
    found = next((one for one in on_kafka(settings, _silences(settings)) if one.id == name), None)
    if found is None:
        raise CommandError(f"There is no silence {name}: `newsgauge silence list --all` shows them.")
    if found.ends_at <= now:
        raise CommandError(f"The silence {name} ended at {_clock(found.ends_at)} already.")
    on_kafka(settings, _write(settings, replace(found, ends_at=now, starts_at=min(found.starts_at, now)), now))
    print(f"ended {name}")


def _span(start: str | None, span: str | None, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    """Beginning and end. CommandError where they make no sense."""
    from streams.core.rules import parse_duration

    if (span is None) == (until is None):
        raise CommandError("Say how long: either --for or --until.", USAGE)
    begins = _at(start) if start else now
    try:
        ends = _at(until) if until else begins + timedelta(seconds=parse_duration(span))
    except ValueError as error:
        raise CommandError(f"--for is {span!r}: {error}.", USAGE) from None
    if ends <= max(begins, now):
        raise CommandError(f"A silence that ends at {_clock(ends)} would be over before it begins.", USAGE)
    return begins, ends


def _at(text: str) -> datetime:
    from streams.core.intake import parse_time

    if (parsed := parse_time(text)) is None:
        raise CommandError(f"{text!r} is no time: write a date or time such as 2024-01-31T12:00 (UTC).", USAGE)
    return parsed[0]


async def _write(settings: "Settings", made: "Silence", now: datetime) -> None:
    from streams.notify.asking import known, write_silence

    await write_silence(settings, made, await known(settings), now)


async def _silences(settings: "Settings") -> "list[Silence]":
    from streams.notify.asking import known

    return sorted((await known(settings)).silences.values(), key=lambda one: (one.starts_at, one.id))


def _tell(one: "Silence", now: datetime) -> None:
    from rich.text import Text

    from streams.cli.present import clean, console, tell
    from streams.core.delivery.matchers import told

    state = "over" if one.ends_at <= now else "to come" if one.starts_at > now else "in force"
    head = Text.assemble((one.id, "bold"), "  ", (state, "yellow" if state == "in force" else "dim"))
    head.append(f"  {_clock(one.starts_at)} to {_clock(one.ends_at)}  {clean(one.author)}")
    tell(console(), [head, Text(clean(", ".join(told(matcher) for matcher in one.matchers) or "everything")), Text(clean(one.comment))])


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
