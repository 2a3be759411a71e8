"""Who may ask: tokens, origins, limits; on a running server."""

import select
import socket
import stat
from pathlib import Path

import pytest

from streams.api.tokens import Tokens, line, make
from streams.brokers.kafka import KafkaBroker
from streams.config import ConfigError
from tests.api.build import Server, alert, send
from tests.api.conftest import Serve
from tests.cli.conftest import Run
from tests.live.flow import put, wait_for


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_data_and_metrics_need_a_token_where_there_are_tokens(serve: Serve, run: Run, tmp_path: Path) -> None:
    made = run("token", "bot", "--file", "tokens.txt")
    token = made.out.strip()
    server = serve(api_tokens=str(tmp_path / "tokens.txt"))
    for path in ("/v1/alerts", "/v1/alerts/stream", "/v1/alerts/x", "/v1/series/names", "/v1/rules", "/v1/none", "/metrics"):
        for headers in ({}, bearer("ng_wrong"), bearer(""), {"Authorization": f"Basic {token}"}, {"Authorization": token}):
            answer = server.get(path, headers)
            assert (answer.status, answer.json["status"]) == (401, 401), (path, headers)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert token not in answer.body.decode()
    assert server.get(f"/v1/alerts?token={token}").status == 401, "no token in an address, which ends up in logs"
    assert server.get("/v1/alerts", bearer(token)).status == 200
    assert server.get("/metrics", {"Authorization": f"bearer {token}"}).status == 200
    for path in ("/", "/page/main.js", "/healthz", "/readyz", "/openapi.json"):
        assert server.get(path).status == 200, path


async def test_a_token_that_is_taken_out_is_good_no_more_and_its_streams_end(serve: Serve, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tokens.txt"
    first, second = (run("token", name, "--file", str(file)).out.strip() for name in ("first", "second"))
    server = serve(api_tokens=str(file))
    stream = server.stream(headers=bearer(first))
    put(file, "# who may\n\n" + "".join(text for text in file.read_text().splitlines(keepends=True) if not text.startswith("first")))
    assert wait_for(lambda: server.get("/v1/alerts", bearer(first)).status == 401, 120)
    assert server.get("/v1/alerts", bearer(second)).status == 200
    assert list(stream.events()) == [], "it ends"
    put(file, "nonsense\n")
    assert wait_for(lambda: server.get("/v1/alerts", bearer(second)).status == 401, 120), "a file that cannot be used lets nobody in"
    assert "tokens.txt:1: expected a name" in server.log.read_text()


def test_the_file_holds_hashes_and_is_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    result = run("token", "bot")
    token = result.out.strip()
    file = tmp_path / "tokens.txt"
    assert token.startswith("ng_")
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Tokens(file).name(token) == "bot"
    again = run("token", "bot")
    assert (again.status, again.out) == (2, "")
    assert "has a token named bot already" in again.err
    assert run("token", "no such name").status == 2
    assert file.read_text().count("\n") == 1


@pytest.mark.parametrize("text", ["bot", "bot sha256:00", "bot md5:" + "0" * 64, "a b sha256:" + "0" * 64, "bot sha256:" + "0" * 64 + "0"])
def test_a_wrong_line_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens.txt"
    file.write_text(f"# remark\n{line('good', make())}\n{text}\n")
    with pytest.raises(ConfigError, match=r"tokens\.txt:3: expected a name"):
        Tokens(file)


async def test_only_named_origins_may_read(serve: Serve, shared: Server) -> None:
    some, all_ = serve(api_cors="https://desk.example,https://b.example"), serve(api_cors="*")
    cases = (
        (shared, "https://desk.example", None),
        (some, "https://desk.example", "https://desk.example"),
        (some, "https://evil.example", None),
        (some, "null", None),
        (all_, "https://any.example", "https://any.example"),
    )
    for server, origin, allowed in cases:
        answer = server.get("/v1/alerts", {"Origin": origin})
        assert answer.status == 200
        assert answer.headers.get("access-control-allow-origin") == allowed
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        preflight = server.get("/v1/alerts", asked, method="OPTIONS")
        assert preflight.headers.get("access-control-allow-origin") == allowed
        assert (preflight.status == 204) is (allowed is not None)
        refused = server.get("/v1/alerts?what=1", {"Origin": origin})
        assert (refused.status, refused.headers.get("access-control-allow-origin")) == (400, allowed), "a page must see why"
        stream = server.stream(headers={"Origin": origin})
        assert stream.answer.headers.get("Access-Control-Allow-Origin") == allowed
        stream.close()


async def test_without_tokens_data_is_given_only_under_a_name_of_the_server(serve: Serve, shared: Server, run: Run, tmp_path: Path) -> None:
    """A page whose name was made to lead here (DNS rebinding) has its reader's browser say that name."""
    foreign, data = {"Host": f"rebound.example:{shared.port}"}, ("/v1/alerts", "/v1/alerts/stream", "/v1/alerts/x", "/v1/none", "/metrics")
    for path in data:
        refused = shared.get(path, foreign)
        assert (refused.status, refused.json["status"]) == (421, 421)
        assert "'rebound.example" in refused.json["detail"] and "allowed_hosts" in refused.json["detail"]
    for path in ("/", "/page/main.js", "/healthz", "/readyz", "/openapi.json"):
        assert shared.get(path, foreign).status == 200, path
    for host in (f"localhost:{shared.port}", "[::1]:1", "192.0.2.7"):
        assert shared.get("/v1/alerts", {"Host": host}).status == 200, host
    named, any_ = serve(allowed_hosts="api.internal, rebound.example"), serve(allowed_hosts="*")
    assert [one.get("/v1/alerts", foreign).status for one in (named, any_)] == [200, 200]
    assert named.get("/v1/alerts", {"Host": "internal"}).status == 421
    token = run("token", "bot", "--file", "tokens.txt").out.strip()
    assert serve(api_tokens=str(tmp_path / "tokens.txt")).get("/v1/alerts", foreign | bearer(token)).status == 200


async def test_no_more_streams_than_allowed(serve: Serve) -> None:
    server = serve(api_max_streams="2")
    streams = [server.stream() for _ in range(2)]
    refused = server.stream()
    assert (refused.answer.status, refused.answer.headers["Retry-After"]) == (503, "10")
    streams[0].close()
    assert wait_for(lambda: server.stream().answer.status == 200, 120), "a stream that ended makes room"


def test_a_request_that_never_ends_is_cut_off(shared: Server) -> None:
    """Slow heads, and connections on which nothing is asked: both are closed, while others are served."""
    silent, slow = (socket.create_connection(("127.0.0.1", shared.port), timeout=120) for _ in range(2))
    slow.sendall(b"GET /v1/alerts HTTP/1.1\r\nHost: localhost\r\n")
    for end in (silent, slow):
        while True:
            try:
                if not end.recv(1_000):
                    break
                if end is slow:
                    end.sendall(b"X-More: 1\r\n")
            except OSError:
                break
        assert shared.get("/healthz").status == 200


def open_files(server: Server) -> int:
    assert server.process is not None
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


async def test_no_more_connections_than_leave_files_for_kafka(serve: Serve) -> None:
    server = serve(api_max_streams="1")
    before = open_files(server)
    ends = [socket.create_connection(("127.0.0.1", server.port), timeout=120) for _ in range(300)]

    def closed() -> bool:
        """A burst is taken whole, and then cut down."""
        return len(select.select(ends, [], [], 0)[0]) >= 150 and open_files(server) < before + 150

    assert wait_for(closed, 120)
    for end in ends:
        end.close()
    assert wait_for(lambda: server.get("/healthz").status == 200, 120)
    assert wait_for(lambda: server.stream().answer.status == 200, 120)


@pytest.mark.parametrize("head", [
    b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(3_000)) + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
])  # fmt: skip
def test_what_is_no_request_ends_the_connection_and_nothing_else(shared: Server, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=120) as end:
        end.sendall(head)
        answer = end.recv(100_000)
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400")), answer[:200]
    assert b"application/problem+json" in answer
    assert "Traceback" not in shared.log.read_text()
    assert shared.get("/healthz").status == 200


async def test_article_text_passes_as_data_and_no_link_leads_elsewhere(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    hostile = "</script><script>alert(1)</script>\r\n\r\nevent: reset\ndata: {}\u2028\x00"
    one = alert("a", url="javascript:alert(1)", summary=hostile)
    server = serve()
    stream = server.stream()
    await send(kafka.bootstrap, topics, [one])
    (event,) = stream.take(1)
    stream.close()
    assert (event.event, event.data["summary"], event.data["evidence"][0]["url"]) == ("alert", hostile, None)
    shown = server.get("/v1/alerts").json["alerts"][0]
    assert shown == event.data
