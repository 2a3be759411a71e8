"""Alerts and claims for the tests of the API, and a server that runs as a user runs it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaProducer

from schemas.alert import Alert, Condition, Corroboration, Evidence, Rule, Times, Transition, Value
from schemas.codec import encode
from streams.core.report import cloud_event
from tests.live.flow import free_port, wait_for

COMMAND = str(Path(sys.executable).with_name("newsgauge"))
START = datetime(2023, 12, 28, 20, tzinfo=UTC)
SENTENCE = "About 10,000 migrants a day have been apprehended this month, officials said."
SECONDS = 120.0


def alert(name: str, sequence: int = 1, transition: Transition = "firing", **changes: Any) -> Alert:
    """The event `sequence` of the alert `name`; `changes` are fields of the record, or `started` and `url`."""
    started = changes.pop("started", START)
    evidence = Evidence(
        claim_id=f"c-{name}-{sequence}",
        indicator="apprehensions",
        sentence=SENTENCE,
        sentence_span=(100, 100 + len(SENTENCE)),
        quote="10,000",
        quote_span=(106, 112),
        document=f"d-{name}",
        version=1,
        url=changes.pop("url", "https://news.example/1"),
        title="Talks about the border",
        publisher="The Example",
        origin_id="o",
        place="us-southwest-border",
        attribution="officials",
        attribution_id=None,
        published_at=started,
        confidence=0.9,
    )
    over = transition in ("resolved", "expired", "closed")
    made = Alert(
        mode="live",
        event_id=f"{name}:{sequence}",
        alert_id=f"alert-{name}",
        fingerprint=f"fingerprint-{name}",
        episode=1,
        sequence=sequence,
        transition=transition,
        reason="level_crossed",
        level=None if over else "critical",
        previous_level="critical" if over else None,
        rule=Rule(id="border", title="Daily apprehensions", rules_hash="h"),
        group={"place": "us-southwest-border"},
        labels={"team": "migration"},
        condition=Condition(direction="above", at=10_000, reset=9_000, unit="person", per="day"),
        value=Value(
            text="About 10,000",
            low=9_000,
            high=11_000,
            point=10_000,
            bound="approx",
            grade="probable",
            effective_end=date(2023, 12, 28),
        ),
        evidence=(evidence,),
        corroboration=Corroboration(origins=1, publishers=1, attributions=1, required=1),
        times=Times(
            started_at=started,
            event_time=started + timedelta(hours=sequence),
            published_at=started,
            ingested_at=started,
            expires_at=started + timedelta(days=10),
        ),
    )
    return replace(made, **changes)


async def send(
    bootstrap: str, prefix: str, alerts: Iterable[Alert | bytes], *, topics: tuple[str, ...] = ("alerts", "alerts.state")
) -> None:
    """Writes alerts as the worker does: to `alerts` and `alerts.state`, by fingerprint."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for one in alerts:
            for topic in topics:
                key = one.fingerprint.encode() if isinstance(one, Alert) else b"none"
                headers = cloud_event(one) if isinstance(one, Alert) else []
                await producer.send_and_wait(prefix + topic, one if isinstance(one, bytes) else encode(one), key=key, headers=headers)
    finally:
        await producer.stop()


@dataclass
class Server:
    """`newsgauge api` as a process, on a port that it keeps over restarts."""

    bootstrap: str
    prefix: str
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, ready: bool = True) -> Self:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
        given = {"BOOTSTRAP": self.bootstrap, "TOPIC_PREFIX": self.prefix, "API_PORT": str(self.port)} | self.settings
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [COMMAND, "api"],
                env=clean | {f"NEWSGAUGE_{name}": value for name, value in given.items()},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        if ready:
            assert wait_for(self.is_ready, SECONDS), self.log.read_text()[-3000:]
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the API ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
        return self.get("/readyz").status == 200

    def stop(self, *, kill: bool = False) -> int:
        assert self.process is not None
        self.process.kill() if kill else self.process.terminate()
        return self.process.wait(SECONDS)

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> "Answer":
        """One request. Status 0: nobody answers."""
        request = urllib.request.Request(self.address + path, headers=dict(headers or {}), method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return Answer(answer.status, answer.read(), {name.casefold(): value for name, value in answer.headers.items()})
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), {name.casefold(): value for name, value in error.headers.items()})
        except OSError:
            return Answer(0, b"", {})

    def stream(self, path: str = "/v1/alerts/stream", headers: Mapping[str, str] | None = None) -> "Stream":
        """A stream from now on, or from its cursor."""
        return Stream(self.port, path, dict(headers or {}))


@dataclass(frozen=True)
class Answer:
    """A response. `headers` by lower-case name."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    id: str
    event: str
    data: Any


class Stream:
    """A client of the stream, by the rules of the format."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self._connection.request("GET", path, headers=headers)
        self.answer: HTTPResponse = self._connection.getresponse()
        self.id = headers.get("Last-Event-ID", "")

    def events(self) -> Iterator[Event]:
        """Every event as it comes; ends when the server does."""
        kind, data = "message", []
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            match name:
                case "id":
                    self.id = value
                case "event":
                    kind = value
                case "data":
                    data.append(value)
                case "":
                    if line == b"\n" and data:
                        yield Event(self.id, kind, json.loads("\n".join(data)))
                    if line == b"\n":
                        kind, data = "message", []

    def take(self, count: int) -> list[Event]:
        """The next `count` events."""
        found: list[Event] = []
        for event in self.events():
            found.append(event)
            if len(found) == count:
                break
        return found

    def close(self) -> None:
        self._connection.close()
