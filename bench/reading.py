"""How fast the reader reads: words and articles a second for each stage, memory, and whether hostile text costs linear time.

    python bench/reading.py ARTICLES.jsonl [MORE.jsonl ...] [--repeat N] [--hostile-only]

Each line of a file is one JSON object with its article in ``text`` (and, where known, ``published``). One process, one core, processor
time. Stages are measured one by one on the same articles, each with all that it needs done before, and then end to end.
"""

import argparse
import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path

from streams.core import claims, quantities
from streams.core import text as texts
from streams.core.quantities.scan import sentences_with_numbers

Article = tuple[str, date | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--hostile-only", action="store_true")
    options = parser.parse_args()
    if not options.hostile_only:
        articles = list(read_articles(options.files))
        if not articles:
            parser.error("give at least one file of articles, or --hostile-only")
        stages(articles, options.repeat)
    hostile(options.repeat)


def read_articles(files: Iterable[Path]) -> Iterable[Article]:
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                published = record.get("published")
                yield record["text"], date.fromisoformat(published[:10]) if published else None


def stages(articles: list[Article], repeat: int) -> None:
    """Times each stage over all articles and prints one row a stage."""
    plain = [text for text, _ in articles]
    words = sum(len(text.split()) for text in plain)
    lowered = [texts.lower(text) for text in plain]
    spans = [texts.spans(text) for text in plain]
    passed = [sentences_with_numbers(low, found) for low, found in zip(lowered, spans, strict=True)]
    sentences = sum(map(len, spans))
    kept = sum(map(len, passed))
    kept_words = sum(
        len(text[found[i].start : found[i].end].split()) for text, found, chosen in zip(plain, spans, passed, strict=True) for i in chosen
    )
    print(f"{len(plain)} articles, {words:,} words, {sentences:,} sentences")
    print(f"prefilter lets {kept:,} sentences pass ({kept / sentences:.1%}), {kept_words / words:.1%} of the words\n")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("lower case", lambda: [texts.lower(text) for text in plain]),
        ("sentences", lambda: [texts.spans(text) for text in plain]),
        ("prefilter", lambda: [sentences_with_numbers(low, found) for low, found in zip(lowered, spans, strict=True)]),
        (
            "tokens of what passed",
            lambda: [
                texts.tokens(text, found[i].start, found[i].end)
                for text, found, chosen in zip(plain, spans, passed, strict=True)
                for i in chosen
            ],
        ),
        ("quantities, all of the above", lambda: [quantities.read(text) for text in plain]),
        ("claims, end to end", lambda: [claims.read(text, published=published, document="bench") for text, published in articles]),
    ]
    print(f"{'stage':30} {'seconds':>8} {'words/s':>11} {'articles/s':>11} {'peak MB':>8}")
    for name, work in rows:
        seconds = best(work, repeat)
        print(f"{name:30} {seconds:8.3f} {words / seconds:11,.0f} {len(plain) / seconds:11,.0f} {peak(work):8.1f}")


def hostile(repeat: int) -> None:
    """Times texts made to hurt at n, 2n and 4n characters; the last column is time(4n) / time(n): 4 is linear, 16 quadratic."""
    size = 100_000
    kinds: dict[str, str] = {
        "digits": "1234567890",
        "digits with commas": "1,111",
        "digits with blanks": "100 000 ",
        "digits with dashes": "1-",
        "about about about": "about ",
        "about, then a figure": "about about about about 5 ",
        "nested quotes": '"“‘(',
        "quoted figures": '"“5” (',
        "full stops": "...",
        "number words": "hundred thousand and ",
        "ranges": "5 to 6 to ",
        "from to": "from 5 to 7 ",
        "entities": "&nbsp;&#8217;",
        "addresses": "www.a.",
        "hyphens": "two-",
        "people": "5,000 people ",
        "line breaks": "5\n",
    }
    print(f"\n{'hostile text':24} {'100 kB':>9} {'200 kB':>9} {'400 kB':>9}  ratio")
    for name, piece in kinds.items():
        times = [best(partial(claim, piece * (factor * size // len(piece))), repeat) for factor in (1, 2, 4)]
        print(f"{name:24} {times[0]:9.4f} {times[1]:9.4f} {times[2]:9.4f}  {times[2] / times[0]:5.1f}")
    line = "In all, 5,000 people crossed the border near the old town on the same day, and 300 were held " * 11_000
    for label, text in (("one 1 MB line", line[:1_000_000]), ("1 MB of blanks", " " * 1_000_000)):
        print(f"{label:24} {best(partial(claim, text), repeat):9.4f} s")


def claim(text: str) -> object:
    return claims.read(text, published=None, document="bench")


def best(work: Callable[[], object], repeat: int) -> float:
    """Processor seconds of the fastest of `repeat` runs."""
    fastest = float("inf")
    for _ in range(repeat):
        gc.collect()
        start = time.process_time()
        work()
        fastest = min(fastest, time.process_time() - start)
    return max(fastest, 1e-9)


def peak(work: Callable[[], object]) -> float:
    """Peak of the memory that `work` allocates, its result included, in MB."""
    gc.collect()
    tracemalloc.start()
    work()
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 1e6


if __name__ == "__main__":
    main()
