"""A real browser for tests: Debian's chromium, driven by selenium."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

__all__ = ["Tab", "chromium", "in_a_browser"]

_CHROMIUM = shutil.which("chromium")
_CHROMEDRIVER = shutil.which("chromedriver")

in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(
        _CHROMIUM is None or _CHROMEDRIVER is None,
        reason="needs Debian's chromium and chromium-driver",
    ),
]
"""The marks of a module whose tests need the browser."""

_HOLDING = """
const [selector, text] = arguments;
const holds = (element) => (element.innerText ?? "").replaceAll("\\u00a0", " ").includes(text);
return [...document.querySelectorAll(selector)].filter(holds).reverse();
"""
"""One question for a whole conversation: to ask each message takes seconds where there are many."""

T = TypeVar("T")


class Tab:
    """A browser's tab, looked at from beside the event loop that serves its page."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    async def open(self, url: str) -> None:
        await asyncio.to_thread(self.driver.get, "about:blank")
        await self.errors()  # of the page before, whose server may be gone
        await asyncio.to_thread(self.driver.get, url)
        await self.sees("body[data-connected=true]")

    async def run(self, script: str, *arguments: object) -> Any:
        return await asyncio.to_thread(self.driver.execute_script, script, *arguments)

    async def until(self, look: Callable[[], T | None], seconds: float = 15) -> T:
        """Wait until `look()` finds something and return it.

        What `look` touches may be redrawn or move meanwhile: then it looks again.
        """

        def wait() -> T:
            end = time.monotonic() + seconds
            while True:
                try:
                    if found := look():
                        return found
                except (StaleElementReferenceException, ElementNotInteractableException):
                    pass
                assert time.monotonic() < end, self.driver.find_element(By.TAG_NAME, "body").text
                time.sleep(0.02)

        return await asyncio.to_thread(wait)

    async def sees(self, selector: str, text: str = "") -> WebElement:
        """Wait for a visible element whose text contains `text`; of several the last."""

        return await self.until(lambda: self._find(selector, text))

    def _find(self, selector: str, text: str) -> WebElement | None:
        found = self.driver.execute_script(_HOLDING, selector, text)
        return next((element for element in found if element.is_displayed()), None)

    async def _do(self, selector: str, text: str, act: Callable[[WebElement], None]) -> None:
        """Act on what `sees` would find, in the same breath: later it may have been redrawn."""

        def look() -> bool:
            if element := self._find(selector, text):
                act(element)
            return element is not None

        await self.until(look)

    async def misses(self, selector: str, text: str = "") -> None:
        """Wait until no such element is visible."""
        await self.until(lambda: self._find(selector, text) is None)

    async def click(self, selector: str, text: str = "") -> None:
        await self._do(selector, text, WebElement.click)

    async def press(self, selector: str, text: str = "") -> None:
        """Put the pointer down there, until `release`."""
        act = ActionChains(self.driver, duration=0)
        await self._do(selector, text, lambda element: act.click_and_hold(element).perform())

    async def release(self) -> None:
        """Lift the pointer where it is."""
        await asyncio.to_thread(ActionChains(self.driver, duration=0).release().perform)

    async def type(self, *keys: str) -> None:
        await self.enter("#composer", *keys)

    async def enter(self, selector: str, *keys: str) -> None:
        await self._do(selector, "", lambda element: element.send_keys(*keys))

    async def text(self, selector: str) -> str:
        texts: list[str] = []
        await self._do(selector, "", lambda element: texts.append(element.text))
        return texts[-1]

    async def errors(self) -> list[str]:
        """Return what the console complains of since it was last asked."""
        entries = await asyncio.to_thread(self.driver.get_log, "browser")
        return [entry["message"] for entry in entries if entry["level"] in {"SEVERE", "WARNING"}]


@contextmanager
def chromium(folder: Path) -> Iterator[webdriver.Chrome]:
    """Start the browser with its profile in `folder`, and end it."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(_CHROMIUM)
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "disable-dev-shm-usage",
        "window-size=1280,860",
        f"user-data-dir={folder}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(_CHROMEDRIVER))
    running.set_page_load_timeout(20)
    running.set_script_timeout(20)
    try:
        yield running
    finally:
        running.quit()
