"""Every query of the dashboards against real processes and a real Prometheus: it is answered, with the labels that the panel shows."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.brokers.kafka import KafkaBroker
from tests.deploy.promtool import ROOT, needs_promtool
from tests.deploy.stack import Prometheus, Receiver, notifier
from tests.live.flow import Worker, article, publish, until, wait_for

DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
VARIABLES = {
    "$__rate_interval": "1m", "$__range": "5m", "$rule": "sw-border.*|caravan-size", "$indicator": "apprehensions",
    "$place": "us-southwest-border", "$per": "day",
}  # fmt: skip
QUIET = {"Oldest in the outbox": "nothing waits there", "Oldest notification": "none does", "Where records wait": "none do"}
"""Panels that may be without data at the end of this test, and why. Any other without data fails."""
STORY = "Around {count:,} migrants have been apprehended daily at the southwest border this month, according to border patrol officials."


TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def panels() -> list[tuple[str, Any]]:
    found = []
    for path in sorted(DASHBOARDS.glob("*.json")):
        found += [(f"{path.stem}: {panel['title']}", panel) for panel in json.loads(path.read_bytes())["panels"] if panel["type"] != "row"]
    return found


def filled(expression: str) -> str:
    for name, value in sorted(VARIABLES.items(), key=lambda item: -len(item[0])):
        expression = expression.replace(name, value)
    assert "$" not in expression
    return expression


@pytest.fixture(scope="module")
def stack(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A worker that has seen a bit of everything, and a Prometheus that has watched it from the start."""
    folder = tmp_path_factory.mktemp("panels")
    worker = Worker(kafka.bootstrap, f"{folder.name}.", folder / "worker.log", {"REPORTED_VALUES": "50"}).start()
    receiver = Receiver(folder / "receiver").start()
    others = (
        notifier(worker, receiver, folder / "notifier.log"),
        Worker(kafka.bootstrap, worker.prefix, folder / "api.log", command="api", port_setting="API_PORT"),
    )
    jobs = ("newsgauge-worker", "newsgauge-notifier", "newsgauge-api")
    prometheus = Prometheus(folder / "prometheus", {job: [one.port] for job, one in zip(jobs, (worker, *others), strict=True)})
    try:
        worker.wait_ready()
        for one in others:
            one.start().wait_ready()
        prometheus.start()
        for job in jobs:
            assert prometheus.wait(f'newsgauge_ready{{job="{job}"}} == 1')
        receiver.answer("status:503")
        asyncio.run(feed(worker))
        assert prometheus.wait("sum(newsgauge_articles_processed_total) == 5"), worker.log.read_text()[-2000:]
        assert prometheus.wait('newsgauge_rule_claims_total{rule="sw-border-daily",result="near_miss"} == 1')
        assert prometheus.wait("newsgauge_reported_value") and prometheus.wait("rule:newsgauge_near_misses:ratio1d")
        assert prometheus.wait("sum(newsgauge_notifications_failed_total) > 0"), others[0].log.read_text()[-2000:]
        receiver.answer("ok")
        assert prometheus.wait("sum(newsgauge_notifications_total) > 0 and sum(newsgauge_outbox_pending) == 0")
        yield prometheus
    finally:
        prometheus.stop()
        for one in (*others, worker):
            if one.process:
                one.stop()
        receiver.stop()


async def feed(worker: Worker) -> None:
    """An alert, a near miss, a late figure, an article without id and date, and one that cannot be read; one after the other."""
    source, now = worker.prefix + "articles", datetime.now(UTC)
    for key, value in (
        (b"b", article(STORY.format(count=8_000).replace("Around", "Up to"), id="b", published=(now - timedelta(hours=9)).isoformat())),
        (b"a", article(STORY.format(count=12_000), id="a", published=now.isoformat(), publisher="A")),
        (b"c", article(STORY.format(count=5_000), id="c", published=(now - timedelta(days=4)).isoformat(), publisher="C")),
        (b"d", article("Nothing is counted here.")),
        (b"e", b"{"),
    ):
        await publish(worker.bootstrap, source, [(key, value)], headers=[("traceparent", TRACE)])
        await asyncio.sleep(1)
    await until(worker.bootstrap, worker.prefix + "alerts", len)


@needs_promtool
@pytest.mark.parametrize(("name", "panel"), panels(), ids=[name for name, _ in panels()])
def test_a_panel_is_answered_with_its_labels(stack: Prometheus, name: str, panel: Any) -> None:
    renamed = next((step["options"]["renameByName"] for step in panel.get("transformations", [])), {})
    found: list[tuple[Any, Any]] = []

    def answered() -> bool:
        found.clear()
        for target in panel["targets"]:
            found.extend((target, series) for series in (stack.query if target["instant"] else stack.range)(filled(target["expr"])))
        return bool(found)

    queries = [filled(target["expr"]) for target in panel["targets"]]
    assert answered() or panel["title"] in QUIET or wait_for(answered), f"{name}: {queries}"
    for target, series in found:
        shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert shown <= set(series["metric"]), f"{target['expr']} gives {series['metric']}"
        assert set(series["metric"]) <= set(renamed) or not renamed, f"{target['expr']} gives {series['metric']}"
        assert next(iter(renamed), None) in {None, *series["metric"]}


@needs_promtool
def test_marks_are_answered_with_their_labels(stack: Prometheus) -> None:
    for path in DASHBOARDS.glob("*.json"):
        for annotation in json.loads(path.read_bytes()).get("annotations", {}).get("list", []):
            found = stack.wait(filled(annotation["target"]["expr"]), past=True)
            assert found and {"rule", "level", "transition"} <= set(found[0]["metric"])


@needs_promtool
def test_variables_have_values(stack: Prometheus) -> None:
    """label_values(series, label), as Grafana asks for it."""
    for path in DASHBOARDS.glob("*.json"):
        for variable in json.loads(path.read_bytes()).get("templating", {}).get("list", []):
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
            assert asked
            assert any(series["metric"].get(asked[2]) for series in stack.wait(filled(asked[1]))), variable["query"]


@needs_promtool
def test_a_trace_context_goes_from_the_article_to_the_webhook(stack: Prometheus) -> None:
    requests = [json.loads(line) for line in (stack.folder.parent / "receiver" / "log").read_text().splitlines()]
    assert requests and {request["headers"].get("traceparent") for request in requests} == {TRACE.decode()}
