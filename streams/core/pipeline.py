"""The whole of `watch` as one pure step: a record of `claims` in, alerts and state changes out.

    claim -> its origin -> for each rule of its family: match -> series -> evaluate -> alerts

State is plain keys and bytes, so that a Faust table, a dict in a replay and a dict in a test hold the same thing. `apply`
changes nothing: the caller publishes the alerts first and then writes `changes`, so that a crash in between finds the old
state and gives the same alerts with the same ids again.

Keys begin with the partition, since one store may hold several:

    3|clock                          the greatest publication time seen
    3|document|<hash>                the origin that a document belongs to
    3|origin|<origin id>             the signature of an origin's first text
    3|series|<fingerprint>           the state of one alert
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from schemas.alert import Alert, Mode
from schemas.claims import ClaimRecord
from schemas.codec import decode, encode
from streams.core.evaluate import Series, step
from streams.core.matching import Matched, Within, match
from streams.core.origin import Origin, OriginIndex, origin_id
from streams.core.report import alert, fingerprint, held
from streams.core.rules import Rule, RuleSet

FORGET = timedelta(days=14)
"""Origins and documents are forgotten this long (event time) after they were first seen."""
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

Tally = tuple[str, str]
"""(rule id, what became of the claim there): a refusal of matching, or an outcome of evaluation, or `near_miss`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one record does: the alerts to publish first, then the changes to write (None deletes), and what to count."""

    alerts: tuple[Alert, ...] = ()
    changes: dict[str, bytes | None] = field(default_factory=dict)
    tallies: dict[Tally, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The stored form of `3|document|...`."""

    origin: str
    published: datetime


class Watch:
    """The rules in force over one partition of `claims`. `store` holds at least the keys of this partition."""

    def __init__(
        self, rules: RuleSet, store: Mapping[str, bytes], partition: int, *, family_of: dict[str, str], within: Within, mode: Mode = "live"
    ) -> None:
        self._rules = rules.families(family_of)
        self._hash = rules.hash
        self._store = store
        self._prefix = f"{partition}|"
        self._within = within
        self._mode: Mode = mode
        self._index = OriginIndex(decode(value, Origin) for _, value in self._items("origin"))
        self._ages = sorted(
            [(decode(value, Origin).published, key) for key, value in self._items("origin")]
            + [(decode(value, _Known).published, key) for key, value in self._items("document")]
        )

    def apply(self, record: ClaimRecord) -> Verdict:
        """What `record` does to this partition. Changes nothing here: call `settle` once the alerts are out."""
        changes: dict[str, bytes | None] = {}
        tallies: Counter[Tally] = Counter()
        alerts: list[Alert] = []
        now = self._clock(record, changes)
        origin = self._origin(record, now, changes)
        for rule in self._rules.get(record.claim.family or "", ()):
            matched = match(rule, record, self._within)
            if isinstance(matched, Matched):
                alerts += self._judge(rule, record, matched, origin, now, changes, tallies)
            else:
                tallies[rule.id, matched] += 1
        return Verdict(alerts=tuple(alerts), changes=changes, tallies=dict(tallies))

    def settle(self, verdict: Verdict, write: Callable[[str, bytes | None], None]) -> None:
        """Write the changes of `verdict` through `write` and bring the index of origins up to date."""
        for key, value in verdict.changes.items():
            if value is None:
                self._forget(key)
            elif key.startswith(self._prefix + "origin|"):
                origin = decode(value, Origin)
                self._index.add(origin)
                insort(self._ages, (origin.published, key))
            elif key.startswith(self._prefix + "document|"):
                insort(self._ages, (decode(value, _Known).published, key))
            write(key, value)

    def _judge(
        self,
        rule: Rule,
        record: ClaimRecord,
        matched: Matched,
        origin: str,
        now: datetime,
        changes: dict[str, bytes | None],
        tallies: Counter[Tally],
    ) -> Iterator[Alert]:
        key = f"{self._prefix}series|{fingerprint(rule.id, matched.group)}"
        stored = changes.get(key) or self._store.get(key)
        done = step(rule, decode(stored, Series) if stored else Series(), held(record, matched, origin), now)
        near = done.grade == "possible" and done.outcome == "applied"
        tallies[rule.id, "near_miss" if near else done.outcome] += 1
        if done.outcome != "duplicate":
            changes[key] = encode(done.series)
        for event in done.events:
            yield alert(event, rule, matched.group, self._hash, record, self._mode)

    def _clock(self, record: ClaimRecord, changes: dict[str, bytes | None]) -> datetime:
        stored = self._store.get(self._prefix + "clock")
        watermark = decode(stored, datetime) if stored else _EARLIEST
        if record.published > watermark:
            changes[self._prefix + "clock"] = encode(record.published)
            return record.published
        return watermark

    def _origin(self, record: ClaimRecord, now: datetime, changes: dict[str, bytes | None]) -> str:
        key = f"{self._prefix}document|{sha256(record.document.encode()).hexdigest()[:24]}"
        stored = self._store.get(key)
        known = decode(stored, _Known) if stored else None
        if known and known.published >= now - FORGET:
            return known.origin
        found = self._index.find(record.signature, since=now - FORGET)
        name = found.id if found else origin_id(record.document)
        changes.update((old, None) for published, old in self._ages[:8] if published < now - FORGET)
        changes[key] = encode(_Known(origin=name, published=record.published))
        if found is None and record.signature:
            changes[f"{self._prefix}origin|{name}"] = encode(Origin(id=name, signature=record.signature, published=record.published))
        return name

    def _forget(self, key: str) -> None:
        stored = self._store.get(key)
        if stored and key.startswith(self._prefix + "origin|"):
            self._index.discard(decode(stored, Origin))
        self._ages = [entry for entry in self._ages if entry[1] != key]

    def _items(self, kind: str) -> Iterator[tuple[str, bytes]]:
        start = f"{self._prefix}{kind}|"
        return ((key, value) for key, value in self._store.items() if key.startswith(start))
