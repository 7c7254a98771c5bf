r"""Tokenizer, stemmer, stop words: what "the same word" means to a query and to a paper.

A text is cut at everything that is neither letter nor digit, so that "zero-shot" and "zero shot"
are the same two words; accents are folded, Greek letters spelt out, and TeX is looked through.

Words of one family (`detect`, `detected`, `detection`) are one word, as in arXiv's own search. That
runs Elasticsearch's English analyser (mappings/DocumentMapping.json of
https://github.com/arXiv/arxiv-search), which is Porter's stemmer. Ours is its successor, which
keeps apart what Porter's does not: "generic" from "general", "organ" from "organization".
Acronyms are kept from the stemmer.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock

import snowballstemmer

STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into"),
        *("is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then"),
        *("there", "these", "they", "this", "to", "was", "will", "with"),
    )
)
"""Lucene's English stop words, which match nothing in arXiv's search:
https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/en/EnglishAnalyzer.html
"""

SIGNED = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp", "j#": "jsharp"}
"""Names in which a sign counts, and the words that stand for them: C++ and C# are no C."""
_SIGNED = re.compile(r"(?<!\w)(?:[Cc]\+\+|[CcFfJj]#)(?![+#])")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ACRONYM = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9]{1,5}[A-Z0-9]")
_ACRONYM_PLURAL = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9]{1,7}[A-Z0-9]s")
_CONSONANTS_PLURAL = re.compile(r"[b-df-hj-np-tv-xz]{2,}[b-df-hj-np-rtv-xz]s")
_STEMMING = Lock()
_SHORT = 3
"""Up to this length a word's last letter is part of its name: NAS, GPS, gas."""

_REMEMBERED = 1 << 13
"""So many words, some MB, are nearly all that a sweep finds; the rare ones are looked at again."""

FAMILIES = {
    "activation": "activation",
    "activations": "activation",
    "analyses": "analysi",
    "animal": "animal",
    "animals": "animal",
    "authorities": "authority",
    "authority": "authority",
    "experience": "experience",
    "experiences": "experience",
    "generative": "generative",
    "hypotheses": "hypothesi",
    "importance": "importance",
    "important": "importance",
    "importantly": "importance",
    "indices": "index",
    "matrices": "matrix",
    "relativistic": "relativity",
    "relativity": "relativity",
    "transformer": "transformer",
    "transformers": "transformer",
    "underlying": "underlying",
    "vertices": "vertex",
}
"""Where the stemmer joins what is two things (to transform, a transformer) or misses a plural."""

GREEK = {
    "alpha": "αΑ",
    "beta": "βΒ",
    "gamma": "γΓ",
    "delta": "δΔ",
    "epsilon": "εΕ",
    "zeta": "ζΖ",
    "eta": "ηΗ",
    "theta": "θΘ",
    "iota": "ιΙ",
    "kappa": "κΚ",
    "lambda": "λΛ",
    "mu": "μΜ",
    "nu": "νΝ",
    "xi": "ξΞ",
    "omicron": "οΟ",
    "pi": "πΠ",
    "rho": "ρΡ",
    "sigma": "σςΣ",
    "tau": "τΤ",
    "upsilon": "υΥ",
    "phi": "φΦ",
    "chi": "χΧ",
    "psi": "ψΨ",
    "omega": "ωΩ",
}
_FOLDED = str.maketrans(
    {
        **{letter: name for name, letters in GREEK.items() for letter in letters},
        **dict(zip("øØłŁđĐðÐıħ’ʼ", "oOlLdDdDih''", strict=True)),
        **dict(zip("ßæÆœŒþÞ", ("ss", "ae", "AE", "oe", "OE", "th", "Th"), strict=True)),
        "ẞ": "SS",
    }
)

_TEX = re.compile(r"[\\${}]")
_TEX_ACCENT = re.compile(r"\\(?:[\"'`^~=.]|[cvuHdbrk](?=[\s{]))\s*\{?\s*\\?([A-Za-z])\s*\}?")
_TEX_LETTER = re.compile(r"\\(ss|ae|oe|AE|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])\s?(?:\{\})?")
_TEX_LETTERS = {"aa": "a", "AA": "A"}
_TEX_COMMAND = re.compile(r"\\(?:([A-Za-z]+)\*?|.)", re.DOTALL)
_TEX_FORMULA = re.compile(r"\$([^$]*)\$")
_TEX_SCRIPTS = str.maketrans("", "", "_^{}")
_TEX_MARKS = str.maketrans("", "", "${}")


def split(text: str) -> list[str]:
    """Tokenize a text: return its words in their order, accents folded, the case as it stands.

    The case of a word tells acronyms, so that `index_key` needs it; a text that shouts has none.
    """
    if _TEX.search(text):
        text = _without_tex(text)
    if not text.isascii():
        text = _fold(text)
    if text.isupper() and " " in text.strip():
        text = text.lower()
    if "+" in text or "#" in text:
        text = _SIGNED.sub(lambda name: f" {SIGNED[name[0].lower()]} ", text)
    found = _WORD.findall(text)
    if "'" in text:
        return [word.removesuffix("'s").replace("'", "") for word in found]
    return found


@lru_cache(maxsize=_REMEMBERED)
def index_key(word: str) -> str:
    """Return the key under which a paper's word is found; see `sought_keys`.

    Of an acronym that is the acronym, in capitals but for the s of its plural, for the rest the
    stem: "NeRF" is NERF, "GPs" is GPs and no GPS, "organs" is organ.
    """
    if _ACRONYM_PLURAL.fullmatch(word):
        return f"{word[:-1].upper()}s"
    if _ACRONYM.fullmatch(word):
        return word.upper()
    return _stem(word.lower())


@lru_cache(maxsize=_REMEMBERED)
def sought_keys(word: str) -> frozenset[str]:
    """Return the keys that a query's lower-case word finds.

    The case of a query tells nothing, so that any word may be meant for an acronym. Of these it
    finds the singular and the plural, but nothing that only has the same stem: "using" is no USE.
    """
    singulars = {word}
    plurals = {f"{word.upper()}s"}
    if word.endswith("s"):
        plurals.add(f"{word[:-1].upper()}s")
        if len(word) > _SHORT:
            singulars.add(word[:-1])
    return frozenset({_stem(word), *(singular.upper() for singular in singulars), *plurals})


def _stem(word: str) -> str:
    if len(word) <= _SHORT:
        return word
    if kind := FAMILIES.get(word):
        return kind
    if _CONSONANTS_PLURAL.fullmatch(word):  # llms, cnns: the stemmer wants a vowel for a plural
        return word[:-1]
    with _STEMMING:
        return _stemmer()(word)


@cache
def _stemmer() -> Callable[[str], str]:
    # In C where there is a build of PyStemmer, else in Python, where it keeps the word in itself.
    stemmer = snowballstemmer.stemmer("english")
    stemmer.maxCacheSize = 0  # the memories of `index_key` and `sought_keys` do
    stem: Callable[[str], str] = stemmer.stemWord
    return stem


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    return bare.translate(_FOLDED)


def _without_tex(text: str) -> str:
    text = _TEX_ACCENT.sub(r"\1", text)
    text = _TEX_LETTER.sub(lambda found: _TEX_LETTERS.get(found[1], found[1]), text)
    text = _TEX_COMMAND.sub(_command, text)
    text = _TEX_FORMULA.sub(lambda found: found[1].translate(_TEX_SCRIPTS), text)
    return text.translate(_TEX_MARKS)


def _command(found: re.Match[str]) -> str:
    name = (found[1] or "").removeprefix("var").lower()
    return f" {name} " if name in GREEK else " "
