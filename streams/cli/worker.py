"""`newsgauge worker`: runs the flow, after a look at the topics that it needs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streams.cli.options import Bootstrap, Config, NamesFile, load_settings, prepare_topics
from streams.core.effort import Entities

__all__ = ["worker"]


def worker(
    bootstrap: Bootstrap = None,
    rules: Annotated[Path | None, typer.Option(metavar="FILE", help="The rule file [default: the migration rules]")] = None,
    entities: Annotated[
        Entities | None,
        typer.Option(
            metavar="HOW", help="How entities are recognised: off, gazetteer, model_on_claims or model [default: model_on_claims]"
        ),
    ] = None,
    names: NamesFile = None,
    create_topics: Annotated[bool, typer.Option("--create-topics/--no-create-topics", help="Create topics that are missing.")] = True,
    web_port: Annotated[int | None, typer.Option(metavar="PORT", help="Port of metrics and health [default: 6066]")] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = None,
    config: Config = None,
) -> None:
    """Run the flow: articles in, alerts out.

    The worker reads the figures in every article, watches the rules, and runs until Ctrl-C or SIGTERM.

    Start as many as there are cores, on one machine or many: Kafka shares the partitions between them. Topics that are missing are
    created; where one is there that would lose records, the worker says so and does not start.

    All settings, from flags, environment and file: docs/configuration.md.

    \b
    Examples:
      newsgauge worker
      newsgauge worker --bootstrap kafka:9092 --rules rules.yaml
      NEWSGAUGE_TOPIC_PREFIX=staging. newsgauge worker --config newsgauge.toml
    """
    settings = load_settings(
        config, bootstrap=bootstrap, rules=rules, entities=entities, names=names, web_port=web_port, log_level=log_level
    )
    from streams.models import require

    require(settings.entities)
    prepare_topics(settings, create=create_topics)
    from streams.live.worker import run

    raise typer.Exit(run(settings))
