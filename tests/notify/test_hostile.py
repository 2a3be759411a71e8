"""Records that no worker and no command of ours writes: they are passed over, and hold nothing up. Real broker."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from schemas.alert import Notify
from schemas.codec import encode
from schemas.delivery import Matcher, Silence
from tests.notify.flow import Notifier, Receiver, eventually
from tests.notify.test_delivery import story

Receiving = Callable[..., Receiver]
Notifying = Callable[..., Notifier]


async def test_hostile_records_in_alerts_hold_nothing_up(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    first, cooled, last = story("f", "firing", "updated", "resolved")
    plain = json.loads(encode(replace(first, fingerprint="hostile", alert_id="a-hostile")))
    unreadable = [
        None, b"", b"null", b"\xff\xfe", b"[" * 100_000, b"<alert/>", b"9" * 5_000,
        *(json.dumps(plain | change).encode() for change in (
            {"schema": "alert/99"}, {"transition": "exploded"}, {"evidence": 5}, {"times": {}}, {"summary": "\ud800"},
            {"event_id": "x\r\nX-Evil: 1"}, {"event_id": "x" * 201}, {"fingerprint": ""}, {"alert_id": "é"}, {"summary": "x" * 900_000},
        )),
    ]  # fmt: skip
    await notifier.publish([first])
    await notifier.write("alerts", *((b"f", value) for value in unreadable))
    far = replace(first.times, event_time=datetime.max.replace(tzinfo=UTC), started_at=datetime.min.replace(tzinfo=UTC))
    odd = replace(story("odd", "firing")[0], times=far, summary="\x1b]0;x\x07\u202e" + "<!channel>" * 9_000)
    await notifier.publish([replace(cooled, notify=Notify(decision="due", cooldown=1e300)), odd, last])
    assert await eventually(lambda: "f-3" in desk.seen() and "odd-1" in desk.seen()), notifier.log.read_text()[-3000:]
    assert notifier.metric('newsgauge_notifications_suppressed_total{reason="unreadable"}') == len(unreadable)
    assert await notifier.emptied() == {}
    assert "lost" not in notifier.log.read_text() and "Traceback" not in notifier.log.read_text()


async def test_a_silence_that_cannot_be_asked_or_takes_long_stops_no_notifier(receiving: Receiving, notifying: Notifying) -> None:
    desk = receiving()
    notifier = notifying().configure(desk.entry()).start().wait_ready()
    now = datetime.now(UTC)

    def silence(name: str, pattern: str, **times: datetime) -> tuple[bytes, bytes]:
        span = {"created_at": now, "starts_at": now, "ends_at": now + timedelta(hours=1)} | times
        made = Silence(id=name, matchers=(Matcher(name="team", op="=~", value=pattern),), author="x", comment="x", **span)
        return name.encode(), encode(asdict(made))

    over = silence("over", ".*", starts_at=now + timedelta(hours=2), ends_at=now - timedelta(hours=2))
    faulty = [silence("faulty", "("), silence("ahead", "a(?=b)"), silence("slow", "(a+)+$"), over, (b"none", b"{}")]
    await notifier.write("silences", *faulty)
    told = [replace(one, labels={"team": "a" * 10_000 + "!"}) for one in story("f", "firing")]
    assert await eventually(lambda: "the silence ahead is not in force" in notifier.log.read_text())
    await notifier.publish(told)
    assert await eventually(desk.seen), notifier.log.read_text()[-3000:]
    assert "the silence faulty is not in force: '(' is no regular expression" in notifier.log.read_text()
    assert {line.split()[0] for line in notifier.cli("silence", "list").stdout.splitlines() if line[0] != " "} == {"slow"}
