"""The methods that look at a chat and who is in it."""

from typing import Final

from bot.playground.telegram.access import readable_chat
from bot.playground.telegram.account import Account
from bot.playground.telegram.method import Method, method
from bot.playground.telegram.objects import (
    bot_user,
    chat_full_info,
    chat_member,
    person_user,
)
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Chat, ChatKind, Event, Json, Status

_BOSSES: Final = (Status.CREATOR, Status.ADMINISTRATOR)


def _get_chat(account: Account, call: ApiCall) -> Json:
    return chat_full_info(account.world, readable_chat(account, call))


def _get_chat_member(account: Account, call: ApiCall) -> Json:
    chat = readable_chat(account, call)
    user_id = call.integer("user_id")
    _check_members_visible(chat)
    if user_id == account.bot.id:
        own = Status.MEMBER if chat.kind is ChatKind.PRIVATE else chat.bot
        return chat_member(bot_user(account.bot), own, chat)
    person = account.world.people.get(user_id)
    if person is None:
        raise Refusal(400, "Bad Request: invalid user_id specified")
    if user_id not in chat.members and chat.kind is ChatKind.PRIVATE:
        raise Refusal(400, "Bad Request: member not found")
    status = chat.members.get(user_id, Status.LEFT)
    return chat_member(person_user(person), status, chat)


def _get_chat_administrators(account: Account, call: ApiCall) -> list[Json]:
    chat = readable_chat(account, call)
    if chat.kind is ChatKind.PRIVATE:
        raise Refusal(400, "Bad Request: there are no administrators in the private chat")
    _check_members_visible(chat)
    people = account.world.people
    bosses = [
        chat_member(person_user(people[person_id]), status, chat)
        for person_id, status in chat.members.items()
        if status in _BOSSES
    ]
    if call.flag("return_bots") and chat.bot_is_administrator:
        bosses.append(chat_member(bot_user(account.bot), chat.bot, chat))
    return bosses


def _get_chat_member_count(account: Account, call: ApiCall) -> int:
    chat = readable_chat(account, call)
    present = [s for s in chat.members.values() if s not in {Status.LEFT, Status.KICKED}]
    return len(present) + (chat.bot_is_in or chat.kind is ChatKind.PRIVATE)


def _leave_chat(account: Account, call: ApiCall) -> bool:
    chat = readable_chat(account, call)
    if chat.kind is ChatKind.PRIVATE:
        raise Refusal(400, "Bad Request: chat member status can't be changed in private chats")
    chat.bot = Status.LEFT
    account.world.tell(Event("chat", chat.id))
    return True


def _check_members_visible(chat: Chat) -> None:
    if chat.kind is ChatKind.CHANNEL and not chat.bot_is_administrator:
        raise Refusal(400, "Bad Request: member list is inaccessible")


METHODS: Final[dict[str, Method]] = {
    "getChat": method(_get_chat, "chat_id"),
    "getChatMember": method(_get_chat_member, "chat_id user_id"),
    "getChatAdministrators": method(_get_chat_administrators, "chat_id return_bots"),
    "getChatMemberCount": method(_get_chat_member_count, "chat_id"),
    "leaveChat": method(_leave_chat, "chat_id"),
}
"""Names as the Bot API spells them."""
