"""Prometheus' configuration, recording rules and the alerts on ourselves: valid, tested, about metrics that exist, explained."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.config import Settings
from tests.deploy.promtool import ROOT, RULES, needs_promtool, promtool, series

CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"


def rules(name: str) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((RULES / name).read_text())["groups"] for rule in group["rules"]]


ALERTS, RECORDED = rules("alerts.yml"), rules("recording.yml")
SECTIONS = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.M)
TESTED = yaml.safe_load((RULES / "alerts.test.yml").read_text())["tests"]


@needs_promtool
def test_promtool_accepts_the_configuration_with_its_rules() -> None:
    promtool("check", "config", CONFIG)


@needs_promtool
@pytest.mark.parametrize("path", sorted(RULES.glob("*.test.yml")), ids=lambda path: path.name)
def test_the_alerts_fire_when_they_should_and_not_else(path: Path) -> None:
    promtool("test", "rules", path)


def test_the_configuration_loads_every_file_of_rules() -> None:
    files = {path.name for path in RULES.glob("*.yml")} - {path.name for path in RULES.glob("*.test.yml")}
    assert {Path(name).name for name in yaml.safe_load(CONFIG.read_text())["rule_files"]} == files


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_test_that_raises_it_and_a_section_that_explains_it(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert any(one["alertname"] == name and one["exp_alerts"] for test in TESTED for one in test.get("alert_rule_test", []))
    assert name in SECTIONS
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["labels"]["severity"] in {"critical", "warning"}


def test_the_runbook_explains_no_alert_that_is_not_there() -> None:
    assert set(SECTIONS) == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize("rule", [*RECORDED, *ALERTS], ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_is_about_series_that_exist(rule: dict[str, Any]) -> None:
    recorded = {one["record"] for one in RECORDED}
    named = set(re.findall(r"(?<![\w:])[a-z][\w:]*(?=[{\[])|\bnewsgauge[\w:]+|\b\w+:newsgauge[\w:]+", rule["expr"]))
    assert {name for name in named if "newsgauge" in name and ":" in name} <= recorded
    assert {name for name in named if "newsgauge" in name and ":" not in name} <= set(series())


def test_jobs_are_those_of_the_rules_on_the_ports_of_the_settings() -> None:
    jobs = {job["job_name"]: job for job in yaml.safe_load(CONFIG.read_text())["scrape_configs"]}
    named = {job for rule in ALERTS for job in re.findall(r'job="([\w-]+)"', rule["expr"])}
    assert named <= set(jobs)
    ports = {name: job["dns_sd_configs"][0]["port"] for name, job in jobs.items() if "dns_sd_configs" in job}
    settings = {"newsgauge-worker": "web_port", "newsgauge-notifier": "notify_port", "newsgauge-api": "api_port"}
    for job, setting in settings.items():
        assert ports[job] == Settings.model_fields[setting].default
