"""Articles of our own for replays: reports whose figures rise and fall around the levels of rules."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

RULES = """\
schema: 1
rules:
  - id: border
    title: Apprehensions
    match: {indicator: [apprehensions], place: {is: us-southwest-border}}
    value: {unit: person, per: day}
    when:
      levels:
        - {level: warning, at: LOW, reset: 7_000}
        - {level: critical, at: HIGH, reset: 9_000}
    lifetime: {valid_for: 3d}
  - id: papers
    title: Apprehensions as each paper has them
    match: {indicator: [apprehensions]}
    value: {unit: person, per: day}
    group_by: [publisher]
    when: {levels: [{level: any, at: 6_000}]}
    lifetime: {valid_for: 2d}
  - id: floods
    title: Displaced
    match: {indicator: [displaced], min_confidence: 0}
    value: {unit: person}
    group_by: [indicator]
    when: {levels: [{level: high, at: 4_000, reset: 3_000}]}
    lifetime: {valid_for: 2d}
  - id: deaths
    title: Deaths
    state: shadow
    match: {indicator: [deaths], min_confidence: 0}
    value: {unit: person}
    group_by: [indicator]
    when: {levels: [{level: some, at: 10}, {level: many, at: 60}]}
    lifetime: {valid_for: 2d}
"""
WORDS = ("stone", "river", "market", "bridge", "garden", "winter")
START = datetime(2024, 1, 1, tzinfo=UTC)


def rules(low: int = 8_000, high: int = 10_000) -> str:
    return RULES.replace("LOW", str(low)).replace("HIGH", str(high))


def stories(count: int, seed: int, *, apart: timedelta = timedelta(hours=7)) -> list[dict[str, object]]:
    """`count` articles in order of publication."""
    draw, made = random.Random(seed), []
    for number in range(count):
        border, flood, dead = draw.choice((6_500, 7_600, 8_400, 9_700, 11_000)), draw.choice((1_000, 3_500, 5_000)), draw.randrange(5, 90)
        text = draw.choice(
            (
                f"Some {border:,} migrants were apprehended daily at the southwest border, border patrol officials said.",
                f"The flood has displaced {flood:,} people in the valley, the mayor said.",
                f"A boat sank off the coast on {START + apart * number:%A} and {dead} people died, the coast guard said.",
            )
        )
        words = " ".join(
            draw.choice(("stone", "river", "market", "bridge", "garden", "winter")) + chr(97 + draw.randrange(26)) for _ in range(40)
        )
        made.append(
            {"id": f"s{seed}-{number}", "text": f"{text}\n\n{words.capitalize()}.", "published": (START + apart * number).isoformat()}
            | {"publisher": f"Paper {number % 5}"}
        )
    return made


def write(path: Path, articles: list[dict[str, object]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(article) + b"\n" for article in articles))
    return path
