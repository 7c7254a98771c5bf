"""The methods that put something new into a chat."""

import html
import mimetypes
import re
from typing import Final

from bot.playground.telegram.access import (
    message_named,
    readable_chat,
    reply_target,
    thread_of,
    writable_chat,
)
from bot.playground.telegram.account import Account
from bot.playground.telegram.entities import FormattedText
from bot.playground.telegram.keyboards import reply_markup
from bot.playground.telegram.limits import (
    CAPTION_LENGTH,
    TEXT_LENGTH,
    check_rich_message,
    check_size,
    text_of,
)
from bot.playground.telegram.method import Method, method
from bot.playground.telegram.objects import message_object
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Chat, ChatKind, Event, Json, Message, StoredFile

_COPY: Final = """
    chat_id message_thread_id direct_messages_topic_id disable_notification protect_content
    allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup
"""
_DELIVERY: Final = _COPY + " business_connection_id"
_CAPTION: Final = " caption parse_mode caption_entities"
_ACTIONS_WORDS = """
    typing upload_photo record_video upload_video record_voice upload_voice upload_document
    choose_sticker find_location record_video_note upload_video_note
    """
_ACTIONS: Final = frozenset(_ACTIONS_WORDS.split())
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_PHOTO_BYTES: Final = 10 * 1024 * 1024


def rich_text(content: Json) -> str:
    """Return a rich message's words without its formatting, as far as plain text can."""
    if "markdown" in content:
        return str(content["markdown"])
    blocks = re.sub(r"</(?:p|h\d|li|tr|summary|details)>|<br\s*/?>", "\n", str(content["html"]))
    return html.unescape(re.sub(r"<[^>]*>", "", blocks)).strip()


def _send_message(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    text = text_of(call, "text", "entities", TEXT_LENGTH)
    return _send(account, chat, call, formatted=text)


def _send_rich_message(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    content = check_rich_message(call.params.get("rich_message"))
    return _send(account, chat, call, formatted=FormattedText(rich_text(content)), rich=content)


def _send_document(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    document = _file(account, call, "document")
    caption = text_of(call, "caption", "caption_entities", CAPTION_LENGTH)
    return _send(account, chat, call, formatted=caption, document=document)


def _send_photo(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    photo = _file(account, call, "photo")
    if not photo.content.startswith(_IMAGES):
        raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
    if photo.size > _PHOTO_BYTES:
        raise Refusal(400, "Bad Request: file is too big")
    caption = text_of(call, "caption", "caption_entities", CAPTION_LENGTH)
    return _send(account, chat, call, formatted=caption, photo=photo)


def _forward_message(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    original = message_named(account, readable_chat(account, call, "from_chat_id"), call, "forward")
    return _send(
        account,
        chat,
        call,
        formatted=original.formatted,
        document=original.document,
        photo=original.photo,
        rich=original.rich,
        forwarded_from=original,
    )


def _copy_message(account: Account, call: ApiCall) -> Json:
    chat = writable_chat(account, call)
    original = message_named(account, readable_chat(account, call, "from_chat_id"), call, "copy")
    text = original.formatted
    if "caption" in call.params and original.file is not None:
        text = text_of(call, "caption", "caption_entities", CAPTION_LENGTH)
    sent = _send(
        account,
        chat,
        call,
        formatted=text,
        document=original.document,
        photo=original.photo,
        rich=original.rich,
    )
    return {"message_id": sent["message_id"]}


def _send_chat_action(account: Account, call: ApiCall) -> bool:
    chat = writable_chat(account, call)
    thread_of(chat, call)
    action = call.text("action")
    if action not in _ACTIONS:
        raise Refusal(400, "Bad Request: wrong parameter action in request")
    account.world.tell(Event("action", chat.id, detail={"action": action}))
    return True


def _send(
    account: Account,
    chat: Chat,
    call: ApiCall,
    *,
    formatted: FormattedText,
    document: StoredFile | None = None,
    photo: StoredFile | None = None,
    rich: Json | None = None,
    forwarded_from: Message | None = None,
) -> Json:
    """Put the bot's message into a chat once everything about it is right."""
    thread = thread_of(chat, call)
    reply_to = reply_target(account, chat, call)
    keyboard, markup = reply_markup(call)
    message = Message(
        chat.id,
        account.world.next_message_id(chat),
        None if chat.kind is ChatKind.CHANNEL else account.bot.id,
        account.world.now(),
        formatted,
        keyboard=keyboard,
        document=document,
        photo=photo,
        rich=rich,
        reply_to=reply_to,
        thread=thread,
        markup=markup,
        forwarded_from=forwarded_from,
    )
    return message_object(account.world, account.world.store(message))


def _file(account: Account, call: ApiCall, kind: str) -> StoredFile:
    upload = call.upload(kind)
    if upload is not None:
        check_size(upload)
        mime = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        return account.world.keep_file(upload.name, mime, upload.content)
    given = call.text(kind)
    if not given or given.startswith("attach://"):
        raise Refusal(400, f"Bad Request: there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        raise Refusal(400, "Bad Request: failed to get HTTP URL content")
    if given not in account.world.files:
        raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
    return account.world.files[given]


METHODS: Final[dict[str, Method]] = {
    "sendMessage": method(
        _send_message,
        _DELIVERY + " text parse_mode entities link_preview_options",
        paced=True,
    ),
    "sendRichMessage": method(_send_rich_message, _DELIVERY + " rich_message", paced=True),
    "sendDocument": method(
        _send_document,
        _DELIVERY + _CAPTION + " document thumbnail disable_content_type_detection",
        paced=True,
    ),
    "sendPhoto": method(
        _send_photo,
        _DELIVERY + _CAPTION + " photo has_spoiler show_caption_above_media",
        paced=True,
    ),
    "forwardMessage": method(
        _forward_message,
        """
        chat_id from_chat_id message_id message_thread_id direct_messages_topic_id
        video_start_timestamp disable_notification protect_content message_effect_id
        suggested_post_parameters
        """,
        paced=True,
    ),
    "copyMessage": method(
        _copy_message,
        _COPY
        + _CAPTION
        + " from_chat_id message_id video_start_timestamp show_caption_above_media",
        paced=True,
    ),
    "sendChatAction": method(
        _send_chat_action, "chat_id action business_connection_id message_thread_id"
    ),
}
"""Names as the Bot API spells them."""
