"""Handler context: the chat that an update comes from, its wording, and the services."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape
from telegram.ext import Application, CallbackContext, ExtBot

from bot.conversation.link_limit import LinkLimit
from bot.conversation.services import Services
from bot.i18n import Texts, texts
from bot.telegram.rate_limiter import Priority
from storage.models import Chat


@dataclass
class BotData:
    """What one application keeps in memory."""

    services: Services = field(init=False)
    """Set once the application is built, before it handles any update."""
    tasks: dict[tuple[str, int], asyncio.Task[Any]] = field(default_factory=dict)
    """Long work under way, by its name and chat, or topic; see `bot.conversation.background`."""
    notes: OrderedDict[tuple[int, str], str] = field(default_factory=OrderedDict)
    """Notes on papers that were just let go, by chat and paper, in case they are kept again."""
    links: LinkLimit = field(default_factory=LinkLimit)
    """How many links groups were answered lately."""
    titles: dict[int, str] = field(default_factory=dict)
    """What channels are called, by Telegram's ids, as last heard."""


class Context(CallbackContext[ExtBot[Priority], dict[Any, Any], dict[Any, Any], BotData]):
    """One update's context; the middleware `bot.handlers.register_chat` sets `here`."""

    here: Chat
    """Where the update comes from, and whose language is spoken."""
    about: str = ""
    """What the words that are handled answer; see `bot.conversation.prompts`."""
    title: str = ""
    """What the channel is called that is managed from here; "" where none is."""
    _chat: Chat | None = None

    @property
    def chat(self) -> Chat:
        """The chat that it is about: the one where it is said, or a channel managed from there."""
        return self._chat or self.here

    @chat.setter
    def chat(self, chat: Chat) -> None:
        if chat.id == self.here.id:
            self.here = chat
        else:
            self._chat = chat

    def headed(self, text: str) -> str:
        """Return HTML under the name of the channel that it is about; as it is where it is none."""
        return f"📢 <i>{escape(self.title)}</i>\n\n{text}" if self.title else text

    @property
    def services(self) -> Services:
        """What the rest of the house offers."""
        return self.bot_data.services

    @property
    def texts(self) -> Texts:
        """The wording in the language of the chat where it is said, of the one it is about."""
        return texts(self.here.ui_language, self.chat.kind)


App = Application[ExtBot[Priority], Context, dict[Any, Any], dict[Any, Any], BotData, Any]
