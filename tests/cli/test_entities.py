"""--entities: a model on the command line, and what is said where it is not installed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SECONDS, Run, environment
from tests.models.texts import BORDER

ROOT = Path(__file__).parents[2]


def test_extract_with_a_model_says_nothing_but_what_was_asked(run: Run) -> None:
    result = run("extract", "--entities", "model", stdin=json.dumps({"text": BORDER}).encode())
    assert (result.status, result.err) == (0, "")
    assert ("Ruth Okafor", "person") in {(entity["quote"], entity["type"]) for entity in json.loads(result.out)["entities"]}


@pytest.mark.parametrize("command", [["worker"], ["extract", "--entities", "model"]])
def test_without_the_extra_both_ways_out_are_told(command: list[str], tmp_path: Path) -> None:
    code = f"import sys; sys.modules['spacy'] = None\nfrom streams.cli.main import main\nsys.exit(main({command!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="",
        capture_output=True,
        text=True,
        env=environment(),
        cwd=tmp_path,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert 'pip install "newsgauge[model]"' in line and 'entities = "gazetteer"' in line


def test_what_each_setting_costs_can_be_measured_by_anyone(tmp_path: Path) -> None:
    (tmp_path / "articles.jsonl").write_text(json.dumps({"text": BORDER, "published": "2024-01-31"}) + "\n")
    command = [sys.executable, ROOT / "bench" / "entities.py", tmp_path / "articles.jsonl", "--repeat", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=SECONDS, check=True)
    title, *rows = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["off", "gazetteer", "model_on_claims", "model"]
    assert "articles/s" in title and all(float(cell.replace(",", "")) >= 0 for row in rows for cell in row.split()[1:])
