"""Plain text: what can be stored and sent, and what somebody would see of it."""

import re
import unicodedata

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of a pair of UTF-16 (JSON's `"\\ud83d"`), which no
UTF-8 has: either ends whatever transaction it is written in."""

_BLANK = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
"""Letters and signs by their category that show nothing."""


def is_storable(text: str) -> bool:
    """Say whether a text can be stored in every database, and sent."""
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """Return a text without what can't be stored."""
    return _UNSTORABLE.sub("", text)


def is_visible(text: str) -> bool:
    """Say whether somebody would see anything of a text."""
    return any(sign not in _BLANK and unicodedata.category(sign)[0] not in "CZM" for sign in text)
