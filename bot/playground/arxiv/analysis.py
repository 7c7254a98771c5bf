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
    {
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into"),
        *("is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then"),
        *("there", "these", "they", "this", "to", "was", "will", "with"),
    }
)
_WORDS_KEPT = 1 << 16
_CLITICS = "'’＇"
# UAX #29, as far as papers need it: letters and digits with what may stand inside a word.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = rf"(?:[^\W{_IDEOGRAPHS}]+|[\u0300-\u036f\u00ad\u200d]+)"
_WORD = re.compile(
    rf"[{_IDEOGRAPHS}]|_*[^\W_{_IDEOGRAPHS}]{_LETTERS}*"
    rf"(?:(?:(?<=[^\W\d_])['.‘’․:·](?=[^\W\d_])|(?<=\d)['.,;‘’](?=\d)){_LETTERS}+)*"
)
_ASCII_WORD = re.compile(
    r"_*[^\W_]\w*(?:(?:(?<=[^\W\d_])['.:](?=[^\W\d_])|(?<=\d)['.,;](?=\d))\w+)*", re.ASCII
)
"""The same, in half of the time."""
_FORMULA = re.compile(r"\$[^$]+\$")
_DOTS = str.maketrans("", "", ".,;")
_FOLDED = str.maketrans(
    {
        **dict(zip("øłđħıðŧŋ‐‑‒–—−ʼ", "oldhidtn------'", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
_MEASURED = re.compile(r"[aeiouy][^aeiou]")
_DOUBLED = re.compile(r"([chjkqvwx])\1(?:ed|ing)$")
_STEMMING = Lock()
_stemmer = snowballstemmer.stemmer("porter")


def standard(text: str) -> list[str]:
    """Return the words of a text as Unicode cuts them: `qwen2.5` and `o'brien` stay whole."""
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


@lru_cache(maxsize=_WORDS_KEPT)
def stem(word: str) -> str:
    """Return Porter's stem of a lower-case word, as Lucene has it.

    Its author's own code departs from his paper, and Snowball's does not: "-bli" gives "-ble",
    "-logi" gives "-log" (https://tartarus.org/martin/PorterStemmer/). And for Snowball `kk` and
    `xx` are no double consonants.
    """
    if len(word) <= 2:  # noqa: PLR2004 - as Porter's own code has it
        return word
    with _STEMMING:
        stemmed: str = _stemmer.stemWord(word)
        if stemmed.endswith("logi") and _MEASURED.search(stemmed[:-4]):
            return stemmed[:-1]
        if stemmed.endswith("bli") and _MEASURED.search(stemmed[:-3]):
            again: str = _stemmer.stemWord(f"{stemmed[:-1]}e")
            return again
    return stemmed[:-1] if _DOUBLED.search(word) and _DOUBLED.search(f"{stemmed}ed") else stemmed


def english(text: str) -> Tokens:
    """Return the tokens of `title.english` and `abstract.english`: stems, stop words left out."""
    return tuple(map(_english, standard(text)))


@lru_cache(maxsize=_WORDS_KEPT)
def _english(word: str) -> str | None:
    if len(word) > 1 and word[-1] in "sS" and word[-2] in _CLITICS:
        word = word[:-2]
    word = word.lower()
    return None if word in _STOP_WORDS else stem(word)


def simple(text: str) -> Tokens:
    """Return the tokens of comments and journal references: no stems, stop words left out."""
    return tuple(None if word in _STOP_WORDS else word for word in plain(text))


def plain(text: str) -> Tokens:
    """Return the tokens of `title` and `abstract` as they are written: neither stems nor stops."""
    return tuple(map(_lower, standard(text)))


@lru_cache(maxsize=_WORDS_KEPT)
def _lower(word: str) -> str:
    """Return one object for one word, so that texts share it."""
    return word.lower()


def names(text: str) -> Tokens:
    """Return the tokens of authors: cut at spaces alone, accents folded, dots left out."""
    return tuple(map(_name, text.translate(_DOTS).split()))


def name(text: str) -> str:
    """Return a text as the tokens of authors are written."""
    return _name(text.translate(_DOTS))


def combined(text: str) -> Tokens:
    """Return the tokens of the field over all fields; cut at spaces as well."""
    return tuple(map(_combined, text.translate(_DOTS).split()))


@lru_cache(maxsize=_WORDS_KEPT)
def _combined(word: str) -> str | None:
    return None if fold(word) in _STOP_WORDS else _name(word)


def formulas(text: str) -> Tokens:
    """Return what stands between dollars, with them."""
    return tuple(_FORMULA.findall(text))


def fold(word: str) -> str:
    """Return a word without accents, in lower case (icu_folding)."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(char for char in word if unicodedata.category(char) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", bare.translate(_FOLDED))


@lru_cache(maxsize=_WORDS_KEPT)
def _name(word: str) -> str:
    """Return a folded word under Lucene's German, then Scandinavian normalization.

    `ae`, `oe` and `ue` are umlauts where they may be, and `aa`, `ao`, `oo` one letter.
    """
    letters: list[str] = []
    may_be = True  # whether a u here may begin an umlaut
    after = ""
    for char in fold(word):
        if char == "e" and after:
            after = ""
            may_be = False
            continue
        letters.append(char)
        after = char if char in "ao" or (char == "u" and may_be) else ""
        may_be = char not in "aeiouqy" if char != "u" else may_be
    return re.sub(r"a[ao]|o[eo]|ae", lambda found: found[0][0], "".join(letters))
