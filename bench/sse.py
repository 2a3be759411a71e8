"""How many clients one `newsgauge api` serves: python bench/sse.py [--clients N] [--alerts N] [--rate N] [--slow N] [--json]

    ring      resident memory of the server with --history events held, before any client
    memory    the same with all clients connected, and after all alerts were delivered
    latency   from the moment an alert is handed to Kafka to the moment a client has it, over all clients and alerts
    complete  every client must have had every alert exactly once and in the order of its key; exit status 1 otherwise

Starts a real Apache Kafka (`make kafka`), the server as a process, and the clients in this one, which measures them with the same two
cores or more: run it on a quiet machine. Slow clients never read; the server must cut them off and serve the others all the same.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.codec import encode
from streams.brokers.kafka import KafkaBroker
from streams.brokers.node import log_tail
from streams.cli.child import free_port
from streams.config import Settings
from streams.kafka import Admin, Writer
from streams.topics import ALERTS
from tests.api.build import alert

SERVER = [str(Path(sys.executable).with_name("newsgauge")), "api"]
WAIT_SECONDS = 120.0


@dataclass(slots=True)
class Client:
    """One reader of the stream. It parses no JSON: the event's id stands in the alert, and is found by its place."""

    seen: list[bytes] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    faults: int = 0

    async def run(self, port: int, ready: asyncio.Semaphore, sent: dict[bytes, float], wanted: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(b"GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"retry: ")
        ready.release()
        while len(self.seen) < wanted:
            line = await reader.readline()
            if not line:
                self.faults += 1
                break
            if line.startswith(b"data: "):
                name = line.partition(b'"event_id":"')[2].partition(b'"')[0]
                self.seen.append(name)
                self.delays.append(time.monotonic() - sent[name])
        writer.close()


def memory(pid: int) -> float:
    """Resident memory in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"process {pid} shows no memory")


def processor(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def publish(settings: Settings, names: list[str], rate: float | None, sent: dict[bytes, float]) -> None:
    """Alerts as the worker writes them, `rate` a second (as fast as possible without one)."""
    faults: list[BaseException] = []
    start = time.monotonic()
    async with Writer(settings) as writer:
        for number, name in enumerate(names):
            if rate:
                await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            one = replace(alert(name), event_id=name, fingerprint=f"{number % 50:032x}")
            sent[name.encode()] = time.monotonic()
            await writer.write(
                settings.topic_prefix + ALERTS.name,
                encode(one),
                key=one.fingerprint.encode(),
                done=lambda fault: faults.append(fault) if fault else None,
            )
    if faults:
        raise faults[0]


async def answers(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.readline()
        writer.close()
    except OSError:
        return False
    return b" 200 " in answer


async def stuck(port: int) -> asyncio.StreamWriter:
    """A client that asks and never reads."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(b"GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return writer


async def measure(settings: Settings, port: int, given: argparse.Namespace, pid: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "clients": given.clients,
        "slow": given.slow,
        "alerts": given.alerts,
        "rate": given.rate,
        "history": given.history,
    }
    found["ring_mib"] = round(memory(pid), 1)
    sent: dict[bytes, float] = {}
    ready = asyncio.Semaphore(0)
    clients = [Client() for _ in range(given.clients)]
    started = time.monotonic()
    tasks = [asyncio.create_task(client.run(port, ready, sent, given.alerts)) for client in clients]
    for _ in clients:
        await asyncio.wait_for(ready.acquire(), WAIT_SECONDS)
    found["connect_s"] = round(time.monotonic() - started, 2)
    idle = [await stuck(port) for _ in range(given.slow)]
    await asyncio.sleep(1)
    found["connected_mib"] = round(memory(pid), 1)
    busy, started = processor(pid), time.monotonic()
    names = [f"live-{number}" for number in range(given.alerts)]
    peak = memory(pid)
    sending = asyncio.create_task(publish(settings, names, given.rate, sent))
    while not all(task.done() for task in tasks) and time.monotonic() - started < given.alerts / given.rate + WAIT_SECONDS:
        await asyncio.sleep(0.5)
        peak = max(peak, memory(pid))
    await sending
    found["delivered_s"] = round(time.monotonic() - started, 2)
    found["peak_mib"], found["after_mib"] = round(peak, 1), round(memory(pid), 1)
    found["server_cpu"] = round((processor(pid) - busy) / (time.monotonic() - started), 2)
    delays = sorted(delay for client in clients for delay in client.delays)
    found |= {"events": len(delays), "latency_p50_ms": round(median(delays) * 1000, 1)} if delays else {"events": 0}
    if delays:
        found["latency_p99_ms"], found["latency_max_ms"] = round(delays[int(len(delays) * 0.99)] * 1000, 1), round(delays[-1] * 1000, 1)
    wanted = Counter(name.encode() for name in names)
    found["complete"] = all(Counter(client.seen) == wanted and not client.faults for client in clients)
    for task in tasks:
        task.cancel()
    for writer in idle:
        writer.close()
    return found


async def run(given: argparse.Namespace, bootstrap: str, log: Path) -> dict[str, Any]:
    port = free_port()
    settings = Settings(bootstrap=bootstrap, partitions=8)
    async with Admin(settings) as admin:
        await admin.create()
    await publish(settings, [f"past-{number}" for number in range(given.history)], None, {})
    environment = {**os.environ, "NEWSGAUGE_BOOTSTRAP": bootstrap, "NEWSGAUGE_API_PORT": str(port)}
    with log.open("wb") as out:
        server = await asyncio.to_thread(subprocess.Popen, SERVER, env=environment, stdout=out, stderr=out)
    try:
        start = time.monotonic()
        while not await answers(port, "/readyz"):
            if server.poll() is not None or time.monotonic() - start > WAIT_SECONDS:
                raise SystemExit(f"the server is not ready: {log_tail(log)}")
            await asyncio.sleep(0.05)
        found = {"ready_s": round(time.monotonic() - start, 2)}
        return found | await measure(settings, port, given, server.pid)
    finally:
        server.terminate()
        server.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--slow", type=int, default=0, help="clients that never read")
    parser.add_argument("--alerts", type=int, default=300)
    parser.add_argument("--rate", type=float, default=10.0, help="alerts a second")
    parser.add_argument("--history", type=int, default=5_000, help="events in Kafka before the server starts")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, KafkaBroker() as broker:
        found = asyncio.run(run(given, broker.bootstrap, Path(home) / "api.log"))
    if given.json:
        print(json.dumps(found | {"at": datetime.now(UTC).isoformat()}))
    else:
        table = Table("", "", show_header=False)
        for name, value in found.items():
            table.add_row(name, f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value))
        Console().print(table)
    return 0 if found["complete"] else 1


if __name__ == "__main__":
    sys.exit(main())
