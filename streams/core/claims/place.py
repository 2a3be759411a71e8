"""Where a figure is about: the place that its sentence, or else its nearest context, names."""

from collections.abc import Sequence

from schemas.figure import Place
from streams.core import lexicon
from streams.core.claims.view import View
from streams.core.entities import Mention
from streams.core.quantities import Figure

__all__ = ["Where", "us_context", "where"]

from dataclasses import dataclass

_DATA = lexicon.table("places")
_LOCATIVE = frozenset(_DATA["words"]["locative"])
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
        if last <= figure.left and not _opens(view, first):
            gap += 1.5
        gap += sum(
            2.0
            for other in view.figures
            if other is not figure and not other.sure and min(figure.first, first) < other.first < max(figure.first, first)
        )
        gap -= {"locative": 3.0, "plain": 0.0, "unlisted": 1.0}.get(_role(view, first), 0.0)
        gap += 3.0 if found.how == "unlisted" else 0.0
        gap += 6.0 if found.how == "generic" else 0.0
        if best is None or gap < best[0]:
            best = (gap, found)
    if best is not None:
        return best[1]
    return Where(carried.place, "carried") if carried is not None else None


def _candidates(view: View, us: bool) -> list[tuple[Where, int, int]]:
    found: list[tuple[Where, int, int]] = []
    taken: set[int] = set()
    for mention in view.mentions:
        listed = _listed(view, mention, us)
        taken.update(range(mention.first, mention.last))
        if listed is not None:
            found.append((listed, mention.first, mention.last))
    found.extend(_unlisted(view, taken))
    return found


def _listed(view: View, mention: Mention, us: bool) -> Where | None:
    """The mention as a place, where it is one: not an office, not a demonym, not "Mexican" in "Mexican soldiers"."""
    entry = mention.entry
    if entry.type != "place" or entry.use == "demonym":
        return None
    text = view.slice(mention.first, mention.last)
    if entry.use == "plain":
        if _modifier(view, mention):
            return None
        return Where(Place(text=_widened(view, mention), id=entry.id), "named")
    foreign = any(other.entry.type == "place" and other.entry.country not in (None, _US, "MX") for other in view.mentions)
    if entry.use == "alone":
        return Where(Place(text=text, id=entry.id if us or not foreign else None), "named" if us else "alone")
    return Where(Place(text=text, id=entry.id if us and not foreign else None), "bare")


def _modifier(view: View, mention: Mention) -> bool:
    """ "U.S. troops", "Texas Gov.", "US officials": the name tells of whom, not where."""
    following = view.words[mention.last] if mention.last < len(view.words) else ""
    if following in _NO_PLACE:
        return True
    before = view.words[mention.first - 1] if mention.first else ""
    return (
        (before in ("from", "-", "of") and following in ("-bound",))
        or following == "-"
        or (before == "from" and view.words[max(0, mention.first - 2)] in _DATA["words"]["origin"])
    )


def _widened(view: View, mention: Mention) -> str:
    """ "McAllen, Texas": a town before its state belongs to the place's words; so does "southeastern" or "the coast of"."""
    first = mention.first
    words = view.words
    if first >= 2 and words[first - 1] == "," and view.capital(first - 2) and words[first - 2].isalpha():
        start = first - 2
        while start > 0 and view.capital(start - 1) and words[start - 1].isalpha() and words[start - 1] not in _LOCATIVE:
            start -= 1
        return view.slice(start, mention.last)
    while first > 0 and words[first - 1] in _DATA["words"]["direction"]:
        first -= 1
    return view.slice(first, mention.last)


def _unlisted(view: View, taken: set[int]) -> list[tuple[Where, int, int]]:
    """Capitalised names after "in", "at", "near", "off" that no lexicon lists, and a few common nouns ("the water", "detention camps")."""
    found: list[tuple[Where, int, int]] = []
    words = view.words
    for index, word in enumerate(words[:-1]):
        if word not in _LOCATIVE:
            continue
        start = index + 1 + (words[index + 1] in ("the", "a", "an", "their", "our", "its"))
        end = start
        while (
            end < len(words)
            and end - start < 7
            and (view.capital(end) or (words[end] in _INSIDE and end + 1 < len(words) and end > start and view.capital(end + 1)))
        ):
            end += 1
        if end > start and not taken & {start, end - 1} and not _is_time(view, start, end) and words[start].isalpha():
            found.append((Where(Place(text=view.slice(start, end)), "unlisted"), start, end))
        elif start < len(words) and any(candidate in _GENERIC for candidate in words[start : start + 4]):
            end = next(at for at in range(start, min(len(words), start + 4)) if words[at] in _GENERIC) + 1
            found.append((Where(Place(text=view.slice(start, end)), "generic"), start, end))
    return found


def _is_time(view: View, first: int, last: int) -> bool:
    return any(when.first < last and first < when.last for when in view.whens) or view.words[first].isdigit()


def _distance(view: View, first: int, last: int, start: int, end: int) -> float:
    return view.gap(last, start) if start >= last else view.gap(end, first)


def _opens(view: View, first: int) -> bool:
    return first <= 3


def _role(view: View, first: int) -> str:
    """ "locative" where a preposition of place stands before the name (an article or an adjective may stand between)."""
    back: Sequence[str] = view.words[max(0, first - 3) : first]
    return "locative" if any(word in _LOCATIVE for word in back) else "plain"
