"""`newsgauge broker`: a broker of our own, for those who have neither Kafka nor Docker."""

from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import USAGE, CommandError, until_stopped

if TYPE_CHECKING:
    from streams.brokers import Broker

__all__ = ["app"]

PORT = 9092

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _broker() -> None:
    """Run a broker of our own, without Docker.

    \b
    Examples:
      newsgauge broker run --mock
    """


@app.command()
def run(
    mock: Annotated[
        bool, typer.Option("--mock/--kafka", help="An in-memory stand-in that starts at once and keeps nothing, or Apache Kafka itself.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", min=1, max=65535, help="Port on 127.0.0.1 [default: 9092; the stand-in takes any]")
    ] = None,
) -> None:
    """Run a broker on 127.0.0.1 until Ctrl-C.

    What is in it is gone afterwards.

    Apache Kafka needs Java 17 and `make kafka`. The in-memory stand-in (librdkafka's mock cluster) needs nothing; it makes topics
    itself, with 4 partitions, and holds some 5 MB in each.

    \b
    Examples:
      newsgauge broker run
      newsgauge broker run --kafka --port 19092
      newsgauge broker run --mock
    """
    if mock and port is not None:
        raise CommandError("The in-memory stand-in chooses its port: leave out --port.", USAGE)
    with until_stopped() as stopped, _make(mock, port or PORT) as broker:
        print(f"bootstrap {broker.bootstrap}", flush=True)
        stopped.wait()


def _make(mock: bool, port: int) -> "Broker":
    if mock:
        from streams.brokers.mock import MockBroker

        return MockBroker()
    from streams.brokers.kafka import KafkaBroker

    return KafkaBroker(port=port)
