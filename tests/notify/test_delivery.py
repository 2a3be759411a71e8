"""Delivery over a real broker to a receiver that fails in every way: nothing is lost, the same id on every try, in order."""

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from standardwebhooks import Webhook

from schemas.alert import Alert, Notify, Transition
from schemas.codec import decode, encode
from schemas.delivery import Notice
from tests.core.delivery.build import alert
from tests.live.flow import put
from tests.notify.flow import KEY, PARTITIONS, RETRY, Notifier, Receiver, Request, eventually

Receiving = Callable[..., Receiver]
Notifying = Callable[..., Notifier]
OTHER_KEY = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"


def story(name: str, *transitions: Transition) -> list[Alert]:
    """The events of one alert with the fingerprint `name`."""
    made = []
    for number, transition in enumerate(transitions, start=1):
        one = alert(transition, number)
        made.append(replace(one, fingerprint=name, alert_id=f"a-{name}", event_id=f"{name}-{number}"))
    return made


def tries(receiver: Receiver, name: str) -> list[Request]:
    return [one for one in receiver.requests() if one.id == name]


async def test_a_request_is_signed_over_its_bytes_by_both_keys(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry(keys=[KEY, OTHER_KEY], headers={"Authorization": "Bearer x"})).start().wait_ready()
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    (event,) = story("f", "firing")
    await notifier.publish([event], traceparent=trace)
    assert await eventually(desk.seen)
    (request,) = desk.requests()
    for key in (KEY, OTHER_KEY):
        assert Webhook(key).verify(request.body, request.headers)["event_id"] == event.event_id
    assert request.headers["webhook-id"] == event.event_id and request.headers["traceparent"] == trace.decode()
    assert (request.headers["content-type"], request.headers["authorization"]) == ("application/json", "Bearer x")
    assert abs(int(request.headers["webhook-timestamp"]) - request.at) < 60, "the time of this try, in UTC"
    assert decode(request.body, Alert) == event


FAILURES = [
    "status:500", "status:503", "status:429", "status:429:3", "status:429:date", "hang:60", "reset", "garbage", "slow_error", "huge_error",
    "ok_then_reset", "ok_then_hang:60",
]  # fmt: skip


async def test_whatever_goes_wrong_each_event_arrives_with_the_same_id_and_in_order(receiving: Receiving, notifying: Notifying) -> None:
    """An alert for each way to fail: its beginning fails so twice, its second event once."""
    desk = receiving()
    events = {failure: story(f"f{place}", "firing", "escalated", "resolved") for place, failure in enumerate(FAILURES)}
    good = story("good", "firing", "resolved")
    fine = {one.event_id: [way] for one, way in zip(good, ("slow_body", "huge_body"), strict=True)}
    desk.plan(
        **{one[0].event_id: [way, way] for way, one in events.items()}, **{one[1].event_id: [way] for way, one in events.items()}, **fine
    )
    notifier = notifying().configure(desk.entry(timeout="5s")).start().wait_ready()
    await notifier.publish([one for some in events.values() for one in some[:2]])
    assert await eventually(lambda: len([one for one in desk.requests() if one.action == "ok"]) == 2 * len(FAILURES))
    await notifier.publish([*good, *(some[2] for some in events.values())])
    wanted = [one.event_id for some in (*events.values(), good) for one in some]
    assert await eventually(lambda: notifier.metric("newsgauge_notifications_total") == len(wanted))
    assert sorted(desk.seen()) == sorted(wanted)
    for some in events.values():
        arrived = [name for name in desk.seen() if name.startswith(some[0].fingerprint + "-")]
        assert arrived == [one.event_id for one in some], "in order"
        first = tries(desk, some[0].event_id)
        assert len(first) == 3, [one.action for one in first]
        assert {one.body for one in first} == {encode(some[0])}, "the same bytes"
        for before, one in pairwise(first):
            assert int(before.at) <= int(one.headers["webhook-timestamp"]) <= one.at, "each try its own time"
    for way, least in (("status:429:3", 3.0), ("status:429:date", 1.9)):
        first, second, _ = tries(desk, events[way][0].event_id)
        assert second.at - first.at >= least, "Retry-After is waited for"
    assert [len(tries(desk, one.event_id)) for one in good] == [1, 1], "a 2xx is success, whatever its body does"
    assert await notifier.emptied() == {}
    assert notifier.metric('newsgauge_notifications_failed_total{integration="newsgauge",reason="timeout"}') >= 6
    lines = [line for line in await notifier.deliveries() if line.event_id == events["status:503"][0].event_id]
    assert [(line.outcome, line.reason, line.status, line.attempt) for line in lines] == [
        ("retrying", "server_error", 503, 1), ("retrying", "server_error", 503, 2), ("delivered", None, 200, 3),
    ]  # fmt: skip
    assert lines[0].detail == "Service Unavailable <b>no</b> thank you" and lines[0].next_at is not None


async def test_what_is_rejected_or_redirected_is_given_up_and_later_events_get_through(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    events, others = story("f", "firing", "escalated"), story("g", "firing")
    desk.plan(**{events[0].event_id: [f"redirect:{desk.url}/elsewhere"] * 9, others[0].event_id: ["status:404"] * 9})
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    await notifier.publish([*others, *events, *story("fine", "firing")])
    assert await eventually(lambda: len(desk.seen()) == 2)
    assert await eventually(lambda: notifier.metric("newsgauge_notifications_given_up_total") == 2)
    assert [len(tries(desk, one[0].event_id)) for one in (events, others)] == [4, 4]
    assert {one.path for one in desk.requests()} == {"/hook"}, "a redirect is never followed"
    lines = await notifier.deliveries(lambda lines: sum(line.outcome == "failed" for line in lines) == 2)
    failed = {line.event_id: line.reason for line in lines if line.outcome == "failed"}
    assert failed == {events[0].event_id: "redirected", others[0].event_id: "rejected"}


async def test_a_receiver_that_is_gone_is_disabled_the_others_hear_of_it_and_it_comes_back_by_hand(
    receiving: Receiving, notifying: Notifying
) -> None:
    desk, other = receiving(), receiving("other")
    desk.plan("status:410")
    notifier = notifying().configure(desk.entry(), other.entry(format="alertmanager")).start().wait_ready()
    events = story("f", "firing", "escalated")
    await notifier.publish(events)
    assert await eventually(other.requests)
    (notice,) = other.requests()
    told = json.loads(notice.body)
    assert told["alerts"][0]["labels"] == {
        "alertname": "newsgauge_receiver_disabled", "receiver": "desk", "reason": "gone", "severity": "critical",
    }  # fmt: skip
    assert await eventually(lambda: notifier.metric("newsgauge_receivers_disabled") == 1)
    missed = story("g", "firing")
    await notifier.publish(missed)
    await notifier.deliveries(lambda lines: sum(line.outcome == "failed" for line in lines) == 3)
    assert notifier.metric("newsgauge_notifications_given_up_total") == 3
    assert len(desk.requests()) == 1, "nothing more is sent to it"
    listed = notifier.cli("deliveries", "list", "--receiver", "desk", "--outcome", "failed")
    assert "desk is disabled since" in listed.stderr and ": gone, Gone" in listed.stderr
    assert len(listed.stdout.splitlines()) == 3 and "\tfailed\tfiring critical r f-1\t1\tgone" in listed.stdout
    desk.plan()
    asked = notifier.cli("deliveries", "redeliver", "--receiver", "desk", "--failed")
    assert asked.stdout.endswith("3 would be sent again (nothing was: add --yes)\n") and not desk.seen()
    asked = notifier.cli("deliveries", "redeliver", "--receiver", "desk", "--failed", "--yes")
    assert "enabled desk\nasked for 3;" in asked.stdout
    assert await eventually(lambda: len(desk.seen()) == 3)
    assert [name for name in desk.seen() if name.startswith("f-")] == ["f-1", "f-2"], "in the order of their alert"
    await notifier.publish(story("h", "firing"))
    assert await eventually(lambda: "h-1" in desk.seen())
    assert await eventually(lambda: notifier.metric("newsgauge_receivers_disabled") == 0)
    assert await eventually(lambda: len(other.requests()) == 2)
    back = json.loads(other.requests()[1].body)
    assert (told["status"], back["status"]) == ("firing", "resolved") and other.requests()[1].id != notice.id
    for name in ("labels", "fingerprint", "startsAt"):
        assert back["alerts"][0][name] == told["alerts"][0][name], name
    assert back["groupKey"] == told["groupKey"] and back["alerts"][0]["endsAt"] > back["alerts"][0]["startsAt"]
    assert "enabled" not in notifier.cli("deliveries", "redeliver", "f-1", "--yes").stdout
    assert await eventually(lambda: len(tries(desk, "f-1")) == 3)
    assert len(other.requests()) == 2, "told once"


async def test_who_was_away_hears_that_a_receiver_was_disabled_and_then_that_it_is_back(receiving: Receiving, notifying: Notifying) -> None:
    """The notifier is away too when a person enables the receiver; who was not told of the one is not told of the other."""
    desk, other, third = receiving(), receiving("other"), receiving("third")
    desk.plan("status:410")
    other.plan("status:503")
    notifier = notifying().configure(desk.entry(), other.entry(), third.entry(), notices=["other"]).start().wait_ready()
    await notifier.publish(story("f", "firing"))
    assert await eventually(other.requests)
    assert notifier.stop() == 0
    desk.plan()
    assert "enabled desk\nasked for 1;" in notifier.cli("deliveries", "redeliver", "--receiver", "desk", "--failed", "--yes").stdout
    notifier.start().wait_ready()
    assert await eventually(desk.seen)
    other.plan()
    assert await eventually(lambda: len(other.seen()) == 2)
    heard = [decode(next(one for one in other.requests() if one.id == name).body, Notice) for name in other.seen()]
    assert [(one.kind, one.reason) for one in heard] == [("receiver_disabled", "gone"), ("receiver_enabled", "gone")]
    assert heard[1].since == heard[0].at < heard[1].at
    assert await notifier.emptied() == {} and third.requests() == []
    lines = await notifier.deliveries(lambda lines: len([line for line in lines if line.outcome == "delivered"]) >= 3)
    told = [line.transition for line in lines if line.receiver == "other" and line.outcome == "delivered"]
    assert told == ["receiver_disabled", "receiver_enabled"]


async def test_a_receiver_that_was_away_gets_everything_in_order(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    events = story("f", "firing", "escalated", "deescalated")
    await notifier.publish(events[:1])
    assert await eventually(desk.seen)
    desk.kill()
    await notifier.publish([*events[1:], *story("short", "firing", "resolved")])
    assert await eventually(lambda: notifier.metric('newsgauge_notifications_suppressed_total{reason="unsent"}') == 2)
    desk.start()
    assert await eventually(lambda: len(desk.seen()) == 3)
    assert desk.seen() == [one.event_id for one in events]


async def test_a_receiver_that_is_back_need_not_wait_for_the_next_try(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    desk.plan("status:503")
    notifier = notifying().configure(desk.entry(retry=["1h"] * 3)).start().wait_ready()
    early = [one for number in range(4) for one in story(f"f{number}", "firing")]
    await notifier.publish(early)
    assert await eventually(lambda: notifier.metric("newsgauge_notifications_failed_total") == 4)
    desk.plan()
    await notifier.publish(story("g", "firing"))
    assert await eventually(lambda: len(desk.seen()) == 5), "in minutes, not in an hour"
    assert await notifier.emptied() == {}
    assert await eventually(lambda: notifier.metric("newsgauge_outbox_pending") == 0)


async def test_an_owner_that_was_paused_changes_nothing(receiving: Receiving, notifying: Notifying) -> None:
    """Stopped for longer than its group waits, with a try under way; then it wakes up and finds itself fenced."""
    desk = receiving()
    one = notifying("one").configure(desk.entry()).start().wait_ready()
    desk.plan("status:503")
    await one.publish([event for number in range(6) for event in story(f"f{number}", "firing", "updated")])
    assert await eventually(lambda: len({request.id for request in desk.requests()}) == 6)
    assert one.process is not None
    one.process.send_signal(signal.SIGSTOP)
    two = notifying("two").start()
    try:
        two.wait_ready()
        await one.publish([event for number in range(6) for event in story(f"f{number}", "firing", "updated", "escalated")[2:]])
        assert await eventually(lambda: two.metric('newsgauge_notifications_suppressed_total{reason="collapsed"}') == 6)
        desk.plan()
        assert await eventually(lambda: len(desk.seen()) == 12)
    finally:
        one.process.send_signal(signal.SIGCONT)
    await one.publish([event for number in range(6) for event in story(f"g{number}", "firing")])
    assert await eventually(lambda: len(desk.seen()) == 18)
    one.wait_ready()
    two.wait_ready()
    for number in range(6):
        assert [name for name in desk.seen() if name.startswith(f"f{number}-")] == [f"f{number}-1", f"f{number}-3"]
    assert await one.emptied() == {}


async def test_a_topic_that_was_made_again_is_read_from_its_beginning(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    await notifier.publish([event for number in range(8) for event in story(f"f{number}", "firing")])
    assert await eventually(lambda: len(desk.seen()) == 8)
    assert notifier.stop() == 0
    admin = AIOKafkaAdminClient(bootstrap_servers=notifier.bootstrap)
    await admin.start()
    await admin.delete_topics([notifier.prefix + "alerts"])
    for _ in range(600):
        if notifier.prefix + "alerts" not in await admin.list_topics():
            break
        await asyncio.sleep(0.1)
    await admin.create_topics([NewTopic(notifier.prefix + "alerts", PARTITIONS, 1)])
    await admin.close()
    await notifier.publish(story("g", "firing"))
    notifier.start().wait_ready()
    assert await eventually(lambda: "g-1" in desk.seen())
    assert "the place to go on is gone" in notifier.log.read_text()


async def test_what_is_not_to_be_told_is_not_and_is_counted(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    decisions = [replace(one, notify=Notify(decision=why)) for why in ("pending", "late", "unlisted") for one in story(why, "firing")]
    modes = [replace(one, mode=mode) for mode in ("replay", "test", "shadow") for one in story(mode, "firing")]
    (told,) = story("told", "firing")
    await notifier.publish([*decisions, *modes, told, told, *story("unheard", "resolved")])
    assert await eventually(lambda: notifier.metric("newsgauge_notifications_suppressed_total") == 8)
    assert await eventually(desk.seen)
    assert desk.seen() == ["told-1"] and len(desk.requests()) == 1
    for reason, count in {"pending": 1, "late": 1, "unlisted": 1, "not_live": 3, "seen": 1, "unrouted": 1}.items():
        assert notifier.metric(f'newsgauge_notifications_suppressed_total{{reason="{reason}"}}') == count, reason


async def test_a_silence_keeps_back_but_not_the_end_of_what_was_told(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    told, quiet = story("told", "firing", "escalated", "resolved"), story("quiet", "firing", "resolved")
    await notifier.publish(told[:1])
    assert await eventually(desk.seen)
    added = notifier.cli("silence", "add", "rule=r", "--for", "2h", "--comment", "recount", "--author", "me")
    name = added.stdout.strip()
    assert name in notifier.cli("silence", "list").stdout
    await notifier.publish([*told[1:], *quiet])
    assert await eventually(lambda: len(desk.seen()) == 2)
    assert desk.seen() == ["told-1", "told-3"]
    assert await eventually(lambda: notifier.metric('newsgauge_notifications_suppressed_total{reason="unrouted"}') == 1)
    lines = await notifier.deliveries(lambda lines: sum(line.outcome == "silenced" for line in lines) == 2)
    assert sorted((line.event_id, line.silence) for line in lines if line.outcome == "silenced") == [("quiet-1", name), ("told-2", name)]
    assert notifier.cli("silence", "expire", name).stdout == f"ended {name}\n"
    assert notifier.cli("silence", "list").stdout == "" and "over" in notifier.cli("silence", "list", "--all").stdout
    await notifier.publish(story("after", "firing"))
    assert await eventually(lambda: "after-1" in desk.seen())


async def test_addresses_that_are_not_public_are_refused_by_number_and_by_name(receiving: Receiving, notifying: Notifying) -> None:
    desk, other = receiving(), receiving("other")
    named = other.entry(url=other.url.replace("127.0.0.1", "localhost"), allow_private=False)
    routes = {"receiver": "desk", "routes": [{"matchers": ['rule=~".*"'], "receiver": "other", "continue": True}, {"receiver": "desk"}]}
    notifier = notifying().configure(desk.entry(allow_private=False), named, route=routes).start().wait_ready()
    await notifier.publish(story("f", "firing"))
    lines = await notifier.deliveries(lambda lines: {line.receiver for line in lines} == {"desk", "other"})
    assert {line.receiver for line in lines} == {"desk", "other"}
    assert notifier.metric('newsgauge_notifications_failed_total{integration="newsgauge",reason="address"}') >= 2
    assert desk.requests() == other.requests() == []
    assert all(line.detail.startswith("not on the public internet: ") for line in lines)


async def test_the_file_is_taken_over_when_it_changes_and_refused_when_faulty(receiving: Receiving, notifying: Notifying) -> None:
    desk, other = receiving(), receiving("other")
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    put(notifier.folder / "receivers.yaml", "schema: 1\nreceivers: []\n")
    assert await eventually(lambda: notifier.metric("newsgauge_config_last_reload_successful") == 0)
    assert "receivers.yaml:2:1: " in notifier.log.read_text()
    await notifier.publish(story("f", "firing"))
    assert await eventually(desk.seen), "the old one stays in force"
    notifier.configure(other.entry())
    assert notifier.process is not None
    notifier.process.send_signal(signal.SIGHUP)
    assert await eventually(lambda: notifier.metric("newsgauge_config_last_reload_successful") == 1)
    await notifier.publish(story("g", "firing"))
    assert await eventually(other.seen)
    assert desk.seen() == ["f-1"] and other.seen() == ["g-1"]


async def test_apprise_reaches_what_it_knows(receiving: Receiving, notifying: Notifying) -> None:
    """Its `json://` is a service that can be had on this machine."""
    chat = receiving("chat")
    entry = {"name": "chat", "type": "apprise", "url": f"json://127.0.0.1:{chat.port}/notify", "retry": RETRY}
    notifier = notifying().configure(entry).start().wait_ready()
    chat.plan("status:500")
    await notifier.publish(story("f", "firing"))
    assert await eventually(lambda: notifier.metric('newsgauge_notifications_failed_total{integration="apprise",reason="refused"}') >= 1)
    chat.plan()
    assert await eventually(chat.seen)
    said = json.loads(next(one for one in chat.requests() if one.taken).body)
    assert said["title"] == "FIRING critical Daily apprehensions" and "“Around 12,000 people" in said["message"]


async def test_cooldown_holds_the_same_level_back_and_not_its_escalation(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    cooled = [replace(one, notify=Notify(decision="due", cooldown=3_600.0)) for one in story("f", "firing", "updated", "escalated")]
    await notifier.publish(cooled[:2])
    assert await eventually(desk.seen)
    waits = ("newsgauge_outbox_pending", "newsgauge_outbox_oldest_timestamp_seconds")
    assert await eventually(lambda: [notifier.metric(name) for name in waits] == [1, 0]), "it waits, and nothing is owed"
    await notifier.publish(cooled[2:])
    assert await eventually(lambda: len(desk.seen()) == 2)
    assert desk.seen() == ["f-1", "f-3"]
    assert await eventually(lambda: notifier.metric('newsgauge_notifications_suppressed_total{reason="collapsed"}') == 1)


async def test_two_notifiers_share_the_work_and_one_takes_over_when_the_other_dies(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    one = notifying("one").configure(desk.entry()).start().wait_ready()
    two = notifying("two").start().wait_ready()
    first = [event for number in range(20) for event in story(f"a{number}", "firing")]
    await one.publish(first)
    assert await eventually(lambda: len(desk.seen()) == 20)
    assert await eventually(lambda: one.metric("newsgauge_notifications_total") > 0 and two.metric("newsgauge_notifications_total") > 0)
    desk.plan("status:503")
    second = [event for number in range(20) for event in story(f"b{number}", "firing", "escalated")]
    await one.publish(second)
    assert await eventually(lambda: len({request.id for request in desk.requests()}) >= 40)
    one.kill()
    desk.plan()
    assert await eventually(lambda: len(desk.seen()) == 60)
    for number in range(20):
        assert [name for name in desk.seen() if name.startswith(f"b{number}-")] == [f"b{number}-1", f"b{number}-2"]
    assert two.stop() == 0


async def test_a_notifier_goes_on_with_its_schedule_after_a_restart(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    desk.plan("status:503")
    notifier = notifying().configure(desk.entry(retry=["1h"])).start().wait_ready()
    await notifier.publish(story("f", "firing"))
    (line,) = await notifier.deliveries()
    assert notifier.metric("newsgauge_notifications_failed_total") == 1
    assert notifier.stop() == 0
    desk.plan()
    notifier.start().wait_ready()
    assert await eventually(lambda: notifier.metric("newsgauge_outbox_pending") == 1)
    assert desk.seen() == [] and await notifier.deliveries() == [line], "not before its time"
    assert line.next_at is not None and line.next_at > datetime.now(UTC) + timedelta(minutes=50)
    assert "asked for 1" in notifier.cli("deliveries", "redeliver", "f-1", "--yes").stdout
    assert await eventually(desk.seen), "asked for by hand: at once"
