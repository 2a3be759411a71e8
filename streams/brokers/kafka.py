"""Apache Kafka as a child process: one KRaft node (broker and controller) on loopback.

The jars come from `make kafka`, Java from PATH. The data lie in a temporary directory that goes when the broker stops,
or in a directory of the caller's that stays. The child cannot outlive this process: see `watchdog`.
"""

import atexit
import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.brokers import BrokerError
from streams.brokers.node import LIBS, answers, format_storage, free_ports, java_command, log_tail, wait_until, watchdog, write_settings

__all__ = ["KafkaBroker"]

START_SECONDS = 120.0
STOP_SECONDS = 15.0


class KafkaBroker:
    """One Kafka node. Blocking: from asyncio call it through `asyncio.to_thread`.

    `kill` ends it as a crash would and keeps the data; `start` then brings it back on the same port.
    """

    def __init__(self, *, data: Path | None = None, port: int | None = None, heap: str = "512m", libs: Path = LIBS) -> None:
        """`data` None: a temporary directory. `port` None: a free one. `heap`: the JVM's -Xmx."""
        self._keeps = data is not None
        self._home = data
        self._port = port
        self._heap = heap
        self._libs = libs
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        if self._port is None:
            raise BrokerError("The broker has no address before it is started.")
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """What the broker says about itself (warnings and errors only)."""
        if self._home is None:
            raise BrokerError("The broker has no log before it is started.")
        return self._home / "broker.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        if self.running:
            return self.bootstrap
        atexit.register(self.stop)
        try:
            self._launch()
            wait_until(self._ready, START_SECONDS, f"Kafka did not answer on {self.bootstrap} within {START_SECONDS:.0f} s", self.log)
        except BaseException:
            self.stop()
            raise
        return self.bootstrap

    def stop(self) -> None:
        if self.running and self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()
        if self._home is not None and not self._keeps:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """SIGKILL, as a crash or the kernel would; the data stay for the next `start`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._watchdog is not None:
            self._watchdog.communicate(b"done\n")
            self._watchdog = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _launch(self) -> None:
        """Formats the directory if it is new, then starts the process and what watches over it."""
        java = java_command(self._libs, self._heap)
        home = self._home = self._home or Path(tempfile.mkdtemp(prefix="newsgauge-kafka-"))
        home.mkdir(parents=True, exist_ok=True)
        ports = free_ports(self._port)
        self._port = ports.broker
        settings = write_settings(home, ports)
        format_storage(java, home, settings)
        with self.log.open("ab") as log:
            command = [*java, f"-Dlog4j2.configurationFile={home / 'log4j2.properties'}", "kafka.Kafka", str(settings)]
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, start_new_session=True
            )
        self._watchdog = watchdog(self._process.pid, None if self._keeps else home)

    def _ready(self) -> bool:
        if not self.running:
            raise BrokerError(f"Kafka ended while it started: {log_tail(self.log)}")
        return answers(self.bootstrap)
