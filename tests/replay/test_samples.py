"""Figures over time, by the real promtool into a real Prometheus, and asked back for a date in the past."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Run
from tests.live.flow import PATIENCE, free_port
from tests.replay.stories import rules, write

TOOLS = Path(__file__).parents[2] / ".cache" / "tools"
PROMTOOL, PROMETHEUS = TOOLS / "promtool", TOOLS / "prometheus"
needs_prometheus = pytest.mark.skipif(not (PROMTOOL.exists() and PROMETHEUS.exists()), reason="no Prometheus: run deploy/setup/promtool")
LABELS = 'indicator="apprehensions",place="us-southwest-border",unit="person",per="day"'


@pytest.fixture
def samples(run: Run, tmp_path: Path) -> str:
    """Of four reports, two of them in one second, and one that is only a plan."""
    (tmp_path / "rules.yaml").write_text(rules())
    reports = [
        ("2023-12-28T10:00:00Z", "Around 10,000 migrants were apprehended daily at the southwest border, border patrol officials said."),
        ("2023-12-20T10:00:00Z", "Some 8,000 migrants were apprehended daily at the southwest border, border patrol officials said."),
        ("2023-12-28T10:00:00Z", "More than 9,500 migrants were apprehended daily at the southwest border, border patrol officials said."),
        ("2023-12-29T10:00:00Z", "Officials said bridges would close if apprehensions at the southwest border exceed 15,000 a day."),
    ]
    write(tmp_path / "in.jsonl", [{"id": str(n), "published": when, "text": text} for n, (when, text) in enumerate(reports)])
    done = run("replay", "--rules", "rules.yaml", "--openmetrics", "figures.om", "in.jsonl")
    assert done.status == 0, done.err
    return (tmp_path / "figures.om").read_text()


def test_each_figure_is_a_sample_at_its_publication(samples: str) -> None:
    assert samples.splitlines() == [
        "# HELP newsgauge_reported_value Figures that the news reported, at the time of publication.",
        "# TYPE newsgauge_reported_value gauge",
        f'newsgauge_reported_value{{{LABELS},bound="high"}} 8800 1703066400',
        f'newsgauge_reported_value{{{LABELS},bound="high"}} 11000 1703757600',
        f'newsgauge_reported_value{{{LABELS},bound="low"}} 7200 1703066400',
        f'newsgauge_reported_value{{{LABELS},bound="low"}} 9000 1703757600',
        f'newsgauge_reported_value{{{LABELS},bound="point"}} 8000 1703066400',
        f'newsgauge_reported_value{{{LABELS},bound="point"}} 10000 1703757600',
        "# EOF",
    ]


def test_labels_are_escaped(run: Run, tmp_path: Path) -> None:
    from streams.replay.samples import _head

    assert _head(["a", 'b"c\\d\ne', "f", "g", "low"]).endswith('{indicator="a",place="b\\"c\\\\d\\ne",unit="f",per="g",bound="low"}')


@needs_prometheus
def test_a_real_prometheus_answers_for_a_date_in_the_past(samples: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = subprocess.run(
        [PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", tmp_path / "figures.om", data], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "prometheus.yml").write_text("")
    port = free_port()
    with (tmp_path / "prometheus.log").open("wb") as log:
        server = subprocess.Popen(
            [
                PROMETHEUS,
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        point = 'newsgauge_reported_value{place="us-southwest-border",bound="point"}'
        assert asked(port, point, "2023-12-28T10:02:00Z") == ["10000"], (tmp_path / "prometheus.log").read_text()
        assert asked(port, f"last_over_time({point}[7d])", "2023-12-24T00:00:00Z") == ["8000"]
        assert asked(port, point, "2023-12-10T00:00:00Z") == []
    finally:
        server.terminate()
        server.wait(PATIENCE)


def asked(port: int, query: str, moment: str) -> list[str]:
    """The values that Prometheus answers with, as soon as it is up."""
    address = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query, "time": moment})
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return [one["value"][1] for one in json.load(answer)["data"]["result"]]
        except OSError:
            assert time.monotonic() < end, "Prometheus does not answer"
            time.sleep(0.2)


def test_articles_of_the_same_second_are_one_sample(samples: str) -> None:
    stamps = [line.split("} ")[1].split()[1] + line.split("bound=")[1][:5] for line in samples.splitlines() if not line.startswith("#")]
    assert len(stamps) == len(set(stamps)) and orjson.dumps(stamps)
