"""Names that are plain words: of a paper's method, acronyms that it defines, families of models.

Identifiers that mix cases and digits are seen by their form, in `untouchable.py`. `FALCON`, `Aria`
or `Llama` look like words, and engines translate them.
"""

import re
from collections.abc import Iterator

from bot.regex.lazy_pattern import lazily

_FAMILIES = frozenset({
    "Alpaca", "BERT", "BLIP", "BLOOM", "CLIP", "Chinchilla", "Claude", "Codex", "Copilot",
    "DALL", "DETR", "DINO", "DeepSeek", "ELMo", "Falcon", "Flamingo", "Flux", "GPT",
    "Galactica", "Gemini", "Gemma", "Gopher", "Granite", "Grok", "Hunyuan", "InternLM", "Jamba",
    "Kimi", "LLaMA", "LLaVA", "LaMDA", "Llama", "Mamba", "Megatron", "MiniMax", "Mistral",
    "Mixtral", "Nemotron", "OLMo", "Orca", "PaLM", "Pangu", "Phi", "Pythia", "Qwen", "RoBERTa",
    "SAM", "Segformer", "Sora", "StarCoder", "Swin", "Vicuna", "WavLM", "Whisper", "YOLO", "Yi",
})  # fmt: skip
_TRANSLATED = frozenset({
    "AI", "AIDS", "CT", "DNA", "ECG", "EU", "GDP", "HIV", "ICU", "IR", "MRI", "NATO", "NGO",
    "ODE", "ODES", "PDE", "RNA", "SDE", "SOTA", "UAE", "UK", "UN", "US", "USA", "UV", "WHO",
})  # fmt: skip
"""Acronyms that languages have words of their own for."""
_MONTHS = frozenset({
    "Apr", "April", "Aug", "August", "Autumn", "Dec", "December", "Feb", "February", "Jan",
    "January", "Jul", "July", "Jun", "June", "Mar", "March", "May", "Nov", "November", "Oct",
    "October", "Sep", "Sept", "September", "Spring", "Summer", "Winter",
})  # fmt: skip
_STEM = r"[A-Z][\w]*(?:-[A-Za-z0-9]+)*"
_IN_BRACKETS = lazily(
    r"[(\[](?:i\.e\.,? |e\.g\.,? |or |called |dubbed |the )?([A-Za-z][\w&/-]{1,15})[)\];,]"
)
_PROPOSED = lazily(
    r"\b(?:propos|present|introduc|develop|releas|construct|creat|design|unveil|describ|build|built"
    r"|dub|call|nam|term|entitl|titl)"
    r"(?:e|es|ed|ing|s)?,?\s+(?:(?:the|a|an|our|as|it|this|new|novel|benchmark|dataset|data set"
    rf"|model|framework|system|method)\s+){{0,3}}"
    rf"[\"“‘'`*]*({_STEM})(?P<after>[\"”’'`*]*\s*(?:[,.:;(—–\\]|-\s"
    r"|(?:a|an|the|which|that|to|for|as|is|by|and|in|on|with|using)\b|$))?"
)
_TITLE = lazily(r"\s*[\"“']?([^:?!]{1,40}?)[\"”']?\s*[:：]\s")
_CITED = lazily(
    r"\b([A-Z][\w'’-]+)(?:,? (?:and|&) ([A-Z][\w'’-]+))?(?= et al\b|,? \(?(?:19|20)\d\d[a-z]?\))"
)
_CAPITALS = lazily(r"[A-Z].*[A-Z]")
_WORD = lazily(r"[A-Za-z][\w-]*")


def names(text: str, *, title: str = "") -> tuple[str, ...]:
    """Return the names in a text that must stay as they are, the longest first.

    title: the paper's; the text may be the title itself.
    """
    found = dict.fromkeys([*_before_the_colon(title, text), *_defined(text), *_proposed(text)])
    found |= dict.fromkeys(
        name
        for match in _CITED.finditer(text)
        for name in match.groups()
        if name and name not in _MONTHS
    )
    found |= dict.fromkeys(word for word in _WORD.findall(text) if word in _FAMILIES)
    there = (name for name in found if name not in _TRANSLATED and pattern_of(name).search(text))
    return tuple(sorted(there, key=lambda name: (-len(name), name)))


def pattern_of(name: str) -> re.Pattern[str]:
    """Return what finds a name as a word of its own, its plural too."""
    return re.compile(rf"(?<![A-Za-z0-9_\\]){re.escape(name)}(?:s(?![A-Za-z]))?(?![A-Za-z0-9_])")


def _before_the_colon(title: str, text: str) -> Iterator[str]:
    match = _TITLE.match(title)
    if not match:
        return
    name = match[1].strip()
    words = name.split()
    if len(words) == 1 and (_CAPITALS.search(name) or re.search(r"\d", name)):
        yield name
    elif len(words) <= 3 and all(word[0].isupper() or word[0].isdigit() for word in words):  # noqa: PLR2004
        # "Robotics" before a colon is a word; within a sentence it has no capital.
        inside = re.search(rf"(?<=[a-z,(] ){re.escape(name)}(?![\w])", text)
        if inside and _is_capital_within(name, text):
            yield name


def _defined(text: str) -> Iterator[str]:
    for match in _IN_BRACKETS.finditer(text):
        word = match[1]
        stem = word.removesuffix("s") if word[-2:-1].isupper() else word
        if sum(sign.isupper() for sign in stem) > 1 and not stem.isdigit():
            yield stem


def _proposed(text: str) -> Iterator[str]:
    for match in _PROPOSED.finditer(text):
        # `AI-driven` says something of AI; `LLMs` are several of one name.
        word = re.sub(r"(?:-[a-z]+)+$", "", match[1])
        word = word.removesuffix("s") if word[-2:-1].isupper() else word
        if word in _MONTHS:
            continue
        if (_CAPITALS.search(word) and not re.search(r"-[A-Z][a-z]", word)) or (
            match["after"] and "-" not in word and _is_capital_within(word, text)
        ):
            yield word


def _is_capital_within(word: str, text: str) -> bool:
    """Say whether a word has its capital wherever it stands."""
    return not re.search(rf"\b{re.escape(word.lower())}\b", text)
