"""The Faust app: its settings, its table and its two agents."""

import ssl
from dataclasses import dataclass
from itertools import islice
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials

from streams.config import Settings
from streams.kafka.connection import client_options
from streams.live.enriching import Enriching
from streams.live.readahead import BATCH
from streams.live.tables import Partitions, State
from streams.live.watching import Watching
from streams.topics import CHANGELOG, TOPICS

COMMIT_SECONDS = 1.0
SESSION_SECONDS = 6.0
"""How long the group waits for a worker that went without a word: the least that Kafka allows by default."""
HEARTBEAT_SECONDS = 2.0
REBALANCE_SECONDS = 30.0
"""How long the group waits for a slow worker to finish its record and join again."""
AHEAD = 2 * BATCH
"""How many records an agent may look ahead: one batch in work, and the next."""
ROOM = 1_048_576
"""What a request may be larger than the largest record, in bytes."""

_RAW: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The app with what its agents and the worker share."""

    app: Any
    topics: dict[str, Any]
    """Faust topics by their name in streams/topics.py."""
    state: State


def build(settings: Settings, partitions: int, datadir: str) -> Parts:
    """The app, not started, on topics that exist with `partitions` partitions each. Faust wants a `datadir`, and keeps nothing there."""
    largest = settings.max_message_bytes + ROOM
    app = faust.App(
        settings.consumer_group,
        broker=[f"kafka://{address}" for address in settings.bootstrap.split(",")],
        broker_credentials=_credentials(settings),
        store="memory://",
        datadir=datadir,
        topic_partitions=partitions,
        topic_replication_factor=settings.replication_factor,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        table_standby_replicas=0,
        stream_wait_empty=True,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=largest,
        broker_commit_interval=COMMIT_SECONDS,
        broker_session_timeout=SESSION_SECONDS,
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        producer_max_request_size=largest,
        producer_linger_ms=0,
        worker_redirect_stdouts=False,
        autodiscover=False,
    )
    topics = {topic.name: app.topic(topic.named(settings.topic_prefix), **_RAW) for topic in TOPICS}
    table = app.Table("watch", partitions=partitions, changelog_topic=topics[CHANGELOG.name], key_type=bytes, value_type=bytes)
    return Parts(app, topics, State(table))


def attach(parts: Parts, enriching: Enriching, watching: Watching, partitions: Partitions) -> None:
    """Give the app its agents, and let it drop the state of partitions that leave this worker."""
    app = parts.app

    @app.agent(parts.topics["articles"], name="enrich", concurrency=1)  # type: ignore[untyped-decorator]
    async def enrich(stream: Any) -> None:
        async for event in stream.events():
            await enriching.handle(event.message, lambda: _waiting(stream))

    @app.agent(parts.topics["claims"], name="watch", concurrency=1)  # type: ignore[untyped-decorator]
    async def watch(stream: Any) -> None:
        async for event in stream.events():
            await watching.handle(event.message)

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator]
    async def revoked(_: Any, revoked: Any, **__: Any) -> None:
        """Every rebalance revokes all partitions, those that stay too: their state must stay, only what was built on it goes."""
        partitions.close()
        enriching.forget()

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]
    async def assigned(_: Any, assigned: Any, **__: Any) -> None:
        claims = parts.topics["claims"].get_topic_name()
        partitions.keep({tp.partition for tp in assigned if tp.topic == claims})


def _waiting(stream: Any) -> list[Any]:
    """The messages that the agent of `stream` will come to next, as far as they are fetched. They stay where they are."""
    return [event.message for event in islice(stream.channel.queue._queue, AHEAD)]


def _credentials(settings: Settings) -> Any:
    """Faust's form of the same options that every other client gets."""
    options = client_options(settings)
    context: ssl.SSLContext | None = options.get("ssl_context")
    if settings.security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return SSLCredentials(context) if context else None
