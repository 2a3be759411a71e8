"""The application: every command, errors as one sentence on standard error, and what the exit status means.

Exit status: 0 done; 1 it could not be done, or a part of it; 2 the command or the configuration is wrong;
130 ended by Ctrl-C; 141 the reader of the output went away.
"""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from streams.cli import (
    api,
    archive,
    backtest,
    broker,
    dead,
    deliveries,
    demo,
    explain,
    extract,
    notify,
    publish,
    replay,
    rules,
    silence,
    tail,
    topics,
    worker,
)
from streams.cli.options import FAILURE, USAGE, CommandError, complain

__all__ = ["app", "main", "run"]

INTERRUPTED = 130
PIPE_CLOSED = 141


class _Quiet(TyperGroup):
    """The outermost group: a reader that went away (`| head`) ends the command without a word."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
            raise typer.Exit(PIPE_CLOSED) from None
        return result


def _forget_output() -> None:
    """Python flushes standard output once more at its end; let that go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(cls=_Quiet, rich_markup_mode=None, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"newsgauge {version('newsgauge')}")
        raise typer.Exit


@app.callback()
def _newsgauge(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Alerting on the figures that the news reports.

    Articles go in through Kafka, the figures in their sentences are read, and an alert comes out when a rule's threshold is crossed.

    \b
    First steps:
      newsgauge demo                    see it work, on a broker of its own
      newsgauge explain story.txt       what is read from a story of yours
      newsgauge worker                  run it beside your Kafka
    """


app.command("worker")(worker.worker)
app.command("publish")(publish.publish)
app.command("tail")(tail.tail)
app.command("api")(api.api)
app.command("token")(api.token)
app.command("notify")(notify.notify)
app.add_typer(silence.app, name="silence")
app.add_typer(deliveries.app, name="deliveries")
app.command("extract")(extract.extract)
app.command("explain")(explain.explain)
app.add_typer(rules.app, name="rules")
app.command("replay")(replay.replay)
app.command("backtest")(backtest.backtest)
app.command("archive")(archive.archive)
app.add_typer(topics.app, name="topics")
app.add_typer(dead.app, name="dead")
app.add_typer(broker.app, name="broker")
app.command("demo")(demo.demo)


def main(args: Sequence[str]) -> int:
    """Runs one command line (without the program's name) and returns its exit status."""
    try:
        result = get_command(app).main(list(args), prog_name="newsgauge", standalone_mode=False)
    except CommandError as error:
        return _failed(str(error), error.status)
    except typer.Abort:
        return INTERRUPTED
    except OSError as error:  # a full disk, a file that cannot be read
        if error.errno == errno.ENOSPC:
            _forget_output()
        return _failed(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}.", FAILURE)
    except Exception as error:
        # Typer's own errors, whichever class they have in this release: some releases bring their own copy of click.
        return _wrong_usage(error) if hasattr(error, "format_message") else _failed(str(error), _expected(error))
    return result if isinstance(result, int) else 0


def _wrong_usage(error: Any) -> int:
    """Typer's own errors: an unknown option, a missing argument. Without arguments a group's message is its help."""
    context = getattr(error, "ctx", None)
    name = context.command_path if context else "newsgauge"
    message = error.format_message().replace("Value error, ", "").replace(" Did you mean", "; did you mean")
    if "Usage:" in message:
        print(message, file=sys.stderr)
        return USAGE
    return _failed(f"{message}{'' if message.endswith(('.', '?')) else '.'} See: {name} --help", USAGE)


def _expected(error: Exception) -> int:
    """The exit status of an error that has a sentence for people; anything else is a fault of ours and is raised again."""
    from streams.brokers import BrokerError
    from streams.config import ConfigError
    from streams.kafka import KafkaClientError
    from streams.models import ModelMissingError

    if isinstance(error, (ConfigError, ModelMissingError)):
        return USAGE
    if isinstance(error, (BrokerError, KafkaClientError)):
        return FAILURE
    raise error


def _failed(message: str, status: int) -> int:
    for line in message.splitlines():
        complain(f"newsgauge: {line}")
    return status


def run() -> None:
    """The console script. Where standard output is closed (`>&-`) Python has none, and what is said goes nowhere."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
