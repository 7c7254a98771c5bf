"""Everything that exists inside the fake Telegram: people, chats, messages, files.

It lives in memory. Whoever shows it (the chat page, a test) watches it.
"""

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from bot.playground.telegram.entities import FormattedText
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.rich_mode import rich_buttons

Json = dict[str, Any]
"""An object of the Bot API, as it travels."""


class ChatKind(StrEnum):
    """Telegram's kinds of chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """What somebody is in a chat; https://core.telegram.org/bots/api#chatmember."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"  # a member who may not write
    LEFT = "left"
    KICKED = "kicked"


@dataclass(slots=True)
class Person:
    """Somebody with a Telegram account."""

    id: int
    first_name: str
    language_code: str
    username: str | None = None
    deactivated: bool = False


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot's own account."""

    id: int
    name: str = "Paperboy"
    username: str = "paperboy_playground_bot"
    inline: bool = True
    """Whether BotFather lets people type behind its name in any chat."""


@dataclass(slots=True)
class Chat:
    """A place for messages; `members` maps a person's id to their status."""

    id: int
    kind: ChatKind
    title: str
    members: dict[int, Status]
    bot: Status = Status.LEFT
    """In a private chat: MEMBER once the person wrote, KICKED while they block the bot."""
    bot_posts: bool = True
    """Whether the bot, as a channel's administrator, has the right to post."""
    username: str | None = None
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    """message_thread_id to name, of a forum."""
    closed_topics: set[int] = field(default_factory=set)
    affliction: Refusal | None = None
    """What every request about this chat is refused with, when it is in trouble."""
    silence: Refusal | None = None
    """What everything written to this chat is refused with; it can still be looked at."""
    pinned: list[int] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Whether several people talk here."""
        return self.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}

    @property
    def bot_is_in(self) -> bool:
        """Whether the bot may be here at all."""
        return self.bot not in {Status.LEFT, Status.KICKED}

    @property
    def bot_is_administrator(self) -> bool:
        """Whether the bot has an administrator's rights here."""
        return self.bot in {Status.ADMINISTRATOR, Status.CREATOR}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that somebody sent; `id` is Telegram's file_id."""

    id: str
    name: str
    mime: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(slots=True)
class Message:
    """One message as the chat shows it; `formatted` is its text, or its file's caption."""

    chat_id: int
    id: int
    sender_id: int | None
    """A person or the bot; None: the channel itself."""
    date: int
    formatted: FormattedText = field(default_factory=lambda: FormattedText(""))
    keyboard: list[list[Json]] = field(default_factory=list)
    document: StoredFile | None = None
    photo: StoredFile | None = None
    location: Json | None = None
    """`latitude` and `longitude`, in degrees."""
    rich: Json | None = None
    """InputRichMessage as the bot sent it: `html` or `markdown`."""
    edited_at: int | None = None
    reply_to: int | None = None
    thread: int | None = None
    service: Json | None = None
    """The field that makes it a service message, such as `{"new_chat_members": [...]}`."""
    markup: Json | None = None
    """A reply keyboard, its removal, or a forced reply."""
    forwarded_from: "Message | None" = None
    via_bot: bool = False
    """Whether somebody chose it from what the bot offered behind its name."""

    @property
    def text(self) -> str:
        """The text, or the caption."""
        return self.formatted.text

    @property
    def file(self) -> StoredFile | None:
        """The file it carries, of either kind."""
        return self.document or self.photo

    @property
    def rich_keyboard(self) -> list[list[Json]]:
        """The buttons within a rich message, row by row."""
        return rich_buttons(str((self.rich or {}).get("html", "")))

    @property
    def buttons(self) -> list[str]:
        """The texts of the buttons, row by row: those within the message last."""
        return [button["text"] for row in self._rows for button in row]

    @property
    def _rows(self) -> list[list[Json]]:
        return [*self.keyboard, *self.rich_keyboard]

    def button(self, text_or_data: str) -> Json:
        """Return the inline button with this text or callback data.

        Raises LookupError where there is none; the error lists those that there are.
        """
        for button in itertools.chain.from_iterable(self._rows):
            if text_or_data in {button["text"], button.get("callback_data")}:
                return button
        message = f"no button {text_or_data!r} among {self.buttons}"
        raise LookupError(message)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that can be seen: `kind` is a message, edit, delete, action, answer and so on."""

    kind: str
    chat_id: int
    message: Message | None = None
    detail: Json = field(default_factory=dict)


ChatRef = int | Chat | Person
"""A chat, its id, or the person whose private chat is meant."""


class World:
    """People and chats, what they say, and who is told when something happens."""

    def __init__(self, bot: Bot, clock: Callable[[], float] = time.time) -> None:
        self.bot = bot
        self.clock = clock
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self._messages: dict[int, dict[int, Message]] = {}
        self._watchers: list[Callable[[Event], None]] = []
        self._person_ids = itertools.count(700_000_001)
        self._group_ids = itertools.count(4_000_001)
        self._shared_ids = itertools.count(1)
        self._own_ids: dict[int, Iterator[int]] = {}

    def add_person(
        self, first_name: str, language_code: str = "en", *, person_id: int | None = None
    ) -> Person:
        """Add somebody together with the private chat that they have with the bot."""
        new_id = person_id if person_id is not None else next(self._person_ids)
        person = Person(new_id, first_name, language_code)
        self.people[new_id] = person
        self._add(Chat(new_id, ChatKind.PRIVATE, first_name, {new_id: Status.MEMBER}))
        return person

    def add_group(self, title: str, members: list[Person], *, admins: list[Person]) -> Chat:
        """Add a basic group; the first of `admins` made it. The bot is not in it yet."""
        return self._add(Chat(-next(self._group_ids), ChatKind.GROUP, title, _all(members, admins)))

    def add_supergroup(
        self,
        title: str,
        members: list[Person],
        *,
        admins: list[Person],
        topics: dict[int, str] | None = None,
    ) -> Chat:
        """Add a supergroup, a forum where `topics` (message_thread_id to name) are given."""
        chat = Chat(self._long_id(), ChatKind.SUPERGROUP, title, _all(members, admins))
        if topics is not None:
            chat.forum, chat.topics = True, dict(topics)
        return self._add(chat)

    def add_channel(self, title: str, admins: list[Person], *, username: str | None = None) -> Chat:
        """Add a channel that these people post in."""
        members = _all([], admins)
        return self._add(Chat(self._long_id(), ChatKind.CHANNEL, title, members, username=username))

    def chat(self, chat: ChatRef) -> Chat:
        """Return a chat; of a person the private one. Raises KeyError for a stranger."""
        if isinstance(chat, Chat):
            return chat
        return self.chats[chat.id if isinstance(chat, Person) else chat]

    def messages(self, chat: ChatRef) -> list[Message]:
        """Return what the chat shows now, oldest first."""
        return list(self._messages[self.chat(chat).id].values())

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """Return one message, None where it is gone or never was."""
        return self._messages.get(chat_id, {}).get(message_id)

    def all_messages(self) -> list[Message]:
        """Return the messages of all chats, oldest first."""
        everything = [m for kept in self._messages.values() for m in kept.values()]
        return sorted(everything, key=lambda message: (message.date, message.id))

    def now(self) -> int:
        """Return the present moment in seconds since 1970, as messages carry it."""
        return int(self.clock())

    def next_message_id(self, chat: Chat) -> int:
        """Return a new id: supergroups and channels count for themselves, the rest together."""
        if chat.kind in {ChatKind.SUPERGROUP, ChatKind.CHANNEL}:
            highest_topic = max(chat.topics, default=0)
            return next(self._own_ids.setdefault(chat.id, itertools.count(highest_topic + 1)))
        return next(self._shared_ids)

    def store(self, message: Message) -> Message:
        """Keep a new message and show it."""
        self._messages[message.chat_id][message.id] = message
        self.tell(Event("message", message.chat_id, message))
        return message

    def edited(self, message: Message) -> None:
        """Show a message that was changed in place."""
        self.tell(Event("edit", message.chat_id, message))

    def delete(self, message: Message) -> None:
        """Take a message away."""
        del self._messages[message.chat_id][message.id]
        self.tell(Event("delete", message.chat_id, message))

    def keep_file(self, name: str, mime: str, content: bytes) -> StoredFile:
        """Keep a file under a new file_id."""
        stored = StoredFile(secrets.token_urlsafe(24), name, mime, content)
        self.files[stored.id] = stored
        return stored

    def migrate(self, group: Chat) -> Chat:
        """Turn a basic group into a supergroup with another id, as its people can."""
        successor = Chat(
            self._long_id(), ChatKind.SUPERGROUP, group.title, dict(group.members), bot=group.bot
        )
        group.affliction = Refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=successor.id,
        )
        return self._add(successor)

    def watch(self, watcher: Callable[[Event], None]) -> Callable[[], None]:
        """Call `watcher` with every event from now on; return what ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, event: Event) -> None:
        """Let the watchers know."""
        for watcher in tuple(self._watchers):
            watcher(event)

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        self._messages[chat.id] = {}
        self.tell(Event("chat", chat.id))
        return chat

    def _long_id(self) -> int:
        """Supergroups and channels: -100 in front of their own number."""
        return -1_000_000_000_000 - 1_600_000_000 - next(self._group_ids)


def _all(members: list[Person], admins: list[Person]) -> dict[int, Status]:
    statuses = {person.id: Status.MEMBER for person in members}
    for position, person in enumerate(admins):
        statuses[person.id] = Status.ADMINISTRATOR if position else Status.CREATOR
    return statuses


class Cast(NamedTuple):
    """Three people with three languages, and a group of them all that the bot is not in yet."""

    ada: Person
    lin: Person
    marta: Person
    group: Chat


def add_cast(world: World) -> Cast:
    """Put the playground's people into a world."""
    ada = world.add_person("Ada", "en")
    lin = world.add_person("小林", "zh-hans")
    marta = world.add_person("Marta", "es")
    group = world.add_group("Vision Lab", [ada, lin, marta], admins=[ada])
    return Cast(ada, lin, marta, group)
