"""The codec: strict in types, and every error says where."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Alert, Article, ClaimRecord, Enriched, SchemaError, decode, encode, publish
from schemas.codec import convert, parse

GOLDEN = publish.FOLDER.parent / "golden"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_bytes())


def changed(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    data = copy.deepcopy(data)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return data


WRONG: list[tuple[str, type, tuple[str | int, ...], Any, str]] = [
    ("article/full", Article, ("text",), 5, "$.text"),
    ("article/full", Article, ("text",), None, "$.text"),
    ("article/full", Article, ("title",), ["x"], "$.title"),
    ("article/full", Article, ("version",), "2", "$.version"),
    ("article/full", Article, ("version",), 2.5, "$.version"),
    ("article/full", Article, ("version",), True, "$.version"),
    ("article/full", Article, ("source",), "Ledger", "$.source"),
    ("article/full", Article, ("source", "outlet"), 7, "$.source.outlet"),
    ("enriched/full", Enriched, ("published",), 1703797500, "$.published"),
    ("enriched/full", Enriched, ("published",), "yesterday", "$.published"),
    ("enriched/full", Enriched, ("precision",), "hour", "$.precision"),
    ("enriched/full", Enriched, ("flags",), "id_from_url", "$.flags"),
    ("enriched/full", Enriched, ("signature", 1), "17", "$.signature[1]"),
    ("enriched/full", Enriched, ("quantities", 0, "low"), "9000", "$.quantities[0].low"),
    ("enriched/full", Enriched, ("claims", 1, "bound"), "about", "$.claims[1].bound"),
    ("enriched/full", Enriched, ("claims", 0, "reference", "start"), "2023-13-01", "$.claims[0].reference.start"),
    ("enriched/full", Enriched, ("entities", 0, "score"), "0.9", "$.entities[0].score"),
    ("claim/full", ClaimRecord, ("type",), "tock", "$.type"),
    ("claim/full", ClaimRecord, ("claim", "low"), True, "$.claim.low"),
    ("claim/full", ClaimRecord, ("claim", "place"), "Texas", "$.claim.place"),
    ("alert/full", Alert, ("mode",), "dry", "$.mode"),
    ("alert/full", Alert, ("evidence", 0, "quote_span"), [1], "$.evidence[0].quote_span"),
    ("alert/full", Alert, ("group", "place"), 3, "$.group[...]"),
    ("alert/full", Alert, ("times", "expires_at"), None, "$.times.expires_at"),
]


@pytest.mark.parametrize(("name", "kind", "path", "value", "where"), WRONG, ids=[f"{row[0]}{row[4][1:]}={row[3]!r}" for row in WRONG])
def test_a_wrong_type_is_refused_with_its_path(name: str, kind: type, path: tuple[str | int, ...], value: Any, where: str) -> None:
    with pytest.raises(SchemaError) as caught:
        decode(encode(changed(golden(name), path, value)), kind)
    assert (caught.value.reason, caught.value.path) == ("wrong_type", where)
    assert where in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b'{"text": "\xff"}', "invalid_utf8"),
        (b"\xed\xa0\x80", "invalid_utf8"),
        (b"hello", "not_json"),
        (b'{"text": "x"', "not_json"),
        (b'{"text": "x"} trailing', "not_json"),
        (b'{"text": NaN}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'"text"', "wrong_type"),
        (b"[]", "wrong_type"),
        (b"{}", "wrong_type"),
    ],
)
def test_what_is_no_article_is_refused_by_a_reason(data: bytes | None, reason: str) -> None:
    with pytest.raises(SchemaError) as caught:
        decode(data, Article)
    assert caught.value.reason == reason


def test_unknown_keys_are_ignored() -> None:
    assert decode(b'{"text": "x", "author": {"name": 1}}', Article) == Article(text="x")


@given(st.binary(max_size=200))
def test_any_bytes_give_an_article_or_a_reason(data: bytes) -> None:
    try:
        article = decode(data, Article)
    except SchemaError as error:
        assert error.reason in {"empty", "invalid_utf8", "not_json", "wrong_type"}
    else:
        assert decode(encode(article), Article) == article


@given(st.text(), st.none() | st.text(), st.none() | st.integers(-(2**63), 2**63 - 1))
def test_every_article_survives_the_wire(text: str, title: str | None, version: int | None) -> None:
    article = Article(text=text, title=title, version=version)
    assert decode(encode(article), Article) == article


@pytest.mark.parametrize(("number", "written"), [(10_000, b"10000"), (0, b"0"), (9677.5, b"9677.5"), (2**53, b"9007199254740992")])
def test_numbers_keep_their_form(number: float, written: bytes) -> None:
    data = changed(golden("claim/full"), ("claim", "low"), number)
    assert b'"low":' + written + b"," in encode(convert(data, ClaimRecord))


def test_a_time_in_utc_is_written_with_z() -> None:
    data = changed(golden("claim/full"), ("published",), "2023-12-28T21:05:00+00:00")
    assert parse(encode(convert(data, ClaimRecord)))["published"] == "2023-12-28T21:05:00Z"


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1" * 400])
def test_a_number_beyond_range_is_refused_or_finite(text: str) -> None:
    data = encode(golden("claim/full")).replace(b'"low":9000', b'"low":' + text.encode())
    try:
        record = decode(data, ClaimRecord)
    except SchemaError:
        return
    assert record.claim.low is not None
    assert abs(record.claim.low) < float("inf")
