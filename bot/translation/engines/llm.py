"""LLM: a language model behind any server that speaks OpenAI's chat completions.

https://platform.openai.com/docs/api-reference/chat/create; llama.cpp, vLLM, Ollama and most hosts
speak it as well.
"""

import ipaddress
from urllib.parse import urlsplit

from bot.translation.engines.engine import AT_ONCE, TIMEOUT_SECONDS, Answer, Context, Engine
from bot.translation.engines.llm_answers import parted, tidy
from bot.translation.engines.llm_client import ChatClient
from bot.translation.engines.llm_dialect import Dialect, has_template, without_thoughts
from bot.translation.engines.llm_prompts import profile_of, prompt
from bot.translation.languages import Language

__all__ = ["llm", "tidy"]


def llm(
    *,
    url: str,
    model: str,
    key: str | None = None,
    timeout: float = TIMEOUT_SECONDS,
    at_once: int | None = None,
    profile: str | None = None,
    summary: bool = False,
) -> Engine:
    """Return a model; `url` is what `/chat/completions` is put behind.

    timeout: the seconds that it may be silent. at_once: how many texts it is asked for side by
    side; by itself one where it runs on this machine or in this network, and else four. profile:
    one of `PROFILES`; by itself the one that the model's name tells. summary: it adds one to its
    translations, where it chats; models made for translation do not.
    """
    prompts = profile_of(model, profile)
    client = ChatClient(
        url=url,
        model=model,
        key=key,
        timeout=timeout,
        at_once=at_once or (1 if is_local(url) else AT_ONCE),
        dialect=Dialect(
            thoughts=without_thoughts(url, model) if prompts == "chat" else {},
            # Some of its models send all that they have written in each part of a stream.
            stream=prompts != "qwen-mt",
            template=prompts == "translategemma" and has_template(url, model),
        ),
    )

    async def ask(text: str, source: Language, target: Language, context: Context) -> Answer:
        said = await client.ask(prompt(prompts, text, source, target, context))
        told, summed_up = parted(said) if context.sentences else (said, "")
        return Answer(tidy(told), summed_up)

    return Engine(
        "llm",
        max_chars=6_000,
        code=lambda of: of.english,
        ask_told=ask,
        opens_names=prompts == "chat",
        summarises=model if summary and prompts == "chat" else "",
    )


def is_local(url: str) -> bool:
    """Say whether an address is on this machine or in a private network."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return (
            host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".internal"))
        )
