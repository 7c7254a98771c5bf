"""Fake server of LibreTranslate: its HTTP interface over recorded translations.

Interface and error texts: https://github.com/LibreTranslate/LibreTranslate, libretranslate/app.py.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from tornado.web import Application, HTTPError

from bot.playground.local_server import Handler, LocalServer
from bot.playground.translator.pseudo import LANGUAGES, pseudo_translate
from bot.playground.translator.recorded import RecordedTranslations, UnknownText

_OURS = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zt": "zh-TW", "zh-Hant": "zh-TW"}
"""Its codes, and the recording's where they differ."""
_QUOTA = "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS FOR TODAY."


class TranslatorFault(StrEnum):
    """A way to misbehave."""

    DOWN = "down"
    """The connection breaks before there is an answer."""
    HANG = "hang"
    """No answer until the client gives up."""
    TOO_MANY_REQUESTS = "429"
    SERVER_ERROR = "500"
    QUOTA = "quota"
    """HTTP 200, and a quota notice in place of the translation."""
    ECHO = "echo"
    MANGLE = "mangle"
    """The brackets of placeholders are lost."""


@dataclass(frozen=True, slots=True)
class TranslateCall:
    """One text that somebody asked to be translated."""

    text: str
    source: str
    target: str


class FakeLibreTranslate:
    """A LibreTranslate server on 127.0.0.1."""

    def __init__(
        self,
        recorded: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        *,
        unknown: Literal["refuse", "echo", "pseudo"] = "refuse",
        titles: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        phrases: Mapping[str, str] | None = None,
        api_key: str | None = None,
        delay_seconds: float = 0,
    ) -> None:
        """Take recorded translations, `{paper id: {language: [sentence, ...]}}`.

        A text that is neither among them nor among `titles`, of the same form, is refused (HTTP
        500), comes back as it was, or gets nonsense in the right script.
        """
        self.calls: list[TranslateCall] = []
        self.fault: TranslatorFault | None = None
        """What every request meets, until it is None again."""
        self.recorded = RecordedTranslations(recorded or {})
        self.titles = RecordedTranslations(titles or {})
        self.phrases = phrases or {}
        """What a few words of any language are in English."""
        self.unknown = unknown
        self.api_key = api_key
        self.delay_seconds = delay_seconds
        self.may_answer = asyncio.Event()
        """While this is not set, translations wait for it."""
        self.may_answer.set()
        self._server = LocalServer()

    def application(self) -> Application:
        """Return what a tornado server serves."""
        about = {"box": self}
        return Application(
            [
                ("/translate", _Translate, about),
                ("/detect", _Detect, about),
                ("/languages", _Languages, about),
                ("/frontend/settings", _Settings, about),
            ],
            log_function=lambda _: None,
        )

    async def start(self, port: int = 0) -> str:
        """Serve; return the base URL, such as `http://127.0.0.1:5000`."""
        return await self._server.start(self.application(), port)

    async def stop(self) -> None:
        """Stop serving and break what is still connected."""
        await self._server.stop()

    def languages(self) -> list[str]:
        """Return the codes of the installed languages, English first."""
        recorded = {_theirs(code) for code in self.recorded.languages()}
        known = recorded | set(LANGUAGES if self.unknown == "pseudo" else ())
        return ["en", *sorted(known - {"en"})]

    def translate(self, text: str, target: str) -> str:
        """Translate one English text, line by line as LibreTranslate does.

        Raises:
            UnknownText: it is not recorded and unknown texts are refused.

        """
        if target == "en":
            return self.phrases.get(text.casefold(), text)
        return "\n".join(self._line(line, target) for line in text.split("\n"))

    def _line(self, text: str, target: str) -> str:
        language = _OURS.get(target, target)
        with suppress(UnknownText):
            return self.titles.translate(text, language)
        try:
            return self.recorded.translate(text, language)
        except UnknownText:
            if self.unknown == "refuse":
                raise
            if self.unknown == "echo":
                return text
            return pseudo_translate(text, target)


def _theirs(code: str) -> str:
    return {"zh-CN": "zh", "zh-TW": "zt"}.get(code, code)


class _RefusalError(HTTPError):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(status)
        self.error = error


class _Handler(Handler):
    def initialize(self, box: FakeLibreTranslate) -> None:
        self.box = box

    def set_default_headers(self) -> None:
        self.set_header("Access-Control-Allow-Origin", "*")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        del status_code
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        self.finish({"error": error.error if isinstance(error, _RefusalError) else self._reason})

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)

    def fields(self) -> dict[str, Any]:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0]
        if kind == "application/json":
            try:
                fields = json.loads(self.request.body)
            except ValueError:
                fields = None
            if not isinstance(fields, dict):
                raise _RefusalError(400, "Invalid JSON format")
            return fields
        fields = {name: self.get_argument(name) for name in self.request.arguments}
        if isinstance(fields.get("q"), str):
            fields["q"] = "\n".join(fields["q"].splitlines())
        return fields

    def admit(self, fields: Mapping[str, Any]) -> None:
        if self.box.api_key is None:
            return
        if not fields.get("api_key"):
            raise _RefusalError(400, "Please contact the server operator to get an API key")
        if fields["api_key"] != self.box.api_key:
            raise _RefusalError(403, "Invalid API key")

    async def stays_silent(self) -> bool:
        """Act out a fault of the connection; say whether there will be no answer."""
        match self.box.fault:
            case TranslatorFault.DOWN:
                self.detach().close()
            case TranslatorFault.HANG:
                await self.gone.wait()
            case TranslatorFault.TOO_MANY_REQUESTS:
                raise _RefusalError(429, "Slowdown: 10 per 1 minute")
            case TranslatorFault.SERVER_ERROR:
                raise _RefusalError(500, "Cannot translate text: out of memory")
            case _:
                return False
        return True


class _Translate(_Handler):
    async def post(self) -> None:
        if await self.stays_silent():
            return
        fields = self.fields()
        self.admit(fields)
        for name in ("q", "source", "target"):
            if not fields.get(name):
                raise _RefusalError(400, f"Invalid request: missing {name} parameter")
        target = fields["target"]
        for code in (fields["source"], target):
            if code not in self.box.languages() and code not in _OURS and code != "auto":
                raise _RefusalError(400, f"{code} is not supported")
        if fields.get("format", "text") not in ("text", "html"):
            raise _RefusalError(400, f"{fields['format']} format is not supported")
        asked = fields["q"] if isinstance(fields["q"], list) else [fields["q"]]
        self.box.calls += (TranslateCall(str(text), fields["source"], target) for text in asked)
        await asyncio.sleep(self.box.delay_seconds)
        await self.box.may_answer.wait()
        answers = [self.answer(str(text), target) for text in asked]
        self.finish({"translatedText": answers if isinstance(fields["q"], list) else answers[0]})

    def answer(self, text: str, target: str) -> str:
        match self.box.fault:
            case TranslatorFault.QUOTA:
                return _QUOTA
            case TranslatorFault.ECHO:
                return text
            case _:
                pass
        try:
            translated = self.box.translate(text, target)
        except UnknownText:
            raise _RefusalError(500, "Cannot translate text: it was not recorded") from None
        return (
            re.sub(r"[⟦⟧]", "", translated)
            if self.box.fault is TranslatorFault.MANGLE
            else translated
        )


class _Detect(_Handler):
    async def post(self) -> None:
        fields = self.fields()
        self.admit(fields)
        if not fields.get("q"):
            raise _RefusalError(400, "Invalid request: missing q parameter")
        self.finish(json.dumps([{"confidence": 100.0, "language": "en"}]))


class _Languages(_Handler):
    async def get(self) -> None:
        codes = self.box.languages()
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps([{"code": code, "name": code, "targets": codes} for code in codes]))


class _Settings(_Handler):
    async def get(self) -> None:
        self.finish(
            {
                "charLimit": -1,
                "frontendTimeout": 500,
                "apiKeys": self.box.api_key is not None,
                "keyRequired": self.box.api_key is not None,
                "suggestions": False,
                "filesTranslation": False,
                "supportedFilesFormat": [],
                "language": {
                    "source": {"code": "auto", "name": "Auto Detect"},
                    "target": {"code": "es", "name": "Spanish"},
                },
            }
        )
