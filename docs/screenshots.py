#!/usr/bin/env python3
"""Take the pictures in docs/images: start the playground and walk through it in Chromium.

`make screenshots` runs it. It needs Debian's chromium, chromium-driver and fonts-noto-cjk.
"""

import base64
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from bot.i18n import Texts, negotiate, texts
from bot.query.presets import PRESETS
from bot.translation.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000
"""Bytes a picture: they are part of every clone."""

PATIENCE_SECONDS = 60
STILL_SECONDS = 0.8
"""Longer than the page's animations."""

FLAGS = (
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "disable-lcd-text",
    "disable-quic",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "hide-scrollbars",
    "no-first-run",
    "lang=en-GB",
)

DECODE = """
const [png, done] = arguments;
const bytes = Uint8Array.from(atob(png), letter => letter.charCodeAt(0));
createImageBitmap(new Blob([bytes], {type: "image/png"})).then(image => {
  const {width, height} = image, canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const rgb = canvas.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 < 3);
  let text = "";
  for (const byte of rgb) text += String.fromCharCode(byte);
  done([width, height, btoa(text)]);
});
"""
OPEN = """
return (async () => {
  const [title] = arguments;
  const { openChat } = await import("/page/conversation.js");
  const { world } = await import("/page/world.js");
  openChat([...world.chats.values()].find((chat) => chat.title === title).id);
})();
"""

DOWNLOAD = """
const [link, done] = arguments;
fetch(link.href).then(answer => answer.text()).then(done);
"""


_COLOURS = 256
_ALIKE = 90
"""Squared distance of two colours that nobody tells apart beside each other."""

Colour = tuple[int, int, int]


class Window:
    """A browser in front of the playground."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self._driver = driver
        self._wait = WebDriverWait(
            driver, PATIENCE_SECONDS, ignored_exceptions=[StaleElementReferenceException]
        )
        driver.get(url)
        self.find("body[data-connected=true]")

    def find(self, selector: str, text: str = "") -> WebElement:
        """Wait for a visible element that holds a text; of several return the last."""

        def look(driver: webdriver.Chrome) -> WebElement | Literal[False]:
            found = driver.find_elements(By.CSS_SELECTOR, selector)
            fitting = [one for one in found if one.is_displayed() and text in one.text]
            return fitting[-1] if fitting else False

        return self._wait.until(look, f"nothing on the page is {selector} with {text!r}")

    def click(self, selector: str, text: str = "") -> None:
        """Click what `find` finds."""
        element = self.find(selector, text)
        self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        time.sleep(STILL_SECONDS / 2)
        self.find(selector, text).click()

    def tap(self, text: str) -> None:
        """Tap the newest button under a message that has this text."""
        self.click("button.inline-button", text)

    def say(self, text: str) -> None:
        """Write a message and send it."""
        self.find("#composer").send_keys(text)
        self.click("#send")

    def open(self, title: str) -> None:
        """Open a chat by its title in the list."""
        self.click("[data-chat-id]", title)

    def choose(self, title: str) -> None:
        """Open a chat in a window that is too narrow for the list."""
        self._driver.execute_script(OPEN, title)

    def visit(self, url: str) -> None:
        """Open another address."""
        self._driver.get(url)

    def file(self, selector: str, text: str) -> str:
        """Return the text of the file that a link which `find` finds leads to."""
        return str(self._driver.execute_async_script(DOWNLOAD, self.find(selector, text)))

    def scroll_down(self) -> None:
        """Show the end of the conversation."""
        self._driver.execute_script(
            "const log = document.getElementById('log'); log.scrollTop = log.scrollHeight"
        )

    def press(self, key: str) -> None:
        """Press a key wherever the focus is."""
        self._driver.switch_to.active_element.send_keys(key)

    def show(self, *, width: int, height: int, dark: bool = False, density: float = 1) -> None:
        """Become a window of this size; `density` is how many pixels of the picture are one."""
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=density,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", media="", features=[scheme])
        time.sleep(STILL_SECONDS)

    def scroll_to(self, selector: str, text: str, *, gap: int = 14) -> None:
        """Put the newest message with this text at the top of the conversation."""
        self._driver.execute_script(
            "const log = document.getElementById('log');"
            "log.scrollTop += arguments[0].getBoundingClientRect().top"
            " - log.getBoundingClientRect().top - arguments[1]",
            self.find(selector, text),
            gap,
        )
        time.sleep(STILL_SECONDS)

    def save(self, name: str, *, blur: bool = True) -> None:
        """Write the picture to docs/images, once nothing moves or pops up any more."""
        self._wait.until_not(lambda driver: driver.find_element(By.ID, "toast").is_displayed())
        time.sleep(STILL_SECONDS)
        if blur:
            self._driver.execute_script("document.activeElement.blur()")
        self._command("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        shot = self._command("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        picture = self._packed(shot["data"])
        if len(picture) > LARGEST:
            sys.exit(f"{name}: {len(picture):,} bytes are more than {LARGEST:,}")
        (IMAGES / name).write_bytes(picture)
        sys.stdout.write(f"docs/images/{name}: {len(picture):,} bytes\n")

    def _packed(self, png: str) -> bytes:
        """Return a base64 PNG with fewer bytes."""
        width, height, pixels = self._driver.execute_async_script(DECODE, png)
        return with_palette(width, height, base64.b64decode(pixels))

    def _command(self, command: str, **arguments: object) -> dict[str, str]:
        answer: dict[str, str] = self._driver.execute_cdp_cmd(command, arguments)
        return answer


def with_palette(width: int, height: int, rgb: bytes) -> bytes:
    """Return a picture of three bytes a pixel as a file with a palette: half of the bytes.

    Flat surfaces and text pack best without the filters that browsers put before packing.
    """
    pixels = list(zip(rgb[::3], rgb[1::3], rgb[2::3], strict=True))
    often = Counter(pixels)
    palette = _palette(often)
    number = {colour: _nearest(colour, palette) for colour in often}
    rows = (pixels[start : start + width] for start in range(0, len(pixels), width))
    packed = zlib.compress(b"".join(b"\0" + bytes(number[one] for one in row) for row in rows), 9)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(map(bytes, palette))),
        (b"IDAT", packed),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def _palette(often: Counter[Colour]) -> list[Colour]:
    """Return the colours that are there most, of those that look alike one."""
    chosen: list[Colour] = []
    for colour, _times in often.most_common():
        if all(_distance(colour, other) > _ALIKE for other in chosen):
            chosen.append(colour)
        if len(chosen) == _COLOURS:
            break
    return chosen


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    return min(range(len(palette)), key=lambda number: _distance(colour, palette[number]))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


@contextmanager
def playground(folder: Path) -> Iterator[str]:
    """Start the playground on any free port, its files in a folder, and give its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "playground", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout or ():
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                return
        sys.exit("the playground did not start")
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """Start Debian's Chromium without a screen."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        sys.exit("Pictures need a browser: apt install chromium chromium-driver fonts-noto-cjk")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    try:
        yield driver
    finally:
        driver.quit()


def meet(window: Window, chat: str, language: str) -> Texts:
    """Let somebody start the bot and choose a language; return the wording they now see."""
    window.open(chat)
    window.click("#start")
    window.tap(LANGUAGES[language].name)
    return texts(negotiate(language))


def follow(window: Window, _: Texts, *keys: str) -> None:
    """Follow ready-made topics, from a message that offers them."""
    for number, key in enumerate(keys):
        if number:
            window.tap(_.plain("➕ Another topic"))
        window.tap(next(topic.label(_) for topic in PRESETS if topic.key == key))
        window.tap(_.plain("✅ Follow"))
        window.find("button.inline-button", _.plain("➕ Another topic"))


def digest_page(window: Window, _: Texts, folder: Path) -> None:
    """Show the digest as a page, on a computer and on a phone, where a topic was followed."""
    window.say("/digest")
    window.tap(_.plain("📱 As a page"))
    page = folder / "digest.html"
    page.write_text(window.file("a.document", ".html"), encoding="utf-8")
    window.show(width=1000, height=620)
    window.visit(page.as_uri())
    window.save("digest-page.png")
    window.show(width=390, height=760, dark=True)
    window.save("digest-page-phone.png")


def morning(window: Window, chat: str, name: str) -> None:
    """Show the newest push of somebody, sharp."""
    window.show(width=430, height=640, density=2)
    window.choose(chat)
    window.scroll_to(".message", "☀️")
    window.save(name)


def published(folder: Path) -> Path:
    """Publish the site of what is followed in the playground; return its page."""
    (database,) = folder.glob("paperboy-playground-*/paperboy.db")
    settings = {
        "DATABASE_URL": f"sqlite:///{database}",
        "PUBLISH_DIR": str(folder / "site"),
        # What nobody has translated yet stays as it is.
        "TRANSLATORS": "libre",
        "LIBRETRANSLATE_URL": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "bot", "publish", "--language", "zh-CN"]
    subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, env=os.environ | settings, check=True, timeout=600
    )
    return folder / "site" / "index.html"


def everyday(window: Window) -> None:
    """Show what a reader has from day to day: a topic, a paper, and papers in any chat."""
    window.show(width=390, height=680)
    window.choose("Ada")
    window.tap(LANGUAGES["en"].name)
    _ = texts("en")
    follow(window, _, "nerf")
    window.tap(_.plain("📬 Send them now"))
    window.find(".message .quote")
    morning(window, "Ada", "morning-en.png")
    window.show(width=390, height=680)
    window.say("/topics")
    window.tap(next(topic.label(_) for topic in PRESETS if topic.key == "nerf"))
    window.find("button.inline-button", _.plain("🔗 Share"))
    window.scroll_down()
    window.save("topic.png")

    window.say("/search transformer")
    window.tap("1")
    window.find("button.inline-button", "📋 BibTeX")
    window.scroll_down()
    window.save("paper.png")

    window.choose("Vision Lab")
    window.find("#composer").send_keys("@paperboy_playground_bot splatting")
    window.find("#offers li")
    window.save("inline.png", blur=False)


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        playground(Path(folder)) as url,
        browser() as driver,
    ):
        window = Window(driver, url)
        window.show(width=1240, height=600)
        window.open("Ada")
        window.click("#start")
        window.find("button.inline-button")
        window.save("controls.png")

        window.show(width=1040, height=790)
        _ = meet(window, "Marta", "es")
        follow(window, _, "llm")
        window.tap(_.plain("📬 Send them now"))
        window.find(".message .quote")

        _ = meet(window, "小林", "zh-CN")
        follow(window, _, "gaussians", "nerf")
        window.tap(_.plain("📬 Send them now"))
        window.find(".message .quote")
        window.scroll_to(".message", "✅")
        window.save("playground.png")
        morning(window, "小林", "morning-zh.png")
        window.show(width=1040, height=790)

        window.tap(_.plain("➕ Another topic"))
        follow(window, _, "multimodal", "generative", "llm")
        window.show(width=1220, height=560)
        window.say("/digest")
        window.click(".document")
        window.find("#viewer-content td")
        window.save("digest.png")

        window.press(Keys.ESCAPE)
        window.show(width=390, height=760, dark=True)
        window.save("phone.png")

        everyday(window)

        window.show(width=1040, height=790)
        window.choose("小林")
        digest_page(window, texts("zh_CN"), Path(folder))

        page = published(Path(folder))
        window.show(width=1000, height=640)
        driver.get(page.as_uri())
        window.save("site.png")


if __name__ == "__main__":
    main()
