"""A newcomer's first minute: `make run` starts this, and a browser shows it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser import Tab, in_a_browser

pytestmark = in_a_browser


@pytest.fixture
async def playground(tmp_path: Path) -> AsyncIterator[str]:
    """Start `paperboy run` with no token and no settings, and give the page's address."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "playground",
        "--port",
        "0",
        cwd=tmp_path,
        env={**surroundings, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    told = ""
    async with asyncio.timeout(20):
        while not (address := re.search(r"http://127\.0\.0\.1:\d+", told)):
            line = await process.stdout.readline()
            assert line, told
            told += line.decode()
    drained = asyncio.create_task(process.stdout.read())
    yield address[0]
    process.terminate()
    assert await process.wait() == 0
    rest = (await drained).decode()
    assert "Traceback" not in rest, rest


async def test_a_newcomer_s_way(playground: str, driver: webdriver.Chrome) -> None:
    tab = Tab(driver)
    await tab.open(playground)
    await tab.click("[data-chat-id]", "小林")
    await tab.click("#start")

    await tab.click(".inline-button", "简体中文")
    await tab.sees(".from-bot", "您想关注什么？")
    await tab.click(".inline-button", "LLM")

    await tab.sees(".from-bot", "最近 30 天有")
    await tab.click(".inline-button", "✅ 订阅")
    await tab.sees(".from-bot", "您已订阅 LLM。")

    await tab.click(".inline-button", "现在就发给我")
    await tab.sees(".from-bot", "篇新论文")
    push = await tab.sees(".from-bot blockquote")
    assert re.search(r"[\u4e00-\u9fff]{5}", push.text), "the abstract is in Chinese"

    await tab.click("[data-control=announce] button, button[data-control=announce]")
    await tab.click("[data-control=morning] button, button[data-control=morning]")
    await tab.sees(".from-bot", "1 篇新论文")

    await tab.type("/digest")
    await tab.click("#send")
    await tab.click(".document", ".md")
    await tab.sees("#viewer-content", "LLM")
    rows = await tab.run("return document.querySelectorAll('#viewer-content tbody tr').length")
    assert rows == 10
    await tab.click("#viewer-close")

    await tab.type("/unsubscribe")
    await tab.click("#send")
    await tab.click(".inline-button", "🗑 LLM")
    await tab.sees(".from-bot", "您已取消订阅 LLM。")
    assert await tab.errors() == []


async def test_what_a_reader_does_once_settled(
    playground: str, driver: webdriver.Chrome, tmp_path: Path
) -> None:
    """Each thing once, by taps and words: cards, saving, searching, topics, choices, leaving."""
    tab = Tab(driver)

    async def say(words: str) -> None:
        await tab.type(words)
        await tab.click("#send")

    await tab.open(playground)
    await tab.errors()  # of the page before, whose playground is gone
    await tab.click("[data-chat-id]", "Ada")
    await tab.click("#start")
    await tab.click(".inline-button", "English")
    await tab.click(".inline-button", "NeRF")
    await tab.click(".inline-button", "✅ Follow")
    await tab.sees(".from-bot", "You now follow NeRF.")

    await say("/search transformer")
    await tab.sees(".from-bot", "transformer:")
    await tab.click(".inline-button", "1")
    await tab.sees(".inline-button", "📋 BibTeX")
    await tab.click(".inline-button", "☆ Save")
    await tab.click(".inline-button", "✏️ Note")
    await tab.sees(".from-bot", "What do you want to note on")
    await say("for the seminar")
    await tab.sees(".from-bot", "✏️ Noted.")
    await tab.click(".inline-button", "👎 Less like this")
    await tab.sees(".inline-button", "↩ Undo")
    await say("/saved")
    await tab.sees(".from-bot", "for the seminar")
    await tab.click(".inline-button", "BibTeX")
    await tab.sees(".document", ".bib")

    await say("/topics")
    await tab.click(".inline-button", "NeRF")
    await tab.click(".inline-button", "Rename")
    await say("Radiance")
    await tab.sees(".from-bot", "Radiance")
    await say("/settings Mon-Fri")
    await say("/settings Tokyo")
    await tab.sees(".from-bot", "Tokyo")
    await say("/status")
    await tab.sees(".from-bot", "Next push")
    await say("/export")
    await tab.sees(".document", "paperboy.toml")

    await say("/stop")
    await tab.sees(".from-bot", "I stop writing.")
    await tab.click(".inline-button", "▶️ Go on")
    await say("/forget")
    await tab.click(".inline-button", "🗑 Delete everything")
    await tab.sees(".from-bot", "I know nothing of this chat any more.")
    await asyncio.to_thread(driver.save_screenshot, str(tmp_path / "end.png"))
    assert await tab.errors() == []
