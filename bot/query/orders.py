"""Orders: words by which somebody wants something of the bot itself, and no papers on a topic.

"Stop sending me papers", 我在上海, "cambia la hora a las 8" would be topics that nothing is on.
They are told by whole sentences: "stop codons" and "pause detection" are topics.
"""

import re
import tomllib
import unicodedata
from enum import StrEnum
from importlib.resources import files


class Order(StrEnum):
    """What the bot is to do."""

    STOP = "stop"
    TOPICS = "topics"
    TIME = "time"
    ZONE = "zone"
    LANGUAGE = "language"
    FORGET = "forget"
    LATEST = "latest"


_DATA = tomllib.loads(files("bot.query").joinpath("orders.toml").read_text(encoding="utf-8"))
_PARTS = {f"<{name}>": pattern for name, pattern in _DATA["parts"].items()}


def _whole(pattern: str) -> str:
    """Return a pattern with its parts put in."""
    return re.sub(r"<\w+>", lambda found: _PARTS[found[0]], pattern)


_SAID = {
    Order(name): re.compile("|".join(f"(?:{_whole(pattern)})" for pattern in patterns))
    for name, patterns in _DATA["orders"].items()
}
_LONGEST = 80


def order_in(text: str) -> Order | None:
    """Return what a text wants the bot to do, None where it wants papers on something."""
    if len(text) > _LONGEST:
        return None
    bare = _plain(text)
    if not bare:
        return None
    return next((order for order, said in _SAID.items() if said.fullmatch(bare)), None)


def _plain(text: str) -> str:
    """Return a text in small letters without accents and the signs around it."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.split()).strip(" .,;:!?¡¿。，、；：！？…~～")
