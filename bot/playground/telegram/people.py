"""What people do in Telegram, and which of it the bot gets to know.

In groups a bot sees only what is meant for it: https://core.telegram.org/bots/features#privacy-mode
"""

import mimetypes
from typing import Any, Final

from bot.playground.telegram.account import Account, InlineQuery, Tap
from bot.playground.telegram.entities import FormattedText, formatted
from bot.playground.telegram.objects import (
    bot_user,
    chat_member,
    chat_object,
    message_object,
    person_user,
)
from bot.playground.telegram.world import (
    Chat,
    ChatKind,
    ChatRef,
    Event,
    Json,
    Message,
    Person,
    Status,
)

_CHAT_INSTANCE: Final = "5566778899"


class People:
    """The hands of everybody in the world."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._world = account.world

    def send_text(
        self,
        person: Person,
        chat: ChatRef,
        text: str,
        *,
        reply_to: Message | int | None = None,
        thread: int | None = None,
    ) -> Message:
        """Write a message. Raises ValueError for a blank one, PermissionError for an outsider."""
        if not text.strip():
            message = "a message needs a text"
            raise ValueError(message)
        content = formatted(text)
        answered = reply_to.id if isinstance(reply_to, Message) else reply_to
        return self._say(person, chat, content, reply_to=answered, thread=thread)

    def send_document(
        self, person: Person, chat: ChatRef, name: str, content: bytes, *, caption: str = ""
    ) -> Message:
        """Send a file."""
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        stored = self._world.keep_file(name, mime, content)
        return self._say(person, chat, formatted(caption, may_be_empty=True), document=stored)

    def send_location(
        self, person: Person, chat: ChatRef, *, latitude: float, longitude: float
    ) -> Message:
        """Say where one is, in degrees."""
        place = {"latitude": float(latitude), "longitude": float(longitude)}
        content = formatted("", may_be_empty=True)
        return self._say(person, chat, content, location=place)

    def forward(self, person: Person, message: Message, chat: ChatRef) -> Message:
        """Forward a message that this person can see, to the bot's private chat or a group."""
        return self._say(
            person, chat, message.formatted, document=message.document, forwarded_from=message
        )

    def tap(
        self, person: Person, message: Message, text_or_data: str, *, is_old: bool = False
    ) -> str | None:
        """Press an inline button, named by its text or its data.

        Of a message that `is_old` the bot is told the chat and the number only, as Telegram does
        (https://core.telegram.org/bots/api#inaccessiblemessage). Returns the callback_query_id,
        None for a button that the bot never hears of (a link, a copied text). Raises LookupError
        where there is no such button.
        """
        button = message.button(text_or_data)
        if "callback_data" not in button:
            return None
        chat = self._world.chats[message.chat_id]
        tap_id = self._account.tapped(Tap(person, chat, self._world.clock()))
        shown = message_object(self._world, message)
        if is_old:
            shown = {"chat": shown["chat"], "message_id": message.id, "date": 0}
        self._account.updates.push(
            "callback_query",
            {
                "id": tap_id,
                "from": person_user(person),
                "message": shown,
                "chat_instance": _CHAT_INSTANCE,
                "data": button["callback_data"],
            },
        )
        return tap_id

    def ask_inline(
        self, person: Person, chat: ChatRef, text: str, *, offset: str = ""
    ) -> InlineQuery:
        """Type behind the bot's name, in a chat where it need not be.

        The answer comes into the query; at once where Telegram still has one. Raises
        PermissionError where the bot has no inline mode.
        """
        if not self._account.bot.inline:
            message = "this bot has no inline mode"
            raise PermissionError(message)
        where = self._world.chat(chat)
        query = self._account.asked(person, where, text, offset)
        if query.answer is None:
            private = where.kind is ChatKind.PRIVATE
            self._account.updates.push(
                "inline_query",
                {
                    "id": query.id,
                    "from": person_user(person),
                    "query": text,
                    "offset": offset,
                    "chat_type": "sender" if private else where.kind.value,
                },
            )
        return query

    def choose(self, query: InlineQuery, result_id: str) -> Message:
        """Send one of the results in the chat where one typed. Raises LookupError without it."""
        for result in query.answer.results if query.answer else ():
            if result.id == result_id:
                return self._say(
                    query.person,
                    query.chat,
                    result.formatted,
                    keyboard=result.keyboard,
                    via_bot=True,
                )
        raise LookupError(result_id)

    def block(self, person: Person) -> None:
        """Stop the bot in one's private chat."""
        self._become(person, self._world.chat(person), Status.KICKED)

    def unblock(self, person: Person) -> None:
        """Let the bot write again."""
        self._become(person, self._world.chat(person), Status.MEMBER)

    def add_bot(self, person: Person, chat: ChatRef, *, status: Status = Status.MEMBER) -> None:
        """Add the bot to a group, or to a channel as its administrator."""
        joined = self._world.chat(chat)
        if joined.kind is ChatKind.CHANNEL:
            status = Status.ADMINISTRATOR
        self._become(person, joined, status)
        if joined.is_group:
            self._serve(person, joined, {"new_chat_members": [bot_user(self._account.bot)]})

    def remove_bot(self, person: Person, chat: ChatRef) -> None:
        """Throw the bot out of a group or channel."""
        left = self._world.chat(chat)
        if left.is_group:
            self._serve(person, left, {"left_chat_member": bot_user(self._account.bot)})
        self._become(person, left, Status.KICKED)

    def promote(self, person: Person, chat: ChatRef, member: Person | None = None) -> None:
        """Make the bot, or another person, an administrator."""
        self._appoint(person, chat, member, Status.ADMINISTRATOR)

    def demote(self, person: Person, chat: ChatRef, member: Person | None = None) -> None:
        """Take an administrator's rights away from the bot, or another person."""
        self._appoint(person, chat, member, Status.MEMBER)

    def _appoint(
        self, person: Person, chat: ChatRef, member: Person | None, status: Status
    ) -> None:
        where = self._world.chat(chat)
        if member is None:
            self._become(person, where, status)
        else:
            where.members[member.id] = status
            self._world.tell(Event("chat", where.id))

    def restrict(self, person: Person, chat: ChatRef, *, restricted: bool) -> None:
        """Forbid the bot to write in a supergroup, or allow it again."""
        status = Status.RESTRICTED if restricted else Status.MEMBER
        self._become(person, self._world.chat(chat), status)

    def allow_posts(self, person: Person, chat: ChatRef, *, allowed: bool) -> None:
        """Give the bot, a channel's administrator, the right to post, or take it away."""
        where = self._world.chat(chat)
        before = chat_member(bot_user(self._account.bot), where.bot, where)
        where.bot_posts = allowed
        self._tell_of_change(person, where, before)

    def upgrade(self, person: Person, chat: ChatRef) -> Chat:
        """Turn a basic group into a supergroup; the bot hears of it in both."""
        group = self._world.chat(chat)
        successor = self._world.migrate(group)
        self._serve(person, group, {"migrate_to_chat_id": successor.id})
        self._serve(person, successor, {"migrate_from_chat_id": group.id})
        return successor

    def _say(self, person: Person, chat: ChatRef, content: FormattedText, **more: Any) -> Message:
        """Store what a person says, and let the bot know; `more` are fields of a `Message`."""
        where = self._world.chat(chat)
        if where.members.get(person.id, Status.LEFT) in {Status.LEFT, Status.KICKED}:
            message = f"{person.first_name} is not in {where.title}"
            raise PermissionError(message)
        if where.kind is ChatKind.PRIVATE and where.bot is Status.KICKED:
            self.unblock(person)
        if where.kind is ChatKind.PRIVATE:
            where.bot = Status.MEMBER
        posted = where.kind is ChatKind.CHANNEL
        said = Message(
            where.id,
            self._world.next_message_id(where),
            None if posted else person.id,
            self._world.now(),
            content,
            **more,
        )
        self._world.store(said)
        if self._meant_for_bot(where, said):
            kind = "channel_post" if posted else "message"
            self._account.updates.push(kind, message_object(self._world, said))
        return said

    def _meant_for_bot(self, chat: Chat, message: Message) -> bool:
        if not chat.is_group or chat.bot_is_administrator:
            return chat.bot_is_in
        if not chat.bot_is_in or message.via_bot:
            return chat.bot_is_in
        answered = self._world.message(chat.id, message.reply_to) if message.reply_to else None
        if answered is not None and answered.sender_id == self._account.bot.id:
            return True
        own_name = self._account.bot.username.lower()
        for entity in message.formatted.entities:
            raw = message.text.encode("utf-16-le")[entity.offset * 2 : entity.end * 2]
            name = raw.decode("utf-16-le").lower()
            if entity.type == "mention" and name == f"@{own_name}":
                return True
            if entity.type == "bot_command" and entity.offset == 0:
                return "@" not in name or name.endswith(f"@{own_name}")
        return False

    def _serve(self, person: Person, chat: Chat, service: Json) -> None:
        """Leave a service message."""
        left = Message(
            chat.id,
            self._world.next_message_id(chat),
            person.id,
            self._world.now(),
            service=service,
        )
        self._world.store(left)
        if chat.bot_is_in:
            self._account.updates.push("message", message_object(self._world, left))

    def _become(self, person: Person, chat: Chat, status: Status) -> None:
        """Change what the bot is in a chat, and let it know."""
        before = chat_member(bot_user(self._account.bot), chat.bot, chat)
        unchanged, chat.bot = chat.bot is status, status
        if unchanged:
            return
        self._world.tell(Event("chat", chat.id))
        self._tell_of_change(person, chat, before)

    def _tell_of_change(self, person: Person, chat: Chat, before: Json) -> None:
        self._account.updates.push(
            "my_chat_member",
            {
                "chat": chat_object(chat),
                "from": person_user(person),
                "date": self._world.now(),
                "old_chat_member": before,
                "new_chat_member": chat_member(bot_user(self._account.bot), chat.bot, chat),
            },
        )
