"""What Prometheus' scrapes cost a worker that reads as fast as it can.

    python bench/scrape.py                          one worker, half a minute each without Prometheus, at every 5 s and at every 1 s, twice
    python bench/scrape.py --workers 2 --rounds 3

The articles are short, as a wire's are (some 70 words, a figure of a known indicator in every fifth), without entities, and lie in Kafka
before the workers start, so each worker takes what its cores give. Prometheus is the real one (`deploy/setup/promtool`).

Page: processor time of the worker's thread from the question to the page, taken inside the worker, so it holds on a busy machine. Worker:
processor time of its two processes for an article; between phases it differs by more than what a scrape costs, and shows just that.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import yaml
from rich.console import Console
from rich.table import Table
from scale import Flow, broker, flow  # the script beside this one

from streams.cli.child import free_port
from streams.cli.main import app
from streams.observe.metrics.worker import WorkerMetrics

PROMETHEUS = Path(__file__).parents[1] / ".cache" / "tools" / "prometheus"
EVERY = (None, 5, 1)
"""Seconds from scrape to scrape; None: nobody scrapes."""
COUNTED = ("newsgauge_articles_processed_total", "bench_pages_total", "bench_page_cpu_seconds_total")
MOST = 700
"""Articles a second that a worker will not exceed, by which the backlog is made."""
PLAIN = (
    "The ministers of both countries met on {day} and said that they would meet again in the spring.",
    "A spokeswoman for the ministry declined to say whether the offer had been discussed at the meeting.",
    "The opposition asked for a debate, which the speaker put on the agenda of the week after next.",
    "Shares in the region closed a little lower, and traders spoke of a quiet day before the holiday.",
    "Heavy rain is forecast for the coast, where the river has gone back to its bed since the weekend.",
    "The court will hear the case on {day}; lawyers of both sides said that they were ready for it.",
    "The festival returns to the old town with music from twelve countries and a market at the harbour.",
)
FIGURE = "Agents apprehended about {count:,} migrants near Eagle Pass, Texas, on {day}, the border patrol said."
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def articles(count: int) -> Iterator[bytes]:
    """Wire stories, always the same."""
    for number in range(count):
        draw = random.Random(number)
        sentences = draw.sample(PLAIN, 4) + ([FIGURE] if number % 5 == 0 else [])
        text = " ".join(one.format(day=draw.choice(DAYS), count=draw.randrange(100, 9_000)) for one in sentences)
        yield orjson.dumps({"id": f"w{number}", "text": text, "published": "2024-01-31", "publisher": f"Wire {number % 50}"})


def serve() -> None:
    """`newsgauge worker`, whose page ends with what its pages have cost."""
    built, spent, pages = WorkerMetrics.page, 0.0, 0

    def timed(self: WorkerMetrics) -> bytes:
        nonlocal spent, pages
        began = time.thread_time()
        found = built(self)
        spent, pages = spent + time.thread_time() - began, pages + 1
        return found + f"bench_page_cpu_seconds_total {spent}\nbench_pages_total {pages}\n".encode()

    setattr(WorkerMetrics, "page", timed)  # noqa: B010 - mypy forbids the assignment
    app()


@contextmanager
def prometheus(every: int | None, ports: list[int]) -> Iterator[None]:
    """A real one that scrapes these ports, or none."""
    if every is None:
        yield
        return
    with TemporaryDirectory() as home:
        config = {
            "global": {"scrape_interval": f"{every}s", "scrape_timeout": f"{every}s"},
            "scrape_configs": [{"job_name": "newsgauge-worker", "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}]}],
        }
        Path(home, "prometheus.yml").write_text(yaml.safe_dump(config))
        places = (f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data")
        process = subprocess.Popen([PROMETHEUS, *places, f"--web.listen-address=127.0.0.1:{free_port()}", "--log.level=error"])
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


class Clocked:
    """A worker with the clock of `serve` in it; for the rest a WorkerProcess."""

    def __init__(self, home: Path, _: list[str], environment: dict[str, str], *, cwd: Path, web_port: int) -> None:
        self.port, self.page = web_port, f"http://127.0.0.1:{web_port}/"
        with (home / "worker.log").open("wb") as log:
            command = [sys.executable, Path(__file__).resolve(), "worker", "--web-port", str(web_port)]
            self._process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=log, stderr=log)

    async def ready(self) -> None:
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        while self._process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(self.page + "readyz", timeout=5):
                return
            time.sleep(0.5)
        raise SystemExit(f"the worker ended with status {self._process.returncode}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


def counted(run: Flow) -> dict[str, float]:
    return {"cpu": run.cpu(), "time": time.monotonic()} | {name: run.total(name) for name in COUNTED}


async def phase(run: Flow, every: int | None, seconds: float) -> dict[str, Any]:
    """What happens in so many seconds."""
    with prometheus(every, [worker.port for worker in run.workers]):
        await asyncio.sleep(2)
        before = counted(run)
        await asyncio.sleep(seconds)
        spent = {name: value - before[name] for name, value in counted(run).items()}
    done, pages, building = (spent[name] for name in COUNTED)
    return {
        "scrapes": f"every {every} s" if every else "none",
        "articles_per_second": round(done / spent["time"]),
        "worker_ms_per_article": round(1000 * spent["cpu"] / max(done, 1), 2),
        "pages": int(pages),
        "page_ms": round(1000 * building / pages, 2),
        "percent_of_a_core": round(100 * building / pages / every, 3) if every else 0.0,
    }


async def measure(bootstrap: str, workers: int, rounds: int, seconds: float) -> list[dict[str, Any]]:
    async with flow(bootstrap, 8, 0, "off", Clocked) as run:
        count = int(workers * MOST * (rounds * len(EVERY) * (seconds + 3) + 10))
        await run.publish(articles(count))
        for number in range(workers):
            await run.start(number)
        await asyncio.sleep(5)
        found = [await phase(run, every, seconds) for _ in range(rounds) for every in EVERY]
        if run.total("newsgauge_articles_processed_total") >= count:
            raise SystemExit("the workers have read everything before the end: raise MOST")
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each phase")
    options = parser.parse_args()
    with broker(None) as bootstrap:
        found = asyncio.run(measure(bootstrap, options.workers, options.rounds, options.seconds))
    table = Table(*(name.replace("_", " ") for name in found[0]))
    for one in found:
        table.add_row(*map(str, one.values()))
    Console().print(table)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        serve()
    else:
        sys.exit(main())
