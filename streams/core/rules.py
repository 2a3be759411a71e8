"""Rule files: YAML text in, a checked rule set out, or every fault with its line and column.

The format is the one of Prometheus' rule files in spirit: a list of rules, each with what it matches, when it fires, and
the labels and annotations its alerts carry. Numbers may be written 10000, 10_000, "10,000" or 10k; durations 90s, 30m, 6h, 10d, 2w.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BeforeValidator, Field, field_validator, model_validator

from schemas.figure import Number, Period, Scope, whole
from streams.core.yamlfile import Fault, Part, Written, load, suggest

__all__ = [
    "Confirm",
    "Duration",
    "Fault",
    "Figure",
    "Level",
    "Match",
    "Notify",
    "Rule",
    "RuleFile",
    "RuleSet",
    "ValueForm",
    "parse",
    "parse_duration",
    "parse_number",
    "read",
    "templates",
]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
MAX_DURATION = 3_650 * 86_400
"""Seconds."""
MAX_RULES_BYTES = 1_000_000
"""Of a rule file, which travels as one record."""
_NUMBER = re.compile(r"(\d[\d_,]*(?:\.\d+)?)\s*(k|m|bn)?", re.IGNORECASE)


class _Templates(ImmutableSandboxedEnvironment):
    """Templates that cannot keep a worker busy: nothing to count with, nothing to multiply with."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator!r} is not allowed in a template")


templates = _Templates(undefined=StrictUndefined, autoescape=False)
"""Not escaped: alerts are data, and each page escapes what it shows."""
templates.globals.clear()


def parse_number(value: Any) -> Number:
    """A number as people write thresholds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return whole(float(value))
    found = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError("expected a number such as 10000, 10_000, '10,000' or 10k")
    return whole(float(found[1].replace("_", "").replace(",", "")) * _FACTORS[(found[2] or "").lower()])


def parse_duration(value: Any) -> float:
    """Seconds of a duration such as 90s, 30m, 6h, 10d or 2w. Raises ValueError."""
    found = re.fullmatch(r"(\d+)\s*([smhdw])", value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError("expected a duration such as 90s, 30m, 6h, 10d or 2w")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > MAX_DURATION:
        raise ValueError("expected at most ten years (3650d)")
    return float(seconds)


def parse_share(value: Any) -> float:
    """A share such as 10% as a fraction. Raises ValueError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError("expected a share such as 10%")
    return float(found[1]) / 100


Figure = Annotated[int | float, BeforeValidator(parse_number)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
Share = Annotated[float, BeforeValidator(parse_share)]


class PlaceMatch(Part):
    """`is`: this place. `within`: this place and every place in it, each a group of its own."""

    is_: str | None = Field(default=None, alias="is")
    within: str | None = None

    @model_validator(mode="after")
    def one_of(self) -> Self:
        if (self.is_ is None) == (self.within is None):
            raise ValueError("expected either `is` or `within`")
        return self


class SourceMatch(Part):
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class AttributionMatch(Part):
    require: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Match(Part):
    """Which claims a rule looks at. All indicators are of one family."""

    indicator: tuple[str, ...] = Field(min_length=1)
    place: PlaceMatch | None = None
    source: SourceMatch = SourceMatch()
    attribution: AttributionMatch = AttributionMatch()
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    scope: Scope = "total"


class ValueForm(Part):
    """The unit and period in which the rule compares. Without `per` a figure is taken as stated, unless it is a rate."""

    unit: str = "person"
    per: Period | None = None
    partial_period: Literal["reject", "elapsed"] = "reject"


class Level(Part):
    level: str = Field(min_length=1)
    at: Figure
    reset: Figure | None = None

    @property
    def back(self) -> Number:
        """The value that takes the level back; without `reset` the threshold itself."""
        return self.at if self.reset is None else self.reset


class When(Part):
    direction: Literal["above", "below"] = "above"
    certainty: Literal["certain", "probable", "possible"] = "probable"
    levels: tuple[Level, ...] = Field(min_length=1, max_length=8)
    """From the mildest to the gravest."""

    @model_validator(mode="after")
    def in_order(self) -> Self:
        sign = 1 if self.direction == "above" else -1
        for level in self.levels:
            if (level.back - level.at) * sign > 0:
                side = "at or below" if sign > 0 else "at or above"
                raise ValueError(f"level {level.level}: reset {level.back:,} must be {side} at {level.at:,}")
        for mild, grave in zip(self.levels, self.levels[1:], strict=False):
            if (grave.at - mild.at) * sign <= 0:
                raise ValueError(
                    f"levels go from the mildest to the gravest: {grave.level} ({grave.at:,}) after {mild.level} ({mild.at:,})"
                )
        if len({level.level for level in self.levels}) < len(self.levels):
            raise ValueError("two levels have the same name")
        return self


class Confirm(Part):
    min_origins: int = Field(default=1, ge=1, le=32)
    distinct_by: Literal["origin", "publisher", "attribution"] = "origin"
    within: Duration = 86400.0


class Lifetime(Part):
    valid_for: Duration = 864000.0
    allowed_lateness: Duration = 172800.0

    @property
    def span(self) -> timedelta:
        """How long a figure stays evidence."""
        return timedelta(seconds=self.valid_for)


class Notify(Part):
    on: tuple[Literal["firing", "escalated", "deescalated", "updated", "repeated", "resolved", "expired", "closed"], ...] = (
        "firing",
        "escalated",
        "resolved",
        "expired",
    )
    update_when: Share = 0.1
    cooldown: Duration = 21600.0
    repeat: Duration | None = None


class Rule(Part):
    """One rule of a rule file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")
    title: str
    state: Literal["live", "shadow", "off"] = "live"
    match: Match
    value: ValueForm = ValueForm()
    group_by: tuple[Literal["place", "indicator", "attribution", "publisher"], ...] = ("place",)
    when: When
    confirm: Confirm = Confirm()
    lifetime: Lifetime = Lifetime()
    notify: Notify = Notify()
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @field_validator("annotations")
    @classmethod
    def templates_parse(cls, annotations: dict[str, str]) -> dict[str, str]:
        for name, text in annotations.items():
            try:
                templates.parse(text)
            except TemplateError as error:
                raise ValueError(f"annotation {name}: {error}") from None
        return annotations


class RuleFile(Part):
    """A rule file."""

    schema_: Literal[1] = Field(alias="schema")
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force, with the hash of the text they came from (16 hex digits)."""

    rules: tuple[Rule, ...]
    hash: str

    def families(self, family_of: dict[str, str]) -> dict[str, tuple[Rule, ...]]:
        """The rules that look at each family; `off` rules are left out. `family_of` maps indicator to family."""
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            if rule.state != "off":
                family = family_of[rule.match.indicator[0]]
                found[family] = (*found.get(family, ()), rule)
        return found


def parse(text: str, *, file: str = "rules.yaml", family_of: dict[str, str] | None = None) -> RuleSet | tuple[Fault, ...]:
    """The rule set of `text`, or all its faults. With `family_of` (indicator to family) indicators are checked too."""
    written = read(text, file=file, family_of=family_of)
    return RuleSet(written.content.rules, sha256(text.encode()).hexdigest()[:16]) if isinstance(written, Written) else written


def read(text: str, *, file: str, family_of: dict[str, str] | None = None) -> Written[RuleFile] | tuple[Fault, ...]:
    """The rule file `text` with the places of what it says, or all its faults."""
    if (size := len(text.encode())) > MAX_RULES_BYTES:
        return (Fault(file, 1, 1, f"{size:,} bytes of rules, and at most {MAX_RULES_BYTES:,} are taken"),)
    written = load(text, RuleFile, file=file)
    if not isinstance(written, Written):
        return written
    return _cross_check(written, family_of) or written


def _cross_check(written: Written[RuleFile], family_of: dict[str, str] | None) -> tuple[Fault, ...]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, rule in enumerate(written.content.rules):
        if rule.id in seen:
            faults.append(written.fault(("rules", number, "id"), f"rule id {rule.id!r} is used twice"))
        seen.add(rule.id)
        if family_of is not None:
            unknown = [name for name in rule.match.indicator if name not in family_of]
            where = ("rules", number, "match", "indicator")
            faults += [written.fault(where, f"unknown indicator {name!r}{suggest(name, family_of)}") for name in unknown]
            if not unknown and len({family_of[name] for name in rule.match.indicator}) > 1:
                faults.append(written.fault(where, "the indicators of one rule must be of one family"))
    return tuple(faults)
