"""Driving real notifiers and receivers: start, feed, read what arrived, kill."""

import asyncio
import json
import math
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiokafka import AIOKafkaProducer

from schemas.alert import Alert
from schemas.codec import decode, encode
from schemas.delivery import Delivery, Position
from tests.live.flow import COMMAND, PATIENCE, everything, free_port, publish, put, until, wait_for
from tests.live.flow import Worker as Process

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PARTITIONS = 2
RETRY = ["1s"] * 10 + ["6s"] * 10
"""Soon again, and for longer than a slow machine needs to bring a receiver back."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a receiver got it."""

    id: str
    at: float
    action: str
    taken: bool
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A receiver of webhooks, as a process of its own; what it got stays on disk when it is killed."""

    folder: Path
    name: str = "desk"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.jsonl"

    @property
    def plan_file(self) -> Path:
        return self.folder / f"{self.name}.plan.json"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def plan(self, default: str = "ok", **by_event: Sequence[str]) -> None:
        """What it does with requests from now on."""
        put(self.plan_file, json.dumps({"default": default, **by_event}))

    def start(self) -> "Receiver":
        script = Path(__file__).with_name("receiver.py")
        self.process = subprocess.Popen([sys.executable, str(script), str(self.port), str(self.log), str(self.plan_file)])
        return self

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def requests(self) -> list[Request]:
        """Everything that arrived, in order. A line that a kill cut off was never answered."""
        if not self.log.exists():
            return []
        whole = [line for line in self.log.read_text().split("\n")[:-1] if line.startswith("{") and line.endswith("}")]
        return [Request(**{**json.loads(line), "body": b64decode(json.loads(line)["body"])}) for line in whole]

    def seen(self) -> list[str]:
        """The ids that it took, each once, in the order in which it saw them first."""
        return list(dict.fromkeys(one.id for one in self.requests() if one.taken))

    def entry(self, **more: object) -> dict[str, object]:
        """How it stands in the file of receivers."""
        return {"name": self.name, "url": self.url, "allow_http": True, "allow_private": True, "retry": RETRY} | more


@dataclass
class Notifier(Process):
    """One notifier process."""

    folder: Path = Path()

    def start(self) -> "Notifier":
        self.settings |= {"RECEIVERS": str(self.folder / "receivers.yaml"), "PARTITIONS": str(PARTITIONS), "NOTIFY_PORT": str(self.port)}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
        given = {"BOOTSTRAP": self.bootstrap, "TOPIC_PREFIX": self.prefix} | self.settings
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [COMMAND, "notify"],
                env=clean | {f"NEWSGAUGE_{name}": value for name, value in given.items()},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return self

    def ended(self) -> bool:
        """Has the process ended by itself?"""
        return self.process is None or self.process.poll() is not None

    def configure(self, *receivers: dict[str, object], **more: object) -> "Notifier":
        """Write the file of receivers; without a route everything goes to the first."""
        content = {"schema": 1, "receivers": list(receivers), "route": {"receiver": receivers[0]["name"]}} | more
        put(self.folder / "receivers.yaml", yaml.safe_dump(content, sort_keys=False))
        return self

    def cli(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command of a person beside it."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
        given = {"NEWSGAUGE_BOOTSTRAP": self.bootstrap, "NEWSGAUGE_TOPIC_PREFIX": self.prefix}
        return subprocess.run([COMMAND, *args], env=clean | given, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def metric(self, name: str) -> float:
        """The sum of a metric's samples whose line starts with `name`; NaN, which is equal to nothing, where there is none."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if line.startswith(name)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines) if lines else math.nan

    async def publish(self, alerts: Iterable[Alert], **headers: bytes) -> None:
        """Put alerts into their topic, as a worker does."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        await producer.start()
        try:
            for one in alerts:
                key, value = one.fingerprint.encode(), encode(one)
                await producer.send_and_wait(self.prefix + "alerts", value, key=key, headers=list(headers.items()))
        finally:
            await producer.stop()

    async def write(self, topic: str, *records: tuple[bytes, bytes | None]) -> None:
        """Put keys and values into a topic, whatever they are."""
        await publish(self.bootstrap, self.prefix + topic, records)

    async def deliveries(self, enough: Callable[[list[Delivery]], object] = bool) -> list[Delivery]:
        """The log of deliveries as soon as there is `enough` in it: what a metric has counted is written a moment later."""
        records = await until(self.bootstrap, self.prefix + "deliveries", lambda found: enough(_lines(found)))
        return _lines(records)

    async def outbox(self) -> dict[bytes, Any]:
        """What waits, as the topic says."""
        return _waiting(await everything(self.bootstrap, self.prefix + "outbox"))

    async def emptied(self) -> dict[bytes, Any]:
        """What waits as soon as nothing does, or in the end: a receiver has taken an event before its outbox says so."""
        return _waiting(await until(self.bootstrap, self.prefix + "outbox", lambda found: not _waiting(found)))

    async def positions(self) -> dict[int, int]:
        """How far `alerts` is taken over, by partition."""
        records = await everything(self.bootstrap, self.prefix + "notified")
        return {record.partition: decode(record.value, Position).offset for record in records if record.key == b"position"}


def _lines(records: list[Any]) -> list[Delivery]:
    return [decode(record.value, Delivery) for record in records]


def _waiting(records: list[Any]) -> dict[bytes, Any]:
    return {key: value for key, value in {record.key: record.value for record in records}.items() if value is not None}


async def eventually(done: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """`wait_for`, off the loop."""
    return await asyncio.to_thread(wait_for, done, seconds)
