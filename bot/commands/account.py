"""The bot's account at Telegram, as far as every command needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import InvalidToken, TelegramError

from bot.commands.outcome import CommandError
from bot.settings import Settings

__all__ = ["telegram_errors", "token_of"]


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
            "TELEGRAM_BOT_TOKEN: Telegram does not know this token; BotFather shows the right one"
        ) from error
    except TelegramError as error:
        raise CommandError(
            f"Telegram does not answer at {settings.telegram_api_url}: {error}"
        ) from error
