"""Fields of an update that its way through the intake goes by."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from telegram import Update

from bot.conversation.user_limits import whose
from bot.http.client import json_of

LARGEST_NUMBER = 2_000_000_000
"""Of an update. One that is larger is not Telegram's, and who asked for updates from there on would
hear of none: https://github.com/tdlib/td/blob/master/tddb/td/db/TQueue.h (MAX_ID)."""

Fields = Mapping[str, Any]


def number_of(found: object) -> int | None:
    """Return the number of an update in JSON; None: it is none, or has none that can be kept."""
    number = found.get("update_id") if isinstance(found, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number <= LARGEST_NUMBER else None


def keys_of(update: Update) -> tuple[int, ...]:
    """Return the chat and the person that an update is of, once where both are one."""
    chat, sender = update.effective_chat, whose(update)
    found = [chat.id] if chat else []
    if sender is not None and sender not in found:
        found.append(sender)
    return tuple(found) or (0,)


def stored(body: str) -> Fields:
    """Return an update of the inbox; nothing where it is none, whoever wrote it there."""
    with suppress(ValueError):
        fields = json_of(body.encode(errors="surrogatepass"))
        if isinstance(fields, dict):
            return fields
    return {}


def type_of(fields: Fields) -> str:
    """Return which of Telegram's types of updates it is."""
    return next((name for name in fields if name in Update.ALL_TYPES), "unknown")


def kind_of(update: Update) -> str:
    """Return what kind an update is; what people made up is `other`."""
    if update.callback_query:
        return "tap"
    words = update.message.text if update.message else None
    if not words:
        return "other"
    return "command" if words.startswith("/") else "words"
