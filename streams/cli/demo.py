"""`newsgauge demo`: the whole flow on written stories, from nothing to an alert and back."""

import os
import secrets
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from streams.cli.options import USAGE, CommandError, Config, Json, load_settings, on_kafka
from streams.cli.stage import Stage

if TYPE_CHECKING:
    from streams.brokers import Broker

__all__ = ["demo"]

Kind = Literal["mock", "kafka"]
QUICK = ("--entities", "gazetteer")
"""The demo shows no names, and is to run without the extra "model"."""
BROKERS = {"mock": "librdkafka's mock cluster, in memory: it keeps nothing", "kafka": "Apache Kafka, in a directory that goes with it"}


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the stories; exit status 1 if the alerts are not as they should be.")
    ] = False,
    broker: Annotated[
        Kind | None, typer.Option(metavar="KIND", help="Broker to start: mock (in memory) or kafka (needs Java 17) [default: mock]")
    ] = None,
    json: Json = False,
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", "-b", metavar="HOST:PORT", help="Use this Kafka, in topics that are removed afterwards.")
    ] = None,
    config: Config = None,
) -> None:
    """See it work: stories in, alerts out.

    Starts a broker and a worker, then publishes four stories written for it: one whose figure crosses a threshold, a copy of it
    in another paper, one that only names a threshold, and a later, lower figure. Each alert is printed as it comes, with the sentence, the
    figure marked, and the time since the story was published. Then it stays up to be looked at; Ctrl-C leaves nothing running.

    \b
    Examples:
      newsgauge demo
      newsgauge demo --once --json
      newsgauge demo --broker kafka
      newsgauge demo --bootstrap kafka:9092
    """
    if broker and bootstrap:
        raise CommandError("--broker starts a broker and --bootstrap uses yours: take one.", USAGE)
    from streams.cli.show import perform

    with tempfile.TemporaryDirectory(prefix="newsgauge-demo-") as home, _broker(broker or "mock", bootstrap) as own:
        stage = _on_theirs(bootstrap, config) if own is None else _on_ours(own.bootstrap, broker or "mock")
        raise typer.Exit(on_kafka(stage.settings, perform(stage, Path(home), once=once, json=json)))


def _broker(kind: Kind, bootstrap: str | None) -> "AbstractContextManager[Broker | None]":
    """The broker to start; nothing where the user has one."""
    if bootstrap is not None:
        return nullcontext()
    if kind == "kafka":
        from streams.brokers.kafka import KafkaBroker

        return KafkaBroker()
    from streams.brokers.mock import MockBroker

    return MockBroker()


def _on_ours(bootstrap: str, kind: Kind) -> Stage:
    """On a broker of our own none of the user's settings matter."""
    from streams.config import Settings

    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
    return Stage(Settings(bootstrap=bootstrap), BROKERS[kind], environment, ["--bootstrap", bootstrap, *QUICK], None, ours=True)


def _on_theirs(bootstrap: str | None, config: Path | None) -> Stage:
    """On the user's broker with the user's settings, but in topics and a group of our own and with the default rules."""
    from streams.config import DEFAULT_RULES

    prefix = f"demo-{secrets.token_hex(4)}."
    settings = load_settings(config, bootstrap=bootstrap, topic_prefix=prefix, rules=DEFAULT_RULES)
    environment = {**os.environ, "NEWSGAUGE_TOPIC_PREFIX": prefix}
    arguments = [*QUICK, "--bootstrap", settings.bootstrap, "--rules", str(DEFAULT_RULES), *(["--config", str(config)] if config else [])]
    return Stage(settings, f"yours, in topics named {prefix}*", environment, arguments, Path.cwd(), ours=False)
