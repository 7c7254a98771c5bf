"""Masking: what an engine must not touch is a placeholder on the way there and back.

A placeholder is `⟦n⟧`: engines take the brackets for foreign punctuation and carry them along.
"""

import re
from collections import Counter
from dataclasses import dataclass

from bot.translation.untouchable import spans

PLACEHOLDER = re.compile(r"[⟦〚]\s*(\d{1,6})\s*[⟧〛]")
"""A placeholder as engines give it back: with spaces, other brackets, other digits inside."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders; `originals[n]` stood where `⟦n⟧` stands."""

    text: str
    originals: tuple[str, ...]


class PlaceholdersLost(Exception):  # noqa: N818 - it is named by what happened
    """An answer has not exactly the placeholders that were to be carried along."""

    def __init__(self, missing: tuple[int, ...], extra: tuple[int, ...]) -> None:
        super().__init__(f"missing {missing}, extra {extra}")
        self.missing = missing
        self.extra = extra


def mask(text: str) -> Masked:
    """Put a placeholder for everything that must survive untouched; `unmask` gives it back."""
    pieces: list[str] = []
    originals: list[str] = []
    end = 0
    for start, stop in spans(text):
        pieces += (text[end:start], f"⟦{len(originals)}⟧")
        originals.append(text[start:stop])
        end = stop
    pieces.append(text[end:])
    return Masked("".join(pieces), tuple(originals))


def unmask(text: str, originals: tuple[str, ...]) -> str:
    """Put the originals back, wherever in the text their placeholders stand now.

    Raises:
        PlaceholdersLost: not every placeholder is there exactly once.

    """
    found = Counter(int(number) for number in PLACEHOLDER.findall(text))
    wanted = Counter(range(len(originals)))
    if found != wanted:
        raise PlaceholdersLost(
            missing=tuple(sorted((wanted - found).elements())),
            extra=tuple(sorted((found - wanted).elements())),
        )
    return PLACEHOLDER.sub(lambda match: originals[int(match[1])], text)
