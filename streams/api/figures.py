"""The figures of the last days in memory: what was reported of an indicator and a place, over time.

Pure bookkeeping over the records of `claims`. What a rule could take is held: figures that are asserted, and no changes ("up 30 %").
A document's newer version takes back what its older ones said.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from itertools import islice
from sys import intern
from typing import NamedTuple

from schemas.alert import Normalised
from schemas.article import Moment
from schemas.claims import ClaimRecord, Record, Revision
from schemas.figure import Bound, Interval, Number, Period, Reference, Scope
from streams.api import paging
from streams.api.paging import Place
from streams.core.grading import Normal, normalise
from streams.core.matching import convertible
from streams.core.report import evidence, with_cue
from streams.core.untrusted import safe_url

__all__ = ["Figure", "Figures", "Name", "Series", "Some"]

_FIRST: Place = (-(10**18), "")
_LAST: Place = (10**18, "")


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


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """One figure, with when it was written to Kafka, and whether another period may be asked of it."""

    timestamp: datetime
    figure: Figure
    converts: bool

    def for_one(self, per: Period | None) -> Figure | None:
        """The figure for one such period (as stated where none is given); null where it cannot be brought to it."""
        figure = self.figure
        if per is None or per == figure.per:
            return figure
        stated = Interval(
            low=figure.low, high=figure.high, low_closed=figure.low_closed, high_closed=figure.high_closed, point=figure.point
        )
        normal = normalise(stated, figure.per, figure.reference, per, convertible=self.converts)
        if not isinstance(normal, Normal):
            return None
        now = normal.figure
        return replace(figure, per=per, low=now.low, high=now.high, point=now.point, normalised_from=normal.source)


class Figures:
    """The figures by series. The oldest, by when they came, go first."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, _Held] = OrderedDict()
        """By claim id."""
        self._by_name: dict[Name, list[Place]] = {}
        """Places in order, each with its claim id."""
        self._by_document: dict[str, list[str]] = {}
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
        while self._held and next(iter(self._held.values())).timestamp < before:
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
        low = paging.place(since, "") if since else _FIRST
        high = min(paging.place(before, "") if before else _LAST, after or _LAST)
        fitting = (
            places
            for name, places in self._by_name.items()
            if (name.indicator, name.scope) == (indicator, scope) and place in (None, name.place) and unit in (None, name.unit)
        )
        ranges = (reversed(places[bisect_left(places, low) : bisect_left(places, high)]) for places in fitting)
        newest = (self._held[claim].for_one(per) for _, claim in merge(*ranges, reverse=True))
        found = list(islice((figure for figure in newest if figure), limit + 1))
        shown = found[:limit]
        return Some(shown, paging.write(_place(shown[-1])) if len(found) > limit else None)

    def _claim(self, record: ClaimRecord, timestamp: datetime) -> None:
        claim = record.claim
        if claim.indicator is None or claim.modality != "asserted" or claim.kind == "change" or claim.claim_id in self._held:
            return
        if record.version < self._versions.get(record.document, 0):
            return
        figure = _figure(record)
        self._held[claim.claim_id] = _Held(timestamp, figure, convertible(claim))
        insort(self._by_name.setdefault(figure.series, []), _place(figure))
        self._by_document.setdefault(figure.document, []).append(claim.claim_id)
        if len(self._held) > self._most:
            self._drop(next(iter(self._held)))

    def _revise(self, revision: Revision) -> None:
        known = self._versions.pop(revision.document, 0)
        self._versions[revision.document] = max(known, revision.version)
        if len(self._versions) > self._most:
            self._versions.popitem(last=False)
        for claim in [*self._by_document.get(revision.document, ())]:
            if self._held[claim].figure.version < revision.version:
                self._drop(claim)

    def _drop(self, claim: str) -> None:
        figure = self._held.pop(claim).figure
        series, document = self._by_name[figure.series], self._by_document[figure.document]
        del series[bisect_left(series, _place(figure))]
        document.remove(claim)
        if not series:
            del self._by_name[figure.series]
        if not document:
            del self._by_document[figure.document]

    def _series(self, name: Name) -> Series:
        places = self._by_name[name]
        first, last = (self._held[places[index][1]].figure.published_at for index in (0, -1))
        return Series(**name._asdict(), figures=len(places), first=first, last=last)


def _place(figure: Figure) -> Place:
    return paging.place(figure.published_at, figure.claim_id)


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
