"""How figures, levels, places and sentences are put into words: the page's own functions, asked in the browser."""

from typing import Any

from playwright.async_api import Page

from tests.api.conftest import Serve

Value = dict[str, Any]


def value(low: float | None, high: float | None, point: float | None = None, bound: str = "exact", **ends: bool) -> Value:
    return {"low": low, "high": high, "point": point, "bound": bound, "low_closed": True, "high_closed": True} | ends


INTERVALS = [
    (value(10_000, 10_000, 10_000), "10,000"),
    (value(9_000, 11_000, 10_000, "approx"), "about 10,000|9,000–11,000"),
    (value(10_000, None, bound="more_than", low_closed=False), "more than 10,000"),
    (value(10_000, None, bound="at_least"), "at least 10,000"),
    (value(9_000, 10_000, bound="less_than", high_closed=False), "almost 10,000|9,000–10,000"),
    (value(0, 10_000, bound="at_most"), "up to 10,000"),
    (value(None, 10_000, bound="less_than", high_closed=False), "less than 10,000"),
    (value(9_000, 11_000, bound="range"), "9,000 to 11,000"),
    (value(24, None, bound="vague"), "at least 24"),
    (value(9_677.41935483871, 9_677.41935483871, 9_677.41935483871), "9,677"),
    (value(3.25, 3.25), "3.25"),
    (value(10**29, None, bound="at_least"), "at least 1 × 10²⁹"),
    (value(None, None, bound="vague"), "any number"),
]
MEASURES = [
    (("person", "day"), "people a day"),
    (("family", None), "families"),
    (("usd", "year"), "USD a year"),
    (("percent", None), "%"),
    (("kg", "event"), "kg in one event"),
    (("square_mile", "none"), "square miles"),
    ((None, "fiscal_year"), "a fiscal year"),
]
PLACES = [("us-southwest-border", "US southwest border"), ("MX", "Mexico"), ("ZZZ", "ZZZ"), ("Xville County", "Xville County")]
SENTENCES = [
    (("About 10,000 came.", (100, 118), "10,000", (106, 112)), ["About ", "10,000", " came."]),
    (("😀 About 𝟙𝟘 came.", (5, 21), "𝟙𝟘", (13, 15)), ["😀 About ", "𝟙𝟘", " came."]),
    (("About 10,000 came.", (100, 118), "10,000", (107, 113)), None),
    (("About 10,000 came.", (100, 118), "10,000", (6, 12)), None),
]


async def test_words_are_as_in_the_tables(page: Page, serve: Serve) -> None:
    await page.goto(serve().address)

    async def say(call: str, given: object) -> Any:
        return await page.evaluate(f"async (given) => {{ const words = await import('/page/words.js'); return {call}; }}", given)

    for figure, told in INTERVALS:
        assert await say("words.interval(given).filter(Boolean).join('|')", figure) == told
    for (unit, per), told in MEASURES:
        assert await say("words.measure(...given)", [unit, per]) == told
    for place, told in PLACES:
        assert await say("words.placeName(given)", place) == told
    for (sentence, sentence_span, quote, quote_span), runs in SENTENCES:
        evidence = {"sentence": sentence, "sentence_span": sentence_span, "quote": quote, "quote_span": quote_span}
        assert await say("words.split(given)", evidence) == runs
    assert await say("given.sort((a, b) => words.rank(a) - words.rank(b))", ["info", "warning", "critical", "notice"]) == [
        "critical",
        "warning",
        "notice",
        "info",
    ]
    rules = [{"levels": [{"level": "green"}, {"level": "amber"}, {"level": "red"}]}, {"levels": [{"level": "page"}]}]
    shades = "(words.learn(given), ['green', 'amber', 'red', 'page', 'unheard'].map(words.shade))"
    assert await say(shades, rules) == ["mild", "middle", "grave", "grave", "middle"]
