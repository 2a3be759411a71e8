"""The programs in docs/api.md, run as they stand there."""

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streams.brokers.kafka import KafkaBroker
from tests.api.build import alert, send
from tests.api.conftest import Serve
from tests.live.flow import wait_for

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def snippet(language: str, holds: str) -> str:
    (found,) = (text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.S) if holds in text)
    return str(found)


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no Node.js on this machine")
    return found


@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_client_of_the_stream_sees_each_alert_once_over_a_restart(
    kafka: KafkaBroker, topics: str, serve: Serve, tmp_path: Path, language: str
) -> None:
    program = tmp_path / f"client.{ {'python': 'py', 'js': 'mjs'}[language] }"
    program.write_text(snippet(language, "Last-Event-ID"))
    server, log = serve(), tmp_path / "client.log"
    with log.open("wb") as out:
        command = [sys.executable if language == "python" else node(), str(program), server.address]
        client = await asyncio.to_thread(subprocess.Popen, command, stdout=out, stderr=subprocess.DEVNULL)
    try:
        assert wait_for(lambda: "newsgauge_sse_clients 1.0" in server.get("/metrics").body.decode(), 120)
        await send(kafka.bootstrap, topics, [alert(name) for name in "abc"])
        assert wait_for(lambda: log.read_text().count("\n") == 3, 120), log.read_text()
        server.stop()
        await send(kafka.bootstrap, topics, [alert(name) for name in "de"])
        server.start()
        assert wait_for(lambda: log.read_text().count("\n") >= 5, 120), log.read_text()
        assert sorted(line.split()[:2] for line in log.read_text().splitlines()) == [["alert", f"{name}:1"] for name in "abcde"]
    finally:
        client.kill()
        client.wait()


@pytest.mark.skipif(shutil.which("kcat") is None, reason="there is no kcat on this machine")
async def test_kcat_and_awk_drop_what_came_twice(kafka: KafkaBroker, topics: str) -> None:
    await send(kafka.bootstrap, topics, [alert("a"), alert("b"), alert("a"), alert("a", 2, "resolved")], topics=("alerts",))
    command = snippet("sh", "kcat").replace("127.0.0.1:9092", kafka.bootstrap).replace("-t alerts", f"-t {topics}alerts")
    done = await asyncio.to_thread(subprocess.run, ["bash", "-c", command], capture_output=True, text=True, timeout=120, check=True)
    assert sorted(re.findall(r'"event_id":"([^"]+)"', done.stdout)) == ["a:1", "a:2", "b:1"]
    assert done.stdout.count("\n") == 3
