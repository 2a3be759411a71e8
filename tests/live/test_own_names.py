"""A user's places and offices reach the process that reads beside the worker."""

import json
from datetime import UTC, datetime

from streams.live.readahead import ReadingProcess
from streams.live.reading import Read

NAMES = '[place.us-harbor-county]\nnames = ["Harbor County"]\ninside = ["US-TX"]\n'
ARTICLE = b'{"text": "At least 40 people were injured in Harbor County on Friday."}'


async def test_the_reading_process_knows_them() -> None:
    """Claims and entities of an article have the ids of the file."""
    with ReadingProcess("gazetteer", 1_000, names=NAMES) as process:
        answers, _ = await process.read([(ARTICLE, datetime(2030, 1, 1, tzinfo=UTC))])
    (answer,) = answers
    assert isinstance(answer, Read)
    enriched = json.loads(answer.enriched)
    assert enriched["entities"][0]["id"] == enriched["claims"][0]["place"]["id"] == "us-harbor-county"
