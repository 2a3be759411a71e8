"""Whatever an article says is shown as text: it runs nothing, links nowhere it must not, and turns nothing around."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Page, expect

from schemas.alert import Alert
from streams.brokers.kafka import KafkaBroker
from tests.api.build import alert, send
from tests.api.conftest import Serve
from tests.live.flow import Worker, article, publish

FILES = Path(__file__).parents[3] / "streams" / "api" / "page"
SCRIPT = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
HOSTILE = {
    "script": SCRIPT,
    "turned": "\u202e000,01 tnuoba\u202c and \u2066isolated\u2069",
    "long": "W" * 5_000,
    "unseen": "ze\u200bro wi\u200ddth\ufeff \x07bell",
    "arabic": "مرحبا بكم 10,000 مهاجر",
    "astral": "😀👩‍👧 𝟙𝟘,𝟘𝟘𝟘",
    "template": "{{constructor.constructor('window.ran = 1')()}} ${window.ran = 1} &lt;b&gt;",
}


def hostile(name: str, text: str) -> Alert:
    """An alert all of whose foreign texts are `text`; its sentence holds a figure after it."""
    made = alert(name, url="https://news.example/" + "a" * 1_500)
    sentence = f"{text[:500]} about 10,000 migrants a day {text[:50]}"
    start = 100 + len(text[:500]) + len(" about ")
    (evidence,) = made.evidence
    foreign = replace(
        evidence,
        sentence=sentence,
        sentence_span=(100, 100 + len(sentence)),
        quote_span=(start, start + 6),
        publisher=text[:200],
        title=text[:300],
        attribution=text[:200],
        document=text,
        place=text[:200],
    )
    return replace(
        made,
        evidence=(foreign,),
        group={"place": text[:200]},
        labels={"team": text[:200]},
        level=text[:100],
        rule=replace(made.rule, title=text),
        summary=text[:500],
        value=replace(made.value, text=text[:100]),
    )


async def nothing_ran(page: Page) -> None:
    assert await page.evaluate("window.ran") is None
    assert await page.evaluate("document.querySelectorAll('script').length") == 1, "our own"
    assert await page.evaluate("document.querySelectorAll('img, iframe, object, embed').length") == 0
    addresses = await page.evaluate("[...document.links].map((link) => link.href)")
    assert {address.split(":")[0] for address in addresses} <= {"http", "https"}


async def test_an_article_with_scripts_is_read_and_shown_as_text(
    page: Page, kafka: KafkaBroker, topics: str, serve: Serve, tmp_path: Path
) -> None:
    worker = Worker(kafka.bootstrap, topics, tmp_path / "worker.log", {"PARTITIONS": "3"}).start()
    try:
        server = serve()
        worker.wait_ready()
        text = (
            f"LAREDO — Talks went on. About 12,000 migrants have been apprehended daily at the southwest border this month, {SCRIPT} "
            "border patrol officials said."
        )
        fields = {"published": "2023-12-28", "title": SCRIPT, "publisher": SCRIPT, "url": "javascript:window.ran=1"}
        await publish(kafka.bootstrap, topics + "articles", [(b"a", article(text, **fields))])
        await page.goto(server.address)
        await expect(page.locator("#alerts mark")).to_have_text("12,000")
    finally:
        worker.stop()
    card = page.locator("[data-alert]")
    await expect(card.locator("blockquote")).to_contain_text(SCRIPT)
    await expect(card.locator(".source")).to_contain_text(SCRIPT)
    assert await card.locator(".source a").count() == 0, "a publisher without an address that may be a link"
    await card.locator("a.open").click()
    await expect(page.locator(".proofs")).to_contain_text(SCRIPT)
    await expect(page.locator(".history blockquote")).to_contain_text(SCRIPT)
    await nothing_ran(page)


async def test_hostile_texts_in_every_field_stay_texts_within_the_page(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    await send(kafka.bootstrap, topics, [hostile(name, text) for name, text in HOSTILE.items()])
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(serve().address)
    await expect(page.locator("#alerts [data-alert]")).to_have_count(len(HOSTILE))
    assert await page.locator("#alerts mark").all_text_contents() == ["10,000"] * len(HOSTILE), "spans count code points"
    for name, text in HOSTILE.items():
        await page.evaluate(f"location.hash = 'alert=alert-{name}'")
        seen = re.sub("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\x07]", "·", text[:200])
        await expect(page.locator("#detail-title")).to_contain_text(seen)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, name
    await nothing_ran(page)


ADDRESSES = {
    "https://news.example/1": "https://news.example/1",
    "HTTP://news.example": "http://news.example/",
    "javascript:alert(1)": None,
    " javascript:alert(1)": None,
    "java\nscript:alert(1)": None,
    "data:text/html,<script>alert(1)</script>": None,
    "//news.example/1": None,
    "/v1/alerts": None,
    "": None,
}


async def test_only_web_addresses_become_links(page: Page, serve: Serve) -> None:
    """The server keeps others from the page; the page does not rely on it."""
    await page.goto(serve().address)
    for address, link in ADDRESSES.items():
        found = await page.evaluate("async (address) => (await import('/page/dom.js')).outside(address, 'words').href ?? null", address)
        assert found == link, address


async def test_marks_do_not_pile_up_over_other_lines(page: Page, serve: Serve) -> None:
    await page.goto(serve().address)
    for text, shown in {"e" + "\u0301" * 90 + " 1": "e" + "\u0301" * 4 + "\u034f" * 86 + " 1", "שָׁלוֹם नमस्ते ཧཱུྃ": "שָׁלוֹם नमस्ते ཧཱུྃ"}.items():
        assert await page.evaluate("async (text) => (await import('/page/dom.js')).clean(text)", text) == shown


async def test_the_browser_itself_refuses_markup_and_scripts_from_text(browser: Browser, serve: Serve) -> None:
    page = await browser.new_page()
    await page.goto(serve().address)
    with pytest.raises(Error, match="TrustedHTML"):
        await page.evaluate("document.body.innerHTML = '<p>text</p>'")
    await page.evaluate("() => { const run = document.createElement('script'); run.append('window.ran = 1'); document.body.append(run); }")
    assert await page.evaluate("window.ran") is None


async def test_a_foreign_name_that_leads_here_reads_nothing(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    """DNS rebinding: for the browser everything at the foreign name is one origin, so only the server can tell."""
    await send(kafka.bootstrap, topics, [alert("a")])
    server = serve()
    await page.goto(f"http://rebound.example:{server.port}")
    await expect(page.locator("#line-why")).to_contain_text("'rebound.example:")
    for path in ("/v1/alerts", "/v1/alerts/stream", "/metrics"):
        assert await page.evaluate("async (path) => (await fetch(path)).status", path) == 421
    await page.goto(f"http://localhost:{server.port}")
    await expect(page.locator("#alerts [data-alert]")).to_have_count(1)


BANNED = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|createContextualFragment|srcdoc"
)


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_the_files_of_the_page_are_safe_and_need_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert BANNED.search(text) is None
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg\b)", text) == [], "no resource from elsewhere"
    assert len(text.splitlines()) <= 450
    if path.suffix == ".html":
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text) == [], "nothing inline"
    if path.suffix == ".js":
        assert text.startswith("/**"), "every module says what it is"
