"""DeepL's glossary: our terms, stored there once for all languages that have some.

https://developers.deepl.com/api-reference/multilingual-glossaries
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog

from bot.http.client import HttpClient, NoAnswerError
from bot.translation import glossary
from bot.translation.languages import LANGUAGES, Language
from storage.models import ORIGINAL

_PREFIX = "paperboy-"
_DIGITS = 12

_log = structlog.get_logger(__name__)


class DeeplGlossary:
    """One glossary with a dictionary for each language; without it DeepL translates all the same.

    Its name tells what is in it, so a start finds that of the start before, and another bot with
    the same key and terms uses it too. Where no more can be stored, one of an older version does.
    """

    def __init__(self, client: HttpClient, *, url: str) -> None:
        """Take the address of version 2, which translates; glossaries are at version 3."""
        self._client = client
        self._url = re.sub(r"/v2/?$", "/v3", url.rstrip("/")) + "/glossaries"
        self._known: dict[str, str] | None = None
        self._looking = asyncio.Lock()

    async def id_for(self, target: Language, folder: Path | None) -> str | None:
        """Return the id of a glossary into a language, where there is one."""
        if not glossary.certain(target.code, folder):
            return None
        async with self._looking:
            if self._known is None:
                self._known = await self._stored(folder)
        return self._known.get(_base(target))

    def forget(self) -> None:
        """Use none until the next start: DeepL refused it."""
        self._known = {}

    async def _stored(self, folder: Path | None) -> dict[str, str]:
        """Return ids by DeepL's language, of what is there already or is stored now."""
        dictionaries = _dictionaries(folder)
        name = _PREFIX + hashlib.sha256(repr(dictionaries).encode()).hexdigest()[:_DIGITS]
        try:
            there = await self._read(await self._client.get(self._url))
            ours = [one for one in there.get("glossaries", []) if _name(one).startswith(_PREFIX)]
            made = next((one for one in ours if _name(one) == name), None)
            if made is None:
                question = {"name": name, "dictionaries": dictionaries}
                made = await self._read(await self._client.post(self._url, question))
            # The newest last: it is the one that counts.
            return {language: at for one in [*ours, made] for language, at in _targets(one)}
        except (NoAnswerError, ValueError, AttributeError, TypeError) as error:
            _log.info("no glossary at DeepL", error=type(error).__name__)
            return {}

    async def _read(self, answer: Any) -> Mapping[str, Any]:
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            _log.info("no glossary at DeepL", status=answer.status)
            return {}
        found = answer.json()
        return found if isinstance(found, dict) else {}


def _dictionaries(folder: Path | None) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for code, language in LANGUAGES.items():
        terms = glossary.certain(code, folder) if language.deepl and code != ORIGINAL else {}
        if terms:
            found.setdefault(_base(language), {
                "source_lang": "en",
                "target_lang": _base(language),
                "entries": "\n".join(f"{english}\t{term}" for english, term in terms.items()),
                "entries_format": "tsv",
            })  # fmt: skip
    return list(found.values())


def _base(language: Language) -> str:
    """Return DeepL's language without its variant: glossaries have none."""
    return (language.deepl or "").partition("-")[0].lower()


def _name(one: Mapping[str, Any]) -> str:
    return str(one.get("name", ""))


def _targets(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    at = one.get("glossary_id")
    if not isinstance(at, str):
        return []
    return [
        (str(dictionary.get("target_lang")).lower(), at)
        for dictionary in one.get("dictionaries", [])
        if str(dictionary.get("source_lang")).lower() == ORIGINAL
    ]
