"""A small Faust worker for the tests of faust_fixes: counts the records of each key in a table. Run as a program.

argv: bootstrap, app id, input topic, output topic, "stock" or "mended", then Faust settings as JSON.
The environment: SLOW_SEEK, seconds by which the end of the seek to the committed offsets is noticed late;
SLOW_RECORDS, seconds for each record; LEVEL of the logs.
It prints `ready` when it takes records, stops within 10 s of SIGTERM and leaves the process at once if Faust crashes.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from typing import Any

import faust
from faust.transport.consumer import Consumer

from streams.live.faust_fixes import install

RAW: dict[str, Any] = {"key_type": bytes, "key_serializer": "raw", "value_type": bytes, "value_serializer": "raw"}
SETTINGS: dict[str, Any] = {
    "store": "memory://",
    "web_enabled": False,
    "topic_partitions": 4,
    "topic_replication_factor": 1,
    "topic_allow_declare": False,
    "topic_disable_leader": True,
    "table_standby_replicas": 0,
    "consumer_auto_offset_reset": "earliest",
    "stream_wait_empty": True,
    "broker_session_timeout": 6.0,
    "broker_heartbeat_interval": 1.0,
    "broker_rebalance_timeout": 10.0,
    "broker_commit_interval": 1.0,
}


def build(bootstrap: str, name: str, source: str, sink: str, settings: dict[str, Any]) -> faust.App:
    """Send, await the acknowledgement, then change the state, as the watch agent does; a record seen before changes nothing."""
    app = faust.App(name, broker=f"kafka://{bootstrap}", **{**SETTINGS, **settings})
    records, counts_out = app.topic(source, **RAW), app.topic(sink, **RAW)
    counts = app.Table("counts", partitions=4)

    @app.agent(records)
    async def count(stream: Any) -> None:
        async for event in stream.events():
            await asyncio.sleep(float(os.environ.get("SLOW_RECORDS", "0")))
            number, last = counts.get(event.key.decode()) or (0, -1)
            if event.message.offset <= last:
                continue
            value = json.dumps({"key": event.key.decode(), "count": number + 1, "offset": event.message.offset}).encode()
            await (await counts_out.send(key=event.key, value=value))
            counts[event.key.decode()] = (number + 1, event.message.offset)

    return app


def slow_down_seeks(seconds: float) -> None:
    """Makes the race of fault 1 certain where it is else a matter of milliseconds."""
    perform_seek = Consumer.perform_seek

    async def late(self: Consumer) -> None:
        await perform_seek(self)
        await asyncio.sleep(seconds)

    setattr(Consumer, "perform_seek", late)  # noqa: B010 - mypy forbids the assignment


async def main() -> None:
    bootstrap, name, source, sink, code, settings = sys.argv[1:]
    for logger in ("faust", "aiokafka", "mode"):
        logging.getLogger(logger).setLevel(os.environ.get("LEVEL", "WARNING"))
    if code == "mended":
        install()
    if delay := float(os.environ.get("SLOW_SEEK", "0")):
        slow_down_seeks(delay)
    with tempfile.TemporaryDirectory() as datadir:
        app = build(bootstrap, name, source, sink, {"datadir": datadir, **json.loads(settings)})
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
        await app.start()
        print("ready", flush=True)
        crashed = asyncio.ensure_future(app._crashed.wait())
        await asyncio.wait([crashed, asyncio.ensure_future(asked.wait())], return_when=asyncio.FIRST_COMPLETED)
        if crashed.done():
            os._exit(3)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.stop(), 10)
    os._exit(0)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main())
