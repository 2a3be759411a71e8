"""One figure on its way to a claim, and what the article has told so far."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from schemas.figure import Claim, Kind, Modality, Period
from streams.core import quantities
from streams.core.claims import attribution, background, modality, older, period, place
from streams.core.claims.attribution import Source
from streams.core.claims.bind import Binding, Memory
from streams.core.claims.confidence import NAMED_FROM, confidence
from streams.core.claims.distance import size, unit_class
from streams.core.claims.indicator import Cue, Indicator, Indicators
from streams.core.claims.period import TALLIES, Timing
from streams.core.claims.place import Where
from streams.core.claims.view import ADVERBS, BE, HAVE, View
from streams.core.dates import When
from streams.core.quantities import Figure

__all__ = ["NAMESPACE", "Article", "Draft", "State", "claim_id"]

FAR = 8.0  # a cue farther off than this says no less: what bound it so far off was a list
NO_EVENT = 1_000_000  # "millions" are not killed or driven out at once
LONGEST_SENTENCE = 1_500  # characters kept as evidence
_NOW_DOING = frozenset({"is", "are", "currently", "now", "still"})
NAMESPACE = uuid5(NAMESPACE_URL, "urn:newsgauge:claim")
"""All claim ids are name-based UUIDs of this namespace (RFC 9562, version 5)."""


def claim_id(document: str, version: int, start: int, indicator: str | None) -> str:
    """The id of the claim that begins at the character `start`: the same for the same reading of the same version."""
    return str(uuid5(NAMESPACE, f"{document}:{version}:{start}:{indicator or ''}"))


@dataclass(slots=True)
class State:
    """What earlier sentences leave: context for binding, the last place and source with the index of their sentence, and the country."""

    memory: Memory = field(default_factory=Memory)
    where: Where | None = None
    where_at: int = -9
    source: Source | None = None
    source_at: int = -9
    bound_at: int = -9
    timings: dict[str, tuple[int, Timing]] = field(default_factory=dict)
    """The last timing of each series, with the index of its sentence."""
    frame: tuple[int, date | None] = (-9, None)
    """The last sentence that told of a time, with the end of that time: what follows in the past tense is told of it too."""
    told: set[tuple[str, float]] = field(default_factory=set)
    """Series and number of what was told as fact: "the 15 killed" takes it up."""
    us: bool = False
    looked: int = -1


@dataclass(slots=True)
class Article:
    """The text with what is known of it, and the state of its reading."""

    text: str
    published: date | None
    document: str
    version: int
    indicators: Indicators
    state: State = field(default_factory=State)


@dataclass(slots=True)
class Draft:
    """One figure on its way to a claim."""

    article: Article
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
        """The claim. A place named here is left to the sentences that follow."""
        figure, state = self.figure, self.article.state
        name, timing = self.series()
        anchor = self.binding.first if self.binding is not None and self.binding.first >= 0 else figure.first
        where = place.where(self.view, figure, anchor, state.us, state.where)
        if where is not None and where.how != "carried":
            state.where, state.where_at = where, self.sentence
        source = attribution.source(self.view, figure, self.found, self.following or state.source)
        return self.made(self.article.indicators.by_name[name], timing, where, source)

    def mood(self, series: Indicator, timing: Timing) -> Modality:
        stock = series.kind == "stock" and series.family != "other"
        mood, shown = modality.modality(self.view, self.index, self.binding, timing.when, stock)
        number = (series.name, size(self.figure))
        if shown == "background" and number in self.article.state.told:
            mood = "asserted"
        if modality.superseded(self.view, self.index) or (mood == "asserted" and self.denied):
            return "negated"
        if mood == "asserted" and timing.when is None and self.told_then(stock):
            return "historical"
        if mood == "asserted":
            self.article.state.told.add(number)
        return mood

    def told_of(self, when: When | None) -> When | None:
        """The time, "that month" being the one of the last figure with a time in this sentence or the one before."""
        if when is None or when.relation != "that" or when.unit not in ("month", "year"):
            return when
        known = [(at, timing.when) for at, timing in self.article.state.timings.values() if self.sentence - at <= 1]
        named = [(at, other) for at, other in known if other is not None and other.unit == when.unit]
        latest = max(named, key=lambda pair: pair[0], default=(0, when))[1]
        return latest if latest.relation == "in" else when

    def told_then(self, stock: bool) -> bool:
        """Does the figure belong to a story set long ago ("In May the camp was hit. The strike injured 200")?"""
        at, end = self.article.state.frame
        published = self.article.published
        if end is None or self.sentence - at > 1 or self.figure.rate is not None or background.present(self.view):
            return False
        harm = self.binding is not None and self.binding.indicator in modality.EVENTS
        if published is None:
            return harm
        return published - end > (modality.OLD_EVENT if harm or stock else modality.OLD_SPAN)

    def made(self, series: Indicator, timing: Timing, where: Where | None, source: Source | None) -> Claim:
        article, figure = self.article, self.figure
        score, reasons = confidence(self.reasons(timing, where, source))
        mood = self.mood(series, timing)
        if mood == "asserted" and score < NAMED_FROM:
            series = article.indicators.by_name.get("money" if figure.dimension == "money" else "other", series)
        timing = _to_come(mood, timing)
        quantity = quantities.quantity(figure, article.text)
        start, end = _evidence(self.view, figure)
        return Claim(
            claim_id=claim_id(article.document, article.version, figure.start, series.name),
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
            indicator=series.name,
            family=None if series.family == "other" else series.family,
            scope="part" if figure.part else "total",
            subject=figure.subject,
            period=timing.period,
            kind=self.kind(series.kind, timing),
            modality=mood,
            reference=period.reference(timing.when, article.published),
            place=where.place if where else None,
            attribution=source.attribution if source else None,
            confidence=score,
            reasons=reasons,
            cue=quantity.cue,
            sentence=article.text[start:end],
            sentence_start=start,
            sentence_end=end,
        )

    def series(self) -> tuple[str, Timing]:
        """The indicator, after the rule that a flow out of "detained" is of another series, and the period."""
        binding, figure, view = self.binding, self.figure, self.view
        timings = self.article.state.timings
        if binding is None:
            name = "money" if figure.dimension == "money" else "other"
            if background.population(view, figure):
                return name, Timing("none", None)
            default: Period = "cumulative" if figure.unit == "case" else "event" if name == "other" and view.hits["event"] else "none"
            stock = (name == "money" and figure.rate is None) or (name == "other" and figure.role == "to")
            return name, period.timing(view, self.index, None, stock, default, None, self.article.state.memory.near)
        series = self.article.indicators.by_name[binding.indicator]
        cue = binding.cue
        happened = cue.event is not None
        if figure.role in ("from", "to") and series.kind == "stock":
            happened = False  # "the number detained has risen to 12,800"
        if cue.form == "ing" and binding.first > 0 and view.words[binding.first - 1] in _NOW_DOING and series.kind == "stock":
            happened = False  # "is detaining 29,000": holds them
        if series.kind == "stock" and happened and view.words[binding.last : binding.last + 1] == ["for"] and cue.kind == "done_to":
            happened = False  # "detained for more than a year"
        if series.kind == "stock" and happened and cue.kind == "done_to" and _stands(view, binding.first) and not _struck(view):
            happened = False
        if series.kind == "stock" and happened and "there" in view.words[max(0, figure.left - 3) : figure.left]:
            happened = False  # "there are 110 million people forced to flee"
        if series.kind == "stock" and happened and size(figure) >= NO_EVENT and self.until_now(cue):
            happened = False  # "Today, 110 million have been forced to flee"
        stock = series.kind == "stock" and not happened and not self.changes() and figure.dimension != "share"
        before = self.before(binding.indicator)
        usual: Period = cue.event if happened and cue.event else series.period
        context = view.context | self.article.state.memory.near
        harm = binding.indicator in period.HARM
        if usual == "event" and harm and "lasting" in view.context and "incident" not in view.context:
            usual = "cumulative"
        if usual == "event" and harm and figure.bound == "vague" and size(figure) >= NO_EVENT:
            usual = "cumulative"
        if usual == "event" and (self.changes() or figure.dimension == "share"):
            usual = "none"
        timing = period.timing(view, self.index, binding, stock, usual, before, self.article.state.memory.near)
        timing = replace(timing, when=self.told_of(timing.when))
        name = self.flow(binding, timing, bool(cue.flow_needs & context))
        if usual == "event" and timing.period == "event" and timing.when is None and self.lasting(binding.indicator):
            timing = replace(timing, period="cumulative")
        if timing.when is not None or timing.rate or timing.period == "cumulative":
            timings[binding.indicator] = (self.sentence, timing)
        return name, timing

    def until_now(self, cue: Cue) -> bool:
        """Is it told of what is so by now ("have been forced to flee"; "today, N have fled"), and of no time?"""
        view, words = self.view, self.view.words
        if HAVE.isdisjoint(words):
            return False
        timeless = not view.whens and {"since", "in"}.isdisjoint(words[: self.figure.left])
        return words[0] in _NOW_DOING | {"today"} or ("been" in words and cue.kind != "does" and timeless)

    def flow(self, binding: Binding, timing: Timing, met: bool) -> str:
        """The indicator, or the one that its cue gives for what happens over a time. `met`: a word that `flow` needs is near."""
        cue = binding.cue
        if self.figure.role in ("from", "to") and cue.flow_else is not None:
            return binding.indicator
        if cue.flow is not None and met and (timing.period not in ("event", "none") or self.changes()):
            return cue.flow
        over = timing.when is not None and timing.period in ("month", "year", "fiscal_year", "cumulative")
        return cue.flow_else if cue.flow_else is not None and over and not met else binding.indicator

    def lasting(self, indicator: str) -> bool:
        """Is the harm beside this one a total up to now ("has killed 52,000 people and wounded 118,000")?"""
        timings = self.article.state.timings
        others = (timings.get(name) for name in modality.EVENTS if indicator in ("deaths", "injured"))
        return not HAVE.isdisjoint(self.view.words) and any(
            other is not None and other[0] == self.sentence and other[1].period == "cumulative" for other in others
        )

    def before(self, indicator: str) -> Timing | None:
        """The timing of the last figure of the series, in this sentence or, for what cannot stand alone, in the one before."""
        at, timing = self.article.state.timings.get(indicator, (-9, None))
        figure, binding = self.figure, self.binding
        shared = figure.part or figure.dimension == "share" or figure.role in ("delta", "multiple") or (binding and binding.how != "cue")
        near = 1 if shared or (timing is not None and self.statistic(indicator, timing)) else 0
        return timing if self.sentence - at <= near else None

    def statistic(self, indicator: str, timing: Timing) -> bool:
        """Is the series counted by the month or the year, so that the next sentence goes on with the same time?"""
        family = self.article.indicators.by_name[indicator].family
        return family in period.STATISTICS and timing.period in ("month", "year", "fiscal_year")

    def changes(self) -> bool:
        figure = self.figure
        if figure.role == "delta" and figure.dimension == "count" and _increment(self.view, figure):
            return False
        if figure.role in ("delta", "multiple") or (figure.dimension == "share" and figure.change is not None):
            return True
        previous = next((other for other in reversed(self.view.figures[: self.index]) if not other.sure), None)
        if (
            previous is not None
            and previous.dimension == figure.dimension == "share"
            and previous.role == "delta"
            and figure.role == "level"
        ):
            return background.listed(self.view, previous, figure) or previous.value == figure.value
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
        named = unit_class(figure) is not None or (binding is not None and binding.cue.lemma in TALLIES)  # a toll says what it counts
        return {
            "cue_distance": round(max(0.0, min(binding.cost, FAR)), 2) if binding else 0.0,
            "cue_is_counted": float(binding is not None and binding.cost == 0),
            "cue_shared": float(binding is not None and binding.how in ("partner", "list")),
            "cue_carried": float(binding is not None and binding.how == "carry"),
            "no_cue": float(binding is None),
            "unit_agrees": float(binding is not None and named),
            "unit_missing": float(not named),
            "doubtful_number": float(figure.skip not in (None, "count_time")),
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


def _struck(view: View) -> bool:
    """Does the sentence tell of a blow, so that what is so has just happened?"""
    return not view.context.isdisjoint(older.STRUCK)


def _stands(view: View, first: int) -> bool:
    """Is the participle at `first` said of what is now ("N are displaced"), and not of what happened?"""
    if view.words[first - 1] == "still":
        return True
    at = first - 1
    while at > 0 and (view.words[at] in ADVERBS - BE) and view.words[at] not in ("being", "not"):
        at -= 1
    return view.words[at] in ("are", "remain") and view.words[first].endswith(("ed", "en", "ld"))


def _to_come(mood: Modality, timing: Timing) -> Timing:
    """What is planned or foreseen for a year that runs is of the whole year, and no total up to now."""
    when = timing.when
    if mood not in ("planned", "hypothetical") or timing.period != "cumulative" or when is None or when.relation != "in":
        return timing
    if when.unit == "year":
        return replace(timing, period="year")
    return replace(timing, period="fiscal_year") if when.unit == "fiscal_year" else timing


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
