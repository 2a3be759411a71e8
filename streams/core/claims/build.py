"""The whole reading of one text: sentence by sentence, with what one leaves to the next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from schemas.figure import Claim, Quantity
from streams.core import quantities
from streams.core import text as texts
from streams.core.claims import attribution, background, modality, place
from streams.core.claims.attribution import Source
from streams.core.claims.bind import Binding, bind, topic
from streams.core.claims.draft import Article, Draft
from streams.core.claims.indicator import Indicators, standard
from streams.core.claims.pieces import pieces
from streams.core.claims.refuse import refusal
from streams.core.claims.view import View
from streams.core.quantities import Figure, Passage

__all__ = ["Reading", "Silent", "read"]

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
    for passage in (piece for whole in found.passages for piece in pieces(whole)):
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


class _Reader:
    """One text. `passage` must be called for its passages in order."""

    def __init__(
        self, found: quantities.Document, published: date | None, document: str, version: int, indicators: Indicators, title: str | None
    ) -> None:
        self.found = found
        self.text = found.text
        self.article = Article(found.text, published, document, version, indicators)
        self.state = self.article.state
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
                    yield Draft(self.article, view, passage.index, index, bound[index], found, denied, following).claim()
                else:
                    yield self._silent(figure, reasons[index] or "")
            self._remember(view, passage.index, bound, reasons, found)
        else:
            yield from (self._silent(figure, reason or "") for figure, reason in zip(view.figures, reasons, strict=True))
            self._look(view, passage.index)
        self._frame(view, passage.index)
        self._context(view)

    def _silent(self, figure: Figure, reason: str) -> Silent:
        return Silent(start=figure.start, end=figure.end, quote=self.text[figure.start : figure.end], reason=reason)

    def _view(self, text: str, start: int, end: int, tokens: texts.Tokens, figures: tuple[Figure, ...]) -> View:
        return View(text, start, end, tokens, figures, self.article.published, self.article.indicators)

    def _sentence(self, index: int) -> View:
        span = self.found.spans[index]
        return self._view(self.text, span.start, span.end, texts.tokens(self.text, span.start, span.end), ())

    def _neighbours(self, index: int) -> None:
        """Look at the sentence before one with a figure: it may name the place, the source, the subject."""
        if index - 1 > self.state.looked and index > 0:
            view = self._sentence(index - 1)
            self._forget(index - 1)
            self._look(view, index - 1)
            self._frame(view, index - 1)
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

    def _frame(self, view: View, index: int) -> None:
        """Keep the time that is told of, through sentences in the past that name none."""
        end = background.frame(view)
        if end is not None:
            self.state.frame = (index, end)
        elif index - self.state.frame[0] <= 1 and not view.whens and not background.present(view):
            self.state.frame = (index, self.state.frame[1])
        elif index != self.state.frame[0]:
            self.state.frame = (-9, None)

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
