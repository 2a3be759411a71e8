"""`newsgauge api` and `newsgauge token`: alerts over HTTP, and who may ask for them."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.options import USAGE, Bootstrap, CommandError, Config, complain, load_settings

__all__ = ["api", "token"]


def api(
    bootstrap: Bootstrap = None,
    bind: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Address to serve at [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="Port to serve at [default: 6068]")] = None,
    tokens: Annotated[Path | None, typer.Option(metavar="FILE", help="Who may ask: written by `newsgauge token`.")] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = None,
    config: Config = None,
) -> None:
    """Serve alerts over HTTP: live page, JSON, event stream.

    Reads `alerts` and `claims` of the last 30 days at the start and follows them from then on; it keeps nothing, and any number of such
    processes may run. Addresses, cursors and tokens: docs/api.md.

    \b
    Examples:
      newsgauge api
      newsgauge api --bootstrap kafka:9092 --bind 0.0.0.0 --tokens tokens.txt
      curl http://127.0.0.1:6068/v1/alerts?level=critical
      curl -N http://127.0.0.1:6068/v1/alerts/stream
    """
    settings = load_settings(config, bootstrap=bootstrap, api_bind=bind, api_port=port, api_tokens=tokens, log_level=log_level)
    from streams.api.server import run

    raise typer.Exit(run(settings))


def token(
    name: Annotated[str, typer.Argument(help="Whose it is: letters, digits, dots, dashes and underscores.")],
    file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The file of tokens; made where there is none.")] = Path(
        "tokens.txt"
    ),
) -> None:
    """Make a token for the API.

    The token is printed once; the file gets its hash, in a line of its own. Taking the line out ends the token.

    \b
    Examples:
      newsgauge token newsroom-bot
      newsgauge token prometheus --file /etc/newsgauge/tokens.txt
    """
    from streams.api.tokens import Tokens, line, make

    made = make()
    text = line(name, made)
    if file.exists() and name in Tokens(file).names:
        raise CommandError(f"{file} has a token named {name} already: take its line out first, or take another name.", USAGE)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as out:
        out.write(text + "\n")
    complain(f"added {name} to {file}; this is the token, and it is not shown again:")
    print(made)
