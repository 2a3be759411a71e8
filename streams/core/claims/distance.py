"""How far a figure stands from a cue.

The distance is the cost of the words between them (lexicon/syntax.toml: clause boundaries cost more than words), corrected by what their
order means: "apprehended N", "N were apprehended" and "N apprehensions" are near, "N agents apprehended them" is no relation at all.
"""

from streams.core.claims.indicator import Cue
from streams.core.claims.view import (
    ADVERBS,
    BE,
    COUNTED,
    HAVE,
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
from streams.core.quantities.nouns import is_person, is_plural

__all__ = ["FARTHEST", "counts", "distance", "governing", "has_verb", "singulars", "size", "unit_class"]

FARTHEST = 12.0  # a cue that stands farther off does not govern
BETWEEN = 2.5  # each figure between a figure and a cue, unless they are items of one list
BETWEEN_LIST = 0.5
SUBJECT = 3.5  # what a noun of events costs that is the subject of a verb of measure, however long its phrase
_OPENING = 6  # a noun that ends before this place is the subject of its sentence ("Arrivals went on rising, with 900 in May")
_NOUNS = ("noun", "counted")
_NUMBER_REACH = 12  # words between "the number of" and what the counted did
_COLLECTIVES, _EMPTY, _ACCUSED = COUNTED["collectives"], COUNTED["empty"], COUNTED["accused"]
_CLAUSE = frozenset({";", "but", "while", "although", ".", ":"})
_MARKS = (["mark"], ["threshold"], ["milestone"], ["barrier"])


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
    if figure.unit == "time":
        return None  # "stopped migrants 2,000 times": the verb says what is counted
    return "person" if figure.person and figure.unit != "family" else figure.unit


def distance(view: View, index: int, first: int, last: int, cue: Cue) -> float | None:
    """How far the figure stands from the cue; None where they cannot belong together."""
    figure = view.figures[index]
    unit = unit_class(figure)
    agrees = unit is None or unit in (cue.units or view.indicators.by_name[cue.indicator].units) or unit in singulars(cue)
    if (unit == "percent" and _of_things(figure, cue)) or (unit == "bed" and not _EMPTY.isdisjoint((figure.subject or "").split())):
        return None
    if figure.noun is not None and figure.noun[0] < last <= figure.noun[1] and cue.kind in _NOUNS:
        if last == figure.noun[1]:
            if unit in _COLLECTIVES and figure.noun[0] >= figure.last:
                return None  # "three caravans": so many groups and no persons
            if cue.kind == "counted" and unit in ("percent", "times"):
                return None
            return 0.0 if counts(figure) >= cue.least else None
        return 0.7 if agrees and cue.kind == "noun" and unit is not None else None
    if cue.kind == "counted" or not agrees or counts(figure) < cue.least:
        return None
    if figure.head is not None and unit != "percent" and figure.head in view.indicators.by_name[cue.indicator].not_counted:
        return None
    if cue.kind == "noun" and _counted_by_other(view, figure, first, last):
        return None
    if first >= figure.last:
        gap = _after(view, figure, first, last, cue)
    elif last <= figure.left or last <= figure.first:
        gap = _before(view, index, last, cue)
    else:
        return None
    if gap is None:
        return None
    loose = 2.0 if figure.head is None and unit is None and gap > 2.5 else 0.0
    return gap + loose + _between(view, index, first)


def _of_things(figure: Figure, cue: Cue) -> bool:
    """ "90 % of the beds": a share of things, when persons are counted."""
    return figure.head in _THINGS and figure.head not in singulars(cue)


_THINGS = frozenset(
    {"bed", "room", "home", "house", "town", "building", "area", "fire", "acre", "vote", "district", "land", "crop", "school"}
)


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


def counts(figure: Figure) -> float:
    """The size of a count; a share has none to compare."""
    return size(figure) if figure.dimension == "count" else float("inf")


def _after(view: View, figure: Figure, first: int, last: int, cue: Cue) -> float | None:
    """The cue follows: "N migrants were apprehended", "N crossed", "N dead"."""
    start = max(figure.last, figure.noun[1] if figure.noun and figure.noun[0] >= figure.last else figure.last)
    if start > first:
        start = figure.last
    gap = view.gap(start, first) + (3.0 if not _ACCUSED.isdisjoint(view.words[start:first]) else 0.0)
    if "whom" in view.words[start:first] and view.words[figure.last : figure.last + 2] != ["of", "whom"]:
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
    if first > start and _of_others(view, start, first, cue):
        return None
    if cue.kind != "done_to":
        return gap
    active = cue.form in ("part", "past") and not cue.lemma.startswith("return")  # "N have returned" counts them
    if active and not HAVE.isdisjoint(view.words[start:first]) and BE.isdisjoint(view.words[start:first]):
        return None  # "N had found shelter": they did it
    if cue.form in ("part", "past"):
        described = 1.5 if not any(word in BE for word in view.words[start:first]) and _object(view, figure) else 0.0
        if _passive(view.words, start, first):
            other = 6.0 if {"after", "before", "while"} & set(view.words[start:first]) else 0.0  # "were stranded after being stopped"
            return gap + described + other
        return None if any(other.left == last for other in view.figures) else gap + 5.0  # "has infected N and killed M"
    if cue.form == "base" and first > start and view.words[first - 1] == "be":
        return gap
    return gap + 7.0 if cue.form == "ing" else None


def _of_others(view: View, start: int, first: int, cue: Cue) -> bool:
    """ "returned N children to parents detained in May": it is the parents that the participle is said of."""
    before = view.words[first - 1]
    if not is_person(before) or not is_plural(before) or cue.form not in ("part", "past", "phrase"):
        return False
    return view.words[first - 2] in ("to", "by", "for") and first - 2 >= start


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
    if words[start:first] in (["of", "those"], ["of", "the"]):
        return True  # "eight of those hurt"
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
        return (
            min(gap * 0.6 + 0.5, SUBJECT + 1.0) if _reaches(view, figure) else gap * 0.6 + 0.5
        )  # "the number of people waiting for a hearing has reached 9,000"
    if cue.kind == "noun":
        if cue.lemma.endswith("ing") and view.words[last - 1] == cue.lemma and any(other.left == last for other in view.figures):
            return FARTHEST  # "killing 14": the verb, which is a cue of its own
        if between[:1] == ["of"] and figure.left == last + 1:  # "the deaths of three children in custody"
            return -0.5
        reaching = view.words[last : figure.first]  # a bound cue may be the verb: "now exceeds 9,000"
        measured = any(word in MEASURE for word in reaching) or (len(between) <= 2 and all(word in WEAK_MEASURE for word in between))
        if _CLAUSE.isdisjoint(between) and (
            (measured and _reaches(view, figure)) or (figure.head is None and between[-1:] == ["with"] and last <= _OPENING)
        ):
            return min(gap * 0.6, SUBJECT)
        if figure.role in ("delta", "multiple") and between[-1:] == ["by"] and _CLAUSE.isdisjoint(between):
            return min(gap * 0.6, SUBJECT)  # "cut encounters at the border by 60 %"
        return gap * 0.6 if measured else gap + 5.0
    if changed and (figure.role != "share" and figure.role != "level"):
        return gap * 0.7 + 0.5
    if figure.dimension == "share":
        return gap * 0.7 + 4.0 + (9.0 if between and governing(between[-1]) else 0.0)
    own = 5.0 if has_verb(view, figure) else 0.0
    if cue.kind == "does":
        if (figure.left - last <= 1 and cue.form != "ing") or view.words[figure.last : figure.last + 1] in _MARKS:
            return FARTHEST + 1  # "reached 9,000", "crossed the 9,000 mark": no subject follows its verb
        return gap + (4.0 if figure.head is None else 7.0)
    if cue.kind == "state":
        return gap + own + 4.0
    listed = any(last <= other.first < figure.first and not other.sure for other in view.figures)
    apart = 0 if listed else sum(word in PREPOSITIONS for word in between)
    return gap + own + 0.3 + 2.0 * apart + (9.0 if between and governing(between[-1]) else 0.0)


def _reaches(view: View, figure: Figure) -> bool:
    """Does a verb of measure stand right before the figure ("the toll from the floods in the north climbed to 85")?"""
    return any(word in MEASURE and word != "of" for word in view.words[max(0, figure.left - 2) : figure.first])


def governing(word: str) -> bool:
    """Is the word right before a figure a verb, so that the figure is its object and not the cue's ("killed 12, taking 200 hostages")?"""
    if word in BE or word in HAVE or word in MEASURE or word in NO_VERBS:
        return False
    return word in OTHER_VERBS or (len(word) > 4 and word.endswith(("ed", "ing")))


def has_verb(view: View, figure: Figure) -> bool:
    """Is the figure the subject of a predicate of its own ("killing 12, 30 were taken away")?"""
    end = max(figure.last, figure.noun[1] if figure.noun and figure.noun[0] >= figure.last else figure.last)
    if view.words[end : end + 2] in (["in", "total"], ["in", "all"]):
        end += 2
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


def singulars(cue: Cue) -> tuple[str, ...]:
    """The event that a noun cue counts: "132 apprehensions, of which 84 were ..."."""
    return (cue.lemma.split()[-1],) if cue.kind == "noun" else ()
