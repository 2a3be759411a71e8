"""A real Prometheus that scrapes real processes of ours by the rules of deploy/prometheus."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.promtool import PROMETHEUS, RULES
from tests.live.flow import PATIENCE, Worker, free_port, put, wait_for
from tests.notify.flow import RETRY

SCRAPE_SECONDS = 1


@dataclass
class Prometheus:
    """One Prometheus. `targets`: job -> ports on loopback."""

    folder: Path
    targets: dict[str, list[int]]
    quick: bool = False
    """Whether alerts fire at once, and look back ten seconds for each minute."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Prometheus":
        self.port = free_port()
        self.folder.mkdir(exist_ok=True)
        for path in RULES.glob("*.yml"):
            content = yaml.safe_load(path.read_text())
            for group in content.get("groups", []):
                group["rules"] = [_quickened(rule) if self.quick and "for" in rule else rule for rule in group["rules"]]
            if "groups" in content:
                (self.folder / path.name).write_text(yaml.safe_dump(content))
        every = f"{SCRAPE_SECONDS}s"
        jobs = [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}]}
            for job, ports in self.targets.items()
        ]
        config = {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "rule_files": ["recording.yml", "alerts.yml"],
            "scrape_configs": jobs,
        }
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        command = [
            str(PROMETHEUS), f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
        ]  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        assert wait_for(self._up), (self.folder / "log").read_text()[-2000:]
        return self

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def _up(self) -> bool:
        try:
            return bool(self.query("vector(1)"))
        except (OSError, AssertionError):
            return False

    def query(self, expression: str) -> list[Any]:
        """The answer to an instant query: samples with `metric` and `value`. AssertionError where it is refused."""
        return self._ask("query", query=expression)

    def range(self, expression: str, seconds: int = 300) -> list[Any]:
        """The answer over the last `seconds`: series with `metric` and `values`."""
        now = time.time()
        return self._ask("query_range", query=expression, start=str(now - seconds), end=str(now), step="5")

    def _ask(self, what: str, **given: str) -> list[Any]:
        address = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(given)}"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{given['query']}: {error.read().decode()[:500]}") from None
        assert found["status"] == "success", found
        return list(found["data"]["result"])

    def wait(self, expression: str, *, past: bool = False) -> list[Any]:
        """The answer of `query`, or of `range`, as soon as there is one; empty where none comes."""
        found: list[Any] = []

        def asked() -> list[Any]:
            found[:] = (self.range if past else self.query)(expression)
            return found

        wait_for(asked)
        return found

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        return {sample["metric"]["alertname"] for sample in self.query('ALERTS{alertstate="firing"}')}


def _quickened(rule: dict[str, Any]) -> dict[str, Any]:
    return rule | {"for": "0s", "expr": re.sub(r"\[(\d+)m\]", lambda found: f"[{found[1]}0s]", rule["expr"])}


@dataclass
class Receiver:
    """A receiver of webhooks as a process; `answer` is what it does with each request (tests/notify/receiver.py)."""

    folder: Path
    retry: list[str] = field(default_factory=lambda: RETRY)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Receiver":
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.answer("ok")
        program = Path(__file__).parents[1] / "notify" / "receiver.py"
        self.process = subprocess.Popen([sys.executable, program, str(self.port), self.folder / "log", self.folder / "plan"])
        return self

    def answer(self, action: str) -> None:
        """What it does from now on."""
        put(self.folder / "plan", json.dumps({"default": action}))

    def file(self) -> Path:
        """A file of receivers that names it."""
        path = self.folder / "receivers.yaml"
        path.write_text(
            "schema: 1\nreceivers:\n"
            f"  - {{name: desk, url: 'http://127.0.0.1:{self.port}/hook', allow_http: true, allow_private: true, retry: {self.retry}}}\n"
            "route: {receiver: desk}\n"
        )
        return path

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


def notifier(worker: Worker, receiver: Receiver, log: Path) -> Worker:
    """A notifier beside `worker`, not started."""
    return Worker(worker.bootstrap, worker.prefix, log, {"RECEIVERS": str(receiver.file())}, command="notify", port_setting="NOTIFY_PORT")
