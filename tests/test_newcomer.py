"""A newcomer's first minute: `make run` starts this, and a browser shows it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bot.i18n import texts
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
        # Nobody is as quick as a browser that is driven: arXiv was looked at before they tap.
        while not (address := re.search(r"http://127\.0\.0\.1:\d+", told)) or "swept" not in told:
            line = await process.stdout.readline()
            assert line, told
            told += line.decode()
    drained = asyncio.create_task(process.stdout.read())
    yield address[0]
    process.terminate()
    assert await process.wait() == 0
    rest = (await drained).decode()
    assert "Traceback" not in rest, rest


@pytest.mark.parametrize(
    ("person", "language", "abstracts"),
    [
        pytest.param("Ada", "en", "English", marks=pytest.mark.slow),
        ("小林", "zh_CN", "简体中文"),
        pytest.param("Marta", "es", "Español", marks=pytest.mark.slow),
    ],
)
async def test_a_newcomer_s_way_in_each_language(
    playground: str, driver: webdriver.Chrome, person: str, language: str, abstracts: str
) -> None:
    """From /start to papers, the digest, an undo and nothing left, with an empty console."""
    _, tab = texts(language), Tab(driver)
    reader = Reader(tab)
    await tab.open(playground)
    await reader.open(person)
    await tab.click("#start")
    await reader.tap(abstracts)
    await reader.reads(_.plain("<b>What do you want to follow?</b>")[3:-4])
    topic = _.name("Large language models")
    await reader.tap(topic)
    await tab.sees(".from-bot", "•")
    await reader.tap(_.plain("✅ Follow"))
    await reader.reads(_.plain("What time is it where you are?"))
    zone = {"en": "London", "zh_CN": "上海", "es": "Madrid"}[language]
    await reader.tap(f"· {zone}")
    # What comes instead has the next button elsewhere.
    await tab.misses(".inline-button", _.plain("🌍 Somewhere else"))
    await reader.reads(zone)
    await reader.tap(_.plain("📬 Send them now"))
    await reader.reads("☀️")

    def messages() -> int:
        return len(tab.driver.find_elements(By.CSS_SELECTOR, ".from-bot"))

    before = messages()
    await tab.click("[data-control=announce] button, button[data-control=announce]")
    await tab.until(lambda: messages() > before)
    await reader.say("/digest")
    await tab.click(".document", ".md")
    await tab.sees("#viewer-content", topic)
    rows = await tab.run("return document.querySelectorAll('#viewer-content tbody tr').length")
    assert rows == 10
    await tab.click("#viewer-close")

    await reader.say("/unsubscribe")
    await reader.tap(f"🗑 {topic}", _.plain("↩️ Undo"))
    await reader.say("/forget")
    await reader.tap(_.plain("🗑 Delete everything"))
    await reader.reads(_.plain("Done, everything is deleted. /start starts over."))
    assert await tab.errors() == []


class Reader:
    """Somebody at the chat page who speaks English."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def say(self, words: str) -> None:
        await self.tab.type(words)
        await self.tab.click("#send")

    async def tap(self, *buttons: str) -> None:
        for text in buttons:
            await self.tab.click(".inline-button", text)

    async def reads(self, text: str) -> None:
        await self.tab.sees(".from-bot", text)

    async def open(self, chat: str) -> None:
        def click() -> bool:
            titles = self.tab.driver.find_elements(By.CSS_SELECTOR, ".chat-title")
            named = [title for title in titles if title.text.split(" · ")[0] == chat]
            for title in named:
                title.click()
            return bool(named)

        await self.tab.until(click)


async def follow_and_look_around(reader: Reader) -> None:
    """A topic of one's own words: named, shared, dropped and taken back."""
    await reader.tab.click("#start")
    await reader.tap("English", "NeRF", "✅ Follow")
    await reader.reads("You now follow NeRF.")
    await reader.say("gaussian splatting -survey")
    await reader.tap("✅ Follow")
    await reader.say("/topics")
    await reader.tap("NeRF", "Rename")
    await reader.say("Radiance")
    await reader.reads("Radiance")
    await reader.tap("Share")
    await reader.reads("t.me/paperboy_playground_bot?start=t")
    await reader.say("/unsubscribe")
    await reader.tap("🗑 Radiance", "Undo")
    await reader.reads("Radiance")


async def keep_papers(reader: Reader) -> None:
    """Search, a card with all its buttons, a note, what is kept, and a link pasted."""
    await reader.say("/search transformer")
    await reader.reads("papers in all")
    await reader.tap("1")
    await reader.tab.sees(".inline-button", "📋 BibTeX")
    await reader.tap("☆ Save", "✏️ Note")
    await reader.reads("Your note on")
    await reader.say("for the seminar")
    await reader.reads("✏️ Noted.")
    await reader.tap("👎 Less like this")
    await reader.tab.sees(".inline-button", "↩ Undo")
    await reader.tap("☆ Save")
    await reader.tab.sees(".inline-button", "👎 Less like this")
    await reader.say("/saved")
    await reader.reads("1 saved paper")
    await reader.tap("BibTeX")
    await reader.tab.sees(".document", ".bib")


async def choose(reader: Reader) -> None:
    """Settings, by words and by taps, the personal order among them; and what comes when."""
    await reader.say("/settings Mon-Fri")
    await reader.say("/settings Tokyo")
    await reader.reads("Tokyo")
    await reader.say("/settings")
    await reader.tap("Look and order", "Style", "Cards")
    await reader.reads("Style: cards")
    await reader.tap("Order", "Personal")
    await reader.reads("Order: personal")
    await reader.say("/status")
    await reader.reads("Next papers")
    await reader.say("/export")
    await reader.tab.sees(".document", "paperboy.toml")


async def serve_others(reader: Reader) -> None:
    """A group that the bot joins, inline mode there, and a channel from one's private chat."""
    await reader.open("Vision Lab")
    await reader.tab.click(".big-button", "Add Paperboy")
    await reader.reads("admins")
    await reader.tab.type("@paperboy_playground_bot splatting")
    await reader.tab.sees("#offers li", "Splatting")
    await reader.tab.type(Keys.ENTER)
    await reader.tab.sees(".from-me .via", "via @paperboy_playground_bot")
    await reader.open("Vision Lab News")
    await reader.tab.click(".big-button", "Add Paperboy")
    await reader.open("Ada")
    await reader.tap("Choose its topics")
    await reader.reads("Vision Lab News")
    await reader.tap("Back to my own topics")


async def leave(reader: Reader) -> None:
    """Stop, go on, and be forgotten."""
    await reader.say("/stop")
    await reader.reads("I'll hold new papers")
    await reader.tap("▶️ Resume")
    await reader.say("/forget")
    await reader.tap("🗑 Delete everything")
    await reader.reads("Done, everything is deleted.")


@pytest.mark.slow
async def test_what_a_reader_does_once_settled(playground: str, driver: webdriver.Chrome) -> None:
    """Each thing once, by taps and words."""
    reader = Reader(Tab(driver))
    await reader.tab.open(playground)
    await reader.open("Ada")
    await follow_and_look_around(reader)
    await keep_papers(reader)
    await choose(reader)
    await serve_others(reader)
    await leave(reader)
    assert await reader.tab.errors() == []
