"""The engines of deep-translator: Google, MyMemory and LibreTranslate.

Its Microsoft class is not among them: each instance asks the network for a list of languages first,
a failed connection ends in an AttributeError, and its codes are in lower case. `microsoft.py` asks
that API itself, as `deepl.py` does, because deep-translator's DeepL class sends the key in a way
that DeepL has dropped.
"""

import asyncio
import html
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import deep_translator.google
import deep_translator.libre
import deep_translator.mymemory
import requests
from deep_translator.exceptions import (
    AuthorizationException,
    NotValidLength,
    RequestError,
    ServerException,
    TooManyRequests,
)

from bot.translation.engine import AT_ONCE, TIMEOUT_SECONDS, Cause, Engine, EngineError
from bot.translation.languages import LANGUAGES, Language
from bot.translation.transport import AnswerTooLarge, deadline, install

_T = TypeVar("_T")


class _DeepEngine:
    """An engine of deep-translator, used as it must be: one instance a call, in few threads."""

    def __init__(
        self,
        *,
        name: str,
        max_chars: int,
        make: Callable[[str | None, str | None], Any],
        code: Callable[[Language], str | None],
        timeout: float,
        tidy: Callable[[str], str] = str,
    ) -> None:
        self.name = name
        self.max_chars = max_chars
        self._make = make
        self._code = code
        self._timeout = timeout
        self._tidy = tidy
        self._free = asyncio.Semaphore(AT_ONCE)

    def supports(self, language: str) -> bool:
        return language in LANGUAGES and self._code(LANGUAGES[language]) is not None

    async def translate(self, text: str, *, source: str, target: str) -> str:
        if not (self.supports(source) and self.supports(target)):
            raise EngineError(self.name, Cause.UNSUPPORTED)
        outcome: str | EngineError
        try:
            await asyncio.wait_for(self._free.acquire(), self._timeout)
            answer = _in_thread(lambda: self._answer(text, LANGUAGES[source], LANGUAGES[target]))
            answer.add_done_callback(self._thread_is_free)
            # The thread ends by the same deadline; the second is for what no time-out covers.
            outcome = await asyncio.wait_for(asyncio.shield(answer), self._timeout + 1)
        except TimeoutError:
            outcome = EngineError(self.name, Cause.TIMEOUT)
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    def _thread_is_free(self, answer: asyncio.Future[str | EngineError]) -> None:
        del answer
        self._free.release()

    def _answer(self, text: str, source: Language, target: Language) -> str | EngineError:
        # Returned, not raised: an exception would drag along deep-translator's own, with the text
        # and the address in it.
        try:
            with deadline(self._timeout):
                answer = self._make(self._code(source), self._code(target)).translate(text)
        except Exception as error:  # noqa: BLE001 - it raises anything, also bare Exception
            return EngineError(self.name, _cause(error), type(error).__name__)
        if not isinstance(answer, str):
            return EngineError(self.name, Cause.NO_ANSWER)
        return self._tidy(answer)


def _in_thread(ask: Callable[[], _T]) -> asyncio.Future[_T]:
    """Ask in a thread that, unlike an executor's, does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[_T] = loop.create_future()

    def settle(answer: _T) -> None:
        if not answered.done():
            answered.set_result(answer)

    def run() -> None:
        answer = ask()
        # A closed loop waits for no answer.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, answer)

    threading.Thread(target=run, name="translate", daemon=True).start()
    return answered


_CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (requests.Timeout, Cause.TIMEOUT),
    (AnswerTooLarge, Cause.NO_ANSWER),
    (requests.RequestException, Cause.UNREACHABLE),
    (TooManyRequests, Cause.TOO_MANY_REQUESTS),
    (AuthorizationException, Cause.REFUSED),
    (NotValidLength, Cause.TOO_LONG),
    (RequestError, Cause.SERVER),
)


def _cause(error: Exception) -> Cause:
    if isinstance(error, ServerException):
        # It keeps the status in words only.
        words = str(error)
        if words == ServerException.errors[429]:
            return Cause.TOO_MANY_REQUESTS
        return Cause.REFUSED if words == ServerException.errors[401] else Cause.SERVER
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.NO_ANSWER)


def google(
    *, url: str = "https://translate.google.com/m", timeout: float = TIMEOUT_SECONDS
) -> Engine:
    """Return Google Translate's page for simple browsers; no key."""
    install(deep_translator.google)

    def make(source: str | None, target: str | None) -> deep_translator.google.GoogleTranslator:
        translator = deep_translator.google.GoogleTranslator(source=source, target=target)
        translator._base_url = url  # noqa: SLF001 - there is no other way to say it
        return translator

    # 4,999 by its own word, but the text is in the address, and above about 1,800 characters that
    # take nine letters there each the server answers 400.
    return _DeepEngine(
        name="google", max_chars=1_800, make=make, code=lambda of: of.google, timeout=timeout
    )


def mymemory(
    *, url: str = "https://api.mymemory.translated.net/get", timeout: float = TIMEOUT_SECONDS
) -> Engine:
    """Return MyMemory; no key, 5,000 characters a day and address (mymemory.translated.net/doc)."""
    install(deep_translator.mymemory)

    def make(source: str | None, target: str | None) -> deep_translator.mymemory.MyMemoryTranslator:
        translator = deep_translator.mymemory.MyMemoryTranslator(source=source, target=target)
        translator._base_url = url  # noqa: SLF001 - deep-translator's own is plain http
        return translator

    return _DeepEngine(
        name="mymemory",
        max_chars=499,
        make=make,
        code=lambda of: of.mymemory,
        timeout=timeout,
        # Its memory was filled from web pages: `&#39;` and `&quot;` are common in answers.
        tidy=html.unescape,
    )


def libre(*, url: str, key: str | None = None, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return a LibreTranslate server, such as `http://localhost:5000`."""
    install(deep_translator.libre)

    def make(source: str | None, target: str | None) -> deep_translator.libre.LibreTranslator:
        translator = deep_translator.libre.LibreTranslator(
            custom_url=url.rstrip("/") + "/",
            # It insists on one; a server that wants none does not look.
            api_key=key or "none",
        )
        # Its constructor refuses two thirds of what LibreTranslate speaks.
        translator.source, translator.target = source, target
        return translator

    return _DeepEngine(
        name="libre", max_chars=2_000, make=make, code=lambda of: of.libre, timeout=timeout
    )
