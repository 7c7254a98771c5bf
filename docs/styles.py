#!/usr/bin/env python3
"""Take the pictures of the styles of a push, in English and in Chinese, for docs/images.

`make screenshots` runs it; it needs what docs/screenshots.py needs.
"""

import sys
import tempfile
import time
from pathlib import Path

from screenshots import Window, browser, follow, playground

from bot.i18n import Texts, texts
from bot.translation.languages import LANGUAGES

TOPICS = ("generative", "llm")
WIDTH, HEIGHT = 390, 844
"""Of a phone."""
ARRIVE_SECONDS = 12
"""Until all messages are there, at Telegram's pace for one chat."""
STYLES = ("list", "brief", "cards", "rich")
READERS = {"en": ("Ada", "en"), "zh-CN": ("小林", "zh_CN")}
"""By the language of abstracts who reads them, and the language of the menus."""


def choose_style(window: Window, style: str, _: Texts) -> None:
    """Set the style in /settings, as a reader does; rich is confirmed by its sample."""
    name = _.plain(style)
    window.say("/settings")
    window.tap(_.plain("🎨 Look and order"))
    window.tap(_.plain("🎨 Style"))
    window.tap(name[:1].upper() + name[1:])
    if style == "rich":
        window.tap(_.plain("Looks right"))
    window.find(".message", name)


def take(style: str, language: str) -> None:
    """Follow two topics in a fresh playground, and show the beginning of what comes."""
    who, wording = READERS[language]
    _ = texts(wording)
    with (
        tempfile.TemporaryDirectory() as folder,
        playground(Path(folder)) as url,
        browser() as driver,
    ):
        window = Window(driver, url)
        window.show(width=1040, height=HEIGHT)
        window.open(who)
        window.click("#start")
        window.tap(LANGUAGES[language].name)
        if style != "list":
            choose_style(window, style, _)
            window.say("/subscribe")
        follow(window, _, *TOPICS)
        window.show(width=WIDTH, height=HEIGHT)
        window.choose(who)
        window.tap(_.plain("📬 Send them now"))
        window.find(".message", "☀️")
        time.sleep(ARRIVE_SECONDS)
        window.scroll_to(".message", "☀️")
        window.save(f"push-{style}-{language}.png")


def main() -> None:
    """Take them all, or those of the styles that are named."""
    for style in sys.argv[1:] or STYLES:
        for language in READERS:
            take(style, language)


if __name__ == "__main__":
    main()
