"""The golden examples under `schemas/golden/`: what was once written decodes for ever, and keeps its values."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import SchemaError, codec, dead, publish
from schemas.claims import Record, decode_record

GOLDEN = publish.FOLDER.parent / "golden"
RECORDS = sorted(path for path in GOLDEN.glob("*/*.json") if path.parent.name in publish.RECORDS)
LETTERS = sorted((GOLDEN / "dead-letter-headers").glob("*.json"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path, data: bytes) -> Any:
    """`data` as the record that `path` is an example of, by the function that the worker uses."""
    kind = publish.RECORDS[path.parent.name]
    return decode_record(data) if issubclass(kind, Record) else codec.decode(data, kind)


def kept(given: Any, written: Any, path: str = "$") -> list[str]:
    """Where `written` lacks or changes a value of `given`, other than keys that no record has."""
    if isinstance(given, dict) and isinstance(written, dict):
        return [fault for key in given if key in written for fault in kept(given[key], written[key], f"{path}.{key}")]
    if isinstance(given, list) and isinstance(written, list) and len(given) == len(written):
        return [fault for i, (a, b) in enumerate(zip(given, written, strict=True)) for fault in kept(a, b, f"{path}[{i}]")]
    same = given == written and type(given) is type(written)
    return [] if same else [f"{path}: {given!r} became {written!r}"]


def dropped(given: Any, written: Any, path: str = "$") -> set[str]:
    """The paths of the keys of `given` that `written` has not."""
    if isinstance(given, dict) and isinstance(written, dict):
        here = {f"{path}.{key}" for key in given if key not in written}
        return here.union(*(dropped(given[key], written[key], f"{path}.{key}") for key in given if key in written))
    if isinstance(given, list) and isinstance(written, list):
        return set().union(*(dropped(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(given, written, strict=True))))
    return set()


def test_every_record_has_a_minimal_and_a_full_example() -> None:
    for kind in [*publish.RECORDS, "dead-letter-headers"]:
        assert {"minimal", "full"} <= {path.stem for path in (GOLDEN / kind).glob("*.json")}, kind


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_decodes_and_keeps_every_value(path: Path) -> None:
    data = path.read_bytes()
    written = codec.encode(read(path, data))
    given = json.loads(data)
    assert kept(given, json.loads(written)) == []
    expected = {"$.crawl", "$.tags", "$.source.rank"} if name(path) == "article/crawler" else set()
    assert dropped(given, json.loads(written)) == expected


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_encoding_again_gives_the_same_bytes(path: Path) -> None:
    record = read(path, path.read_bytes())
    assert type(record) is publish.RECORDS[path.parent.name]
    once = codec.encode(record)
    assert read(path, once) == record
    assert codec.encode(read(path, once)) == once


@pytest.mark.parametrize("path", [path for path in RECORDS if path.stem == "full"], ids=name)
def test_a_full_example_has_every_field(path: Path) -> None:
    given = json.loads(path.read_bytes())
    written = json.loads(codec.encode(read(path, path.read_bytes())))
    assert set(given) == set(written)


@pytest.mark.parametrize("path", LETTERS, ids=name)
def test_headers_of_a_dead_letter_are_read_and_written_alike(path: Path) -> None:
    given = json.loads(path.read_bytes())
    headers = tuple((key, value.encode()) for key, value in given.items())
    letter = dead.from_headers(headers)
    assert letter is not None
    assert tuple(dead.to_headers(letter)) == headers


@pytest.mark.parametrize("path", LETTERS, ids=name)
def test_a_second_refusal_replaces_our_headers_and_keeps_the_others(path: Path) -> None:
    given = json.loads(path.read_bytes())
    headers = tuple((key, value.encode()) for key, value in given.items())
    letter = dead.from_headers(headers)
    assert letter is not None
    again = dead.to_headers(letter, (("traceparent", b"00-ab-cd-01"), *headers))
    assert again == [("traceparent", b"00-ab-cd-01"), *headers]


@pytest.mark.parametrize("path", [path for path in RECORDS if path.stem == "minimal"], ids=name)
def test_nothing_more_may_be_left_out_of_a_minimal_example(path: Path) -> None:
    given = json.loads(path.read_bytes())
    for key in given:
        with pytest.raises(SchemaError) as caught:
            read(path, codec.encode({name: value for name, value in given.items() if name != key}))
        assert caught.value.reason == "wrong_type"
        assert key in caught.value.detail
