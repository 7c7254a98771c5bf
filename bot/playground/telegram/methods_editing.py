"""The methods that change what a chat already shows, and that answer a tap on it."""

from typing import Any, Final

from bot.playground.telegram.access import message_named, readable_chat, writable_chat
from bot.playground.telegram.account import TAP_SECONDS, Account
from bot.playground.telegram.entities import FormattedText, utf16_length
from bot.playground.telegram.keyboards import reply_markup
from bot.playground.telegram.limits import (
    ANSWER_LENGTH,
    CAPTION_LENGTH,
    TEXT_LENGTH,
    check_rich_message,
    text_of,
)
from bot.playground.telegram.method import Method, method
from bot.playground.telegram.methods_sending import rich_text
from bot.playground.telegram.objects import message_object
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Chat, ChatKind, Event, Json, Message

_EDIT: Final = "chat_id message_id business_connection_id inline_message_id reply_markup"
_DELETABLE_SECONDS: Final = 48 * 3600
_DELETED_AT_ONCE: Final = 100


def _edit_message_text(account: Account, call: ApiCall) -> Json:
    message = _own(account, call)
    if message.file is not None or message.service is not None:
        raise Refusal(400, "Bad Request: there is no text in the message to edit")
    if "rich_message" in call.params:
        content = check_rich_message(call.params["rich_message"])
        return _change(account, call, message, FormattedText(rich_text(content)), content)
    text = text_of(call, "text", "entities", TEXT_LENGTH)
    return _change(account, call, message, text, None)


def _edit_message_caption(account: Account, call: ApiCall) -> Json:
    message = _own(account, call)
    if message.file is None:
        raise Refusal(400, "Bad Request: there is no caption in the message to edit")
    caption = text_of(call, "caption", "caption_entities", CAPTION_LENGTH)
    return _change(account, call, message, caption, None)


def _edit_message_reply_markup(account: Account, call: ApiCall) -> Json:
    message = _own(account, call)
    return _change(account, call, message, message.formatted, message.rich)


def _own(account: Account, call: ApiCall) -> Message:
    if "inline_message_id" in call.params:
        raise Refusal(400, "Bad Request: MESSAGE_ID_INVALID")
    chat = writable_chat(account, call)
    message = message_named(account, chat, call, "edit")
    if message.sender_id not in {None, account.bot.id} or message.forwarded_from is not None:
        raise Refusal(400, "Bad Request: message can't be edited")
    return message


def _change(
    account: Account, call: ApiCall, message: Message, text: FormattedText, rich: Json | None
) -> Json:
    keyboard, markup = reply_markup(call)
    if markup is not None:
        raise Refusal(400, "Bad Request: inline keyboard expected")
    if (message.formatted, message.rich, message.keyboard) == (text, rich, keyboard):
        raise Refusal(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message",
        )
    if (message.formatted, message.rich) != (text, rich):
        message.edited_at = account.world.now()
    message.formatted, message.rich, message.keyboard = text, rich, keyboard
    account.world.edited(message)
    return message_object(account.world, message)


def _delete_message(account: Account, call: ApiCall) -> bool:
    chat = readable_chat(account, call)
    message = message_named(account, chat, call, "delete")
    _check_deletable(account, chat, message)
    account.world.delete(message)
    return True


def _delete_messages(account: Account, call: ApiCall) -> bool:
    chat = readable_chat(account, call)
    ids = call.params.get("message_ids")
    if not isinstance(ids, list) or not all(isinstance(item, int) for item in ids) or not ids:
        raise Refusal(400, "Bad Request: message identifiers are not specified")
    if len(ids) > _DELETED_AT_ONCE:
        raise Refusal(400, "Bad Request: too many message identifiers specified")
    found = [m for item in ids if (m := account.world.message(chat.id, item)) is not None]
    for message in found:
        _check_deletable(account, chat, message)
    for message in found:
        account.world.delete(message)
    return True


def _check_deletable(account: Account, chat: Chat, message: Message) -> None:
    own = message.sender_id in {None, account.bot.id}
    if not own and chat.kind is not ChatKind.PRIVATE and not chat.bot_is_administrator:
        raise Refusal(400, "Bad Request: message can't be deleted")
    old = account.world.now() - message.date > _DELETABLE_SECONDS
    if old and not chat.bot_is_administrator:
        raise Refusal(400, "Bad Request: message can't be deleted for everyone")


def _pin_chat_message(account: Account, call: ApiCall) -> bool:
    chat = _pinnable(account, call)
    message = message_named(account, chat, call, "pin")
    chat.pinned.append(message.id)
    return True


def _unpin_chat_message(account: Account, call: ApiCall) -> bool:
    chat = _pinnable(account, call)
    wanted = call.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise Refusal(400, "Bad Request: message to unpin not found")
    chat.pinned.remove(wanted)
    return True


def _unpin_all_chat_messages(account: Account, call: ApiCall) -> bool:
    _pinnable(account, call).pinned.clear()
    return True


def _pinnable(account: Account, call: ApiCall) -> Chat:
    chat = writable_chat(account, call)
    if chat.is_group and not chat.bot_is_administrator:
        raise Refusal(400, "Bad Request: not enough rights to manage pinned messages in the chat")
    return chat


def _set_message_reaction(account: Account, call: ApiCall) -> bool:
    chat = writable_chat(account, call)
    message = message_named(account, chat, call, "react")
    reactions: Any = call.params.get("reaction", [])
    if not isinstance(reactions, list) or len(reactions) > 1:
        raise Refusal(400, "Bad Request: REACTIONS_TOO_MANY")
    account.world.tell(Event("reaction", chat.id, message))
    return True


def _answer_callback_query(account: Account, call: ApiCall) -> bool:
    tap = account.taps.get(call.text("callback_query_id"))
    if tap is None or tap.answered or account.world.clock() - tap.at > TAP_SECONDS:
        raise Refusal(
            400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )
    text, url = call.text("text"), call.text("url")
    if utf16_length(text) > ANSWER_LENGTH:
        raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
    if url and not url.startswith((f"https://t.me/{account.bot.username}", "tg://")):
        raise Refusal(400, "Bad Request: URL_INVALID")
    tap.answered = True
    detail = {"person": tap.person.id, "text": text, "alert": call.flag("show_alert"), "url": url}
    account.world.tell(Event("answer", tap.chat.id, detail=detail))
    return True


METHODS: Final[dict[str, Method]] = {
    "editMessageText": method(
        _edit_message_text, _EDIT + " text parse_mode entities link_preview_options rich_message"
    ),
    "editMessageCaption": method(
        _edit_message_caption,
        _EDIT + " caption parse_mode caption_entities show_caption_above_media",
    ),
    "editMessageReplyMarkup": method(_edit_message_reply_markup, _EDIT),
    "deleteMessage": method(_delete_message, "chat_id message_id"),
    "deleteMessages": method(_delete_messages, "chat_id message_ids"),
    "pinChatMessage": method(
        _pin_chat_message, "chat_id message_id business_connection_id disable_notification"
    ),
    "unpinChatMessage": method(_unpin_chat_message, "chat_id business_connection_id message_id"),
    "unpinAllChatMessages": method(_unpin_all_chat_messages, "chat_id"),
    "setMessageReaction": method(_set_message_reaction, "chat_id message_id reaction is_big"),
    "answerCallbackQuery": method(
        _answer_callback_query, "callback_query_id text show_alert url cache_time"
    ),
}
"""Names as the Bot API spells them."""
