"""The page against the running stack: alerts come by themselves, each once, whatever happens to the server."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from streams.api.tokens import line
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.kafka import Admin
from tests.api.build import Server, alert, send
from tests.api.conftest import Serve
from tests.live.flow import Worker, article, everything, publish, settled, wait_for

STORY = (
    "LAREDO (Example Wire) — Officials of both countries met on Thursday. Around 10,000 migrants have been apprehended daily at the\n"
    "southwest border this month, according to border patrol officials."
)


async def shown(page: Page) -> list[str]:
    """The alerts on the page by name, in their order, open ones first."""
    return await page.locator("[data-alert]").evaluate_all("(found) => found.map((one) => one.dataset.alert)")


async def test_a_published_story_appears_by_itself_with_its_proof(
    page: Page, kafka: KafkaBroker, topics: str, serve: Serve, tmp_path: Path
) -> None:
    server = serve()
    worker = Worker(kafka.bootstrap, topics, tmp_path / "worker.log", {"PARTITIONS": "3"}).start()
    try:
        await page.goto(server.address)
        await expect(page.get_by_role("heading", name="No alert is open")).to_be_visible()
        await expect(page.locator("#line")).to_contain_text("Live")
        worker.wait_ready()
        url = "https://wire.example/talks"
        await publish(
            kafka.bootstrap, topics + "articles", [(b"a", article(STORY, published="2023-12-28", publisher="Example Wire", url=url))]
        )
        card = page.get_by_role("listitem").filter(has_text="Daily apprehensions, US southwest border")
        await expect(card).to_contain_text("about 10,000 (9,000–11,000) people a day")
    finally:
        worker.stop()
    await expect(card.locator("mark")).to_have_text("10,000")
    await expect(card.locator("blockquote")).to_have_text(" ".join(STORY.partition("Thursday. ")[2].split()))
    await expect(card).to_contain_text("border patrol officials, in Example Wire")
    await expect(card).to_contain_text("1 origin, 1 publisher")
    link = card.get_by_role("link", name="Example Wire")
    assert (await link.get_attribute("href"), await link.get_attribute("rel")) == (url, "noopener noreferrer")
    await expect(page.get_by_role("heading", name="Critical 1")).to_be_visible()
    await expect(page.locator("#told")).to_have_text(
        "Firing, critical: Daily apprehensions, US southwest border, about 10,000 (9,000–11,000) people a day."
    )
    await expect(page).to_have_title("(1) newsgauge")


async def test_what_happens_to_an_alert_shows_where_it_stands(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    await send(kafka.bootstrap, topics, [alert("a"), alert("b"), alert("c")])
    await page.goto(serve().address)
    await expect(page.locator("#alerts [data-alert]")).to_have_count(3)
    await send(kafka.bootstrap, topics, [alert("b", 2, "resolved", reason="reset_met"), alert("a", 2, "updated", late=True)])
    await expect(page.locator("#ended [data-alert]")).to_have_count(1)
    assert sorted(await shown(page)) == ["alert-a", "alert-b", "alert-c"]
    await expect(page.locator("#ended")).to_contain_text("Resolved")
    await expect(page.locator("#alerts [data-alert=alert-a] .mark")).to_have_text("late")
    await send(kafka.bootstrap, topics, [alert("b2", fingerprint="fingerprint-c", episode=2)])
    await expect(page.locator("#ended [data-alert=alert-c]")).to_be_visible()


async def test_places_are_called_by_their_names(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    ids = {"laredo": "4705349", "texas": "US-TX", "pass": "us-eagle-pass", "turkey": "TR", "none": "999999999999"}
    await send(kafka.bootstrap, topics, [alert(name, group={"place": place}) for name, place in ids.items()])
    await page.goto(serve().address)
    names = {"laredo": "Laredo, Texas", "texas": "Texas", "pass": "Eagle Pass, Texas", "turkey": "Türkiye", "none": "999999999999"}
    for name, shown_name in names.items():
        await expect(page.locator(f"[data-alert=alert-{name}] .place")).to_have_text(f" · {shown_name}")
    await page.get_by_role("searchbox", name="Find").fill("laredo")
    await expect(page.locator("#alerts [data-alert]")).to_have_count(1)
    await page.locator("[data-alert] a.open").click()
    await expect(page.locator("#detail .where").first).to_contain_text("Laredo, Texas")


async def test_a_page_resumes_on_a_restarted_server_without_loss_or_repetition(
    page: Page, kafka: KafkaBroker, topics: str, serve: Serve
) -> None:
    server = serve()
    await send(kafka.bootstrap, topics, [alert("a"), alert("b")])
    await page.goto(server.address)
    await page.locator("[data-alert=alert-a] a.open").click()
    await expect(page.locator(".history > li")).to_have_count(1)
    server.stop(kill=True)
    await expect(page.locator("#line")).to_contain_text("Not connected")
    await expect(page.locator("#line-count")).to_have_text(re.compile(r"again in \d+ s"))
    repeated = [
        alert("a"),
        alert("b"),
        alert("a", 2, "updated"),
        alert("a", 2, "updated"),
        alert("c"),
        alert("d"),
        alert("b", 2, "expired"),
    ]
    await send(kafka.bootstrap, topics, repeated)
    server.start()
    await expect(page.locator("#line")).to_contain_text("Live")
    await expect(page.locator("#ended [data-alert]")).to_have_count(1)
    await expect(page.locator("#alerts [data-alert]")).to_have_count(3)
    await expect(page.locator(".history > li")).to_have_count(2)
    assert sorted(await shown(page)) == ["alert-a", "alert-b", "alert-c", "alert-d"]
    await send(kafka.bootstrap, topics, [alert("e")])
    await expect(page.locator("[data-alert=alert-e]")).to_be_visible()


async def test_a_page_that_was_away_too_long_is_told_all_anew(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    server = serve(api_max_alerts="100")
    await send(kafka.bootstrap, topics, [alert("old")])
    await page.goto(server.address)
    await expect(page.locator("[data-alert=alert-old]")).to_be_visible()
    server.stop()
    flood = (alert("busy", number, "updated" if number > 1 else "firing") for number in range(1, 150))
    await send(kafka.bootstrap, topics, [alert("old", 2, "resolved"), *flood])
    server.start()
    await expect(page.locator("#alerts [data-alert=alert-busy]")).to_be_visible()
    await expect(page.locator("[data-alert=alert-old]")).to_have_count(0)


async def test_a_server_that_has_lost_kafka_does_not_look_calm(page: Page, tmp_path: Path) -> None:
    with KafkaBroker() as own:
        async with Admin(Settings(bootstrap=own.bootstrap, partitions=3)) as admin:
            await admin.create()
        server = Server(own.bootstrap, "", tmp_path / "api.log").start()
        try:
            await page.goto(server.address)
            await expect(page.locator("#line-words")).to_have_text("Live")
            own.stop()
            await expect(page.locator("#line")).to_contain_text("No news")
            await expect(page.locator("#line")).to_contain_text("Kafka does not answer the server")
        finally:
            server.stop()


async def test_a_server_with_tokens_is_asked_with_one(page: Page, kafka: KafkaBroker, topics: str, serve: Serve, tmp_path: Path) -> None:
    known = tmp_path / "tokens"
    known.write_text(line("desk", "open-sesame") + "\n")
    server = serve(api_tokens=str(known))
    await send(kafka.bootstrap, topics, [alert("a")])
    await page.goto(server.address)
    field = page.get_by_label("Token")
    await expect(field).to_be_focused()
    await field.fill("wrong")
    await field.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("The token is not known.")
    await field.fill("open-sesame")
    await field.press("Enter")
    await expect(page.locator("[data-alert=alert-a]")).to_be_visible()
    await expect(field).to_be_hidden()
    await page.reload()
    await expect(page.locator("[data-alert=alert-a]")).to_be_visible()


async def test_the_chart_and_its_table_agree_with_the_series(
    page: Page, kafka: KafkaBroker, topics: str, serve: Serve, tmp_path: Path
) -> None:
    worker = Worker(kafka.bootstrap, topics, tmp_path / "worker.log", {"PARTITIONS": "3"}).start()
    told = ["About 7,000", "More than 9,000", "Exactly 12,500", "Between 10,000 and 14,000", "About 8,100"]
    days = [f"2024-01-0{day}" for day in range(1, 6)]
    try:
        worker.wait_ready()
        texts = [
            f"TIJUANA — {some} migrants have been apprehended daily at the southwest border this month, border patrol officials said."
            for some in told
        ]
        records = [
            (day.encode(), article(text, id=day, published=f"{day}T12:00:00Z", publisher=f"Paper {day}"))
            for day, text in zip(days, texts, strict=True)
        ]
        await publish(kafka.bootstrap, topics + "articles", records)
        server = serve()
        await page.goto(server.address)
        card = page.locator("#alerts a.open")
        await card.click()
        await expect(page.locator("#figures-table tbody tr")).to_have_count(5)
        await settled(worker)
    finally:
        worker.stop()
    series = server.get("/v1/series?indicator=apprehensions&place=us-southwest-border&unit=person&per=day").json["figures"]
    rows = page.locator("#figures-table tbody tr")
    assert await rows.locator("td.sentence").all_text_contents() == [figure["sentence"] for figure in series]
    assert await rows.locator("time").evaluate_all("(times) => times.map((time) => time.dateTime)") == [
        figure["published_at"] for figure in series
    ]
    assert await rows.locator("td:nth-child(2)").all_text_contents() == [
        "about 8,100 (7,290–8,910)",
        "10,000 to 14,000",
        "12,500",
        "more than 9,000",
        "about 7,000 (6,300–7,700)",
    ]
    drawn = page.locator("svg.chart")
    assert await drawn.locator(".band").count() == 5 and await drawn.locator(".band.endless").count() == 1
    assert await drawn.locator(".point").count() == 3, "reports with a best estimate"
    heights = await drawn.locator(".point").evaluate_all("(points) => points.map((point) => point.cy.baseVal.value)")
    assert heights[1] < heights[2] < heights[0], "12,500 above 8,100 above 7,000"
    assert await drawn.locator("text.limit").all_text_contents() == ["critical 10,000", "reset 9,000", "warning 8,000", "reset 7,200"]
    name = str(await page.locator("[data-alert]").first.get_attribute("data-alert"))
    wanted = {json.loads(record.value)["event_id"] for record in await everything(kafka.bootstrap, topics + "alerts")}

    def history() -> list[Any]:
        return list(server.get(f"/v1/alerts/{name}").json["history"])

    assert await asyncio.to_thread(wait_for, lambda: {event["event_id"] for event in history()} == wanted), "all of one alert"
    await expect(drawn.locator(".turn-number")).to_have_text([str(event["sequence"]) for event in history()])
    await expect(page.locator(".history > li")).to_have_count(len(history()))
    await expect(drawn).to_have_attribute("aria-label", re.compile(r"^5 figures over time, people a day; the last is about 8,100"))
