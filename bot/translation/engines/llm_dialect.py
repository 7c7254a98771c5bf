"""What one server of chat completions takes: learnt from what it refuses, and remembered."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.translation.engines.llm_prompts import Prompt

_LONGEST = 8_192
"""Tokens, for a server whose own limit is too short; thoughts count."""

_SAMPLING = {"temperature", "top_p", "top_k", "repetition_penalty"}

_THINKS = re.compile(
    r"qwen-?3|glm-?[45]|deepseek-?(?:v3|v4|r1)|hunyuan|smollm3|nemotron|kimi|granite-?[34]",
    re.IGNORECASE,
)
_OLLAMA_PORT = 11_434
_BY_HOST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("openrouter.ai", {"reasoning": {"enabled": False}}),
    ("aliyuncs.com", {"enable_thinking": False}),
    ("siliconflow", {"enable_thinking": False}),
    ("deepseek.com", {"thinking": {"type": "disabled"}}),
    ("bigmodel.cn", {"thinking": {"type": "disabled"}}),
    ("z.ai", {"thinking": {"type": "disabled"}}),
    ("volces.com", {"thinking": {"type": "disabled"}}),
)


def has_template(url: str, model: str) -> bool:
    """Say whether a server has its models' templates; Ollama, which names them `a:7b`, has not."""
    return urlsplit(url).port != _OLLAMA_PORT and not re.fullmatch(r"[\w./-]+:[\w.-]+", model)


def without_thoughts(url: str, model: str) -> dict[str, Any]:
    """Return how a server is told to have its model not think, where that is known."""
    host = urlsplit(url).hostname or ""
    for part, told in _BY_HOST:
        if host == part or host.endswith(f".{part}") or (part == "siliconflow" and part in host):
            return told
    if re.search(r"gpt-oss|gpt-5|(?<![a-z])o[134](?:-|$)", model, re.IGNORECASE):
        return {"reasoning_effort": "low"}
    if _THINKS.search(model):
        return {"chat_template_kwargs": {"enable_thinking": False}}
    return {}


@dataclass(slots=True)
class Dialect:
    """How a server is asked, as far as that is known by now."""

    thoughts: dict[str, Any] = field(default_factory=dict)
    system: bool = True
    sampling: bool = True
    """Whether it takes temperature and its like."""
    stream: bool = True
    template: bool = False
    """Whether the model's own template makes the prompt."""
    limit: str | None = None
    """What it calls the longest answer; None: it is not told."""
    refused: set[str] = field(default_factory=set)

    def question(self, model: str, prompt: Prompt) -> dict[str, Any]:
        """Return what is sent."""
        user = prompt.user
        messages = [{"role": "user", "content": user}]
        if prompt.system and self.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        elif prompt.system:
            messages[0]["content"] = f"{prompt.system}\n\n{user}"
        asked: dict[str, Any] = {"model": model, "messages": messages, **self.thoughts}
        if prompt.templated and self.template:
            asked |= prompt.templated
        if self.stream:
            asked["stream"] = True
        if self.limit:
            asked[self.limit] = _LONGEST
        left_away = set[str]() if self.sampling else _SAMPLING
        return asked | {n: v for n, v in prompt.extra.items() if n not in left_away}

    def learn(self, complaint: str) -> bool:
        """Change what a server complains of; False: it complains of something else."""
        words = complaint.casefold()
        for name, is_meant, change in self._changes():
            if name not in self.refused and is_meant(words):
                self.refused.add(name)
                change()
                return True
        return False

    def wants_longer(self) -> bool:
        """Note that an answer was cut off at the server's own limit; False: it was told ours."""
        if self.limit or {"max_tokens", "max_completion_tokens"} & self.refused:
            return False
        self.limit = "max_tokens"
        return True

    def _changes(self) -> list[tuple[str, Callable[[str], bool], Callable[[], None]]]:
        def put(name: str, value: object) -> Callable[[], None]:
            return lambda: setattr(self, name, value)

        thoughts = [*self.thoughts, "reasoning", "thinking", "chat_template", "extra inputs"]
        return [
            ("max_tokens", lambda words: self.limit == "max_tokens" and "max_" in words,
             put("limit", "max_completion_tokens")),
            ("max_completion_tokens", lambda words: self.limit is not None and "max_" in words,
             put("limit", None)),
            ("template",
             lambda words: self.template and ("lang_code" in words or "content" in words),
             put("template", False)),
            ("sampling", lambda words: any(name in words for name in _SAMPLING),
             put("sampling", False)),
            ("system", lambda words: bool(re.search(r"\bsystem\b|developer|alternate", words)),
             put("system", False)),
            ("thoughts",
             lambda words: bool(self.thoughts) and any(name in words for name in thoughts),
             put("thoughts", {})),
            ("stream", lambda words: self.stream and "stream" in words, put("stream", False)),
        ]  # fmt: skip
