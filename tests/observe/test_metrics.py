"""The declarations of metrics: Prometheus' manners, series that stand at zero, and a page that is current."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.config import DEFAULT_RULES
from streams.core.claims import FAMILY_OF
from streams.core.rules import RuleSet, parse
from streams.observe.metrics.base import Metrics
from streams.observe.metrics.table import PAGE, PROCESSES, reference
from streams.observe.metrics.worker import WorkerMetrics
from tests.live.flow import COMMAND

ROOT = Path(__file__).parents[2]
PROMTOOL = ROOT / ".cache" / "tools" / "promtool"
every_process = pytest.mark.parametrize("made", PROCESSES.values(), ids=PROCESSES)


def rules() -> RuleSet:
    found = parse(DEFAULT_RULES.read_text(), file="rules.yaml", family_of=dict(FAMILY_OF))
    assert isinstance(found, RuleSet)
    return found


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@every_process
def test_names_say_kind_and_unit(made: type[Metrics]) -> None:
    for family in made("1").families:
        assert re.fullmatch(r"newsgauge_[a-z_]+", family.name)
        assert (family.kind == "counter") == family.name.endswith("_total")
        assert family.kind != "histogram" or family.name.endswith("_seconds")
        assert not re.search(r"_(ms|millis|minutes|hours|kb|mb)(_|$)", family.name)
        assert family.help.endswith(".")


@every_process
def test_no_label_can_hold_a_text_an_address_or_an_id(made: type[Metrics]) -> None:
    for family in made("1").families:
        assert not set(family.labels) & {"text", "sentence", "title", "url", "document", "fingerprint", "claim", "claim_id", "receiver_url"}


@every_process
def test_children_of_closed_labels_stand_at_zero_from_the_start(made: type[Metrics]) -> None:
    metrics = made("1")
    for family in metrics.families:
        closed = [values for values in family.labels.values() if isinstance(values, tuple)]
        if family.kind == "counter" and len(closed) == len(family.labels) and not family.name.startswith("newsgauge_reading_process"):
            wanted = 1
            for values in closed:
                wanted *= len(values)
            (found,) = (one for one in metrics.registry.collect() if one.name + "_total" == family.name)
            assert [sample.value for sample in found.samples] == [0.0] * wanted


@pytest.mark.skipif(not PROMTOOL.exists(), reason="no promtool: run deploy/setup/promtool")
@every_process
def test_prometheus_finds_nothing_to_lint(made: type[Metrics]) -> None:
    page = "".join(line for line in made("1").page().decode().splitlines(keepends=True) if "newsgauge_" in line)
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_page_is_current() -> None:
    assert reference() in PAGE.read_text()


def test_rules_in_force_have_their_series_at_zero_and_their_thresholds() -> None:
    metrics = WorkerMetrics("1")
    metrics.rules_in_force(rules().rules)
    assert value(metrics, "newsgauge_rule_claims_total", rule="sw-border-daily", result="near_miss") == 0
    assert (
        value(metrics, "newsgauge_rule_threshold", rule="sw-border-daily", indicator="apprehensions", level="critical", side="at") == 10_000
    )
    assert value(metrics, "newsgauge_rules", state="live") == sum(rule.state == "live" for rule in rules().rules)
    assert value(metrics, "newsgauge_alerts_total", rule="sw-border-daily", level="none", transition="resolved") == 0
    metrics.rules_in_force(())
    assert (
        value(metrics, "newsgauge_rule_threshold", rule="sw-border-daily", indicator="apprehensions", level="critical", side="at") is None
    )


def test_a_refused_file_is_seen_until_a_good_one_comes() -> None:
    metrics = WorkerMetrics("1")
    metrics.in_force("rules")
    began = value(metrics, "newsgauge_config_last_reload_success_timestamp_seconds", file="rules")
    metrics.reloaded("rules", False)
    assert value(metrics, "newsgauge_config_last_reload_successful", file="rules") == 0
    assert value(metrics, "newsgauge_config_last_reload_success_timestamp_seconds", file="rules") == began
    metrics.reloaded("rules", True)
    assert value(metrics, "newsgauge_config_last_reload_successful", file="rules") == 1
    assert value(metrics, "newsgauge_config_reloads_total", file="rules", outcome="refused") == 1


def test_the_page_is_in_prometheus_text_format() -> None:
    assert {family.name for family in text_string_to_metric_families(WorkerMetrics("1").page().decode())} >= {"newsgauge_alerts_open"}


def test_a_replay_leaves_a_file_for_the_node_exporter(tmp_path: Path) -> None:
    story = {
        "text": "Around 12,000 migrants are apprehended daily at the southwest border, border patrol officials said.",
        "published": "2024-01-01",
    }
    (tmp_path / "stories.jsonl").write_text(json.dumps(story) + "\n")
    command = [COMMAND, "replay", "--rules", str(DEFAULT_RULES), "--out", "alerts.jsonl", "--metrics", "replay.prom", "stories.jsonl"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    families = {family.name: family for family in text_string_to_metric_families((tmp_path / "replay.prom").read_text())}
    assert all(name.startswith("newsgauge_") for name in families), "node exporter has process_* of its own"
    told = {sample.labels.get("transition"): sample.value for sample in families["newsgauge_replay_alerts"].samples}
    assert told["firing"] == 1 and told["resolved"] == 0
    assert families["newsgauge_replay_duration_seconds"].samples[0].value > 0
    refused = subprocess.run([*command[:-2], "nowhere/x.prom", command[-1]], cwd=tmp_path, check=False, capture_output=True, timeout=300)
    assert refused.returncode == 2 and b"nowhere/x.prom cannot be written: there is no directory nowhere" in refused.stderr
