"""The records of the topic `claims`: claims, keyed by indicator family, and what else must meet them in order.

A partition of `claims` is the log from which its alerts follow. So a revision, a change of rules and the passing of time are
records in it too, and a replay of the log finds all of them where the worker found them.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.article import Moment, Precision
from schemas.codec import SchemaError, convert, parse
from schemas.figure import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """One claim with what a rule needs to judge it without the article at hand."""

    schema: Literal["claim/1"] = "claim/1"
    type: Literal["claim"] = "claim"
    document: str
    version: int
    title: str | None
    url: str | None
    publisher: str | None
    published: Moment
    precision: Precision
    ingested: Moment
    signature: tuple[int, ...]
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """`version` of `document` replaces all versions before it: what only those said is taken back. Sent to every partition, after
    the new version's claims."""

    schema: Literal["revision/1"] = "revision/1"
    type: Literal["revision"] = "revision"
    document: str
    version: int
    published: Moment
    ingested: Moment
    claims: tuple[str, ...] = ()
    """Ids of the new version's claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time passed: the clock of this partition is at least `now`. Sent when something in the partition is due."""

    schema: Literal["tick/1"] = "tick/1"
    type: Literal["tick"] = "tick"
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChange:
    """From this offset on the rule set with this hash is in force (its text is in the topic `rules`). Sent to every partition."""

    schema: Literal["rules/1"] = "rules/1"
    type: Literal["rules"] = "rules"
    hash: str
    applied: Moment


Record = ClaimRecord | Revision | Tick | RulesChange

_KINDS: dict[str, type[ClaimRecord] | type[Revision] | type[Tick] | type[RulesChange]] = {
    "claim": ClaimRecord,
    "revision": Revision,
    "tick": Tick,
    "rules": RulesChange,
}


def decode_record(data: bytes | None) -> Record:
    """The record of `claims` that `data` is, by its `type`. Raises SchemaError."""
    value = parse(data)
    kind = _KINDS.get(str(value.get("type"))) if isinstance(value, dict) else None
    if kind is None:
        raise SchemaError("wrong_type", f"`type` is none of {', '.join(_KINDS)}", "$.type")
    return convert(value, kind)
