"""What several commands share: their common options, the settings behind them, times on the command line, and errors."""

import os
import re
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from schemas.codec import encode
from streams.core.untrusted import clean, escaped

if TYPE_CHECKING:
    from streams.config import Settings

__all__ = [
    "FAILURE",
    "USAGE",
    "Bootstrap",
    "CommandError",
    "Config",
    "Json",
    "NamesFile",
    "complain",
    "counted",
    "load_settings",
    "moment",
    "on_kafka",
    "prepare_topics",
    "print_json",
    "text_of",
    "until_stopped",
    "use_names",
    "utc_now",
    "writable",
]

T = TypeVar("T")

FAILURE = 1
USAGE = 2
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Bootstrap = Annotated[
    str | None, typer.Option("--bootstrap", "-b", metavar="HOST:PORT", help="Kafka brokers, with commas [default: 127.0.0.1:9092]")
]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Settings in TOML [default: newsgauge.toml here, where there is one]")
]
NamesFile = Annotated[
    Path | None,
    typer.Option(
        "--names", metavar="FILE", envvar="NEWSGAUGE_NAMES", show_envvar=False, help="Places and offices of your own (docs/entities.md)."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


class CommandError(Exception):
    """The command cannot do what was asked; the message is a sentence for a person."""

    def __init__(self, message: str, status: int = FAILURE) -> None:
        super().__init__(message)
        self.status = status


def load_settings(config: Path | None = None, **flags: Any) -> "Settings":
    """The settings in force, with the flags that were given; names of the user's are in force after it. Raises ConfigError."""
    from streams.config import load

    settings = load(flags, file=config)
    use_names(settings.names)
    return settings


def use_names(file: Path | None) -> None:
    """Put the places and offices of a user's file in force, in place of those of another. CommandError where it cannot be used."""
    if file is None and "streams.core.entities" not in sys.modules:
        return
    from streams.core import entities
    from streams.core.lexicon import LexiconError

    entities.reset()
    if file is None:
        return
    try:
        entities.add(text_of(file), str(file))
    except LexiconError as error:
        raise CommandError(f"The file of names cannot be used: {error}.", USAGE) from None


def on_kafka(settings: "Settings", work: Coroutine[Any, Any, T], *, endless: bool = False) -> T:
    """Runs `work`, with what goes wrong at the broker as a sentence (KafkaClientError); of `endless` work, trouble that lasts is told."""
    import asyncio

    from streams.kafka import translated

    with translated(settings, _trouble if endless else None):
        return asyncio.run(work)


def prepare_topics(settings: "Settings", *, create: bool) -> None:
    """Before a process of the flow starts: make topics that are missing, if asked to. CommandError where one would lose records."""
    made, faults = on_kafka(settings, _prepared(settings, create))
    for name in made:
        complain(f"created the topic {name}")
    if faults:
        raise CommandError("\n".join(faults))


async def _prepared(settings: "Settings", create: bool) -> tuple[list[str], list[str]]:
    """The topics that were created, and what is wrong with those that are there."""
    from streams.kafka import Admin

    async with Admin(settings) as admin:
        made = await admin.create() if create else []
        return [topic.named(settings.topic_prefix) for topic in made], await admin.check()


def complain(message: str) -> None:
    """Says on standard error what went wrong with one of many things, while the command goes on."""
    print(clean(message), file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """A line of JSON for programs. In a terminal, what could drive it is escaped."""
    line = encode(value).decode()
    print(escaped(line) if sys.stdout.isatty() else line, flush=True)


def _trouble(words: str) -> None:
    complain(f"newsgauge: Kafka does not answer; trying on. The client says: {words}")


def counted(number: int, what: str) -> str:
    """A number of things: "1 rule", "2,000 rules"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def text_of(file: Path) -> str:
    """What a file says, in UTF-8. CommandError where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", USAGE) from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: byte {error.start} is not UTF-8.", USAGE) from None


def writable(*files: Path | None) -> None:
    """CommandError where one of `files` could not be written, so that long work is not done in vain."""
    for file in filter(None, files):
        folder = file.parent
        if file.is_dir():
            why = "it is a directory"
        elif not folder.is_dir():
            why = f"there is no directory {folder}"
        elif not os.access(file if file.exists() else folder, os.W_OK):
            why = "permission denied"
        else:
            continue
        raise CommandError(f"{file} cannot be written: {why}.", USAGE)


def moment(text: str, *, now: datetime) -> datetime:
    """A time on the command line: an age before `now` ("90m", "2h", "7d") or an ISO 8601 date or time (no zone: UTC)."""
    from streams.core.intake import parse_time

    if age := re.fullmatch(r"(\d{1,6})([smhdw])", text.strip()):
        with suppress(OverflowError):
            return now - timedelta(**{UNITS[age[2]]: int(age[1])})
    if (parsed := parse_time(text)) is None:
        raise CommandError(f"{text!r} is no time: write an age such as 90m, 2h or 7d, or a date or time such as 2024-01-31T12:00.", USAGE)
    return parsed[0]


def utc_now() -> datetime:
    """The clock of the command line, in one place."""
    return datetime.now(UTC)


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that SIGINT (Ctrl-C) and SIGTERM set, instead of ending the process where it stands."""
    stopped = threading.Event()
    before = {name: signal.signal(name, lambda *_: stopped.set()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
