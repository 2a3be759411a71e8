"""The contract of the port `Recogniser`, for every implementation."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.entities import Span
from streams.models import recogniser
from streams.models.english import English
from streams.models.nothing import Nothing
from streams.ports import Recogniser
from tests.models.texts import BORDER, TEXTS, WORDS

ENGLISH = English()


@pytest.fixture(params=[ENGLISH, Nothing()], ids=["english", "nothing"])
def any_recogniser(request: pytest.FixtureRequest) -> Recogniser:
    found: Recogniser = request.param
    return found


def owed(text: str, spans: tuple[Span, ...]) -> None:
    """In order, apart, inside the text, not empty, of a known type, and scored."""
    borders = [border for span in spans for border in (span.start, span.end)]
    assert borders == sorted(borders) and all(span.start < span.end for span in spans)
    assert not borders or (borders[0] >= 0 and borders[-1] <= len(text))
    assert all(text[span.start : span.end].strip() for span in spans)
    assert all(span.type in ("person", "organisation", "place") and 0 < span.score <= 1 and span.source == "model" for span in spans)


def places(spans: tuple[Span, ...]) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.type) for span in spans]


def test_one_answer_a_text_in_order(any_recogniser: Recogniser) -> None:
    found = any_recogniser.recognize(TEXTS)
    assert len(found) == len(TEXTS)
    for text, spans in zip(TEXTS, found, strict=True):
        owed(text, spans)
    assert any_recogniser.recognize([]) == []


def test_what_a_text_gives_does_not_depend_on_the_others(any_recogniser: Recogniser) -> None:
    together = any_recogniser.recognize(TEXTS)
    alone = [any_recogniser.recognize([text])[0] for text in TEXTS]
    assert [places(spans) for spans in together] == [places(spans) for spans in alone]


@pytest.mark.parametrize("recogniser", [ENGLISH, Nothing()], ids=["english", "nothing"])
@settings(max_examples=40)
@given(texts=st.lists(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)), max_size=5))
def test_any_text_is_taken(recogniser: Recogniser, texts: list[str]) -> None:
    for text, spans in zip(texts, recogniser.recognize(texts), strict=True):
        owed(text, spans)


def test_a_long_text_is_read_to_its_end(any_recogniser: Recogniser) -> None:
    text = f"{BORDER}\n\n" * 300
    (spans,) = any_recogniser.recognize([text])
    owed(text, spans)
    assert any_recogniser is not ENGLISH or spans[-1].start > len(text) - len(BORDER)


def resident() -> int:
    """Bytes of this process that lie in memory."""
    with open("/proc/self/statm") as stat:  # noqa: PTH123
        return int(stat.read().split()[1]) * 4096


@pytest.mark.parametrize("fresh", [lambda: English(renew_after=10_000), Nothing], ids=["english", "nothing"])
def test_memory_stays_flat_over_ever_new_words(fresh: Callable[[], Recogniser]) -> None:
    """100,000 words that were never seen: remembered by spaCy, they would take more than 60 MB."""
    recogniser = fresh()

    def batch(number: int) -> list[str]:
        return [" ".join(f"Q{number}x{text}y{word}" for word in range(500)) for text in range(5)]

    for number in range(10):
        recogniser.recognize(batch(number))
    before = resident()
    for number in range(10, 50):
        recogniser.recognize(batch(number))
    assert resident() - before < 30_000_000


def test_the_recogniser_is_the_one_asked_for() -> None:
    assert isinstance(recogniser("model"), English) and isinstance(recogniser("model_on_claims"), English)
    assert isinstance(recogniser("gazetteer"), Nothing) and isinstance(recogniser("off"), Nothing)
