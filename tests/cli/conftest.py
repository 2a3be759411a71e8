"""The command line as a user runs it: a process, with standard streams that are pipes."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.brokers.kafka import KafkaBroker

COMMAND = [sys.executable, "-m", "streams.cli.main"]
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


def environment(**settings: str) -> dict[str, str]:
    """The environment without settings of the person who runs the tests, plus these (`partitions=3`)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSGAUGE_")}
    return kept | {f"NEWSGAUGE_{key.upper()}": value for key, value in settings.items()}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `newsgauge ARGS...` in an empty directory: `run("topics", "check", stdin=b"", bootstrap="...")`."""

    def command(*args: str, stdin: bytes = b"", **settings: str) -> Result:
        done = subprocess.run(
            [*COMMAND, *args], input=stdin, capture_output=True, env=environment(**settings), cwd=tmp_path, timeout=SECONDS, check=False
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return command


@pytest.fixture
def on_kafka(run: Run, kafka: KafkaBroker, unique: str) -> Run:
    """The same against real Kafka, with topics of its own that exist."""
    settings = {"bootstrap": kafka.bootstrap, "topic_prefix": f"{unique}.", "partitions": "3"}

    def command(*args: str, stdin: bytes = b"", **more: str) -> Result:
        return run(*args, stdin=stdin, **settings, **more)

    assert command("topics", "create").status == 0
    return command
