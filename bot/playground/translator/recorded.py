"""Recorded translations, sentence by sentence, that also answer for a text with parts exchanged.

A client may put something of its own in place of a formula or a link before it asks. What differs
from the recorded English is found by comparing word by word, and carried over to where the
exchanged part stands in the recorded translation.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

_KNOWN_SHARE = 0.6
"""So many words of a text are a recorded paper's, else it is none of them."""
_WRAPPED = re.compile(r"""([(\["'“‘]*)(.*?)([)\]"'”’,.;:!?]*)""", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?。！？]*$")
_WITHOUT_SPACES = ("zh", "ja", "th")

Exchange = tuple[str, str]
"""What stood in the recorded English, and what the client has in its place."""


class UnknownText(LookupError):  # noqa: N818 - it is named by what happened
    """Nothing like it was recorded, or not in this language."""


class RecordedTranslations:
    """What `translations.json` holds: `{paper id: {language: [sentence, ...]}}`, aligned."""

    def __init__(self, recorded: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Take the recording; every paper has its English under `en`."""
        self._papers = [dict(paper) for paper in recorded.values()]
        self._vocabulary = [_words(" ".join(paper["en"])) for paper in self._papers]
        self.misplaced: list[str] = []
        """What had no place in a recorded translation and went to its sentence's end."""

    def languages(self) -> list[str]:
        """Return the languages that every paper is recorded in."""
        common = (
            set.intersection(*(set(paper) for paper in self._papers)) if self._papers else set()
        )
        return sorted(common)

    def translate(self, text: str, language: str) -> str:
        """Return the translation of one or more whole sentences of one paper.

        Raises:
            UnknownText: it was not recorded.

        """
        paper = self._paper_of(text)
        if language not in paper:
            raise UnknownText
        exchanged = _compare(paper["en"], text)
        sentences = [
            self._carry_over(paper[language][number], exchanges)
            for number, exchanges in sorted(exchanged.items())
        ]
        if not sentences:
            raise UnknownText
        return ("" if language.startswith(_WITHOUT_SPACES) else " ").join(sentences)

    def _paper_of(self, text: str) -> dict[str, Sequence[str]]:
        words = _words(text)
        shares = [len(words & known) for known in self._vocabulary]
        best = max(range(len(shares)), key=shares.__getitem__, default=None)
        if best is None or not words or shares[best] < _KNOWN_SHARE * len(words):
            raise UnknownText
        return self._papers[best]

    def _carry_over(self, sentence: str, exchanges: Sequence[Exchange]) -> str:
        taken: list[tuple[int, int, str]] = []
        left: list[str] = []
        # The longest first: `3D` must not take a part of `3DGS`.
        for original, ours in sorted(exchanges, key=lambda exchange: -len(exchange[0])):
            place = _free_place(sentence, original, taken)
            if place is None:
                # Of a sentence that was cut in front: "We present" is no part of what follows it.
                place = _free_place(sentence, original.split(" ", 2)[-1], taken)
            if place is None:
                left.append(ours)
            else:
                taken.append((*place, ours))
        for start, stop, ours in sorted(taken, reverse=True):
            sentence = sentence[:start] + ours + sentence[stop:]
        if left:
            self.misplaced += left
            end = _SENTENCE_END.search(sentence)
            place_at = end.start() if end else len(sentence)
            sentence = f"{sentence[:place_at]} ({', '.join(left)}){sentence[place_at:]}"
        return sentence


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z]{2,}", text))


def _compare(sentences: Sequence[str], text: str) -> dict[int, list[Exchange]]:
    """Return, by number of sentence, what was exchanged; absent: not in the text."""
    after = text.split()
    before, number_of = _numbered(sentences, range(len(sentences)))
    kept = Counter(
        number_of[position]
        for start, _, size in _matcher(before, after).get_matching_blocks()
        for position in range(start, start + size)
    )
    there = [number for number, times in kept.items() if times * 4 >= number_of.count(number)]
    if not there:
        return {}
    # Once more with these sentences only: what was not asked for stands in nobody's place.
    asked = range(min(there), max(there) + 1)
    before, number_of = _numbered(sentences, asked)
    exchanged: dict[int, list[Exchange]] = {number: [] for number in asked}
    for kind, start, stop, first, last in _matcher(before, after).get_opcodes():
        if kind == "replace":
            for position, exchange in _pairs(before[start:stop], after[first:last]):
                # A sentence that is cut in front begins with a capital all the same.
                if exchange[0].lower() != exchange[1].lower():
                    exchanged[number_of[start + position]].append(exchange)
    return exchanged


def _numbered(sentences: Sequence[str], numbers: range) -> tuple[list[str], list[int]]:
    """Return the words of some sentences, and of each word its sentence's number."""
    words = [(word, number) for number in numbers for word in sentences[number].split()]
    return [word for word, _ in words], [number for _, number in words]


def _matcher(before: list[str], after: list[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, before, after, autojunk=False)


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[int, Exchange]]:
    """Pair the words of two runs that stand in each other's place."""
    if len(before) == len(after):
        for position, (original, ours) in enumerate(zip(before, after, strict=True)):
            yield position, _core(original, ours)
        return
    # A formula of several words became one: every word of ours stands for one or more.
    wrapped = [_WRAPPED.fullmatch(word) for word in after]
    pattern = r"\s".join(
        f"{re.escape(match[1])}(.+?){re.escape(match[3])}" for match in wrapped if match
    )
    found = re.fullmatch(pattern, " ".join(before))
    if not found:
        yield 0, (" ".join(before), " ".join(after))
        return
    for group, match in enumerate(wrapped, start=1):
        if match:
            position = found.string[: found.start(group)].count(" ")
            yield position, (found[group], match[2])


def _core(original: str, ours: str) -> Exchange:
    """Cut off what both begin and end with: of `(13B),` and `(⟦1⟧),` the middle is left."""
    shortest = min(len(original), len(ours))
    start = 0
    while start < shortest and original[start] == ours[start]:
        start += 1
    end = 0
    while end < shortest - start and original[-1 - end] == ours[-1 - end]:
        end += 1
    return original[start : len(original) - end], ours[start : len(ours) - end]


def _free_place(
    sentence: str, original: str, taken: Sequence[tuple[int, int, str]]
) -> tuple[int, int] | None:
    if not original:
        return None
    edges = (
        r"(?<![A-Za-z0-9])" if original[0].isalnum() else "",
        r"(?![A-Za-z0-9])" if original[-1].isalnum() else "",
    )
    for match in re.finditer(edges[0] + re.escape(original) + edges[1], sentence):
        start, stop = match.span()
        if all(stop <= a or start >= b for a, b, _ in taken):
            return start, stop
    return None
