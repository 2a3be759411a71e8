"""The parts of starting a Kafka node: the Java command, ports, settings, formatting, readiness, and the watchdog."""

import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.brokers import BrokerError

__all__ = [
    "LIBS",
    "Ports",
    "answers",
    "format_storage",
    "free_ports",
    "java_command",
    "log_tail",
    "wait_until",
    "watchdog",
    "write_settings",
]

LIBS = Path(__file__).parents[2] / ".cache" / "kafka" / "libs"
JAVA_AT_LEAST = 17
POLL_SECONDS = 0.1
# Below the range from which the kernel takes source ports: else a client that retries while the broker is down
# can be given the broker's own port, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 30_000)

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{ports.controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{ports.broker},CONTROLLER://127.0.0.1:{ports.controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{ports.broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={home}/data
auto.create.topics.enable=false
message.max.bytes=10485760
replica.fetch.max.bytes=10485760
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
controlled.shutdown.enable=true
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""

LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c: %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


@dataclass(frozen=True, slots=True)
class Ports:
    broker: int
    controller: int


def java_command(libs: Path, heap: str) -> list[str]:
    """The start of every command; BrokerError names what is missing. Flags favour a fast start over long-run speed."""
    java = shutil.which("java")
    if java is None:
        raise BrokerError(f"Kafka needs Java {JAVA_AT_LEAST} or newer and no java is on PATH; `make kafka` installs it.")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - found on PATH
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < JAVA_AT_LEAST:
        release = found[1] if found else "one that does not say its version"
        raise BrokerError(f"Kafka needs Java {JAVA_AT_LEAST} or newer; the first on PATH is {release} ({java}).")
    if not any(libs.glob("kafka_*.jar")):
        raise BrokerError(f"The jars of Apache Kafka are not in {libs}: run `make kafka`.")
    return [java, f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", f"{libs}/*"]


def free_ports(broker: int | None) -> Ports:
    """Two ports that nobody listens on now; the broker's as asked for where it is. BrokerError when that one is taken."""
    if broker is not None and not _is_free(broker):
        raise BrokerError(f"Port {broker} is in use by another program: stop it or choose another port.")
    free = (port for port in random.sample(PORTS, len(PORTS)) if port != broker and _is_free(port))
    return Ports(broker if broker is not None else next(free), next(free))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def write_settings(home: Path, ports: Ports) -> Path:
    """Writes server.properties and the logging settings; returns the first."""
    (home / "log4j2.properties").write_text(LOGGING)
    settings = home / "server.properties"
    settings.write_text(SETTINGS.format(home=home, ports=ports))
    return settings


def format_storage(java: list[str], home: Path, settings: Path) -> None:
    """Gives an empty directory its cluster id; one that has been formatted is left as it is."""
    if (home / "data" / "meta.properties").exists():
        return
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(settings)]  # it may begin with a dash
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=home)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise BrokerError(f"Kafka could not format {home / 'data'}: {(done.stderr or done.stdout).strip()[-400:]}")


def answers(bootstrap: str) -> bool:
    """Whether a broker there answers a metadata request and knows itself."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 100})
    try:
        return bool(client.list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def wait_until(ready: Callable[[], bool], seconds: float, sentence: str, log: Path) -> None:
    """Polls `ready`; BrokerError with the sentence and the end of the log when time is up."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise BrokerError(f"{sentence}: {log_tail(log)}")
        time.sleep(POLL_SECONDS)


def log_tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log in one, for an error message."""
    text = log.read_text(errors="replace").strip() if log.exists() else ""
    return " | ".join(text.splitlines()[-lines:]) or "it logged nothing"


def watchdog(pid: int, remove: Path | None) -> subprocess.Popen[bytes]:
    """A shell that waits on a pipe from this process: at its end (we died, however) it kills `pid` and removes the directory.

    A line on the pipe dismisses it. PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the child ends.
    """
    script = 'read -r _ || { kill -KILL "$1"; [ -z "$2" ] || { sleep 0.2; rm -rf -- "$2"; }; }'
    command = ["/bin/sh", "-c", script, "watchdog", str(pid), str(remove or "")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env={"PATH": os.defpath})  # noqa: S603 - our own words
