"""What a client sees when Kafka forgets, starts anew or goes away, and when the client itself is slow. Real Kafka."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from tests.api.build import Server, alert, send
from tests.api.conftest import Serve
from tests.live.flow import wait_for


async def names(server: Server, cursor: str, count: int) -> list[tuple[str, str]]:
    """What a stream from a cursor brings first: (kind, event id), of a reset all its alerts."""
    stream = server.stream(f"/v1/alerts/stream?cursor={cursor}")
    events = await asyncio.to_thread(stream.take, count)
    stream.close()
    return [
        (
            event.event,
            ",".join(sorted(one["event_id"] for one in event.data["alerts"])) if event.event == "reset" else event.data["event_id"],
        )
        for event in events
    ]


async def test_a_cursor_of_before_what_kafka_kept_is_reset_with_the_alerts_as_they_are(
    kafka: KafkaBroker, topics: str, serve: Serve
) -> None:
    server = serve()
    start = server.get("/v1/alerts").json["cursor"]
    await send(kafka.bootstrap, topics, [alert(name) for name in "abc"] + [alert("a", 2, "resolved")])
    assert await names(server, start, 4), "the server itself still has everything"
    later = server.get("/v1/alerts").json["cursor"]
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    everything = {TopicPartition(f"{topics}alerts", partition): RecordsToDelete(before_offset=-1) for partition in range(3)}
    await admin.delete_records(everything)
    await admin.close()
    server.stop()
    server.start()
    assert await names(server, start, 1) == [("reset", "b:1,c:1")], "what is open comes from the state that Kafka keeps"
    assert server.get("/v1/alerts/alert-b").json["history"] == []
    await send(kafka.bootstrap, topics, [alert("d")])
    assert await names(server, later, 1) == [("alert", "d:1")], "nothing that this client has not seen is lost"


async def test_a_topic_that_is_made_anew_resets_clients_that_are_there_and_those_that_come_back(
    kafka: KafkaBroker, topics: str, serve: Serve
) -> None:
    server = serve()
    await send(kafka.bootstrap, topics, [alert(name) for name in "abcdef"])
    stream = server.stream(f"/v1/alerts/stream?cursor={server.get('/v1/alerts').json['cursor']}")
    assert wait_for(lambda: len(server.get("/v1/alerts").json["alerts"]) == 6, 120)
    before = server.get("/v1/alerts").json["cursor"]
    settings = Settings(bootstrap=kafka.bootstrap, topic_prefix=topics, partitions=3)
    async with Admin(settings) as admin:
        await admin.delete(topics)
        for _ in range(300):
            if not await admin.partitions():
                break
            await asyncio.sleep(0.1)
        await admin.create()
    await send(kafka.bootstrap, topics, [alert(name) for name in "xyz"])
    assert await asyncio.to_thread(wait_for, lambda: len(server.get("/v1/alerts").json.get("alerts", [])) == 3, 120), server.log.read_text()
    kinds = []
    for event in stream.events():
        kinds.append(event.event)
        told = event.data["alerts"] if event.event == "reset" else [event.data]
        if {one["event_id"] for one in told} & {"x:1", "y:1", "z:1"} and "reset" in kinds:
            break
    stream.close()
    assert "reset" in kinds
    assert await names(server, before, 1) == [("reset", "x:1,y:1,z:1")]
    assert server.is_ready()


async def test_a_client_that_does_not_read_is_cut_off_and_resumes(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    server = serve()
    quick = server.stream()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(b"GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert slow.recv(1_000).startswith(b"HTTP/1.1 200")
        large = [alert(f"n{n}", summary="x" * 20_000) for n in range(60)]
        await send(kafka.bootstrap, topics, large, topics=("alerts",))
        assert sorted(event.data["event_id"] for event in quick.take(60)) == sorted(f"n{n}:1" for n in range(60)), "others are not held up"
        cut = "newsgauge_sse_cut_total 1.0"
        assert await asyncio.to_thread(wait_for, lambda: cut in server.get("/metrics").body.decode(), 120)
    quick.close()


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[tuple[KafkaBroker, Server]]:
    """A broker that may be killed, and a server on it."""
    with KafkaBroker(data=tmp_path / "kafka") as broker:
        async with Admin(Settings(bootstrap=broker.bootstrap, partitions=3)) as admin:
            await admin.create()
        server = Server(broker.bootstrap, "", tmp_path / "api.log").start()
        yield broker, server
        server.stop()


async def test_while_kafka_is_away_the_server_says_so_and_serves_what_it_knows(own: tuple[KafkaBroker, Server]) -> None:
    broker, server = own
    await send(broker.bootstrap, "", [alert("a")])
    stream = server.stream()
    assert await asyncio.to_thread(wait_for, lambda: server.get("/v1/alerts").json["alerts"], 120)
    await asyncio.to_thread(broker.kill)
    assert await asyncio.to_thread(wait_for, lambda: server.get("/readyz").status == 503, 120)
    assert server.get("/readyz").json == {"status": "disconnected"}
    assert "newsgauge_ready 0.0" in server.get("/metrics").body.decode()
    assert [one["event_id"] for one in server.get("/v1/alerts").json["alerts"]] == ["a:1"]
    assert server.get("/healthz").status == 200
    await asyncio.to_thread(broker.start)
    await send(broker.bootstrap, "", [alert("b")])
    assert await asyncio.to_thread(wait_for, lambda: server.get("/readyz").status == 200, 120), server.log.read_text()[-3000:]
    seen = []
    for event in stream.events():
        seen.append(event.data["event_id"])
        if seen[-1] == "b:1":
            break
    stream.close()
    assert seen in (["b:1"], ["a:1", "b:1"]), "the stream that was open goes on"
    assert "Traceback" not in server.log.read_text()


async def test_a_server_that_comes_before_the_topics_waits_for_them(kafka: KafkaBroker, unique: str, tmp_path: Path) -> None:
    server = Server(kafka.bootstrap, f"{unique}.", tmp_path / "api.log").start(ready=False)
    try:
        assert await asyncio.to_thread(wait_for, lambda: server.get("/healthz").status == 200, 120)
        assert server.get("/readyz").json == {"status": "rebuilding"}
        refused = server.get("/v1/alerts")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        async with Admin(Settings(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.", partitions=3)) as admin:
            await admin.create()
        assert await asyncio.to_thread(wait_for, server.is_ready, 120), server.log.read_text()
    finally:
        server.stop()


async def test_a_server_that_cannot_have_its_port_says_so_and_ends(shared: Server, tmp_path: Path) -> None:
    second = Server(shared.bootstrap, shared.prefix, tmp_path / "api.log", port=shared.port).start(ready=False)
    assert second.process is not None
    assert await asyncio.to_thread(second.process.wait, 120) == 1
    assert f"nothing can be served at 127.0.0.1:{shared.port}: another process has this port" in second.log.read_text()
