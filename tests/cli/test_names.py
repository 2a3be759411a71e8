"""--names and NEWSGAUGE_NAMES: a user's places and offices in the commands."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

FILE = '[place.us-harbor-county]\nnames = ["Harbor County"]\ninside = ["US-TX"]\n'
TEXT = b'{"text": "At least 40 people were injured in Harbor County on Friday."}\n'
RULES = """schema: 1
rules:
  - id: harbor
    title: Injured in Harbor County
    match: {indicator: [injured], place: {within: us-harbor-county}}
    value: {unit: person}
    when: {direction: above, levels: [{level: warning, at: 10}]}
"""


@pytest.fixture
def names(tmp_path: Path) -> str:
    file = tmp_path / "names.toml"
    file.write_text(FILE)
    return str(file)


def test_extract_knows_the_names_of_the_file(run: Run, names: str) -> None:
    """Entities and the places of claims have the ids of the file, and only while it is given."""
    found = json.loads(run("extract", "--names", names, stdin=TEXT).out)
    assert found["entities"][0]["id"] == found["claims"][0]["place"]["id"] == "us-harbor-county"
    assert json.loads(run("extract", stdin=TEXT).out)["entities"][0]["id"] is None


def test_the_environment_names_the_file(run: Run, names: str) -> None:
    """NEWSGAUGE_NAMES does what --names does."""
    assert json.loads(run("extract", stdin=TEXT, names=names).out)["entities"][0]["id"] == "us-harbor-county"


def test_rules_may_speak_of_added_places(run: Run, names: str, tmp_path: Path) -> None:
    """`rules check` warns of a place that no text can name, and not of one that the file adds."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    bare, told = run("rules", "check", str(rules)), run("rules", "check", "--names", names, str(rules))
    assert (bare.status, told.status) == (0, 0)
    assert "no text speaks of the place" in bare.out + bare.err
    assert "no text speaks of the place" not in told.out + told.err


def test_a_faulty_file_is_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    """The sentence names the file and the entry."""
    file = tmp_path / "names.toml"
    file.write_text("[place.harbor]\nnames = 3\n")
    result = run("extract", "--names", str(file), stdin=TEXT)
    assert result.status == 2
    assert f"The file of names cannot be used: {file}: place.harbor.names: expected a list of texts." in result.err
    missing = run("extract", "--names", str(tmp_path / "none.toml"), stdin=TEXT)
    assert missing.status != 0 and "none.toml" in missing.err
