"""A server on topics of its own, on real Kafka."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from tests.api.build import Server, alert, send
from tests.cli.conftest import run as run  # a fixture here too

Serve = Callable[..., Server]


@pytest.fixture
async def topics(kafka: KafkaBroker, unique: str) -> str:
    """A prefix under which all topics exist, with three partitions."""
    prefix = f"{unique}."
    async with Admin(Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, partitions=3)) as admin:
        await admin.create()
    return prefix


@pytest.fixture(scope="session")
def shared(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with three open alerts, for tests that change nothing."""
    prefix = "shared-api."

    async def fill() -> None:
        async with Admin(Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, partitions=3)) as admin:
            await admin.create()
        await send(kafka.bootstrap, prefix, [alert(name) for name in "abc"])

    asyncio.run(fill())
    server = Server(kafka.bootstrap, prefix, tmp_path_factory.mktemp("api") / "api.log").start()
    yield server
    server.stop()


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
