"""Microsoft's Translator, version 3.

https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate
"""

from typing import Any

from bot.translation.engine import TIMEOUT_SECONDS, Cause, Engine, EngineError
from bot.translation.json_api import JsonApi
from bot.translation.languages import LANGUAGES


class _Microsoft:
    name = "microsoft"
    # It takes 50,000, over all target languages (https://learn.microsoft.com/azure/ai-services/
    # translator/service-limits); no abstract is nearly as long.
    max_chars = 10_000

    def __init__(self, *, url: str, key: str, region: str | None, timeout: float) -> None:
        self._url = url
        headers = {"Ocp-Apim-Subscription-Key": key}
        if region:
            headers["Ocp-Apim-Subscription-Region"] = region
        self._api = JsonApi(self.name, headers=headers, timeout=timeout)

    def supports(self, language: str) -> bool:
        return language in LANGUAGES and LANGUAGES[language].microsoft is not None

    async def translate(self, text: str, *, source: str, target: str) -> str:
        if not (self.supports(source) and self.supports(target)):
            raise EngineError(self.name, Cause.UNSUPPORTED)
        codes = LANGUAGES[source].microsoft, LANGUAGES[target].microsoft
        answer = await self._api.post(
            f"{self._url}/translate?api-version=3.0&from={codes[0]}&to={codes[1]}", [{"Text": text}]
        )
        translated = _translated(answer)
        if translated is None:
            raise EngineError(self.name, Cause.NO_ANSWER)
        return translated


def _translated(answer: Any) -> str | None:
    match answer:
        case [{"translations": [{"text": str(text)}]}]:
            return text
    return None


def microsoft(
    *,
    key: str,
    region: str | None = None,
    url: str = "https://api.cognitive.microsofttranslator.com",
    timeout: float = TIMEOUT_SECONDS,
) -> Engine:
    """Return Microsoft's Translator; `region` is the resource's, where it is not a global one."""
    return _Microsoft(url=url, key=key, region=region, timeout=timeout)
