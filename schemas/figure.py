"""What was read from a text: quantities, claims and entities.

Offsets are Python character offsets (code points) into the text as received: ``text[start:end] == quote`` always.
Values are `Number`: an int where the value is whole, else a float, so that JSON shows ``10000`` and not ``10000.0``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Number = int | float

Bound = Literal["exact", "approx", "at_least", "more_than", "at_most", "less_than", "range", "vague"]
Change = Literal["up", "down"]
Kind = Literal["stock", "flow", "cumulative", "change"]
Modality = Literal["asserted", "historical", "hypothetical", "planned", "negated"]
Period = Literal["day", "week", "month", "year", "fiscal_year", "event", "cumulative", "none"]
Scope = Literal["total", "part"]
EntityType = Literal["person", "organisation", "place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The values that a figure allows. An end of None is open (no limit); `*_closed` says whether the end itself belongs to it."""

    low: Number | None
    high: Number | None
    low_closed: bool = True
    high_closed: bool = True
    point: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One measured quantity of any domain, whether or not it reports something."""

    start: int
    end: int
    quote: str
    low: Number | None
    high: Number | None
    low_closed: bool = True
    high_closed: bool = True
    point: Number | None = None
    bound: Bound
    cue: str | None = None
    """The words that gave the bound, as written: "Around", "or more"."""
    unit: str | None
    """Canonical: person, family, kg, lb, usd, percent, case, times, ...; null where the text names none."""
    unit_text: str | None = None
    change: Change | None = None
    concept: tuple[str, ...] = ()
    """The words of what is counted or measured, lower case: ("migrants",)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The dates that a figure is about, both inclusive. `complete` is false while the period still ran on the publication date;
    `assumed` is true where the text gave no date and the publication date stands in."""

    start: date
    end: date
    complete: bool
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The words of the text and, where known, a stable id (GeoNames, ISO 3166, or one of our own regions)."""

    text: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who says so: the words of the text and, where known, the id of the office."""

    text: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One named part of a confidence: `weight` was added to the log-odds (or to the score) because of `name`."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One reported figure with everything a rule needs to trust it."""

    claim_id: str
    """uuid5(document : version : start : indicator)."""
    start: int
    end: int
    quote: str
    low: Number | None
    high: Number | None
    low_closed: bool = True
    high_closed: bool = True
    point: Number | None = None
    bound: Bound
    cue: str | None = None
    unit: str | None
    unit_text: str | None = None
    indicator: str | None = None
    """The series it speaks of; null where no indicator of the pack fits."""
    family: str | None = None
    """The indicator's family, which is the key of the `claims` topic; null exactly where `indicator` is."""
    scope: Scope = "total"
    subject: str | None = None
    period: Period = "none"
    kind: Kind = "stock"
    modality: Modality = "asserted"
    reference: Reference | None = None
    """Null only where the text gives no date and the article has none either."""
    place: Place | None = None
    attribution: Attribution | None = None
    confidence: float = 0.0
    reasons: tuple[Reason, ...] = ()
    sentence: str
    sentence_start: int
    sentence_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A person, organisation or place that the text names, with a stable id where the linker is sure of one."""

    start: int
    end: int
    quote: str
    type: EntityType
    id: str | None = None
    scheme: str | None = None
    """What `id` belongs to: geonames, iso3166-1, iso3166-2, newsgauge."""
    name: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    score: float = 0.0
    flags: tuple[str, ...] = ()


def whole(value: float) -> Number:
    """`value` as an int where it is whole, so that equal values have equal bytes."""
    return int(value) if value == int(value) else value
