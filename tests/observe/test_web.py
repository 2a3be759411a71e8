"""The page of a worker and a notifier: to whom it is shown."""

import asyncio

import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestClient, TestServer

from streams.config import Settings
from streams.observe import web
from streams.observe.hosts import is_own, own_names
from streams.observe.metrics.worker import WorkerMetrics
from streams.observe.web import application, runner_of

OWN = ["127.0.0.1:6066", "localhost", "LocalHost:1", "[::1]:6066", "10.1.2.3", "[fe80::1]", "news1.internal:6066", "desk.internal"]
FOREIGN = [
    "rebound.example:6066",
    "localhost.rebound.example",
    "127.0.0.1.rebound.example",
    "news1",
    "",
    ":6066",
    "[]",
    "[::1",
    "a b",
    "x:y:z",
]


@pytest.mark.parametrize("host", OWN + FOREIGN)
def test_a_name_is_own_where_it_is_an_address_bound_to_or_listed(host: str) -> None:
    names = own_names(Settings(allowed_hosts="Desk.internal"), "news1.internal")
    assert is_own(host, names) is (host in OWN)
    assert is_own(host, own_names(Settings(allowed_hosts="*"), "127.0.0.1"))


async def test_under_a_foreign_name_only_health_is_told() -> None:
    told = application("worker", WorkerMetrics("1"), lambda: "ready", lambda: {"receivers": "desk"}, own_names(Settings(), "127.0.0.1"))
    async with TestClient(TestServer(told)) as client:
        for path in ("/", "/metrics"):
            assert (await client.get(path)).status == 200
            refused = await client.get(path, headers={"Host": "rebound.example"})
            text = await refused.text()
            assert refused.status == 421 and "'rebound.example'" in text and "allowed_hosts" in text
        for path in ("/healthz", "/readyz"):
            assert (await client.get(path, headers={"Host": "rebound.example"})).status == 200


async def test_a_connection_on_which_nothing_is_asked_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "IDLE_SECONDS", 1.0)
    runner = runner_of(application("worker", WorkerMetrics("1"), lambda: "ready", dict, frozenset()))
    await runner.setup()
    try:
        await http.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        assert await asyncio.wait_for(reader.read(), 120) == b""
        writer.close()
    finally:
        await runner.cleanup()
