"""Which measured quantities report nothing."""

from streams.core import lexicon
from streams.core.claims.bind import Binding
from streams.core.claims.distance import size, unit_class
from streams.core.claims.modality import EVENTS
from streams.core.claims.view import View
from streams.core.quantities import NOT_QUANTITIES, Figure

__all__ = ["refusal"]

_TABLE = lexicon.table("unreported")
_DATA, _BESIDE = _TABLE["counts"], _TABLE["beside"]
_NEVER = frozenset(_DATA["never"])
_ALWAYS = frozenset(_DATA["always"])
_SMALL: int = _DATA["small"]
_LARGE: int = _DATA["large"]
_ABOARD = (["in"], ["on"], ["aboard"], ["from"])  # "210 people in three boats": the people are counted
NEAR = 3.0  # a cue this near keeps a figure that the reader of quantities doubts
_AGE, _AGE_REACH, _OLDEST = "age", 24, 120  # "the average age has risen from 26 to 31"
_DIES = tuple(phrase.split() for phrase in _BESIDE["dies"])
_LARGE_MONEY = 1_000_000
_PAUSES = frozenset(_BESIDE["pauses"])
_UNMEASURED = frozenset({"length", "area", "volume", "duration", "temperature", "speed", "energy", "points", "other"})
_EXTENTS = frozenset({"duration", "area", "volume", "length"})


def refusal(view: View, index: int, binding: Binding | None) -> str | None:
    """Why figure `index` is no claim, in one word; None where it is one."""
    figure = view.figures[index]
    if figure.skip and (figure.sure or figure.skip in NOT_QUANTITIES) and not _known_harm(figure, binding):
        return figure.skip
    if figure.skip and not (binding is not None and binding.cost <= NEAR and binding.how in ("cue", "partner")) and not _extent(figure):
        return figure.skip
    if _said_again(view, index):
        return "repeated"
    near = {value for hit in view.hits["refuse"] for value in hit.values}
    unit = unit_class(figure)
    if unit == "percent":
        return _share(near, binding is not None)
    if figure.head is None and size(figure) <= _OLDEST and view.words[max(0, figure.left - 2) : figure.left] in _DIES:
        return "age"
    counted = figure.head is not None and figure.noun is not None and figure.noun[0] >= figure.last
    if not counted and size(figure) <= _OLDEST and _AGE in view.words[max(0, figure.left - _AGE_REACH) : figure.left]:
        return "age"
    if unit == "boat" and view.words[max(0, figure.left - 1) : figure.left] in _ABOARD:
        return "count_in_passing"
    if binding is not None:
        return "small_count" if figure.part and size(figure) == 1 else None
    if unit == "usd":
        return _money(figure, near)
    if unit == "times":
        return None if figure.change else "multiple"
    if figure.dimension in _UNMEASURED:
        return None if _extent(figure) else figure.dimension
    return _count(figure, near)


def _known_harm(figure: Figure, binding: Binding | None) -> bool:
    """ "the three fatalities": a group named before, but of the dead or injured."""
    return figure.skip == "definite" and binding is not None and binding.cost < 1 and binding.indicator in EVENTS


def _said_again(view: View, index: int) -> bool:
    """Is the figure said again at once, with more words: "a million, more than a million"? The second stands for both."""
    figure = view.figures[index]
    again = view.figures[index + 1] if index + 1 < len(view.figures) else None
    if again is None or again.sure or again.dimension != figure.dimension or size(again) != size(figure):
        return False
    return 0 < again.left - figure.last <= 2 and set(view.words[figure.last : again.left]) <= _PAUSES


def _extent(figure: Figure) -> bool:
    """Very large hours, areas and lengths report something ("250,000 hours of work")."""
    if figure.dimension == "duration" and figure.unit != "hour":
        return False  # "a wait of 1,700 days"
    return figure.dimension in _EXTENTS and size(figure) >= _LARGE and figure.skip != "distance"


def _share(near: set[str], named: bool) -> str | None:
    if near & {"poll", "vote"}:
        return "poll"
    return next((reason for reason in ("market", "sport") if reason in near), None) if not named else None


def _money(figure: Figure, near: set[str]) -> str | None:
    """Sums that a person pays, and market data."""
    if size(figure) < _LARGE and (figure.rate is None or "price" in near):
        return "price"
    return "market" if "market" in near and size(figure) < _LARGE_MONEY else None


def _count(figure: Figure, near: set[str]) -> str | None:
    """Counts of no named series."""
    stated = size(figure)
    if "vote" in near and stated < _LARGE:
        return "vote"
    if "poll" in near and stated < 10 * _LARGE:
        return "poll"
    if "sport" in near and stated < _LARGE:
        return "sport"
    if "market" in near and figure.head is None:
        return "market"
    if "familiar" in near and stated < _SMALL:
        return "source"
    if figure.head is None and stated < _LARGE and figure.role not in ("to", "from"):
        return "nothing_counted"
    if stated < _SMALL and figure.bound != "vague":
        return "small_count"
    return "count_in_passing" if figure.head in _ALWAYS or (figure.head in _NEVER and stated < _LARGE) else None
