"""Well-formed updates and answers: what the bot reads is of the types that Telegram describes.

The library believes whatever it is given, so that a text which is a number would fail somewhere in
a handler. Fields that nobody here reads are not looked at. https://core.telegram.org/bots/api
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Union

LARGEST_ID = 2**52
"""Ids have at most 52 significant bits, https://core.telegram.org/bots/api#chat."""

LARGEST_MESSAGE_ID = 2**31 - 1
"""Of a message, and of the one that began its thread: an `int` of four bytes to Telegram itself,
https://core.telegram.org/constructor/message, and to the database."""

LONGEST_TEXT = 4096
LATEST = 2**33
"""In 2242; moments are seconds since 1970."""


@dataclass(frozen=True)
class _Object:
    """An object with fields: those that it must have, and those that it may have."""

    required: Mapping[str, "_Kind"] = field(default_factory=dict)
    optional: Mapping[str, "_Kind"] = field(default_factory=dict)

    @cached_property
    def parts(self) -> Mapping[str, "_Kind"]:
        """All of them."""
        return {**self.required, **self.optional}


_Kind = Union[type, _Object, "_List"]


@dataclass(frozen=True)
class _List:
    """A list of objects, or of lists of them."""

    of: _Kind


_USER = _Object(
    {"id": int, "is_bot": bool, "first_name": str},
    {"last_name": str, "username": str, "language_code": str},
)
_CHAT = _Object({"id": int, "type": str}, {"title": str, "username": str, "first_name": str})
_ENTITIES = _List(
    _Object({"type": str, "offset": int, "length": int}, {"url": str, "language": str})
)
_BUTTON = _Object({"text": str}, {"callback_data": str, "url": str})
_KEYBOARD = _Object({"inline_keyboard": _List(_List(_BUTTON))})
_MESSAGE_PARTS: dict[str, _Kind] = {
    "from": _USER,
    "sender_chat": _CHAT,
    "message_thread_id": int,
    "is_topic_message": bool,
    "text": str,
    "entities": _ENTITIES,
    "caption": str,
    "caption_entities": _ENTITIES,
    "via_bot": _USER,
    "reply_markup": _KEYBOARD,
    "document": _Object(
        {"file_id": str, "file_unique_id": str},
        {"file_name": str, "mime_type": str, "file_size": int},
    ),
    "location": _Object({"latitude": float, "longitude": float}),
    "forward_origin": _Object(
        {"type": str, "date": int}, {"chat": _CHAT, "sender_chat": _CHAT, "sender_user": _USER}
    ),
    "new_chat_members": _List(_USER),
    "left_chat_member": _USER,
    "migrate_to_chat_id": int,
    "migrate_from_chat_id": int,
}
_MESSAGE_HEAD: dict[str, _Kind] = {"message_id": int, "date": int, "chat": _CHAT}
_ANSWERED = _Object(_MESSAGE_HEAD, _MESSAGE_PARTS)
_MESSAGE = _Object(_MESSAGE_HEAD, {**_MESSAGE_PARTS, "reply_to_message": _ANSWERED})
_MEMBER = _Object({"status": str, "user": _USER}, {"is_member": bool, "can_send_messages": bool})
_UPDATE = _Object(
    {"update_id": int},
    {
        "message": _MESSAGE,
        "edited_message": _MESSAGE,
        "callback_query": _Object(
            {"id": str, "from": _USER}, {"message": _MESSAGE, "data": str, "chat_instance": str}
        ),
        "inline_query": _Object(
            {"id": str, "from": _USER, "query": str, "offset": str}, {"chat_type": str}
        ),
        "my_chat_member": _Object(
            {
                "chat": _CHAT,
                "from": _USER,
                "date": int,
                "old_chat_member": _MEMBER,
                "new_chat_member": _MEMBER,
            }
        ),
    },
)
_SENT = _Object(_MESSAGE_HEAD, {"message_thread_id": int, "is_topic_message": bool})
_ANSWERS: dict[str, _Kind] = {
    # A bot has a name, by which commands are told from those of other bots.
    "getMe": _Object(
        {**_USER.required, "username": str},
        {**_USER.optional, "can_read_all_group_messages": bool},
    ),
    "getFile": _Object(
        {"file_id": str, "file_unique_id": str}, {"file_path": str, "file_size": int}
    ),
    "getChat": _CHAT,
    "getChatAdministrators": _List(_Object({"user": _USER})),
    "getWebhookInfo": _Object(
        {"url": str, "has_custom_certificate": bool, "pending_update_count": int},
        {"last_error_date": int, "last_error_message": str},
    ),
    **dict.fromkeys(("sendMessage", "sendRichMessage", "sendDocument", "sendPhoto"), _SENT),
    **dict.fromkeys(("editMessageText", "editMessageCaption", "editMessageReplyMarkup"), _SENT),
}


def read_answer(method: str, result: Any) -> Any:
    """Return of what a method returned the fields that somebody here reads.

    The library makes objects of all others as well, and fails over any that is odd.

    Raises:
        ValueError: a field is not as Telegram describes it; its name alone is told.

    """
    # What was sent by inline mode is edited without any message.
    if method not in _ANSWERS or (result is True and method.startswith("edit")):
        return result
    if (mistake := _mistake(result, _ANSWERS[method], method)) is not None:
        raise ValueError(mistake)
    return _read(result, _ANSWERS[method])


def _read(value: Any, kind: _Kind) -> Any:
    """Return a value without what its kind does not have."""
    if isinstance(kind, _List):
        return [_read(one, kind.of) for one in value]
    if not isinstance(kind, _Object):
        return value
    return {name: _read(value[name], part) for name, part in kind.parts.items() if name in value}


def mistake_in(update: Mapping[str, Any]) -> str | None:
    """Return which field of an update is not as Telegram describes it; None where all are."""
    if not _UPDATE.optional.keys() & update.keys():
        return "its type"  # nobody asked for such
    return _mistake(update, _UPDATE, "update")


def _mistake(value: Any, kind: _Kind, name: str) -> str | None:
    if isinstance(kind, _Object):
        return _mistake_in_object(value, kind, name)
    if isinstance(kind, _List):
        if not isinstance(value, list):
            return name
        return next(filter(None, (_mistake(one, kind.of, name) for one in value)), None)
    return None if _is_sound(value, kind, name) else name


def _mistake_in_object(value: Any, kind: _Object, name: str) -> str | None:
    if not isinstance(value, Mapping):
        return name
    for part, wanted in kind.required.items():
        if part not in value:
            return f"{name}.{part}"
        if (found := _mistake(value[part], wanted, f"{name}.{part}")) is not None:
            return found
    for part, wanted in kind.optional.items():
        if part in value and (found := _mistake(value[part], wanted, f"{name}.{part}")) is not None:
            return found
    return None


def _is_sound(value: Any, kind: type, name: str) -> bool:
    if kind is bool or isinstance(value, bool):
        return isinstance(value, bool) and kind is bool
    if kind is str:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT and _is_text(value)
    if kind is float:
        return isinstance(value, int | float) and abs(value) <= LARGEST_ID
    if name.endswith(("date", "offset", "length")):
        return isinstance(value, int) and 0 <= value < LATEST
    if name.endswith((".message_id", ".message_thread_id")):
        return is_id(value) and 0 <= value <= LARGEST_MESSAGE_ID
    return is_id(value)


def is_id(value: object) -> bool:
    """Tell whether something is a whole number that an id can be."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_ID


def _is_text(value: str) -> bool:
    """Tell what can be written down from halves of characters and from NUL."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
