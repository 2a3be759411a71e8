"""Between claims and the state machine, and from its events to alert records.

`held` puts a matched claim into the form that a series keeps; `alert` dresses an event as the record that subscribers get.
Identity is deterministic: the same log gives the same ids, so that whoever dedupes by `event_id` sees every event once.
"""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import overload
from uuid import NAMESPACE_URL, uuid5

import orjson
from jinja2 import Template

from schemas.alert import Alert, Condition, Corroboration, Evidence, Mode, Notification, Notify, Times, Value
from schemas.alert import Rule as RuleName
from schemas.claims import ClaimRecord
from schemas.figure import Claim
from streams.core.evaluate import Event
from streams.core.matching import Matched, host
from streams.core.rules import Rule, templates
from streams.core.voices import Held, Source

MAX_EVIDENCE = 5
MAX_SENTENCE = 600
"""Characters of a sentence in an alert; a longer one is cut around the figure."""
MAX_SUMMARY = 500


@lru_cache(4_096)
def fingerprint(rule_id: str, group: tuple[tuple[str, str], ...]) -> str:
    """Which alert it is: the first 32 hex digits of the SHA-256 of the canonical JSON of [rule id, sorted group labels]."""
    return sha256(orjson.dumps([rule_id, sorted(group)])).hexdigest()[:32]


def held(record: ClaimRecord, matched: Matched, origin: str) -> Held:
    """A claim that a rule takes, as its series keeps it."""
    claim = record.claim
    published = record.published.date()
    stated = claim.reference is not None and not claim.reference.assumed
    return Held(
        claim=claim.claim_id,
        origin=origin,
        voice=(claim.attribution.id or claim.attribution.text.casefold()) if claim.attribution else "",
        sources=(
            Source(
                published=record.published,
                key=document_key(record.document),
                version=record.version,
                publisher=_short(record.publisher or host(record.url) or "", 100),
                claim=claim.claim_id,
            ),
        ),
        figure=matched.normal.figure,
        cap=matched.normal.cap,
        normalised=matched.normal.source,
        effective_end=min(claim.reference.end, published) if claim.reference and stated else published,
        assumed=not stated,
        first_published=record.published,
        published=record.published,
        version=record.version,
        confidence=claim.confidence,
        total=claim.scope == "total",
        position=claim.start,
        bound=claim.bound,
        text=with_cue(claim),
        reference=claim.reference,
        ingested=record.ingested,
        evidence=(evidence(record, origin),),
    )


def document_key(document: str) -> str:
    """The hash by which the state knows a document (96 bits)."""
    return sha256(document.encode()).hexdigest()[:24]


def with_cue(claim: Claim) -> str:
    """The figure with the words of its bound, on one line: "Around 10,000", "200 or more"."""
    quote = " ".join(claim.quote.split())
    if not claim.cue:
        return quote
    cue = " ".join(claim.cue.split())
    before = " ".join(claim.sentence[: max(0, claim.start - claim.sentence_start)].split())
    return f"{cue} {quote}" if before.endswith(cue) else quote + ("" if cue[0] in "+-" else " ") + cue


def evidence(record: ClaimRecord, origin: str) -> Evidence:
    """The sentence of a claim, cut around the figure where it is long, and where it stands."""
    claim = record.claim
    start, sentence = claim.sentence_start, claim.sentence
    if len(sentence) > MAX_SENTENCE:
        cut = min(max(0, claim.start - start - MAX_SENTENCE // 2), len(sentence) - MAX_SENTENCE)
        start, sentence = start + cut, sentence[cut : cut + MAX_SENTENCE]
    return Evidence(
        claim_id=claim.claim_id,
        indicator=claim.indicator or "",
        sentence=sentence,
        sentence_span=(start, start + len(sentence)),
        quote=claim.quote,
        quote_span=(claim.start, claim.end),
        document=record.document,
        version=record.version,
        url=_short(record.url, 2_000),
        title=_short(record.title, 300),
        publisher=_short(record.publisher, 200),
        origin_id=origin,
        place=_short(claim.place.id or claim.place.text, 200) if claim.place else None,
        attribution=_short(claim.attribution.text, 200) if claim.attribution else None,
        attribution_id=claim.attribution.id if claim.attribution else None,
        published_at=record.published,
        confidence=claim.confidence,
    )


@overload
def _short(text: str, limit: int) -> str: ...
@overload
def _short(text: str | None, limit: int) -> str | None: ...
def _short(text: str | None, limit: int) -> str | None:
    return text if text is None or len(text) <= limit else text[: limit - 1] + "…"


def alert(
    event: Event, rule: Rule, group: tuple[tuple[str, str], ...], rules_hash: str, *, moment: datetime, ingested: datetime, mode: Mode
) -> Alert:
    """The record of one event, caused by an input of event time `moment`. `emitted_at` is left for the shell to fill."""
    name = fingerprint(rule.id, group)
    alert_id = str(uuid5(NAMESPACE_URL, f"{name}:{event.episode}:{event.opening}"))
    decisive = event.evidence[0]
    value = _value(event, decisive)
    dressed = Alert(
        mode="shadow" if rule.state == "shadow" and mode == "live" else mode,
        event_id=str(uuid5(NAMESPACE_URL, f"{alert_id}:{event.sequence}")),
        alert_id=alert_id,
        fingerprint=name,
        episode=event.episode,
        sequence=event.sequence,
        transition=event.transition,
        reason=event.reason,
        level=event.level,
        previous_level=event.previous,
        rule=RuleName(id=rule.id, title=rule.title, rules_hash=rules_hash),
        group=dict(group),
        labels=rule.labels,
        condition=Condition(
            direction=rule.when.direction,
            at=event.condition.at,
            reset=event.condition.back,
            unit=rule.value.unit,
            per=rule.value.per,
        ),
        value=value,
        evidence=tuple(one.evidence[0] for one in event.evidence[:MAX_EVIDENCE]),
        corroboration=Corroboration(
            origins=len({one.origin for one in event.evidence}),
            publishers=len({name for one in event.evidence for name in one.publishers}),
            attributions=len({one.voice for one in event.evidence if one.voice}),
            required=rule.confirm.min_origins,
            contested=event.contested,
        ),
        times=Times(
            started_at=event.started_at,
            event_time=moment,
            published_at=decisive.published,
            ingested_at=ingested,
            expires_at=max(one.first_published for one in event.evidence) + rule.lifetime.span,
        ),
        late=event.late,
        summary="",
        notify=Notify(decision=_notification(event, rule), cooldown=rule.notify.cooldown),
    )
    return _summarised(dressed, rule)


def _notification(event: Event, rule: Rule) -> Notification:
    """Whether receivers are to be told. A retraction always is; so is a repetition, which only rules with `repeat` have."""
    match event.transition:
        case "retracted":
            return "due"
        case "pending":
            return "pending"
        case _ if event.late:
            return "late"
        case "repeated":
            return "due"
        case transition:
            return "due" if transition in rule.notify.on else "unlisted"


def _value(event: Event, decisive: Held) -> Value:
    figure = decisive.figure
    return Value(
        text=decisive.text,
        low=figure.low,
        high=figure.high,
        low_closed=figure.low_closed,
        high_closed=figure.high_closed,
        point=figure.point,
        bound=decisive.bound,
        grade=event.grade,
        normalised_from=decisive.normalised,
        reference=decisive.reference,
        effective_end=decisive.effective_end,
    )


def _summarised(dressed: Alert, rule: Rule) -> Alert:
    """With the rule's summary, or, where the rule has none or its template fails, one of ours."""
    plain = f"{rule.title}: {dressed.value.text} ({dressed.level or dressed.transition})"
    template = rule.annotations.get("summary")
    try:
        text = fill(template, dressed) if template else plain
    except Exception:  # whatever its expressions raise, such as a sum with a figure that has no best estimate
        text = plain
    return replace(dressed, summary=text[:MAX_SUMMARY])


def fill(template: str, dressed: Alert) -> str:
    """A template of a rule with what it may speak of. Raises whatever its expressions raise."""
    return _compiled(template).render(_view(dressed))


@lru_cache(1_000)
def _compiled(template: str) -> Template:
    return templates.from_string(template)


def _view(dressed: Alert) -> dict[str, object]:
    """What a template sees."""
    return {
        "group": dressed.group,
        "labels": dressed.labels,
        "value": dressed.value,
        "level": dressed.level or dressed.transition,
        "previous_level": dressed.previous_level,
        "transition": dressed.transition,
        "rule": dressed.rule,
        "condition": dressed.condition,
        "evidence": dressed.evidence,
    }


def cloud_event(alert: Alert) -> list[tuple[str, bytes | None]]:
    """The headers of CloudEvents 1.0 in Kafka's binary mode."""
    fields = {
        "ce_specversion": "1.0",
        "ce_id": alert.event_id,
        "ce_type": f"newsgauge.alert.{alert.transition}.v1",
        "ce_source": f"/rules/{alert.rule.id}",
        "ce_subject": alert.alert_id,
        "ce_time": alert.times.event_time.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in fields.items()]
