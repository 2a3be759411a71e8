"""The whole reading of one text: sentence by sentence, with what one leaves to the next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from schemas.figure import Claim, Kind, Period, Quantity
from streams.core import quantities
from streams.core import text as texts
from streams.core.claims import attribution, modality, period, place
from streams.core.claims.attribution import Source
from streams.core.claims.bind import Binding, Memory, bind, topic, unit_class
from streams.core.claims.confidence import confidence
from streams.core.claims.indicator import Indicators, standard
from streams.core.claims.period import Timing
from streams.core.claims.place import Where
from streams.core.claims.refuse import refusal
from streams.core.claims.view import View
from streams.core.quantities import Figure, Passage

__all__ = ["NAMESPACE", "Reading", "Silent", "claim_id", "read"]

NAMESPACE = uuid5(NAMESPACE_URL, "urn:newsgauge:claim")
"""All claim ids are name-based UUIDs of this namespace (RFC 9562, version 5)."""

LONGEST_SENTENCE = 1_500  # characters kept as evidence
MOST_QUANTITIES = 2_000  # of one article, the first ones
MOST_CLAIMS = 500
REACH = 2  # sentences over which a place, a source and "that figure" are carried
_DENIAL = re.compile(
    r"den[iy]|false|wrong|correct|retract|withdr|hoax|debunk|not true|accurate|never happened|did not happen"
    r"|reject|dismiss|not the case|misspoke"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A number that is no claim, and why in one word ("date", "small_count", ...): for `explain`."""

    start: int
    end: int
    quote: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from a text: every measured quantity, the claims among them, and every number that is none."""

    quantities: tuple[Quantity, ...]
    claims: tuple[Claim, ...]
    silent: tuple[Silent, ...]
    cut: bool = False
    """There were more than `MOST_QUANTITIES` or `MOST_CLAIMS`; the first ones are here."""


def claim_id(document: str, version: int, start: int, indicator: str | None) -> str:
    """The id of the claim that begins at the character `start`: the same for the same reading of the same version."""
    return str(uuid5(NAMESPACE, f"{document}:{version}:{start}:{indicator or ''}"))


def read(
    text: str, *, published: date | None, document: str, version: int = 1, title: str | None = None, indicators: Indicators | None = None
) -> Reading:
    """All claims of `text`, in order of place.

    `published` resolves "this month"; None leaves such dates open. `title` only lends context. `indicators` replaces the standard pack.
    """
    found = quantities.read(text)
    reader = _Reader(found, published, document, version, indicators or standard(), title)
    claims: list[tuple[int, Claim]] = []
    silent: list[Silent] = []
    for passage in found.passages:
        if len(claims) > MOST_CLAIMS:
            break
        for item in reader.passage(passage):
            if isinstance(item, Claim):
                claims.append((passage.index, item))
            else:
                silent.append(item)
    measured = quantities.measured(found)
    return Reading(
        quantities=tuple(measured[:MOST_QUANTITIES]),
        claims=tuple(modality.contrasted(claims[:MOST_CLAIMS])),
        silent=tuple(silent),
        cut=len(measured) > MOST_QUANTITIES or len(claims) > MOST_CLAIMS,
    )


@dataclass(slots=True)
class _State:
    """What earlier sentences leave: context for binding, the last place and source with the index of their sentence, and the country."""

    memory: Memory = field(default_factory=Memory)
    where: Where | None = None
    where_at: int = -9
    source: Source | None = None
    source_at: int = -9
    bound_at: int = -9
    timings: dict[str, tuple[int, Timing]] = field(default_factory=dict)
    """The last timing of each series, with the index of its sentence."""
    us: bool = False
    looked: int = -1


class _Reader:
    """One text. `passage` must be called for its passages in order."""

    def __init__(
        self, found: quantities.Document, published: date | None, document: str, version: int, indicators: Indicators, title: str | None
    ) -> None:
        self.found = found
        self.text = found.text
        self.published = published
        self.document = document
        self.version = version
        self.indicators = indicators
        self.state = _State()
        if title:
            self._context(self._view(title, 0, len(title), texts.tokens(title, 0, len(title)), ()))

    def passage(self, passage: Passage) -> Iterator[Claim | Silent]:
        """The claims and the silent numbers of one sentence."""
        self._neighbours(passage.index)
        view = self._view(self.text, passage.start, passage.end, passage.tokens, passage.figures)
        self._forget(passage.index)
        state = self.state
        bound = bind(view, state.memory)
        reasons = [refusal(view, index, binding) for index, binding in enumerate(bound)]
        if any(reason is None for reason in reasons):
            state.us = state.us or place.us_context(view)
            found = attribution.sources(view, state.source)
            denied = self._denied(passage.index)
            following = self._quoted_source(passage.index, found) or self._following_source(passage.index, found)
            for index, figure in enumerate(view.figures):
                if reasons[index] is None:
                    yield _Draft(self, view, passage.index, index, bound[index], found, denied, following).claim()
                else:
                    yield self._silent(figure, reasons[index] or "")
            self._remember(view, passage.index, bound, reasons, found)
        else:
            yield from (self._silent(figure, reason or "") for figure, reason in zip(view.figures, reasons, strict=True))
            self._look(view, passage.index)
        self._context(view)

    def _silent(self, figure: Figure, reason: str) -> Silent:
        return Silent(start=figure.start, end=figure.end, quote=self.text[figure.start : figure.end], reason=reason)

    def _view(self, text: str, start: int, end: int, tokens: texts.Tokens, figures: tuple[Figure, ...]) -> View:
        return View(text, start, end, tokens, figures, self.published, self.indicators)

    def _sentence(self, index: int) -> View:
        span = self.found.spans[index]
        return self._view(self.text, span.start, span.end, texts.tokens(self.text, span.start, span.end), ())

    def _neighbours(self, index: int) -> None:
        """Look at the sentence before one with a figure: it may name the place, the source, the subject."""
        if index - 1 > self.state.looked and index > 0:
            view = self._sentence(index - 1)
            self._forget(index - 1)
            self._look(view, index - 1)
            self._context(view)

    def _look(self, view: View, index: int) -> None:
        """Take place and source from a sentence without a claim."""
        state = self.state
        state.us = state.us or place.us_context(view)
        where = place.leading(view, state.us)
        if where is not None:
            state.where, state.where_at = where, index
        found = [item for item in attribution.sources(view, state.source) if item.how not in ("act", "alone")]
        if found:
            state.source, state.source_at = found[-1], index
        spoken = topic(view, state.memory)
        if spoken is not None:
            state.memory.binding, state.bound_at = spoken, index
        state.looked = index

    def _context(self, view: View) -> None:
        memory = self.state.memory
        memory.near = view.context
        memory.far = memory.far | view.context

    def _forget(self, index: int) -> None:
        state = self.state
        if index - state.where_at > REACH + 1:
            state.where = None
        if index - state.source_at > REACH - 1:
            state.source = None
        if index - state.bound_at > 1:
            state.memory.binding = None

    def _remember(self, view: View, index: int, bound: list[Binding | None], reasons: list[str | None], found: list[Source]) -> None:
        state = self.state
        last = next(
            (binding for binding, reason in zip(reversed(bound), reversed(reasons), strict=True) if binding and reason is None), None
        )
        last = last or topic(view, state.memory)
        if last is not None:
            state.memory.binding, state.bound_at = last, index
        said = [item for item in found if item.how not in ("act", "alone")]
        if said:
            state.source, state.source_at = said[-1], index
        state.looked = index

    def _denied(self, index: int) -> bool:
        """Is the figure denied in one of the next two sentences?"""
        for later in range(index + 1, min(index + 3, len(self.found.spans))):
            span = self.found.spans[later]
            if _DENIAL.search(self.found.lowered, span.start, span.end) and modality.denied_later(self._sentence(later)):
                return True
        return False

    def _quoted_source(self, index: int, found: list[Source]) -> Source | None:
        """The speaker of a quotation that goes on over the end of this sentence, where a later sentence names him."""
        if any(item.how not in ("act", "alone") for item in found):
            return None
        for later in range(index, min(index + REACH, len(self.found.spans) - 1)):
            if not self._open_quote(later):
                return None
            view = self._sentence(later + 1)
            said = [item for item in attribution.sources(view) if item.how not in ("act", "alone")]
            if said:
                return replace(said[-1], how="carried")
        return None

    def _open_quote(self, index: int) -> bool:
        """Does a quotation opened in this sentence not end in it? (Straight quotes open where their number is odd.)"""
        span = self.found.spans[index]
        text = self.text
        opened, closed = text.rfind("“", span.start, span.end), text.rfind("”", span.start, span.end)
        if opened >= 0 or closed >= 0:
            return opened > closed
        if text.count('"', span.start, span.end) % 2:
            return True
        following = self.found.spans[index + 1] if index + 1 < len(self.found.spans) else span
        first_open, first_close = text.find("“", following.start, following.end), text.find("”", following.start, following.end)
        return first_close >= 0 and (first_open < 0 or first_close < first_open)

    def _following_source(self, index: int, found: list[Source]) -> Source | None:
        """The source of the next sentence where that goes on about the same figure ("That number is now N, X said.")."""
        if any(item.how not in ("act", "alone") for item in found) or index + 1 >= len(self.found.spans):
            return None
        view = self._sentence(index + 1)
        if not any(hit.first <= 1 and hit.values[0] == "that_figure" for hit in view.hits["carry"]):
            return None
        said = [item for item in attribution.sources(view) if item.how not in ("act", "alone")]
        return replace(said[0], how="carried") if said else None


@dataclass(slots=True)
class _Draft:
    """One figure on its way to a claim."""

    reader: _Reader
    view: View
    sentence: int
    index: int
    binding: Binding | None
    found: list[Source]
    denied: bool
    following: Source | None

    @property
    def figure(self) -> Figure:
        return self.view.figures[self.index]

    def claim(self) -> Claim:
        reader, figure, view = self.reader, self.figure, self.view
        name, timing = self.series()
        series = reader.indicators.by_name[name]
        mood, _ = modality.modality(view, self.index, self.binding, timing.when, series.kind == "stock" and name not in ("other", "money"))
        if mood == "asserted" and (self.denied or modality.superseded(view, self.index)):
            mood = "negated"
        anchor = self.binding.first if self.binding is not None and self.binding.first >= 0 else figure.first
        where = place.where(view, figure, anchor, reader.state.us, reader.state.where)
        if where is not None and where.how != "carried":
            reader.state.where, reader.state.where_at = where, reader.state.looked + 1
        source = attribution.source(view, figure, self.found, self.following or reader.state.source)
        score, reasons = confidence(self.reasons(timing, where, source))
        quantity = quantities.quantity(figure, reader.text)
        start, end = _evidence(view, figure)
        return Claim(
            claim_id=claim_id(reader.document, reader.version, figure.start, name),
            start=figure.start,
            end=figure.end,
            quote=quantity.quote,
            low=quantity.low,
            high=quantity.high,
            low_closed=quantity.low_closed,
            high_closed=quantity.high_closed,
            point=quantity.point,
            bound=quantity.bound,
            unit=self.unit(series.units),
            unit_text=quantity.unit_text,
            indicator=name,
            family=None if series.family == "other" else series.family,
            scope="part" if figure.part else "total",
            subject=figure.subject,
            period=timing.period,
            kind=self.kind(series.kind, timing),
            modality=mood,
            reference=period.reference(timing.when, reader.published),
            place=where.place if where else None,
            attribution=source.attribution if source else None,
            confidence=score,
            reasons=reasons,
            cue=quantity.cue,
            sentence=reader.text[start:end],
            sentence_start=start,
            sentence_end=end,
        )

    def series(self) -> tuple[str, Timing]:
        """The indicator, after the rule that a flow out of "detained" is of another series, and the period."""
        binding, figure, view = self.binding, self.figure, self.view
        timings = self.reader.state.timings
        if binding is None:
            name = "money" if figure.dimension == "money" else "other"
            default: Period = "cumulative" if figure.unit == "case" else "event" if name == "other" and view.hits["event"] else "none"
            stock = (name == "money" and figure.rate is None) or (name == "other" and figure.role == "to")
            return name, period.timing(view, self.index, None, stock, default, None)
        series = self.reader.indicators.by_name[binding.indicator]
        cue = binding.cue
        happened = cue.event is not None
        stock = series.kind == "stock" and not happened and not self.changes() and figure.dimension != "share"
        before = self.before(binding.indicator)
        usual: Period = cue.event if happened and cue.event else series.period
        context = view.context | self.reader.state.memory.near
        if usual == "event" and "lasting" in view.context and "incident" not in view.context:
            usual = "cumulative"
        if usual == "event" and (self.changes() or figure.dimension == "share"):
            usual = "none"
        timing = period.timing(view, self.index, binding, stock, usual, before)
        name = binding.indicator
        if cue.flow is not None and cue.flow_needs & context and (timing.period not in ("event", "none") or self.changes()):
            name = cue.flow
        if timing.when is not None or timing.rate:
            timings[binding.indicator] = (self.sentence, timing)
        return name, timing

    def before(self, indicator: str) -> Timing | None:
        """The timing of the last figure of the series, in this sentence or, for what cannot stand alone, in the one before."""
        at, timing = self.reader.state.timings.get(indicator, (-9, None))
        figure, binding = self.figure, self.binding
        near = (
            1
            if figure.part or figure.dimension == "share" or figure.role in ("delta", "multiple") or (binding and binding.how != "cue")
            else 0
        )
        return timing if self.sentence - at <= near else None

    def changes(self) -> bool:
        figure = self.figure
        if figure.role == "delta" and figure.dimension == "count" and _increment(self.view, figure):
            return False
        if figure.role in ("delta", "multiple") or (figure.dimension == "share" and figure.change is not None):
            return True
        previous = self.view.figures[self.index - 1] if self.index else None
        repeated = previous is not None and figure.dimension == "share" and previous.value == figure.value
        return repeated and previous is not None and previous.role == "delta"

    def kind(self, kind: Kind, timing: Timing) -> Kind:
        if self.changes():
            return "change"
        if timing.period == "cumulative":
            return "cumulative"
        return "flow" if timing.rate or timing.period not in ("none",) else kind

    def unit(self, units: frozenset[str]) -> str | None:
        """The unit, persons where the text counts the event that happens to them or names nothing."""
        figure = self.figure
        if self.binding is None or "person" not in units or figure.dimension != "count":
            return figure.unit
        if unit_class(figure) == "family":
            return "family"
        if figure.unit is None or (figure.unit not in units and self.binding.cost < 1):
            return "person"
        return figure.unit

    def reasons(self, timing: Timing, where: Where | None, source: Source | None) -> dict[str, float]:
        """Name -> how often it counts: what speaks for and against this claim."""
        figure, binding, view = self.figure, self.binding, self.view
        unit = unit_class(figure)
        return {
            "cue_distance": round(max(0.0, binding.cost), 2) if binding else 0.0,
            "cue_is_counted": float(binding is not None and binding.cost == 0),
            "cue_shared": float(binding is not None and binding.how in ("partner", "list")),
            "cue_carried": float(binding is not None and binding.how == "carry"),
            "no_cue": float(binding is None),
            "unit_agrees": float(binding is not None and unit is not None),
            "unit_missing": float(unit is None),
            "doubtful_number": float(figure.skip is not None),
            "place_named": float(where is not None and where.how in ("named", "alone")),
            "place_bare": float(where is not None and where.how == "bare"),
            "place_carried": float(where is not None and where.how == "carried"),
            "attributed": float(source is not None and source.how in ("say", "according", "inverted")),
            "office_known": float(source is not None and source.attribution.id is not None),
            "hedged": float(any(hit.values[0] == "hedge.words" for hit in view.hits["mood"])),
            "question": float(view.words[-1] == "?"),
            "period_stated": float(timing.rate or timing.when is not None),
            "period_assumed": float(timing.when is None and not timing.rate),
            "vague_value": float(figure.bound == "vague"),
        }


def _evidence(view: View, figure: Figure) -> tuple[int, int]:
    """The sentence, or of a very long one the part around the figure."""
    if view.end - view.start <= LONGEST_SENTENCE:
        return view.start, view.end
    start = max(view.start, min(figure.start - LONGEST_SENTENCE // 2, view.end - LONGEST_SENTENCE))
    return start, max(min(view.end, start + LONGEST_SENTENCE), figure.end)


def _increment(view: View, figure: Figure) -> bool:
    """ "42,000 more migrants", "another 24": more of them, which is a level and no change of one."""
    after = view.words[figure.last : figure.last + 1]
    before = view.words[max(0, figure.left - 1) : figure.first]
    return (after == ["more"] and view.words[figure.last + 1 : figure.last + 2] != ["than"]) or any(
        word in ("another", "additional", "further") for word in before
    )
