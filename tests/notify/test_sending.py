"""One try, without Kafka: what each way to fail is called, whether the receiver may have it, and that nothing is read without end."""

import asyncio
import resource
import socket
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import monotonic

import pytest
from standardwebhooks import Webhook

from streams.core.delivery.receivers import Receiver as Configured
from streams.core.delivery.receivers import ReceiverFile, Route, Secret
from streams.core.delivery.retry import Attempt
from streams.notify.file import Configuration, Endpoint
from streams.notify.sending import Sender, signed
from tests.core.delivery.build import alert, entry
from tests.live.flow import free_port
from tests.notify.flow import KEY, Receiver, eventually


def configuration(url: str, **more: object) -> Configuration:
    fields = {"name": "desk", "url": Secret(value=url), "allow_http": True, "allow_private": True, "timeout": "60s"} | more
    receiver = Configured.model_validate(fields)
    file = ReceiverFile.model_construct(schema_=1, receivers=(receiver,), route=Route(receiver="desk"))
    return Configuration(file, {"desk": Endpoint(receiver, url, (), ())}, ())


async def sent(url: str, **more: object) -> Attempt:
    sender = Sender(configuration(url, **more))
    try:
        return await sender.send(entry(alert()))
    finally:
        await sender.close()


@pytest.fixture
async def desk(receiving: Callable[..., Receiver]) -> Receiver:
    found = receiving()
    assert await eventually(lambda: _listens(found.port))
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("action", "reason", "unsure"),
    [
        ("ok", None, False),
        ("status:204", None, False),
        ("slow_body", None, False),
        ("huge_body", None, False),
        ("status:500", "server_error", False),
        ("slow_error", "server_error", False),
        ("huge_error", "server_error", False),
        ("status:429", "rate_limited", False),
        ("status:410", "gone", False),
        ("status:403", "rejected", False),
        ("redirect:http://127.0.0.1:1/", "redirected", False),
        ("hang:60", "timeout", True),
        ("reset", "connection", True),
        ("garbage", "connection", True),
    ],
)
async def test_every_end_of_a_try_has_its_word(desk: Receiver, action: str, reason: str | None, unsure: bool) -> None:
    desk.plan(action)
    begun = monotonic()
    attempt = await sent(desk.url, timeout="8s")
    assert (attempt.reason, attempt.unsure) == (reason, unsure)
    assert monotonic() - begun < 30, "a body that takes longer is not waited for"
    assert len(desk.requests()) == 1


async def test_an_endless_answer_is_not_read(desk: Receiver) -> None:
    desk.plan("huge_error")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        attempt = await sent(desk.url)
        assert len(attempt.detail) <= 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kB"


async def test_where_nobody_listens_nothing_has_arrived() -> None:
    attempt = await sent(f"http://127.0.0.1:{free_port()}/secret-path")
    assert (attempt.reason, attempt.unsure) == ("connection", False)
    assert "secret-path" not in attempt.detail and attempt.detail
    attempt = await sent("http://no-such-name.invalid/secret-path")
    assert (attempt.reason, attempt.unsure) == ("connection", False)


async def test_a_server_without_tls_is_no_receiver_of_https(desk: Receiver) -> None:
    attempt = await sent(desk.url.replace("http:", "https:"))
    assert (attempt.reason, attempt.unsure) == ("connection", False)
    assert desk.requests() == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        certificate,
    ]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=context)
    async with server:
        attempt = await sent(f"https://localhost:{server.sockets[0].getsockname()[1]}/")
    assert (attempt.reason, attempt.unsure) == ("connection", False) and "certificate" in attempt.detail.lower()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_own_addresses_are_refused_by_any_spelling(desk: Receiver, host: str) -> None:
    attempt = await sent(f"http://{host}:{desk.port}/", allow_private=False)
    assert attempt.reason == "address", attempt
    assert desk.requests() == []


async def test_a_proxy_of_the_environment_is_not_used(desk: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be asked to connect, and the guard with it would see only the proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, desk.url)
    attempt = await sent(f"http://127.0.0.1:{free_port()}/")
    assert attempt.reason == "connection" and desk.requests() == []


async def test_other_receivers_take_over_while_a_try_is_under_way(desk: Receiver) -> None:
    desk.plan("hang:2")
    sender = Sender(configuration(desk.url, timeout="30s"))
    under_way = asyncio.create_task(sender.send(entry(alert())))
    assert await eventually(desk.requests)
    replacing = asyncio.create_task(sender.replace(configuration(desk.url + "/new", timeout="30s")))
    await asyncio.sleep(0)
    desk.plan()
    assert (await sender.send(entry(alert("escalated", 2)))).reason is None
    assert (await under_way).reason == "connection", "it ended by itself"
    await replacing
    assert {one.path for one in desk.requests()} == {"/hook", "/hook/new"}
    assert (await sender.send(replace(entry(alert()), receiver="stranger"))).reason == "removed"
    await sender.close()


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the specification's reference implementation: key, id, time and payload give this signature."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = dict(signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', (KEY,)))
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"
    assert "webhook-signature" not in dict(signed("m", at, b"{}", ()))


def test_two_keys_sign_side_by_side_and_each_verifies() -> None:
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"
    headers = dict(signed("m", datetime.now(UTC), '{"a": "ü"}'.encode(), (KEY, other)))
    for key in (KEY, other):
        assert Webhook(key).verify('{"a": "ü"}', headers) == {"a": "ü"}
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_a_time_of_another_zone_is_signed_as_the_same_moment() -> None:
    """The library takes any time for UTC: what it signs has to be the moment that the header names."""
    east = datetime.now(timezone(timedelta(hours=9)))
    headers = dict(signed("m", east, b"{}", (KEY,)))
    assert Webhook(KEY).verify("{}", headers) == {}
