"""Does a replay disturb the live flow? python bench/traffic.py [--rate N] [--seconds N]

A broker and a worker of our own; articles come at a steady rate for three times so many seconds: alone, with replays of the same topics
one after the other beside them (claims, then articles read again, each by the real command), and alone again. For each phase: how
long from an article's arrival on the broker to its alert, and how many records the worker was behind, once a second. On a machine whose
cores are all busy a replay takes its share of them: run it with `nice` where that matters, as here with --nice.

Then, once the worker's groups have come to the ends of their topics, the live alerts are compared with a replay of the log that they
follow from.
Needs Java 17 and `make kafka`.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin, read

COMMAND = str(Path(sys.executable).with_name("newsgauge"))
RULES = """
schema: 1
rules:
  - id: each
    title: Each report
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    group_by: [publisher]
    when: {levels: [{level: any, at: 6_000}]}
"""
START = datetime.now(UTC) - timedelta(days=20)
PHASES = ("alone", "with replays", "alone again")


def article(number: int) -> bytes:
    """A report of its own paper, so that each leads to an alert."""
    words = " ".join(f"word{number * 31 + n} of the report" for n in range(80))
    text = (
        f"Some {6_000 + number % 5_000:,} migrants were apprehended daily at the southwest border, officials said.\n\n{words.capitalize()}."
    )
    moment = (START + timedelta(seconds=number)).isoformat()
    return orjson.dumps({"id": f"t{number}", "text": text, "published": moment, "publisher": f"Paper {number}"})


async def publishing(settings: Settings, rate: float, phase: list[str], sent: dict[str, str]) -> None:
    """Articles at `rate` a second until the last phase is over; `sent` has the phase of each."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    await producer.start()
    try:
        started, number = time.monotonic(), 0
        while phase[0]:
            sent[f"t{number}"] = phase[0]
            await producer.send_and_wait(settings.topic_prefix + "articles", article(number), key=f"t{number}".encode())
            number += 1
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
    finally:
        await producer.stop()


async def watching(settings: Settings, phase: list[str], lags: dict[str, list[int]]) -> None:
    """The worker's lag, once a second."""
    async with Admin(settings) as admin:
        while phase[0]:
            lags.setdefault(phase[0], []).append(sum(topic.lag or 0 for topic in await admin.describe()))
            await asyncio.sleep(1)


async def replaying(folder: Path, environment: dict[str, str], end: float, nice: int) -> int:
    """Replays one after the other until `end`; returns how many."""
    count = 0
    while time.monotonic() < end:
        how = ["--rules", str(folder / "rules.yaml"), "--topic", "articles"] if count % 2 else []
        process = await asyncio.create_subprocess_exec(
            "nice",
            "-n",
            str(nice),
            COMMAND,
            "replay",
            *how,
            "--out",
            str(folder / "r.jsonl"),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        if process.returncode:
            raise SystemExit(said.decode())
        count += 1
    return count


async def caught_up(settings: Settings) -> None:
    async with Admin(settings) as admin:
        while any(topic.lag for topic in await admin.describe()):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.5)


def told(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event | {"mode": None, "times": event["times"] | {"emitted_at": None}})


async def run(broker: KafkaBroker, folder: Path, rate: float, seconds: float, nice: int) -> dict[str, object]:
    prefix = "bench."
    given = {"BOOTSTRAP": broker.bootstrap, "TOPIC_PREFIX": prefix, "PARTITIONS": "4", "RULES": str(folder / "rules.yaml"), "WEB_PORT": "0"}
    environment = dict(os.environ) | {f"NEWSGAUGE_{name}": value for name, value in given.items()}
    settings = Settings(bootstrap=broker.bootstrap, topic_prefix=prefix)
    (folder / "rules.yaml").write_text(RULES)
    with (folder / "worker.log").open("wb") as log:
        worker = await asyncio.create_subprocess_exec(COMMAND, "worker", env=environment, stdout=log, stderr=log)
    try:
        while b"worker ready" not in (folder / "worker.log").read_bytes():
            if worker.returncode is not None:
                raise SystemExit((folder / "worker.log").read_text()[-2000:])
            await asyncio.sleep(0.2)
        phase, sent, lags = ["warm-up"], dict[str, str](), dict[str, list[int]]()
        tasks = [asyncio.create_task(publishing(settings, rate, phase, sent)), asyncio.create_task(watching(settings, phase, lags))]
        await asyncio.sleep(10)
        replays = 0
        for name in PHASES:
            phase[0] = name
            print(f"{name} ...", file=sys.stderr, flush=True)
            if name == PHASES[1]:
                replays = await replaying(folder, environment, time.monotonic() + seconds, nice)
            else:
                await asyncio.sleep(seconds)
        phase[0] = ""
        await asyncio.gather(*tasks)
        await caught_up(settings)
        live = [orjson.loads(record.value or b"") async for record in read(settings, prefix + "alerts", start="beginning")]
        process = await asyncio.create_subprocess_exec(COMMAND, "replay", env=environment, stdout=asyncio.subprocess.PIPE, stderr=-3)
        again = [orjson.loads(line) for line in (await process.communicate())[0].splitlines()]
        return {
            "articles": len(sent),
            "articles_per_second": rate,
            "replays_meanwhile": replays,
            "phases": dict(figures(live, sent, lags)),
            "alerts": len(live),
            "alerts_are_those_of_the_log": sorted(map(told, live)) == sorted(map(told, again)) and len(live) == len(sent),
        }
    finally:
        if worker.returncode is None:
            worker.terminate()
        await worker.wait()


def figures(live: list[dict[str, Any]], sent: dict[str, str], lags: dict[str, list[int]]) -> Iterator[tuple[str, dict[str, float]]]:
    """Latency in milliseconds and lag in records, by phase."""
    for name in PHASES:
        mine = [event["times"] for event in live if sent[event["evidence"][0]["document"]] == name]
        spent = [(datetime.fromisoformat(one["emitted_at"]) - datetime.fromisoformat(one["ingested_at"])).total_seconds() for one in mine]
        yield (
            name,
            {
                "alerts": len(mine),
                "latency_ms_median": round(1_000 * median(spent), 1),
                "latency_ms_p95": round(1_000 * quantiles(spent, n=20)[-1], 1),
                "lag_median": median(lags[name]),
                "lag_most": max(lags[name]),
            },
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0, help="articles a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase")
    parser.add_argument("--nice", type=int, default=0, help="niceness of the replays")
    options = parser.parse_args()
    broker = KafkaBroker()
    broker.start()
    try:
        with TemporaryDirectory() as folder:
            print(json.dumps(asyncio.run(run(broker, Path(folder), options.rate, options.seconds, options.nice)), indent=2))
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
