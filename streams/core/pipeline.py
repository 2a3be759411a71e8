"""The whole of `watch` as one pure step: a record of `claims` in, alerts and state changes out.

    claim     -> its origin -> for each rule of its family: match -> series -> evaluate -> alerts
    revision  -> the series that earlier versions of the document stand in -> evaluate -> alerts
    rules     -> the open series of rules that changed -> evaluate -> alerts
    tick      -> the series that are due -> evaluate -> alerts

State is plain keys and bytes (kept.py), so that a Faust table, a dict in a replay and a dict in a test hold the same thing. `apply`
changes nothing: the caller publishes the alerts first and then lets `settle` write, so that a crash in between finds the old
state and gives the same alerts with the same ids again.

Keys begin with the partition, since one store may hold several:

    3|clock                          how far event time has come
    3|rules                          the hash of the rule set in force
    3|document|<hash>                a document: its origin, its newest version, the series it stands in
    3|origin|<origin id>             the signature of an origin's first text
    3|series|<fingerprint>           the state of one alert
    3|mark                           how far the log is in all this; written last
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from schemas.alert import Alert, Mode
from schemas.claims import ClaimRecord, Record, Revision, RulesChange, Tick
from schemas.codec import decode, encode
from schemas.figure import Claim
from streams.core.assess import Series
from streams.core.evaluate import Event, change, revise, step, tick, wake_at
from streams.core.grading import at_least
from streams.core.intake import MAX_AHEAD, Rejected
from streams.core.kept import EARLIEST, Age, Brief, Clock, Group, Known, Mark, Stored
from streams.core.matching import Matched, Within, match
from streams.core.origin import Origin, OriginIndex, origin_id
from streams.core.report import alert, document_key, fingerprint, held
from streams.core.rules import Rule, RuleSet
from streams.core.state import Judged, Memo, Tally, Work, unpacked
from streams.core.transitions import Phase

FORGET = timedelta(days=14)
"""Origins and documents are forgotten this long (event time) after they were first seen."""
IDLE = timedelta(days=30)
"""A series without an open alert is forgotten this long after its last figure was of any use."""
MAX_DUE = 500
"""Series that one tick looks at; what is left is due at the next."""
MAX_TOUCHED = 32
"""Series remembered a document."""
_AGING: dict[str, type[Origin] | type[Known]] = {"origin": Origin, "document": Known}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one record does: the alerts to publish first, then the changes to write (bytes; None deletes), and what to count."""

    alerts: tuple[Alert, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    tallies: dict[Tally, int] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()
    rejected: Rejected | None = None
    """Why the record was not judged at all: then it does nothing."""


class Watch:
    """The rules in force over one partition of `claims`.

    `store` holds at least the keys of this partition. `rules` are in force until the log names others, which `known` must hold
    by their hash; with ``pinned`` they stay in force whatever the log says (a backtest). With ``loose`` values are written as objects
    where nobody needs their bytes yet, which is most of the work of a claim; `packed` makes the same bytes of them.
    """

    def __init__(
        self,
        rules: RuleSet,
        store: Mapping[str, Any],
        partition: int,
        *,
        family_of: dict[str, str],
        within: Within,
        known: Mapping[str, RuleSet] | None = None,
        mode: Mode = "live",
        pinned: bool = False,
        loose: bool = False,
    ) -> None:
        self._store = store
        self._memo = Memo(0) if loose else Memo()  # a loose store holds the values themselves
        self._loose = loose
        self._prefix = f"{partition}|"
        self._family_of = family_of
        self._within = within
        self._known = known or {}
        self._mode: Mode = mode
        self._pinned = pinned
        self._clock: Clock = unpacked(store.get(self._prefix + "clock") or Clock(), Clock)
        self._mark: Mark = unpacked(store.get(self._prefix + "mark") or Mark(), Mark)
        stored = store.get(self._prefix + "rules")
        self._rules = self._known[decode(stored, str)] if stored and not pinned else rules
        self._by_family = self._rules.families(family_of)
        self._index = OriginIndex(unpacked(value, Origin) for _, value in self._items("origin"))
        aged = (*self._items("origin"), *self._items("document"))
        self._ages = sorted((unpacked(value, Age).published, key) for key, value in aged)
        self._briefs = {key: self._brief(value) for key, value in self._items("series")}
        self._wakes = sorted((one.wake_at, key) for key, one in self._briefs.items() if one.wake_at)

    @property
    def clock(self) -> Clock:
        """How far event time has come in this partition."""
        return self._clock

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self._rules

    @property
    def wake(self) -> datetime | None:
        """The event time at which the clock alone changes something next; None for never."""
        return self._wakes[0][0] if self._wakes else None

    def standing(self) -> Counter[tuple[str, Phase, str | None]]:
        """How many series are pending or firing: by rule, phase and level."""
        briefs = ((one.rule, one.series.phase, one.series.level) for one in self._briefs.values() if one.series.phase != "idle")
        return Counter(briefs)

    def due(self, now: datetime) -> datetime | None:
        """The clock at the wall time `now`, if a series is due by then: what a tick should carry."""
        moment = self.clock.at(now)
        return moment if self._wakes and self._wakes[0][0] <= moment else None

    def apply(self, record: Record, at: datetime, offset: int | None = None) -> Verdict:
        """What `record`, written to the log at `at`, does to this partition. Changes nothing here: `settle` does.

        A record from the future is rejected, for the clock would follow it, and never comes back; so is a claim that no reader makes.
        With its `offset` a record that is in the state already does nothing: a worker that died reads its last records again, on a
        state that later ones have changed.
        """
        if offset is not None and self._mark.passed(offset, at):
            return Verdict()
        moment = _event_time(record)
        if moment and moment > at + MAX_AHEAD:
            return Verdict(rejected=Rejected("published_in_future", f"{moment:%Y-%m-%d} is more than 7 days after it was written"))
        absurd = _absurd(record.claim) if isinstance(record, ClaimRecord) else None
        if absurd:
            return Verdict(rejected=Rejected("wrong_type", absurd))
        work = Work(self._store, self._memo, loose=self._loose)
        match record:
            case ClaimRecord():
                self._claim(record, self._move(record.published, at, work), work)
            case Revision():
                self._revision(record, self._move(record.published, at, work), work)
            case Tick():
                # One that comes late, after records of a later time, does nothing: what is due there waits for a tick of its own.
                if record.now >= self.clock.time:
                    self._tick(self._move(record.now, at, work), work)
            case RulesChange():
                self._change(record, work)
        if offset is not None:
            work.changes[self._prefix + "mark"] = encode(self._mark.moved(offset, at))
        return Verdict(alerts=tuple(work.alerts), changes=work.changes, tallies=dict(work.tallies), judged=tuple(work.judged))

    def settle(self, verdict: Verdict, write: Callable[[str, Any], None]) -> None:
        """Write the changes of `verdict` through `write`, and bring what is kept beside the store up to date."""
        for key, value in verdict.changes.items():
            kind = key.removeprefix(self._prefix).partition("|")[0]
            if kind in _AGING:
                self._note_age(_AGING[kind], key, value)
            elif kind == "series":
                self._note_series(key, Brief.of(self._memo.read(value, Stored)) if value else None)
            elif kind == "clock":
                self._clock = self._memo.read(value, Clock)
            elif kind == "mark":
                self._mark = decode(value, Mark)
            elif kind == "rules" and value and not self._pinned:
                self._rules = self._known[decode(value, str)]
                self._by_family = self._rules.families(self._family_of)
            write(key, value)

    # --- the four kinds of record ---------------------------------------------------------------------------------------

    def _claim(self, record: ClaimRecord, now: datetime, work: Work) -> None:
        key = f"{self._prefix}document|{document_key(record.document)}"
        known = self._document(key, record, now, work)
        for rule in self._by_family.get(record.claim.family or "", ()):
            matched = match(rule, record, self._within)
            if not isinstance(matched, Matched):
                work.tallies[rule.id, matched] += 1
            elif record.version < known.version:
                work.tallies[rule.id, "revised"] += 1
            else:
                name = self._judge(rule, record, matched, known.origin, now, work)
                if name not in known.series:
                    known = replace(known, series=(*known.series, name)[-MAX_TOUCHED:])
        work.put(key, replace(known, version=record.version) if record.version > known.version else known)

    def _judge(self, rule: Rule, record: ClaimRecord, matched: Matched, origin: str, now: datetime, work: Work) -> str:
        name = fingerprint(rule.id, matched.group)
        key = f"{self._prefix}series|{name}"
        stored = work.get(key, Stored)
        before = stored.series if stored else Series()
        done = step(rule, before, held(record, matched, origin), now)
        near = done.grade == "possible" and done.outcome == "applied"
        work.tallies[rule.id, "near_miss" if near else done.outcome] += 1
        confirmed = done.series.phase == "firing" and at_least(done.grade, rule.when.certainty)
        late = record.published < now - timedelta(seconds=rule.lifetime.allowed_lateness)
        work.judged.append(Judged(rule=rule.id, outcome=done.outcome, grade=done.grade, confirmed=confirmed, late=late))
        if done.outcome != "duplicate":
            self._keep(key, rule, matched.group, done.series, work)
        self._tell(rule, matched.group, done.events, record.published, record.ingested, work)
        return name

    def _revision(self, record: Revision, now: datetime, work: Work) -> None:
        name = document_key(record.document)
        key = f"{self._prefix}document|{name}"
        known = work.get(key, Known)
        if known is None or record.version < known.version:
            return
        for series in known.series:
            self._each(
                f"{self._prefix}series|{series}",
                lambda rule, one: revise(rule, one, name, record.version, now),
                (record.published, record.ingested),
                work,
            )
        work.put(key, replace(known, version=record.version))

    def _tick(self, now: datetime, work: Work) -> None:
        for wake, key in self._wakes[:MAX_DUE]:
            if wake > now:
                break
            self._each(key, lambda rule, one: tick(rule, one, now), (now, now), work)

    def _change(self, record: RulesChange, work: Work) -> None:
        if self._pinned or record.hash == self._rules.hash:
            return
        new = self._known[record.hash]
        now = self.clock.time
        after = {rule.id: rule for rule in new.rules if rule.state != "off"}
        before = {rule.id: rule for rule in self._rules.rules if rule.state != "off"}
        for key, value in list(self._items("series")):
            one = self._memo.read(value, Stored)
            old, rule = before.get(one.rule), after.get(one.rule)
            if old is None or old == rule:
                continue
            successor = rule if rule and set(rule.group_by) == {name for name, _ in one.group} else None
            series, events = change(successor, one.series, old, now)
            self._keep(key, successor or old, one.group, series, work)
            self._tell(successor or old, one.group, events, now, record.applied, work, new.hash)
        work.changes[self._prefix + "rules"] = encode(record.hash)

    # --- what they share --------------------------------------------------------------------------------------------------

    def _each(
        self,
        key: str,
        act: Callable[[Rule, Series], tuple[Series, tuple[Event, ...]]],
        times: tuple[datetime, datetime],
        work: Work,
    ) -> None:
        """Act on one stored series under its rule; without a rule, or with nothing left in it, it is forgotten."""
        one = work.get(key, Stored)
        if one is None:
            return
        rule = next((rule for rule in self._rules.rules if rule.id == one.rule and rule.state != "off"), None)
        if rule is None:
            work.drop(key)
            return
        series, events = act(rule, one.series)
        self._tell(rule, one.group, events, *times, work)
        if one.series.phase == "idle" and one.wake_at and one.wake_at <= times[0]:
            work.drop(key)
        else:
            self._keep(key, rule, one.group, series, work)

    def _keep(self, key: str, rule: Rule, group: Group, series: Series, work: Work) -> None:
        wake = wake_at(rule, series)
        if series.phase == "idle":
            newest = EARLIEST + timedelta(seconds=max(series.applied.values())) if series.applied else self.clock.time
            wake = newest + max(IDLE, rule.lifetime.span)
        work.put(key, Stored(rule=rule.id, group=group, wake_at=wake, series=series))

    def _tell(
        self,
        rule: Rule,
        group: Group,
        events: tuple[Event, ...],
        moment: datetime,
        ingested: datetime,
        work: Work,
        rules_hash: str | None = None,
    ) -> None:
        work.alerts += [
            alert(event, rule, group, rules_hash or self._rules.hash, moment=moment, ingested=ingested, mode=self._mode) for event in events
        ]

    def _move(self, time: datetime, at: datetime, work: Work) -> datetime:
        """The clock after a record of event time `time`; it never goes back."""
        clock = self.clock
        if time <= clock.time:
            return clock.time
        work.put(self._prefix + "clock", Clock(time=time, moved=max(at, clock.moved)))
        return time

    def _document(self, key: str, record: ClaimRecord, now: datetime, work: Work) -> Known:
        """What is known of the record's document; a new one gets the origin of the text most like it, or opens one."""
        known = work.get(key, Known)
        if known and known.published >= now - FORGET:
            return known
        found = self._index.find(record.signature, since=now - FORGET)
        name = found or origin_id(record.document)
        for published, old in self._ages[:8]:
            if published < now - FORGET:
                work.drop(old)
        if found is None and record.signature:
            work.put(f"{self._prefix}origin|{name}", Origin(id=name, signature=record.signature, published=record.published), pack=True)
        return Known(origin=name, published=record.published, version=record.version)

    def _note_age(self, kind: type[Origin] | type[Known], key: str, value: Any) -> None:
        stored = self._store.get(key)
        old = self._memo.read(stored, kind) if stored else None
        new = self._memo.read(value, kind) if value else None
        if isinstance(old, Origin):
            self._index.discard(old)
        if isinstance(new, Origin):
            self._index.add(new)
        before, after = old and old.published, new and new.published
        if before != after:
            if before:
                _remove(self._ages, (before, key))
            if after:
                insort(self._ages, (after, key))

    def _note_series(self, key: str, brief: Brief | None) -> None:
        before = self._briefs.pop(key, None)
        if brief:
            self._briefs[key] = brief
        old, new = before and before.wake_at, brief and brief.wake_at
        if old != new:
            if old:
                _remove(self._wakes, (old, key))
            if new:
                insort(self._wakes, (new, key))

    def _brief(self, value: Any) -> Brief:
        return decode(value, Brief) if isinstance(value, bytes) else Brief.of(value)

    def _items(self, kind: str) -> Iterator[tuple[str, Any]]:
        start = f"{self._prefix}{kind}|"
        return ((key, value) for key, value in self._store.items() if key.startswith(start))


def _event_time(record: Record) -> datetime | None:
    """What the clock of the partition learns from `record`; None for nothing."""
    match record:
        case ClaimRecord() | Revision():
            return record.published
        case Tick():
            return record.now
        case RulesChange():
            return None


def _remove(ordered: list[tuple[datetime, str]], entry: tuple[datetime, str]) -> None:
    """Take `entry` out of a sorted list."""
    place = bisect_left(ordered, entry)
    if place < len(ordered) and ordered[place] == entry:
        del ordered[place]


def _absurd(claim: Claim) -> str | None:
    """What makes a claim of a foreign producer unusable, with its path."""
    ends = [end for end in (claim.low, claim.point, claim.high) if end is not None]
    if not ends or not all(isfinite(end) for end in ends):
        return "a figure needs an end or a best estimate, and all of them finite - at $.claim.low"
    if ends != sorted(ends):
        return "low, point and high must be in this order - at $.claim.low"
    return None if 0 <= claim.confidence <= 1 else "a confidence is from 0 to 1 - at $.claim.confidence"
