"""What Telegram keeps about the bot itself: its profile, menus, and what awaits an answer."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.playground.telegram.entities import FormattedText
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.updates import Updates
from bot.playground.telegram.world import (
    Bot,
    Chat,
    ChatKind,
    Event,
    Json,
    Person,
    Status,
    World,
)

TAP_SECONDS: Final = 15.0
"""How long a tap may wait for answerCallbackQuery. Telegram names no number; bots see the refusal
after some tens of seconds at most."""


@dataclass(slots=True)
class Tap:
    """A person pressed an inline button."""

    person: Person
    chat: Chat
    at: float
    answered: bool = False


@dataclass(frozen=True, slots=True)
class InlineResult:
    """What somebody may choose and send."""

    id: str
    title: str
    description: str
    formatted: FormattedText
    keyboard: list[list[Json]]


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What the bot offers; `button` leads from there into the private chat."""

    results: tuple[InlineResult, ...]
    button: Json | None = None
    next_offset: str = ""


@dataclass(slots=True)
class InlineQuery:
    """Somebody types behind the bot's name, in some chat."""

    id: str
    person: Person
    chat: Chat
    text: str
    offset: str
    at: float
    answer: InlineAnswer | None = None


@dataclass(slots=True)
class Account:
    """The bot as Telegram's server knows it."""

    token: str
    world: World
    updates: Updates
    taps: dict[str, Tap] = field(default_factory=dict)
    queries: dict[str, InlineQuery] = field(default_factory=dict)
    """Behind the bot's name, by id."""
    cached: dict[tuple[int | None, str, str], tuple[float, InlineAnswer]] = field(
        default_factory=dict
    )
    """Person (None: everybody), words and offset to the answer, and until when it holds."""
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """(scope, language) to the menu; the scope as `scope_key` writes it."""
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(`name`, `description` or `short_description`, language) to the text."""
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)
    """Private chat to its button; None: the default."""
    _tap_ids: Iterator[int] = field(default_factory=lambda: itertools.count(4_100_000_001))

    @property
    def bot(self) -> Bot:
        """The bot's own account."""
        return self.world.bot

    def tapped(self, tap: Tap) -> str:
        """Remember a tap and return its callback_query_id."""
        tap_id = str(next(self._tap_ids))
        self.taps[tap_id] = tap
        return tap_id

    def asked(self, person: Person, chat: Chat, text: str, offset: str) -> InlineQuery:
        """Remember what somebody types; it is answered already where an answer still holds."""
        now = self.world.clock()
        query = InlineQuery(str(next(self._tap_ids)), person, chat, text, offset, now)
        self.queries[query.id] = query
        for whose in (person.id, None):
            until, answer = self.cached.get((whose, text, offset), (now, None))
            if answer is not None and now < until:
                self._offer(query, answer)
                break
        return query

    def answer_inline(
        self, query_id: str, answer: InlineAnswer, *, seconds: int, personal: bool
    ) -> None:
        """Show the bot's answer, and keep it for so long, for one person or everybody.

        Raises Refusal where nobody waits for it any more.
        """
        query, now = self.queries.get(query_id), self.world.clock()
        if query is None or query.answer is not None or now - query.at > TAP_SECONDS:
            problem = "query is too old and response timeout expired or query ID is invalid"
            raise Refusal(400, f"Bad Request: {problem}")
        whose = query.person.id if personal else None
        self.cached[whose, query.text, query.offset] = (now + seconds, answer)
        self._offer(query, answer)

    def _offer(self, query: InlineQuery, answer: InlineAnswer) -> None:
        query.answer = answer
        self.world.tell(Event("inline", query.chat.id, detail={"query": query}))

    def menu(self, chat: Chat, person: Person | None = None) -> list[Json]:
        """Return the commands that the chat shows this person, the narrowest scope first.

        https://core.telegram.org/bots/api#determining-list-of-commands
        """
        language = person.language_code[:2] if person else ""
        for scope in self._scopes(chat, person):
            for code in dict.fromkeys((language, "")):
                if (scope, code) in self.commands:
                    return self.commands[scope, code]
        return []

    def menus_changed(self) -> None:
        """Show everybody the commands again."""
        for chat_id in self.world.chats:
            self.world.tell(Event("commands", chat_id))

    def text(self, name: str, language: str) -> str:
        """Return a profile text in a language, else the one for everybody."""
        for code in (language, ""):
            if found := self.texts.get((name, code)):
                return found
        return self.bot.name if name == "name" else ""

    def _scopes(self, chat: Chat, person: Person | None) -> list[str]:
        status = chat.members.get(person.id) if person else None
        if chat.kind is ChatKind.PRIVATE:
            return [f"chat/{chat.id}", "all_private_chats", "default"]
        boss = status in {Status.CREATOR, Status.ADMINISTRATOR}
        scopes = [f"chat_member/{chat.id}/{person.id}"] if person else []
        scopes += [f"chat_administrators/{chat.id}"] if boss else []
        scopes += [f"chat/{chat.id}"]
        scopes += ["all_chat_administrators"] if boss else []
        return [*scopes, "all_group_chats", "default"]
