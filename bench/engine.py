"""How fast the pure watch step is, and how large its state: python bench/engine.py [--claims N] [--series N] [--json]

    claims    claims a second through `Watch.apply` and `settle` as in a worker, over so many series, with peak memory
    replay    the same as in a replay, where state becomes bytes only when somebody asks for them
    state     bytes of state and of changelog for that many series
    origins   one story from 500 origins: the largest series

One process, one core, one partition, a dict for the store. Run it before and after a change, on a quiet machine, and compare.
"""

import argparse
import json
import resource
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from rich.console import Console
from rich.progress import track
from rich.table import Table

from schemas.claims import ClaimRecord
from schemas.figure import Attribution, Claim, Place, Reference
from streams.core.pipeline import Verdict, Watch
from streams.core.rules import RuleSet, parse
from streams.core.state import packed

START = datetime(2024, 1, 1, tzinfo=UTC)
RULES = """
schema: 1
rules:
  - id: bench
    title: Bench
    match: {indicator: [apprehensions], place: {within: all}}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}, {level: critical, at: 10_000, reset: 9_000}]}
"""


class Store(dict[str, Any]):
    """A dict that counts what a changelog would carry, where values are bytes."""

    written = 0

    def write(self, key: str, value: Any) -> None:
        self.written += len(key) + (len(value) if isinstance(value, bytes) else 0)
        if value is None:
            self.pop(key, None)
        else:
            self[key] = value


def claim(number: int, series: int, value: int, when: datetime, signature: tuple[int, ...]) -> ClaimRecord:
    """One claim about the place `series`."""
    day = when.date()
    return ClaimRecord(
        document=f"d{number}",
        version=1,
        title="A title of usual length for a story of this kind",
        url=f"https://news.example/{number}",
        publisher=f"paper {number % 50}",
        published=when,
        precision="second",
        ingested=when,
        signature=signature,
        claim=Claim(
            claim_id=str(uuid5(NAMESPACE_URL, str(number))),
            start=100,
            end=106,
            quote=f"{value:,}",
            low=value,
            high=value,
            point=value,
            bound="exact",
            unit="person",
            indicator="apprehensions",
            family="border_flow",
            period="day",
            kind="flow",
            reference=Reference(start=day, end=day, complete=True),
            place=Place(text="somewhere", id=f"p{series}"),
            attribution=Attribution(text="border patrol officials", id="us-cbp"),
            confidence=0.9,
            sentence=f"On that day {value:,} migrants were apprehended along this part of the border, border patrol officials said.",
            sentence_start=88,
            sentence_end=210,
        ),
    )


def watch(store: Store, *, loose: bool = False) -> Watch:
    rules = parse(RULES)
    assert isinstance(rules, RuleSet)
    return Watch(rules, store, 0, family_of={"apprehensions": "border_flow"}, within=lambda place, region: True, loose=loose)


def signature(draw: Random) -> tuple[int, ...]:
    return (700, *(draw.randrange(1 << 16) for _ in range(128)))


def throughput(claims: int, series: int, console: Console, *, loose: bool) -> dict[str, float]:
    """`claims` claims of one story a claim, spread over `series` places and a year of event time."""
    draw, store = Random(1), Store()
    engine = watch(store, loose=loose)
    made = 0
    spent = 0.0
    apart = timedelta(days=365) / claims
    for number in track(range(claims), description="claims", console=console, transient=True, disable=not console.is_terminal):
        record = claim(number, draw.randrange(series), draw.choice((5_000, 8_500, 9_500, 12_000)), START + number * apart, signature(draw))
        start = time.perf_counter()
        verdict: Verdict = engine.apply(record, record.ingested)
        engine.settle(verdict, store.write)
        spent += time.perf_counter() - start
        made += len(verdict.alerts)
    return {
        "claims": claims,
        "series": sum("|series|" in key for key in store),
        "claims_per_second": claims / spent,
        "alerts": made,
        "state_bytes": sum(len(key) + len(packed(value)) for key, value in store.items()),
        "changelog_bytes_per_claim": store.written / claims,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def one_story(origins: int) -> dict[str, float]:
    """One place, one day, the same event in `origins` different reports."""
    draw, store = Random(2), Store()
    engine = watch(store)
    for number in range(origins):
        record = claim(number, 0, 9_000 + draw.randrange(2_000), START + timedelta(minutes=number), signature(draw))
        engine.settle(engine.apply(record, record.ingested), store.write)
    largest = max((value for key, value in store.items() if "|series|" in key), key=len)
    return {"origins": origins, "series_bytes": len(largest), "changelog_bytes_per_claim": store.written / origins}


def restart(series: int) -> dict[str, float]:
    """Seconds to build a Watch on the state of `series` series."""
    store = Store()
    engine = watch(store)
    for number in range(series):
        record = replace(claim(number, number, 12_000, START, ()), signature=())
        engine.settle(engine.apply(record, record.ingested), store.write)
    start = time.perf_counter()
    watch(store)
    return {
        "series": series,
        "state_bytes": sum(len(key) + len(value) for key, value in store.items()),
        "build_seconds": time.perf_counter() - start,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    console = Console(stderr=True)
    result = {
        "claims": throughput(options.claims, options.series, console, loose=False),
        "replay": throughput(options.claims, options.series, console, loose=True),
        "story": one_story(500),
        "restart": restart(10 * options.series),
    }
    if options.json:
        print(json.dumps(result))
        return
    table = Table("what", "figure", "value")
    for name, figures in result.items():
        for figure, value in figures.items():
            table.add_row(name, figure, f"{value:,.1f}" if isinstance(value, float) else f"{value:,}")
    Console().print(table)


if __name__ == "__main__":
    main()
