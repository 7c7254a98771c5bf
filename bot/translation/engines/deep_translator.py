"""deep-translator's engines: Google, MyMemory and LibreTranslate.

Its Microsoft class is not among them: each instance asks the network for a list of languages first,
a failed connection ends in an AttributeError, and its codes are in lower case. `microsoft.py` asks
that API itself, as `deepl.py` does, because deep-translator's DeepL class sends the key in a way
that DeepL has dropped.

The package is imported in the engine's thread, when it is first asked: with all its classes come
requests and Beautiful Soup, and nothing else waits meanwhile.
"""

import html
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bot.http.client import HttpClient, NoAnswerError, Threads
from bot.translation.engines.engine import (
    AT_ONCE,
    TIMEOUT_SECONDS,
    Ask,
    Cause,
    Engine,
    EngineError,
    not_answered,
)
from bot.translation.engines.transport import deadline, install
from bot.translation.languages import Language


def _asking(name: str, make: Callable[[Language, Language], Any], timeout: float) -> Ask:
    """Return how one of its classes is asked: with one instance a call, in few threads."""
    threads = Threads(at_once=AT_ONCE)

    def answer(text: str, source: Language, target: Language) -> str:
        try:
            with deadline(timeout):
                translated = make(source, target).translate(text)
            if isinstance(translated, str):
                return translated
            failure = EngineError(name, Cause.NO_ANSWER)
        except NoAnswerError as error:
            failure = not_answered(name, error)
        except Exception as error:  # noqa: BLE001 - it raises anything, also bare Exception
            failure = EngineError(name, _cause(error), type(error).__name__)
        # Not raised above: it would drag along deep-translator's own error, with the text and the
        # address in it.
        raise failure

    async def ask(text: str, source: Language, target: Language) -> str:
        try:
            # The thread ends by the same deadline; the second is for what no time-out covers.
            return await threads.run(lambda: answer(text, source, target), seconds=timeout + 1)
        except TimeoutError:
            failure = EngineError(name, Cause.TIMEOUT)
        raise failure

    return ask


def _cause(error: Exception) -> Cause:
    from deep_translator import exceptions as kinds

    causes = (
        (kinds.TooManyRequests, Cause.TOO_MANY_REQUESTS),
        (kinds.AuthorizationException, Cause.REFUSED),
        (kinds.NotValidLength, Cause.TOO_LONG),
        (kinds.RequestError, Cause.SERVER),
    )
    if isinstance(error, kinds.ServerException):
        # It keeps the status in words only.
        words = str(error)
        if words == kinds.ServerException.errors[429]:
            return Cause.TOO_MANY_REQUESTS
        return Cause.REFUSED if words == kinds.ServerException.errors[401] else Cause.SERVER
    return next((cause for kind, cause in causes if isinstance(error, kind)), Cause.NO_ANSWER)


def google(
    *, url: str = "https://translate.google.com/m", timeout: float = TIMEOUT_SECONDS
) -> Engine:
    """Return Google Translate's page for simple browsers; no key."""

    def make(source: Language, target: Language) -> Any:
        from deep_translator import google as module

        install(module)
        translator = module.GoogleTranslator(source.google, target.google)
        translator._base_url = url  # noqa: SLF001 - there is no other way to say it
        return translator

    # 4,999 by its own word, but the text is in the address, and above about 1,800 characters that
    # take nine letters there each the server answers 400.
    ask = _asking("google", make, timeout)
    return Engine("google", max_chars=1_800, code=lambda of: of.google, ask=ask)


def mymemory(
    *, url: str = "https://api.mymemory.translated.net/get", timeout: float = TIMEOUT_SECONDS
) -> Engine:
    """Return MyMemory; no key, 5,000 characters a day and address (mymemory.translated.net/doc)."""

    def make(source: Language, target: Language) -> Any:
        from deep_translator import mymemory as module

        install(module)
        translator = module.MyMemoryTranslator(source.mymemory, target.mymemory)
        translator._base_url = url  # noqa: SLF001 - deep-translator's own is plain http
        return translator

    raw = _asking("mymemory", make, timeout)

    async def ask(text: str, source: Language, target: Language) -> str:
        # Its memory was filled from web pages: `&#39;` and `&quot;` are common in answers.
        return html.unescape(await raw(text, source, target))

    # It counts bytes: https://mymemory.translated.net/doc/spec.php
    return Engine(
        "mymemory",
        max_chars=499,
        code=lambda of: of.mymemory,
        ask=ask,
        size=lambda text: len(text.encode()),
    )


_LIBRE_CHARS = 2_000
_LEAST_CHARS = 100
_LIMIT_SECONDS = 3.0


def libre(*, url: str, key: str | None = None, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return a LibreTranslate server, such as `http://localhost:5000`."""

    def make(source: Language, target: Language) -> Any:
        from deep_translator import libre as module

        install(module)
        translator = module.LibreTranslator(
            custom_url=url.rstrip("/") + "/",
            # It insists on one; a server that wants none does not look.
            api_key=key or "none",
        )
        # Its constructor refuses two thirds of what LibreTranslate speaks.
        translator.source, translator.target = source.libre, target.libre
        return translator

    ask = _asking("libre", make, timeout)
    client = HttpClient(timeout=min(timeout, _LIMIT_SECONDS))
    known: list[int] = []

    async def limit() -> int:
        if not known:
            known.append(_LIBRE_CHARS)
            with suppress(NoAnswerError, ValueError):
                answer = (await client.get(f"{url.rstrip('/')}/frontend/settings")).json()
                match answer:
                    case {"charLimit": int(most)} if most > 0:
                        known[0] = max(_LEAST_CHARS, min(most, _LIBRE_CHARS))
        return known[0]

    return Engine("libre", max_chars=_LIBRE_CHARS, code=lambda of: of.libre, ask=ask, limit=limit)
