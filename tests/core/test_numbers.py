"""Numbers: value and span of everything that is one, whatever it measures."""

import pytest

from streams.core import numbers
from streams.core import text as texts
from streams.core.numbers import Amount, Cursor


def find(text: str) -> list[tuple[str, Amount]]:
    tokens = texts.tokens(text, 0, len(text))
    return [(text[tokens.starts[amount.first] : tokens.ends[amount.last - 1]], amount) for amount in numbers.find(Cursor(tokens))]


VALUES: list[tuple[str, str, float]] = [
    # digits
    ("412 men", "412", 412),
    ("1,010 men", "1,010", 1010),
    ("1,234,567 men", "1,234,567", 1_234_567),
    ("3.5 hours", "3.5", 3.5),
    ("1,234.5 points", "1,234.5", 1234.5),
    ("10\u00a0000 men", "10\u00a0000", 10_000),
    ("1\u202f250\u202f000 men", "1\u202f250\u202f000", 1_250_000),
    ("10 000 men", "10 000", 10_000),
    ("1.250.000 men", "1.250.000", 1_250_000),
    ("1,00,000 men", "1,00,000", 100_000),
    ("-0.5 points", "-0.5", -0.5),
    # scales
    ("$7.2bn", "$7.2bn", 7.2e9),
    ("63k followers", "63k", 63_000),
    ("1.2 mn barrels", "1.2 mn", 1_200_000),
    ("30m people", "30m", 30_000_000),
    ("€30m", "€30m", 30_000_000),
    ("$4-million", "$4-million", 4_000_000),
    ("1.14 million", "1.14 million", 1_140_000),
    ("2.3 million", "2.3 million", 2_300_000),
    ("2.5 crore", "2.5 crore", 25_000_000),
    ("seven lakh", "seven lakh", 700_000),
    ("1.2 lakh crore", "1.2 lakh crore", 1.2e12),
    ("3 trillion", "3 trillion", 3e12),
    ("5 thousand", "5 thousand", 5000),
    ("2 dozen", "2 dozen", 24),
    ("1,5 million", "1,5 million", 1_500_000),
    # words
    ("nine hundred and twenty-one families", "nine hundred and twenty-one", 921),
    ("forty-two thousand five hundred and six", "forty-two thousand five hundred and six", 42_506),
    ("one million two hundred thousand", "one million two hundred thousand", 1_200_000),
    ("two hundred thousand", "two hundred thousand", 200_000),
    ("Fifteen hundred migrants", "Fifteen hundred", 1500),
    ("twenty one", "twenty one", 21),
    ("two dozen", "two dozen", 24),
    ("half a dozen", "half a dozen", 6),
    ("half a million", "half a million", 500_000),
    ("a hundred", "a hundred", 100),
    ("a hundred and fifty", "a hundred and fifty", 150),
    ("a million and a half", "a million and a half", 1_500_000),
    ("two and a half million", "two and a half million", 2_500_000),
    ("a quarter of a million", "a quarter of a million", 250_000),
    ("zero cases", "zero", 0),
    ("one hundred", "one hundred", 100),
    ("eleven", "eleven", 11),
    ("three million", "three million", 3_000_000),
    ("three-million-dollar", "three-million", 3_000_000),
    # vague
    ("dozens of men", "dozens", 24),
    ("tens of thousands", "tens of thousands", 10_000),
    ("hundreds of millions", "hundreds of millions", 100_000_000),
    ("several hundred", "several hundred", 200),
    ("several hundred thousand", "several hundred thousand", 200_000),
    ("a couple of hundred", "a couple of hundred", 200),
    ("a few dozen", "a few dozen", 24),
    # fractions and multiples
    ("half of them", "half", 0.5),
    ("two-thirds of it", "two-thirds", 2 / 3),
    ("three quarters of it", "three quarters", 0.75),
    ("a third of it", "a third", 1 / 3),
    ("one-fifth of it", "one-fifth", 0.2),
    ("one in three children", "one in three", 1 / 3),
    ("1 in 5 homes", "1 in 5", 0.2),
    ("nine out of ten", "nine out of ten", 0.9),
    ("1/2 of it", "1/2", 0.5),
    ("doubled", "doubled", 2),
    ("tenfold", "tenfold", 10),
    # percent and money
    ("75 percent", "75 percent", 75),
    ("75 per cent", "75 per cent", 75),
    ("4.1%", "4.1%", 4.1),
    ("a 20-percent cut", "20-percent", 20),
    ("Fifty two percent", "Fifty two percent", 52),
    ("US$5", "US$5", 5),
    ("Rs. 500", "Rs. 500", 500),
    ("HK$2 million", "HK$2 million", 2_000_000),
]


@pytest.mark.parametrize(("text", "quote", "value"), VALUES)
def test_one_number_has_this_span_and_value(text: str, quote: str, value: float) -> None:
    ((found, amount),) = find(text)
    assert found == quote
    assert amount.low == pytest.approx(value, rel=1e-12)
    assert amount.low == amount.high


RANGES: list[tuple[str, str, float, float]] = [
    ("200 to 300 men", "200 to 300", 200, 300),
    ("20-25 homes", "20-25", 20, 25),
    ("20–25 homes", "20–25", 20, 25),
    ("between 159,000 and 192,000", "159,000 and 192,000", 159_000, 192_000),
    ("$3 billion to $5 billion", "$3 billion to $5 billion", 3e9, 5e9),
    ("3-5 million", "3-5 million", 3e6, 5e6),
    ("15, 16,000 kids", "15, 16,000", 15_000, 16_000),
    ("15-16,000 kids", "15-16,000", 15_000, 16_000),
    ("ranging from 5 to 10", "5 to 10", 5, 10),
    ("five or six men", "five or six", 5, 6),
    ("two to three million", "two to three million", 2e6, 3e6),
    ("5% to 7%", "5% to 7%", 5, 7),
    ("20- to 25-foot", "20- to 25", 20, 25),
]


@pytest.mark.parametrize(("text", "quote", "low", "high"), RANGES)
def test_a_range_is_one_number_with_two_ends(text: str, quote: str, low: float, high: float) -> None:
    ((found, amount),) = find(text)
    assert (found, amount.low, amount.high, amount.kind) == (quote, low, high, "range")


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("from 70,000 to 85,000", ["70,000", "85,000"]),
        ("In 2013,1,010 men", ["2013", "1,010"]),
        ("two three", ["two", "three"]),
        ("12 and 15 men", ["12", "15"]),
        ("52 to 48", ["52", "48"]),
        ("$5 to €7", ["$5", "€7"]),
        ("May 15, 16,000 men", ["15", "16,000"]),
        ("5 or 50 men", ["5", "50"]),
        ("rose by 300 to 4,000", ["300", "4,000"]),
        ("10 percent to 5", ["10 percent", "5"]),
    ],
)
def test_two_numbers_that_are_no_range(text: str, quotes: list[str]) -> None:
    assert [quote for quote, _ in find(text)] == quotes


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("1-800-273-8255", "1-800-273-8255"),
        ("1-800-RED-FISH", "1-800-RED-FISH"),
        ("2023-12-28", "2023-12-28"),
        ("5:25", "5:25"),
        ("9/11", "9/11"),
        ("2-1", "2-1"),
        ("67-22", "67-22"),
        ("5.3.1", "5.3.1"),
        ("1" * 40, "1" * 40),
    ],
)
def test_a_chain_is_one_number_of_no_value(text: str, quote: str) -> None:
    ((found, amount),) = find(text)
    assert (found, amount.kind) == (quote, "chain")


@pytest.mark.parametrize("text", ["the third man", "the first half-way", "a second", "the next one", "the scores stand", "often"])
def test_words_that_are_no_numbers(text: str) -> None:
    assert [quote for quote, amount in find(text) if amount.kind != "fraction"] == []


def test_an_ordinal_in_digits_is_told_apart() -> None:
    ((quote, amount),) = find("the 45th man")
    assert (quote, amount.kind) == ("45th", "ordinal")


def test_no_more_numbers_are_read_than_asked_for() -> None:
    tokens = texts.tokens("1 2 3 4 5", 0, 9)
    assert len(numbers.find(Cursor(tokens), 3)) == 3
