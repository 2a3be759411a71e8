"""Sentences and tokens: where they begin and end in the text as received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core import text as texts


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in texts.spans(text)]


def words(text: str) -> list[str]:
    return texts.tokens(text, 0, len(text)).words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One came. Two left.", ["One came.", "Two left."]),
        ("Did it rain? It did! Yes.", ["Did it rain?", "It did!", "Yes."]),
        ("Mr. Lund met Gov. Reyes. They spoke.", ["Mr. Lund met Gov. Reyes.", "They spoke."]),
        ("The U.S. Army came. It stayed.", ["The U.S. Army came.", "It stayed."]),
        ("They live in the U.S. The law is old.", ["They live in the U.S.", "The law is old."]),
        ("At 5 a.m. it rained. At 6 p.m. The wind fell.", ["At 5 a.m. it rained.", "At 6 p.m.", "The wind fell."]),
        ("Rates rose 3.5 percent. Prices fell.", ["Rates rose 3.5 percent.", "Prices fell."]),
        ("He is No. 3 there. She is No. 4.", ["He is No. 3 there.", "She is No. 4."]),
        ("J. R. Alder wrote it. It sold.", ["J. R. Alder wrote it.", "It sold."]),
        ("“We saw 40.” They left.", ["“We saw 40.”", "They left."]),
        ("“We saw 40,” he said. “Then 50.”", ["“We saw 40,” he said.", "“Then 50.”"]),
        ("(It rained.) We left.", ["(It rained.)", "We left."]),
        ("It was reported.The mayor denied it.", ["It was reported.", "The mayor denied it."]),
        ("On Dec. 18 it rained.", ["On Dec. 18 it rained."]),
        ("Wait ... there is more. Good.", ["Wait ... there is more.", "Good."]),
        ("2. Wash the rice. 3 cups will do.", ["2. Wash the rice.", "3 cups will do."]),
        ("OSLO (AP) — It snowed. It melted.", ["OSLO (AP) — It snowed.", "It melted."]),
    ],
)
def test_a_stop_ends_a_sentence_unless_it_belongs_to_an_abbreviation(text: str, wanted: list[str]) -> None:
    assert sentences(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A headline here\n\nThe story begins.", ["A headline here", "The story begins."]),
        ("Points made:\n- forty boats\n- two men", ["Points made:", "- forty boats", "- two men"]),
        ("Points:\n• forty boats\n• two men", ["Points:", "• forty boats", "• two men"]),
        ("First paragraph.\nSecond paragraph.", ["First paragraph.", "Second paragraph."]),
        ("   \n\n  ", []),
        ("", []),
        (
            "Some 8,000 people are on their way north, making it the largest\nUS-bound group since June 2022.",
            ["Some 8,000 people are on their way north, making it the largest\nUS-bound group since June 2022."],
        ),
        (
            "They were to be counted at the gate of the old town before\nthe ferry left.",
            ["They were to be counted at the gate of the old town before\nthe ferry left."],
        ),
        (
            "They were to be counted at the gate and the well and to\nThey were to be counted at the gate and the well and to\nleave.",
            ["They were to be counted at the gate and the well and to\nThey were to be counted at the gate and the well and to\nleave."],
        ),
    ],
)
def test_line_breaks_end_a_sentence_unless_the_copy_is_wrapped_there(text: str, wanted: list[str]) -> None:
    assert sentences(text) == wanted


def test_a_line_without_a_stop_says_so() -> None:
    assert [span.kind for span in texts.spans("A headline\n\nA sentence.")] == ["line", "prose"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The U.S.-Mexico border’s asylum-seekers", ["the", "u.s.", "-", "mexico", "border", "'s", "asylum-seekers"]),
        ("US-bound", ["us", "-", "bound"]),
        ("don’t", ["don't"]),
        ("two-thirds", ["two", "-", "thirds"]),
        ("a 25-year-old", ["a", "25", "-", "year-old"]),
        ("4,000km", ["4,000", "km"]),
        ("$7.2bn", ["$", "7.2", "bn"]),
        ("“Yes”", ['"', "yes", '"']),
        ("10&nbsp;000 &amp; more", ["10", "000", "&", "more"]),
        ("2013,1,010", ["2013", ",", "1,010"]),
        ("1,2,3", ["1", ",", "2", ",", "3"]),
        ("10\u00a0000", ["10\u00a0000"]),
        ("see https://example.org/a?b=5 now", ["see", "https://example.org/a?b=5", "now"]),
        ("75%", ["75", "%"]),
        ("zero\u200bwidth", ["zero", "width"]),
    ],
)
def test_tokens(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


@given(st.text(max_size=300))
def test_spans_are_in_order_and_within_the_text(text: str) -> None:
    last = 0
    for span in texts.spans(text):
        assert last <= span.start < span.end <= len(text)
        assert not text[span.start].isspace()
        last = span.end


@given(st.text(alphabet=st.sampled_from("aA1.,!?\n \u00a0-’'\"(&;%$é5—"), max_size=200))
def test_tokens_are_in_order_and_within_the_text(text: str) -> None:
    found = texts.tokens(text, 0, len(text))
    assert len(found.starts) == len(found.ends) == len(found.words)
    last = 0
    for start, end, word in zip(found.starts, found.ends, found.words, strict=True):
        assert last <= start < end <= len(text)
        assert word
        last = end


@given(st.text(max_size=200))
def test_lower_case_keeps_the_length(text: str) -> None:
    assert len(texts.lower(text)) == len(text)


@given(st.text(alphabet=st.sampled_from("abc.!? \nX"), max_size=200))
def test_no_word_is_lost_between_sentences(text: str) -> None:
    kept = "".join(text[span.start : span.end] for span in texts.spans(text))
    assert "".join(kept.split()) == "".join(text.split())
