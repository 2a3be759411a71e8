"""Four faults of faust-streaming 0.15.3, mended in place: without this an ordinary restart of a worker with tables loses input.

1. Recovery order (upstream issue 596). When the tables are restored, stock Faust lets the stream partitions be fetched, then
   seeks them to the committed offsets, then clears the queues. What was fetched in between is cleared, and the commit
   arithmetic counts it as a gap that is done. Here: seek, clear, then let them be fetched.
2. The set of fetchable partitions. It is shared with a fetch under way in the consumer's thread, and aiokafka takes an empty
   set for "all": a fetch during which everything was paused takes the records of every partition and throws them away.
   The worker may then wait for ever. Here: a fetch takes a partition's records only if it may be fetched at that moment.
3. Flush before commit. `ProducerBuffer.flush` returns after 0.1 s without progress, so offsets are committed before the
   tables' changelog is sent, and a crash then loses state. Here: it returns when all is handed to the producer.
   It waits as long as the broker is away, so bound a shutdown from outside.

4. The wait of a fetch. Faust fixes it at 1.5 s. Kafka answers a waiting fetch when a record comes; librdkafka's mock cluster only
   when the wait is over, so that each step of the flow took that long there. Here: 0.1 s.

`tests/live/test_faust_fixes.py` shows each fault on the stock code and fails when upstream has mended it.
"""

import asyncio
from collections.abc import Callable, Collection, Container
from importlib.metadata import version
from typing import Any

from faust.tables.recovery import Recovery
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.producer import ProducerBuffer

__all__ = ["FIXES", "STOCK", "VERSION", "UnsupportedFaustError", "fetched_to", "install"]

VERSION = "0.15.3"
FLUSH_POLL_SECONDS = 0.1
FETCH_WAIT_MS = 100


class UnsupportedFaustError(RuntimeError):
    """Another version of faust-streaming is installed than the one that these fixes were written and tested for."""


def install() -> None:
    """Replaces the faulty methods in Faust's classes; call it before an App starts. A second call changes nothing.

    UnsupportedFaustError on any other version of Faust.
    """
    found = version("faust-streaming")
    if found != VERSION:
        raise UnsupportedFaustError(f"These fixes are for faust-streaming {VERSION}, and {found} is installed: install {VERSION}.")
    for owner, name, mended in FIXES:
        setattr(owner, name, mended)


async def on_recovery_completed(self: Any, generation_id: int = 0) -> None:
    """Fault 1: upstream's method with the resuming of the stream partitions moved behind the seek and the clearing."""
    app, consumer = self.app, self.app.consumer
    self.log.info("Restore complete!")
    await app.on_rebalance_complete.send()
    self._set_recovery_ended()
    await asyncio.gather(
        *(table.on_recovery_completed(self.actives_for_table[table], self.standbys_for_table[table]) for table in self.tables.values())
    )
    assignment = consumer.assignment()
    if app.consumer_generation_id != generation_id:
        self.log.warning("Recovery rebalancing again app id %s param %s", app.consumer_generation_id, generation_id)
        return
    if assignment:
        self.log.info("Seek stream partitions to committed offsets.")
        await self._wait(consumer.perform_seek(), timeout=app.conf.broker_request_timeout)
    self.completed.set()
    app.flow_control.resume()
    consumer.resume_partitions({tp for tp in assignment if not self._is_changelog_tp(tp)})
    consumer.resume_flow()
    await app._fetcher.maybe_start()
    self.tables.on_actives_ready()
    if not app.assignor.assigned_standbys():
        self.tables.on_standbys_ready()
    app.on_rebalance_end()
    self.log.info("Worker ready")


class FetchableNow(Container[Any]):
    """Asks the shared set at the moment of the question, and unlike a set is true when that is empty."""

    def __init__(self, partitions: Collection[Any]) -> None:
        self._partitions = partitions

    def __contains__(self, partition: object) -> bool:
        return partition in self._partitions

    def __bool__(self) -> bool:
        return True


async def fetch_records(self: Any, consumer: Any, active_partitions: Collection[Any] | None, **limits: Any) -> Any:
    """Fault 2: None still stands for all partitions (a client that owns none of the streams); an empty set no longer does.

    The offset of the last record of each partition is kept, for `fetched_to`.
    """
    fetchable = None if active_partitions is None else FetchableNow(active_partitions)
    records = await STOCK["_fetch_records"](self, consumer, fetchable, **limits)
    vars(self).setdefault("_last_fetched", {}).update({tp: batch[-1].offset for tp, batch in records.items() if batch})
    return records


def fetched_to(app: Any, tp: Any) -> tuple[int, int]:
    """The offset of the last record that was fetched from a partition, and the position of the fetch behind it; -1 where there is none.

    They are apart where a producer's transactions are: what marks their ends has offsets too, and never becomes a record.
    """
    thread = app.consumer._thread
    state = thread._consumer._subscription.subscription.assignment.state_value(tp)
    return vars(thread).get("_last_fetched", {}).get(tp, -1), state.position if state and state.has_valid_position else -1


def create_worker_consumer(self: Any, transport: Any) -> Any:
    """Fault 4: the consumer as upstream makes it, with a shorter wait."""
    consumer = STOCK["_create_worker_consumer"](self, transport)
    consumer._fetch_max_wait_ms = FETCH_WAIT_MS
    return consumer


async def flush_atmost(self: Any, max_messages: int | None) -> int:
    """Fault 3: returns when the buffer is empty and nothing taken from it is still on its way, or after `max_messages`."""
    flushed = 0
    while (self.size or getattr(self, "_on_its_way", False)) and (max_messages is None or flushed < max_messages):
        if self.state != "running" and self.size:
            raise RuntimeError("Cannot flush: Producer not Running")
        self.message_sent.clear()
        try:
            await asyncio.wait_for(self.message_sent.wait(), FLUSH_POLL_SECONDS)
            flushed += 1
        except TimeoutError:
            continue
    return flushed


async def send_pending(self: Any, message: Any) -> None:
    """Fault 3: a message that left the buffer and waits for room in the producer is not sent yet."""
    self._on_its_way = True
    try:
        await STOCK["_send_pending"](self, message)
    finally:
        self._on_its_way = False


FIXES: tuple[tuple[type, str, Callable[..., Any]], ...] = (
    (Recovery, "on_recovery_completed", on_recovery_completed),
    (AIOKafkaConsumerThread, "_fetch_records", fetch_records),
    (AIOKafkaConsumerThread, "_create_worker_consumer", create_worker_consumer),
    (ProducerBuffer, "flush_atmost", flush_atmost),
    (ProducerBuffer, "_send_pending", send_pending),
)
STOCK: dict[str, Callable[..., Any]] = {name: getattr(owner, name) for owner, name, _ in FIXES}
"""Upstream's methods as they were imported, by name."""
