"""What a query finds, slowly and obviously: one paper, one query, straight from the documentation.

It knows no TeX, folds no accents and does not listen to texts that shout.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import snowballstemmer

from bot.query.ast import And, AndNot, Field, Or, Query, Term
from storage.models import Paper

__all__ = ["is_plain", "oracle", "plain"]

_stem = snowballstemmer.stemmer("english").stemWord
_NO_STEMS = {"transformers": "transformer", "transformer": "transformer"}
_NO_STEMS |= {"generative": "generative"}


def oracle(query: Query, paper: Paper) -> bool:
    """Tell whether a query finds a paper."""
    match query:
        case And(operands):
            return all(oracle(operand, paper) for operand in operands)
        case Or(operands):
            return any(oracle(operand, paper) for operand in operands)
        case AndNot(included, excluded):
            return oracle(included, paper) and not oracle(excluded, paper)
        case Term():
            return _finds(query, paper)


def is_plain(paper: Paper) -> bool:
    """Tell whether the oracle can read a paper's title, abstract and comment."""
    text = f"{paper.title}{paper.abstract}{paper.comment or ''}"
    return text.isascii() and not re.search(r"[\\$'{}]", text) and not paper.title.isupper()


def plain(paper: Paper) -> Paper:
    """Return the paper with authors that the oracle can read."""
    authors = [_bare(author) for author in paper.authors if "\\" not in author]
    return paper.model_copy(update={"authors": authors})


@cache
def _same_word(sought: str, read: str) -> bool:
    lower = read.lower()
    if sought == lower:
        return True
    singular = sought[:-1] if sought.endswith("s") and len(sought) > 3 else sought
    capitals = sum("A" <= char <= "Z" for char in read)
    if capitals >= 2 and len(read) <= 9 and re.search(r"[A-Z0-9]s$", read):
        return lower[:-1] in {sought, singular}
    if capitals >= 2 and len(read) <= 6 and re.search(r"[A-Z0-9]$", read):
        return lower in {sought, singular}
    return _family(sought) == _family(lower)


def _family(word: str) -> str:
    if len(word) <= 3:
        return word
    if not re.search("[aeiouy0-9]", word) and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return _NO_STEMS.get(word) or str(_stem(word))


@cache
def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"'s\b", "", text))


def _holds(term: Term, text: str) -> bool:
    read = _words(text)
    return any(_stands_at(term, read, start) for start in range(len(read) - len(term.words) + 1))


def _stands_at(term: Term, read: list[str], start: int) -> bool:
    for place, sought in enumerate(term.words):
        word = read[start + place]
        if term.prefix and place == len(term.words) - 1:
            if not word.lower().startswith(sought):
                return False
        elif not _same_word(sought, word):
            return False
    return True


def _is_by(term: Term, author: str) -> bool:
    names = [name.lower() for name in _words(author)]
    whole = any(len(word) > 1 for word in term.words)
    for place, word in enumerate(term.words):
        if (len(word) == 1 and whole) or (term.prefix and place == len(term.words) - 1):
            if not any(name.startswith(word) for name in names):
                return False
        elif word not in names:
            return False
    return True


def _is_coded(term: Term, codes: Sequence[str]) -> bool:
    (wanted,) = (word.lower() for word in term.words)
    found = [code.lower() for text in codes for code in re.split(r"[\s,;()]+", text)]
    return any(code.startswith(wanted) if term.prefix else code == wanted for code in found)


def _finds(term: Term, paper: Paper) -> bool:
    if term.field is Field.AUTHOR:
        return any(_is_by(term, author) for author in paper.authors)
    if term.field is Field.PRIMARY:
        return _is_coded(term, paper.categories[:1])
    if term.field in {Field.CATEGORY, Field.ID}:
        return _is_coded(term, paper.categories if term.field is Field.CATEGORY else [paper.id])
    comment, journal = paper.comment or "", paper.journal_ref or ""
    everything = [paper.title, paper.abstract, comment, journal]
    everything += [*paper.authors, *paper.categories, paper.id]
    texts = {
        Field.TEXT: [paper.title, paper.abstract],
        Field.TITLE: [paper.title],
        Field.ABSTRACT: [paper.abstract],
        Field.COMMENT: [comment],
        Field.JOURNAL: [journal],
        Field.ALL: everything,
    }[term.field]
    return any(_holds(term, text) for text in texts)


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
