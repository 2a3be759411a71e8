"""Which series a figure speaks of: the cue nearest in syntax wins.

There is no parse. The distance between a figure and a cue is the cost of the words between them (lexicon/syntax.toml: clause boundaries
cost more than words), corrected by what their order means: "apprehended N", "N were apprehended" and "N apprehensions" are near,
"N agents apprehended them" is no relation at all. A figure without a cue of its own may share that of its neighbour ("from N to M",
"N pounds of this, M of that", "M of them").
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from streams.core import lexicon
from streams.core.claims.indicator import Cue
from streams.core.claims.view import (
    ADVERBS,
    BE,
    HAVE,
    HEADS,
    MEASURE,
    MODALS,
    NO_VERBS,
    OTHER_VERBS,
    PREPOSITIONS,
    RELATIVE,
    WEAK_MEASURE,
    View,
)
from streams.core.quantities import Figure

__all__ = ["Binding", "Memory", "bind", "size", "topic", "unit_class"]

How = Literal["cue", "partner", "list", "carry"]

FARTHEST = 12.0  # a cue that stands farther off does not govern
FARTHEST_STATE = 6.0
FARTHEST_NOUN = 8.0
FARTHEST_PART = 4.0  # a part ("including 300 children") has a cue of its own only where that is near
_WHOLE = tuple(phrase.split() for phrase in lexicon.table("unreported")["beside"]["whole"])
WINDOW = 40  # words; farther off nothing can cost less than FARTHEST
BARE = 100  # a number alone that speaks of the sentence before is at least so large
BETWEEN = 2.5  # each figure between a figure and a cue, unless they are items of one list
BETWEEN_LIST = 0.5
_NOUNS = ("noun", "counted")
_NUMBER_REACH = 12  # words between "the number of" and what the counted did


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
                cost = _cost(view, index, first, last, cue)
                if cost is not None and cost + extra <= _farthest(figure, cue, first) and (best is None or cost + extra < best.cost):
                    best = Binding(cue.indicator, cue, first, last, cost + extra)
        bound.append(best)
    _share(view, bound)
    _carry(view, bound, memory)
    return [None if _whole(view, index, binding) else binding for index, binding in enumerate(bound)]


def _whole(view: View, index: int, binding: Binding | None) -> bool:
    """Is the figure what another is a part of ("109 people were detained out of the 325,000 travelling that day", "killing 20 of the 21
    aboard")?"""
    figure = view.figures[index]
    before = view.words[max(0, figure.left - 3) : figure.left]
    if before[-2:] == ["of", "the"] and index and binding is not None and 0 <= binding.first < view.figures[index - 1].first:
        return view.figures[index - 1].last == figure.left - 2
    if before[-2:] == ["one", "of"]:  # "one of two men who died"
        return True
    if before[-1:] == ["the"]:
        before.pop()
    return before[-2:] in _WHOLE and any(not other.sure and figure.left - other.last <= WINDOW for other in view.figures[:index])


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
            extra = _context(cue, view, memory)
            if extra is not None:
                yield hit.first, hit.last, cue, extra


def _modifies(words: list[str], last: int) -> bool:
    """Does the noun that ends here only qualify the next one ("deportation amnesty", "rescue plan")? Its plural does not."""
    if last >= len(words) or words[last - 1].endswith("s"):
        return False
    word = words[last]
    function = (
        word in PREPOSITIONS or word in BE or word in HAVE or word in MODALS or word in MEASURE or word in RELATIVE or word in ADVERBS
    )
    return word.isalpha() and not function and word not in HEADS and not word.endswith(("ed", "ly", "ing"))


SUBJECT = 3.5  # what a noun of events costs that is the subject of a verb of measure, however long its phrase
_CLAUSE = frozenset({";", "but", "while", "although", ".", ":"})
_MARKS = (["mark"], ["threshold"], ["milestone"], ["barrier"])
_QUOTES = frozenset({'"', "'", "“", ":", "—", "-"})


def unit_class(figure: Figure) -> str | None:
    """The class that indicators name in `units`; None where the text names nothing counted."""
    if figure.dimension == "share":
        return "percent"
    if figure.dimension == "multiple":
        return "times"
    if figure.dimension == "money":
        return "usd"
    if figure.dimension == "mass":
        return "mass"
    if figure.dimension not in ("count", "other"):
        return figure.dimension
    if figure.unit == "unit" and "family" in figure.concept:
        return "family"
    return "person" if figure.person and figure.unit != "family" else figure.unit


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


def _cost(view: View, index: int, first: int, last: int, cue: Cue) -> float | None:
    """How far the figure stands from the cue; None where they cannot belong together."""
    figure = view.figures[index]
    unit = unit_class(figure)
    agrees = unit is None or unit in (cue.units or view.indicators.by_name[cue.indicator].units) or unit in _singulars(cue)
    if figure.noun is not None and figure.noun[0] < last <= figure.noun[1] and cue.kind in _NOUNS:
        if last == figure.noun[1]:
            if cue.kind == "counted" and unit in ("percent", "times"):
                return None
            return 0.0 if _size(figure) >= cue.least else None
        return 0.7 if agrees and cue.kind == "noun" and unit is not None else None
    if cue.kind == "counted" or not agrees or _size(figure) < cue.least:
        return None
    if figure.head is not None and figure.head in view.indicators.by_name[cue.indicator].not_counted:
        return None
    if cue.kind == "noun" and _counted_by_other(view, figure, first, last):
        return None
    if first >= figure.last:
        gap = _after(view, figure, first, cue)
    elif last <= figure.left or last <= figure.first:
        gap = _before(view, index, last, cue)
    else:
        return None
    if gap is None:
        return None
    loose = 2.0 if figure.head is None and unit is None and gap > 2.5 else 0.0
    return gap + loose + _between(view, index, first)


def _counted_by_other(view: View, figure: Figure, first: int, last: int) -> bool:
    """Is the noun what another figure counts? Then it is this one's only in a list ("two or three deaths")."""
    for other in view.figures:
        if other is not figure and other.noun is not None and other.noun[0] <= first and last <= other.noun[1]:
            return view.gap(min(figure.last, other.left), max(figure.left, other.left)) > 2.0 or figure.noun is not None
    return False


def size(figure: Figure) -> float:
    """The number that the text states: the estimate, the limit or the lower end."""
    value = figure.value
    stated = (value.point, value.high, value.low) if figure.bound in ("at_most", "less_than") else (value.point, value.low, value.high)
    return abs(next((float(end) for end in stated if end is not None), 0.0))


def _size(figure: Figure) -> float:
    """The size of a count; a share has none to compare."""
    return size(figure) if figure.dimension == "count" else float("inf")


def _after(view: View, figure: Figure, first: int, cue: Cue) -> float | None:
    """The cue follows: "N migrants were apprehended", "N crossed", "N dead"."""
    start = max(figure.last, figure.noun[1] if figure.noun and figure.noun[0] >= figure.last else figure.last)
    if start > first:
        start = figure.last
    gap = view.gap(start, first)
    if "whom" in view.words[start:first] and not figure.part:
        return None  # "100 hostages, a third of whom are dead"
    if cue.kind == "noun":
        linked = first > start and view.words[first - 1] in PREPOSITIONS
        return gap * 0.8 + (1.5 if linked else 5.0)
    if cue.kind == "does":
        between = view.words[start:first]
        if not _PRONOUNS.isdisjoint(between) or between[-1:] in (["not"], ["n't"], ["don't"], ["never"]):
            return None  # "blocked N after they crossed": another subject; "N did not show up"
        relative = 1.5 if not RELATIVE.isdisjoint(between) and _object(view, figure) else 0.0
        modifies = cue.form == "ing" and not any(word in BE for word in view.words[start:first])
        return gap + relative + (1.5 if modifies else 0.0) + (2.0 if figure.head is None else 0.0)
    if cue.kind != "done_to":
        return gap
    if cue.form in ("part", "past"):
        described = 1.5 if not any(word in BE for word in view.words[start:first]) and _object(view, figure) else 0.0
        return gap + described if _passive(view.words, start, first) else gap + 5.0
    if cue.form == "base" and first > start and view.words[first - 1] == "be":
        return gap
    return gap + 7.0 if cue.form == "ing" else None


def _object(view: View, figure: Figure) -> bool:
    """Does another cue's verb stand right before the figure ("arrested N who crossed", "expelled N caught there")? That tells what
    happened to them."""
    return any(
        0 <= figure.left - hit.last <= 1 and any(cue is not None and cue.kind == "done_to" for cue in hit.values)
        for hit in view.hits["cue"]
    )


_PREDICATE = BE | HAVE | MODALS | {"remain", "remained"}
_PRONOUNS = frozenset({"they", "he", "she", "it", "we", "i", "you", "those"})


def _passive(words: list[str], start: int, first: int) -> bool:
    """Is the verb at `first` said of what ends at `start`: a form of "be" before it, or nothing but adverbs between?"""
    index = first - 1
    while index >= start and (words[index] in ADVERBS or words[index] in HAVE or _coordinates(words, index, start)):
        index -= 1
    if index >= start and words[index] in BE:
        return True
    if index < start:
        return not any(word in HAVE for word in words[start:first])
    return (words[index] in RELATIVE and index == start) or any(word in BE for word in words[max(start, first - 3) : first])


def _coordinates(words: list[str], index: int, start: int) -> bool:
    """ "injured or killed": the word joins two participles."""
    if words[index] in ("and", "or", ","):
        return index > start and words[index - 1].endswith("ed")
    return index < len(words) - 1 and words[index].endswith("ed") and words[index + 1] in ("and", "or", ",")


def _before(view: View, index: int, last: int, cue: Cue) -> float:
    """The cue goes before: "apprehended N migrants", "apprehensions rose to N", "the toll of N"."""
    figure = view.figures[index]
    gap = view.gap(last, figure.left)
    between = view.words[last : figure.left]
    changed = figure.role in ("delta", "multiple", "to") or figure.dimension == "share"
    if (
        cue.kind != "noun"
        and "number" in view.words[max(0, last - _NUMBER_REACH) : last]
        and any(word in MEASURE for word in view.words[last : figure.first])
    ):
        return gap * 0.6 + 0.5  # "the number of people waiting for a hearing has reached 9,000"
    if cue.kind == "noun":
        if cue.lemma.endswith("ing") and view.words[last - 1] == cue.lemma and any(other.left == last for other in view.figures):
            return FARTHEST  # "killing 14": the verb, which is a cue of its own
        if between[:1] == ["of"] and figure.left == last + 1:  # "the deaths of three children in custody"
            return -0.5
        measured = any(word in MEASURE for word in between) or (len(between) <= 2 and all(word in WEAK_MEASURE for word in between))
        if measured and cue.kind == "noun" and _reaches(view, figure) and _CLAUSE.isdisjoint(between):
            return min(gap * 0.6, SUBJECT)
        return gap * 0.6 if measured else gap + 5.0
    if changed and (figure.role != "share" and figure.role != "level"):
        return gap * 0.7 + 0.5
    if figure.dimension == "share":
        return gap * 0.7 + 4.0 + (9.0 if between and _governing(between[-1]) else 0.0)
    own = 5.0 if _has_verb(view, figure) else 0.0
    if cue.kind == "does":
        if (figure.left - last <= 1 and cue.form != "ing") or view.words[figure.last : figure.last + 1] in _MARKS:
            return FARTHEST  # "reached 9,000", "crossed the 9,000 mark": no subject follows its verb
        return gap + (4.0 if figure.head is None else 7.0)
    if cue.kind == "state":
        return gap + own + 4.0
    listed = any(last <= other.first < figure.first and not other.sure for other in view.figures)
    apart = 0 if listed else sum(word in PREPOSITIONS for word in between)
    return gap + own + 0.3 + 2.0 * apart + (9.0 if between and _governing(between[-1]) else 0.0)


def _reaches(view: View, figure: Figure) -> bool:
    """Does a verb of measure stand right before the figure ("the toll from the floods in the north climbed to 85")?"""
    return any(word in MEASURE and word != "of" for word in view.words[max(0, figure.left - 2) : figure.left])


def _governing(word: str) -> bool:
    """Is the word right before a figure a verb, so that the figure is its object and not the cue's ("killed 12, taking 200 hostages")?"""
    if word in BE or word in HAVE or word in MEASURE or word in NO_VERBS:
        return False
    return word in OTHER_VERBS or (len(word) > 4 and word.endswith(("ed", "ing")))


def _has_verb(view: View, figure: Figure) -> bool:
    """Is the figure the subject of a predicate of its own ("killing 12, 30 were taken away")?"""
    end = max(figure.last, figure.noun[1] if figure.noun and figure.noun[0] >= figure.last else figure.last)
    after = view.words[end : end + 2]
    return bool(after) and after[0] not in RELATIVE and any(word in _PREDICATE for word in after)


def _between(view: View, index: int, first: int) -> float:
    """What the figures cost that stand between figure and cue."""
    figure = view.figures[index]
    cost = 0.0
    step = 1 if first > figure.first else -1
    place = index + step
    while 0 <= place < len(view.figures) and min(figure.first, first) < view.figures[place].first < max(figure.first, first):
        other = view.figures[place]
        place += step
        if other.sure:
            continue
        aside = view.aside(other.first)
        if aside is not None and not aside[0] <= figure.first < aside[1] and not aside[0] <= first < aside[1]:
            continue
        alike = other.dimension == figure.dimension and other.unit == figure.unit
        if first > figure.first:  # "N of them starve, and M have fled": the next figure's verb is not this one's
            cost += 8.0 if other.part else BETWEEN_LIST if alike and _listed(view, figure, other) else 4.0
        else:
            cost += BETWEEN_LIST if alike else BETWEEN
    return cost


def _listed(view: View, one: Figure, two: Figure) -> bool:
    """Are the two figures items of one list ("two soldiers and three guards dead")?"""
    gap = view.gap(one.last, two.left)
    return gap <= 2.0 or (gap <= 4.5 and view.words[two.left - 1] in ("and", "or", "&"))


def _share(view: View, bound: list[Binding | None]) -> None:
    """Figures of one construction speak of one series: the ends of "from N to M", a change and its level, a comparison, a part."""
    for index, figure in enumerate(view.figures):
        other = bound[figure.partner] if figure.partner is not None and figure.partner < len(bound) else None
        own = bound[index]
        if other is not None and (own is None or own.cost > other.cost + 1.0):
            bound[index] = replace(other, cost=other.cost + 0.5, how="partner")
    for index, figure in enumerate(view.figures):
        own = bound[index]
        far = figure.part and own is not None and own.cost > FARTHEST_PART
        if (own is not None and not far) or (figure.skip and figure.sure) or index == 0:
            continue
        before = next((item for item in reversed(bound[:index]) if item is not None), None)
        if before is not None and _continues(view, index, before):
            bound[index] = replace(before, cost=before.cost + 2.0, how="list")


def _continues(view: View, index: int, before: Binding) -> bool:
    """Does an unbound figure go on with what the figure before it counted?"""
    figure = view.figures[index]
    unit = unit_class(figure)
    accepts = view.indicators.by_name[before.indicator].units
    if unit is not None and unit not in accepts and not (figure.dimension == "count" and unit in _singulars(before.cue)):
        return False
    if figure.role == "share" and _governing(view.words[figure.left - 1]):  # "a fire that damaged 30 % of the town"
        return False
    if figure.part or unit in _singulars(before.cue) or figure.role in ("from", "to", "delta", "multiple", "share"):
        return True
    previous = view.figures[index - 1]
    if {"total", "toll", "tally"} & set(view.words[previous.last : figure.left]) and figure.dimension == "count":
        return True  # "408 arrived, bringing the 2024 total to 21,063"
    start = max((hit.last for hit in view.hits["carry"] if hit.last <= figure.left and hit.first >= previous.last), default=-1)
    return (
        start >= 0
        or (figure.head is None and unit in (None, "person"))
        or (unit == unit_class(previous) and view.gap(previous.right, figure.left) <= 3.5 and not _has_verb(view, figure))
    )


def _singulars(cue: Cue) -> tuple[str, ...]:
    """The event that a noun cue counts: "132 apprehensions, of which 84 were ..."."""
    return (cue.lemma.split()[-1],) if cue.kind == "noun" else ()


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
        spoken = bool(opening) and view.gap(opening[0].last, figure.left) <= 9
        if spoken or (not other and _bare(view, index, unit)):
            bound[index] = replace(before, first=-1, last=-1, cost=before.cost + (3.0 if spoken else 4.0), how="carry")


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
    return alone and words[figure.left - 1 : figure.left] != ["of"] and figure.skip is None and _size(figure) >= BARE
