"""Hostile text: nothing raises, offsets hold, and the work grows with the length of the text, not with its square.

Work is counted, not timed: the lines of the reader's own code that run, and the characters that its regular expressions are handed.
"""

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core import quantities
from streams.core import text as texts

PIECES = {
    "digits": "1234567890",
    "commas": "1,111,",
    "groups": "1,111",
    "blanks": "100 000 ",
    "dashes": "1-",
    "slashes": "1/",
    "cue": "about ",
    "cues and figures": "about about about 5 ",
    "quotes": '"“‘(',
    "stops": "...",
    "stops and quotes": ".”",
    "initials": "a.",
    "number words": "hundred thousand and ",
    "scales": "million ",
    "ranges": "5 to 6 to ",
    "pairs": "from 5 to 7 ",
    "ratios": "one in three in ",
    "entities": "&nbsp;&#8217;",
    "hyphens": "two-",
    "addresses": "www.a.",
    "people": "5,000 people ",
    "names": "Smith, 5, ",
    "brackets": "(5) ",
    "lines": "5\n",
    "wrapped lines": "five boats went down the river to the old mill and the sea at\n",
    "vague": "tens of thousands of ",
    "halves": "half a half a ",
    "numbers of": "number of 5 ",
    "blank": " ",
}


def steps(text: str) -> int:
    """Lines of the reader's code that run while it reads `text`."""
    count = 0

    def line(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, event: str, argument: object) -> object:
        return line if "/streams/core/" in frame.f_code.co_filename.replace("\\", "/") else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        quantities.read(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES.keys())
def test_twice_the_text_is_at_most_about_twice_the_work(piece: str) -> None:
    size = 6_000
    once = steps(piece * (size // len(piece)))
    twice = steps(piece * (2 * size // len(piece)))
    assert twice <= 2.3 * once + 500


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES.keys())
def test_a_long_hostile_text_is_read(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    document = quantities.read(text)
    for passage in document.passages:
        for figure in passage.figures:
            assert passage.start <= figure.start < figure.end <= passage.end


WORDS = st.sampled_from(
    [
        "about",
        "more",
        "than",
        "up",
        "to",
        "from",
        "between",
        "and",
        "or",
        "5",
        "1,010",
        "2019",
        "10",
        "000",
        "$",
        "%",
        "percent",
        "million",
        "hundreds",
        "of",
        "people",
        "a",
        "day",
        "half",
        "one",
        "in",
        "three",
        "-",
        ",",
        ".",
        "rose",
        "by",
        "doubled",
        "the",
        "Dec.",
        "aged",
        "(",
        ")",
        "bn",
        "€",
        "nearly",
        "so",
        "dozens",
        "few",
        "hundred",
        "thousand",
        "twenty",
        "&nbsp;",
        "\n",
        "“",
        "”",
        "'s",
        "per",
        "pounds",
        "A",
        "k",
        "m",
        ":",
        "/",
        "th",
        "+",
        "plus",
        "°",
        "C",
    ]
)
SOUP = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "\u00a0"])), max_size=40).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


@settings(max_examples=400)
@given(st.one_of(SOUP, st.text(max_size=120)))
def test_whatever_the_text_spans_and_intervals_hold(text: str) -> None:
    document = quantities.read(text)
    for passage in document.passages:
        assert texts.tokens(text, passage.start, passage.end).words == passage.tokens.words
        last = passage.start
        for figure in passage.figures:
            value = figure.value
            assert last <= figure.start < figure.end <= passage.end
            last = figure.end
            assert figure.left <= figure.first < figure.last <= len(passage.tokens.words)
            assert value.low is None or value.high is None or value.low <= value.high
            if value.point is not None:
                assert (value.low is None or value.low <= value.point) and (value.high is None or value.point <= value.high)
    for quantity in quantities.measured(document):
        assert text[quantity.start : quantity.end] == quantity.quote
        assert quantity.cue is None or quantity.cue in text


@settings(max_examples=200)
@given(SOUP)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert quantities.read(text) == quantities.read(text)
