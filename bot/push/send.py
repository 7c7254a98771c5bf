"""Send one message to Telegram; its answer is sent, later, unreachable, moved or refused."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from typing import Any

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from bot.render.push_message import PushMessage
from bot.telegram.http_transport import NeverSentError, post_json
from bot.telegram.rate_limiter import Priority, retry_after_seconds
from bot.telegram.raw_answers import raw_answer
from storage.chats import Recipient

_log = structlog.get_logger(__name__)

_MALFORMED = (
    "can't parse entities",
    "message is too long",
    "message_too_long",
    "message text is empty",
    "text must be non-empty",
    "entities_too_long",
    "entity_bounds_invalid",
    "must be encoded in utf-8",
)
_GONE = (
    "chat not found",
    "have no rights",
    "not enough rights",
    "need administrator rights",
    "chat_admin_required",
    "chat_restricted",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "user not found",
    "user_is_blocked",
    "input_user_deactivated",
    "peer_id_invalid",
    "group chat was deactivated",
    "group chat was upgraded",  # without the new id, which comes with an update
)
_BUTTONS = 8_000
"""Buttons whose JSON is kept: many chats get those of the same papers."""
_LONGEST = 2000
"""Telegram counts 4,096 UTF-16 units: so many characters hold, whatever they are."""


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
    unsent: bool = False
    """It surely did not arrive; else nobody knows."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The chat can't be reached until somebody there does something."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotRich:
    """Telegram does not take the message in its rich form."""

    reason: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group became a supergroup: everything belongs to the new id."""

    new_telegram_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never take this message."""

    reason: str


Outcome = Sent | Later | Unreachable | Migrated | NotRich | Refused


async def send(
    bot: ExtBot[Priority], chat: Recipient, message: PushMessage, *, silent: bool = False
) -> Outcome:
    """Send one message of a push, at the pace of pushes; `silent` without a sound.

    After a time-out nobody knows whether the message arrived. What is owed papers counts it as not
    arrived: a paper twice is a nuisance, a paper never is a loss.
    """
    if message.rich is not None:
        return await _send_rich(bot, chat, message.rich, silent=silent, keyboard=message.keyboard)
    if message.photo is not None:
        shown = await _send_photo(bot, chat, message, message.photo, silent=silent)
        if shown is not None:
            return shown
    try:
        return await _send(
            bot, chat, message.html, ParseMode.HTML, silent=silent, keyboard=message.keyboard
        )
    except TelegramError as error:
        if not _says(error, _MALFORMED):
            return _failure(error)
        _log.error("message refused for its form", chat=chat.id, error=error.message)
    outcome: Outcome = Refused("nothing to send")
    try:
        for text in _plain(message.html):
            outcome = await _send(bot, chat, text, None, silent=silent)
    except TelegramError as error:
        failure = _failure(error)
        # The pages before it did.
        return replace(failure, unsent=False) if isinstance(failure, Later) else failure
    return outcome


async def probe(bot: ExtBot[Priority]) -> Later | None:
    """Ask Telegram something harmless; None where it answers.

    Whoever is about to send a message again that may have arrived knocks first: while Telegram is
    out of order the message is not repeated again and again.
    """
    try:
        # The library's own method would believe whatever it says of who the bot is.
        await raw_answer(bot, "getMe", {})
    except TelegramError as error:
        after = retry_after_seconds(error) if isinstance(error, RetryAfter) else None
        return Later(error.message, after, unsent=True)
    return None


async def _send(
    bot: ExtBot[Priority],
    chat: Recipient,
    text: str,
    parse_mode: ParseMode | None,
    *,
    silent: bool,
    keyboard: InlineKeyboardMarkup | None = None,
) -> Sent:
    data: dict[str, Any] = {
        "chat_id": chat.telegram_id,
        "text": text,
        "disable_notification": silent,
        "link_preview_options": {"is_disabled": not chat.shows_previews},
    }
    if parse_mode is not None:
        data["parse_mode"] = parse_mode
    if chat.thread_id:
        data["message_thread_id"] = chat.thread_id
    if keyboard is not None:
        data["reply_markup"] = {
            "inline_keyboard": [[_as_json(one) for one in row] for row in keyboard.inline_keyboard]
        }
    answer = await _post(bot, "sendMessage", data)
    return Sent(int(answer["message_id"]))


async def _post(bot: ExtBot[Priority], endpoint: str, data: dict[str, Any]) -> Any:
    """Call a method of the Bot API past the library's objects, and not past the rate limiter.

    To make them of what is sent and of what comes back costs as much as the request itself.
    """

    async def post() -> Any:
        return await post_json(bot.request, f"{bot.base_url}/{endpoint}", data)

    if bot.rate_limiter is None:
        return await post()
    return await bot.rate_limiter.process_request(post, (), {}, endpoint, data, Priority.PUSH)


@lru_cache(maxsize=_BUTTONS)
def _as_json(button: InlineKeyboardButton) -> dict[str, Any]:
    return button.to_dict()


async def _send_photo(
    bot: ExtBot[Priority], chat: Recipient, message: PushMessage, photo: bytes, *, silent: bool
) -> Outcome | None:
    """Send a picture with its caption; None where Telegram, or the group, takes no picture."""
    try:
        sent = await bot.send_photo(
            chat.telegram_id,
            photo,
            caption=message.html,
            parse_mode=ParseMode.HTML,
            message_thread_id=chat.thread_id or None,
            disable_notification=silent,
            reply_markup=message.keyboard,
            rate_limit_args=Priority.PUSH,
        )
    except BadRequest as error:
        _log.warning("picture refused", chat=chat.id, error=error.message)
        return None
    except TelegramError as error:
        return _failure(error)
    return Sent(sent.message_id)


async def _send_rich(
    bot: ExtBot[Priority],
    chat: Recipient,
    rich: str,
    *,
    silent: bool,
    keyboard: InlineKeyboardMarkup | None,
) -> Outcome:
    content = {"html": rich, "skip_entity_detection": True}
    more: dict[str, object] = {"message_thread_id": chat.thread_id} if chat.thread_id else {}
    if keyboard is not None:
        more["reply_markup"] = keyboard.to_dict()
    try:
        answer = await bot.do_api_request(
            "sendRichMessage",
            api_kwargs={
                "chat_id": chat.telegram_id,
                "rich_message": content,
                "disable_notification": silent,
                **more,
            },
            rate_limit_args=Priority.PUSH,
        )
    except EndPointNotFound:
        _log.info("this server of Telegram's knows no rich messages", chat=chat.id)
        return NotRich("unknown to this server")
    except TelegramError as error:
        outcome = _failure(error)
        if not isinstance(outcome, Refused):
            return outcome
        _log.warning("rich message refused", chat=chat.id, error=error.message)
        return NotRich(error.message)
    return Sent(int(answer["message_id"]))


def _failure(error: TelegramError) -> Outcome:
    # BadRequest and TimedOut are NetworkErrors to this library, so the order matters.
    match error:
        case TelegramError(__cause__=TelegramError()):
            # A proxy, or a hotel's login page: not Telegram's word about the chat or the message.
            return Later("an answer that is not Telegram's")
        case Forbidden():
            return Unreachable(error.message)
        case ChatMigrated():
            return Migrated(error.new_chat_id)
        case RetryAfter():
            return Later(error.message, retry_after_seconds(error), unsent=True)
        case BadRequest():
            return Unreachable(error.message) if _says(error, _GONE) else Refused(error.message)
        case _:
            # A time-out, 5xx, a broken connection, another copy, a token that is found invalid
            # where somebody else answers, too: no fault of the message.
            return Later(
                "no answer in time" if isinstance(error, TimedOut) else error.message,
                unsent=isinstance(error, (Conflict, InvalidToken))
                or isinstance(error.__cause__, NeverSentError),
            )


def _says(error: TelegramError, texts: tuple[str, ...]) -> bool:
    message = error.message.lower()
    return isinstance(error, BadRequest) and any(text in message for text in texts)


def _plain(html: str) -> list[str]:
    """Return the text with its links written out, in as many messages as it takes."""
    linked = re.sub(r'<a href="([^"]*)">(.*?)</a>', r"\2 (\1)", html, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]*>", "", linked))
    pages = [""]
    for line in text.split("\n"):
        for start in range(0, len(line) or 1, _LONGEST):
            part = line[start : start + _LONGEST]
            if len(pages[-1]) + len(part) >= _LONGEST:
                pages.append("")
            pages[-1] += f"{part}\n"
    return [page.strip() for page in pages if page.strip()]
