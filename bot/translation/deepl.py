"""DeepL's API, version 2: https://developers.deepl.com/api-reference/translate."""

from typing import Any

from bot.translation.engine import TIMEOUT_SECONDS, Cause, Engine, EngineError
from bot.translation.json_api import JsonApi
from bot.translation.languages import LANGUAGES


class _DeepL:
    name = "deepl"
    # A request may have 128 KiB; no abstract is nearly as long.
    max_chars = 10_000

    def __init__(self, *, url: str, key: str, timeout: float) -> None:
        self._url = url
        headers = {"Authorization": f"DeepL-Auth-Key {key}"}
        self._api = JsonApi(self.name, headers=headers, timeout=timeout)

    def supports(self, language: str) -> bool:
        return language in LANGUAGES and LANGUAGES[language].deepl is not None

    async def translate(self, text: str, *, source: str, target: str) -> str:
        if not (self.supports(source) and self.supports(target)):
            raise EngineError(self.name, Cause.UNSUPPORTED)
        question = {
            "text": [text],
            "source_lang": LANGUAGES[source].deepl,
            "target_lang": LANGUAGES[target].deepl,
            # Hebrew, Thai and Vietnamese are with the newer models only.
            "model_type": "prefer_quality_optimized",
        }
        translated = _translated(await self._api.post(f"{self._url}/translate", question))
        if translated is None:
            raise EngineError(self.name, Cause.NO_ANSWER)
        return translated


def _translated(answer: Any) -> str | None:
    match answer:
        case {"translations": [{"text": str(text)}]}:
            return text
    return None


def deepl(*, url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return DeepL; `url` differs between free keys, which end in `:fx`, and paid ones."""
    return _DeepL(url=url.rstrip("/"), key=key, timeout=timeout)
