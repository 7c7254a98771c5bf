"""Query expansion for arXiv's search: the forms that an author's names may have.

It cuts names at spaces alone, so that `Ming-Hsuan` and `O'Brien` are one word each; it folds
accents and leaves out dots. Names in quotes stand in one author's name in any order, and stars are
allowed there, but not at a word's beginning (search/services/index/authors.py and
mappings/DocumentMapping.json of https://github.com/arXiv/arxiv-search). Which of its names go
together a query does not tell. The likely forms come first, so that a long query can do without
the others.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

_FULL = 3
"""So many names are a whole one: none of them is the second half of another."""
_MANY = 6
_LONG = 40
_MOST_FORMS = 80
_FIRST_LETTERS = "cyhjsmtabpkwgdlrzfexnqvoiu"
"""Of names that have a hyphen, the frequent ones first: no word may begin with a star."""
_APOSTROPHES = (1, 4, 2, 5)
"""Where they stand: O'Brien, Dall'Anese, Bi'an, Cleac'h."""


def forms(words: Sequence[str], *, prefix: bool) -> list[str]:
    """Return the forms of one author's names, of which the last may be a start."""
    said = _said(words, prefix=prefix)
    found = [said, *_in_one_word(said), *_initials_in_one_word(words, said)]
    if len(said) <= _FULL:
        found += _first_halves(said)
    found += _with_apostrophes(said)
    if len(said) < _FULL:
        found += _second_halves(said)
    return list(dict.fromkeys(map(_quoted, found)))[:_MOST_FORMS]


def _said(words: Sequence[str], *, prefix: bool) -> list[str]:
    """Return the names as arXiv takes them: a star behind each initial and each start."""
    starts = words[-1:] if prefix else ()
    # Which is said twice there may be one and the same.
    names = list(dict.fromkeys(words[:-1] if prefix else words))
    whole = [name for name in names if len(name) > 1]
    # An initial says nothing where it may be that of a name that is there.
    initials = [name for name in names if len(name) == 1 and not _any_starts(whole, name)]
    said = [name if len(name) <= _LONG else f"{name[:_LONG]}*" for name in whole]
    said += [f"{name}*" if whole or starts else name for name in initials]
    said += [f"{start[:_LONG]}*" for start in starts if not _any_starts(whole, start)]
    return said[:_MANY]


def _any_starts(names: Sequence[str], start: str) -> bool:
    return any(name.startswith(start) for name in names)


def _quoted(names: Sequence[str]) -> str:
    # A letter without quotes is also the initial of any name.
    said = " ".join(names)
    return f'"{said}"' if len(names) > 1 or len(said) == 1 else said


def _in_one_word(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with two of them in one word, as in Ming-Hsuan Yang."""
    if len(names) <= _FULL:
        for first, second in permutations(names, 2):
            rest = _without(names, first, second)
            yield [f"{first}-{second}{'*' if rest else ''}".replace("**", "*"), *rest]
        return
    # Any of many names may be joined: two that stand first in their words tell enough.
    whole = [name for name in names if "*" not in name]
    for first in whole:
        yield from ([f"{first}-*", other] for other in names if other != first)
    yield from ([f"{first}-*", f"{second}-*"] for first, second in combinations(whole, 2))
    yield from (_without(names, name) for name in names)


def _initials_in_one_word(words: Sequence[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with two initials in one word, as in J.-P. Serre, JP Serre, Jean-Pierre."""
    whole = [name for name in names if len(name.rstrip("*")) > 1]
    if whole:
        for first, second in permutations([word for word in words if len(word) == 1], 2):
            yield [f"{first}*{second}*", *whole]


def _first_halves(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with some of them as the first half of a word: `fei` of Fei-Fei."""
    whole = [name for name in names if "*" not in name]
    for count in range(1, len(whole) + 1):
        for some in combinations(whole, count):
            yield [f"{name}-*" if name in some else name for name in names]


def _with_apostrophes(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with an apostrophe in one of them, which ours leave out."""
    for place, sign in product(_APOSTROPHES, "'’"):
        for name in names:
            if "*" not in name and place < len(name):
                yield [f"{name[:place]}{sign}{name[place:]}", *_without(names, name)]


def _second_halves(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names with one of them as the second half of a word: `yue` of Zi-Yue."""
    for letter in _FIRST_LETTERS:
        yield from ([f"{letter}*-{name}", *_without(names, name)] for name in names)
    if len(names) == 1 and "*" not in names[0]:
        yield from ([f"{letter}*-{names[0]}-*"] for letter in _FIRST_LETTERS)


def _without(names: Sequence[str], *said: str) -> list[str]:
    return [name for name in names if name not in said]
