"""Grafana's dashboards: current, whole, and about metrics that exist. test_panels.py asks their queries of a real Prometheus."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from tests.deploy.promtool import ROOT, needs_promtool, promtool, series

GRAFANA = ROOT / "deploy" / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))


def targets(dashboard: Any) -> list[Any]:
    return [target for panel in dashboard["panels"] for target in panel.get("targets", [])]


def queries() -> list[tuple[str, str]]:
    return [(path.stem, target["expr"]) for path in DASHBOARDS for target in targets(json.loads(path.read_bytes()))]


@needs_promtool
def test_promtool_can_read_every_query(tmp_path: Path) -> None:
    """Each query stands as a recording rule, with Grafana's own variables filled in."""
    filled = [re.sub(r"\$__\w+", "5m", query) for _, query in queries()]
    rules = [{"record": f"test:query{i}", "expr": query} for i, query in enumerate(filled)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", path)


def test_there_is_one_for_operators_and_one_for_analysts() -> None:
    assert [path.stem for path in DASHBOARDS] == ["analysis", "operations"]


@pytest.mark.parametrize(("name", "query"), queries())
def test_a_query_names_metrics_that_exist_and_labels_that_they_have(name: str, query: str) -> None:
    known = series()
    named = re.findall(r"(?<![\w:])(newsgauge_\w+)(?:{([^}]*)})?", query)
    assert {metric for metric, _ in named} <= set(known)
    for metric, matchers in named:
        assert set(re.findall(r"(\w+)(?:=~|!=|!~|=)", matchers)) <= known[metric] | {"job", "instance"}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole(path: Path) -> None:
    dashboard = json.loads(path.read_bytes())
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())["datasources"]
    known = {source["uid"] for source in sources}
    assert {target["datasource"]["uid"] for target in targets(dashboard)} <= known
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert all(panel["title"] and (panel["type"] == "row" or len(panel["description"]) > 10) for panel in dashboard["panels"])
    assert dashboard["uid"] == f"newsgauge-{path.stem}"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_grafanas_own_types_read_it_and_lose_nothing(path: Path) -> None:
    """From JSON into the types of the SDK and back: what they do not know would be lost, and what is no such thing fails."""
    written = json.loads(path.read_bytes())
    read = json.loads(json.dumps(models.Dashboard.from_json(written), cls=JSONEncoder))
    for one, other in zip(written["panels"], read["panels"], strict=True):
        assert one == other
    assert written["templating"] == read["templating"] if "templating" in written else True


def test_the_runbook_names_panels_that_exist() -> None:
    titles = {panel["title"] for path in DASHBOARDS for panel in json.loads(path.read_bytes())["panels"]}
    named = set(re.findall(r"\*([A-Z][^*\n]+)\*", (ROOT / "docs" / "runbook.md").read_text()))
    assert len(named) > 8
    assert {name for name in named if not name.startswith("Newsgauge")} <= titles


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_do_not_overlap_and_fit_the_page(path: Path) -> None:
    taken: dict[tuple[int, int], int] = {}
    for panel in json.loads(path.read_bytes())["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            assert taken.setdefault(cell, panel["id"]) == panel["id"]


def test_grafana_finds_its_dashboards_where_compose_mounts_them() -> None:
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/newsgauge.yaml").read_text())["providers"][0]
    grafana = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (GRAFANA / "dashboards" / home.name).is_file()
