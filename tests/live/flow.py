"""Driving real workers against a real broker: start, feed, read, kill."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.brokers.node import free_ports
from streams.config import Settings
from streams.kafka import Admin

COMMAND = str(Path(sys.executable).with_name("newsgauge"))
PATIENCE = 180.0
"""Seconds that a slow machine gets for what takes a few."""
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody has and nobody else is told of. None from which the kernel takes source ports: whoever tries to reach a process
    that is down might be given its port, and keep it from coming back."""
    while (port := free_ports(None).broker) in _given:
        continue
    _given.add(port)
    return port


def put(path: Path, text: str | bytes) -> None:
    """Write a file that a process watches: it sees the old text or the new, and never a part."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(text.encode() if isinstance(text, str) else text)
    fresh.rename(path)


@dataclass
class Worker:
    """One worker, or another process of ours: `command` of `program`, with the setting of its port. `log` is where it writes."""

    bootstrap: str
    prefix: str
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    command: str = "worker"
    port_setting: str = "WEB_PORT"
    program: tuple[str, ...] = (COMMAND,)

    def start(self) -> "Worker":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
        own = {"BOOTSTRAP": self.bootstrap, "TOPIC_PREFIX": self.prefix, self.port_setting: str(self.port), "PARTITIONS": "4"}
        given = own | self.settings
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*self.program, self.command],
                env=clean | {f"NEWSGAUGE_{name}": value for name, value in given.items()},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return self

    def wait_ready(self) -> "Worker":
        assert wait_for(lambda: self.alive() and self.get("/readyz")[0] == 200), self.log.read_text()[-3000:]
        return self

    def alive(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the worker ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
        return True

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def kill(self) -> None:
        """kill -9"""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(done: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether `done` came true within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return False


async def publish(
    bootstrap: str, topic: str, values: Iterable[tuple[bytes | None, bytes | None]], headers: list[tuple[str, bytes]] | None = None
) -> None:
    """Keys and values, each acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=10_000_000)
    await producer.start()
    try:
        for sent in [await producer.send(topic, value, key=key, headers=headers) for key, value in values]:
            await sent
    finally:
        await producer.stop()


async def everything(bootstrap: str, topic: str) -> list[Any]:
    """All records of `topic` that are committed, up to its end at this moment, by partition and offset."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=10_000_000,
    )
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        ends = await consumer.end_offsets(places)
        records: list[Any] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += batch
        return sorted(records, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def until(bootstrap: str, topic: str, enough: Callable[[list[Any]], object], seconds: float = PATIENCE) -> list[Any]:
    """The records of `topic` as soon as `enough` of them says so, or what there is after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        records = await everything(bootstrap, topic)
        if enough(records) or time.monotonic() > end:
            return records
        await asyncio.sleep(0.3)


async def settled(worker: Worker) -> None:
    """Wait until the workers of this prefix have committed all that lies in their topics. Claims are written before their article is
    committed, so it is looked at once more after there was nothing left."""
    end, quiet = time.monotonic() + PATIENCE, 0
    async with Admin(Settings(bootstrap=worker.bootstrap, topic_prefix=worker.prefix)) as admin:
        while quiet < 2:
            assert time.monotonic() < end, "still behind"
            quiet = 0 if any(topic.lag for topic in await admin.describe()) else quiet + 1
            await asyncio.sleep(0.3)


def article(text: str, **fields: object) -> bytes:
    return orjson.dumps({"text": text} | fields)
