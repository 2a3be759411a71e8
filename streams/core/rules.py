"""Rule files: YAML text in, a checked rule set out, or every fault with its line and column.

The format is the one of Prometheus' rule files in spirit: a list of rules, each with what it matches, when it fires, and
the labels and annotations its alerts carry. Numbers may be written 10000, 10_000, "10,000" or 10k; durations 90s, 30m, 6h, 10d, 2w.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from hashlib import sha256
from io import StringIO
from typing import Annotated, Any, Literal, Self

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from schemas.figure import Number, Period, Scope, whole

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_NUMBER = re.compile(r"(\d[\d_,]*(?:\.\d+)?)\s*(k|m|bn)?", re.IGNORECASE)

templates = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
"""Not escaped: alerts are data, and each page escapes what it shows."""


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
    return float(int(found[1]) * _SECONDS[found[2]])


def parse_share(value: Any) -> float:
    """A share such as 10% as a fraction. Raises ValueError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError("expected a share such as 10%")
    return float(found[1]) / 100


Figure = Annotated[int | float, BeforeValidator(parse_number)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
Share = Annotated[float, BeforeValidator(parse_share)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class PlaceMatch(_Part):
    """`is`: this place. `within`: this place and every place in it, each a group of its own."""

    is_: str | None = Field(default=None, alias="is")
    within: str | None = None

    @model_validator(mode="after")
    def one_of(self) -> Self:
        if (self.is_ is None) == (self.within is None):
            raise ValueError("expected either `is` or `within`")
        return self


class SourceMatch(_Part):
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class AttributionMatch(_Part):
    require: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Match(_Part):
    """Which claims a rule looks at. All indicators are of one family."""

    indicator: tuple[str, ...] = Field(min_length=1)
    place: PlaceMatch | None = None
    source: SourceMatch = SourceMatch()
    attribution: AttributionMatch = AttributionMatch()
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    scope: Scope = "total"


class ValueForm(_Part):
    """The unit and period in which the rule compares. Without `per` a figure is taken as stated, unless it is a rate."""

    unit: str = "person"
    per: Period | None = None
    partial_period: Literal["reject", "elapsed"] = "reject"


class Level(_Part):
    level: str = Field(min_length=1)
    at: Figure
    reset: Figure | None = None

    @property
    def back(self) -> Number:
        """The value that takes the level back; without `reset` the threshold itself."""
        return self.at if self.reset is None else self.reset


class When(_Part):
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


class Confirm(_Part):
    min_origins: int = Field(default=1, ge=1, le=32)
    distinct_by: Literal["origin", "publisher", "attribution"] = "origin"
    within: Duration = 86400.0


class Lifetime(_Part):
    valid_for: Duration = 864000.0
    allowed_lateness: Duration = 172800.0

    @property
    def span(self) -> timedelta:
        """How long a figure stays evidence."""
        return timedelta(seconds=self.valid_for)


class Notify(_Part):
    on: tuple[Literal["firing", "escalated", "deescalated", "updated", "repeated", "resolved", "expired", "closed"], ...] = (
        "firing",
        "escalated",
        "resolved",
        "expired",
    )
    update_when: Share = 0.1
    cooldown: Duration = 21600.0
    repeat: Duration | None = None


class Rule(_Part):
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


class _File(_Part):
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


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a rule file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def parse(text: str, *, file: str = "rules.yaml", family_of: dict[str, str] | None = None) -> RuleSet | tuple[Fault, ...]:
    """The rule set of `text`, or all its faults. With `family_of` (indicator to family) indicators are checked too."""
    try:
        tree = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return (Fault(file, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, str(error.problem or "not YAML")),)
    try:
        parsed = _File.model_validate(tree)
    except ValidationError as error:
        return tuple(_fault(file, tree, issue) for issue in error.errors())
    faults = _cross_check(parsed.rules, tree, file, family_of)
    return faults or RuleSet(parsed.rules, sha256(text.encode()).hexdigest()[:16])


def _cross_check(rules: tuple[Rule, ...], tree: Any, file: str, family_of: dict[str, str] | None) -> tuple[Fault, ...]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.id in seen:
            faults.append(Fault(file, *_place(tree, ("rules", number, "id")), f"rule id {rule.id!r} is used twice"))
        seen.add(rule.id)
        if family_of is not None:
            unknown = [name for name in rule.match.indicator if name not in family_of]
            where = _place(tree, ("rules", number, "match", "indicator"))
            faults += [Fault(file, *where, f"unknown indicator {name!r}{_suggest(name, family_of)}") for name in unknown]
            if not unknown and len({family_of[name] for name in rule.match.indicator}) > 1:
                faults.append(Fault(file, *where, "the indicators of one rule must be of one family"))
    return tuple(faults)


def _fault(file: str, tree: Any, issue: Any) -> Fault:
    path = tuple(issue["loc"])
    message = issue["msg"].removeprefix("Value error, ")
    if issue["type"] == "extra_forbidden":
        message = f"unknown key {path[-1]!r}{_suggest(str(path[-1]), _keys(path))}"
    elif issue["type"] == "missing":
        message = f"{path[-1]!r} is missing"
    return Fault(file, *_place(tree, path), message)


def _keys(path: tuple[Any, ...]) -> list[str]:
    """The keys that may stand where the last key of `path` stands."""
    model: Any = _File
    for step in path[:-1]:
        if isinstance(step, str):
            fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
            model = _model(fields.get(step))
            if model is None:
                return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model(annotation: Any) -> Any:
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _suggest(name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _place(tree: Any, path: tuple[Any, ...]) -> tuple[int, int]:
    """Line and column (from 1) of the node at `path`, or of the nearest node above it."""
    line, column, node = 0, 0, tree
    for step in path:
        try:
            line, column = node.lc.key(step) if isinstance(step, str) else node.lc.item(step)
            node = node[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1
