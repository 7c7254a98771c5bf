"""`paperboy playground`: the bot in a world of its own, and a chat page in the browser."""

import asyncio
import errno
import os
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import log
from bot.arxiv.transport import SourceError
from bot.commands.errors import CommandError, telegram_errors
from bot.commands.run import stop_signal
from bot.container import Container, open_container, telegram_bot
from bot.playground.box import ANNOUNCE, Box, outside_world
from bot.playground.page.page import Control
from bot.push.worker import Pusher
from bot.runtime.serve import serve
from bot.settings.model import Settings
from bot.settings.secrets import secrets_in
from bot.sweep import sweep
from storage import outbox

PORT = 8765
MORNING = "Make it morning"

_TAKEN = (
    "default_language",
    "default_timezone",
    "default_push_time",
    "log_level",
    "log_format",
)
"""The settings that hold in the playground too; every other one has its default there."""

_TAKEN_LIVE = (
    "arxiv_api_url",
    "arxiv_oai_url",
    "arxiv_api_key",
    "arxiv_delay_seconds",
    "sweep_schedule",
    "code_links_url",
    "translators",
    "libretranslate_url",
    "libretranslate_api_key",
    "microsoft_api_key",
    "microsoft_region",
    "deepl_api_key",
    "deepl_api_url",
    "llm_api_url",
    "llm_api_key",
    "llm_model",
    "llm_concurrency",
    "llm_prompt",
    "llm_summary",
)
"""And these with --live, which asks the real arXiv and the real engines."""


async def playground(
    settings: Settings, *, port: int | None, feeds: Path | None, live: bool
) -> None:
    """Run the bot in the playground: the outside world in a box, and a chat page."""
    folder = Path(tempfile.mkdtemp(prefix="paperboy-playground-"))
    try:
        async with _box(port, feeds) as box:
            inside = boxed(settings, box, folder, live=live)
            log.configure(
                level=inside.log_level, style=inside.log_format, secrets=secrets_in(inside)
            )
            print(_greeting(settings, box.page_url), flush=True)
            _open_browser(box.page_url)
            async with open_container(inside) as opened, telegram_errors(inside):
                bot = telegram_bot(inside, token=box.token)
                wake = morning(opened, opened.pusher(bot))
                box.page.controls[:] = [_led_on(one, wake) for one in box.page.controls]
                box.page.add_control(wake)
                await serve(opened, bot, stop=stop_signal())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _greeting(settings: Settings, url: str) -> str:
    why = (
        ""
        if settings.telegram_bot_token is not None
        else "\n  No TELEGRAM_BOT_TOKEN is set, so this is a world to try Paperboy in: nothing is"
        "\n  sent to Telegram. For the real one, get a token from @BotFather, put it into .env"
        "\n  (cp .env.example .env), and run this again.\n"
    )
    return f"\n  Paperboy's playground: {url}\n{why}  Ctrl+C ends it.\n"


def boxed(settings: Settings, box: Box, folder: Path, *, live: bool) -> Settings:
    """Return the settings of a bot in the box, open to everybody in it.

    Of those that are set it takes only what is named here: the production bot's folders, ports and
    addresses are none of its business, whatever settings there will be.
    """
    named = (*_TAKEN, *(_TAKEN_LIVE if live else ()))
    inside: dict[str, Any] = {name: getattr(settings, name) for name in named}
    inside |= {
        "telegram_bot_token": SecretStr(box.token),
        "telegram_api_url": box.telegram_url,
        "database_url": SecretStr(f"sqlite:///{folder / 'paperboy.db'}"),
        # Ada runs it, so that /admin and what only operators see can be tried.
        "admins": frozenset({box.operator_id}),
    }
    if not live:
        inside |= {
            "sweep_schedule": "* * * * *",
            "arxiv_api_url": box.arxiv_url,
            "arxiv_oai_url": box.oai_url,
            "arxiv_delay_seconds": 0.5,
            "code_links_url": box.code_links_url,
            "translators": ("libre",),
            "libretranslate_url": box.libretranslate_url,
        }
    elif settings.oai_url is None:
        # Which addresses were set apart tells whether arXiv's OAI-PMH may be asked.
        del inside["arxiv_oai_url"]
    # Not `Settings(...)`, which would read the environment again.
    return Settings.model_construct(**inside)


def morning(opened: Container, pusher: Pusher) -> Control:
    """Return the button for people who would not wait until nine o'clock."""

    async def wake_up(pressed: bool) -> str | None:  # noqa: FBT001 - a control's signature
        del pressed
        try:
            await sweep.sweep(database=opened.database, source=opened.source, oai=opened.oai)
        except SourceError:
            return "arXiv does not answer, so there is nothing new."
        async with opened.database.reading() as session:
            waiting = await outbox.chats_with_pending(session=session)
        sent = 0
        for chat in waiting:
            sent += (await pusher.push_chat(chat.id, limit=chat.papers_per_push)).sent
        if sent:
            return None
        return "Nobody is owed a paper: follow a topic first, or announce new papers."

    return Control(
        "morning",
        MORNING,
        "The bot looks at arXiv, and every chat gets its push at once",
        wake_up,
    )


def _led_on(control: Control, wake: Control) -> Control:
    """Let what arXiv announces come to whoever follows it at once."""
    if control.name != ANNOUNCE:
        return control

    async def announce(pressed: bool) -> str | None:  # noqa: FBT001 - a control's signature
        return await control.handler(pressed) or await wake.handler(pressed)

    return replace(control, handler=announce)


@asynccontextmanager
async def _box(port: int | None, feeds: Path | None) -> AsyncIterator[Box]:
    """Start the box on the wished port; where none was wished, on another if that one is taken."""
    if feeds is not None and not await asyncio.to_thread(_has_recordings, feeds):
        raise CommandError(f"--feeds: {feeds} is no folder with recorded Atom files, *.xml")
    async with AsyncExitStack() as stack:
        try:
            box = await stack.enter_async_context(
                outside_world(port=PORT if port is None else port, feeds=feeds)
            )
        except OSError as error:
            if port is None and error.errno == errno.EADDRINUSE:
                box = await stack.enter_async_context(outside_world(feeds=feeds))
            else:
                raise CommandError(_why_not(error, port)) from error
        yield box


def _has_recordings(feeds: Path) -> bool:
    return feeds.is_dir() and any(feeds.glob("*.xml"))


def _why_not(error: OSError, port: int | None) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; --port 0 finds a free one"
    if error.errno == errno.EACCES and port is not None:
        return f"port {port} needs more rights; those from 1024 on need none"
    return f"the playground can't start: {error}"


def _open_browser(url: str) -> None:
    # Only where there is a screen: on a server this would start a browser in the terminal.
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)
