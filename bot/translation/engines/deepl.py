"""DeepL's API, version 2: https://developers.deepl.com/api-reference/translate."""

from typing import Any

from bot.http.client import HttpClient
from bot.translation.engines.deepl_glossary import DeeplGlossary
from bot.translation.engines.engine import TIMEOUT_SECONDS, Cause, Context, Engine, EngineError
from bot.translation.engines.json_api import JsonApi
from bot.translation.languages import Language
from bot.translation.text.tagging import tagged, untagged

_GLOSSARY_SECONDS = 5.0


def deepl(*, url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """Return DeepL; `url` differs between free keys, which end in `:fx`, and paid ones."""
    headers = {"Authorization": f"DeepL-Auth-Key {key}"}
    api = JsonApi("deepl", headers=headers, timeout=timeout)
    client = HttpClient(timeout=min(timeout, _GLOSSARY_SECONDS), headers=headers)
    terms = DeeplGlossary(client, url=url)

    async def ask(text: str, source: Language, target: Language, context: Context) -> str:
        stored = await terms.id_for(target, context.glossaries) if context.terms else None
        try:
            return await translate(text, source, target, context, stored)
        except EngineError as error:
            if stored is None or error.cause not in {Cause.REFUSED, Cause.SERVER}:
                raise
            # A glossary that somebody deleted meanwhile, or that this model does not take.
            terms.forget()
        return await translate(text, source, target, context, None)

    async def translate(
        text: str, source: Language, target: Language, context: Context, stored: str | None
    ) -> str:
        question = {
            # https://developers.deepl.com/docs/xml-and-html-handling/xml
            "text": [tagged(text, context.names, opening="<x>", closing="</x>")],
            "tag_handling": "xml",
            "ignore_tags": ["x"],
            # It is read along, and neither translated nor counted.
            **({"context": context.title} if context.title else {}),
            **({"glossary_id": stored} if stored else {}),
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
