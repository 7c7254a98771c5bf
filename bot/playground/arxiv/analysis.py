"""Text analysis of the fake arXiv: the tokens that its fields are searched by.

arXiv searches with Elasticsearch; which analyzer a field has stands in its mapping
(https://github.com/arXiv/arxiv-search, mappings/DocumentMapping.json), and what an analyzer does in
Lucene's documentation. A token is None where a stop word stood: a phrase counts it as a place.
"""

import re
import unicodedata
from functools import lru_cache
from threading import Lock

import snowballstemmer

Tokens = tuple[str | None, ...]

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
_CLITICS = "'’＇"
# UAX #29, as far as papers need it: letters and digits with what may stand inside a word.
_WORD = re.compile(
    r"[぀-ヿ㐀-䶿一-鿿豈-﫿]"
    r"|_*[^\W_](?:[\w\u0300-\u036f\u00ad\u200d]"
    r"|(?<=[^\W\d_])['.‘’․:·](?=[^\W\d_])|(?<=\d)['.,;‘’](?=\d))*"
)
_DOTS = str.maketrans("", "", ".,;")
_FOLDED = str.maketrans(
    {
        **dict(zip("øłđħıðŧŋ‐‑‒–—−ʼ", "oldhidtn------'", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
_STEMMING = Lock()
_stemmer = snowballstemmer.stemmer("porter")


def standard(text: str) -> list[str]:
    """Return the words of a text as Unicode cuts them: `qwen2.5` and `o'brien` stay whole."""
    return [word for word in _WORD.findall(text) if not word.isspace()]


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """Return Porter's stem of a lower-case word, with the two departures that Lucene has.

    https://tartarus.org/martin/PorterStemmer/: "-bli" gives "-ble", "-logi" gives "-log".
    """
    if len(word) <= 2:  # noqa: PLR2004 - as Porter's own code has it
        return word
    with _STEMMING:
        stemmed: str = _stemmer.stemWord(word)
        if stemmed.endswith("logi") and re.search(r"[aeiouy][^aeiou]", stemmed[:-4]):
            return stemmed[:-1]
        if stemmed.endswith("bli") and re.search(r"[aeiouy][^aeiou]", stemmed[:-3]):
            again: str = _stemmer.stemWord(f"{stemmed[:-1]}e")
            return again
    return stemmed


def english(text: str) -> Tokens:
    """Return the tokens of `title.english` and `abstract.english`: stems, stop words left out."""
    return tuple(_english(word) for word in standard(text))


@lru_cache(maxsize=1 << 14)
def _english(word: str) -> str | None:
    if len(word) > 1 and word[-1] in "sS" and word[-2] in _CLITICS:
        word = word[:-2]
    word = word.lower()
    return None if word in _STOP_WORDS else stem(word)


def simple(text: str) -> Tokens:
    """Return the tokens of comments and journal references: no stems, stop words left out."""
    words = (word.lower() for word in standard(text))
    return tuple(None if word in _STOP_WORDS else word for word in words)


def plain(text: str) -> Tokens:
    """Return the tokens of `title` and `abstract` as they are written: neither stems nor stops."""
    return tuple(word.lower() for word in standard(text))


def names(text: str) -> Tokens:
    """Return the tokens of authors: cut at spaces alone, accents folded, dots left out."""
    return tuple(_northern(fold(word)) for word in text.translate(_DOTS).split())


def combined(text: str) -> Tokens:
    """Return the tokens of the field over all fields; cut at spaces as well."""
    folded = (fold(word) for word in text.translate(_DOTS).split())
    return tuple(None if word in _STOP_WORDS else _northern(word) for word in folded)


@lru_cache(maxsize=1 << 14)
def fold(word: str) -> str:
    """Return a word without accents, in lower case (icu_folding)."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(char for char in word if unicodedata.category(char) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", bare.translate(_FOLDED))


@lru_cache(maxsize=1 << 14)
def _northern(word: str) -> str:
    """Return a word under Lucene's German, then Scandinavian normalization, of folded words.

    `ae`, `oe` and `ue` are umlauts where they may be, and `aa`, `ao`, `oo` one letter.
    """
    letters: list[str] = []
    may_be = True  # whether a u here may begin an umlaut
    after = ""
    for char in word:
        if char == "e" and after:
            after = ""
            may_be = False
            continue
        letters.append(char)
        after = char if char in "ao" or (char == "u" and may_be) else ""
        may_be = char not in "aeiouqy" if char != "u" else may_be
    folded = "".join(letters)
    return re.sub(r"a[ao]|o[eo]|ae", lambda found: found[0][0], folded)
