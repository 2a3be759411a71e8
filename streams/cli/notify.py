"""`newsgauge notify`: delivers alerts to the receivers of a file, after a look at the topics that it needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from streams.cli.options import Bootstrap, Config, load_settings, prepare_topics

if TYPE_CHECKING:
    from streams.notify.file import Configuration

__all__ = ["notify"]


def notify(
    receivers: Annotated[Path | None, typer.Option("--receivers", "-r", metavar="FILE", help="The file of receivers and routes.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what the file says, or what is wrong with it.")] = False,
    bootstrap: Bootstrap = None,
    create_topics: Annotated[bool, typer.Option("--create-topics/--no-create-topics", help="Create topics that are missing.")] = True,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="Port of metrics and health [default: 6067]")] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = None,
    config: Config = None,
) -> None:
    """Deliver alerts to webhooks and chats.

    Signed, in order for each alert, tried again for three days, and each event once for a receiver that drops a webhook-id it has seen.
    A notifier that starts for the first time begins with the alerts that come from then on. Start several, and they share the work.
    The file is read again when it changes and on SIGHUP; one with faults is refused, and the old one stays in force.

    The file, its routes, signatures, retries and silences: docs/delivery.md.

    \b
    Examples:
      newsgauge notify --receivers receivers.yaml
      newsgauge notify --receivers receivers.yaml --check
      NEWSGAUGE_RECEIVERS=receivers.yaml newsgauge notify --bootstrap kafka:9092
    """
    settings = load_settings(config, bootstrap=bootstrap, receivers=receivers, notify_port=port, log_level=log_level)
    from streams.notify.service import configuration_of, run

    found = configuration_of(settings)
    if check:
        _tell(found)
        return
    prepare_topics(settings, create=create_topics)
    raise typer.Exit(run(settings))


def _tell(found: "Configuration") -> None:
    """What the file says, a line for each receiver and route."""
    from streams.core.delivery.matchers import told

    for receiver in found.file.receivers:
        keys = len(receiver.keys)
        signed = f", signed with {keys} key{'s' if keys > 1 else ''}" if keys else ", not signed" if receiver.type == "webhook" else ""
        allowed = [name.replace("_", " ") for name in ("allow_http", "allow_private") if getattr(receiver, name)]
        print(f"receiver {receiver.name}: {receiver.integration}{signed}{''.join(f', {word}' for word in allowed)}")
    routes = [(0, found.file.route, found.file.route.receiver or "")]
    while routes:
        depth, route, receiver_name = routes.pop(0)
        matchers = ", ".join(told(one) for one in route.matchers) or "everything"
        print(f"{'  ' * depth}route {matchers} -> {receiver_name}{' (and on)' if route.continue_ else ''}")
        routes[:0] = [(depth + 1, inner, inner.receiver or receiver_name) for inner in route.routes]
    heard = ", ".join(found.file.notices) if found.file.notices is not None else "all others"
    print(f"when a receiver is disabled: {heard or 'nobody'}")
