"""Microsoft's Translator API, version 3.

https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate
"""

from typing import Any

from bot.translation.engines.engine import TIMEOUT_SECONDS, Context, Engine
from bot.translation.engines.json_api import JsonApi
from bot.translation.languages import Language
from bot.translation.text.tagging import tagged, untagged


def microsoft(
    *,
    key: str,
    region: str | None = None,
    url: str = "https://api.cognitive.microsofttranslator.com",
    timeout: float = TIMEOUT_SECONDS,
) -> Engine:
    """Return Microsoft's Translator; `region` is the resource's, where it is not a global one."""
    headers = {"Ocp-Apim-Subscription-Key": key}
    if region:
        headers["Ocp-Apim-Subscription-Region"] = region
    api = JsonApi("microsoft", headers=headers, timeout=timeout)

    async def ask(text: str, source: Language, target: Language, context: Context) -> str:
        codes = f"from={source.microsoft}&to={target.microsoft}"
        address = f"{url}/translate?api-version=3.0&textType=html&{codes}"
        # https://learn.microsoft.com/azure/ai-services/translator/text-translation/how-to/prevent-translation
        kept = tagged(text, context.names, opening='<span class="notranslate">', closing="</span>")
        return untagged(await api.ask(address, [{"Text": kept}], read=_translated))

    # It takes 50,000, over all target languages (https://learn.microsoft.com/azure/ai-services/
    # translator/service-limits); no abstract is nearly as long.
    return Engine("microsoft", max_chars=10_000, code=lambda of: of.microsoft, ask_told=ask)


def _translated(answer: Any) -> str | None:
    match answer:
        case [{"translations": [{"text": str(text)}]}]:
            return text
    return None
