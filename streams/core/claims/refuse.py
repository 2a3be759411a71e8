"""Which measured quantities report nothing."""

from streams.core import lexicon
from streams.core.claims.bind import Binding, unit_class
from streams.core.claims.view import View
from streams.core.quantities import NOT_QUANTITIES

__all__ = ["refusal"]

_DATA = lexicon.table("unreported")["counts"]
_NEVER = frozenset(_DATA["never"])
_SMALL: int = _DATA["small"]
_LARGE: int = _DATA["large"]
NEAR = 3.0  # a cue this near keeps a figure that the lower reader doubts
_UNMEASURED = frozenset({"length", "area", "volume", "duration", "temperature", "speed", "energy", "points", "other"})


def refusal(view: View, index: int, binding: Binding | None) -> str | None:
    """Why figure `index` is no claim, in one word; None where it is one."""
    figure = view.figures[index]
    if figure.skip and figure.sure:
        return figure.skip
    named = binding is not None
    if figure.skip and (figure.skip in NOT_QUANTITIES or not (binding is not None and binding.cost <= NEAR)):
        return figure.skip
    near = {value for hit in view.hits["refuse"] for value in hit.values}
    value = (
        figure.value.point if figure.value.point is not None else figure.value.low if figure.value.low is not None else figure.value.high
    )
    size = abs(value or 0)
    unit = unit_class(figure)
    if unit == "percent":
        return (
            "poll"
            if "poll" in near or "vote" in near
            else "market"
            if "market" in near and not named
            else "sport"
            if "sport" in near and not named
            else None
        )
    if named:
        return None
    if unit == "usd":
        return (
            "price" if size < 1000 and (figure.rate is None or "price" in near) else "market" if "market" in near and size < 1e6 else None
        )
    if unit == "times":
        return None if figure.change else "multiple"
    if figure.dimension in _UNMEASURED:
        return None if size >= _LARGE and figure.dimension in ("duration", "area", "volume") else figure.dimension
    return _count(figure.head, figure.person, size, near, figure.bound == "vague")


def _count(head: str | None, person: bool, size: float, near: set[str], vague: bool) -> str | None:
    """Counts of no named series."""
    if "vote" in near and size < _LARGE:
        return "vote"
    if "poll" in near and size < 10 * _LARGE:
        return "poll"
    if "sport" in near and size < _LARGE:
        return "sport"
    if "familiar" in near and size < _SMALL:
        return "source"
    if head is None and size < _LARGE:
        return "nothing_counted"
    if size < _SMALL and not vague:
        return "small_count"
    if head in _NEVER and size < _LARGE:
        return "count_in_passing"
    return None
