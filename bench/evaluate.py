"""Scores the reader on a file of annotated passages.

    python bench/evaluate.py PASSAGES.jsonl [--errors N] [--json]

One JSON object a line: ``id``, ``text``, ``published`` (a date or null), ``claims`` and ``not_claims``. A claim has ``quote``, ``start``,
``end``, ``value`` (or ``value_low`` and ``value_high`` of a range), ``bound``, ``bound_cue``, ``measure`` (the indicator), ``period``,
``mode`` (level, change, historical, hypothetical, planned, negated), ``place``, ``attribution``; a number that is none: quote and place.

Rows: a *figure* is found where spans overlap and the value agrees (of a vague figure the span alone). *alertable* are claims of a named
indicator that are the level of now; a hit needs figure, indicator, period, mode and bound. *alert P*: of such claims read, the share that
are ones with the right indicator and value. *quiet*: of the numbers annotated as none, those left alone. The rest: agreement over figures
that were found.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from schemas.figure import Claim
from streams.core import claims

Gold = dict[str, Any]
BOUNDS = {"at_least": "up", "more_than": "up", "at_most": "down", "less_than": "down"}
SHORT_OF = {"nearly", "almost", "close to", "just under", "just shy of", "approaching"}  # approximate, or below: both are right
NO_CONTENT = frozenset(
    {"a", "an", "and", "at", "by", "day", "for", "from", "in", "last", "month", "of", "on", "or"}
    | {"said", "says", "the", "this", "to", "u.s.", "us", "week", "year"}
)
FIELDS = ("indicator", "period", "mode", "bound", "place", "attribution")
UNNAMED = (None, "other", "money")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="print the first N disagreements")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    options = parser.parse_args()
    with options.file.open(encoding="utf-8") as lines:
        passages = [json.loads(line) for line in lines if line.strip()]
    if not passages:
        parser.error(f"{options.file} holds no passages")
    score = Score()
    for number, passage in enumerate(passages, 1):
        score.passage(passage)
        if sys.stderr.isatty():
            print(f"\r{number} of {len(passages)} passages", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(json.dumps(score.numbers()) if options.json else score.table(len(passages)))
    for line in score.errors[: options.errors]:
        print("  ", line)


def mode(claim: Claim) -> str:
    """The one word that annotations have for kind and modality."""
    return "change" if claim.kind == "change" else "level" if claim.modality == "asserted" else claim.modality


def same(one: object, two: object) -> bool:
    return one is not None and two is not None and abs(float(one) - float(two)) <= 1e-6 * max(1.0, abs(float(two)))  # type: ignore[arg-type]


def states(gold: Gold, claim: Claim) -> bool:
    """Does the claim's interval state the annotated value?"""
    if gold["bound"] == "vague":
        return True
    if gold["bound"] == "range":
        return same(claim.low, gold["value_low"]) and same(claim.high, gold["value_high"])
    return any(same(end, gold["value"]) for end in (claim.point, claim.low, claim.high))


def pairs(gold: Sequence[Gold], found: Sequence[Claim]) -> list[tuple[Gold, Claim]]:
    """Annotated and read claims one to one, those that share most characters first."""
    options = sorted(
        (max(one["start"], two.start) - min(one["end"], two.end), abs(one["start"] - two.start), at, to)
        for at, one in enumerate(gold)
        for to, two in enumerate(found)
        if min(one["end"], two.end) > max(one["start"], two.start) and states(one, two)
    )
    paired: dict[int, int] = {}
    for _, _, at, to in options:
        if at not in paired and to not in paired.values():
            paired[at] = to
    return [(gold[at], found[to]) for at, to in paired.items()]


def content(phrase: str | None) -> set[str]:
    return set(re.findall(r"[\w.]+", (phrase or "").lower().replace("’s", "").replace("'s", ""))) - NO_CONTENT


def verdicts(gold: Gold, claim: Claim) -> dict[str, bool]:
    """Which fields of a claim agree with its annotation; a field that the annotation leaves open is not judged."""
    wanted = {BOUNDS.get(gold["bound"], gold["bound"])} | ({"down"} if (gold.get("bound_cue") or "").lower() in SHORT_OF else set())
    judged = {
        "period": gold["period"] == claim.period,
        "mode": gold["mode"] == mode(claim),
        "bound": gold["bound"] == "vague" or BOUNDS.get(claim.bound, claim.bound) in wanted,
    }
    if gold["measure"] in claims.FAMILY_OF and gold["measure"] not in UNNAMED:
        judged["indicator"] = gold["measure"] == claim.indicator
    for name, said in (("place", claim.place), ("attribution", claim.attribution)):
        if gold.get(name):
            judged[name] = bool(content(gold[name]) & content(said.text if said else None))
    return judged


def overlaps(span: Gold, found: Iterable[Claim]) -> bool:
    return any(min(claim.end, span["end"]) > max(claim.start, span["start"]) for claim in found)


class Score:
    """The counts over all passages so far, and what was wrong in words."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.errors: list[str] = []

    def passage(self, passage: Gold) -> None:
        published = date.fromisoformat(passage["published"][:10]) if passage.get("published") else None
        found = claims.read(passage["text"], published=published, document=str(passage["id"])).claims
        matched = pairs(passage["claims"], found)
        self.count.update(gold=len(passage["claims"]), read=len(found), hit=len(matched))
        for other in passage["not_claims"]:
            claimed = overlaps(other, found)
            self.count.update(others=1, quiet=not claimed)
            if claimed:
                self.errors.append(f"{passage['id']} {other['quote']!r} is no claim")
        kept = {id(one) for one, _ in matched}
        self.errors.extend(f"{passage['id']} {one['quote']!r} was not read" for one in passage["claims"] if id(one) not in kept)
        self.count.update(
            alerts_gold=sum(one["mode"] == "level" and one["measure"] not in UNNAMED for one in passage["claims"]),
            alerts_read=sum(mode(claim) == "level" and claim.indicator not in UNNAMED for claim in found),
        )
        for one, claim in matched:
            self.judge(str(passage["id"]), one, claim)

    def judge(self, name: str, gold: Gold, claim: Claim) -> None:
        judged = verdicts(gold, claim)
        self.count.update({f"{field} of": 1 for field in judged} | {field: int(right) for field, right in judged.items()})
        if not all(judged.values()):
            wrong = ", ".join(field for field, right in judged.items() if not right)
            read = f"{claim.indicator}/{claim.period}/{mode(claim)}/{claim.bound}"
            wanted = f"{gold['measure']}/{gold['period']}/{gold['mode']}/{gold['bound']}"
            self.errors.append(f"{name} {gold['quote']!r} {wrong}: {read}, annotated {wanted}")
        if judged.get("indicator") and gold["mode"] == mode(claim) == "level":
            self.count["alerts_right"] += 1
            self.count["alerts_whole"] += judged["period"] and judged["bound"]

    def numbers(self) -> dict[str, float]:
        """All rows of the table, 0..1."""
        count = self.count
        rows = {
            **measures("figure", count["hit"], count["read"], count["gold"]),
            **measures("alertable", count["alerts_whole"], count["alerts_read"], count["alerts_gold"]),
            "alert P": count["alerts_right"] / max(1, count["alerts_read"]),
            "quiet": count["quiet"] / max(1, count["others"]),
        }
        return rows | {field: count[field] / count[f"{field} of"] for field in FIELDS if count[f"{field} of"]}

    def table(self, passages: int) -> str:
        count = self.count
        head = f"{passages} passages, {count['gold']} claims, {count['others']} other numbers"
        return "\n".join([head, *(f"{name:14} {value:.3f}" for name, value in self.numbers().items())])


def measures(name: str, hits: int, read: int, wanted: int) -> dict[str, float]:
    """Precision, recall and F1."""
    precision, recall = hits / max(1, read), hits / max(1, wanted)
    both = precision + recall
    return {f"{name} P": precision, f"{name} R": recall, f"{name} F1": 2 * precision * recall / both if both else 0.0}


if __name__ == "__main__":
    main()
