"""How fast a replay is, and that its memory stays flat: a year of synthetic-time articles made of those of a file.

    python bench/replay.py stories.jsonl                    a million articles; an hour on one core
    python bench/replay.py stories.jsonl --articles 20000 --jobs 2
    python bench/replay.py stories.jsonl --keep folder      Ctrl-C stops it, and the same command goes on from there

The articles of FILE (JSON lines) are taken in turn, dated one after the other over a year, and the figures in their texts varied by up
to a fifth. The replay reads them, sorts what they say, and watches it with the rules of deploy/rules/migration.yaml; a plain loop over
some of the same articles does nothing but read their claims, in this process. Making the articles is not counted. CPU seconds are those
of all processes, and tell more than the clock where others work on the machine too.

At each tenth of reading and of watching a line on standard error says how far it is and how much memory it takes: flat means that the
last tenth needs no more than the second. Standard output has the figures as JSON.
"""

import argparse
import asyncio
import json
import random
import re
import resource
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from schemas.article import Article
from schemas.codec import decode
from streams.cli.options import until_stopped
from streams.core.claims import FAMILY_OF, read
from streams.core.rules import RuleSet, parse
from streams.replay.checkpoint import Checkpoint, load
from streams.replay.past import Asked, Past, Stopped
from streams.replay.replay import replay
from streams.replay.sinks import FileSink
from streams.replay.sources import Item, Step

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
RULES = Path(__file__).parents[1] / "deploy" / "rules" / "migration.yaml"
NUMBER = re.compile(r"(?<![\d.,$€£-])\d{1,3}(?:,\d{3})+(?![\d-])")
LOOP = 3_000
"""Articles of the plain loop."""


class Made:
    """`total` articles in no strict order of time (a day's are mixed), always the same; made as they are read, since a million of them
    would be several gigabytes on disk. `spent`: CPU seconds that it took to make them."""

    def __init__(self, path: Path, total: int) -> None:
        self._articles = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        self._done = 0
        self.total = total
        self.spent = 0.0

    @property
    def identity(self) -> dict[str, object]:
        return {"made": self.total}

    def done(self) -> int:
        return self._done

    def line(self, number: int) -> bytes:
        """The article `number`, from 0."""
        draw, one = random.Random(number), self._articles[number % len(self._articles)]
        moment = START + YEAR * (number / self.total) + timedelta(hours=draw.uniform(0, 24))
        text = NUMBER.sub(lambda found: f"{round(int(found[0].replace(',', '')) * draw.uniform(0.8, 1.2), -2):,.0f}", one["text"])
        return orjson.dumps({"id": f"a{number}", "text": text, "title": one.get("title"), "published": moment.isoformat()})

    async def read(self, position: Mapping[str, int]) -> AsyncGenerator[Item, None]:
        for number in range(position.get("0", 0), self.total):
            started = time.process_time()
            line = self.line(number)
            self.spent += time.process_time() - started
            self._done = number + 1
            yield Item("articles", 0, number, None, None, line, ("0", number + 1))


def resident() -> int:
    """Bytes of this process and its children in memory now (Linux), or the most there were of this one."""
    page = resource.getpagesize()
    try:
        processes = ["self", *(str(child.pid) for child in active_children())]
        return sum(int(Path(f"/proc/{name}/statm").read_text().split()[1]) * page for name in processes)
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def plain_loop(made: Made) -> float:
    """Articles a CPU second of nothing but the reader."""
    spent, wanted = 0.0, range(0, made.total, max(1, made.total // LOOP))
    for number in wanted:
        article = decode(made.line(number), Article)
        day = datetime.fromisoformat(str(article.published)).date()
        started = time.process_time()
        read(article.text, published=day, document=article.id or "", version=1, title=article.title)
        spent += time.process_time() - started
    return len(wanted) / spent


class Tenths:
    """Tells of each tenth of each step, and keeps its memory."""

    def __init__(self) -> None:
        self.resident: dict[str, list[int]] = {"read": [], "watch": []}
        self._started = time.monotonic()

    def tell(self, step: Step, done: int, total: int, counts: Mapping[str, int]) -> None:
        sizes = self.resident[step]
        while len(sizes) < 10 and done * 10 >= (len(sizes) + 1) * total:
            sizes.append(resident())
            seconds = time.monotonic() - self._started
            told = f"{step} {len(sizes)}/10: {done:,} of {total:,} after {seconds:,.0f} s, {sizes[-1] / 1e6:,.0f} MB"
            print(told, file=sys.stderr, flush=True)


def replayed(made: Made, jobs: int, folder: Path) -> dict[str, object] | None:
    """One replay into `folder`, or the rest of one that was stopped; None where it is stopped (again)."""
    rules = parse(RULES.read_text(), family_of=dict(FAMILY_OF))
    assert isinstance(rules, RuleSet)
    asked: dict[str, object] = {"articles": made.total, "rules": rules.hash}
    checkpoint = load(folder, asked) or Checkpoint(asked=asked)
    before, tenths = checkpoint.counts.get("read", 0), Tenths()
    started, cpu = time.monotonic(), cpu_seconds()
    with until_stopped() as stopped:
        past = Past(made, Asked(stage="articles", jobs=jobs), folder, known={}, tell=tenths.tell, stopped=stopped.is_set)
        try:
            summary = asyncio.run(replay(past, rules, FileSink(folder / "alerts.jsonl"), checkpoint, folder, None))
        except Stopped:
            print(f"stopped after {past.counts['read']:,} articles", file=sys.stderr)
            return None
    seconds, cpu = time.monotonic() - started, cpu_seconds() - cpu
    count = summary.counts["read"] - before
    return {
        "articles": count,
        "jobs": jobs,
        "articles_per_second": round(count / (seconds - made.spent), 1),
        "articles_per_cpu_second": round(count / (cpu - made.spent), 1),
        "claims": summary.counts["claims"],
        "alerts": sum(summary.events.values()),
        "runs_on_disk_bytes": sum(file.stat().st_size for file in folder.glob("*.run")),
        "resident_bytes_by_tenth": tenths.resident,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="JSON lines of articles")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where runs, alerts and the checkpoint are kept [default: nowhere]")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        made = Made(options.file, options.articles)
        result = replayed(made, options.jobs, folder)
        if result is None:
            sys.exit(130)
    print(json.dumps(result | {"plain_loop_articles_per_cpu_second": round(plain_loop(made), 1)}, indent=2))


if __name__ == "__main__":
    main()
