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

    await tab.sees(".from-bot", "最近 7 天有")
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
