"""Which series a figure speaks of: the cue nearest in syntax wins.

There is no parse: how far off a cue stands is told in distance.py. A figure without a cue of its own may share that of its neighbour
("from N to M", "N pounds of this, M of that", "M of them").
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from streams.core import lexicon
from streams.core.claims import background
from streams.core.claims.distance import FARTHEST, counts, distance, governing, has_verb, singulars, unit_class
from streams.core.claims.indicator import Cue
from streams.core.claims.view import (
    ADVERBS,
    BE,
    COUNTED,
    HAVE,
    HEADS,
    MEASURE,
    MODALS,
    PREPOSITIONS,
    RELATIVE,
    View,
)
from streams.core.quantities import Figure

__all__ = ["Binding", "Memory", "bind", "topic"]

How = Literal["cue", "partner", "list", "carry"]

FARTHEST_STATE = 6.0
FARTHEST_NOUN = 8.0
_MADE, _NUMBERS, _SUBORDINATE = COUNTED["made"], COUNTED["numbers"], COUNTED["subordinate"]
_WHOLE = tuple(phrase.split() for phrase in lexicon.table("unreported")["beside"]["whole"])
WINDOW = 40  # words; farther off nothing can cost less than FARTHEST
BARE = 100  # a number alone that speaks of the sentence before is at least so large


@dataclass(frozen=True, slots=True)
class Binding:
    """Figure and series: the cue's words ``[first, last)`` in the sentence (-1 where it stands in another), and how far off it is."""

    indicator: str
    cue: Cue
    first: int
    last: int
    cost: float
    how: How = "cue"


@dataclass(slots=True)
class Memory:
    """What earlier sentences of the article leave to the next."""

    near: frozenset[str] = frozenset()
    """Context classes of the sentence before."""
    far: frozenset[str] = frozenset()
    """Context classes of the title and all earlier sentences that were looked at."""
    binding: Binding | None = None
    """The last binding, while it is near enough to be spoken of as "that figure"."""


def bind(view: View, memory: Memory) -> list[Binding | None]:
    """The binding of every figure of the sentence, None where no indicator fits."""
    cues = list(_cues(view, memory))
    starts = [first for first, _, _, _ in cues]
    bound: list[Binding | None] = []
    for index, figure in enumerate(view.figures):
        best: Binding | None = None
        if not (figure.skip and figure.sure):
            near = slice(bisect_left(starts, figure.first - WINDOW), bisect_left(starts, figure.last + WINDOW))
            for first, last, cue, extra in cues[near]:
                cost = distance(view, index, first, last, cue)
                if cost is not None and cost + extra <= _farthest(figure, cue, first) and (best is None or cost + extra < best.cost):
                    best = Binding(cue.indicator, cue, first, last, cost + extra)
        bound.append(best)
    _share(view, bound)
    _taken_up(view, bound, memory)
    _carry(view, bound, memory)
    return [None if any(check(view, index, binding) for check in _NEVER) else binding for index, binding in enumerate(bound)]


_FLOWS = frozenset({"arrivals", "deported", "asylum_claims"})


def _capacity(view: View, index: int, binding: Binding | None) -> bool:
    """ "a capacity of N", "built to hold N", "N is considered at capacity": room for so many, and nobody who is there."""
    if binding is None or binding.indicator not in ("detained", "displaced"):
        return False
    figure, words = view.figures[index], view.words
    before, after = words[max(0, figure.left - 4) : figure.left], words[figure.right : figure.right + 5]
    if "capacity" in before[-3:] or ("capacity" in after and after[0] in BE):
        return True
    at = next((at for at, word in enumerate(before) if word in _MADE), -1)
    return at >= 0 and before[at + 1 : at + 2] in (["to"], ["for"])


def _resident(view: View, index: int, binding: Binding | None) -> bool:
    """ "handle the 11 million already here": a population, and nobody who arrives or is sent away."""
    return binding is not None and binding.indicator in _FLOWS and background.population(view, view.figures[index])


def _whole(view: View, index: int, binding: Binding | None) -> bool:
    """Is the figure what another is a part of ("109 people were detained out of the 325,000 travelling that day", "killing 20 of the 21
    aboard")?"""
    figure = view.figures[index]
    before = view.words[max(0, figure.left - 3) : figure.left]
    if view.words[0] == "of" and "," in view.words[figure.right : figure.right + 2] and figure.left <= 5 and len(view.figures) > index + 1:
        return True  # "Of the 2,300 residents, 140 were injured"
    if before[-2:] == ["population", "of"] or (before[-1:] == ["'s"] and index and view.figures[index - 1].last == _of(view, figure)):
        return True  # "150 of the village's 1,800 residents"
    if before[-2:] == ["of", "the"] and index and binding is not None and 0 <= binding.first < view.figures[index - 1].first:
        return view.figures[index - 1].last == figure.left - 2
    if before[-2:] == ["one", "of"]:  # "one of two men who died"
        return True
    if before[-1:] == ["the"]:
        before.pop()
    return before[-2:] in _WHOLE and any(not other.sure and figure.left - other.last <= WINDOW for other in view.figures[:index])


def _of(view: View, figure: Figure) -> int:
    """Where the "of" stands before the figure's "the village's", at which a figure ends that is a part of this one; -1: nowhere."""
    return next((at for at in range(figure.left - 2, max(0, figure.left - 6), -1) if view.words[at] == "of"), -1)


_NEVER = (_whole, _capacity, _resident)


def _farthest(figure: Figure, cue: Cue, first: int) -> float:
    """How far off a cue of this kind may stand: what is said beside the counted, an event named after other people, and a number that
    counts nothing need to be near; far ones were wrong more often than right."""
    if cue.kind == "state":
        return FARTHEST_STATE
    if cue.kind == "noun" and first >= figure.last:
        return FARTHEST_NOUN
    return FARTHEST


def _cues(view: View, memory: Memory) -> Iterator[tuple[int, int, Cue, float]]:
    """The cues of the sentence whose conditions are met: words ``[first, last)``, cue, what it costs by itself."""
    for hit in view.hits["cue"]:
        name = hit.first > 0 and view.capital(hit.first) and not view.headline and view.words[hit.first - 1] not in _QUOTES
        for cue in hit.values:
            if cue is None or (name and cue.kind in ("done_to", "does")):  # "the House" does not house anybody
                continue
            if cue.kind == "noun" and _modifies(view.words, hit.last):
                continue
            if cue.kind == "done_to" and cue.form == "base" and hit.first and view.words[hit.first - 1] in _DETERMINERS:
                continue  # "the station holds N"
            extra = _context(cue, view, memory)
            if extra is not None:
                yield hit.first, hit.last, cue, extra


_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "his", "her", "our"})


def _modifies(words: list[str], last: int) -> bool:
    """Does the noun that ends here only qualify the next one ("deportation amnesty", "rescue plan")? Its plural does not."""
    if last >= len(words) or words[last - 1].endswith("s"):
        return False
    word = words[last]
    function = (
        word in PREPOSITIONS or word in BE or word in HAVE or word in MODALS or word in MEASURE or word in RELATIVE or word in ADVERBS
    )
    return word.isalpha() and not function and word not in HEADS and not word.endswith(("ed", "ly", "ing"))


_QUOTES = frozenset({'"', "'", "“", ":", "—", "-"})


def _context(cue: Cue, view: View, memory: Memory) -> float | None:
    """What the cue's conditions add to its cost; None where they are not met."""
    if cue.unless and cue.unless & view.context:
        return None
    if not cue.needs or cue.needs & view.context:
        return cue.cost
    if cue.needs & memory.near:
        return cue.cost + 0.3
    strong = cue.cost <= 0 and cue.kind in ("noun", "done_to")
    return cue.cost + 2.0 if strong and cue.needs & memory.far else None


def _share(view: View, bound: list[Binding | None]) -> None:
    """Figures of one construction speak of one series: the ends of "from N to M", a change and its level, a comparison, a part."""
    for index, figure in enumerate(view.figures):
        other = bound[figure.partner] if figure.partner is not None and figure.partner < len(bound) else None
        own = bound[index]
        if index and own is not None and own.cue.kind in ("counted", "noun") and figure.person and own.last == (figure.noun or (0, 0))[1]:
            verb = bound[index - 1]
            if verb is not None and verb.cue.kind == "done_to" and view.words[view.figures[index - 1].right : figure.left] == ["and"]:
                bound[index] = replace(verb, cost=verb.cost + 0.5, how="list")  # "drove out N refugees and M returnees"
                continue
        if other is not None and (own is None or own.cost > other.cost + 1.0):
            bound[index] = replace(other, cost=other.cost + 0.5, how="partner")
    for index, (figure, following) in enumerate(pairwise(view.figures)):
        after = bound[index + 1]
        joined = figure.head is None and view.words[figure.last : following.left] == ["and"] and figure.dimension == following.dimension
        if bound[index] is None and joined and after is not None and after.first >= following.last:
            bound[index] = replace(after, cost=after.cost + 0.5, how="list")  # "10,900 and 10,500 apprehensions"
    for index, figure in enumerate(view.figures):
        if bound[index] is not None or (figure.skip and figure.sure) or index == 0:
            continue
        before = next((item for item in reversed(bound[:index]) if item is not None), None)
        if before is not None and _continues(view, index, before):
            bound[index] = replace(before, cost=before.cost + 2.0, how="list")


def _continues(view: View, index: int, before: Binding) -> bool:
    """Does an unbound figure go on with what the figure before it counted?"""
    figure = view.figures[index]
    unit = unit_class(figure)
    accepts = view.indicators.by_name[before.indicator].units
    if unit is not None and unit not in accepts and not (figure.dimension == "count" and unit in singulars(before.cue)):
        return False
    verb = view.words[figure.left - 1]
    if figure.role == "share" and governing(verb):  # "a fire that damaged 30 % of the town"
        return False
    if view.words[figure.left - 2] == "and" and verb.endswith("ed") and verb not in MEASURE:  # "killed 20 people and abducted 35"
        return False
    if figure.part or unit in singulars(before.cue) or figure.role in ("from", "to", "delta", "multiple", "share"):
        return True
    previous = view.figures[index - 1]
    if figure.head is not None or unit is None:
        opens = _SUBORDINATE & set(view.words[max(previous.right, previous.last) : figure.left])
        if opens and view.words[figure.last : figure.last + 1] not in ([","], ["."]):
            return False  # "52 were killed after thousands had gathered"
    if {"total", "toll", "tally"} & set(view.words[previous.last : figure.left]) and figure.dimension == "count":
        return True  # "408 arrived, bringing the 2024 total to 21,063"
    start = max((hit.last for hit in view.hits["carry"] if hit.last <= figure.left and hit.first >= previous.last), default=-1)
    return (
        start >= 0
        or (figure.head is None and unit in (None, "person"))
        or (unit == unit_class(previous) and view.gap(previous.right, figure.left) <= 3.5 and not has_verb(view, figure))
    )


def topic(view: View, memory: Memory) -> Binding | None:
    """The series that a sentence without a bound figure leaves to the next: its first cue that counts something."""
    for first, last, cue, extra in _cues(view, memory):
        if cue.kind in ("noun", "done_to", "does") and extra <= 1.0:
            return Binding(cue.indicator, cue, first, last, max(0.0, extra))
    return None


def _carry(view: View, bound: list[Binding | None], memory: Memory) -> None:
    """ "That figure doubled", "of them, 300 ...", "in May it was 900": the series of the sentence before, for figures without one."""
    before = memory.binding
    if before is None or not bound:
        return
    opening = [hit for hit in view.hits["carry"] if _opens(view, hit.first) or hit.values[0] == "of_them"]
    accepts = view.indicators.by_name[before.indicator].units
    other = any(cue.indicator != before.indicator for _, _, cue, _ in _cues(view, memory) if cue.cost <= 1)
    for index, figure in enumerate(view.figures):
        unit = unit_class(figure)
        if bound[index] is not None or (figure.skip and figure.sure) or not (unit is None or unit in accepts):
            continue
        if figure.head in view.indicators.by_name[before.indicator].not_counted:
            continue
        named = figure.head is not None and bool(opening) and opening[0].values[0] == "total"  # "A total of 400 firemen"
        spoken = bool(opening) and not named and view.gap(opening[0].last, figure.left) <= 9
        if spoken or (not other and _bare(view, index, unit)):
            bound[index] = replace(before, first=-1, last=-1, cost=before.cost + (3.0 if spoken else 4.0), how="carry")


def _taken_up(view: View, bound: list[Binding | None], memory: Memory) -> None:
    """ "..., while the army said that the number had dropped to N": the series of the figure before, whatever is said after N."""
    spoken = not _NUMBERS.isdisjoint(view.words)
    for index, figure in enumerate(view.figures if spoken else ()):
        own = bound[index]
        if (own is not None and own.first < figure.last) or (figure.skip and figure.sure) or not _of_number(view, figure.left):
            continue
        before = next((item for item in reversed(bound[:index]) if item is not None), memory.binding)
        unit = unit_class(figure)
        if before is not None and (unit is None or unit in view.indicators.by_name[before.indicator].units):
            how: How = "list" if before in bound[:index] else "carry"
            bound[index] = replace(before, first=-1, last=-1, cost=max(0.0, before.cost) + 2.0, how=how)


def _of_number(view: View, left: int) -> bool:
    """Is "the number", without saying of what, the subject of the verb of measure before the place?"""
    words = view.words
    for at in range(left - 1, max(0, left - _NUMBER_REACH), -1):
        if words[at] in _NUMBERS and not {"the", "that", "its", "their"}.isdisjoint(words[max(0, at - 2) : at]):
            verb = words[at + 1 : left]
            when = verb[:1] == ["for"] and any(other.first == at + 2 for other in view.whens)  # "the total for 2023 to date is N"
            return bool(verb) and (when or not {"of", "for", "with", ",", "who"} & set(verb)) and any(word in MEASURE for word in verb)
    return False


_NUMBER_REACH = 10


def _opens(view: View, first: int) -> bool:
    """Does a sentence, or what follows its first comma, begin here ("For July, if you recall, that number was ...")?"""
    return first <= 2 or (first <= 12 and view.words[first - 1] == ",")


def _bare(view: View, index: int, unit: str | None) -> bool:
    """Is it a number alone, or the subject of its sentence, that can speak of what the sentence before counted?"""
    figure, words = view.figures[index], view.words
    after = words[figure.last : figure.last + 1]
    counted = bool(after) and after[0] in BE and all(item.sure for item in view.figures[:index])
    share = unit == "percent" and figure.role in ("share", "level") and after in (["were"], ["are"], ["came"])
    ends = figure.role in ("from", "to") and figure.head is None and unit in (None, "person")  # "we went from 60,000 to 109,000"
    alone = (unit is None and figure.head is None) or counted or share or ends
    return alone and words[figure.left - 1 : figure.left] != ["of"] and figure.skip is None and counts(figure) >= BARE
