"""What every handler is given: the chat it speaks with, its wording, and the services."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from markupsafe import escape
from telegram.ext import Application, CallbackContext, ExtBot

from bot.digest.request import DigestRequest
from bot.i18n import Texts, texts
from bot.settings import Settings
from bot.telegram.rate_limiter import Priority
from bot.translation.languages import Language
from bot.translation.paper_view import PaperView
from storage.database import Database
from storage.models import Chat, Paper

Progress = Callable[[int, int], Awaitable[None]]
"""Called with how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Document:
    """A digest for a chat, in as many files as Telegram's limit makes of it."""

    files: Sequence[tuple[str, bytes]]
    """The name and the content of each."""
    topics: int
    papers: int
    untranslated: int


@dataclass(frozen=True, slots=True)
class EngineState:
    """How a translation engine has done since the bot's start."""

    name: str
    used: int
    """Answers that became translations."""
    refused: int
    """Answers that did not pass the checks."""
    failed: int
    """Calls without an answer."""
    problem: str | None
    """The last one, by the name it has in the log; no text, key or address is in it."""
    is_down: bool
    """Whether it failed too often and has not answered since."""
    rests_seconds: float
    """How long it will be left alone; 0: it is asked."""


class Services(Protocol):
    """What handlers may ask of the rest of the house."""

    settings: Settings
    database: Database
    languages: Sequence[Language]
    """What the configured engines can translate into, the original first."""
    ranks: bool
    """Whether chats can have an order of their own: scikit-learn is installed."""
    likes_needed: int
    """Papers that a chat must have saved before its order can be learned."""

    def engine_states(self) -> Sequence[EngineState]:
        """Return how each translation engine does, in the order in which they are asked."""

    async def backfill(self, topic_id: int) -> None:
        """Ask arXiv for a new topic's papers; raises SourceError."""

    async def push_now(self, chat_id: int) -> int:
        """Send what the chat is owed, up to its cap; return how many papers."""

    async def latest(self, chat_id: int, limit: int) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Return the newest papers on the chat's topics as messages, each with its paper ids."""

    async def papers(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Return papers by their ids, asking arXiv for those unknown.

        Raises SourceError or TimeoutError where arXiv does not answer.
        """

    async def view(self, paper: Paper, chat: Chat) -> PaperView:
        """Return a paper in the chat's language, translated now where it has not been."""

    async def digest(
        self, chat_id: int, wish: DigestRequest, progress: Progress | None
    ) -> Document:
        """Return the chat's digest; what lacks a translation is translated first."""


@dataclass
class BotData:
    """What one application keeps in memory."""

    _services: Services | None = None
    busy: set[tuple[str, int]] = field(default_factory=set)
    """Long work under way, by its name and chat, so that nobody starts it twice."""
    digests: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    """Digests in the making, by their chat."""
    notes: OrderedDict[tuple[int, str], str] = field(default_factory=OrderedDict)
    """Notes on papers that were just let go, by chat and paper, in case they are kept again."""
    titles: dict[int, str] = field(default_factory=dict)
    """What channels are called, by Telegram's ids, as last heard."""

    @property
    def services(self) -> Services:
        """The services; there once the application is built."""
        if self._services is None:
            raise ServicesMissingError
        return self._services

    @services.setter
    def services(self, services: Services) -> None:
        self._services = services


class ServicesMissingError(RuntimeError):
    """A handler ran before the application was built."""


class Context(CallbackContext[ExtBot[Priority], dict[Any, Any], dict[Any, Any], BotData]):
    """One update's context; `chat` is set by the first handler of all, `handlers.arrival`."""

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
        """The wording in the language of the chat where it is said."""
        return texts(self.here.ui_language)


App = Application[ExtBot[Priority], Context, dict[Any, Any], dict[Any, Any], BotData, Any]
