"""Masking: what an engine must not touch is a placeholder on the way there and back.

A placeholder is `⟦n⟧`: engines take the brackets for foreign punctuation and carry them along.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.translation.text.names import pattern_of
from bot.translation.text.untouchable import Kind, Piece, pieces

PLACEHOLDER = re.compile(r"[⟦〚]\s*(\d{1,6})\s*[⟧〛]")
"""A placeholder as engines give it back: with spaces, other brackets, other digits inside."""

_OTHERWISE = (
    r"[⟦〚]{{2,}}\s*{0}\s*[⟧〛]{{2,}}",
    r"[⟦〚]\s*{0}\s*['’′*]+\s*[⟧〛]",
    r"[⟦〚]\s*[A-Za-z]?{0}(?!\d)(?!\s*[⟧〛])|(?<!\d){0}\s*[⟧〛]",
    r"[(（]\s*{0}\s*[)）]",
    r"[\[【〔〖「『⟨〈《{{<]{{1,2}}\s*{0}\s*['’′]?\s*[\]】〕〗」』⟩〉》}}>]{{1,2}}",
)
"""How engines write one too; `{0}` is its number."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders; `originals[n]` stood where `⟦n⟧` stands."""

    text: str
    originals: tuple[str, ...]
    names: frozenset[int] = frozenset()
    """Those that may come back more or less often, but once at least."""

    def restore(self, answer: str) -> str:
        """Put the originals back into a translation of the text.

        Raises:
            PlaceholdersLost: the answer has not the placeholders of the text.

        """
        times = Counter(map(int, PLACEHOLDER.findall(self.text)))
        return unmask(answer, self.originals, times=times, names=self.names)


class PlaceholdersLost(Exception):  # noqa: N818 - it is named by what happened
    """An answer has not exactly the placeholders that were to be carried along."""

    def __init__(self, missing: tuple[int, ...], extra: tuple[int, ...]) -> None:
        super().__init__(f"missing {missing}, extra {extra}")
        self.missing = missing
        self.extra = extra


def mask(text: str, *, names: Iterable[str] | None = None, told: bool = False) -> Masked:
    """Put a placeholder for everything that must survive untouched; `unmask` gives it back.

    names: what is a name in this text, beside identifiers; with it the same thing gets the same
    placeholder. told: the engine can be told what to keep, so names and plain numbers stay in the
    open. They have a number all the same, and are known by it if it comes.
    """
    written: list[str] = []
    originals: list[str] = []
    loose: set[int] = set()
    numbers: dict[str, int] = {}
    end = 0
    for kind, start, stop in _with_names(text, names or ()):
        original = text[start:stop]
        number = numbers.get(original, len(originals)) if names is not None else len(originals)
        if number == len(originals):
            originals.append(original)
            numbers[original] = number
        if names is not None and kind is Kind.NAME:
            loose.add(number)
        is_open = told and kind is not Kind.HARD
        written += (text[end:start], original if is_open else f"⟦{number}⟧")
        end = stop
    written.append(text[end:])
    return Masked("".join(written), tuple(originals), frozenset(loose))


def _with_names(text: str, names: Iterable[str]) -> list[Piece]:
    """Return the untouchable pieces of a text, with its names; what overlaps is one."""
    found = list(pieces(text))
    for name in names:
        for match in pattern_of(name).finditer(text):
            around = [one for one in found if one[1] <= match.end() and match.start() <= one[2]]
            if any(one[1] <= match.start() and match.end() <= one[2] for one in around):
                continue
            kind = Kind.HARD if around else Kind.NAME
            first = min([match.start(), *(one[1] for one in around)])
            last = max([match.end(), *(one[2] for one in around)])
            found = [one for one in found if one not in around] + [(kind, first, last)]
    return sorted(found, key=lambda one: one[1])


def unmask(
    text: str,
    originals: tuple[str, ...],
    *,
    times: Mapping[int, int] | None = None,
    names: Collection[int] = (),
) -> str:
    """Put the originals back, wherever in the text their placeholders stand now.

    times: how often each is to be there, where that is not once; one that was never there may come.
    names: those that only must be there.

    Raises:
        PlaceholdersLost: not every placeholder is there as often.

    """
    found = Counter(map(int, PLACEHOLDER.findall(text)))
    wanted = Counter(times if times is not None else range(len(originals)))
    for number in range(len(originals)):
        if not wanted[number] or (number in names and found[number]):
            wanted[number] = found[number]
    if +found != +wanted:
        raise PlaceholdersLost(
            missing=tuple(sorted((wanted - found).elements())),
            extra=tuple(sorted((found - wanted).elements())),
        )
    return PLACEHOLDER.sub(lambda match: originals[int(match[1])], text)


def repaired(asked: str, answer: str) -> str:
    """Return an answer in which the placeholders of a question stand in their own form.

    `【0】`, `[0]`, `⟦⟦0⟧⟧` and `⟦0'⟧` are taken for `⟦0⟧` where that is missing and the question
    has nothing of that form.
    """
    wanted = Counter(map(int, PLACEHOLDER.findall(asked)))
    doubled = re.compile(r"[⟦〚]{2,}\s*(\d{1,6})\s*[⟧〛]{2,}")
    answer = doubled.sub(r"⟦\1⟧", answer)
    for number in wanted - Counter(map(int, PLACEHOLDER.findall(answer))):
        for form in _OTHERWISE:
            pattern = re.compile(form.format(number))
            if pattern.search(answer) and not pattern.search(PLACEHOLDER.sub(" ", asked)):
                answer = pattern.sub(f"⟦{number}⟧", answer)
                break
    return answer
