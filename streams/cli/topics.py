"""`newsgauge topics`: create what is missing, say what is wrong, show what is in them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import Bootstrap, CommandError, Config, Json, load_settings, on_kafka

if TYPE_CHECKING:
    from streams.config import Settings
    from streams.kafka import Described

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""Create, check and describe the topics.

    \b
    Examples:
      newsgauge topics create
      newsgauge topics describe
    """,
)


@app.command()
def create(bootstrap: Bootstrap = None, config: Config = None) -> None:
    """Create the topics that are missing.

    Those that exist stay as they are. Partitions and replicas come from the settings (partitions, replication_factor), retention,
    compaction and record sizes from the flow itself. What is wrong with topics that exist already is said, as by `check`.

    \b
    Examples:
      newsgauge topics create
      NEWSGAUGE_PARTITIONS=16 newsgauge topics create --bootstrap kafka:9092
    """
    settings = load_settings(config, bootstrap=bootstrap)
    made, faults = on_kafka(settings, _create(settings))
    for name in made:
        print(f"created {name}")
    if not made:
        print("Every topic exists already.")
    if faults:
        raise CommandError("\n".join(faults))


@app.command()
def check(bootstrap: Bootstrap = None, config: Config = None) -> None:
    """Say what is wrong with the topics.

    Named are topics that are missing or would lose records; the exit status is 1 where there are any.

    \b
    Examples:
      newsgauge topics check && newsgauge worker --no-create-topics
    """
    settings = load_settings(config, bootstrap=bootstrap)
    faults = on_kafka(settings, _check(settings))
    if faults:
        raise CommandError("\n".join(faults))
    print("Every topic is as it should be.")


@app.command()
def describe(
    partitions: Annotated[bool, typer.Option("--partitions", "-p", help="A row for each partition.")] = False,
    json: Json = False,
    bootstrap: Bootstrap = None,
    config: Config = None,
) -> None:
    """Show offsets, records, and the workers' lag.

    The lag is what the workers have not done with yet; only topics that they read have one. Where a topic is compacted, the number of
    records is an upper bound.

    \b
    Examples:
      newsgauge topics describe
      newsgauge topics describe --partitions
      newsgauge topics describe --json | jq '.[] | {name, lag}'
    """
    settings = load_settings(config, bootstrap=bootstrap)
    described = on_kafka(settings, _describe(settings))
    if json:
        import orjson

        print(orjson.dumps([_as_json(topic) for topic in described]).decode())
    else:
        _print_table(described, partitions)


async def _create(settings: "Settings") -> tuple[list[str], list[str]]:
    from streams.kafka import Admin

    async with Admin(settings) as admin:
        made = [topic.named(settings.topic_prefix) for topic in await admin.create()]
        return made, await admin.check()


async def _check(settings: "Settings") -> list[str]:
    from streams.kafka import Admin

    async with Admin(settings) as admin:
        return await admin.check()


async def _describe(settings: "Settings") -> "list[Described]":
    from streams.kafka import Admin

    async with Admin(settings) as admin:
        return await admin.describe()


def _as_json(described: "Described") -> dict[str, Any]:
    """One topic for a program."""
    return {
        "name": described.name,
        "exists": bool(described.spans),
        "key": described.topic.key,
        "value": described.topic.value,
        "records": described.records,
        "lag": described.lag,
        "partitions": [
            {"partition": span.partition, "begin": span.begin, "end": span.end, "committed": span.committed}
            | ({"lag": span.lag} if described.topic.read_by_worker else {})
            for span in described.spans
        ],
    }


def _print_table(topics: "list[Described]", partitions: bool) -> None:
    from rich import box
    from rich.table import Table

    from streams.cli.present import console

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("topic")
    for name in ("partition" if partitions else "partitions", "begin", "end", "records", "lag"):
        table.add_column(name, justify="right")
    for topic in topics:
        for row in _rows(topic, partitions):
            table.add_row(topic.name, *row)
    console().print(table)


def _rows(topic: "Described", partitions: bool) -> list[tuple[str, ...]]:
    if not topic.spans:
        return [("missing", "", "", "", "")]
    if not partitions:
        begin, end = sum(span.begin for span in topic.spans), sum(span.end for span in topic.spans)
        return [(str(len(topic.spans)), f"{begin:,}", f"{end:,}", f"{topic.records:,}", "" if topic.lag is None else f"{topic.lag:,}")]
    lags = [f"{span.lag:,}" if topic.topic.read_by_worker else "" for span in topic.spans]
    return [
        (str(span.partition), f"{span.begin:,}", f"{span.end:,}", f"{span.end - span.begin:,}", lag)
        for span, lag in zip(topic.spans, lags, strict=True)
    ]
