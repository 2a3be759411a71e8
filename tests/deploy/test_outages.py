"""Why do alerts stop? Each cause on a real broker, worker, notifier and Prometheus: the operator's dashboard gives it its name.

The alerts on ourselves fire at once here (`for` is 0); deploy/prometheus/rules/alerts.test.yml has them with their times.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.brokers.kafka import KafkaBroker
from tests.deploy.promtool import ROOT, needs_promtool
from tests.deploy.stack import Prometheus, Receiver, notifier
from tests.live.flow import PATIENCE, Worker, article, publish, put, wait_for

pytestmark = [needs_promtool, pytest.mark.kafka, pytest.mark.slow]

BOARD = json.loads((ROOT / "deploy/grafana/dashboards/operations.json").read_bytes())
ASKED = {panel["title"]: panel["targets"][0]["expr"] for panel in BOARD["panels"] if panel["type"] != "row"}
DOWN, STARTING, READY, MISSING, SILENT = 0, 1, 2, 3, 4
"""How the panel of states writes them."""
BLOCKABLE = (sys.executable, "-m", "tests.live.blockable_worker")
STORY = "Around {count:,} migrants have been apprehended daily at the southwest border this month, according to border patrol officials."


@dataclass
class Stack:
    """Everything that runs. `panel` is what a panel of the operator's dashboard shows."""

    broker: KafkaBroker
    worker: Worker
    notifier: Worker
    receiver: Receiver
    prometheus: Prometheus
    rules: Path

    def named(self, alert: str, there: bool = True) -> bool:
        """Whether the first panel of the dashboard comes to name this alert as firing, or no longer does."""

        def so() -> bool:
            shown = {sample["metric"]["alertname"] for sample in self.prometheus.query(ASKED["What is wrong now"])}
            return (alert in self.prometheus.firing()) == (alert in shown) == there

        return wait_for(so)

    def panel(self, title: str, value: float) -> bool:
        """Whether a panel comes to show `value`."""
        return bool(self.prometheus.wait(f"({ASKED[title]}) == {value}"))

    def tell(self, **fields: object) -> None:
        """Publish an article that raises an alert."""
        self.publish(article(STORY.format(count=12_000), **({"published": datetime.now(UTC).isoformat()} | fields)))

    def stuck_on(self, topic: str) -> None:
        """The dashboard names the worker that is ready and finishes no record of `topic`, and the record."""
        assert self.named("NewsgaugeWorkerStuck")
        assert self.panel("State of the workers", READY) and self.prometheus.wait(f"({ASKED['Oldest waiting']}) > 5")
        rows = {sample["metric"]["alertname"]: sample["metric"] for sample in self.prometheus.query(ASKED["What is wrong now"])}
        place = {"instance": f"127.0.0.1:{self.worker.port}", "about": f"{self.worker.prefix}{topic}"}
        assert place.items() <= (rows["NewsgaugeWorkerStuck"] | {"about": rows["NewsgaugeWorkerStuck"]["about"].strip()}).items()
        (record,) = self.prometheus.query(ASKED["Where records wait"])
        assert record["metric"] == {"topic": place["about"], "partition": record["metric"]["partition"], "instance": place["instance"]}

    def reading_process(self) -> int:
        """The child that reads articles."""
        assert self.worker.process is not None
        pid = self.worker.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        (found,) = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
        return found

    def configure(self, topic: str, settings: dict[str, str]) -> None:
        """Change the settings of a topic."""

        async def change() -> None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.worker.bootstrap)
            await admin.start()
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, self.worker.prefix + topic, configs=settings)])
            await admin.close()

        asyncio.run(change())

    def publish(self, value: bytes) -> None:
        asyncio.run(publish(self.worker.bootstrap, self.worker.prefix + "articles", [(None, value)]))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("outages")
    rules = folder / "rules.yaml"
    rules.write_text((ROOT / "deploy/rules/migration.yaml").read_text())
    receiver = Receiver(folder / "receiver", ["4s"] * 5).start()
    broker = KafkaBroker(data=folder / "kafka")
    broker.start()
    worker = Worker(broker.bootstrap, f"{folder.name}.", folder / "worker.log", {"RULES": str(rules)}, program=BLOCKABLE).start()
    worker.wait_ready()
    told = notifier(worker, receiver, folder / "notifier.log").start().wait_ready()
    targets = {"newsgauge-worker": [worker.port], "newsgauge-notifier": [told.port]}
    prometheus = Prometheus(folder / "prometheus", targets, quick=True).start()
    try:
        assert prometheus.wait('sum(newsgauge_ready{job=~"newsgauge-(worker|notifier)"}) == 2')
        yield Stack(broker, worker, told, receiver, prometheus, rules)
    finally:
        prometheus.stop()
        told.stop()
        worker.stop()
        broker.stop()
        receiver.stop()


def test_nobody_publishes(stack: Stack) -> None:
    assert stack.named("NewsgaugeNoArticles")
    assert stack.panel("Workers ready", 1) and stack.panel("State of the workers", READY)
    stack.tell(id="first")
    assert stack.named("NewsgaugeNoArticles", there=False)
    assert stack.prometheus.wait(f"({ASKED['Last article']}) < 600")


def test_the_rule_file_is_broken(stack: Stack) -> None:
    good = stack.rules.read_text()
    put(stack.rules, good.replace("levels:", "lovels:", 1))
    assert stack.named("NewsgaugeFileRefused")
    assert stack.panel("Files in force", 0)
    put(stack.rules, good)
    assert stack.named("NewsgaugeFileRefused", there=False)
    assert stack.panel("Files in force", 1)


def test_a_receiver_is_dead(stack: Stack) -> None:
    stack.receiver.stop()
    stack.publish(article("The ministers met and said nothing else.", id="first", version=2, published=datetime.now(UTC).isoformat()))
    assert stack.prometheus.wait(f"({ASKED['Oldest notification']}) > 0"), stack.notifier.log.read_text()[-2000:]
    assert stack.named("NewsgaugeReceiverDisabled"), stack.notifier.log.read_text()[-2000:]
    assert stack.panel("Receivers disabled", 1)
    failed = stack.prometheus.wait(ASKED["Failed tries by reason"].replace("$__rate_interval", "1m"))
    assert [sample["metric"]["reason"] for sample in failed] == ["connection"]


def test_a_worker_is_frozen(stack: Stack) -> None:
    assert stack.worker.process is not None
    stack.worker.process.send_signal(signal.SIGSTOP)
    try:
        assert stack.named("NewsgaugeWorkerDown") and stack.named("NewsgaugeNoWorkerReady")
        assert stack.panel("State of the workers", DOWN) and stack.panel("Workers ready", 0)
    finally:
        stack.worker.process.send_signal(signal.SIGCONT)
    assert stack.named("NewsgaugeNoWorkerReady", there=False)


def test_the_event_loop_of_a_worker_is_blocked(stack: Stack) -> None:
    """Its heartbeats go on, so nobody has its partitions until it ends itself. It says where it stood."""
    assert stack.worker.process is not None
    stack.worker.process.send_signal(signal.SIGUSR2)
    assert stack.named("NewsgaugeWorkerDown") and stack.named("NewsgaugeNoWorkerReady")
    assert stack.worker.process.wait(PATIENCE) == 1
    assert "blockable_worker.py" in stack.worker.log.read_text()
    stack.worker.start().wait_ready()
    assert stack.named("NewsgaugeNoWorkerReady", there=False)


def test_the_process_that_reads_articles_hangs(stack: Stack) -> None:
    """The worker says that it is ready, and turns no article into an alert."""
    child = stack.reading_process()
    os.kill(child, signal.SIGSTOP)
    try:
        stack.tell(id="hangs")
        stack.stuck_on("articles")
    finally:
        os.kill(child, signal.SIGCONT)
    assert stack.named("NewsgaugeWorkerStuck", there=False)


def test_the_broker_refuses_what_a_worker_sends(stack: Stack) -> None:
    """Here because a topic was made compacted, and revisions have no key. A full disk, too few replicas or rights look the same."""
    stack.configure("claims", {"cleanup.policy": "compact"})
    stack.publish(article("The ministers met and said nothing else.", id="hangs", version=2, published=datetime.now(UTC).isoformat()))
    stack.stuck_on("articles")
    assert "send failed" in stack.worker.log.read_text()
    stack.configure("claims", {"cleanup.policy": "delete"})
    assert stack.named("NewsgaugeWorkerStuck", there=False)


def test_the_broker_is_down(stack: Stack) -> None:
    stack.broker.stop()
    assert stack.named("NewsgaugeKafkaSilent")
    assert stack.panel("State of the workers", SILENT)
    assert stack.prometheus.wait(f"({ASKED['Kafka answered']}) > 10")


def test_no_worker_runs(stack: Stack) -> None:
    stack.worker.kill()
    assert stack.named("NewsgaugeNoWorkerReady") and stack.named("NewsgaugeWorkerDown")
    assert stack.panel("State of the workers", DOWN)
