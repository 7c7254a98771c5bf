"""Inverted index: which papers a query finds, as arXiv's own search would find them.

Many queries are matched against some papers at once, so the papers are indexed: every word has the
set of the papers that hold it, as the bits of one integer, and a query is a few operations on such
sets. What queries share is worked out once. The time is that of reading the papers once, and a
few microseconds a query.

What many queries find can be bounded: wide ones (of which each finds nearly all papers) would take
memory in proportion to queries times papers.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import compress, pairwise, product
from typing import TypeVar

from bot.query.ast import And, AndNot, Field, Or, Query, Term, terms
from bot.query.fair_share import trim
from bot.query.tokens import index_key, sought_keys, split
from storage.models import Paper

_Key = TypeVar("_Key", bound=Hashable)
_Pair = tuple[str, str]

PAPERS_AT_ONCE = 2_000
"""An index takes 10 kB a paper, and a month of arXiv has 30,000."""

_TERMS = 50_000
"""Terms whose papers are remembered for the next query, a set of 300 bytes each."""

NAMES = 30
"""Names of one author; where there are more, somebody listed many people as one."""

_DENSE = 40
"""Where so many bits are set, to look at all of a set's bits at once takes less time."""

_TRUTHS = bytes.maketrans(b"01", b"\x00\x01")

_CODE = re.compile(r"[^\s,;()]+")

_READ: dict[str, Callable[[Paper], list[str]]] = {
    "title": lambda paper: [paper.title],
    "abstract": lambda paper: [paper.abstract],
    "comment": lambda paper: [paper.comment or ""],
    "journal": lambda paper: [paper.journal_ref or ""],
    "others": lambda paper: [*paper.authors, *paper.categories, paper.id],
}
_TEXTS = {
    Field.TEXT: ("title", "abstract"),
    Field.TITLE: ("title",),
    Field.ABSTRACT: ("abstract",),
    Field.COMMENT: ("comment",),
    Field.JOURNAL: ("journal",),
    Field.ALL: tuple(_READ),
}


def matching(
    papers: Sequence[Paper], queries: Mapping[_Key, Query], *, most: int | None = None
) -> dict[_Key, list[str]]:
    """Return for each query the ids of the papers that it finds, in the order of the papers.

    most: so many in all. Where it is more, the queries that find the most of them keep their first
    ones, to their fair share.
    """
    found: dict[_Key, list[str]] = {key: [] for key in queries}
    held, share = 0, len(papers)
    for start in range(0, len(papers), PAPERS_AT_ONCE):
        part = papers[start : start + PAPERS_AT_ONCE]
        index, ids = _Index(part, queries.values()), [paper.id for paper in part]
        for key, query in queries.items():
            mine = found[key]
            held -= len(mine)
            mine += _chosen(ids, index.find(query))
            # What is cut now would be cut at the end as well: the share only becomes smaller.
            del mine[share:]
            held += len(mine)
            if most is not None and held > 2 * most:
                share = trim(found.values(), most) or 0
                held = sum(map(len, found.values()))
    if most is not None:
        trim(found.values(), most)
    return found


class _Index:
    """Some papers, made ready for some queries: only what these ask for is read."""

    def __init__(self, papers: Sequence[Paper], queries: Iterable[Query]) -> None:
        self._papers = papers
        self._pairs = {
            pair
            for query in queries
            for term in terms(query)
            for pair in pairwise(term.words)
            if term.field is not Field.AUTHOR
        }
        self._texts: dict[str, _Texts] = {}
        self._found: dict[Term, int] = {}

    def find(self, query: Query) -> int:
        """Return the papers that the query finds, as a set of bits."""
        match query:
            case Term():
                found = self._found.get(query)
                if found is None:
                    found = self._term(query)
                    if len(self._found) < _TERMS:
                        self._found[query] = found
                return found
            case And(operands):
                found = -1
                for operand in operands:
                    found &= self.find(operand)
                    if not found:
                        break
                return found
            case Or(operands):
                found = 0
                for operand in operands:
                    found |= self.find(operand)
                return found
            case AndNot(included, excluded):
                return self.find(included) & ~self.find(excluded)

    def _term(self, term: Term) -> int:
        if term.field is Field.AUTHOR:
            return self._authors.find(term)
        if term.field is Field.CATEGORY:
            return self._categories.like(term)
        if term.field is Field.PRIMARY:
            return self._primaries.like(term)
        if term.field is Field.ID:
            return self._ids.like(term)
        found = 0
        for name in _TEXTS[term.field]:
            if name not in self._texts:
                self._texts[name] = _Texts(map(_READ[name], self._papers), self._pairs)
            found |= self._texts[name].find(term)
        return found

    @cached_property
    def _authors(self) -> "_Authors":
        return _Authors(paper.authors for paper in self._papers)

    @cached_property
    def _categories(self) -> "_Postings":
        return _Postings(
            _CODE.findall(" ".join(paper.categories).lower()) for paper in self._papers
        )

    @cached_property
    def _primaries(self) -> "_Postings":
        # It stands first, see bot.arxiv.paper_text.categories_of.
        return _Postings(
            _CODE.findall(" ".join(paper.categories[:1]).lower()) for paper in self._papers
        )

    @cached_property
    def _ids(self) -> "_Postings":
        return _Postings([paper.id.lower()] for paper in self._papers)


class _Postings:
    """For each word the papers that hold it."""

    def __init__(self, papers: Iterable[Iterable[str]]) -> None:
        self._bits: dict[str, int] = {}
        for number, words in enumerate(papers):
            bit = 1 << number
            for word in set(words):
                self._bits[word] = self._bits.get(word, 0) | bit

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._bits)

    def __contains__(self, word: str) -> bool:
        return word in self._bits

    def holding(self, word: str) -> int:
        return self._bits.get(word, 0)

    def like(self, term: Term) -> int:
        word = term.words[0].lower()
        return self.starting(word) if term.prefix else self.holding(word)

    def starting(self, start: str) -> int:
        found = 0
        for place in range(bisect_left(self._sorted, start), len(self._sorted)):
            word = self._sorted[place]
            if not word.startswith(start):
                break
            found |= self._bits[word]
        return found


class _Texts:
    """One field of all papers: of each a few texts, over whose borders no phrase reaches."""

    def __init__(self, papers: Iterable[Iterable[str]], pairs: Iterable[_Pair]) -> None:
        # Each word is there once, however often it comes, and its stem is looked for once.
        known: dict[str, tuple[str, str]] = {}
        self._words: list[list[str]] = []
        self._keys: list[list[str]] = []
        for texts in papers:
            both = [
                known.get(word) or known.setdefault(word, (word, index_key(word)))
                for word in _joined(split(text) for text in texts)
            ]
            self._words.append([word for word, _key in both])
            self._keys.append([key for _word, key in both])
        self._holding = _Postings(self._keys)
        self._pairs = self._pair_postings(pairs)

    def find(self, term: Term) -> int:
        """Return the papers in which the term's words stand next to each other."""
        keyed = term.words[:-1] if term.prefix else term.words
        pairs = list(pairwise(keyed))
        found = -1
        for word in keyed:
            found &= self._word(word)
        if term.prefix:
            found &= self._spelt.starting(term.words[-1])
        for pair in pairs:
            if found:
                found &= self._pair(pair)
        exact = len(term.words) == 1 or (len(pairs) == 1 and not term.prefix)
        return found if exact or not found else self._verified(term, found)

    @cached_property
    def _spelt(self) -> _Postings:
        return _Postings([word.lower() for word in words] for words in self._words)

    def _sought(self, word: str) -> list[str]:
        return [key for key in sought_keys(word) if key in self._holding]

    def _word(self, word: str) -> int:
        found = 0
        for key in sought_keys(word):
            found |= self._holding.holding(key)
        return found

    def _pair(self, pair: _Pair) -> int:
        found = 0
        for keys in product(*map(self._sought, pair)):
            found |= self._pairs[keys]
        return found

    def _pair_postings(self, pairs: Iterable[_Pair]) -> dict[tuple[str, ...], int]:
        wanted: dict[tuple[str, ...], int] = {
            keys: 0 for pair in pairs for keys in product(*map(self._sought, pair))
        }
        if wanted:
            for number, keys in enumerate(self._keys):
                for pair in pairwise(keys):
                    if pair in wanted:
                        wanted[pair] |= 1 << number
        return wanted

    def _verified(self, term: Term, candidates: int) -> int:
        """Return the candidates in which all of the term's words follow each other."""
        keyed = term.words[:-1] if term.prefix else term.words
        sought = [frozenset(self._sought(word)) for word in keyed]
        # From where the rarest of them stands: to look at each place takes far longer.
        anchor = min(range(len(keyed)), key=lambda place: self._word(keyed[place]).bit_count())
        found = 0
        for number in _numbers(candidates):
            keys, words = self._keys[number], self._words[number]
            last = len(keys) - len(term.words)
            for place in _places(keys, sought[anchor]):
                start = place - anchor
                if (
                    0 <= start <= last
                    and all(keys[start + offset] in some for offset, some in enumerate(sought))
                    and (
                        not term.prefix
                        or words[start + len(keyed)].lower().startswith(term.words[-1])
                    )
                ):
                    found |= 1 << number
                    break
        return found


class _Authors:
    """The authors of all papers, each some names in any order."""

    def __init__(self, papers: Iterable[Iterable[str]]) -> None:
        self._authors = [
            [tuple(word.lower() for word in split(author)[:NAMES]) for author in authors]
            for authors in papers
        ]
        self._names = _Postings(
            [name for author in authors for name in author] for authors in self._authors
        )

    def find(self, term: Term) -> int:
        """Return the papers that have an author with a name for each of the term's."""
        last = len(term.words) - 1
        named = any(len(word) > 1 for word in term.words)
        whole: list[str] = []
        starts: list[str] = []
        found = -1
        for place, word in enumerate(term.words):
            if (named and len(word) == 1) or (term.prefix and place == last):
                found &= self._names.starting(word)
                starts.append(word)
            else:
                found &= self._names.holding(word)
                whole.append(word)
        if last == 0:
            return found
        starts.sort(key=len, reverse=True)
        return sum(
            1 << number
            for number in _numbers(found)
            if any(_is_called(names, whole, starts) for names in self._authors[number])
        )


def _is_called(names: Sequence[str], whole: Sequence[str], starts: Sequence[str]) -> bool:
    """Tell whether an author has a name of its own for each: Wei Yang is no Y. Yang.

    starts: the longest first, which leave the shorter ones the most.
    """
    left = list(names)
    for word in whole:
        if word not in left:
            return False
        left.remove(word)
    for start in starts:
        name = next((name for name in left if name.startswith(start)), None)
        if name is None:
            return False
        left.remove(name)
    return True


def _joined(texts: Iterable[list[str]]) -> list[str]:
    joined: list[str] = []
    for words in texts:
        if joined:
            joined.append("")
        joined.extend(words)
    return joined


def _places(keys: list[str], sought: Iterable[str]) -> Iterator[int]:
    """Yield where one of the sought keys stands."""
    for key in sought:
        place = -1
        with suppress(ValueError):
            while True:
                yield (place := keys.index(key, place + 1))


def _chosen(ids: Sequence[str], bits: int) -> Iterable[str]:
    if bits.bit_count() < _DENSE:
        return [ids[number] for number in _numbers(bits)]
    return compress(ids, f"{bits:b}"[::-1].encode().translate(_TRUTHS))


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
