"""How a figure, a claim, an alert, an article look to a person. The one place that knows.

Article text is untrusted: control characters, which could drive a terminal, are shown as a dot. Where there is no colour a figure is
marked by brackets.
"""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.alert import Alert, Evidence, Value
from schemas.claims import ClaimRecord, Revision, RulesChange, Tick
from schemas.dead import DeadLetter
from schemas.enriched import Enriched
from schemas.figure import Claim, Interval, Number, Quantity, Reference
from streams.cli.options import counted
from streams.core.untrusted import clean

if TYPE_CHECKING:
    from schemas.article import Article

__all__ = [
    "FIGURE",
    "NO_CLAIM",
    "Mark",
    "Told",
    "alert_told",
    "article_told",
    "claim_told",
    "clean",
    "console",
    "dead_told",
    "enriched_told",
    "fault_told",
    "has_colour",
    "interval_words",
    "marked",
    "one_line",
    "reading_lines",
    "tell",
]

Told = list[Text]
"""A head line, and the lines that belong under it."""

LEVELS = {"info": "cyan", "warning": "yellow", "critical": "bold red"}
GOOD = "green"
QUIET = "dim"
FIGURE = "bold reverse"
NO_CLAIM = "underline"
INDENT = 4
LONGEST = 160
"""Characters of a text that a one-line view shows."""


class _Console(Console):
    """Leaves a reader that went away to the caller, who knows the exit status for it."""

    def on_broken_pipe(self) -> None:
        raise


def console(stream: TextIO | None = None) -> Console:
    """A console on `stream` (standard output): colours and wrapping in a terminal, plain whole lines elsewhere."""
    stream = stream or sys.stdout
    return _Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=not stream.isatty())


class Mark(NamedTuple):
    """A stretch of a text to mark."""

    start: int
    end: int
    style: str = FIGURE


def marked(text: str, marks: Iterable[Mark], *, colour: bool) -> Text:
    """`text` with the stretches marked; those that overlap one before them are left out."""
    line, at = Text(), 0
    for mark in marks:
        if mark.start < at:
            continue
        line.append(clean(text[at : mark.start]))
        inside = clean(text[mark.start : mark.end])
        line.append(inside if colour else f"[{inside}]", mark.style)
        at = mark.end
    return line.append(clean(text[at:]))


def number(value: Number) -> str:
    """12,500 or 9,677.4."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


def interval_words(figure: Interval | Quantity | Claim | Value) -> str:
    """An interval in words: "9,000 to 11,000, best 10,000"; "more than 8,000"; "10,000"."""
    low, high = figure.low, figure.high
    if low is not None and low == high:
        return number(low)
    best = f", best {number(figure.point)}" if figure.point is not None else ""
    if high is None:
        return "any number" if low is None else number(low) + " or more" + best if figure.low_closed else "more than " + number(low) + best
    if low is None:
        return ("at most " if figure.high_closed else "less than ") + number(high) + best
    return f"{'' if figure.low_closed else 'more than '}{number(low)} to {'' if figure.high_closed else 'under '}{number(high)}{best}"


def tell(out: Console, told: Told) -> None:
    """Prints a head and, indented, what belongs to it; in a terminal wrapped lines stay indented."""
    head, *body = told
    out.print(head)
    for part in body:
        out.print(Padding(part, (0, 0, 0, INDENT)) if out.is_terminal else Text(" " * INDENT) + part)


def has_colour(out: Console) -> bool:
    """Whether marks can be told by colour; else they need brackets."""
    return out.color_system is not None and not out.no_color


def alert_told(alert: Alert, *, colour: bool, took_ms: float | None = None) -> Told:
    """One alert: what happened, the value, where, who says so, how it stands, and each sentence with the figure marked and its source."""
    style = LEVELS.get(alert.level or "", "bold magenta") if alert.level else GOOD
    level = alert.level or (f"(was {alert.previous_level})" if alert.previous_level else "")
    what = f"{alert.transition.upper()} {level}".rstrip()
    head = Text.assemble(_clock(alert.times.event_time), (what, style), "  ", (clean(alert.rule.title), "bold"))
    if took_ms is not None:
        head.append(f"  {took_ms:,.0f} ms after publication", QUIET)
    lines = [Text(clean(_facts(alert))), Text(clean(_standing(alert)), QUIET)]
    return [head, *lines, *(part for evidence in alert.evidence for part in _proof(evidence, colour))]


def _facts(alert: Alert) -> str:
    """The value with its unit and interval, the group, who says so, what decided."""
    value = alert.value
    per = f" per {alert.condition.per}" if alert.condition.per else ""
    ends = f", {interval_words(value)}" if value.low != value.high else ""
    facts = [f"{value.text} ({alert.condition.unit}{per}{ends})", *alert.group.values()]
    voices = [evidence.attribution for evidence in alert.evidence if evidence.attribution]
    facts += [f"according to {voices[0]}"] if voices else []
    limit = alert.condition.reset if alert.transition in ("resolved", "deescalated") else alert.condition.at
    facts.append(f"{alert.reason.replace('_', ' ')} at {number(limit)}, {alert.value.grade}")
    facts += ["contested"] if alert.corroboration.contested else []
    facts += ["late"] if alert.late else []
    return " · ".join(facts)


def _standing(alert: Alert) -> str:
    """What the figure is about, who stands behind it, since when the alert is open and until when the figures hold."""
    told, times = alert.corroboration, alert.times
    facts = [f"about {_dates(alert.value.reference)}" if alert.value.reference else f"about {alert.value.effective_end}"]
    if source := alert.value.normalised_from:
        facts.append(f"from {number(source.value) if source.value is not None else 'a figure'} per {source.per}")
    facts.append(f"{told.origins} of {told.required} origins" if told.required > 1 else counted(told.origins, "origin"))
    facts.append(counted(told.publishers, "publisher"))
    facts.append(f"since {times.started_at:%Y-%m-%d %H:%M}Z")
    return " · ".join([*facts, f"holds until {times.expires_at:%Y-%m-%d %H:%M}Z"] if alert.level else facts)


def _proof(evidence: Evidence, colour: bool) -> list[Text]:
    """The sentence with its figure marked, and where it was printed."""
    at = evidence.sentence_span[0]
    sentence = marked(evidence.sentence, [Mark(evidence.quote_span[0] - at, evidence.quote_span[1] - at)], colour=colour)
    source = " · ".join(filter(None, (evidence.publisher, f"{evidence.published_at:%Y-%m-%d %H:%M}Z", evidence.url)))
    return [one_line(sentence), Text(clean(source), QUIET)]


def one_line(text: Text) -> Text:
    """Hard line breaks as spaces, marks kept."""
    return Text(" ").join(text.split("\n"))


def claim_told(record: ClaimRecord | Revision | Tick | RulesChange, *, colour: bool) -> Told:
    """One record of `claims`: what was counted, how much, and the sentence; or what else happened there."""
    match record:
        case ClaimRecord():
            return _claim_told(record, colour)
        case Revision():
            what = f"{record.document} is now version {record.version}, with {counted(len(record.claims), 'claim')}"
            return [Text.assemble(_clock(record.published), ("revision", "bold"), "  ", clean(what))]
        case Tick():
            return [Text.assemble(_clock(record.now), ("tick", QUIET))]
        case RulesChange():
            return [Text.assemble(_clock(record.applied), ("rules", "bold"), f"  {clean(record.hash)} in force")]


def _claim_told(record: ClaimRecord, colour: bool) -> Told:
    claim = record.claim
    head = Text.assemble(_clock(record.published), (claim.indicator or "other", "bold"), "  ", clean(_measure(claim)))
    place, voice = claim.place, claim.attribution
    head.append("".join(f" · {clean(part)}" for part in (place.id or place.text if place else None, voice.text if voice else None) if part))
    at = claim.sentence_start
    sentence = one_line(marked(claim.sentence, [Mark(claim.start - at, claim.end - at)], colour=colour))
    source = " · ".join(filter(None, (record.publisher, record.url or record.document)))
    return [head, sentence, Text(clean(source), QUIET)]


def _measure(claim: Claim) -> str:
    """The interval with unit and period."""
    per = f" per {claim.period}" if claim.period in ("day", "week", "month", "year", "fiscal_year") else ""
    return f"{interval_words(claim)} {claim.unit or 'of no unit'}{per} ({claim.bound})"


def reading_lines(claim: Claim) -> list[str]:
    """What was read from one figure, for `explain`: one aspect a line."""
    lines = [f"{claim.indicator or 'no indicator'}: {_measure(claim)}"]
    lines.append(f"{claim.modality} {claim.kind}" + (", part of a total" if claim.scope == "part" else ""))
    if claim.subject:
        lines.append(f"counted: {claim.subject}")
    lines.append(f"about: {_dates(claim.reference)}")
    if claim.place:
        lines.append(f"place: {_named(claim.place.text, claim.place.id)}")
    if claim.attribution:
        lines.append(f"according to: {_named(claim.attribution.text, claim.attribution.id)}")
    reasons = ", ".join(f"{reason.name} {reason.weight:+.2g}" for reason in claim.reasons)
    lines.append(f"confidence: {claim.confidence:.2f}" + (f" ({reasons})" if reasons else ""))
    return [clean(" ".join(line.split())) for line in lines]


def _named(text: str, name: str | None) -> str:
    return f"{text} ({name})" if name else text


def _dates(reference: Reference | None) -> str:
    if reference is None:
        return "no date"
    span = f"{reference.start}" if reference.start == reference.end else f"{reference.start} to {reference.end}"
    return span + ("" if reference.complete else ", still running") + (", assumed from the publication" if reference.assumed else "")


def article_told(article: "Article") -> Told:
    """One record of `articles` in a line or two."""
    head = " · ".join(
        filter(None, (article.published, article.publisher or (article.source.outlet if article.source else None), article.title))
    )
    return [Text(clean(head or "(no head)"), "bold"), Text(clean(_short(article.text)))]


def enriched_told(enriched: Enriched) -> Told:
    """One record of `articles.enriched`: the head, and how much was read."""
    head = " · ".join(filter(None, (f"{enriched.published:%Y-%m-%d}", enriched.publisher, enriched.title or enriched.document)))
    counts = ((len(enriched.quantities), "quantities"), (len(enriched.claims), "claims"), (len(enriched.entities), "entities"))
    flags = f" · {', '.join(enriched.flags)}" if enriched.flags else ""
    told = ", ".join(f"{count} {name}" for count, name in counts)
    return [Text(clean(head), "bold"), Text(told + flags)]


def dead_told(name: str, letter: DeadLetter, value: bytes | None) -> Told:
    """One dead letter: its id, why it was refused, where it came from, and how it begins."""
    came = f"{letter.topic} {letter.partition}/{letter.offset}, attempt {letter.attempt}"
    head = Text.assemble((name, "bold"), "  ", (letter.reason, "red"), f" at {letter.stage} · ", clean(came))
    begins = _short((value or b"")[: 4 * LONGEST].decode(errors="replace")) if value else "(no value)"
    return [head, Text(clean(letter.detail)), Text(clean(begins), QUIET)]


def fault_told(name: str, note: str) -> Told:
    """A record that cannot be shown as what it should be."""
    return [Text.assemble((name, "bold"), "  ", (clean(note), "red"))]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _clock(moment: datetime) -> str:
    """Local to the data: the event's own time, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}  "
