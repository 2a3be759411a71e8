"""The alerts of the last days in memory, in the order in which they came: snapshot, history, and where a stream goes on.

Pure bookkeeping over the records of `alerts`; `following.py` feeds it. Every event is encoded once, as the bytes that all clients share.
An event that the worker sent twice (it may, after a crash) stands here once, at its first offset.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from schemas.alert import Alert
from schemas.codec import SchemaError, convert, encode, parse
from streams.api import cursor, paging
from streams.api.cursor import Cursor
from streams.api.facts import Facts, Filter, facts_of
from streams.api.paging import Place
from streams.core.untrusted import safe_url

__all__ = ["Entry", "Episode", "Outcome", "Page", "Past", "Resumed"]

Outcome = Literal["taken", "repeated", "malformed", "not_live"]
"""What became of a record of `alerts`."""
SLACK = 1.1
"""The ring is cut when it is longer than it should be by this factor, so that cutting costs next to nothing an event."""
_DATA = b"\nevent: alert\ndata: "


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One event of the ring."""

    number: int
    """Its place in the order in which events came to this process."""
    partition: int
    offset: int
    timestamp: datetime
    """When the record was written to Kafka."""
    facts: Facts
    frame: bytes
    """The event as a stream sends it to a client that has seen all before it."""
    body: int
    """Where the alert's JSON begins in the frame; two line breaks end it."""

    @property
    def json(self) -> bytes:
        """The alert alone."""
        return self.frame[self.body : -2]

    def after(self, text: str) -> bytes:
        """The event as a stream sends it to a client whose cursor it makes `text`."""
        return b"id: " + text.encode() + self.frame[self.body - len(_DATA) :]


@dataclass(slots=True, eq=False)
class Episode:
    """One alert from its start on: its latest event, and all of its events that are held, in order."""

    key: Place
    """When it started, and its id: by this alerts are sorted."""
    facts: Facts
    entries: list[Entry] = field(default_factory=list)
    """None of an alert that is open and was last heard of before the time that is held."""
    kept: bytes = b""
    """The latest event of such an alert."""

    @property
    def json(self) -> bytes:
        """The latest event."""
        return self.entries[-1].json if self.entries else self.kept


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts as JSON, newest start first; `next` asks for those after them, where there are more."""

    alerts: list[bytes]
    next: str | None


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a client goes on: at the event `number`, without those before `offsets`, of which none comes at or after `until`."""

    number: int
    until: int
    offsets: tuple[int, ...]


class Past:
    """The ring of events, and the episodes that they make."""

    def __init__(self, begins: Sequence[int], *, most: int) -> None:
        """`begins[p]`: the first offset of partition p that will be given. `most`: events to hold."""
        self.begins = list(begins)
        """From these offsets on everything is held."""
        self.nexts = list(begins)
        self.base = 0
        """The number of the oldest event that is held."""
        self.ring: list[Entry] = []
        self.cursor = cursor.write(self.nexts)
        """Of a client that has seen everything."""
        self._most = most
        self._episodes: dict[str, Episode] = {}
        self._by_start: list[Place] = []
        self._open: list[Place] = []
        self._latest: dict[str, str] = {}
        """The last alert id of every fingerprint."""
        self._seen: set[str] = set()
        self._places: list[list[tuple[int, int]]] = [[] for _ in begins]
        """Offset and number of the events of every partition."""

    @property
    def end(self) -> int:
        """The number that the next event will have."""
        return self.base + len(self.ring)

    @property
    def open(self) -> int:
        """How many alerts are open."""
        return len(self._open)

    def recall(self, value: bytes | None) -> Outcome:
        """Takes the next record of `alerts.state`, before any of `alerts`: an alert that is open may have no event in the time held.

        Of one alert several records may come, until Kafka has compacted the topic: the last holds.
        """
        found = _usable(value)
        if isinstance(found, str):
            return found
        facts, json = found
        self._note(facts).kept = json
        return "taken"

    def recalled(self) -> None:
        """All of `alerts.state` was given: what is not open is told by `alerts`, if it is told at all."""
        for episode in [one for one in self._episodes.values() if one.facts.state != "open"]:
            self._drop(episode)

    def take(self, partition: int, offset: int, timestamp: datetime, value: bytes | None) -> Outcome:
        """Takes the next record of a partition of `alerts`: its offset is greater than all before it."""
        self.nexts[partition] = offset + 1
        found = _usable(value)
        if isinstance(found, str):
            return found
        facts, json = found
        if facts.event_id in self._seen:
            return "repeated"
        self._seen.add(facts.event_id)
        self.cursor = cursor.write(self.nexts, partition, cursor.check_of(facts.event_id))
        head = b"id: " + self.cursor.encode() + _DATA
        entry = Entry(self.end, partition, offset, timestamp, facts, head + json + b"\n\n", len(head))
        self._places[partition].append((offset, entry.number))
        self.ring.append(entry)
        self._note(facts).entries.append(entry)
        if len(self.ring) > self._most * SLACK:
            self._cut(len(self.ring) - self._most)
        return "taken"

    def forget(self, before: datetime) -> None:
        """Lets go of events that were written before a time."""
        self._cut(next((index for index, entry in enumerate(self.ring) if entry.timestamp >= before), len(self.ring)))

    def since(self, number: int) -> Iterator[Entry]:
        """The events from `number` on. What is no longer held is left out."""
        for index in range(max(0, number - self.base), len(self.ring)):
            yield self.ring[index]

    def lacks(self, seen: Cursor) -> bool:
        """Has a client with this cursor seen more than is here (yet)?"""
        return any(offset > known for offset, known in zip(seen.offsets, self.nexts, strict=False))

    def resume(self, seen: Cursor) -> Resumed | None:
        """Where a client with this cursor goes on; null where events that it has not seen are gone, or were never here."""
        if len(seen.offsets) != len(self.nexts):
            return None
        if any(not low <= offset <= high for low, offset, high in zip(self.begins, seen.offsets, self.nexts, strict=True)):
            return None
        if seen.partition is not None and not self._passes(seen, seen.partition):
            return None
        firsts = (self._first(partition, offset) for partition, offset in enumerate(seen.offsets))
        return Resumed(min(firsts, default=self.end), self.end, seen.offsets)

    def _passes(self, seen: Cursor, partition: int) -> bool:
        """Is the last event that was seen the one that stands there, or gone by age?"""
        offset = seen.offsets[partition] - 1
        if offset < self.begins[partition]:
            return True
        number = self._first(partition, offset)
        if number == self.end:
            return False
        entry = self.ring[number - self.base]
        return entry.offset == offset and cursor.check_of(entry.facts.event_id) == seen.check

    def _first(self, partition: int, offset: int) -> int:
        """The number of a partition's first event at or after an offset; the end where there is none."""
        places = self._places[partition]
        index = bisect_left(places, (offset, 0))
        return places[index][1] if index < len(places) else self.end

    def page(self, wanted: Filter, *, limit: int, after: Place | None = None) -> Page:
        """The alerts whose latest event passes, of those that come after a place."""
        keys = self._open if wanted.states == {"open"} else self._by_start
        index = len(keys) if after is None else bisect_left(keys, after)
        found: list[Episode] = []
        while index > 0 and len(found) <= limit:
            index -= 1
            episode = self._episodes[keys[index][1]]
            if wanted.passes(episode.facts):
                found.append(episode)
        more = len(found) > limit
        shown = found[:limit]
        return Page([episode.json for episode in shown], paging.write(shown[-1].key) if more else None)

    def episode(self, name: str) -> Episode | None:
        """The alert of an alert id, or the last one of a fingerprint."""
        return self._episodes.get(name) or self._episodes.get(self._latest.get(name, ""))

    def _note(self, facts: Facts) -> Episode:
        """The episode of an event, with its facts as the latest."""
        episode = self._episodes.get(facts.alert_id)
        if episode is None:
            key = paging.place(facts.started_at, facts.alert_id)
            episode = self._episodes[facts.alert_id] = Episode(key, replace(facts, state="pending"))
            insort(self._by_start, key)
            self._supersede(facts)
        self._move(episode, facts)
        return episode

    def _supersede(self, facts: Facts) -> None:
        """A new alert of a fingerprint: whatever came before is over, though nothing said so (the worker's state may have been lost)."""
        before = self._episodes.get(self._latest.get(facts.fingerprint, ""))
        self._latest[facts.fingerprint] = facts.alert_id
        if before is not None and before.facts.state == "open":
            self._move(before, replace(before.facts, state="ended"))

    def _move(self, episode: Episode, facts: Facts) -> None:
        """Gives an episode the facts of another event, and keeps the list of those that are open."""
        if (episode.facts.state == "open") != (facts.state == "open"):
            if facts.state == "open":
                insort(self._open, episode.key)
            else:
                del self._open[bisect_left(self._open, episode.key)]
        episode.facts = facts

    def _cut(self, count: int) -> None:
        """Lets go of the oldest events, and of alerts that ended and have none left."""
        for entry in self.ring[:count]:
            self.begins[entry.partition] = entry.offset + 1
            self._seen.discard(entry.facts.event_id)
            episode = self._episodes[entry.facts.alert_id]
            episode.entries.remove(entry)
            if episode.entries:
                continue
            if episode.facts.state == "open":
                episode.kept = entry.json
            else:
                self._drop(episode)
        del self.ring[:count]
        self.base += count
        for places in self._places:
            del places[: bisect_left(places, self.base, key=lambda place: place[1])]

    def _drop(self, episode: Episode) -> None:
        del self._episodes[episode.facts.alert_id]
        del self._by_start[bisect_left(self._by_start, episode.key)]
        if self._latest.get(episode.facts.fingerprint) == episode.facts.alert_id:
            del self._latest[episode.facts.fingerprint]


def _usable(value: bytes | None) -> tuple[Facts, bytes] | Literal["malformed", "not_live"]:
    """A record as facts and as the JSON that clients are given; or why it is not for them."""
    try:
        data = parse(value)
        alert = convert(data, Alert)
    except SchemaError:
        return "malformed"
    if alert.mode != "live":
        return "not_live"
    for evidence in data.get("evidence", ()):
        evidence["url"] = safe_url(evidence["url"])
    return facts_of(alert), bytes(memoryview(encode(data)))  # a copy: orjson's own bytes hold up to 8 kB more than they show
