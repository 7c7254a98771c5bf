"""DeepL's API, version 2: https://developers.deepl.com/api-reference/translate."""

from typing import Any

from bot.translation.engine import TIMEOUT_SECONDS, Context, Engine
from bot.translation.json_api import JsonApi
from bot.translation.languages import Language
from bot.translation.tagging import tagged, untagged


def deepl(*, url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return DeepL; `url` differs between free keys, which end in `:fx`, and paid ones."""
    api = JsonApi("deepl", headers={"Authorization": f"DeepL-Auth-Key {key}"}, timeout=timeout)

    async def ask(text: str, source: Language, target: Language, context: Context) -> str:
        question = {
            # https://developers.deepl.com/docs/xml-and-html-handling/xml
            "text": [tagged(text, context.names, opening="<x>", closing="</x>")],
            "tag_handling": "xml",
            "ignore_tags": ["x"],
            # It is read along, and neither translated nor counted.
            **({"context": context.title} if context.title else {}),
            "source_lang": source.deepl,
            "target_lang": target.deepl,
            # Hebrew, Thai and Vietnamese are with the newer models only.
            "model_type": "prefer_quality_optimized",
        }
        answer = await api.ask(f"{url.rstrip('/')}/translate", question, read=_translated)
        return untagged(answer)

    # A request may have 128 KiB; no abstract is nearly as long.
    return Engine("deepl", max_chars=10_000, code=lambda of: of.deepl, ask_told=ask)


def _translated(answer: Any) -> str | None:
    match answer:
        case {"translations": [{"text": str(text)}]}:
            return text
    return None
