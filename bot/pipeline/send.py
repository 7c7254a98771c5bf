"""Hand one message of a push to Telegram, and say what became of it."""

import re
from dataclasses import dataclass
from html import unescape

import structlog
from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from bot.pace import Pace
from storage.models import Chat

__all__ = ["Later", "Migrated", "Outcome", "Refused", "Sent", "Unreachable", "send"]

_log = structlog.get_logger(__name__)

_MALFORMED = ("can't parse entities", "message is too long", "message text is empty")
_GONE = (
    "chat not found",
    "have no rights",
    "not enough rights",
    "need administrator rights",
    "chat_write_forbidden",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram accepted it."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing is wrong with message or chat: try again."""

    reason: str
    after_seconds: float | None = None
    """Telegram's own word; None: ours to choose."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The chat can't be reached until somebody there does something."""

    reason: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group became a supergroup: everything belongs to the new id."""

    new_telegram_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never take this message."""

    reason: str


Outcome = Sent | Later | Unreachable | Migrated | Refused


async def send(
    bot: ExtBot[Pace], chat: Chat, html: str, *, keyboard: InlineKeyboardMarkup | None = None
) -> Outcome:
    """Send one message of a push, at the pace of pushes.

    After a time-out nobody knows whether the message arrived. It is counted as not arrived: a
    paper twice is a nuisance, a paper never is a loss.
    """
    try:
        return await _send(bot, chat, html, keyboard, ParseMode.HTML)
    except BadRequest as error:
        if not _says(error, _MALFORMED):
            return _refusal(error)
        _log.error("message refused for its form", chat=chat.id, error=error.message)
    except TelegramError as error:
        return _failure(error)
    try:
        return await _send(bot, chat, _plain(html), keyboard, None)
    except BadRequest as error:
        return _refusal(error)
    except TelegramError as error:
        return _failure(error)


async def _send(
    bot: ExtBot[Pace],
    chat: Chat,
    text: str,
    keyboard: InlineKeyboardMarkup | None,
    parse_mode: ParseMode | None,
) -> Sent:
    message = await bot.send_message(
        chat.telegram_id,
        text,
        parse_mode=parse_mode,
        message_thread_id=chat.thread_id or None,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=keyboard,
        rate_limit_args=Pace.PUSH,
    )
    return Sent(message.message_id)


def _failure(error: TelegramError) -> Outcome:
    # BadRequest and TimedOut are NetworkErrors to this library, so the order matters.
    match error:
        case Forbidden():
            return Unreachable(error.message)
        case ChatMigrated():
            return Migrated(error.new_chat_id)
        case RetryAfter():
            after = error.retry_after
            seconds = after if isinstance(after, int) else after.total_seconds()
            return Later(error.message, float(seconds))
        case TimedOut():
            return Later("no answer in time")
        case NetworkError() | InvalidToken():
            # A token is found invalid where somebody else answers, too: no fault of the message.
            return Later(error.message)
        case _:
            return Refused(error.message)


def _refusal(error: BadRequest) -> Outcome:
    return Unreachable(error.message) if _says(error, _GONE) else Refused(error.message)


def _says(error: BadRequest, texts: tuple[str, ...]) -> bool:
    message = error.message.lower()
    return any(text in message for text in texts)


def _plain(html: str) -> str:
    text = unescape(re.sub(r"<[^>]*>", "", html))
    # Telegram counts UTF-16 units: half of its limit holds whatever the characters are.
    return text[:2000]
