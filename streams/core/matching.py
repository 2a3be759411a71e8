"""Does a claim speak to a rule, and in which group? A refusal has a name, the same in metrics, logs and `explain`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from schemas.claims import ClaimRecord
from schemas.figure import Claim, Interval
from streams.core.grading import Normal, normalise
from streams.core.rules import Rule

Refusal = Literal[
    "other_indicator",
    "negated",
    "hypothetical",
    "planned",
    "historical",
    "change",
    "other_scope",
    "other_unit",
    "other_place",
    "unknown_place",
    "source_denied",
    "attribution_denied",
    "low_confidence",
    "no_period",
    "not_convertible",
    "unnormalisable",
]

Within = Callable[[str, str], bool]
"""(place id, region id) -> is the place that region, or in it?"""

UNKNOWN = "unknown"
"""The label of a group whose claim does not say."""

_NO_RATE_UNITS = frozenset({"percent", "percentage_point", "times"})


@dataclass(frozen=True, slots=True)
class Matched:
    """A claim that a rule takes: its group, as sorted labels, and its figure in the rule's period."""

    group: tuple[tuple[str, str], ...]
    normal: Normal


def match(rule: Rule, record: ClaimRecord, within: Within) -> Matched | Refusal:
    """`record` as `rule` sees it, or the first reason why it is no match."""
    claim = record.claim
    refusal = _about(rule, claim) or _where(rule, claim, within) or _trusted(rule, record)
    if refusal:
        return refusal
    normal = normalise(
        interval(claim),
        claim.period,
        claim.reference,
        rule.value.per,
        partial=rule.value.partial_period,
        convertible=convertible(claim),
    )
    return Matched(_group(rule, record), normal) if isinstance(normal, Normal) else normal


def interval(claim: Claim) -> Interval:
    """The interval of a claim, as stated."""
    return Interval(low=claim.low, high=claim.high, low_closed=claim.low_closed, high_closed=claim.high_closed, point=claim.point)


def convertible(claim: Claim) -> bool:
    """May a total of its kind be brought to another period? A stock, a share and a sum of money may not."""
    return claim.kind != "stock" and claim.unit not in _NO_RATE_UNITS and not _is_currency(claim.unit)


def _about(rule: Rule, claim: Claim) -> Refusal | None:
    if claim.indicator not in rule.match.indicator:
        return "other_indicator"
    if claim.modality != "asserted":
        return claim.modality
    if claim.kind == "change":
        return "change"
    if claim.scope != rule.match.scope:
        return "other_scope"
    return None if claim.unit == rule.value.unit else "other_unit"


def _where(rule: Rule, claim: Claim, within: Within) -> Refusal | None:
    wanted = rule.match.place
    if wanted is None:
        return None
    if claim.place is None or claim.place.id is None:
        return "unknown_place"
    here = claim.place.id
    return None if here == wanted.is_ or (wanted.within and within(here, wanted.within)) else "other_place"


def _trusted(rule: Rule, record: ClaimRecord) -> Refusal | None:
    source, by = rule.match.source, rule.match.attribution
    names = {name.casefold() for name in (record.publisher, host(record.url)) if name}
    if names & {name.casefold() for name in source.deny} or (source.allow and not names & {name.casefold() for name in source.allow}):
        return "source_denied"
    who = record.claim.attribution.id if record.claim.attribution else None
    if who in by.deny or (by.require and who not in by.require):
        return "attribution_denied"
    return "low_confidence" if record.claim.confidence < rule.match.min_confidence else None


def host(url: str | None) -> str | None:
    """The host of a URL, without `www.`, in small letters; None where there is none.

    >>> host("https://www.News.example:443/a")
    'news.example'
    """
    try:
        found = urlsplit(url or "").hostname
    except ValueError:
        return None
    return found.removeprefix("www.") if found else None


def _group(rule: Rule, record: ClaimRecord) -> tuple[tuple[str, str], ...]:
    claim = record.claim
    labels = {
        "place": (claim.place.id or claim.place.text) if claim.place else None,
        "indicator": claim.indicator,
        "attribution": (claim.attribution.id or claim.attribution.text) if claim.attribution else None,
        "publisher": record.publisher,
    }
    return tuple(sorted((name, labels[name] or UNKNOWN) for name in set(rule.group_by)))


def _is_currency(unit: str | None) -> bool:
    return unit is not None and len(unit) == 3 and unit.isalpha()
