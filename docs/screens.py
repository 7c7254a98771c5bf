#!/usr/bin/env python3
"""Walk through every screen of the bot in English and in Chinese, and save them in docs/screens.

`make screens` runs it; it needs what `make screenshots` needs. The pictures are for looking at: is
a text cut, a button too narrow, a word still in the other language? They are not committed.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from screenshots import Window, browser, playground
from selenium import webdriver

SCREENS = Path(__file__).resolve().parent / "screens"
PATIENCE_SECONDS = 6
STILL_SECONDS = 0.7
"""A conversation in which nothing changes for so long has said what it had to say."""

CONVERSATION = """
const log = document.getElementById("log"), offers = document.getElementById("offers");
return log.innerText + offers.innerText;
"""
TAP = """
return (async () => {
  const [data] = arguments;
  const { messagesOf, view } = await import("/page/world.js");
  for (const message of [...messagesOf(view.chat)].reverse())
    for (const [row, buttons] of (message.keyboard ?? []).entries())
      for (const [column, button] of buttons.entries())
        if (button.callback_data === data || data.endsWith("*")
            && button.callback_data?.startsWith(data.slice(0, -1))) {
          document.querySelector(`[data-slot="${view.chat}:${message.id}:${row}:${column}"]`).click();
          return true;
        }
  return false;
})();
"""


class Walk:
    """Somebody who goes from screen to screen, with a camera."""

    def __init__(self, driver: webdriver.Chrome, window: Window, language: str) -> None:
        self._driver = driver
        self._window = window
        self._language = language
        self._number = 0
        self._before = ""

    def open(self, title: str) -> None:
        """Turn to a chat."""
        self._window.choose(title)
        self._before = ""

    def see(self, name: str) -> None:
        """Wait until the answer is there and stands still, and take its picture."""
        end = time.monotonic() + PATIENCE_SECONDS
        told, since = self._now(), time.monotonic()
        while time.monotonic() < end:
            time.sleep(0.1)
            now = self._now()
            if now != told:
                told, since = now, time.monotonic()
            elif told != self._before and time.monotonic() - since > STILL_SECONDS:
                break
        self._before = told
        self._number += 1
        picture = SCREENS / f"{self._language}-{self._number:02}-{name}.png"
        self._driver.save_screenshot(str(picture))

    def say(self, text: str, name: str) -> None:
        """Write something and see what is answered."""
        self._window.say(text)
        self.see(name)

    def tap(self, data: str, name: str = "") -> None:
        """Tap the newest button with this callback data (`*`: that begins so)."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._driver.execute_script(TAP, data):
            if time.monotonic() > end:
                sys.stdout.write(f"{self._language}: no {data} on screen {self._number}\n")
                return
            time.sleep(0.1)
        self.see(name or data.partition(":")[2].strip(":*") or data)

    def _now(self) -> str:
        return str(self._driver.execute_script(CONVERSATION))


def begin(walk: Walk, window: Window, chat: str, language: str) -> None:
    """Walk from the first message to the first papers."""
    walk.open(chat)
    walk.see("nothing-said")
    window.click("#start")
    walk.see("welcome")
    walk.tap(f"start:{language}", "what-to-follow")
    walk.tap("field:*", "fields")
    walk.tap("field:*", "categories")
    walk.say("/subscribe", "topics-offered")
    walk.tap("pick:nerf", "preview")
    walk.tap("follow:*", "followed")
    walk.tap("now", "push")
    walk.say("gaussian splatting -survey", "preview-of-words")
    walk.tap("follow:*", "followed-words")
    walk.say("/help", "help")
    walk.say("/start", "start-again")


def topics(walk: Walk) -> None:
    """Walk through the topics."""
    walk.say("/topics", "topics")
    walk.tap("topic:*", "topic")
    for action in ("rename", "edit"):
        walk.tap(f"{action}:*", action)
        walk.say("Radiance" if action == "rename" else "radiance field", f"{action}-done")
        walk.say("/topics", "topics-again")
        walk.tap("topic:*", "topic-again")
    walk.tap("cap:*", "cap")
    walk.tap("topic:*", "topic-back")
    walk.tap("mute:*", "muted")
    walk.tap("hold:*", "held")
    walk.tap("hold:*", "resumed")
    walk.tap("share:*", "share")
    walk.tap("topic:*", "topic-after-share")
    walk.tap("drop:*", "dropped")
    walk.tap("undo:*", "undone")


def settings(walk: Walk) -> None:
    """Walk through the settings and all that is below them."""
    walk.say("/settings", "settings")
    for page in ("language", "ui", "time", "days", "zone", "papers", "week", "look"):
        walk.tap(f"set:{page}")
        if page == "look":
            walk.tap("set:style")
            walk.tap("set:rich", "sample")
            walk.tap("set:style", "style-again")
            walk.tap("put:style:cards", "look-of-cards")
            walk.tap("set:order")
            walk.tap("set:look", "look-again")
        walk.tap("set:", "settings-again")
    walk.tap("put:state:paused", "paused")
    walk.tap("put:state:active", "active")
    walk.say("/settings Mon-Fri", "days-typed")
    walk.say("/settings Atlantis", "no-such-city")
    walk.say("/latest 2", "cards")
    walk.say("/status", "status")
    walk.say("/week", "week-shown")
    walk.say("/taste", "taste")
    walk.tap("taste:choose:*", "ten-titles")


def papers(walk: Walk) -> None:
    """Walk through papers: found, shown, kept."""
    walk.say("/search transformer", "search")
    walk.tap("show:*", "card")
    walk.tap("paper:save:*", "saved")
    walk.tap("paper:note:*", "note")
    walk.say("for the seminar", "noted")
    walk.tap("paper:less:*", "less")
    walk.say("/saved", "kept")
    walk.say("/saved zyzzyva", "kept-nothing")
    walk.say("/search zyzzyva", "found-nothing")
    walk.say("/digest", "digest")
    walk.tap("digestby:topics:*", "digest-topics")
    walk.tap("digestby:back:*", "digest-back")
    walk.tap("digestby:languages:*", "digest-languages")
    walk.say("@paperboy_playground_bot splatting", "inline")


def mistakes(walk: Walk) -> None:
    """Walk into every wall."""
    for number, text in enumerate(
        (
            "/subscribe nerf AND (",
            "/subscribe",
            "/search",
            "/nonsense",
            "/settings 25:99",
            "/latest many",
            "/digest nothing-like-it",
            "2999.99999",
            "/import",
            "/cancel",
        )
    ):
        walk.say(text, f"mistake-{number}")


def together(walk: Walk, window: Window, *, chat: str, language: str) -> None:
    """Walk through a group, and a channel, which is Ada's."""
    walk.open("Vision Lab")
    window.click("#speakers label", chat)
    window.click(".big-button")
    walk.see("group-welcome")
    walk.say("/topics", "group-topics")
    walk.say("/settings", "group-settings")
    if chat != "Ada":
        walk.open("Ada")
        window.click("#start")
        walk.see("ada-begins")
        walk.tap(f"start:{language}", "ada-chooses")
    walk.open("Vision Lab News")
    window.click(".big-button")
    walk.see("channel")
    walk.open("Ada")
    walk.see("channel-told")
    walk.tap("manage:*", "channel-managed")
    walk.tap("topics", "channel-topics")
    walk.say("/channels", "channels")
    walk.say("/status", "channel-status")
    walk.tap("manage:0", "back-to-own")


def leave(walk: Walk) -> None:
    """Walk out."""
    walk.say("/export", "export")
    walk.say("/unsubscribe", "unsubscribe")
    walk.say("/stop", "stop")
    walk.say("/forget", "forget")
    walk.tap("forget", "forgotten")


def main() -> None:
    """Take all pictures."""
    SCREENS.mkdir(exist_ok=True)
    for picture in SCREENS.glob("*.png"):
        picture.unlink()
    steps: list[Callable[[Walk], None]] = [topics, settings, papers, mistakes]
    for language, chat in (("en", "Ada"), ("zh-CN", "小林")):
        with (
            tempfile.TemporaryDirectory() as site,
            playground(Path(site)) as url,
            browser() as driver,
        ):
            window = Window(driver, url)
            walk = Walk(driver, window, language)
            window.show(width=430, height=900)
            begin(walk, window, chat, language)
            for step in steps:
                step(walk)
            together(walk, window, chat=chat, language=language)
            leave(walk)
    taken = sorted(SCREENS.glob("*.png"))
    size = sum(picture.stat().st_size for picture in taken)
    sys.stdout.write(f"docs/screens: {len(taken)} pictures, {size:,} bytes\n")


if __name__ == "__main__":
    main()
