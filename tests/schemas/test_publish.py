"""The published schemas say what the codec accepts, and the files in the tree are the current ones."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas import Alert, decode, publish
from schemas.trace import EXTENSION, HEADER
from streams import asyncapi
from streams.core.report import cloud_event

GOLDEN = publish.FOLDER.parent / "golden"
VENDOR = Path(__file__).parents[1] / "vendor"
DOCUMENTS = publish.documents()


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(DOCUMENTS[name], format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_bytes())


def test_the_files_are_current() -> None:
    on_disk = {path.stem: json.loads(path.read_bytes()) for path in publish.FOLDER.glob("*.json")}
    assert on_disk == DOCUMENTS
    assert json.loads(asyncapi.FILE.read_bytes()) == asyncapi.document()


def test_check_names_what_is_not_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {tmp_path / "a.json": {"type": "object"}, tmp_path / "b.json": {}}
    assert publish.emit(files, ["--check"]) == 1
    assert publish.emit(files, []) == 0
    assert publish.emit(files, ["--check"]) == 0
    (tmp_path / "a.json").write_text("{}")
    capsys.readouterr()
    assert publish.emit(files, ["--check"]) == 1
    assert capsys.readouterr().err == "a.json is not current: run `make schemas`\n"


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_each_is_a_valid_schema_of_its_dialect(name: str) -> None:
    assert DOCUMENTS[name]["$schema"] == publish.DIALECT
    jsonschema.Draft202012Validator.check_schema(DOCUMENTS[name])
    assert DOCUMENTS[name]["description"]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_golden_examples_are_valid(path: Path) -> None:
    assert [error.message for error in validator(path.parent.name).iter_errors(json.loads(path.read_bytes()))] == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("article", {"text": 5}),
        ("article", {"version": "2"}),
        ("article", {"source": "Ledger"}),
        ("enriched", {"published": "yesterday"}),
        ("enriched", {"precision": "hour"}),
        ("claim", {"signature": "17"}),
        ("claim", {"claim": None}),
        ("alert", {"mode": "dry"}),
        ("alert", {"group": {"place": 3}}),
        ("dead-letter-headers", {"newsgauge-offset": "-1"}),
        ("dead-letter-headers", {"newsgauge-first-failed": "today"}),
    ],
)
def test_what_the_codec_refuses_the_schema_refuses(name: str, change: dict[str, Any]) -> None:
    assert not validator(name).is_valid({**golden(f"{name}/full"), **change})


def test_docstrings_and_comments_become_descriptions() -> None:
    claim = DOCUMENTS["claim"]["$defs"]["Claim"]["properties"]
    assert claim["claim_id"]["description"].startswith("uuid5(")
    flags = DOCUMENTS["enriched"]["properties"]["flags"]["items"]
    assert "published_assumed: no `published`" in flags["description"]


def test_asyncapi_is_valid_by_the_specification() -> None:
    schema = json.loads((VENDOR / "asyncapi-3.0.0.json").read_bytes())
    found = [f"{error.json_path}: {error.message[:200]}" for error in jsonschema.Draft7Validator(schema).iter_errors(asyncapi.document())]
    assert found == []


def references(data: Any) -> list[str]:
    if isinstance(data, dict):
        here = [data["$ref"]] if isinstance(data.get("$ref"), str) else []
        return here + [ref for value in data.values() for ref in references(value)]
    return [ref for value in data for ref in references(value)] if isinstance(data, list) else []


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    document = asyncapi.document()
    for reference in references(document):
        if reference.startswith("#/"):
            inner = document
            for step in reference[2:].split("/"):
                inner = inner[step]
        else:
            assert (asyncapi.FILE.parent / reference).is_file(), reference


def test_asyncapi_has_every_public_topic_with_its_settings() -> None:
    channels = asyncapi.document()["channels"]
    assert [channel["address"] for channel in channels.values()] == [topic.name for topic in asyncapi.PUBLIC]
    for topic, channel in zip(asyncapi.PUBLIC, channels.values(), strict=True):
        configured = channel["bindings"]["kafka"]["topicConfiguration"]
        assert configured["cleanup.policy"] == [topic.cleanup]
        assert configured["retention.ms"] == (-1 if topic.retention_ms is None else topic.retention_ms)


@pytest.mark.parametrize("path", sorted((GOLDEN / "alert").glob("*.json")), ids=lambda path: path.stem)
def test_the_headers_of_an_alert_are_those_of_the_document(path: Path) -> None:
    headers = {name: value.decode() for name, value in cloud_event(decode(path.read_bytes(), Alert))}
    schema = asyncapi.document()["components"]["messages"]["Alert"]["headers"]
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in checker.iter_errors(headers)] == []
    assert set(headers) == set(schema["properties"]) - {HEADER, EXTENSION}
