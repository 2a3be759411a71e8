"""What one reading of a document says and another does not: figures that are new, gone, or read otherwise, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from schemas.article import Moment
from schemas.claims import ClaimRecord, Record
from schemas.figure import Attribution, Claim, Place, Reference

__all__ = ["CONFIDENCE_STEP", "FigureChange", "FigureKind", "Readings", "changes", "plain"]

FigureKind = Literal["added", "gone", "changed"]
LEFT_OUT = frozenset(
    {"claim_id", "start", "end", "family", "reasons", "sentence", "sentence_start", "sentence_end", "subject", "unit_text"}
)
"""Fields of a claim in which two readings of one figure are not compared: they say where it stands, or how sure one is of it."""
CONFIDENCE_STEP = 0.05
"""A confidence that moved by less is the same."""
MAX_KEPT = 5_000
"""Changes that are kept; what is beyond is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """One figure that is read differently. `fields`: what differs, as it was and as it is."""

    kind: FigureKind
    document: str
    version: int
    publisher: str | None
    url: str | None
    published: Moment
    indicator: str | None
    quote: str
    sentence: str
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Readings:
    """All that is read differently. `kept` has the first of them."""

    same: int = 0
    added: int = 0
    gone: int = 0
    changed: int = 0
    kept: list[FigureChange] = field(default_factory=list)

    @property
    def differ(self) -> bool:
        """Whether any figure is read differently."""
        return bool(self.added or self.gone or self.changed)

    def take(self, stored: Sequence[Record], read: Sequence[Record]) -> None:
        """Take the two readings of one document."""
        old, new = ([one for one in side if isinstance(one, ClaimRecord)] for side in (stored, read))
        found = list(changes(old, new))
        for change in found:
            setattr(self, change.kind, getattr(self, change.kind) + 1)
        self.same += len(new) - sum(change.kind != "gone" for change in found)
        self.kept += found[: MAX_KEPT - len(self.kept)]


def changes(stored: Sequence[ClaimRecord], read: Sequence[ClaimRecord]) -> Iterator[FigureChange]:
    """What differs between two readings of one version of a document, in the order of the text."""
    pairs = _paired(list(stored), list(read))
    for old, new in sorted(pairs, key=lambda pair: (pair[1] or pair[0]).claim.start):  # type: ignore[union-attr]
        record = new or old
        assert record is not None
        differing = _differing(old.claim, new.claim) if old and new else {}
        if old and new and not differing:
            continue
        yield FigureChange(
            kind="changed" if old and new else "added" if new else "gone",
            document=record.document,
            version=record.version,
            publisher=record.publisher,
            url=record.url,
            published=record.published,
            indicator=record.claim.indicator,
            quote=record.claim.quote,
            sentence=record.claim.sentence,
            fields=differing,
        )


Paired = tuple[ClaimRecord | None, ClaimRecord | None]


def _paired(old: list[ClaimRecord], new: list[ClaimRecord]) -> Iterator[Paired]:
    """Claims of one id are one figure; else those of one indicator whose words overlap; else those whose words overlap."""
    for alike in (_same_id, _same_indicator, _overlap):
        for one in list(new):
            other = next((candidate for candidate in old if alike(candidate.claim, one.claim)), None)
            if other is not None:
                old.remove(other)
                new.remove(one)
                yield other, one
    yield from ((one, None) for one in old)
    yield from ((None, one) for one in new)


def _same_id(one: Claim, other: Claim) -> bool:
    return one.claim_id == other.claim_id


def _same_indicator(one: Claim, other: Claim) -> bool:
    return one.indicator == other.indicator and _overlap(one, other)


def _overlap(one: Claim, other: Claim) -> bool:
    return one.start < other.end and other.start < one.end


def plain(value: Any) -> str:
    """A value of a field in one line."""
    match value:
        case None:
            return "-"
        case str():
            return value
        case bool() | int() | float():
            return f"{value:,}" if not isinstance(value, bool) else str(value).lower()
        case Reference():
            return f"{value.start} to {value.end}{'' if value.complete else ', unfinished'}{', assumed' if value.assumed else ''}"
        case Place() | Attribution():
            return value.id or value.text
        case _:
            return str(value)


def _differing(old: Claim, new: Claim) -> dict[str, tuple[Any, Any]]:
    found = {}
    for name in (one.name for one in fields(Claim) if one.name not in LEFT_OUT):
        was, now = getattr(old, name), getattr(new, name)
        if was != now and not (name == "confidence" and abs(was - now) < CONFIDENCE_STEP):
            found[name] = (was, now)
    return found
