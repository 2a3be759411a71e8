"""One try: a signed request to a webhook, or a message by Apprise. Whatever goes wrong comes back as an `Attempt`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from time import monotonic
from types import SimpleNamespace
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    TraceConfig,
)
from standardwebhooks import Webhook

from schemas.delivery import OutboxEntry
from streams.core.delivery.formats import body, text
from streams.core.delivery.retry import Attempt, reason_of, retry_after
from streams.notify.file import Configuration, Endpoint
from streams.notify.guard import REFUSED, guarded_socket

__all__ = ["Sender", "signed"]

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Requests to one receiver at a time."""
BODY_BYTES = 2_048
"""Of an answer that is no success; the rest is not read."""
BODY_SECONDS = 2.0
DETAIL = 200
AGENT = f"newsgauge/{version('newsgauge')}"


class Sender:
    """Keeps a session for each receiver of a configuration. `replace` takes over another one; `close` ends all."""

    def __init__(self, configuration: Configuration) -> None:
        self._lines: dict[str, _Line] = {}
        self._take(configuration)

    def _take(self, configuration: Configuration) -> list["_Line"]:
        old = self._lines
        self._lines = {
            name: old[name] if name in old and old[name].endpoint == endpoint else _Line(endpoint)
            for name, endpoint in configuration.endpoints.items()
        }
        return [line for line in old.values() if line not in self._lines.values()]

    async def replace(self, configuration: Configuration) -> None:
        """The receivers are these from now on; a try that is under way ends by itself."""
        for line in self._take(configuration):
            await line.close()

    async def send(self, entry: OutboxEntry) -> Attempt:
        """Try once. Does not raise but CancelledError."""
        line = self._lines.get(entry.receiver)
        if line is None:
            return Attempt(reason="removed")
        return await line.send(entry)

    async def close(self) -> None:
        """End all sessions."""
        for line in self._lines.values():
            await line.close()


class _Line:
    """One receiver, and the connections to it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: ClientSession | None = None

    async def send(self, entry: OutboxEntry) -> Attempt:
        work = self._chat if self.endpoint.receiver.type == "apprise" else self._webhook
        async with self._slots:
            begun = monotonic()
            attempt = await _bounded(work, entry, self.endpoint.receiver.timeout)
        return replace(attempt, seconds=round(monotonic() - begun, 3))

    async def close(self) -> None:
        """End its connections, once no try is under way."""
        for _ in range(AT_ONCE):
            await self._slots.acquire()
        if self._session is not None:
            await self._session.close()

    async def _webhook(self, entry: OutboxEntry, went: SimpleNamespace) -> Attempt:
        receiver = self.endpoint.receiver
        data = body(entry, receiver.integration)
        now = datetime.now(UTC)
        headers = [("Content-Type", "application/json"), *self.endpoint.headers, *signed(entry.event_id, now, data, self.endpoint.keys)]
        if entry.traceparent:
            headers.append(("traceparent", entry.traceparent))
        request = self._opened().post(self.endpoint.url, data=data, headers=headers, allow_redirects=False, trace_request_ctx=went)
        async with request as answer:
            reason = reason_of(answer.status)
            if reason is None:
                return Attempt(reason=None, status=answer.status)
            wait = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
            return Attempt(reason=reason, status=answer.status, detail=await _said(answer), retry_after=wait)

    def _opened(self) -> ClientSession:
        if self._session is None:
            receiver, trace = self.endpoint.receiver, TraceConfig()
            trace.on_request_headers_sent.append(_headers_sent)
            connector = TCPConnector(limit=AT_ONCE, socket_factory=guarded_socket(allow_private=receiver.allow_private))
            self._session = ClientSession(
                connector=connector,
                timeout=ClientTimeout(total=None),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": AGENT},
                auto_decompress=False,
                trust_env=False,
                trace_configs=[trace],
            )
        return self._session

    async def _chat(self, entry: OutboxEntry, went: SimpleNamespace) -> Attempt:
        title, lines = text(entry)
        went.out = True
        taken = await asyncio.to_thread(_chatted, self.endpoint.url, title, lines)
        return Attempt(reason=None) if taken else Attempt(reason="refused", detail="Apprise could not send it")


def _chatted(url: str, title: str, lines: str) -> bool:
    """Blocking. False where the service did not take the message."""
    from apprise import Apprise, NotifyFormat

    chat = Apprise()
    return bool(chat.add(url) and chat.notify(title=title, body=lines, body_format=NotifyFormat.TEXT))


async def _headers_sent(_: ClientSession, context: Any, __: Any) -> None:
    """From here on the receiver may have the event."""
    context.trace_request_ctx.out = True


async def _bounded(work: Callable[[OutboxEntry, SimpleNamespace], Awaitable[Attempt]], entry: OutboxEntry, seconds: float) -> Attempt:
    """`work` within its time, with every failure as an attempt. `went.out`: the request has left us."""
    went, refused = SimpleNamespace(out=False), list[str]()
    token = REFUSED.set(refused)
    try:
        async with asyncio.timeout(seconds):
            return await work(entry, went)
    except TimeoutError:
        return Attempt(reason="timeout", detail=f"no answer within {seconds:g} s", unsure=went.out)
    except ClientConnectorError as error:
        if refused:
            return Attempt(reason="address", detail=f"not on the public internet: {', '.join(sorted(set(refused)))}"[:DETAIL])
        return Attempt(reason="connection", detail=_sentence(error.os_error))
    except (ClientError, OSError) as error:
        return Attempt(reason="connection", detail=_sentence(error), unsure=went.out)
    except Exception as error:  # whatever a service of Apprise raises, an answer that is no HTTP
        log.exception("unexpected error on the way to the receiver %s", entry.receiver)
        return Attempt(reason="connection", detail=type(error).__name__, unsure=went.out)
    finally:
        REFUSED.reset(token)


def _sentence(error: BaseException) -> str:
    """What went wrong, without the URL, which may be a secret."""
    said = getattr(error, "strerror", None) or (str(error) if isinstance(error, OSError) and "://" not in str(error) else "")
    return f"{type(error).__name__}: {said}"[:DETAIL].rstrip(": ")


async def _said(answer: ClientResponse) -> str:
    """How an answer that is no success begins, on one line. Only the status counts: a slow or endless body changes nothing."""
    words = answer.reason or ""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            begins = (await answer.content.read(BODY_BYTES)).decode(errors="replace")
    except (TimeoutError, ClientError, OSError):
        begins = ""
    answer.close()
    plain = "".join(char if char.isprintable() else " " for char in f"{words} {begins}")
    return " ".join(plain.split())[:DETAIL]


def signed(event_id: str, now: datetime, data: bytes, keys: tuple[str, ...]) -> list[tuple[str, str]]:
    """The headers of Standard Webhooks; a signature for each key, and none without keys."""
    now = now.astimezone(UTC)  # the library takes any time for one in UTC
    headers = [("webhook-id", event_id), ("webhook-timestamp", str(int(now.timestamp())))]
    signatures = [Webhook(key).sign(event_id, now, data.decode()) for key in keys]
    return [*headers, ("webhook-signature", " ".join(signatures))] if signatures else headers
