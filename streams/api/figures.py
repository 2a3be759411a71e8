"""The figures of the last days in memory: what was reported of an indicator and a place, over time.

Pure bookkeeping over the records of `claims`. What a rule could take is held: figures that are asserted, and no changes ("up 30 %").
A document's newer version takes back what its older ones said.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime
from sys import intern
from typing import NamedTuple, TypeVar

from schemas.alert import Normalised
from schemas.article import Moment
from schemas.claims import ClaimRecord, Record, Revision
from schemas.figure import Bound, Interval, Number, Period, Reference, Scope
from streams.api import paging
from streams.api.links import safe_url
from streams.api.paging import Place
from streams.core.grading import Normal, normalise
from streams.core.matching import convertible
from streams.core.report import evidence, with_cue

__all__ = ["Figure", "Figures", "Name", "Series", "Some"]

K = TypeVar("K")


class Name(NamedTuple):
    """Which series: figures with the same name can be put on one chart. `per` is `none` for counts that stand for themselves."""

    indicator: str
    place: str | None
    unit: str | None
    per: Period
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One reported figure, with the sentence that reports it. Spans are character offsets into the article's text."""

    claim_id: str
    indicator: str
    place: str | None
    unit: str | None
    per: Period
    scope: Scope
    """`part`: of a total ("including 3,000 children")."""
    text: str
    low: Number | None
    high: Number | None
    low_closed: bool
    high_closed: bool
    point: Number | None
    bound: Bound
    normalised_from: Normalised | None
    """Where the figure was converted to the period that was asked for."""
    reference: Reference | None
    effective_end: date
    """The last day that the figure is about, and not after its publication."""
    published_at: Moment
    confidence: float
    sentence: str
    sentence_span: tuple[int, int]
    quote: str
    quote_span: tuple[int, int]
    document: str
    version: int
    url: str | None
    title: str | None
    publisher: str | None
    attribution: str | None
    attribution_id: str | None

    @property
    def series(self) -> Name:
        """Where it belongs."""
        return Name(self.indicator, self.place, self.unit, self.per, self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series that there is, with how many figures of what time (of publication)."""

    indicator: str
    place: str | None
    unit: str | None
    per: Period
    scope: Scope
    figures: int
    first: Moment
    last: Moment


@dataclass(frozen=True, slots=True)
class Some:
    """Figures, newest publication first; `next` asks for older ones, where there are any."""

    figures: list[Figure]
    next: str | None


class Figures:
    """The figures by series. The oldest, by when they came, go first."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, tuple[datetime, Figure, bool]] = OrderedDict()
        """By claim id: when it was written to Kafka, the figure, and whether it may be converted to another period."""
        self._by_name: dict[Name, dict[str, None]] = {}
        self._by_document: dict[str, dict[str, None]] = {}
        self._versions: OrderedDict[str, int] = OrderedDict()
        """Of documents that were revised, the newest."""

    def __len__(self) -> int:
        return len(self._held)

    def take(self, record: Record, timestamp: datetime) -> None:
        """Takes the next record of `claims`, written at `timestamp`."""
        match record:
            case ClaimRecord():
                self._claim(record, timestamp)
            case Revision():
                self._revise(record)

    def forget(self, before: datetime) -> None:
        """Lets go of figures that were written before a time."""
        while self._held and next(iter(self._held.values()))[0] < before:
            self._drop(next(iter(self._held)))

    def names(self) -> list[Series]:
        """Every series that there is, by name."""
        return [self._series(name) for name in sorted(self._by_name, key=lambda name: tuple(part or "" for part in name))]

    def find(
        self,
        *,
        indicator: str,
        place: str | None = None,
        unit: str | None = None,
        per: Period | None = None,
        scope: Scope = "total",
        since: datetime | None = None,
        before: datetime | None = None,
        after: Place | None = None,
        limit: int,
    ) -> Some:
        """The figures of the series that fit, published from `since` on and before `before`; with `per`, in that period.

        Only those that come after the place `after`. As for a rule, a figure that cannot be brought to the period is left out.
        """
        found: list[Figure] = []
        for name, claims in self._by_name.items():
            if (name.indicator, name.scope) == (indicator, scope) and place in (None, name.place) and unit in (None, name.unit):
                found += (shown for claim in claims if (shown := self._shown(claim, per, since, before)))
        found = sorted((figure for figure in found if after is None or _place(figure) < after), key=_place, reverse=True)
        return Some(found[:limit], paging.write(_place(found[limit - 1])) if len(found) > limit else None)

    def _shown(self, claim: str, per: Period | None, since: datetime | None, before: datetime | None) -> Figure | None:
        _, figure, converts = self._held[claim]
        if (since and figure.published_at < since) or (before and figure.published_at >= before):
            return None
        return figure if per in (None, figure.per) else _converted(figure, per, converts)

    def _claim(self, record: ClaimRecord, timestamp: datetime) -> None:
        claim = record.claim
        if claim.indicator is None or claim.modality != "asserted" or claim.kind == "change" or claim.claim_id in self._held:
            return
        if record.version < self._versions.get(record.document, 0):
            return
        figure = _figure(record)
        self._held[claim.claim_id] = (timestamp, figure, convertible(claim))
        self._by_name.setdefault(figure.series, {})[claim.claim_id] = None
        self._by_document.setdefault(figure.document, {})[claim.claim_id] = None
        if len(self._held) > self._most:
            self._drop(next(iter(self._held)))

    def _revise(self, revision: Revision) -> None:
        known = self._versions.pop(revision.document, 0)
        self._versions[revision.document] = max(known, revision.version)
        if len(self._versions) > self._most:
            self._versions.popitem(last=False)
        for claim in [*self._by_document.get(revision.document, ())]:
            if self._held[claim][1].version < revision.version:
                self._drop(claim)

    def _drop(self, claim: str) -> None:
        _, figure, _ = self._held.pop(claim)
        _remove(self._by_name, figure.series, claim)
        _remove(self._by_document, figure.document, claim)

    def _series(self, name: Name) -> Series:
        times = [self._held[claim][1].published_at for claim in self._by_name[name]]
        return Series(**name._asdict(), figures=len(times), first=min(times), last=max(times))


def _place(figure: Figure) -> Place:
    return paging.place(figure.published_at, figure.claim_id)


def _remove(index: dict[K, dict[str, None]], key: K, claim: str) -> None:
    del index[key][claim]
    if not index[key]:
        del index[key]


def _figure(record: ClaimRecord) -> Figure:
    claim, proof = record.claim, evidence(record, "")
    published = record.published.date()
    return Figure(
        claim_id=claim.claim_id,
        indicator=intern(claim.indicator or ""),
        place=proof.place and intern(proof.place),
        unit=claim.unit and intern(claim.unit),
        per=claim.period,
        scope=claim.scope,
        text=with_cue(claim),
        low=claim.low,
        high=claim.high,
        low_closed=claim.low_closed,
        high_closed=claim.high_closed,
        point=claim.point,
        bound=claim.bound,
        normalised_from=None,
        reference=claim.reference,
        effective_end=min(claim.reference.end, published) if claim.reference and not claim.reference.assumed else published,
        published_at=record.published,
        confidence=claim.confidence,
        sentence=proof.sentence,
        sentence_span=proof.sentence_span,
        quote=proof.quote,
        quote_span=proof.quote_span,
        document=record.document,
        version=record.version,
        url=safe_url(proof.url),
        title=proof.title,
        publisher=proof.publisher and intern(proof.publisher),
        attribution=proof.attribution,
        attribution_id=proof.attribution_id,
    )


def _converted(figure: Figure, per: Period | None, converts: bool) -> Figure | None:
    """The figure in another period; null where it cannot be."""
    stated = Interval(low=figure.low, high=figure.high, low_closed=figure.low_closed, high_closed=figure.high_closed, point=figure.point)
    normal = normalise(stated, figure.per, figure.reference, per, convertible=converts)
    if not isinstance(normal, Normal) or per is None:
        return None
    now = normal.figure
    return replace(figure, per=per, low=now.low, high=now.high, point=now.point, normalised_from=normal.source)
