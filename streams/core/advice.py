"""What is valid in a rule file and hardly meant: names that nothing has, and rules that can never fire."""

from collections.abc import Iterator
from datetime import UTC, datetime

from schemas.alert import Alert, Condition, Corroboration, Evidence, Normalised, Times, Value
from schemas.alert import Rule as RuleName
from schemas.figure import Reference
from streams.core import lexicon
from streams.core.claims import standard
from streams.core.entities import known_office, known_place, offices, places
from streams.core.report import fill
from streams.core.rules import Rule, RuleFile
from streams.core.yamlfile import Fault, Path, Written, suggest

__all__ = ["advise"]

_RATES = ("day", "week", "month", "year", "fiscal_year")
_OUTSIDE = "other"
"""The family of claims that stay with their article."""


def advise(written: Written[RuleFile]) -> tuple[Fault, ...]:
    """Warnings, each with its place, in order of the file. The rules must have known indicators."""
    found = [
        written.fault(("rules", number, *path), message)
        for number, rule in enumerate(written.content.rules)
        for path, message in (*_names(rule), *_figures(rule), *_confirmation(rule), *_texts(rule))
    ]
    return tuple(sorted(found, key=lambda fault: (fault.line, fault.column)))


def _names(rule: Rule) -> Iterator[tuple[Path, str]]:
    """Ids that no text can have."""
    place = rule.match.place
    for key, name in (("is", place.is_), ("within", place.within)) if place else ():
        if name is not None and not known_place(name):
            yield ("match", "place", key), f"no text speaks of the place {name!r}{suggest(name, places())}"
    by = rule.match.attribution
    for key, names in (("require", by.require), ("deny", by.deny)):
        for number, name in enumerate(names):
            if not known_office(name):
                yield ("match", "attribution", key, number), f"no text is by the office {name!r}{suggest(name, offices())}"
    for name in sorted(set(by.require) & set(by.deny)):
        yield ("match", "attribution", "deny"), f"{name} is required and denied"
    source = rule.match.source
    for key, names in (("allow", source.allow), ("deny", source.deny)):
        for number, name in enumerate(names):
            if "://" in name or name.startswith("www."):
                host = name.split("://")[-1].split("/")[0].removeprefix("www.")
                yield ("match", "source", key, number), f"a host is written without scheme and www.: {host}"
    for name in sorted(set(source.allow) & set(source.deny)):
        yield ("match", "source", "deny"), f"{name} is allowed and denied"


def _figures(rule: Rule) -> Iterator[tuple[Path, str]]:
    """Units and periods that no figure has."""
    series = [standard().by_name[name] for name in rule.match.indicator]
    for one in series:
        if one.family == _OUTSIDE:
            yield ("match", "indicator"), f"figures of {one.name} stay with their article: no rule sees them"
    units = {unit for one in series for unit in _units(one.units)}
    if rule.value.unit not in units:
        words = ", ".join(sorted(units)) or "none"
        yield ("value", "unit"), f"no figure of {', '.join(rule.match.indicator)} has the unit {rule.value.unit!r}; they have: {words}"
    if rule.value.per in _RATES and series and all(one.kind == "stock" for one in series):
        names = ", ".join(rule.match.indicator)
        per = rule.value.per.replace("_", " ")
        yield ("value", "per"), f"figures of {names} are counts at one time: only one that is itself stated per {per} can match"


def _units(classes: frozenset[str]) -> frozenset[str]:
    """The units of some classes: that of masses has several."""
    return classes | (frozenset(lexicon.table("units")["mass"]) if "mass" in classes else frozenset())


def _confirmation(rule: Rule) -> Iterator[tuple[Path, str]]:
    """Voices that can never be enough, and repetitions that never come."""
    needed, by = rule.confirm.min_origins, rule.confirm.distinct_by
    there = {"publisher": rule.match.source.allow, "attribution": rule.match.attribution.require, "origin": ()}[by]
    if needed > 1 and by in rule.group_by:
        yield ("confirm", "distinct_by"), f"grouped by {by}, every alert has one {by}: {needed} never come together"
    elif there and len(set(there)) < needed:
        yield ("confirm", "min_origins"), f"{needed} are asked for, and `match` admits {len(set(there))}: the rule never fires"
    if rule.notify.repeat and rule.notify.repeat > rule.lifetime.valid_for:
        yield ("notify", "repeat"), "longer than `lifetime.valid_for`: an alert expires before it is repeated, unless new figures come"


def _texts(rule: Rule) -> Iterator[tuple[Path, str]]:
    """Templates that name what is not there."""
    for name, template in rule.annotations.items():
        if name != "summary":
            yield ("annotations", name), "no alert shows it: only `summary` is filled in"
        try:
            fill(template, _example(rule))
        except Exception as error:  # whatever its expressions raise
            yield ("annotations", name), f"it fails when it is filled in: {error}"


def _example(rule: Rule) -> Alert:
    """An alert of `rule` with a value in every field, for trying templates on."""
    now = datetime(2024, 1, 31, 12, tzinfo=UTC)
    level, reference = rule.when.levels[0], Reference(start=now.date(), end=now.date(), complete=True)
    evidence = Evidence(
        claim_id="claim", indicator=rule.match.indicator[0], sentence="A sentence.", sentence_span=(0, 11), quote="A", quote_span=(0, 1),
        document="document", version=1, url="https://news.example/1", title="Title", publisher="Publisher", origin_id="origin", place="US",
        attribution="officials", attribution_id="us-cbp", published_at=now, confidence=0.9,
    )  # fmt: skip
    normalised = Normalised(value=1, per=rule.value.per or "day", factor=1.0, days=1.0, assumed=False)
    return Alert(
        mode="test", event_id="event", alert_id="alert", fingerprint="0" * 32, episode=1, sequence=1, transition="firing",
        reason="level_crossed", level=level.level, previous_level=level.level,
        rule=RuleName(id=rule.id, title=rule.title, rules_hash="0" * 16),
        group=dict.fromkeys(rule.group_by, "name"),
        labels=rule.labels,
        condition=Condition(direction=rule.when.direction, at=level.at, reset=level.back, unit=rule.value.unit, per=rule.value.per),
        value=Value(text=str(level.at), low=level.at, high=level.at, point=level.at, bound="exact", grade="certain",
                    normalised_from=normalised, reference=reference, effective_end=now.date()),
        evidence=(evidence,),
        corroboration=Corroboration(origins=1, publishers=1, attributions=1, required=1),
        times=Times(started_at=now, event_time=now, published_at=now, ingested_at=now, emitted_at=now, expires_at=now),
    )  # fmt: skip
