"""Named fields: ready-made topics and arXiv's fields by what people call them in any language."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from bot.i18n import names
from bot.query.categories import FIELDS
from bot.query.names import GROUPS, SHORT_NAMES
from bot.query.presets import PRESETS, Preset, whole_field

_JOINED = re.compile(r"\s*(?:,|、|，|&|/|\band\b|\by\b|\be\b|与|和|及)\s*")
_BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")
_ByName: TypeAlias = dict[str, list[Preset]]
_SHORT = 3
_MOST = 2
_MOST_HOLDING = 3
_FEWEST_LETTERS = 5
_FEWEST_HAN = 3


def named(words: str) -> list[Preset]:
    """Return the topics that are called so, the best first: ready-made ones, then fields."""
    wanted = _folded(words)
    found = _by_name().get(wanted, [])
    if not found and not wanted.isascii():
        found = _within(wanted)
    return list({topic.key: topic for topic in found}.values())[:_MOST]


def is_called(words: str, offer: Preset) -> bool:
    """Tell whether a topic is called so, and not only in part: 神经网络 is not cond-mat.dis-nn."""
    whole, first, _others = _names()
    called = [*whole.get(_folded(words), []), *first.get(_folded(words), [])]
    return any(topic.key == offer.key for topic in called)


def holding(words: str) -> list[Preset]:
    """Return fields in whose names the words stand among others: topology."""
    wanted = set(_folded(words).split())
    if not wanted or min(map(len, wanted)) < _FEWEST_LETTERS:
        return []
    found = {
        topic.key: topic
        for name, topics in _by_name().items()
        if wanted <= set(name.split())
        for topic in topics
    }
    return list(found.values())[:_MOST_HOLDING]


def _within(wanted: str) -> list[Preset]:
    """Return the topics whose names, in writing without spaces, hold the words: 机器人."""
    if " " in wanted or len(wanted) < _FEWEST_HAN:
        return []
    return [
        topic
        for name, topics in _by_name().items()
        if wanted in name and " " not in name
        for topic in topics
    ]


@cache
def _by_name() -> dict[str, list[Preset]]:
    """Return topics by all their names; whole names count more than parts of one."""
    whole, _first, parts = _names()
    return parts | whole


@cache
def _names() -> tuple[_ByName, _ByName, _ByName]:
    """Return topics by their whole names, by the first parts of these, and by all parts."""
    whole: dict[str, list[Preset]] = {}
    first: dict[str, list[Preset]] = {}
    parts: dict[str, list[Preset]] = {}
    offers = [(preset.name, preset) for preset in PRESETS]
    # A group of archives is no field to follow: arXiv knows none of these names.
    fields = {field: whole_field(field) for field in FIELDS if field not in GROUPS}
    offers += [(FIELDS[field], topic) for field, topic in fields.items()]
    for english, topic in offers:
        for name in names(english).values():
            plain = _BRACKETS.sub("", name)
            whole.setdefault(_folded(plain), []).append(topic)
            for number, part in enumerate(_parts(plain)):
                parts.setdefault(_folded(part), []).append(topic)
                if not number:
                    first.setdefault(_folded(part), []).append(topic)
    by_key = {preset.key: preset for preset in PRESETS} | fields
    for key, called in SHORT_NAMES.items():
        for name in called.split():
            whole.setdefault(_folded(name), []).append(by_key[key])
    # Archives before categories of the same name, and "Machine Learning" is cs.LG before stat.ML.
    return whole, first, parts


def _parts(name: str) -> Iterator[str]:
    found = [part for part in _JOINED.split(name) if part]
    for part in found[1:] and found:
        fewest = _FEWEST_LETTERS if part.isascii() else _FEWEST_HAN
        if len(part) >= fewest:
            yield part


def _folded(words: str) -> str:
    """Return a name without case, accents, signs and the plural's s."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    bare = "".join(
        char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char)
    )
    return " ".join(word.removesuffix("s") if len(word) > _SHORT else word for word in bare.split())
