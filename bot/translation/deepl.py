"""DeepL's API, version 2: https://developers.deepl.com/api-reference/translate."""

from typing import Any

from bot.translation.engine import TIMEOUT_SECONDS, Engine
from bot.translation.json_api import JsonApi
from bot.translation.languages import Language


def deepl(*, url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return DeepL; `url` differs between free keys, which end in `:fx`, and paid ones."""
    api = JsonApi("deepl", headers={"Authorization": f"DeepL-Auth-Key {key}"}, timeout=timeout)

    async def ask(text: str, source: Language, target: Language) -> str:
        question = {
            "text": [text],
            "source_lang": source.deepl,
            "target_lang": target.deepl,
            # Hebrew, Thai and Vietnamese are with the newer models only.
            "model_type": "prefer_quality_optimized",
        }
        return await api.ask(f"{url.rstrip('/')}/translate", question, read=_translated)

    # A request may have 128 KiB; no abstract is nearly as long.
    return Engine("deepl", max_chars=10_000, code=lambda of: of.deepl, ask=ask)


def _translated(answer: Any) -> str | None:
    match answer:
        case {"translations": [{"text": str(text)}]}:
            return text
    return None
