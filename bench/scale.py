"""What workers take, one, two or four of them, and whether a rolling restart under load loses anything.

    python bench/scale.py                                  the stories of the demo, on a broker of its own
    python bench/scale.py stories.jsonl --workers 1 2 4    articles of yours (JSON lines with `text`), which is what to size a machine by
    python bench/scale.py stories.jsonl --restart 2        two workers, restarted one after the other while articles come

Speed: articles are published at once, and the time is taken from the first that a worker takes until none waits. Processor seconds are
those of the workers alone, and an article's cost is theirs divided by the articles: it holds where the cores are shared, too. Page: what
one scrape of /metrics costs, meanwhile.

Restart: articles are published at a steady rate; each worker in turn is told to stop, and started again. Then each article must have
been read, and the alerts must be those that a replay of the log of claims gives, each once by its id. Exit status 1 if not.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaProducer
from replay import Made  # the script beside this one
from rich.console import Console
from rich.table import Table

from streams.brokers.kafka import KafkaBroker
from streams.cli.child import WorkerProcess, free_port
from streams.cli.stories import articles
from streams.config import Settings
from streams.core.effort import Entities
from streams.kafka import Admin
from streams.kafka.reader import read

COMMAND = Path(sys.executable).with_name("newsgauge")
KINDS = ("", "newsgauge_reading_")
"""The two processes of a worker, by what the names of their series begin with."""
PATIENCE = 1800.0
"""Seconds for a run of any size."""


@dataclass
class Flow:
    """Topics of their own on a broker, and workers on them."""

    settings: Settings
    home: Path
    workers: list[Any]
    process: Any = WorkerProcess

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
        given = {"BOOTSTRAP": self.settings.bootstrap, "TOPIC_PREFIX": self.settings.topic_prefix, "LOG_LEVEL": "warning"}
        given |= {"ENTITIES": self.settings.entities}
        return clean | {f"NEWSGAUGE_{name}": value for name, value in given.items()}

    async def start(self, number: int) -> None:
        """One worker, ready, in its place."""
        home = self.home / f"worker-{number}"
        home.mkdir(exist_ok=True)
        worker = self.process(home, [], self.environment, cwd=home, web_port=free_port())
        await worker.ready()
        self.workers.insert(number, worker)

    async def stop(self, number: int) -> None:
        await asyncio.to_thread(self.workers.pop(number).stop)

    def total(self, name: str) -> float:
        """The sum of a series over all workers and labels."""
        found = re.compile(rf"^{name}(?:{{.*}})? (\S+)$", re.M)
        return sum(float(value) for worker in self.workers for value in found.findall(page(worker)))

    def cpu(self) -> float:
        """Processor seconds of all workers, their reading processes included."""
        return sum(self.total(f"{kind}process_cpu_seconds_total") for kind in KINDS)

    async def catch_up(self) -> None:
        """Waits until every partition is measured and none has a record waiting."""
        names, end, lags = "newsgauge_consumer_lag_records{", time.monotonic() + PATIENCE, [""]
        while time.monotonic() < end and not (len(lags) == 2 * self.settings.partitions and all(one.endswith(" 0.0") for one in lags)):
            await asyncio.sleep(0.5)
            lags = [line for worker in self.workers for line in page(worker).splitlines() if line.startswith(names)]

    async def publish(self, values: Iterator[bytes], rate: float | None = None, until: Callable[[], bool] = lambda: False) -> int:
        """Publish `values`, at most `rate` a second, or until `until` says so; returns how many."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap, linger_ms=5)
        await producer.start()
        count, started, sent = 0, time.monotonic(), None
        try:
            for value in values:
                sent = await producer.send(self.settings.topic_prefix + "articles", value, key=f"a{count}".encode())
                count += 1
                if rate:
                    await asyncio.sleep(max(0.0, started + count / rate - time.monotonic()))
                if until():
                    break
            if sent:
                await producer.flush()
        finally:
            await producer.stop()
        return count


def made(file: Path, count: int) -> Iterator[bytes]:
    """`count` articles of the file's, dated over a year, their figures varied."""
    return map(Made(file, count).line, range(count))


def page(worker: Any) -> str:
    with urllib.request.urlopen(worker.page + "metrics", timeout=30) as answer:
        return str(answer.read().decode())


@asynccontextmanager
async def flow(
    bootstrap: str, partitions: int, workers: int, entities: Entities = "model_on_claims", process: Any = WorkerProcess
) -> AsyncIterator[Flow]:
    """A fresh flow; its topics are deleted again."""
    prefix = f"bench-{uuid4().hex[:8]}."
    settings = Settings(bootstrap=bootstrap, topic_prefix=prefix, partitions=partitions, entities=entities)
    with TemporaryDirectory(prefix="newsgauge-bench-") as home:
        async with Admin(settings) as admin:
            await admin.create()
        run = Flow(settings, Path(home), [], process)
        try:
            for number in range(workers):
                await run.start(number)
            yield run
        finally:
            while run.workers:
                await run.stop(0)
            async with Admin(settings) as admin:
                await admin.delete(prefix)


async def speed(bootstrap: str, file: Path, count: int, partitions: int, workers: int, entities: Entities) -> dict[str, float]:
    """How fast so many workers are."""
    async with flow(bootstrap, partitions, workers, entities) as run:
        await run.catch_up()
        cpu, begun = run.cpu(), run.total("newsgauge_reading_process_cpu_seconds_total")
        started, scrapes = time.monotonic(), []
        publishing = asyncio.create_task(run.publish(made(file, count)))
        while run.total("newsgauge_articles_processed_total") < count and time.monotonic() - started < PATIENCE:
            began = time.monotonic()
            await asyncio.to_thread(page, run.workers[0])
            scrapes.append(time.monotonic() - began)
            await asyncio.sleep(0.25)
        seconds = time.monotonic() - started
        await publishing
        spent, reading = run.cpu() - cpu, run.total("newsgauge_reading_process_cpu_seconds_total") - begun
        memory = sum(run.total(f"{kind}process_resident_memory_bytes") for kind in KINDS) / workers
        return {
            "workers": workers,
            "articles": count,
            "articles_per_second": round(count / seconds, 1),
            "cores_used": round(spent / seconds, 2),
            "cpu_ms_per_article": round(1000 * spent / count, 2),
            "of_which_reading": round(1000 * reading / count, 2),
            "articles_per_core_second": round(count / spent, 1),
            "memory_mb_per_worker": round(memory / 1e6),
            "scrape_ms_median": round(1000 * sorted(scrapes)[len(scrapes) // 2], 1),
        }


async def restart(bootstrap: str, file: Path, count: int, partitions: int, workers: int, rate: float) -> dict[str, object]:
    """Restart each worker in turn under load; then look for what is lost or told twice."""
    async with flow(bootstrap, partitions, workers) as run:
        done = False
        publishing = asyncio.create_task(run.publish(made(file, count), rate, lambda: done))
        pauses = []
        for number in range(workers):
            await asyncio.sleep(5)
            began = time.monotonic()
            await run.stop(number)
            await run.start(number)
            pauses.append(round(time.monotonic() - began, 1))
        await asyncio.sleep(5)
        done = True
        published = await publishing
        await run.catch_up()
        keys = [record.key async for record in read(run.settings, run.settings.topic_prefix + "articles.enriched", start="beginning")]
        live = [
            dict(record.headers)["ce_id"].decode()
            async for record in read(run.settings, run.settings.topic_prefix + "alerts", start="beginning")
        ]
        replayed = replayed_events(run)
        return {
            "workers": workers,
            "published": published,
            "rate": rate,
            "lost": published - len(set(keys)),
            "read_twice": len(keys) - len(set(keys)),
            "alerts": len(live),
            "alerts_told_twice": len(live) - len(set(live)),
            "alerts_lost": len(set(replayed) - set(live)),
            "alerts_made_up": len(set(live) - set(replayed)),
            "restart_seconds": pauses,
        }


def replayed_events(run: Flow) -> list[str]:
    """The event ids that the log of claims gives."""
    out = run.home / "replay.jsonl"
    subprocess.run([COMMAND, "replay", "--out", str(out)], env=run.environment, cwd=run.home, check=True, capture_output=True)
    return [orjson.loads(line)["event_id"] for line in out.read_bytes().splitlines()]


@contextmanager
def broker(given: str | None) -> Iterator[str]:
    """The broker's address: `given`, or one of our own for as long as it takes."""
    if given:
        yield given
        return
    with KafkaBroker() as own:
        yield own.bootstrap


@contextmanager
def story_file(given: Path | None) -> Iterator[Path]:
    """The file of articles: `given`, or one of the demo's stories."""
    if given:
        yield given
        return
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "stories.jsonl"
        path.write_bytes(b"\n".join(orjson.dumps(article) for _, article in articles(datetime.now(UTC))))
        yield path


def show(results: list[dict[str, float]], console: Console) -> None:
    """One column for each number of workers."""
    table = Table("workers", *(f"{result.pop('workers'):g}" for result in results))
    for name in results[0]:
        table.add_row(name.replace("_", " "), *(f"{result[name]:g}" for result in results))
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="JSON lines of articles; without it the stories of the demo")
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--entities", choices=get_args(Entities), default=Settings().entities)
    parser.add_argument("--bootstrap", help="a broker that runs; without it one is started")
    parser.add_argument("--restart", type=int, metavar="WORKERS", help="restart so many workers under load, instead of measuring speed")
    parser.add_argument("--rate", type=float, default=30.0, help="articles a second meanwhile")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with broker(options.bootstrap) as bootstrap, story_file(options.file) as file:
        if options.restart:
            told = asyncio.run(restart(bootstrap, file, options.articles, options.partitions, options.restart, options.rate))
            print(json.dumps(told, indent=2))
            return int(any(told[name] for name in ("lost", "alerts_lost", "alerts_made_up")))
        given = (bootstrap, file, options.articles, options.partitions)
        results = [asyncio.run(speed(*given, workers, options.entities)) for workers in options.workers]
    print(json.dumps(results, indent=2)) if options.json else show(results, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
