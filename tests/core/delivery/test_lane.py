"""One receiver and one alert: order, retries, what collapses, what ends unheard, cooldown, crashes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert import Alert, Notify
from schemas.delivery import OutboxEntry
from streams.core.delivery.lane import Lane, Settled, Step, admit, begin, finish, give_up, hasten, owed_since, restored, wake_at
from streams.core.delivery.retry import SCHEDULE, Attempt
from tests.core.delivery.build import NOW, alert, entry, later

FIRING, ESCALATED, RESOLVED = alert(), alert("escalated", 2), alert("resolved", 3)
OK, DOWN, SILENT, GONE = (
    Attempt(reason=None),
    Attempt(reason="server_error"),
    Attempt(reason="timeout", unsure=True),
    Attempt(reason="gone"),
)


def queued(*alerts: Alert, lane: Lane | None = None) -> Step:
    step = Step(lane=lane or Lane())
    for number, one in enumerate(alerts):
        after = admit(step.lane, entry(one, number))
        step = replace(after, settled=step.settled + after.settled)
    return step


def tried(lane: Lane, attempt: Attempt, at: datetime = NOW) -> Step:
    lane, started = begin(lane, at)
    assert started is not None
    return finish(lane, attempt, SCHEDULE, at)


def waiting(lane: Lane) -> list[str]:
    return [one.alert.transition for one in lane.queue if one.alert]


def told(settled: Iterable[Settled]) -> list[tuple[str, str]]:
    return [(one.entry.alert.transition, one.outcome) for one in settled if one.entry.alert]


def test_events_wait_for_those_before_them() -> None:
    lane = queued(FIRING, ESCALATED).lane
    lane, first = begin(lane, NOW)
    assert first is not None and first.event_id == FIRING.event_id and first.attempt == 1 and first.in_flight
    assert begin(lane, NOW) == (lane, None), "one at a time"
    step = finish(lane, DOWN, SCHEDULE, NOW)
    assert waiting(step.lane) == ["firing", "escalated"] and step.settled == ()
    assert begin(step.lane, later(4)) == (step.lane, None), "not before its time"
    step = tried(step.lane, OK, later(6))
    assert told(step.settled) == [("firing", "delivered")]
    assert step.lane.told is not None and step.lane.told.open and step.lane.told.event_id == FIRING.event_id
    assert told(tried(step.lane, OK).settled) == [("escalated", "delivered")]


def test_updates_that_nobody_tried_collapse_into_the_next_event() -> None:
    step = queued(FIRING, alert("updated", 2), alert("repeated", 3), alert("updated", 4))
    assert waiting(step.lane) == ["firing", "updated"]
    assert told(step.settled) == [("updated", "collapsed"), ("repeated", "collapsed")]
    assert step.lane.queue[1].alert == alert("updated", 4)


def test_an_update_that_was_tried_stays_because_it_may_have_arrived() -> None:
    lane = tried(queued(alert("updated", 2)).lane, DOWN).lane
    assert waiting(queued(alert("updated", 3), alert("updated", 4), lane=lane).lane) == ["updated", "updated"]


def test_an_alert_that_ended_before_its_beginning_was_delivered_sends_nothing() -> None:
    step = queued(FIRING, ESCALATED, RESOLVED)
    assert step.lane.queue == () and told(step.settled) == [(name, "unsent") for name in ("firing", "escalated", "resolved")]
    refused = tried(queued(FIRING).lane, DOWN).lane
    assert queued(RESOLVED, lane=refused).lane.queue == ()


def test_while_a_try_is_under_way_the_end_waits_for_its_answer() -> None:
    lane, _ = begin(queued(FIRING).lane, NOW)
    lane = queued(RESOLVED, lane=lane).lane
    assert waiting(lane) == ["firing", "resolved"]
    refused = finish(lane, DOWN, SCHEDULE, NOW)
    assert refused.lane.queue == () and told(refused.settled) == [("firing", "unsent"), ("resolved", "unsent")]
    assert waiting(finish(lane, OK, SCHEDULE, NOW).lane) == ["resolved"]


def test_what_may_have_arrived_is_told_to_its_end() -> None:
    lane = tried(queued(FIRING).lane, SILENT).lane
    lane = queued(RESOLVED, lane=lane).lane
    assert waiting(lane) == ["firing", "resolved"]
    for number in range(len(SCHEDULE)):
        lane = tried(lane, DOWN, later(100_000 * (number + 1))).lane
    assert waiting(lane) == ["resolved"], "given up, and still the receiver may know of it"
    assert lane.told is not None and not lane.told.sure


def test_a_beginning_that_was_given_up_takes_its_end_along() -> None:
    lane = queued(FIRING).lane
    for number in range(len(SCHEDULE)):
        step = tried(lane, DOWN, later(100_000 * number))
        lane = step.lane
        assert step.settled == () and not step.exhausted
    last = tried(lane, DOWN, later(1_000_000))
    assert [(one.outcome, one.reason) for one in last.settled] == [("failed", "server_error")] and last.exhausted
    assert queued(RESOLVED, lane=last.lane).lane.queue == ()


def test_gone_is_the_end_of_it() -> None:
    step = tried(queued(FIRING, ESCALATED).lane, GONE)
    assert step.exhausted and [(one.outcome, one.reason) for one in step.settled] == [("failed", "gone")]
    rest = give_up(step.lane, "disabled", NOW)
    assert rest.lane.queue == () and [(one.outcome, one.reason) for one in rest.settled] == [("failed", "disabled")]


def test_giving_up_leaves_the_try_that_is_under_way() -> None:
    lane, _ = begin(queued(FIRING, ESCALATED).lane, NOW)
    assert waiting(give_up(lane, "removed", NOW).lane) == ["firing"]


def cooled(transition: str, sequence: int, **more: object) -> Alert:
    return alert(transition, sequence, notify=Notify(decision="due", cooldown=3_600.0), **more)  # type: ignore[arg-type]


def test_a_level_that_was_told_waits_for_its_cooldown_in_a_new_episode_too() -> None:
    lane = tried(queued(cooled("firing", 1)).lane, OK).lane
    assert wake_at(queued(cooled("updated", 2), lane=lane).lane) == later(3_600)
    assert wake_at(queued(cooled("updated", 2, level="warning"), lane=lane).lane) == NOW, "another level"
    lane = tried(queued(cooled("resolved", 2), lane=lane).lane, OK, later(60)).lane
    again = queued(cooled("firing", 1, episode=2), lane=lane)
    assert wake_at(again.lane) == later(3_600)
    assert queued(cooled("resolved", 2, episode=2), lane=again.lane).lane.queue == (), "it came and went within the cooldown"


def test_what_only_cools_down_is_not_owed_yet() -> None:
    lane = tried(queued(cooled("firing", 1)).lane, OK).lane
    assert owed_since(lane, later(9)) is None
    waiting_lane = queued(cooled("updated", 2), lane=lane).lane
    assert owed_since(waiting_lane, later(9)) is None and owed_since(waiting_lane, later(4_000)) == later(3_600)
    assert owed_since(tried(queued(FIRING).lane, DOWN, later(5)).lane, later(9)) == later(5)


@pytest.mark.parametrize("cooldown", [1e308, -1e308, 3e11])
def test_a_cooldown_that_no_rule_can_ask_for_breaks_nothing(cooldown: float) -> None:
    lane = tried(queued(cooled("firing", 1)).lane, OK).lane
    due = wake_at(queued(alert("updated", 2, notify=Notify(decision="due", cooldown=cooldown)), lane=lane).lane)
    assert due is not None and (due > later(86_400 * 365)) is (cooldown > 0)


@pytest.mark.parametrize("urgent", ["escalated", "retracted", "resolved"])
def test_no_cooldown_delays_an_escalation_a_retraction_or_an_end(urgent: str) -> None:
    lane = tried(queued(cooled("firing", 1)).lane, OK).lane
    assert wake_at(queued(cooled(urgent, 2), lane=lane).lane) == NOW
    assert wake_at(queued(cooled("deescalated", 2), cooled(urgent, 3), lane=lane).lane) == NOW, "nor what stands before it"


def test_by_hand_goes_first_in_its_order_and_is_never_dropped() -> None:
    lane = tried(queued(FIRING).lane, OK).lane
    lane = admit(lane, entry(ESCALATED, 9)).lane
    for one, offset in ((alert("updated", 7, episode=0), 3), (alert("updated", 6, episode=0), 2), (alert("resolved", 8, episode=0), 4)):
        lane = admit(lane, entry(one, offset, by_hand=True)).lane
    assert [one.offset for one in lane.queue] == [2, 3, 4, 9]
    before = lane.told
    lane = replace(lane, told=replace(before, offset=8)) if before else lane
    assert tried(lane, OK).lane.told == lane.told, "older than what the receiver knows"


def test_by_hand_on_what_waits_already_makes_it_due_at_once() -> None:
    lane = tried(queued(FIRING).lane, DOWN).lane
    assert (wake_at(lane) or NOW) > later(4)
    again = admit(lane, entry(FIRING, 0, by_hand=True)).lane
    assert wake_at(again) == NOW and len(again.queue) == 1 and again.queue[0].attempt == 1


def test_when_the_receiver_is_back_what_waits_is_due_and_nothing_else_changes() -> None:
    lane = tried(queued(FIRING, ESCALATED).lane, DOWN).lane
    back = hasten(lane, later(1))
    assert wake_at(back) == later(1) and back == replace(lane, queue=(replace(lane.queue[0], due_at=later(1)), lane.queue[1]))
    for other in (Lane(), queued(FIRING).lane, begin(queued(FIRING).lane, NOW)[0], back):
        assert hasten(other, later(1)) == other


def test_what_was_in_flight_at_a_crash_is_tried_again_at_once_without_counting_twice() -> None:
    _, started = begin(queued(FIRING).lane, NOW)
    assert started is not None
    again = restored(started, later(9))
    assert (again.attempt, again.in_flight, again.unsure, again.due_at) == (0, False, True, NOW)
    asleep = replace(started, in_flight=False, due_at=later(300))
    assert restored(asleep, later(9)) == asleep


# --- any order of events, answers and crashes -------------------------------------------------------------------------


@dataclass
class Receiver:
    """A receiver that drops the ids it has seen."""

    seen: list[OutboxEntry] = field(default_factory=list)

    def take(self, one: OutboxEntry) -> None:
        if one.event_id not in {other.event_id for other in self.seen}:
            self.seen.append(one)


EVENTS = [
    *[alert("firing", 1), alert("updated", 2), alert("escalated", 3), alert("updated", 4), alert("resolved", 5)],
    *[alert("firing", 1, episode=2), alert("repeated", 2, episode=2), alert("updated", 3, episode=2), alert("retracted", 4, 2, level=None)],
    *[alert("firing", 1, episode=3), alert("deescalated", 2, episode=3), alert("updated", 3, episode=3)],
]
ACTIONS = st.lists(
    st.sampled_from(["event", "ok", "down", "lost", "answer lost", "crash before", "crash after", "wait"]), min_size=10, max_size=60
)


@settings(max_examples=300)
@given(ACTIONS)
def test_in_order_each_once_and_nothing_lost_whatever_happens(actions: list[str]) -> None:
    """`stored` is what the outbox holds: the lane as it was when it was written last; a crash goes back to it."""
    lane, receiver, now, coming = Lane(), Receiver(), NOW, list(enumerate(EVENTS))
    fates: dict[str, str] = {}

    def settle(step: Step) -> Lane:
        for one in step.settled:
            assert one.entry.event_id not in fates, "settled twice"
            fates[one.entry.event_id] = one.outcome
        return step.lane

    for action in [*actions, *["ok"] * 40]:
        if action == "event" and coming:
            number, event = coming.pop(0)
            lane = settle(admit(lane, entry(event, number, now)))
            continue
        now += timedelta(hours=1)
        stored, started = begin(lane, now)
        if started is None:
            continue
        if action in ("ok", "answer lost", "crash after"):
            receiver.take(started)
        if action.startswith("crash"):
            lane = replace(stored, queue=tuple(restored(one, now) for one in stored.queue))
            continue
        attempt = {"ok": OK, "down": DOWN, "lost": SILENT, "answer lost": SILENT}.get(action)
        lane = settle(finish(stored, attempt, (60.0,) * 100, now)) if attempt else lane

    assert lane.queue == (), "all was settled in the end"
    admitted = [event.event_id for event in EVENTS[: len(EVENTS) - len(coming)]]
    assert set(fates) == set(admitted)
    places = [one.offset for one in receiver.seen if one.offset is not None]
    assert places == sorted(places), "in order"
    arrived = [one.event_id for one in receiver.seen]
    assert {name for name, fate in fates.items() if fate == "delivered"} <= set(arrived)
    by_episode: dict[str, list[Alert]] = {}
    for event in EVENTS[: len(EVENTS) - len(coming)]:
        by_episode.setdefault(event.alert_id, []).append(event)
    for events in by_episode.values():
        heard = [one for one in events if one.event_id in arrived]
        if heard:
            assert events[-1].event_id in arrived, "who hears of an alert hears its newest state"
