"""The bot's account at Telegram, as far as every command needs it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import InvalidToken, TelegramError

from bot.commands.outcome import CommandError
from bot.settings import Settings


def token_of(settings: Settings) -> str:
    """Return the token; raises CommandError where there is none."""
    if settings.telegram_bot_token is None:
        raise CommandError("TELEGRAM_BOT_TOKEN is not set; `paperboy playground` needs none")
    return settings.telegram_bot_token.get_secret_value()


@asynccontextmanager
async def telegram_errors(settings: Settings) -> AsyncIterator[None]:
    """Turn what Telegram refuses, or does not answer at all, into a CommandError."""
    try:
        yield
    except InvalidToken as error:
        raise CommandError(
            f"TELEGRAM_BOT_TOKEN: Telegram at {settings.telegram_api_url} does not know this token;"
            " BotFather shows the right one"
        ) from error
    except TelegramError as error:
        raise CommandError(
            f"Telegram does not answer at {settings.telegram_api_url}: {said(error)}"
        ) from error


def said(error: TelegramError) -> str:
    """Return what an error says, without the name of the library's class before it."""
    return re.sub(r"^httpx\.\w+: (?=.)", "", error.message)
