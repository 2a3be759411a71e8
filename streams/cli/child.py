"""A worker as a child process: started, waited for, and gone whatever happens to us."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from streams.brokers.node import free_ports, log_tail, watchdog
from streams.cli.options import CommandError

__all__ = ["WorkerProcess", "free_port"]

READY_SECONDS = 90.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
COMMAND = ("-m", "streams.cli.main")


class WorkerProcess:
    """`newsgauge worker` on its own, in a session of its own so that Ctrl-C reaches only us; its log goes to a file in `home`.

    If this process dies without stopping it, it is killed and `home` removed. `program` is what Python runs as the command.
    """

    def __init__(
        self, home: Path, args: list[str], environment: dict[str, str], *, cwd: Path, web_port: int, program: Sequence[str] = COMMAND
    ) -> None:
        self.log = home / "worker.log"
        self._port = web_port
        command = [sys.executable, *program, "worker", "--web-port", str(web_port), *args]
        environment = {"NEWSGAUGE_LOG_FORMAT": "text"} | environment  # people read the file, not programs
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                env={"NEWSGAUGE_LOG_FORMAT": "text"} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                start_new_session=True,
            )
        self._watchdog = watchdog(self._process.pid, home)

    @property
    def page(self) -> str:
        """Where it shows its state and its metrics."""
        return f"http://127.0.0.1:{self._port}/"

    async def ready(self) -> None:
        """Waits until it has its partitions. CommandError, with the end of its log, where it ends or takes too long."""
        for _ in range(int(READY_SECONDS / POLL_SECONDS)):
            self.check()
            if await _answers(self._port, "/readyz"):
                return
            await asyncio.sleep(POLL_SECONDS)
        raise CommandError(f"The worker was not ready within {READY_SECONDS:.0f} s. It said last: {log_tail(self.log)}")

    def check(self) -> None:
        """CommandError where it has ended."""
        if self._process.poll() is not None:
            raise CommandError(f"The worker ended with status {self._process.returncode}. It said last: {log_tail(self.log)}")

    def stop(self) -> None:
        """Ends it, gently first; returns when it is gone."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watchdog.communicate(b"done\n")


async def _answers(port: int, path: str) -> bool:
    """Whether an HTTP GET on loopback is answered with 200."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


def free_port() -> int:
    """A port on loopback that nobody listens on now, and that the kernel gives to no client until we do."""
    return free_ports(None).broker
