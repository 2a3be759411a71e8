"""A record as a line and back."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import SchemaError, parse
from streams.replay.archive import Archived, from_line, is_archived, to_line
from tests.cli.conftest import Run

BYTES = st.none() | st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "ignore"))
RECORDS = st.builds(
    Archived,
    topic=st.sampled_from(["claims", "articles.dead"]),
    partition=st.integers(0, 100),
    offset=st.integers(0, 2**40),
    timestamp=st.integers(0, 4 * 10**12).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)),
    key=BYTES,
    value=BYTES,
    headers=st.lists(st.tuples(st.text(max_size=5), BYTES), max_size=3).map(tuple),
)


@given(RECORDS)
def test_every_record_comes_back_from_its_line(record: Archived) -> None:
    line = to_line(record)
    assert b"\n" not in line and is_archived(parse(line))
    assert from_line(parse(line)) == record


def test_an_article_is_no_line_of_an_archive() -> None:
    assert not is_archived({"text": "A story.", "topic": "news"})
    assert not is_archived(["topic", "partition", "offset", "timestamp"])


def test_base64_that_is_none_is_told_with_its_place() -> None:
    line = parse(
        to_line(Archived(topic="claims", partition=0, offset=0, timestamp=datetime(2024, 1, 1, tzinfo=UTC), key=None, value=b"\xff"))
    )
    assert line["value"] == {"base64": "/w=="}
    with pytest.raises(SchemaError, match=r"no base64 - at \$\.value"):
        from_line(orjson.loads(orjson.dumps(line | {"value": {"base64": "*"}})))


def test_a_topic_that_is_not_in_the_flow_is_named(run: Run) -> None:
    done = run("archive", "weather", "--out", "x.jsonl")
    assert done.status == 2 and "There is no topic weather" in done.err
