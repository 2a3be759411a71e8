"""A server on topics of its own, on real Kafka."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from tests.api.build import Server

Serve = Callable[..., Server]


@pytest.fixture
async def topics(kafka: KafkaBroker, unique: str) -> str:
    """A prefix under which all topics exist, with three partitions."""
    prefix = f"{unique}."
    async with Admin(Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, partitions=3)) as admin:
        await admin.create()
    return prefix


@pytest.fixture
def serve(kafka: KafkaBroker, topics: str, tmp_path: Path) -> Iterator[Serve]:
    """Starts servers with settings of their own (`serve(api_cors="*")`), and ends them."""
    servers: list[Server] = []

    def start(*, ready: bool = True, **settings: str) -> Server:
        given = {name.upper(): value for name, value in settings.items()}
        servers.append(Server(kafka.bootstrap, topics, tmp_path / f"api-{len(servers)}.log", given))
        return servers[-1].start(ready=ready)

    yield start
    for server in servers:
        if server.process is not None and server.process.poll() is None:
            server.stop()
