"""What the figures of a series say of its level: the signal, and the figures behind it. Pure questions; nothing is changed here.

The rules are those of docs/semantics.md, section "From figures to a level".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from schemas.alert import Grade
from schemas.figure import Interval
from streams.core.grading import Operator, at_least, capped, grade
from streams.core.rules import Level, Rule
from streams.core.transitions import Phase, Signal
from streams.core.voices import Held, current


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The state of one alert. Before its first figure every field has its default."""

    phase: Phase = "idle"
    level: str | None = None
    """The level in force; null unless `phase` is firing."""
    held: tuple[Held, ...] = ()
    until: date | None = None
    """Effective end of the evidence that holds the level: only later figures take it back."""
    floor: date | None = None
    """Effective end of the figures that took a level back last: earlier figures do not raise it again."""
    contested: bool = False
    episode: int = 0
    sequence: int = 0
    opening: str | None = None
    started_at: datetime | None = None
    shown: float | None = None
    """The value of the last event, by which `updated` measures movement."""
    told_at: datetime | None = None
    """The clock at the last event of the open alert, from which `repeat` counts."""
    applied: dict[str, int] = field(default_factory=dict)
    """The first 16 hex digits of a claim's id -> its publication time in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the figures say now: the signal, its reason, the level it leads to, and the figures behind it."""

    signal: Signal
    reason: str = ""
    level: Level | None = None
    condition: Level | None = None
    """The level whose threshold or reset decided."""
    evidence: tuple[Held, ...] = ()


class View:
    """A series under a rule. What several questions need is found once: the current figures, and those that support each level."""

    __slots__ = ("_support", "current", "rule", "series")

    def __init__(self, rule: Rule, series: Series) -> None:
        self.rule = rule
        self.series = series
        self.current = current(series.held)
        self._support: dict[str, tuple[Held, ...]] = {}

    @property
    def level(self) -> Level | None:
        """The level in force."""
        return level_of(self.rule, self.series.level)

    def supporters(self, level: Level) -> tuple[Held, ...]:
        """The current figures that meet `level`, unless enough newer ones have taken it back."""
        found = self._support.get(level.level)
        if found is None:
            found = self._support[level.level] = _supporters(self, level)
        return found


def look(view: View, claim: Held) -> Found:
    """The signal of the figures after `claim` was admitted."""
    rule, level = view.rule, view.level
    best = best_level(view)
    if best and (level is None or rule.when.levels.index(best[0]) > rule.when.levels.index(level)):
        return Found(signal="crossed", reason="level_crossed", level=best[0], condition=best[0], evidence=best[1])
    if level:
        return _falling(view, claim, level) or _staying(view, claim, level)
    met = view.supporters(rule.when.levels[0])
    if met:
        return Found(signal="unconfirmed", reason="unconfirmed", condition=rule.when.levels[0], evidence=met)
    return Found(signal="nothing")


def corrected(view: View, *evidence: Held) -> Found | None:
    """The signal where evidence was taken back and the level in force does not hold without it."""
    level = view.level
    if level is None or holds(view, level):
        return None
    best = best_level(View(view.rule, replace(view.series, floor=None)))
    return Found(
        signal="corrected" if best else "withdrawn",
        reason="evidence_withdrawn",
        level=best[0] if best else None,
        condition=level,
        evidence=(*evidence, *(one for one in (best[1] if best else ()) if one not in evidence)),
    )


def best_level(view: View) -> tuple[Level, tuple[Held, ...]] | None:
    """The highest level that is supported and confirmed, with its figures."""
    for level in reversed(view.rule.when.levels):
        support = _confirmed(view.rule, view.supporters(level))
        if support:
            return level, support
    return None


def holds(view: View, level: Level) -> bool:
    """Is a level in force still held: by figures that support it, or by newer ones that have not met its reset?"""
    if view.supporters(level):
        return True
    return any(not meets(view.rule, one, level, "back") for one in view.current if _after(view.series, one))


def _after(series: Series, held: Held) -> bool:
    return series.until is None or held.effective_end > series.until


def _supporters(view: View, level: Level) -> tuple[Held, ...]:
    rule, floor = view.rule, view.series.floor
    figures = view.current if floor is None else [one for one in view.current if one.effective_end >= floor]
    good = [one for one in figures if meets(rule, one, level, "at")]
    newest = max((one.effective_end for one in good), default=None)
    if newest is None or _confirmed(rule, _resetting(rule, figures, level, newest)):
        return ()
    return by_strength(rule, good)


def _resetting(rule: Rule, figures: Iterable[Held], level: Level, since: date | None) -> tuple[Held, ...]:
    """Those of `figures` that are about a time after `since`, meet the reset of `level`, and not the level itself."""
    newer = [one for one in figures if since is None or one.effective_end > since]
    return by_strength(rule, [one for one in newer if meets(rule, one, level, "back") and not meets(rule, one, level, "at")])


def _confirmed(rule: Rule, figures: tuple[Held, ...]) -> tuple[Held, ...]:
    """`figures` if some of them, published within one window, come from `min_origins` distinct voices; else none."""
    needed, window = rule.confirm.min_origins, timedelta(seconds=rule.confirm.within)
    for first in figures:
        together = [one for one in figures if first.first_published <= one.first_published <= first.first_published + window]
        if len({name for one in together for name in _voices(rule, one)}) >= needed:
            return figures
    return ()


def _voices(rule: Rule, held: Held) -> tuple[str, ...]:
    return {"origin": (held.origin,), "publisher": held.publishers, "attribution": (held.voice,)}[rule.confirm.distinct_by]


def _falling(view: View, claim: Held, level: Level) -> Found | None:
    """Down to the highest level still met, if enough newer figures meet the reset of the level in force.

    Where voices changed their own figures, the levels below hold by whatever figures still support them.
    """
    rule = view.rule
    newer = _resetting(rule, view.current, level, view.series.until)
    meeting = _confirmed(rule, newer or _changed_their_mind(view, level))
    if not meeting:
        return None
    below = rule.when.levels[: rule.when.levels.index(level)]
    if newer:
        met = [one for one in below if any(meets(rule, figure, one, "at") for figure in meeting)]
    else:
        met = [one for one in below if _confirmed(rule, view.supporters(one))]
    deciding = (claim, *(one for one in meeting if one is not claim)) if claim in meeting else meeting
    return Found(
        signal="lowered" if met else "reset", reason="reset_met", level=met[-1] if met else None, condition=level, evidence=deciding
    )


def _changed_their_mind(view: View, level: Level) -> tuple[Held, ...]:
    """Where nobody supports the level any more: the voices that did, and whose greatest figure now meets its reset."""
    if view.supporters(level):
        return ()
    did = {(one.origin, one.voice) for one in view.series.held if meets(view.rule, one, level, "at")}
    mine = [one for one in view.current if (one.origin, one.voice) in did]
    return _resetting(view.rule, mine, level, None)


def _staying(view: View, claim: Held, level: Level) -> Found:
    rule, series, support = view.rule, view.series, view.supporters(level)
    supports = claim in support
    contested = is_contested(view, level, support) if support else series.contested
    joined = supports and len(support) > 1 and all(one.origin != claim.origin for one in support if one is not claim)
    moved = supports and _moved(rule, series.shown, middle(claim.figure))
    reason = "contested_changed" if contested != series.contested else "new_origin" if joined else "value_moved" if moved else None
    evidence = (claim, *(one for one in support if one is not claim))
    if reason is None:
        return Found(signal="nothing", level=level, evidence=evidence if supports else support)
    return Found(signal="moved", reason=reason, level=level, condition=level, evidence=evidence)


def is_contested(view: View, level: Level, support: tuple[Held, ...]) -> bool:
    """Does another voice give a figure for the time of the evidence that rules the level out?

    "More than 100" says nothing against 200; "130" does.
    """
    oldest, newest = min(one.effective_end for one in support), max(one.effective_end for one in support)
    others = [one for one in view.current if oldest <= one.effective_end <= newest and one not in support]
    return any(grade_of(view.rule, one, level, "at") == "no" for one in others)


def _moved(rule: Rule, shown: float | None, value: float | None) -> bool:
    if shown is None or value is None or shown == value:
        return False
    return abs(value - shown) >= rule.notify.update_when * abs(shown)


def meets(rule: Rule, held: Held, level: Level, side: Literal["at", "back"]) -> bool:
    return at_least(grade_of(rule, held, level, side), rule.when.certainty)


def graded(rule: Rule, figure: Interval, cap: Grade, level: Level, side: Literal["at", "back"] = "at") -> Grade:
    """How surely `figure`, graded `cap` at best, meets the threshold of `level`, or the value that takes it back."""
    above = rule.when.direction == "above"
    operator: Operator = ">=" if (side == "at") == above else "<="
    return capped(grade(figure, operator, level.at if side == "at" else level.back), cap)


def grade_of(rule: Rule, held: Held, level: Level, side: Literal["at", "back"]) -> Grade:
    return graded(rule, held.figure, held.cap, level, side)


def by_strength(rule: Rule, figures: Iterable[Held]) -> tuple[Held, ...]:
    """The most telling first: the furthest value, then the greatest rank."""
    sign = 1 if rule.when.direction == "above" else -1
    return tuple(sorted(figures, key=lambda one: (sign * (middle(one.figure) or 0.0), one.rank), reverse=True))


def middle(figure: Interval) -> float | None:
    if figure.point is not None:
        return float(figure.point)
    known = [end for end in (figure.low, figure.high) if end is not None]
    return float(sum(known) / len(known)) if known else None


def level_of(rule: Rule, name: str | None) -> Level | None:
    return next((level for level in rule.when.levels if level.level == name), None)
