"""The memory of alerts, without Kafka: where a client goes on, pages, and what becomes of what is old, repeated or not for clients."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import encode
from streams.api import cursor, paging
from streams.api.facts import Filter
from streams.api.past import Past
from streams.api.stream import Subscription
from tests.api.build import START, alert

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Filter()
Record = tuple[int, int, bytes]
"""Partition, offset, value."""


def logged(events: list[tuple[int, str]]) -> list[list[Record]]:
    """Events by partition, each at its offset; an event that is there twice was sent twice."""
    log: list[list[Record]] = [[], [], []]
    for partition, name in events:
        log[partition].append((partition, len(log[partition]), encode(alert(name))))
    return log


def read(past: Past, records: list[Record]) -> Past:
    for partition, offset, value in records:
        past.take(partition, offset, NOW + timedelta(seconds=past.end), value)
    return past


def merged(log: list[list[Record]], data: st.DataObject, upto: int) -> list[Record]:
    """The first `upto` records in one of the orders in which a server may meet them: partitions mixed, offsets in order."""
    queues = [list(partition) for partition in log]
    order = []
    while len(order) < upto and any(queues):
        order.append(data.draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    return order


def take(client: Subscription, past: Past) -> list[tuple[str, str, str]]:
    """What a client is sent until it has everything: (kind, cursor, event id)."""
    text = b""
    while client.behind(past):
        text += client.take(past)
    found = []
    for frame in text.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in frame.split("\n"))
        data = json.loads(fields["data"])
        found.append((fields["event"], fields["id"], data.get("event_id", "")))
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abcdefgh")), max_size=25), st.data())
def test_a_client_that_changes_servers_sees_every_event_once(events: list[tuple[int, str]], data: st.DataObject) -> None:
    """Servers meet the partitions in different orders, have come to different places, and are left at any event."""
    log = logged([(ord(name) % 3, name) for _, name in events])  # by key: one alert, one partition
    total = sum(map(len, log))
    seen: list[str] = []
    place: str | None = cursor.write([0, 0, 0])
    for _ in range(data.draw(st.integers(1, 4))):
        assert place is not None
        server = read(Past([0, 0, 0], most=1_000), merged(log, data, data.draw(st.integers(0, total))))
        found = cursor.read(place)
        assert found is not None
        if server.resume(found) is None:
            continue  # this server has not come so far yet; it would answer with a reset
        got = take(Subscription.start(server, ALL, 10, found), server)
        kept = got[: data.draw(st.integers(0, len(got)))]
        seen += [name for _, _, name in kept]
        place = kept[-1][1] if kept else place
    last = read(Past([0, 0, 0], most=1_000), merged(log, data, total))
    found = cursor.read(place or "")
    assert found is not None
    seen += [name for _, _, name in take(Subscription.start(last, ALL, 10, found), last)]
    assert sorted(seen) == sorted({f"{name}:1" for _, name in events})


def test_an_event_that_was_sent_twice_is_seen_once() -> None:
    past = Past([0], most=1_000)
    assert [past.take(0, offset, NOW, encode(alert("a"))) for offset in range(3)] == ["taken", "repeated", "repeated"]
    assert [name for _, _, name in take(Subscription.start(past, ALL, 10, cursor.read(cursor.write([0]))), past)] == ["a:1"]
    later = cursor.read(past.cursor)
    assert later is not None
    assert past.resume(later) is not None


def test_what_is_not_for_clients_is_left_out_and_named() -> None:
    past = Past([0], most=1_000)
    shadow, strange = encode(alert("a", mode="shadow")), b'{"schema": "alert/1"}'
    assert [past.take(0, n, NOW, value) for n, value in enumerate([shadow, strange, None, b"\xff"])] == ["not_live", *["malformed"] * 3]
    assert past.page(ALL, limit=10).alerts == []


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://news.example/1?a=b#c", True),
        ("HTTP://news.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//news.example", False),
        ("https:///news", False),
        ("https://news.example/\x00", False),
        (" https://news.example", False),
        ("https:\\\\news.example", False),
    ],
)
def test_only_links_that_a_browser_may_follow_leave(url: str, kept: bool) -> None:
    past = Past([0], most=1_000)
    past.take(0, 0, NOW, encode(alert("a", url=url)))
    shown = json.loads(past.page(ALL, limit=1).alerts[0])
    assert shown["evidence"][0]["url"] == (url if kept else None)


class TestResume:
    """Which cursors are good."""

    def past(self) -> Past:
        past = Past([5, 0], most=1_000)
        read(past, [(0, 5, encode(alert("a"))), (1, 0, encode(alert("b"))), (0, 6, encode(alert("c")))])
        return past

    def resumes(self, past: Past, text: str) -> bool:
        found = cursor.read(text)
        assert found is not None
        return past.resume(found) is not None

    def test_its_own(self) -> None:
        past = self.past()
        assert all(self.resumes(past, entry.frame.split(b"\n")[0][4:].decode()) for entry in past.ring)

    def test_none_before_what_is_held(self) -> None:
        assert not self.resumes(self.past(), cursor.write([4, 0]))
        assert self.resumes(self.past(), cursor.write([5, 0]))

    def test_none_beyond_the_end(self) -> None:
        ahead = cursor.read(cursor.write([7, 2]))
        assert ahead is not None
        assert self.past().lacks(ahead), "this server may still come so far"
        assert not self.resumes(self.past(), cursor.write([7, 2]))

    def test_none_of_a_topic_with_other_partitions(self) -> None:
        assert not self.resumes(self.past(), cursor.write([7]))
        assert not self.resumes(self.past(), cursor.write([7, 1, 0]))

    def test_none_of_a_topic_that_was_made_anew(self) -> None:
        other = read(Past([5, 0], most=1_000), [(0, 5, encode(alert("x"))), (1, 0, encode(alert("y"))), (0, 6, encode(alert("z")))])
        assert not self.resumes(self.past(), other.cursor)

    def test_none_of_events_that_were_let_go(self) -> None:
        past = self.past()
        first = past.ring[0].frame.split(b"\n")[0][4:].decode()
        past.forget(past.ring[2].timestamp)
        assert not self.resumes(past, first)
        assert self.resumes(past, past.cursor)

    def test_its_last_even_where_that_event_was_let_go(self) -> None:
        past = self.past()
        past.forget(NOW + timedelta(days=1))
        assert past.ring == []
        assert self.resumes(past, past.cursor)


def test_a_client_that_fell_out_of_the_ring_is_reset() -> None:
    past = read(Past([0], most=10), [(0, n, encode(alert(f"n{n}"))) for n in range(5)])
    client = Subscription.start(past, ALL, 3, None)
    read(past, [(0, n, encode(alert(f"n{n}", started=START + timedelta(hours=n)))) for n in range(5, 40)])
    assert len(past.ring) <= 11
    ((kind, place, _),) = take(client, past)
    assert (kind, place) == ("reset", past.cursor)


def test_a_client_of_a_topic_that_was_made_anew_is_reset() -> None:
    before = read(Past([0], most=10), [(0, 0, encode(alert("a")))])
    client = Subscription.start(before, ALL, 3, None)
    now = read(Past([0], most=10), [(0, 0, encode(alert("b")))])
    assert [kind for kind, _, _ in take(client, now)] == ["reset"]
    read(now, [(0, 1, encode(alert("c")))])
    assert [name for _, _, name in take(client, now)] == ["c:1"]


def test_the_ring_is_bounded_and_open_alerts_outlive_it() -> None:
    past = Past([0], most=100)
    for number in range(500):
        read(past, [(0, 2 * number, encode(alert(f"n{number}")))])
        if number:
            read(past, [(0, 2 * number + 1, encode(alert(f"n{number}", 2, "expired")))])
    assert len(past.ring) <= 110
    assert past.open == 1
    found = [json.loads(one)["alert_id"] for one in past.page(Filter(frozenset({"open"})), limit=10).alerts]
    assert found == ["alert-n0"]
    episode = past.episode("alert-n0")
    assert episode is not None
    assert episode.entries == []
    assert past.episode("alert-n1") is None


def test_an_open_alert_of_before_the_time_held_comes_from_the_state() -> None:
    past = Past([7], most=100)
    for one in (alert("old"), alert("over"), alert("over", 2, "resolved"), alert("gone", 2, "expired")):
        assert past.recall(encode(one)) == "taken"
    past.recalled()
    assert past.open == 1
    assert past.episode("alert-over") is past.episode("alert-gone") is None
    read(past, [(0, 7, encode(alert("old", 2, "resolved")))])
    assert past.open == 0


def test_a_new_alert_of_a_fingerprint_ends_one_that_nothing_ended() -> None:
    past = read(Past([0], most=100), [(0, 0, encode(alert("a"))), (0, 1, encode(replace(alert("b"), fingerprint="fingerprint-a")))])
    assert [json.loads(one)["alert_id"] for one in past.page(Filter(frozenset({"open"})), limit=10).alerts] == ["alert-b"]
    last = past.episode("fingerprint-a")
    assert last is not None
    assert last.facts.alert_id == "alert-b"


def test_a_retraction_ends_an_alert_only_where_it_leaves_no_level() -> None:
    corrected = alert("a", 2, "retracted", level="warning", previous_level="critical")
    past = read(Past([0], most=100), [(0, 0, encode(alert("a"))), (0, 1, encode(corrected))])
    assert past.open == 1
    read(past, [(0, 2, encode(alert("a", 3, "retracted", level=None, previous_level="warning")))])
    assert past.open == 0


class TestFilter:
    """Every part narrows; values of one part widen."""

    @pytest.mark.parametrize(
        ("wanted", "passes"),
        [
            (Filter(), True),
            (Filter(frozenset({"open"})), True),
            (Filter(frozenset({"ended", "pending"})), False),
            (Filter(levels=frozenset({"warning", "critical"})), True),
            (Filter(levels=frozenset({"warning"})), False),
            (Filter(rules=frozenset({"border"})), True),
            (Filter(rules=frozenset({"other"})), False),
            (Filter(places=("us-southwest-border",)), True),
            (Filter(places=("US",), within=lambda place, region: (place, region) == ("us-southwest-border", "US")), True),
            (Filter(places=("mx-chiapas",)), False),
            (Filter(labels=(("team", "migration"),)), True),
            (Filter(labels=(("team", "migration"), ("place", "us-southwest-border"))), True),
            (Filter(labels=(("team", "markets"),)), False),
            (Filter(labels=(("team", "migration"), ("none", ""))), False),
        ],
    )
    def test_of_an_open_alert(self, wanted: Filter, passes: bool) -> None:
        past = read(Past([0], most=10), [(0, 0, encode(alert("a")))])
        assert wanted.passes(past.ring[0].facts) is passes
        assert bool(past.page(wanted, limit=1).alerts) is passes

    def test_an_ended_alert_has_the_level_that_it_had(self) -> None:
        past = read(Past([0], most=10), [(0, 0, encode(alert("a", 2, "resolved")))])
        assert Filter(frozenset({"ended"}), frozenset({"critical"})).passes(past.ring[0].facts)

    def test_a_client_with_a_filter_is_pinged_with_how_far_it_looked(self) -> None:
        past = read(Past([0], most=10), [(0, n, encode(alert(f"n{n}"))) for n in range(4)])
        client = Subscription.start(past, Filter(rules=frozenset({"other"})), 1, cursor.read(cursor.write([0])))
        assert b"id" not in client.ping(), "it has not looked yet"
        assert take(client, past) == []
        assert past.cursor.encode() in client.ping()


def test_pages_neither_repeat_nor_skip_while_alerts_come_and_end() -> None:
    past = Past([0], most=1_000)
    offsets = iter(range(1_000))
    for number in range(20):
        past.take(0, next(offsets), NOW, encode(alert(f"n{number:02}", started=START + timedelta(hours=number // 2))))
    seen: list[str] = []
    after = None
    while True:
        page = past.page(Filter(frozenset({"open"})), limit=3, after=after)
        seen += [json.loads(one)["alert_id"] for one in page.alerts]
        past.take(0, next(offsets), NOW, encode(alert(f"new{len(seen)}", started=START + timedelta(days=9))))
        past.take(0, next(offsets), NOW, encode(alert(seen[-1].removeprefix("alert-"), 2, "resolved")))
        if page.next is None:
            break
        after = paging.read(page.next)
        assert after is not None
    assert seen == [f"alert-n{number:02}" for number in reversed(range(20))], "newest start first, then by id"


@given(st.lists(st.integers(0, 2**63 - 1), max_size=40), st.integers(0, 39))
def test_a_cursor_comes_back_as_it_was(offsets: list[int], partition: int) -> None:
    where = partition if partition < len(offsets) else None
    text = cursor.write(offsets, where, "0123abcd" if where is not None else "")
    assert cursor.read(text) == cursor.Cursor(tuple(offsets), where, "0123abcd" if where is not None else "")


@given(st.text(max_size=60) | st.from_regex(r"1\.[A-Za-z0-9_-]{0,40}\.([0-9]{1,4}-[0-9a-f]{8})?", fullmatch=True))
def test_what_is_no_cursor_is_none_and_no_error(text: str) -> None:
    found = cursor.read(text)
    assert found is None or all(0 <= offset < 2**63 for offset in found.offsets)
