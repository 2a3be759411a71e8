"""Two rule sets over the same past, and what differs: by rule and group, episode by episode.

Episodes of the two that overlap in time are the same one. One that has none beside it was added or removed; of those that have, the
opening, the highest level, the times of the levels and the end are compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Literal

from schemas.alert import Alert
from schemas.article import Moment

__all__ = ["Cause", "Difference", "Episode", "Episodes", "Kind", "Mark", "differences"]

Cause = Literal["rules", "reader"]
Kind = Literal["added", "removed", "earlier", "later", "other_level", "other_end"]
Key = tuple[str, tuple[tuple[str, str], ...]]
"""A rule's id and the labels of a group."""

ENDS = ("resolved", "expired", "retracted", "closed")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One transition, with the sentence that decided it. `rank` orders levels: how far their threshold is from zero."""

    at: Moment
    transition: str
    level: str | None
    rank: float
    value: str
    sentence: str
    publisher: str | None
    url: str | None


@dataclass(slots=True, kw_only=True)
class Episode:
    """One alert from its opening on. `steps` are its changes of level, the opening first."""

    title: str
    steps: list[Mark]
    end: Mark | None = None

    @property
    def opening(self) -> Mark:
        return self.steps[0]

    @property
    def until(self) -> datetime:
        """When it ended; an open one never did."""
        return self.end.at if self.end else NEVER

    @property
    def peak(self) -> Mark:
        """The first mark of the gravest level."""
        return max(self.steps, key=lambda mark: mark.rank)

    def first(self, level: str | None) -> Mark | None:
        """When it first came to a level."""
        return next((mark for mark in self.steps if mark.level == level), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one episode is under the new rules that it was not under the old. `what`: the whole episode, its opening, a level, its end.

    `cause` is `reader` where not the rules are new, but the reading of the articles.
    """

    cause: Cause = "rules"
    kind: Kind
    what: str
    rule: str
    title: str
    group: dict[str, str]
    old: Mark | None
    new: Mark | None

    @property
    def mark(self) -> Mark:
        """The one whose sentence is shown: of the new rules, where there is one."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def at(self) -> datetime:
        """When the two begin to differ."""
        return min(mark.at for mark in (self.old, self.new) if mark)


@dataclass(slots=True)
class Episodes:
    """The episodes of one run, by rule and group, in order of time."""

    by_key: dict[Key, list[Episode]] = field(default_factory=dict)
    _open: dict[str, Episode] = field(default_factory=dict)

    def take(self, alert: Alert) -> None:
        """Take the next alert of the run."""
        if alert.transition == "pending":
            return
        mark = _mark(alert)
        episode = self._open.get(alert.alert_id)
        if episode is None:
            episode = self._open[alert.alert_id] = Episode(title=alert.rule.title, steps=[mark])
            self.by_key.setdefault((alert.rule.id, tuple(sorted(alert.group.items()))), []).append(episode)
        elif alert.transition in ENDS:
            episode.end = mark
            del self._open[alert.alert_id]
        elif mark.level != episode.steps[-1].level:
            episode.steps.append(mark)


def differences(old: Episodes, new: Episodes, *, cause: Cause = "rules") -> list[Difference]:
    """What differs, in order of time."""
    found = [
        one for key in old.by_key.keys() | new.by_key.keys() for one in _of_series(key, old.by_key.get(key, []), new.by_key.get(key, []))
    ]
    return sorted(
        (replace(one, cause=cause) for one in found), key=lambda one: (one.at, one.rule, sorted(one.group.items()), one.kind, one.what)
    )


def _of_series(key: Key, old: list[Episode], new: list[Episode]) -> Iterator[Difference]:
    for before, after in _paired(old, new):
        rule, group = key[0], dict(key[1])
        if before is None or after is None:
            only = after or before
            assert only is not None
            kind: Kind = "added" if before is None else "removed"
            yield Difference(
                kind=kind,
                what="alert",
                rule=rule,
                title=only.title,
                group=group,
                old=None if before is None else before.peak,
                new=None if after is None else after.peak,
            )
            continue
        for kind, what, was, now in _of_episode(before, after):
            yield Difference(kind=kind, what=what, rule=rule, title=after.title, group=group, old=was, new=now)


def _paired(old: list[Episode], new: list[Episode]) -> Iterator[tuple[Episode | None, Episode | None]]:
    """Those that overlap, each with the first that is left; both lists are in order of time."""
    left, right = iter(old), iter(new)
    before, after = next(left, None), next(right, None)
    while before and after:
        if before.until < after.opening.at:
            yield before, None
            before = next(left, None)
        elif after.until < before.opening.at:
            yield None, after
            after = next(right, None)
        else:
            yield before, after
            before, after = next(left, None), next(right, None)
    for one in (before, *left) if before else ():
        yield one, None
    for one in (after, *right) if after else ():
        yield None, one


def _of_episode(old: Episode, new: Episode) -> Iterator[tuple[Kind, str, Mark | None, Mark | None]]:
    if old.opening.at != new.opening.at:
        yield _sooner(old.opening, new.opening), "opening", old.opening, new.opening
    if old.peak.level != new.peak.level:
        yield "other_level", "highest level", old.peak, new.peak
    elif old.opening.level != new.opening.level:
        yield "other_level", "level at the opening", old.opening, new.opening
    for level in _shared(old.steps, new.steps):
        was, now = old.first(level), new.first(level)
        opened = was is old.opening and now is new.opening
        if was and now and was.at != now.at and not opened:
            yield _sooner(was, now), f"level {level}", was, now
    if old.until != new.until:
        yield "earlier" if new.until < old.until else "later", "end", old.end, new.end
    elif old.end and new.end and old.end.transition != new.end.transition:
        yield "other_end", "end", old.end, new.end


def _sooner(old: Mark, new: Mark) -> Kind:
    return "earlier" if new.at < old.at else "later"


def _shared(old: Iterable[Mark], new: Iterable[Mark]) -> list[str | None]:
    """The levels that both came to, in the order in which they did."""
    levels = dict.fromkeys(mark.level for pair in zip_longest(old, new) for mark in pair if mark)
    return [level for level in levels if any(mark.level == level for mark in old) and any(mark.level == level for mark in new)]


def _mark(alert: Alert) -> Mark:
    proof = alert.evidence[0] if alert.evidence else None
    sign = 1 if alert.condition.direction == "above" else -1
    return Mark(
        at=alert.times.event_time,
        transition=alert.transition,
        level=alert.level,
        rank=sign * float(alert.condition.at),
        value=alert.value.text,
        sentence=proof.sentence if proof else "",
        publisher=proof.publisher if proof else None,
        url=proof.url if proof else None,
    )
