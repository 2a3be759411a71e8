"""A real browser on the live page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = Path(__file__).parents[3] / ".cache" / "tools" / "chromium"
FLAGS = [
    "--no-sandbox",  # a container's user may be root; only our own page is shown
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP rebound.example 127.0.0.1",
]
PATIENCE = 180_000.0
"""Milliseconds; a loaded machine is slow."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium of its own for each test. Never skipped: without it the tests fail and say so."""
    if not CHROMIUM.exists():
        pytest.fail("there is no Chromium: run deploy/setup/chromium", pytrace=False)
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield started
        await started.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty tab of a reader in Chicago. At the end of the test no script may have failed, and nothing may have broken the policy."""
    context = await browser.new_context(timezone_id="America/Chicago", locale="en-US", reduced_motion="reduce")
    tab = await context.new_page()
    tab.set_default_timeout(PATIENCE)
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
    yield tab
    assert faults == []
