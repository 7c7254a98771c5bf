"""Sandbox: fake servers of Telegram, arXiv and their like on this computer, and the chat page."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.huggingface import FakeHuggingFace
from bot.playground.page.page import ChatPage, Control
from bot.playground.telegram.faults import flood
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import add_cast
from bot.playground.translator.stand_in import FakeLibreTranslate, TranslatorFault

ANNOUNCE = "announce"
"""The control that lets arXiv publish more."""

_FEEDS = Path(__file__).parent / "feeds"
_HELD_BACK = 12
_ANNOUNCED = 6
_TRANSLATION_SECONDS = 0.15
"""A translator that answers in no time would hide what waiting for one looks like."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where the outside world listens, and the page that shows it."""

    page: ChatPage
    page_url: str
    telegram_url: str
    token: str
    operator_id: int
    """Telegram's id of the person who runs the bot."""
    arxiv_url: str
    oai_url: str
    libretranslate_url: str
    code_links_url: str


@asynccontextmanager
async def outside_world(*, port: int = 0, feeds: Path | None = None) -> AsyncIterator[Box]:
    """Start the box on 127.0.0.1, the page on `port` (0: any), and stop it at the end.

    feeds: a folder of recorded Atom files in place of the shipped sample.

    Raises:
        OSError: the port is taken, or the feeds can't be read.

    """
    telegram = FakeTelegram()
    cast = add_cast(telegram.world)
    telegram.world.add_channel("Vision Lab News", [cast.ada])
    arxiv = FakeArxiv(
        feeds=feeds or _FEEDS,
        newest=datetime.now(UTC),
        hold_back=_HELD_BACK if feeds is None else 0,
    )
    famous = _recorded("famous.json")
    if feeds is None:
        arxiv.publish(famous["papers"])  # at their own dates: nobody's news, and there for who asks
    oai = FakeOai(arxiv)
    libre = FakeLibreTranslate(
        _recorded("translations.json") | famous["translations"],
        titles=_recorded("titles.json"),
        phrases=_recorded("phrases.json"),
        # As small models do. An error would say that the engine is ill, and the bot let it rest.
        unknown="echo",
        delay_seconds=_TRANSLATION_SECONDS,
    )
    hub = FakeHuggingFace(_recorded("code_links.json"))
    page = ChatPage(telegram)
    for control in _controls(telegram, arxiv, oai, libre):
        page.add_control(control)
    async with AsyncExitStack() as stack:
        urls = [await page.start(port)]
        stack.push_async_callback(page.stop)
        for server in (telegram, arxiv, oai, libre, hub):
            urls.append(await server.start())
            stack.push_async_callback(server.stop)
        page_url, telegram_url, *others = urls
        yield Box(page, page_url, telegram_url, telegram.token, cast.ada.id, *others)


def _recorded(name: str) -> Any:
    return json.loads((_FEEDS / name).read_text(encoding="utf-8"))


def _controls(
    telegram: FakeTelegram, arxiv: FakeArxiv, oai: FakeOai, libre: FakeLibreTranslate
) -> list[Control]:
    async def announce(pressed: bool) -> str | None:  # noqa: FBT001 - a control's signature
        del pressed
        released = arxiv.announce(_ANNOUNCED)
        return None if released else "There are no more papers in the sample."

    async def arxiv_down(on: bool) -> None:  # noqa: FBT001 - a control's signature
        arxiv.down = oai.down = on

    async def translator_down(on: bool) -> None:  # noqa: FBT001 - a control's signature
        libre.fault = TranslatorFault.DOWN if on else None

    async def slow_down(pressed: bool) -> None:  # noqa: FBT001 - a control's signature
        del pressed
        telegram.faults.next(flood(3), method="sendMessage")

    return [
        Control(
            ANNOUNCE,
            "Announce new papers",
            "arXiv publishes six more, and whoever follows their topics gets them at once",
            announce,
        ),
        Control("arxiv-down", "arXiv is down", "Every request gets 503", arxiv_down, value=False),
        Control(
            "translator-down",
            "The translator is down",
            "New abstracts come in English, with a note",
            translator_down,
            value=False,
        ),
        Control("flood", "Telegram says: slow down", "The next message gets 429", slow_down),
    ]
