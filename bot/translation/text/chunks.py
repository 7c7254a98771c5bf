"""Chunking: long texts in pieces that an engine takes, cut between sentences where one fits."""

import re
from collections.abc import Callable, Iterator

_NO_END = (r"\be\.g\.", r"\bi\.e\.", r"\bcf\.", r"\bvs\.", r"\bal\.", r"\betc\.", r"\bFig\.",
           r"\bEq\.", r"\bw\.r\.t\.")  # fmt: skip
_SENTENCE_END = re.compile(
    # White space comes first: few characters are any, and looking back from each is slow.
    r"\s(?<=[.!?。！？]\s)" + "".join(rf"(?<!{one}\s)" for one in _NO_END) + r"\s*"
)
_WORD_END = re.compile(r"\s+")
_ATOM = re.compile(r"⟦\d+⟧|.", re.DOTALL)


def split(text: str, most: int, *, size: Callable[[str], int] = len) -> list[str]:
    """Cut a masked text into few pieces of at most so many characters, or whatever `size` counts.

    Joined they are the text again. White space between pieces ends the earlier one. A piece ends
    with a sentence where one fits, else with a word, else anywhere but in a placeholder.
    """
    pieces: list[str] = []
    for part in _small_parts(text, most, size):
        if pieces and size(pieces[-1]) + size(part) <= most:
            pieces[-1] += part
        else:
            pieces.append(part)
    return pieces


def sentences(text: str) -> Iterator[str]:
    """Cut a text into sentences, each with the white space after it."""
    return _cut_after(_SENTENCE_END, text)


def _small_parts(text: str, most: int, size: Callable[[str], int]) -> Iterator[str]:
    for sentence in sentences(text):
        if size(sentence) <= most:
            yield sentence
            continue
        for word in _cut_after(_WORD_END, sentence):
            if size(word) <= most:
                yield word
            else:
                yield from _ATOM.findall(word)


def _cut_after(end: re.Pattern[str], text: str) -> Iterator[str]:
    start = 0
    for match in end.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]
