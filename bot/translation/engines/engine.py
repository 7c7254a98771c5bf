"""Translation engine: how it is asked, and why it gives no answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from bot.http.client import NoAnswerError, TimedOutError, TooLargeError
from bot.translation.languages import LANGUAGES, Language
from storage.plain_text import is_storable

TIMEOUT_SECONDS = 20.0
"""What one text may take, all in all."""
AT_ONCE = 4
"""Texts that one engine is asked for side by side."""
_LINES_LOST = 3
"""Times in a row; then an engine is asked for one line at a time."""
_SUMMARIES_LOST = 3
"""Times in a row that a translation was of no use with a summary; then none is asked for."""


class Cause(StrEnum):
    """Why an engine gave no answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TOO_MANY_REQUESTS = "too-many-requests"
    REFUSED = "refused"
    """The key or the address is not welcome there."""
    SERVER = "server-error"
    NO_ANSWER = "no-answer"
    """An answer without a translation in it, or not of the form agreed on."""
    QUOTA = "quota-used-up"
    TOO_LONG = "too-long"
    UNSUPPORTED = "unsupported-language"
    FILTERED = "content-filter"
    """It takes no text with such contents: the text's fault, not the engine's."""
    RESTING = "resting"
    """Not asked: it failed too often a moment ago."""


class EngineError(Exception):
    """An engine failed; neither text nor key nor address is in here, whatever it said."""

    def __init__(
        self, engine: str, cause: Cause, detail: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{engine}: {cause.value}" + (f" ({detail})" if detail else ""))
        self.engine = engine
        self.cause = cause
        self.detail = detail
        """The name of a library's exception, an HTTP status, or what a server complains of."""
        self.retry_after = retry_after
        """The seconds that it wants to be left alone, where it said so."""


def not_answered(engine: str, error: NoAnswerError) -> EngineError:
    """Return the engine's error where no whole answer came."""
    match error:
        case TimedOutError():
            return EngineError(engine, Cause.TIMEOUT)
        case TooLargeError():
            return EngineError(engine, Cause.NO_ANSWER, str(error))
    return EngineError(engine, Cause.UNREACHABLE, str(error))


@dataclass(frozen=True, slots=True)
class Context:
    """What an engine that can be told is told beside the text."""

    title: str = ""
    field: str = ""
    """arXiv's category."""
    names: tuple[str, ...] = ()
    """What stays as it is, of what stands in the text."""
    terms: tuple[tuple[str, str], ...] = ()
    """Terms of the glossary that occur, and how they are said in the language."""
    glossaries: Path | None = None
    """The operator's own glossaries."""
    sentences: tuple[str, ...] = ()
    """The sentences of the text, where a summary is wanted beside the translation."""


class Answer(NamedTuple):
    """What an engine answered."""

    text: str
    summary: str = ""
    """JSON, as it was asked for; "" where it was not, or where none came."""


Ask = Callable[[str, Language, Language], Awaitable[str]]
"""Asks for a text from one language into another; raises EngineError."""

AskTold = Callable[[str, Language, Language, Context], Awaitable[str | Answer]]
"""The same, for an engine that can be told more than the text."""
_NOTHING = Context()


class Engine:
    """A translation engine; its own file knows how it is asked."""

    def __init__(
        self,
        name: str,
        *,
        max_chars: int,
        code: Callable[[Language], str | None],
        ask: Ask | None = None,
        ask_told: AskTold | None = None,
        opens_names: bool = True,
        size: Callable[[str], int] = len,
        limit: Callable[[], Awaitable[int]] | None = None,
        summarises: str = "",
    ) -> None:
        """Take the name in the settings, and the longest text that it takes at once.

        code: what it calls a language; None: it does not have it. One of `ask` and `ask_told` says
        how it is asked; with the second it is told more than the text. opens_names: and what to
        keep, so that names stand in the open. size: how it counts, where that is not in characters.
        limit: asks its server for the longest text. summarises: the model's name, where it adds a
        summary to a translation.
        """
        self.name = name
        self.max_chars = max_chars
        self.size = size
        self._summarises = summarises
        self._summaries_lost = 0
        self._limit = limit
        self._code = code
        self._ask = ask
        self._ask_told = ask_told
        self.opens_names = opens_names and ask_told is not None
        self._lines_lost = 0

    @property
    def is_told(self) -> bool:
        """Whether it can be told more than the text."""
        return self._ask_told is not None

    @property
    def summarises(self) -> str:
        """The model's name, where it adds a summary to a translation; "" where it does not."""
        return self._summarises if self._summaries_lost < _SUMMARIES_LOST else ""

    def note_summary(self, *, harmed: bool) -> None:
        """Note whether a translation was of no use because a summary was asked for with it."""
        self._summaries_lost = self._summaries_lost + 1 if harmed else 0

    @property
    def keeps_lines(self) -> bool:
        """Whether a text of two lines comes back as two; some engines make one line of all."""
        return self._lines_lost < _LINES_LOST

    def note_lines(self, *, kept: bool) -> None:
        """Note what became of the two lines of a text."""
        self._lines_lost = 0 if kept else self._lines_lost + 1

    async def longest(self) -> int:
        """Return the longest text that it takes at once."""
        return self.max_chars if self._limit is None else await self._limit()

    def supports(self, language: str) -> bool:
        """Say whether it knows a language, by our code."""
        return language in LANGUAGES and self._code(LANGUAGES[language]) is not None

    async def translate(
        self, text: str, *, source: str, target: str, context: Context = _NOTHING
    ) -> str:
        """Translate, from and into our codes; what comes back is not checked.

        Raises:
            EngineError: no answer, whatever the reason.

        """
        return (await self.respond(text, source=source, target=target, context=context)).text

    async def respond(
        self, text: str, *, source: str, target: str, context: Context = _NOTHING
    ) -> Answer:
        """Return the translation with whatever else was asked for."""
        if not (self.supports(source) and self.supports(target)):
            raise EngineError(self.name, Cause.UNSUPPORTED)
        said: str | Answer
        if self._ask_told is not None:
            said = await self._ask_told(text, LANGUAGES[source], LANGUAGES[target], context)
        elif self._ask is not None:
            said = await self._ask(text, LANGUAGES[source], LANGUAGES[target])
        else:
            raise EngineError(self.name, Cause.UNSUPPORTED)
        answer = Answer(said) if isinstance(said, str) else said
        if not (is_storable(answer.text) and is_storable(answer.summary)):
            raise EngineError(self.name, Cause.NO_ANSWER, "no text in UTF-8")
        return answer
