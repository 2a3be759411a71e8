"""Where a figure is about: the place that its sentence, or else its nearest context, names."""

from schemas.figure import Place
from streams.core import lexicon
from streams.core.claims.view import View
from streams.core.entities import Mention, settled, within
from streams.core.quantities import Figure

__all__ = ["Where", "leading", "us_context", "where"]

from dataclasses import dataclass

_DATA = lexicon.table("places")
_SOURCES = lexicon.table("attribution")["words"]
_SPEAKS = frozenset(word for word in (*_SOURCES["say"], "vowed", "wants", "plans") if " " not in word)
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
_BRANDS = frozenset(_DATA["words"]["brands"])
_CALLED = frozenset(_DATA["words"]["called"])
_KINDS = frozenset(_DATA["words"]["kinds"])
_KIND_ADJECTIVES = frozenset(_DATA["words"]["kind_adjectives"])
_CALLED_SO = frozenset(_DATA["words"]["called_so"])
_HELD = frozenset(_DATA["words"]["held"])
_AT_BORDER = frozenset(_DATA["words"]["at_border"])
_HEADING = frozenset(_DATA["words"]["heading"])
_LEFT = frozenset(_DATA["words"]["left"])
_NOT_NAMES = frozenset(_DATA["words"]["not_names"])
_AUTHORITIES = frozenset(_DATA["words"]["authorities"])
_US = "US"
_US_BORDER = "us-southwest-border"


@dataclass(frozen=True, slots=True)
class Where:
    """A place with how it was found.

    "named": listed in the lexicon; "alone" and "bare": a border known by its context; "shown": a name that a noun beside it shows to be a
    place; "unlisted": a name after a preposition of place; "dateline"; "generic": a common noun; "of": the name tells of whom;
    "authority": that of the country whose office acts; "carried": from an earlier sentence.
    """

    place: Place
    how: str


def us_context(view: View, published_in_us: bool = False) -> bool:
    """Does the sentence speak of the United States or of one of its offices?"""
    return published_in_us or any(mention.entry.country == _US for mention in view.mentions if mention.entry.use in ("plain", "demonym"))


def where(view: View, figure: Figure, anchor: int, us: bool, carried: Where | None) -> Where | None:
    """The place of `figure`; `anchor` is the word index of its cue (or of itself). `us`: the text speaks of the United States."""
    candidates = [(_cost(view, figure, anchor, *found), found[0]) for found in _candidates(view, us) if not _unlike(view, found[1])]
    if not candidates:
        return Where(carried.place, "carried") if carried is not None else None
    cost, best = min(candidates, key=lambda pair: pair[0])
    if best.how not in _POOR:
        inside = [pair for pair in candidates if pair[0] <= cost + _CLOSE and pair[1].how not in _POOR and _inside(pair[1], best)]
        best = min(inside, key=lambda pair: pair[0])[1] if inside else best
    if best.how not in _POOR or carried is None:
        return best
    return Where(carried.place, "carried")


def _cost(view: View, figure: Figure, anchor: int, found: Where, first: int, last: int) -> float:
    """How ill a place suits the figure: its distance from the figure or the cue, its preposition, and how it was found."""
    gap = min(_distance(view, figure.left, figure.last, first, last), _distance(view, anchor, anchor + 1, first, last) + 0.5)
    if last <= figure.left:
        gap = min(gap, _OPENING) if first <= 3 else gap + 1.5
    between = range(min(figure.first, first), max(figure.first, first))
    gap += sum(2.0 for other in view.figures if other is not figure and not other.sure and other.first in between)
    return gap + _ROLES[_role(view, first)] + _HOWS.get(found.how, 0.0)


def _unlike(view: View, first: int) -> bool:
    """ "Unlike in Taiwan, ...": a place that something else is told of."""
    return "unlike" in view.words[max(0, first - 3) : first]


def _inside(part: Where, whole: Where) -> bool:
    """Does the one place lie in the other ("into the United States through the southern border")?"""
    return (
        part.place.id is not None
        and whole.place.id is not None
        and part.place.id != whole.place.id
        and within(part.place.id, whole.place.id)
    )


def leading(view: View, us: bool) -> Where | None:
    """The place that a sentence without a claim leaves to the next: the best placed of those that are surely places."""
    best: tuple[float, Where] | None = None
    for found, first, _ in _candidates(view, us):
        cost = _ROLES[_role(view, first)] + _HOWS.get(found.how, 0.0)
        sure = found.how != "unlisted" or (_role(view, first) == "at" and " " in found.place.text)
        if sure and found.how not in ("generic", "authority") and (best is None or cost < best[0]):
            best = (cost, found)
    return best[1] if best else None


_OPENING = 8.0
_CLOSE = 6.0  # by so much a container may be nearer than what lies in it
_POOR = frozenset({"generic", "of", "authority"})
_ROLES = {"at": -3.0, "path": -0.5, "plain": 0.0, "from": 2.5, "left": 6.0, "toward": 8.0}
_HOWS = {"unlisted": 2.0, "shown": 2.0, "dateline": 16.0, "of": 12.0, "generic": 14.0, "authority": 16.0}


def _candidates(view: View, us: bool) -> list[tuple[Where, int, int]]:
    found: list[tuple[Where, int, int]] = []
    taken: set[int] = set()
    origin = -1
    for mention in view.mentions:
        taken.update(range(mention.first, mention.last))
        held = _held(view, mention)
        if held is not None:
            found.append(held)
            continue
        if _of_origin(view, mention, origin):
            origin = mention.last
            continue
        listed = _listed(view, mention, us)
        if listed is not None:
            found.append((listed, mention.first, mention.last))
    found.extend(_unlisted(view, taken))
    found.extend(_called(view, taken, us))
    return found


def _held(view: View, mention: Mention) -> tuple[Where, int, int] | None:
    """ "CBP custody", "the Border Patrol facilities": in the hands of an office, and so in its country."""
    words, end = view.words, mention.last
    if mention.entry.use != "plain" or mention.entry.country is None:
        return None
    limit = min(len(words), end + 4)
    while (
        end < limit
        and words[end] not in _HELD
        and (words[end] in ("(", ")", "patrol", "detention", "holding", "processing") or words[end - 1] == "(")
    ):
        end += 1
    if end >= limit or words[end] not in _HELD:
        return None
    country = mention.entry.country if mention.entry.type == "organisation" else mention.entry.id
    return Where(Place(text=view.slice(mention.first, end + 1), id=country), "named"), mention.first, end + 1


def _called(view: View, taken: set[int], us: bool) -> list[tuple[Where, int, int]]:
    """What a word beside it shows to be a place: "Burleigh County", "the village of Carreto"; and the border of "border arrests"."""
    found: list[tuple[Where, int, int]] = []
    words = view.words
    for index, word in enumerate(words):
        if word == "border" and us and index not in taken and index + 1 < len(words) and words[index + 1] in _AT_BORDER:
            found.append((Where(Place(text=view.slice(index, index + 1), id=_US_BORDER), "bare"), index, index + 1))
        elif word.endswith("-area") and view.capital(index):
            found.append((Where(Place(text=view.slice(index, index + 1)), "shown"), index, index + 1))
        elif word in _KINDS and not (index + 1 < len(words) and view.capital(index) and view.capital(index + 1)):
            start = index - (words[index - 1] in _KIND_ADJECTIVES) if index else index
            first = start
            while first > 0 and index - first < 4 and view.capital(first - 1) and _name(words[first - 1]) and first - 1 not in taken:
                first -= 1
            if first < start and not (first == 0 and start == 1 and words[0] in _ARTICLES):
                found.append((Where(Place(text=view.slice(first, index + 1)), "shown"), first, index + 1))
        if word in _CALLED_SO and index + 2 < len(words):
            start = index + 1 + (words[index + 1] == "of")
            end = _name_end(view, start)
            if end > start and not view.capital(index) and _name(words[start]) and not taken & set(range(start, end)):
                found.append((Where(Place(text=view.slice(start, end)), "shown"), start, end))
    return found


def _name(word: str) -> bool:
    return word.isalpha() and word not in _NOT_NAMES and word not in _ARTICLES and word not in _LOCATIVE


def _listed(view: View, mention: Mention, us: bool) -> Where | None:
    """The mention as a place, where it is one: not an office, not a demonym, not "Mexican" in "Mexican soldiers"."""
    entry = mention.entry
    if entry.type != "place":
        return None
    text = view.slice(mention.first, mention.last)
    following = view.words[mention.last] if mention.last < len(view.words) else ""
    if entry.use == "demonym":
        if following in _AUTHORITIES:
            return Where(Place(text=view.slice(mention.first, mention.last + 1), id=entry.id), "authority")
        near = following in _SHORES
        return Where(Place(text=view.slice(mention.first, mention.last + 1), id=entry.id), "named") if near else None
    if entry.use == "contested":
        if not us:
            return Where(Place(text=_widened(view, mention)), "unlisted")
        entry = settled(entry, us=True)
    if entry.use == "plain":
        if _brand(view, mention) or _feast(view, mention):
            return None
        if _modifier(view, mention):
            return Where(Place(text=text, id=entry.id or None), "of")
        return Where(Place(text=_widened(view, mention), id=entry.id or None), "dateline" if _dateline(view, mention) else "named")
    foreign = any(other.entry.type == "place" and other.entry.country not in (None, _US, "MX") for other in view.mentions)
    if entry.use == "alone":
        return Where(Place(text=text, id=entry.id if us or not foreign else None), "named" if us else "alone")
    return Where(Place(text=text, id=entry.id if us and not foreign else None), "bare" if us and not foreign else "generic")


def _of_origin(view: View, mention: Mention, before: int) -> bool:
    """ "migrants from X, Y and Z": where they come from; `before` is where the last such name ended."""
    words = view.words
    if before >= 0 and all(word in (",", "and", "or") for word in words[before : mention.first]):
        return True
    at = mention.first - 1 - (mention.first > 1 and words[mention.first - 1] == "the")
    return at > 0 and words[at] == "from" and not _ORIGIN.isdisjoint(words[max(0, at - 2) : at])


def _brand(view: View, mention: Mention) -> bool:
    """ "USA Today", "a US-bound caravan": not the place itself."""
    words, last = view.words, mention.last
    if last < len(words) and words[last] in _BRANDS and view.capital(last):
        return True
    return words[last : last + 2] == ["-", "bound"] or words[last : last + 1] == ["bound"]


def _feast(view: View, mention: Mention) -> bool:
    """ "World Refugee Day"."""
    return view.words[_name_end(view, mention.first) - 1] == "day"


def _dateline(view: View, mention: Mention) -> bool:
    """ "JAKARTA (Reuters) -": where the report was written."""
    starts, ends = view.tokens.starts, view.tokens.ends
    following = view.words[mention.last] if mention.last < len(view.words) else ""
    return mention.first == 0 and following in ("(", ":", "—", "–", "-", ",") and view.text[starts[0] : ends[mention.last - 1]].isupper()


def _modifier(view: View, mention: Mention) -> bool:
    """ "U.S. troops", "Texas Gov.", "University of Houston", "Israel says": the name tells of whom, not where."""
    words = view.words
    following = words[mention.last] if mention.last < len(words) else ""
    if following in _NO_PLACE or following == "-" or (following in _SPEAKS and _role(view, mention.first) == "plain"):
        return True
    if following == "'s" and mention.last + 1 < len(words) and words[mention.last + 1] in _NO_PLACE:
        return True
    before = words[max(0, mention.first - 2) : mention.first]
    return len(before) == 2 and before[1] == "of" and before[0] in _CALLED


def _widened(view: View, mention: Mention) -> str:
    """ "McAllen, Texas": a town before its state belongs to the place's words; so does "southeastern" or "the coast of"."""
    first = mention.first
    words = view.words
    listed = any(other.first < first and other.last == first - 1 for other in view.mentions) and mention.entry.country != "US"
    if first >= 2 and not listed and words[first - 1] == "," and view.capital(first - 2) and _name(words[first - 2]):
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
        if (
            end > start
            and not taken & set(range(start, end))
            and not _is_time(view, start, end)
            and _name(words[start])
            and not _qualifies(view, start, end)
        ):
            found.append((Where(Place(text=view.slice(start, end)), "unlisted"), start, end))
            continue
        for at in range(start, min(len(words), start + 3)):
            if not words[at].isalnum() or view.capital(at):
                break
            if words[at] in _GENERIC:
                found.append((Where(Place(text=view.slice(start, at + 1)), "generic"), start, at + 1))
                break
    return found


def _qualifies(view: View, start: int, end: int) -> bool:
    """Does the name only say what kind of thing stands there ("near a Shia procession")? A feast is no place either ("on Refugee Day")."""
    words = view.words
    return (words[start - 1] in ("a", "an") and end < len(words) and words[end].isalpha()) or words[end - 1] == "day"


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
    """ "at" after a preposition of place, "path" after one of direction, "toward" after "headed to" and its like, "from" and "left" after
    what leads away (an article or an adjective may stand between)."""
    for word in reversed(view.words[max(0, first - 3) : first]):
        if word in _AT:
            return "at"
        if word == "with":
            return "plain"
        if word == "from":
            return "from"
        if word in _LEFT or word == "out":
            return "left"
        if word in _PATH:
            if word in ("to", "for") and not _HEADING.isdisjoint(view.words[max(0, first - 4) : first]):
                return "toward"
            return "path" if word != "of" or "out" not in view.words[max(0, first - 3) : first] else "left"
    return "plain"
