"""How long the event loop of a worker stands still while its reading process reads, articles of 50,000 words among the others.

    python bench/stall.py ARTICLES.jsonl [--articles N] [--entities SETTING ...] [--bootstrap HOST:PORT] [--json]

A worker for each setting, on a broker of its own, on which the articles wait. Inside it a timer is set every 20 ms: `late` is how late it
is called, `own` the part of that in which the worker itself had the processor. What else the machine does makes `late` larger, but not
`own`. Outside /healthz is asked 20 times a second. Milliseconds.
"""

import argparse
import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from itertools import chain, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from streams.core.effort import Entities

EVERY, ASKED_EVERY = 0.02, 0.05
LONG = 50_000
"""Words of the long articles."""
LONG_AMONG = 100
"""One article in so many is long."""


class Sampled(asyncio.SelectorEventLoop):
    """An event loop that writes down how late its timers are: when, late, own."""

    samples: Any = None

    def run_forever(self) -> None:
        self.call_soon(self._again)
        super().run_forever()

    def _again(self) -> None:
        self._set, self._spent = time.monotonic(), time.process_time()
        self.call_later(EVERY, self._due)

    def _due(self) -> None:
        now = time.monotonic()
        late = max(0.0, now - self._set - EVERY)
        Sampled.samples.write(f"{now} {late} {min(late, time.process_time() - self._spent)}\n")
        self._again()


class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return Sampled()


def inside(samples: str, args: list[str]) -> None:
    """`newsgauge ARGS...` with such a loop."""
    from streams.cli.main import main as newsgauge

    asyncio.set_event_loop_policy(Policy())
    with Path(samples).open("w", buffering=1, encoding="ascii") as Sampled.samples:
        sys.exit(newsgauge(args))


def texts(file: Path, count: int) -> Iterator[bytes]:
    """`count` articles of the file's, the first of each hundred so long."""
    given = [json.loads(line)["text"] for line in file.read_bytes().splitlines()]
    words = cycle(chain.from_iterable(text.split(" ") for text in given))
    stories = cycle(given)
    for number in range(count):
        text = " ".join(next(words) for _ in range(LONG)) if number % LONG_AMONG == 0 else next(stories)
        yield json.dumps({"text": text, "published": "2030-01-01"}).encode()


async def measured(bootstrap: str, file: Path, count: int, entities: Entities) -> dict[str, float]:
    """One worker from the first article to the last."""
    from scale import WorkerProcess, flow

    with TemporaryDirectory() as scratch:
        samples = Path(scratch) / "samples"
        process = partial(WorkerProcess, program=[__file__, "--inside", str(samples)])
        async with flow(bootstrap, 4, 1, entities, process) as run:
            await run.catch_up()
            started, answers = time.monotonic(), list[float]()
            await run.publish(texts(file, count))
            while run.total("newsgauge_articles_processed_total") < count:
                asked_until = time.monotonic() + 1
                while (asked := time.monotonic()) < asked_until:
                    await asyncio.to_thread(healthy, run.workers[0].page)
                    answers.append(time.monotonic() - asked)
                    await asyncio.sleep(max(0.0, ASKED_EVERY - answers[-1]))
            ended = time.monotonic()
        rows = [tuple(map(float, line.split())) for line in samples.read_text().splitlines() if line.count(" ") == 2]
    late, own = zip(*((late, own) for at, late, own in rows if started <= at <= ended), strict=True)
    return {
        f"{name}_{which}": figure for name, values in (("late", late), ("own", own), ("healthz", answers)) for which, figure in told(values)
    } | {
        "articles": count,
        "seconds": round(ended - started, 1),
        "samples": len(late),
    }


def told(values: Any) -> Iterator[tuple[str, float]]:
    ranked = sorted(values)
    for name, at in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        yield name, round(1000 * ranked[min(len(ranked) - 1, int(at * len(ranked)))], 1)


def healthy(page: str) -> None:
    with urllib.request.urlopen(page + "healthz", timeout=30) as answer:
        answer.read()


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--entities", choices=get_args(Entities), nargs="+", default=["off", "model_on_claims"])
    parser.add_argument("--bootstrap", help="a broker that runs; without it one is started")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    from scale import broker

    with broker(options.bootstrap) as bootstrap:
        results = {setting: asyncio.run(measured(bootstrap, options.file, options.articles, setting)) for setting in options.entities}
    if options.json:
        print(json.dumps(results))
        return
    print(f"{'':12}" + "".join(f"{setting:>18}" for setting in results))
    for name in next(iter(results.values())):
        print(f"{name:12}" + "".join(f"{result[name]:18,.1f}" for result in results.values()))


if __name__ == "__main__":
    main()
