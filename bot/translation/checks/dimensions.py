"""Dimensions of space: `3D` is 三维 or tridimensional, and no `2D`."""

import re
from collections import Counter

_WORDS = {
    1: "one|uni|uno|mono|un|ein|одно|一|1",
    2: "two|bi|zwei|дву|двух|дво|二|两|2",
    3: "three|tri|drei|трех|трёх|три|тривимір|三|3",
    4: "four|tetra|cuatri|quadri|quadru|vier|четырех|четырёх|чотири|四|4",
    5: "five|penta|fünf|пяти|п'яти|五|5",
    6: "six|hexa|sechs|шести|六|6",
    7: "seven|sieben|семи|七|7",
    8: "eight|acht|восьми|八|8",
}
_DIMENSION = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?P<figure>\d)-?\s?[Dd](?![A-Za-zÀ-ɏ])|(?P<word>"
    + "|".join(sorted({w for ws in _WORDS.values() for w in ws.split("|")}, key=len, reverse=True))
    + r")[\s-]?(?:dimension|dimensão|мерн|мірн|вимірн|维|維|次元|차원))",
    re.IGNORECASE,
)
_VALUES = {word: value for value, words in _WORDS.items() for word in words.split("|")}


def _found(text: str) -> Counter[int]:
    return Counter(
        int(match["figure"]) if match["figure"] else _VALUES[match["word"].casefold()]
        for match in _DIMENSION.finditer(text)
    )


def changed(source: str, translated: str) -> bool:
    """Tell whether a dimension has come that the source has not, or taken another's place."""
    before, after = _found(source), _found(translated)
    if not before:
        return False
    if after.keys() - before.keys():
        return True
    lost = before.keys() - after.keys()
    return bool(lost) and any(after[one] > before[one] for one in after)
