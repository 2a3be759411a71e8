"""What each setting of `entities` costs: articles and words a second, memory, and the time until the first article can be read; and what
it gains: how many names and links of annotated articles are right.

    python bench/entities.py ARTICLES.jsonl [--limit N] [--repeat N] [--only SETTING] [--json]
    python bench/entities.py --quality [--only SETTING] [--json]

Each line of the file is one JSON object with its article in ``text`` (and, where known, ``published``). What is timed is what the reading
process of a worker does with a batch: bytes of articles in, bytes of records out. Each setting runs in a fresh process, on one core;
processor time, the best of the repeats. `start` is the time from the start of that process until it has read its first article.

`--quality` reads tests/core/examples/entities.txt. Strict: borders and type as marked; relaxed: borders that cross. Both as F1 over people,
organisations and places; of links precision and recall. Articles set aside were never looked at while rules were made.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from streams.core.effort import Entities

BATCH = 16
MOMENT = datetime(2030, 1, 1, tzinfo=UTC)
COLUMNS = {
    "articles_per_second": "articles/s",
    "words_per_second": "words/s",
    "ms_per_article": "ms/article",
    "peak_mb": "peak MB",
    "start_seconds": "start s",
    "entities_per_article": "entities",
    "cut": "cut",
}


QUALITIES = {"strict": "strict F1", "relaxed": "relaxed F1", "link_precision": "link precision", "link_recall": "link recall"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--quality", action="store_true", help="score names and links instead")
    parser.add_argument("--limit", type=int, help="read only the first so many articles")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=get_args(Entities))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--alone", choices=get_args(Entities), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(measured(options.alone, options.file, options.limit, options.repeat)))
        return
    if options.quality:
        quality(options.only, options.json)
        return
    if options.file is None:
        parser.error("give a file of articles, or --quality")
    results = {setting: in_a_fresh_process(setting, options) for setting in get_args(Entities) if options.only in (None, setting)}
    if options.json:
        print(json.dumps(results))
        return
    print(f"{'entities':16}" + "".join(f"{title:>12}" for title in COLUMNS.values()))
    for setting, figures in results.items():
        print(f"{setting:16}" + "".join(f"{figures[name]:12,.1f}" for name in COLUMNS))


def quality(only: Entities | None, as_json: bool) -> None:
    """Scores each setting on the annotated articles: those worked with, and those set aside."""
    from streams.core.claims import read
    from streams.core.naming import name_all
    from streams.models import recogniser
    from tests.core.annotated import articles, score

    marked = articles()
    results = {}
    for setting in get_args(Entities):
        if only not in (None, setting):
            continue
        texts = [article.text for article in marked]
        claims = [read(text, published=MOMENT.date(), document="bench").claims for text in texts]
        named = name_all(texts, claims, setting, recogniser(setting).recognize, [article.home for article in marked])
        found = {article.title: one.entities for article, one in zip(marked, named, strict=True)}
        for part, aside in (("worked with", False), ("set aside", True)):
            scores = score(lambda article, found=found: found[article.title], [one for one in marked if one.aside is aside])  # type: ignore[misc]
            results[f"{setting}, {part}"] = {name: round(getattr(scores, name), 3) for name in QUALITIES}
    if as_json:
        print(json.dumps(results))
        return
    print(f"{'':30}" + "".join(f"{title:>16}" for title in QUALITIES.values()))
    for row, figures in results.items():
        print(f"{row:30}" + "".join(f"{figures[name]:16.3f}" for name in QUALITIES))


def in_a_fresh_process(setting: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, str(options.file), "--alone", setting, "--repeat", str(options.repeat)]
    command += ["--limit", str(options.limit)] if options.limit else []
    result: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return result


def measured(setting: Entities, file: Path, limit: int | None, repeat: int) -> dict[str, float]:
    """The figures of one setting, in this process."""
    from streams.core.intake import Rejected
    from streams.live.reading import Failed, Read, Reader
    from streams.models import recogniser

    lines = file.read_bytes().splitlines()[:limit]
    reader = Reader(recogniser(setting), setting, max_text=1_000_000)
    reader.read([(lines[0], MOMENT)])
    started = time.clock_gettime(time.CLOCK_MONOTONIC) - born()
    fastest, answers = float("inf"), list[Any]()
    for _ in range(repeat):
        begun = time.process_time()
        batches = (lines[number : number + BATCH] for number in range(0, len(lines), BATCH))
        answers = [answer for batch in batches for answer in reader.read([(line, MOMENT) for line in batch])]
        fastest = min(fastest, time.process_time() - begun)
    if failed := next((answer for answer in answers if isinstance(answer, Failed | Rejected)), None):
        raise SystemExit(f"an article could not be read: {failed}")
    read = [answer for answer in answers if isinstance(answer, Read)]
    words = sum(len(json.loads(line)["text"].split()) for line in lines)
    return {
        "articles_per_second": len(lines) / fastest,
        "words_per_second": words / fastest,
        "ms_per_article": 1000 * fastest / len(lines),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "start_seconds": started,
        "entities_per_article": sum(len(json.loads(answer.enriched)["entities"]) for answer in read) / len(lines),
        "cut": sum("entities_cut" in answer.flags for answer in read),
    }


def born() -> float:
    """When this process started, in seconds of the monotonic clock."""
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return ticks / 100 - (time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC))


if __name__ == "__main__":
    main()
