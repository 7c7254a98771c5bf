"""What Telegram keeps about the bot itself: its profile, menus, and taps that await an answer."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.playground.updates import Updates
from bot.playground.world import Bot, Chat, ChatKind, Event, Json, Person, Status, World

__all__ = ["Account", "Tap"]

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


@dataclass(slots=True)
class Account:
    """The bot as Telegram's server knows it."""

    token: str
    world: World
    updates: Updates
    taps: dict[str, Tap] = field(default_factory=dict)
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
