"""Access control: which chats the bot may look at and write to, and what is said if not."""

from typing import Final

from bot.playground.telegram.account import Account
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Chat, ChatKind, Message, Status

_NAMES: Final = {
    ChatKind.GROUP: "group chat",
    ChatKind.SUPERGROUP: "supergroup chat",
    ChatKind.CHANNEL: "channel chat",
}


def readable_chat(account: Account, call: ApiCall, name: str = "chat_id") -> Chat:
    """Return the chat that a parameter names, for looking at it.

    Raises Refusal where Telegram would not show it.
    """
    wanted = call.params.get(name)
    if wanted is None or wanted == "":
        raise Refusal(400, f"Bad Request: {name} is empty")
    chat = None
    if isinstance(wanted, int):
        chat = account.world.chats.get(wanted)
    elif isinstance(wanted, str) and wanted.startswith("@"):
        named = wanted.removeprefix("@").lower()
        everywhere = account.world.chats.values()
        chat = next((c for c in everywhere if c.username and c.username.lower() == named), None)
    if chat is None:
        raise Refusal(400, "Bad Request: chat not found")
    if chat.affliction is not None:
        raise chat.affliction
    if chat.kind in _NAMES and chat.username is None and not chat.bot_is_in:
        raise Refusal(403, f"Forbidden: {_outside(chat)}")
    return chat


def writable_chat(account: Account, call: ApiCall) -> Chat:
    """Return the chat that `chat_id` names, for writing there.

    Raises Refusal where the bot may not.
    """
    chat = readable_chat(account, call)
    if chat.silence is not None:
        raise chat.silence
    if chat.kind is ChatKind.PRIVATE:
        if account.world.people[chat.id].deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.bot is Status.KICKED:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat.bot is Status.LEFT:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    elif not chat.bot_is_in:
        raise Refusal(403, f"Forbidden: {_outside(chat)}")
    elif chat.bot is Status.RESTRICTED:
        raise Refusal(400, "Bad Request: not enough rights to send text messages to the chat")
    elif chat.kind is ChatKind.CHANNEL and not (chat.bot_is_administrator and chat.bot_posts):
        raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
    return chat


def thread_of(chat: Chat, call: ApiCall) -> int | None:
    """Return the forum topic that a message goes to.

    Raises Refusal where there is none such, or where it is closed to the bot.
    """
    thread = call.integer("message_thread_id")
    if not thread:
        return None
    if thread not in chat.topics:
        raise Refusal(400, "Bad Request: message thread not found")
    if thread in chat.closed_topics and not chat.bot_is_administrator:
        raise Refusal(400, "Bad Request: TOPIC_CLOSED")
    return thread


def message_named(account: Account, chat: Chat, call: ApiCall, purpose: str) -> Message:
    """Return the message that `message_id` names; `purpose` is Telegram's word for the error."""
    if "message_id" not in call.params:
        raise Refusal(400, "Bad Request: message identifier is not specified")
    message = account.world.message(chat.id, call.integer("message_id"))
    if message is None:
        raise Refusal(400, f"Bad Request: message to {purpose} not found")
    return message


def reply_target(account: Account, chat: Chat, call: ApiCall) -> int | None:
    """Return the message that a new one replies to. Raises Refusal where it is gone."""
    reply = call.params.get("reply_parameters")
    if reply is None:
        return None
    if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
        raise Refusal(400, "Bad Request: can't parse reply parameters JSON object")
    message_id: int = reply["message_id"]
    if account.world.message(chat.id, message_id) is None:
        if reply.get("allow_sending_without_reply"):
            return None
        raise Refusal(400, "Bad Request: message to be replied not found")
    return message_id


def _outside(chat: Chat) -> str:
    where = _NAMES[chat.kind]
    if chat.bot is Status.KICKED:
        return f"bot was kicked from the {where}"
    return f"bot is not a member of the {where}"
