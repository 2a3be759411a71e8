"""The figures of each voice: which are held, which of a voice is current, and what is left when a document is taken back.

A voice is one origin and who said it. Holding is a semilattice: merging is associative, commutative and idempotent, so that
neither the order of arrival nor a duplicate changes what is held.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from schemas.alert import Evidence, Grade, Normalised
from schemas.figure import Bound, Interval, Reference

MAX_HELD = 32
"""Figures kept a series."""
MAX_SOURCES = 50
"""Documents remembered a figure; beyond them copies still count as heard, but not by name."""
MAX_EVIDENCE = 2
"""Documents a figure whose sentence is kept, so that one may be taken back..."""
MAX_SPARE = 8
"""...for so many of the greatest figures; the rest keep one."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Source:
    """A document that gave the figure. `key` is the hash by which the pipeline knows the document."""

    published: datetime
    key: str
    version: int
    publisher: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One value that one voice gave, with what ranks it. Copies of it are merged into one."""

    claim: str
    origin: str
    voice: str
    """The attribution: its id, else its words, else empty."""
    sources: tuple[Source, ...]
    """The documents that gave it, the earliest first."""
    figure: Interval
    cap: Grade
    normalised: Normalised | None
    effective_end: date
    assumed: bool
    """The text gives no date: `effective_end` is the date of `first_published`."""
    first_published: datetime
    """Of this value within its origin, so that late copies do not make it fresh."""
    published: datetime
    version: int
    confidence: float
    total: bool
    position: int
    bound: Bound
    text: str
    """The figure with the words of its bound: "Around 10,000"."""
    reference: Reference | None
    ingested: datetime
    evidence: tuple[Evidence, ...]
    """The sentences that prove it, of different documents; the first is that of `claim`."""

    @property
    def key(self) -> tuple[str, str, Interval]:
        return (self.origin, self.voice, self.figure)

    @property
    def rank(self) -> tuple[date, datetime, int, float, bool, int, str]:
        """The greatest of one voice is its current figure."""
        return (self.effective_end, self.first_published, self.version, self.confidence, self.total, -self.position, self.claim)

    @property
    def publishers(self) -> tuple[str, ...]:
        return tuple(sorted({source.publisher for source in self.sources}))


def admit(held: tuple[Held, ...], claim: Held) -> tuple[Held, ...]:
    """`held` with `claim`, merged with an equal figure of the same voice; the greatest `MAX_HELD` are kept, greatest first."""
    same = next((one for one in held if one.key == claim.key), None)
    merged = claim if same is None else _merge(same, claim)
    return _ordered([*(one for one in held if one is not same), merged])


def current(held: tuple[Held, ...]) -> tuple[Held, ...]:
    """The greatest figure of each voice, greatest first. `held` is in order of rank."""
    voices: dict[tuple[str, str], Held] = {}
    for one in held:
        voices.setdefault((one.origin, one.voice), one)
    return tuple(voices.values())


def withdraw(held: tuple[Held, ...], document: str, version: int) -> tuple[Held, ...]:
    """`held` without what versions of `document` (its key) before `version` said. What other documents said too stays."""
    kept = []
    for one in held:
        sources = tuple(source for source in one.sources if source.key != document or source.version >= version)
        if len(sources) == len(one.sources):
            kept.append(one)
        elif sources:
            kept.append(_without(one, sources))
    return _ordered(kept)


def _ordered(held: list[Held]) -> tuple[Held, ...]:
    ranked = sorted(held, key=lambda one: one.rank, reverse=True)[:MAX_HELD]
    return tuple(
        replace(one, evidence=one.evidence[:1]) if place >= MAX_SPARE and len(one.evidence) > 1 else one for place, one in enumerate(ranked)
    )


def _without(one: Held, sources: tuple[Source, ...]) -> Held:
    """`one` as the remaining documents give it: their first publication, and a sentence of theirs where one was kept."""
    claims = {source.claim for source in sources}
    evidence = tuple(proof for proof in one.evidence if proof.claim_id in claims) or one.evidence
    first = sources[0].published
    return replace(
        one,
        sources=sources,
        evidence=evidence,
        claim=evidence[0].claim_id if evidence[0].claim_id in claims else sources[0].claim,
        first_published=first,
        effective_end=first.date() if one.assumed else one.effective_end,
    )


def _merge(one: Held, other: Held) -> Held:
    """Two reports of one value by one voice. A stated date beats an assumed one; undated restatements are no newer evidence."""
    first = min(one.first_published, other.first_published)
    better, worse = (one, other) if _quality(one) >= _quality(other) else (other, one)
    return replace(
        better,
        first_published=first,
        effective_end=first.date() if better.assumed else better.effective_end,
        sources=_sources(one, other),
        evidence=_proofs(better, worse),
    )


def _quality(held: Held) -> tuple[bool, int, int, float, float, int, str]:
    stated = not held.assumed
    end = held.effective_end.toordinal() if stated else 0
    return (stated, end, held.version, -held.published.timestamp(), held.confidence, -held.position, held.claim)


def _sources(one: Held, other: Held) -> tuple[Source, ...]:
    """One entry a document, its newest version; the earliest documents are kept."""
    found: dict[str, Source] = {}
    for source in (*one.sources, *other.sources):
        known = found.get(source.key)
        if known is None or (source.version, source) > (known.version, known):
            found[source.key] = source
    return tuple(sorted(found.values())[:MAX_SOURCES])


def _proofs(better: Held, worse: Held) -> tuple[Evidence, ...]:
    """The sentence of the better report first, then one of each other document, the earliest and then the least id first."""
    first = better.evidence[0]
    rest = {proof.document: proof for proof in sorted((*better.evidence, *worse.evidence), key=_age, reverse=True)}
    others = sorted((proof for name, proof in rest.items() if name != first.document), key=_age)
    return (first, *others)[:MAX_EVIDENCE]


def _age(proof: Evidence) -> tuple[datetime, str]:
    return (proof.published_at, proof.claim_id)
