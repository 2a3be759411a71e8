"""How fast a replay is, and that its memory stays flat: a year of synthetic-time articles made of those of a file.

    python bench/replay.py stories.jsonl                    a million articles; some hours on one core
    python bench/replay.py stories.jsonl --articles 20000 --jobs 2

The articles of FILE (JSON lines) are taken in turn, dated one after the other over a year, and the figures in their texts varied by up
to a fifth. The replay reads them, sorts what they say, and watches it with the rules; a plain loop over the same articles does nothing
but read their claims. Both run in this process, the loop over every tenth article. Memory is the resident size while the replay runs,
sampled as it goes: flat means that the last tenth needs no more than the second.
"""

import argparse
import asyncio
import json
import random
import re
import resource
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.progress import Progress

from schemas.article import Article
from schemas.codec import decode
from streams.core.claims import FAMILY_OF, read
from streams.core.rules import RuleSet, parse
from streams.replay.checkpoint import Checkpoint
from streams.replay.past import Asked, Past
from streams.replay.replay import replay
from streams.replay.sinks import FileSink
from streams.replay.sources import Item

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
RULES = Path(__file__).parents[1] / "deploy" / "rules" / "migration.yaml"
NUMBER = re.compile(r"(?<![\d.,$€£-])\d{1,3}(?:,\d{3})+(?![\d-])")
LOOP_STEP = 10


def varied(path: Path, count: int) -> Iterator[bytes]:
    """`count` articles in no strict order of time (a day's are mixed), always the same."""
    draw = random.Random(1)
    articles = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    for number in range(count):
        one = articles[number % len(articles)]
        moment = START + YEAR * (number / count) + timedelta(hours=draw.uniform(0, 24))
        text = NUMBER.sub(lambda found: f"{round(int(found[0].replace(',', '')) * draw.uniform(0.8, 1.2), -2):,.0f}", one["text"])
        yield orjson.dumps({"id": f"a{number}", "text": text, "title": one.get("title"), "published": moment.isoformat()})


class Made:
    """The articles as a source, made as they are read: on disk a million of them would be several gigabytes."""

    def __init__(self, path: Path, count: int) -> None:
        self._path, self.total, self._done = path, count, 0

    @property
    def identity(self) -> dict[str, object]:
        return {"made": self.total}

    def done(self) -> int:
        return self._done

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        for number, line in enumerate(varied(self._path, self.total), 1):
            self._done = number
            yield Item("articles", 0, number, None, None, line, ("0", number))


def resident() -> int:
    """Bytes of this process in memory now (Linux), or the most there were."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def plain_loop(path: Path, count: int) -> float:
    """Articles a second of nothing but the reader."""
    spent, done = 0.0, 0
    for number, line in enumerate(varied(path, count)):
        if number % LOOP_STEP == 0:
            article = decode(line, Article)
            day = datetime.fromisoformat(str(article.published)).date()
            start = time.perf_counter()
            read(article.text, published=day, document=article.id or "", version=1, title=article.title)
            spent += time.perf_counter() - start
            done += 1
    return done / spent


def replayed(path: Path, count: int, jobs: int, console: Console) -> dict[str, object]:
    """One replay, with its memory at each tenth of the reading and of the watching."""
    rules = parse(RULES.read_text(), family_of=dict(FAMILY_OF))
    assert isinstance(rules, RuleSet)
    sizes: list[tuple[float, int]] = []
    with TemporaryDirectory() as scratch, Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        folder, task = Path(scratch), bar.add_task("replaying", total=count)
        started = time.perf_counter()

        def tell(done: int, total: int, counts: Mapping[str, int]) -> None:
            bar.update(task, completed=done)
            sizes.append((time.perf_counter() - started, resident()))

        past = Past(Made(path, count), Asked(stage="articles", jobs=jobs), folder, known={}, tell=tell)
        summary = asyncio.run(replay(past, rules, FileSink(folder / "alerts.jsonl"), Checkpoint(asked={}), folder, None))
        seconds = time.perf_counter() - started
        disk = sum(file.stat().st_size for file in folder.glob("*.run"))
    tenths = [[size for at, size in sizes if at <= seconds * (n + 1) / 10] or [0] for n in range(10)]
    return {
        "articles": count,
        "jobs": jobs,
        "articles_per_second": round(count / seconds, 1),
        "claims": summary.counts["claims"],
        "alerts": sum(summary.events.values()),
        "runs_on_disk_bytes": disk,
        "resident_bytes_by_tenth": [some[-1] for some in tenths],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="JSON lines of articles")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    console = Console(file=sys.stderr)
    result = replayed(options.file, options.articles, options.jobs, console)
    loop = plain_loop(options.file, options.articles)
    print(json.dumps(result | {"plain_loop_articles_per_second": round(loop, 1)}, indent=2))


if __name__ == "__main__":
    main()
