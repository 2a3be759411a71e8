"""`newsgauge explain --rule`: for every figure of an article, why a rule takes or refuses it, and what would come of the article alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rich.text import Text

from schemas.alert import Alert
from schemas.article import Article, Document
from schemas.claims import ClaimRecord
from schemas.figure import Claim
from streams.cli.options import USAGE, CommandError, print_json
from streams.cli.present import FIGURE, Mark, Told, alert_told, clean, console, has_colour, interval_words, marked, number, one_line, tell
from streams.cli.rules_told import group_words, span
from streams.core.enrich import enrich, records, revision
from streams.core.entities import within
from streams.core.intake import Rejected, receive
from streams.core.judging import Judgement, judge
from streams.core.kept import Stored
from streams.core.matching import Refusal
from streams.core.rehearse import Rehearsal, Timed
from streams.core.rules import Rule, RuleSet
from streams.core.state import unpacked
from streams.core.voices import Held, current

__all__ = ["REFUSALS", "explain_rule"]


@dataclass(frozen=True, slots=True)
class _Step:
    """One claim, what the rule makes of it, what becomes of it after those before it, and the alerts that follow at once."""

    claim: Claim
    judgement: Judgement | None
    outcome: str | None
    alerts: tuple[Alert, ...]

    @property
    def answer(self) -> str:
        return (self.judgement.refusal or "taken") if self.judgement else "other_indicator"


def explain_rule(article: Article, rule: Rule, *, now: datetime, json: bool) -> None:
    """Explain `rule` on one article, which is read as if it came when it was published, or `now`. CommandError where it is refused."""
    document = receive(article, timestamp=now)
    if isinstance(document, Rejected):
        raise CommandError(f"A worker would refuse the article: {document.reason}: {document.detail}.", USAGE)
    rehearsal = Rehearsal(RuleSet((rule.model_copy(update={"state": "live"}),), ""))
    steps, last = _steps(document, rule, rehearsal)
    series = [unpacked(value, Stored) for key, value in rehearsal.store.items() if "|series|" in key]
    ahead = _ahead(rule, series)
    if json:
        print_json(_as_json(rule, steps, last, ahead))
    else:
        _print(document, rule, steps, last, ahead)


def _steps(document: Document, rule: Rule, rehearsal: Rehearsal) -> tuple[list[_Step], tuple[Alert, ...]]:
    """Every claim of the article in order, and the alerts of its revision, if it is one."""
    enriched, at = enrich(document), document.published
    sent = {record.claim.claim_id: record for _, record in records(enriched)}
    steps = []
    for claim in enriched.claims:
        record = sent.get(claim.claim_id)
        if record is None:
            steps.append(_Step(claim, None, None, ()))
            continue
        before = rehearsal.tallies.copy()
        alerts = tuple(rehearsal.take(Timed(at, record)))
        outcome = next((word for _, word in rehearsal.tallies - before), None)
        steps.append(_Step(claim, judge(rule, record, within), outcome, alerts))
    change = revision(enriched)
    return steps, tuple(rehearsal.take(Timed(at, change))) if change else ()


# --- why not --------------------------------------------------------------------------------------------------------------


def _named(*names: str | None) -> str:
    return " or ".join(filter(None, names)) or "nobody named"


def _place_wanted(rule: Rule) -> str:
    place = rule.match.place
    return "any place" if place is None else place.is_ or f"a place in {place.within}"


def _place_there(record: ClaimRecord) -> str:
    place = record.claim.place
    return f"{place.text} ({place.id})" if place and place.id else place.text if place else "no place"


def _lists(rule: Rule) -> str:
    match = rule.match
    words = [f"asks for {_named(*names)}" for names in (match.attribution.require,) if names]
    words += [f"refuses {_named(*names)}" for names in (match.attribution.deny,) if names]
    return " and ".join(words)


def _period(record: ClaimRecord) -> str:
    return {"none": "with no period", "event": "of one event", "cumulative": "as a running total"}.get(
        record.claim.period, f"per {record.claim.period.replace('_', ' ')}"
    )


REFUSALS: dict[Refusal, Callable[[Rule, ClaimRecord], str]] = {
    "other_indicator": lambda rule, record: f"it counts {record.claim.indicator}; the rule looks at {' and '.join(rule.match.indicator)}",
    "negated": lambda rule, record: "the text denies it",
    "hypothetical": lambda rule, record: "the text only supposes it, or says what could be",
    "planned": lambda rule, record: "the text says what is planned or expected",
    "historical": lambda rule, record: "the text gives it as a comparison with an earlier time",
    "change": lambda rule, record: "it says by how much something changed, not how much it is",
    "other_scope": lambda rule, record: (
        f"it is a {'part of a total' if record.claim.scope == 'part' else 'total'}; the rule asks for "
        f"{'parts' if rule.match.scope == 'part' else 'totals'}"
    ),
    "other_unit": lambda rule, record: f"its unit is {record.claim.unit or 'not named'}; the rule compares the unit {rule.value.unit}",
    "other_place": lambda rule, record: f"it is about {_place_there(record)}; the rule asks for {_place_wanted(rule)}",
    "unknown_place": lambda rule, record: f"its place is not known ({_place_there(record)}); the rule asks for {_place_wanted(rule)}",
    "source_denied": lambda rule, record: f"the rule does not take what {_named(record.publisher, record.url)} publishes",
    "attribution_denied": lambda rule, record: (
        f"it is according to {record.claim.attribution.text if record.claim.attribution else 'nobody named'} "
        f"({(record.claim.attribution and record.claim.attribution.id) or 'no known office'}); the rule {_lists(rule)}"
    ),
    "low_confidence": lambda rule, record: (
        f"the reader trusts it to {record.claim.confidence:.2f}; the rule asks for {rule.match.min_confidence:g}"
    ),
    "no_period": lambda rule, record: f"it is stated {_period(record)}; the rule compares figures per {rule.value.per}",
    "not_convertible": lambda rule, record: (
        f"it is stated {_period(record)}; the rule takes figures as stated, and has no `value.per` to which to convert"
        if rule.value.per is None
        else f"a {record.claim.kind} of the unit {record.claim.unit} stated {_period(record)} cannot be made a figure per {rule.value.per}"
    ),
    "unnormalisable": lambda rule, record: f"it is the total of a {record.claim.period} that still ran; the rule refuses running totals",
}
"""Why a rule refuses a claim, as a sentence for people, by the word that metrics and logs use."""

_OUTCOMES = {
    "superseded": "another figure of the same voice stands before it",
    "duplicate": "the same claim was counted before",
    "history": "it is about an earlier time than the evidence in force",
    "stale": "it is older than a figure may be to count",
    "revised": "a later version of the article was seen before",
}


def _why(rule: Rule, step: _Step) -> str:
    """One sentence on the answer."""
    if step.judgement is None:
        return "its article keeps it: it is of no indicator that rules may name"
    if step.judgement.refusal:
        return REFUSALS[step.judgement.refusal](rule, step.judgement.record)
    if step.outcome in _OUTCOMES:
        return _OUTCOMES[step.outcome]
    if step.judgement.level:
        return f"it meets {step.judgement.level.level}"
    return "it may meet the mildest level, but not surely enough: a near miss" if step.judgement.near_miss else "it meets no level"


def _normalised(judgement: Judgement, rule: Rule) -> str:
    """How the figure came into the rule's period."""
    assert judgement.figure is not None
    per = f" per {rule.value.per.replace('_', ' ')}" if rule.value.per else ""
    words = f"{interval_words(judgement.figure)}{per}"
    source = judgement.normalised
    if source is None:
        return f"compared as stated: {words}"
    stated = f"{number(source.value)} per {source.per.replace('_', ' ')}" if source.value is not None else f"a figure per {source.per}"
    days = f"{number(source.days)} days" + (", assumed: at best probable" if source.assumed else "")
    return f"{stated} ({days}) is compared as {words}"


# --- what comes next ------------------------------------------------------------------------------------------------------


def _ahead(rule: Rule, series: list[Stored]) -> list[str]:
    """What the next figure would have to be, for each group that the article speaks to."""
    if not series:
        return [f"nothing held; the next figure that the rule takes would have to be {_reaching(rule)} to count"]
    return [f"{group_words(one.group) or 'the one group'}: {_after(rule, one)}" for one in series]


def _reaching(rule: Rule) -> str:
    first = rule.when.levels[0]
    per = f" per {rule.value.per.replace('_', ' ')}" if rule.value.per else ""
    more = "or more" if rule.when.direction == "above" else "or less"
    return f"{number(first.at)} {more}{per} ({first.level})"


def _after(rule: Rule, stored: Stored) -> str:
    held = stored.series
    if held.phase == "idle":
        return f"nothing fires; the next figure would have to be {_reaching(rule)}"
    if held.phase == "pending":
        return _missing(rule, current(held.held))
    levels = [level.level for level in rule.when.levels]
    at = rule.when.levels[levels.index(held.level)] if held.level in levels else rule.when.levels[0]
    more, less = ("or more", "or less") if rule.when.direction == "above" else ("or less", "or more")
    higher = rule.when.levels[levels.index(at.level) + 1 :]
    words = [f"{held.level} fires"]
    words += [f"{number(higher[0].at)} {more} escalates it to {higher[0].level}"] if higher else []
    words.append(f"{number(at.back)} {less} about a time after {held.until} takes it back")
    newest = max((one.first_published for one in held.held), default=None)
    if newest:
        words.append(f"without newer figures it expires at {newest + rule.lifetime.span:%Y-%m-%d %H:%M}Z")
    return "; ".join(words)


def _missing(rule: Rule, figures: tuple[Held, ...]) -> str:
    voices: dict[str, Callable[[Held], tuple[str, ...]]] = {
        "origin": lambda one: (one.origin,),
        "publisher": lambda one: one.publishers,
        "attribution": lambda one: (one.voice,),
    }
    have = len({name for one in figures for name in voices[rule.confirm.distinct_by](one)})
    more, by = max(1, rule.confirm.min_origins - have), rule.confirm.distinct_by
    first = max((one.first_published for one in figures), default=None)
    until = f", so by {first + timedelta(seconds=rule.confirm.within):%Y-%m-%d %H:%M}Z" if first else ""
    asked = f"{more} more {by}{'' if more == 1 else 's'} with {_reaching(rule)}, published within {span(rule.confirm.within)}{until}"
    return f"pending: {have} of {rule.confirm.min_origins} {by}s; {asked}, would fire it"


# --- how it looks ---------------------------------------------------------------------------------------------------------


def _print(document: Document, rule: Rule, steps: list[_Step], last: tuple[Alert, ...], ahead: list[str]) -> None:
    out = console()
    off = {"shadow": ", which is in shadow", "off": ", which is off"}.get(rule.state, "")
    out.print(Text.assemble(("rule ", "dim"), (rule.id, "bold"), f"  {clean(rule.title)}{off}"))
    name = document.title or ("the text" if "id_from_text" in document.flags else document.id)
    out.print(Text(clean(f"{name}, published {document.published:%Y-%m-%d %H:%M}Z"), "dim"))
    for step in steps:
        tell(out, _told(rule, step, colour=has_colour(out)))
    if not steps:
        out.print("no figure in it claims anything")
    alerts = [alert for step in steps for alert in step.alerts] + list(last)
    out.print(
        Text(f"\nthis article alone: {'nothing is told' if not alerts else ', then '.join(alert.transition for alert in alerts)}", "bold")
    )
    for alert in alerts:
        tell(out, alert_told(alert, colour=has_colour(out)))
    for line in ahead:
        out.print(Text(clean(line)))


def _told(rule: Rule, step: _Step, *, colour: bool) -> Told:
    claim = step.claim
    at = claim.sentence_start
    sentence = one_line(marked(claim.sentence, [Mark(claim.start - at, claim.end - at, FIGURE)], colour=colour))
    style = "bold green" if step.judgement and step.judgement.level else "green" if step.answer == "taken" else "yellow"
    name = step.answer if step.outcome in (None, "applied", "near_miss") or step.answer != "taken" else step.outcome
    lines = [sentence, Text.assemble((str(name).replace("_", " "), style), f": {clean(_why(rule, step))}")]
    judgement = step.judgement
    if judgement and judgement.figure is not None:
        more = "or more" if rule.when.direction == "above" else "or less"
        lines.append(Text(clean(f"counts for {group_words(judgement.group) or 'all together'}; {_normalised(judgement, rule)}")))
        lines += [
            Text(f"{stand.level.level} at {number(stand.level.at)} {more}: {stand.grade}" + ("" if stand.meets else ", not met"))
            for stand in judgement.stands
        ]
    return lines


def _as_json(rule: Rule, steps: list[_Step], last: tuple[Alert, ...], ahead: list[str]) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "claims": [_step_json(rule, step) for step in steps],
        "alerts": [*(alert for step in steps for alert in step.alerts), *last],
        "next": ahead,
    }


def _step_json(rule: Rule, step: _Step) -> dict[str, Any]:
    judgement = step.judgement
    return {
        "claim": replace(step.claim, reasons=()),
        "answer": step.answer,
        "outcome": step.outcome if step.answer == "taken" else None,
        "why": _why(rule, step),
        "group": dict(judgement.group) if judgement else {},
        "figure": judgement and judgement.figure,
        "normalised_from": judgement and judgement.normalised,
        "levels": [
            {"level": stand.level.level, "at": stand.level.at, "grade": stand.grade, "meets": stand.meets}
            for stand in (judgement.stands if judgement else ())
        ],
    }
