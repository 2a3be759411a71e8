"""Files as articles: lines with their numbers, and plain texts with and without a head."""

import pytest

from schemas.article import Article
from streams.cli.inputs import Bad, Line, article_of_text, format_of, lines

NOTHING = Article(text="")


def text_of(data: bytes, given: Article = NOTHING) -> Article:
    article = article_of_text("story.txt", data, given)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("data", "published", "publisher", "text"),
    [
        (b"date 2024-02-01 (THE EXAMPLE) About 300 came.\nMore.", "2024-02-01", "THE EXAMPLE", "About 300 came.\nMore."),
        (b" date 2024-02-01 (WIRE- Example) Text", "2024-02-01", "WIRE- Example", "Text"),
        (b"date 2024-02-01 (THE EXAMPLE)\nText", "2024-02-01", "THE EXAMPLE", "Text"),
        (b"date 2024-02-01 (THE EXAMPLE)\r\n\r\nText", "2024-02-01", "THE EXAMPLE", "\r\nText"),
        (b"date 2024-02-01 Text", "2024-02-01", None, "Text"),
        (b"\xef\xbb\xbfdate 2024-02-01 (A) Text", "2024-02-01", "A", "Text"),
        (b"The date 2024-02-01 (A) is set.", None, None, "The date 2024-02-01 (A) is set."),
        (b"date of 2024", None, None, "date of 2024"),
        (b"(CITY) Text stays.\n", None, None, "(CITY) Text stays.\n"),
    ],
)
def test_a_head_is_taken_off_and_nothing_else(data: bytes, published: str | None, publisher: str | None, text: str) -> None:
    article = text_of(data)
    assert (article.published, article.publisher, article.text) == (published, publisher, text)


def test_what_the_command_line_says_wins_over_the_head() -> None:
    article = text_of(b"date 2024-02-01 (A) Text", Article(text="", published="2024-03-01", publisher="B", title="T", id="x"))
    assert article == Article(text="Text", published="2024-03-01", publisher="B", title="T", id="x")


def test_bytes_that_are_not_utf8_are_named_by_line() -> None:
    assert article_of_text("story.txt", b"one\ntwo\n\xff", NOTHING) == Bad("story.txt:3", "byte 8 is not UTF-8")


@pytest.mark.parametrize("data", [b"", b" \n", b"date 2024-02-01 (A)\n  \n"])
def test_an_empty_text_is_refused(data: bytes) -> None:
    assert article_of_text("story.txt", data, NOTHING) == Bad("story.txt:1", "the text is empty")


@pytest.mark.parametrize(
    ("name", "beginning", "form"),
    [
        ("a.jsonl", b"date", "jsonl"),
        ("a.NDJSON", b"", "jsonl"),
        ("a.txt", b"{", "text"),
        ("-", b' {"text"', "jsonl"),
        ("-", b'\xef\xbb\xbf{"text"', "jsonl"),
        ("-", b"date 2024", "text"),
        ("story", b"", "text"),
    ],
)
def test_the_name_decides_what_a_file_is_then_its_beginning(name: str, beginning: bytes, form: str) -> None:
    assert format_of(name, beginning, "auto") == form
    assert format_of(name, beginning, "text") == "text"


def test_lines_are_counted_blank_ones_included() -> None:
    assert list(lines("a.jsonl", [b"\xef\xbb\xbf{}\r\n", b"\n", b"  \n", b"[]"])) == [Line("a.jsonl:1", b"{}"), Line("a.jsonl:4", b"[]")]
    assert next(lines("-", [b"{}"])).where == "standard input:1"
