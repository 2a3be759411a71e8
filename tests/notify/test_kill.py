"""kill -9 of notifier, broker and receiver at random times: each event once, in order, nothing lost.

The long form: NOTIFY_KILLS=60 pytest tests/notify/test_kill.py -s
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from schemas.alert import Alert, Transition
from schemas.codec import decode, encode
from streams.brokers.kafka import KafkaBroker
from tests.live.flow import everything, wait_for
from tests.notify.flow import Notifier, Receiver, eventually
from tests.notify.test_delivery import story

KILLS = int(os.environ.get("NOTIFY_KILLS", "6"))
EVENTS_AT_ONCE = 3
MOODS = ("ok", "ok", "ok", "status:503", "ok_then_reset", "hang:5", "reset")
"""What the receiver does with requests during a round."""
LIVES: tuple[tuple[Transition, ...], ...] = (
    ("firing", "escalated", "deescalated", "resolved"),
    ("firing", "updated", "updated", "escalated", "retracted"),
    ("firing", "repeated", "expired"),
)


@pytest.fixture
def own_broker() -> Iterator[KafkaBroker]:
    """One to kill."""
    with KafkaBroker() as broker:
        yield broker


class Campaign:
    """Alerts that come all the time, from a pool of lives that go on; what was published stands in `alerts`."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._open: list[list[Alert]] = []
        self._count = 0

    def next(self) -> Alert:
        if len(self._open) < 8:
            self._count += 1
            self._open.append(story(f"f{self._count}", *self._draw.choice(LIVES)))
        life = self._draw.choice(self._open)
        event = life.pop(0)
        if not life:
            self._open.remove(life)
        return event


async def publishing(notifier: Notifier, campaign: Campaign, stop: asyncio.Event) -> None:
    """A few events now and then, each acknowledged by the broker, which may be away for a while."""
    producer = AIOKafkaProducer(bootstrap_servers=notifier.bootstrap, enable_idempotence=True, request_timeout_ms=120_000)
    await producer.start()
    try:
        while not stop.is_set():
            for event in [campaign.next() for _ in range(EVENTS_AT_ONCE)]:
                await producer.send_and_wait(notifier.prefix + "alerts", encode(event), key=event.fingerprint.encode())
            await asyncio.sleep(0.3)
    finally:
        await producer.stop()


async def test_kill_9_of_notifier_broker_and_receiver_at_any_time(own_broker: KafkaBroker, unique: str, tmp_path: Path) -> None:
    draw, campaign, stop = random.Random(KILLS), Campaign(11), asyncio.Event()
    desk = Receiver(tmp_path).start()
    notifiers = [Notifier(own_broker.bootstrap, unique + ".", tmp_path / f"n{number}.log", folder=tmp_path) for number in range(2)]
    notifiers[0].configure(desk.entry(timeout="2s"))
    for one in notifiers:
        one.start().wait_ready()
    stream = asyncio.create_task(publishing(notifiers[0], campaign, stop))
    try:
        killed: Counter[str] = Counter()
        for number in range(KILLS):
            desk.plan(draw.choice(MOODS))
            arrived = len(desk.requests())
            await eventually(partial(busy, desk, arrived + 5), 25)
            await asyncio.sleep(draw.uniform(0.0, 0.5))
            victim = ("notifier", "receiver", "broker")[number % 3]
            killed[victim] += 1
            await killing(victim, draw, own_broker, desk, notifiers)
        desk.plan("ok")
        stop.set()
        await stream
        for one in notifiers:
            await asyncio.to_thread(supervised, one)
        assert await settled(notifiers[0]), await notifiers[0].outbox()
        found = await compare(notifiers[0], desk)
        print(f"\nkilled {dict(killed)}; {found.told}")
        assert found.faults == []
        await asyncio.to_thread(own_broker.kill)
        await asyncio.sleep(1)
        assert [await asyncio.to_thread(one.stop) for one in notifiers] == [0, 0], "they end in time without a broker, too"
        assert not any("CancelledError" in one.log.read_text() for one in notifiers)
    finally:
        stream.cancel()
        desk.kill()
        for one in notifiers:
            one.stop()


def busy(desk: Receiver, count: int) -> bool:
    """Has the receiver had so many requests?"""
    return len(desk.requests()) >= count


async def killing(victim: str, draw: random.Random, broker: KafkaBroker, desk: Receiver, notifiers: list[Notifier]) -> None:
    """kill -9, and after a while there again."""
    pause = draw.uniform(0.0, 1.0)
    match victim:
        case "notifier":
            one = draw.choice(notifiers)
            one.kill()
            await asyncio.sleep(pause)
            one.start()
        case "receiver":
            desk.kill()
            await asyncio.sleep(pause)
            desk.start()
        case _:
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(pause)
            await asyncio.to_thread(broker.start)
            for one in notifiers:
                if one.ended():  # it found no broker when it started
                    one.start()


def supervised(notifier: Notifier) -> None:
    """Ready in the end: started again where it found no broker, as a supervisor does."""
    for _ in range(10):
        if wait_for(lambda: notifier.ended() or notifier.get("/readyz")[0] == 200) and not notifier.ended():
            return
        notifier.kill()
        notifier.start()
    raise AssertionError(notifier.log.read_text()[-3000:])


class Compared:
    """What arrived against what was published."""

    def __init__(self, told: str, faults: list[str]) -> None:
        self.told = told
        self.faults = faults


async def settled(notifier: Notifier) -> bool:
    """Everything published is taken over, and nothing waits."""
    for _ in range(120):
        ends = Counter(record.partition for record in await everything(notifier.bootstrap, notifier.prefix + "alerts"))
        positions = await notifier.positions()
        if positions == dict(ends) | {number: 0 for number in positions if number not in ends} and not await notifier.outbox():
            return True
        await asyncio.sleep(1)
    return False


async def compare(notifier: Notifier, desk: Receiver) -> Compared:
    """Every published event arrived or has a reason not to; in order; none whose turn had passed."""
    published: dict[str, list[str]] = {}
    for record in await everything(notifier.bootstrap, notifier.prefix + "alerts"):
        event = decode(record.value, Alert)
        names = published.setdefault(event.fingerprint, [])
        if event.event_id not in names:
            names.append(event.event_id)
    outcomes: dict[str, set[str]] = {}
    for line in await notifier.deliveries():
        outcomes.setdefault(line.event_id, set()).add(line.outcome)
    seen, requests, faults = desk.seen(), desk.requests(), []
    known = set(seen)
    for fingerprint, names in published.items():
        arrived = [name for name in seen if name.rpartition("-")[0] == fingerprint]
        if arrived != [name for name in names if name in known]:
            faults.append(f"out of order: {arrived} of {names}")
        for name in names:
            dropped = outcomes.get(name, set()) & {"collapsed", "unsent"}
            if name not in known and not dropped:
                faults.append(f"lost: {name} {outcomes.get(name)}")
        if arrived and names[-1] not in known:
            faults.append(f"the newest state of {fingerprint} did not arrive: {arrived} of {names}")
    strangers = known - {name for names in published.values() for name in names}
    faults += [f"nobody published {name}" for name in strangers]
    bodies: dict[str, set[bytes]] = {}
    for one in requests:
        bodies.setdefault(one.id, set()).add(one.body)
    faults += [f"other bytes under one id: {name}" for name, some in bodies.items() if len(some) > 1]
    total = sum(map(len, published.values()))
    told = f"{total} events of {len(published)} alerts published, {len(seen)} seen, {len(requests)} requests, "
    told += (
        f"{sum('collapsed' in some for some in outcomes.values())} collapsed, {sum('unsent' in some for some in outcomes.values())} unsent"
    )
    return Compared(told, faults)
