"""Negations: a text that denies twice has not become one that denies nothing."""

import re

_DENIES = re.compile(
    r"\b(?:not|never|no|cannot|without|neither|nor|none|nothing|nobody)\b|n['’]t\b", re.IGNORECASE
)
_NO_DENIAL = re.compile(
    r"\bnot only\b|\bwhether or not\b|\bno (?:longer|later|more than)\b", re.IGNORECASE
)
_ENOUGH = 2
_IN: dict[str, re.Pattern[str]] = {
    language: re.compile(words, re.IGNORECASE)
    for language, words in {
        "zh-CN": "[不没无未非免莫勿缺否别难仅失]",
        "zh-TW": "[不沒無未非免莫勿缺否別難僅失]",
        "ja": "ない|なく|なし|なかっ|ません|ず|ぬ|無|不|非|未",
        "ko": "않|없|못|아니|말|무|비|미|불",
        "es": r"\b(?:no|ni|sin|nunca|jamás|tampoco|nada|nadie|ning\w+)\b",
        "pt": r"\b(?:não|nem|sem|nunca|jamais|nada|ninguém|nenhum\w*)\b",
        "it": r"\b(?:non|né|senza|mai|nulla|nessun\w*)\b",
        "fr": r"\b(?:ne|non|ni|sans|jamais|pas|rien|aucun\w*)\b|\bn['’]",
        "de": r"nicht|\bkein|\bnie\b|niemals|\bohne|\bweder|\bun\w+|los\w*\b|frei\w*\b",
        "ru": r"\b(?:не|ни|без|нет|никогда|нельзя|не\w+|без\w+)\b",
        "uk": r"\b(?:не|ні|без|немає|ніколи|не\w+|без\w+)\b",
    }.items()
}


def are_lost(source: str, translated: str, *, language: str) -> bool:
    """Tell whether an English text denies something more than once, and its translation nothing."""
    if language not in _IN or len(_DENIES.findall(_NO_DENIAL.sub(" ", source))) < _ENOUGH:
        return False
    return not _IN[language].search(translated)
