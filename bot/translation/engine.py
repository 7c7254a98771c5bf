"""What an engine is: something that translates, or says why it does not."""

from enum import StrEnum
from typing import Protocol

TIMEOUT_SECONDS = 20.0
"""What one text may take, all in all."""
AT_ONCE = 4
"""Texts that one engine is asked for side by side."""

ENGINES = {
    "google": "Google Translate",
    "mymemory": "MyMemory",
    "libre": "LibreTranslate",
    "microsoft": "Microsoft Translator",
    "deepl": "DeepL",
    "llm": "LLM",
}
"""What readers know engines by; another stands as it is."""


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
    RESTING = "resting"
    """Not asked: it failed too often a moment ago."""


class EngineError(Exception):
    """An engine failed; neither text nor key nor address is in here, whatever it said."""

    def __init__(self, engine: str, cause: Cause, detail: str = "") -> None:
        super().__init__(f"{engine}: {cause.value}" + (f" ({detail})" if detail else ""))
        self.engine = engine
        self.cause = cause
        self.detail = detail
        """The name of a library's exception or an HTTP status, where there was one."""


class Engine(Protocol):
    """Something that translates."""

    @property
    def name(self) -> str:
        """Return what settings and readers call it."""

    @property
    def max_chars(self) -> int:
        """Return how long a text it takes at once."""

    def supports(self, language: str) -> bool:
        """Say whether it knows a language, by our code."""

    async def translate(self, text: str, *, source: str, target: str) -> str:
        """Translate, from and into our codes; what comes back is not checked.

        Raises:
            EngineError: no answer, whatever the reason.

        """
