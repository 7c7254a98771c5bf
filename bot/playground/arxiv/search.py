"""arXiv's search in small: what `search_query` means, written without a look at the bot's own.

https://info.arxiv.org/help/api/user-manual.html#query_details
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache

from bot.playground.arxiv.papers import ArxivEntry

Test = Callable[[ArxivEntry], bool]

_FIELDS = {"ti", "au", "abs", "co", "jr", "cat", "id", "all"}
_OPERATORS = {"AND", "OR", "ANDNOT"}
_DATES = {"submittedDate", "lastUpdatedDate"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])
    |(?P<field>[A-Za-z]+):
    |"(?P<phrase>[^"]*)"
    |\[(?P<span>[^\]]*)\]
    |(?P<word>[^\s()"\[\]]+))""",
    re.VERBOSE,
)
_SPAN = re.compile(r"(\d{8}|\d{12}|\d{14})\*? TO (\d{8}|\d{12}|\d{14})\*?")
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
    ]
)
_DEEPEST = 50


class SearchError(Exception):
    """The query is not one that arXiv understands."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def compile_query(query: str) -> Test:
    """Return the test that a paper has to pass.

    AND and ANDNOT bind tighter than OR, which also stands between words that have nothing between
    them; a field may stand before a bracket; dates are inclusive. Raises SearchError.
    """
    return _Parser(query).parse()


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        query = query.strip()
        while position < len(query):
            found = _TOKEN.match(query, position)
            if found is None or found.lastgroup is None:
                message = f"malformed query at {query[position : position + 20]!r}"
                raise SearchError(message)
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            position = found.end()
        self._next = 0
        self._depth = 0

    def parse(self) -> Test:
        test = self._any("all")
        if self._next < len(self._tokens):
            message = "unbalanced brackets"
            raise SearchError(message)
        return test

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._next += 1
        return token

    def _any(self, field: str) -> Test:
        tests = [self._both(field)]
        while self._peek() not in {("end", ""), ("bracket", ")")}:
            if self._peek() == ("word", "OR"):
                self._take()
            tests.append(self._both(field))
        return tests[0] if len(tests) == 1 else lambda entry: any(test(entry) for test in tests)

    def _both(self, field: str) -> Test:
        test = self._one(field)
        while self._peek() in {("word", "AND"), ("word", "ANDNOT")}:
            test = _both(test, self._one(field, after=self._take()[1]))
        return test

    def _one(self, field: str, after: str = "") -> Test:
        kind, value = self._take()
        if kind == "field":
            if value not in _FIELDS | _DATES:
                message = f"unknown field {value}"
                raise SearchError(message)
            return self._one(value, after)
        if (kind, value) == ("bracket", "("):
            self._depth += 1
            if self._depth > _DEEPEST:
                message = "too many brackets"
                raise SearchError(message)
            test = self._any(field)
            if self._take() != ("bracket", ")"):
                message = "unbalanced brackets"
                raise SearchError(message)
            self._depth -= 1
        elif kind == "span" and field in _DATES:
            test = _between(value)
        elif kind in {"word", "phrase"} and field not in _DATES and value not in _OPERATORS:
            test = _finds(field, value, is_phrase=kind == "phrase")
        else:
            message = f"malformed query at {value or 'its end'!r}"
            raise SearchError(message)
        return (lambda entry: not test(entry)) if after == "ANDNOT" else test


def _both(first: Test, second: Test) -> Test:
    return lambda entry: first(entry) and second(entry)


def _between(span: str) -> Test:
    found = _SPAN.fullmatch(span.strip())
    if found is None:
        message = f"malformed dates [{span}]"
        raise SearchError(message)
    try:
        start, end = (
            datetime.strptime(text + filling[len(text) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            for text, filling in (
                (found[1], "00000000000000"),
                # A minute at the end means its first second: the strictest that it could mean.
                (found[2], "00000000235959" if len(found[2]) == len("YYYYMMDD") else "0" * 14),
            )
        )
    except ValueError:
        message = f"malformed dates [{span}]"
        raise SearchError(message) from None
    # lastUpdatedDate is answered like this, too: so arXiv did in 2026.
    return lambda entry: start <= entry.published <= end


def _finds(field: str, value: str, *, is_phrase: bool) -> Test:
    if field == "cat":
        pattern = value.lower()
        return lambda entry: any(fnmatchcase(name.lower(), pattern) for name in entry.categories)
    if field == "id":
        wanted = re.sub(r"v\d+$", "", value)
        return lambda entry: entry.id == wanted
    prefix = value.endswith("*")
    words = _words(value.replace("_", " "))
    if not words or (not is_phrase and len(words) == 1 and words[0] in _STOP_WORDS):
        return lambda entry: False  # noqa: ARG005 - a test of entries, whatever they are
    if field == "au":
        return lambda entry: any(_is_named(words, name) for name in _field(entry, "au").split("|"))
    sought = f" {' '.join(words)}" + ("" if prefix else " ")
    fields = ("ti", "abs", "co", "jr", "au", "cat") if field == "all" else (field,)
    return lambda entry: any(sought in _field(entry, name) for name in fields)


def _is_named(words: list[str], name: str) -> bool:
    """Return whether one author has all the words, single letters being initials."""
    names = name.split()
    return bool(names) and all(
        any(part == word or (len(word) == 1 and part.startswith(word)) for part in names)
        for word in words
    )


def _field(entry: ArxivEntry, name: str) -> str:
    if name not in entry.words:
        text = {
            "ti": entry.title,
            "abs": entry.abstract,
            "co": entry.comment or "",
            "jr": entry.journal_ref or "",
            "cat": " ".join(entry.categories),
        }
        entry.words[name] = (
            " | ".join(f" {' '.join(_words(author))} " for author in entry.authors)
            if name == "au"
            else f" {' '.join(_words(text[name]))} "
        )
    return entry.words[name]


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    return [_singular(word) for word in re.findall(r"[^\W_]+", plain.replace("'s", ""))]


@cache
def _singular(word: str) -> str:
    if len(word) > len("ties") and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > len("as") and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
