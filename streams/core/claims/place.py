"""Where a figure is about: the place that its sentence, or else its nearest context, names."""

from schemas.figure import Place
from streams.core import lexicon
from streams.core.claims.view import View
from streams.core.entities import Mention
from streams.core.quantities import Figure

__all__ = ["Where", "leading", "us_context", "where"]

from dataclasses import dataclass

_DATA = lexicon.table("places")
_AT = frozenset(_DATA["words"]["at"])
_PATH = frozenset(_DATA["words"]["path"])
_INTO = frozenset(_DATA["words"]["into"])
_LOCATIVE = _AT | _PATH
_SHORES = frozenset(_DATA["words"]["shores"])
_DIRECTION = frozenset(_DATA["words"]["direction"])
_ORIGIN = frozenset(_DATA["words"]["origin"])
_ARTICLES = frozenset({"the", "a", "an", "their", "our", "its"})
_LONGEST = 7
_INSIDE = frozenset(_DATA["words"]["inside"])
_NO_PLACE = frozenset(_DATA["words"]["no_place"])
_GENERIC = frozenset(_DATA["words"]["generic"])
_US = "US"
_US_BORDER = "us-southwest-border"


@dataclass(frozen=True, slots=True)
class Where:
    """A place with how it was found: "named" in the sentence, "bare" border, "unlisted" name, "carried" from an earlier sentence."""

    place: Place
    how: str


def us_context(view: View, published_in_us: bool = False) -> bool:
    """Does the sentence speak of the United States or of one of its offices?"""
    return published_in_us or any(mention.entry.country == _US for mention in view.mentions if mention.entry.use in ("plain", "demonym"))


def where(view: View, figure: Figure, anchor: int, us: bool, carried: Where | None) -> Where | None:
    """The place of `figure`; `anchor` is the word index of its cue (or of itself). `us`: the text speaks of the United States."""
    best: tuple[float, Where] | None = None
    for found, first, last in _candidates(view, us):
        gap = min(_distance(view, figure.left, figure.last, first, last), _distance(view, anchor, anchor + 1, first, last) + 0.5)
        if last <= figure.left:
            gap = min(gap, _OPENING) if first <= 3 else gap + 1.5
        between = range(min(figure.first, first), max(figure.first, first))
        gap += sum(2.0 for other in view.figures if other is not figure and not other.sure and other.first in between)
        gap += _ROLES[_role(view, first)] + _HOWS.get(found.how, 0.0)
        if best is None or gap < best[0]:
            best = (gap, found)
    if best is not None and (best[1].how not in ("generic", "of") or carried is None):
        return best[1]
    return Where(carried.place, "carried") if carried is not None else None


def leading(view: View, us: bool) -> Where | None:
    """The place that a sentence without a claim leaves to the next: the best placed of those that the lexicon lists."""
    best: tuple[float, Where] | None = None
    for found, first, _ in _candidates(view, us):
        cost = _ROLES[_role(view, first)] + _HOWS.get(found.how, 0.0)
        if found.how not in ("unlisted", "generic") and (best is None or cost < best[0]):
            best = (cost, found)
    return best[1] if best else None


_OPENING = 8.0
_ROLES = {"at": -3.0, "path": -0.5, "plain": 0.0}
_HOWS = {"unlisted": 2.0, "generic": 14.0, "of": 9.0}


def _candidates(view: View, us: bool) -> list[tuple[Where, int, int]]:
    found: list[tuple[Where, int, int]] = []
    taken: set[int] = set()
    origin = -1
    for mention in view.mentions:
        taken.update(range(mention.first, mention.last))
        if _of_origin(view, mention, origin):
            origin = mention.last
            continue
        listed = _listed(view, mention, us)
        if listed is not None:
            found.append((listed, mention.first, mention.last))
    found.extend(_unlisted(view, taken))
    return found


def _listed(view: View, mention: Mention, us: bool) -> Where | None:
    """The mention as a place, where it is one: not an office, not a demonym, not "Mexican" in "Mexican soldiers"."""
    entry = mention.entry
    if entry.type != "place":
        return None
    text = view.slice(mention.first, mention.last)
    if entry.use == "demonym":
        near = mention.last < len(view.words) and view.words[mention.last] in _SHORES
        return Where(Place(text=view.slice(mention.first, mention.last + 1), id=entry.id), "named") if near else None
    if entry.use == "plain":
        if _modifier(view, mention):
            return Where(Place(text=text, id=entry.id), "of")
        return Where(Place(text=_widened(view, mention), id=entry.id), "named")
    foreign = any(other.entry.type == "place" and other.entry.country not in (None, _US, "MX") for other in view.mentions)
    if entry.use == "alone":
        return Where(Place(text=text, id=entry.id if us or not foreign else None), "named" if us else "alone")
    return Where(Place(text=text, id=entry.id if us and not foreign else None), "bare" if us and not foreign else "generic")


def _of_origin(view: View, mention: Mention, before: int) -> bool:
    """ "migrants from X, Y and Z": where they come from; `before` is where the last such name ended."""
    words = view.words
    if before >= 0 and all(word in (",", "and", "or") for word in words[before : mention.first]):
        return True
    return mention.first > 1 and words[mention.first - 1] == "from" and words[mention.first - 2] in _ORIGIN


def _modifier(view: View, mention: Mention) -> bool:
    """ "U.S. troops", "Texas Gov.", "US officials": the name tells of whom, not where."""
    following = view.words[mention.last] if mention.last < len(view.words) else ""
    return following in _NO_PLACE or following == "-"


def _widened(view: View, mention: Mention) -> str:
    """ "McAllen, Texas": a town before its state belongs to the place's words; so does "southeastern" or "the coast of"."""
    first = mention.first
    words = view.words
    if first >= 2 and words[first - 1] == "," and view.capital(first - 2) and words[first - 2].isalpha():
        start = first - 2
        while start > 0 and view.capital(start - 1) and words[start - 1].isalpha() and words[start - 1] not in _LOCATIVE:
            start -= 1
        return view.slice(start, mention.last)
    while first > 0 and words[first - 1] in _DIRECTION:
        first -= 1
    return view.slice(first, mention.last)


def _unlisted(view: View, taken: set[int]) -> list[tuple[Where, int, int]]:
    """Capitalised names after "in", "at", "near", "off" that no lexicon lists, and a few common nouns ("the water", "detention camps")."""
    found: list[tuple[Where, int, int]] = []
    words = view.words
    for index, word in enumerate(words[:-1]):
        if word not in _AT and word not in _INTO:
            continue
        start = index + 1 + (words[index + 1] in _ARTICLES)
        end = _name_end(view, start)
        if end > start and not taken & set(range(start, end)) and not _is_time(view, start, end) and words[start].isalpha():
            found.append((Where(Place(text=view.slice(start, end)), "unlisted"), start, end))
            continue
        for at in range(start, min(len(words), start + 3)):
            if not words[at].isalpha() or view.capital(at):
                break
            if words[at] in _GENERIC:
                found.append((Where(Place(text=view.slice(start, at + 1)), "generic"), start, at + 1))
                break
    return found


def _name_end(view: View, start: int) -> int:
    """Where the capitalised name ends that begins at `start` ("Juiz de Fora, Minas Gerais")."""
    end = start
    while end < len(view.words) and end - start < _LONGEST:
        joins = end > start and view.words[end] in _INSIDE and end + 1 < len(view.words) and view.capital(end + 1)
        if not view.capital(end) and not joins:
            break
        end += 1
    return end


def _is_time(view: View, first: int, last: int) -> bool:
    return any(when.first < last and first < when.last for when in view.whens) or view.words[first].isdigit()


def _distance(view: View, first: int, last: int, start: int, end: int) -> float:
    return view.gap(last, start) if start >= last else view.gap(end, first)


def _role(view: View, first: int) -> str:
    """ "at" after a preposition of place, "path" after one of direction (an article or an adjective may stand between)."""
    for word in reversed(view.words[max(0, first - 3) : first]):
        if word in _AT:
            return "at"
        if word in _PATH:
            return "path"
    return "plain"
