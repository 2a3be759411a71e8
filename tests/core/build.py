"""Builders of records for tests: what a test does not name has a plain value."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.claims import ClaimRecord
from schemas.figure import Attribution, Claim, Interval, Place, Reference
from streams.core.matching import Matched, match
from streams.core.report import held
from streams.core.rules import Rule, RuleSet, parse
from streams.core.voices import Held

START = datetime(2023, 12, 1, 12, tzinfo=UTC)


def rule(yaml: str) -> Rule:
    """The one rule of a rule file whose list item is `yaml`, indented by two."""
    found = parse("schema: 1\nrules:\n" + yaml)
    assert isinstance(found, RuleSet), found
    return found.rules[0]


def record(
    value: int | None = 10_000,
    *,
    day: float = 0,
    document: str | None = None,
    origin: str | None = None,
    by: str | None = "us-cbp",
    about: date | None = None,
    figure: Interval | None = None,
    start: int = 0,
    version: int = 1,
    **changed: Any,
) -> ClaimRecord:
    """A claim published `day` days after START. Without `about` the text gives no date."""
    published = START + timedelta(days=day)
    name = document or f"doc-{value}-{day}-{origin}-{by}"
    interval = figure or Interval(low=value, high=value, point=value)
    fields: dict[str, Any] = {
        "claim_id": str(uuid5(NAMESPACE_URL, f"{name}:{version}:{start}")),
        "start": start,
        "end": start + 6,
        "quote": f"{value:,}" if value is not None else "many",
        "low": interval.low,
        "high": interval.high,
        "low_closed": interval.low_closed,
        "high_closed": interval.high_closed,
        "point": interval.point,
        "bound": "exact",
        "unit": "person",
        "indicator": "apprehensions",
        "family": "border_flow",
        "period": "day",
        "kind": "flow",
        "place": Place(text="southwest border", id="us-southwest-border"),
        "attribution": Attribution(text=by, id=by) if by else None,
        "confidence": 0.9,
        "sentence": "A sentence that says so.",
        "sentence_start": start,
        "sentence_end": start + 24,
        "reference": Reference(start=about, end=about, complete=True) if about else None,
    } | changed
    return ClaimRecord(
        document=name,
        version=version,
        title=None,
        url=None,
        publisher=changed.get("publisher", f"paper of {name}"),
        published=published,
        precision="second",
        ingested=published,
        signature=(),
        claim=Claim(**{key: item for key, item in fields.items() if key != "publisher"}),
    )


def figure(of: Rule, made: ClaimRecord, origin: str) -> Held:
    """The claim as the series of its rule keeps it."""
    matched = match(of, made, lambda place, region: place == region)
    assert isinstance(matched, Matched), matched
    return held(made, matched, origin)
