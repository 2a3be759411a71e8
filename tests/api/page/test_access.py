"""The page by keyboard, by assistive technology, on a phone, in the dark, and with many alerts."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from schemas.alert import Alert
from streams.brokers.kafka import KafkaBroker
from tests.api.build import START, alert, send
from tests.api.conftest import Serve

STANDARDS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


async def focused(page: Page, name: str) -> None:
    """The focus comes to be in the alert of this name: the page hears of history a moment later."""
    await expect(page.locator(f"[data-alert={name}] :focus")).to_have_count(1)


async def test_a_walk_by_keyboard_opens_a_detail_and_comes_back(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    await send(kafka.bootstrap, topics, [alert(name, started=START + timedelta(hours=n)) for n, name in enumerate("cba")])
    await page.goto(serve().address)
    await expect(page.locator("#alerts [data-alert]")).to_have_count(3)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the alerts")).to_be_focused()
    await page.keyboard.press("Enter")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.locator("[data-alert] :focus").count():
            break
    await focused(page, "alert-a")  # the newest of a level is the first
    await page.keyboard.press("ArrowDown")
    await focused(page, "alert-b")
    await page.keyboard.press("End")
    await focused(page, "alert-c")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail-title")).to_be_focused()
    assert await page.evaluate("location.hash") == "#alert=alert-b"
    await send(kafka.bootstrap, topics, [alert("b", 2, "updated"), alert("d")])
    await expect(page.locator(".history > li")).to_have_count(2)
    await expect(page.locator("#detail-title")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#detail")).to_be_hidden()
    await focused(page, "alert-b")
    await page.go_forward()
    await expect(page.locator("#detail-title")).to_be_focused()
    await page.go_back()
    await focused(page, "alert-b")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_fault_of_access_is_found_by_machine(
    page: Page, kafka: KafkaBroker, topics: str, serve: Serve, scheme: Literal["light", "dark"]
) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(serve().address)
    await expect(page.get_by_role("heading", name="No alert is open")).to_be_visible()
    await check(page)
    await send(kafka.bootstrap, topics, [alert("a"), alert("b", level="warning", late=True), alert("c"), alert("c", 2, "resolved")])
    await expect(page.locator("[data-alert]")).to_have_count(3)
    await page.locator("[data-alert=alert-a] a.open").click()
    await expect(page.locator(".history > li")).to_have_count(1)
    await check(page)
    await page.set_viewport_size({"width": 360, "height": 740})
    await check(page)


async def check(page: Page) -> None:
    found = await Axe().run(page, options=STANDARDS)
    assert found.violations_count == 0, found.generate_report()


async def test_two_hundred_alerts_can_be_found_and_filtered(page: Page, kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    await send(kafka.bootstrap, topics, [many(number) for number in range(250)])
    server = serve()
    await page.goto(server.address)
    await expect(page.locator("#alerts [data-alert]")).to_have_count(250)
    assert await page.locator("#alerts h2").all_inner_texts() == ["Critical 50", "Warning 100", "Info 100"], "the gravest first"
    await page.get_by_role("searchbox", name="Find").fill("béirut")
    await expect(page.locator("#matches")).to_have_text("25 of 250 shown")
    await page.get_by_role("checkbox", name="Warning").check()
    await expect(page.locator("#matches")).to_have_text("10 of 250 shown")
    await page.reload()
    await expect(page.locator("#alerts [data-alert]")).to_have_count(10)
    await send(kafka.bootstrap, topics, [many(250, level="info"), many(251, level="warning")])
    await expect(page.locator("#alerts [data-alert]")).to_have_count(10)
    await page.get_by_role("combobox", name="Rule").select_option("border-1")
    await expect(page.get_by_role("heading", name="No open alert matches")).to_be_visible()
    await page.get_by_role("button", name="Show all").click()
    await expect(page.locator("#alerts [data-alert]")).to_have_count(252)
    await expect(page.get_by_role("searchbox", name="Find")).to_have_value("")


def many(number: int, **changes: str) -> Alert:
    """One of many alerts: every tenth of Beirut, of three levels and two rules."""
    made = alert(f"n{number}", **{"level": ("critical", "warning", "info", "warning", "info")[number // 10 % 5]} | changes)
    place = "Beirut" if number % 10 == 0 else f"Town {number}"
    rule = type(made.rule)(id=f"border-{number % 2}", title=f"Rule {number % 2}", rules_hash="h")
    return replace(made, group={"place": place}, rule=rule)
