"""Snapshot and stream on real Kafka: nothing lost, nothing twice."""

import pytest

from streams.brokers.kafka import KafkaBroker
from tests.api.build import alert, send
from tests.api.conftest import Serve


async def test_snapshot_and_stream_join_without_a_gap(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    await send(kafka.bootstrap, topics, [alert("a"), alert("b"), alert("a", 2, "resolved")])
    server = serve()
    snapshot = server.get("/v1/alerts?state=all").json
    assert {one["event_id"] for one in snapshot["alerts"]} == {"a:2", "b:1"}
    assert [one["event_id"] for one in server.get("/v1/alerts").json["alerts"]] == ["b:1"], "what is open now, where nothing is said"
    await send(kafka.bootstrap, topics, [alert("c"), alert("b", 2, "updated")])
    stream = server.stream(f"/v1/alerts/stream?cursor={snapshot['cursor']}")
    assert [event.data["event_id"] for event in stream.take(2)] == ["c:1", "b:2"]
    await send(kafka.bootstrap, topics, [alert("c", 2, "expired")])
    assert [event.data["event_id"] for event in stream.take(1)] == ["c:2"]
    stream.close()


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_a_client_resumes_on_a_server_that_remembers_nothing(kafka: KafkaBroker, topics: str, serve: Serve, kill: bool) -> None:
    server = serve()
    stream = server.stream()
    await send(kafka.bootstrap, topics, [alert(name) for name in "abcdefgh"])
    before = stream.take(5)
    server.stop(kill=kill)
    await send(kafka.bootstrap, topics, [alert(name) for name in "ijkl"])
    server.start()
    resumed = server.stream(headers={"Last-Event-ID": before[-1].id})
    after = resumed.take(7)
    seen = [event.data["event_id"] for event in [*before, *after]]
    assert sorted(seen) == [f"{name}:1" for name in "abcdefghijkl"], "each exactly once"
    assert {event.event for event in after} == {"alert"}
    resumed.close()
