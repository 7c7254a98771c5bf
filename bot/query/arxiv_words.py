"""Query expansion for arXiv's search: the forms that words may have in its papers.

Its words differ from ours, as measured with its own code (https://github.com/arXiv/arxiv-search,
mappings/DocumentMapping.json): titles and abstracts are cut by Unicode's rules, which keep
`qwen2.5` and `node.js` whole (https://unicode.org/reports/tr29/#Word_Boundaries), and stemmed by
Porter's first stemmer; a star looks among the stems; accents stay. Comments and journal references
are not stemmed. The likely forms come first, so that a long query can do without the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, pairwise, product
from threading import Lock

import snowballstemmer

from bot.query.tokens import FAMILIES, GREEK, SIGNED, STOP_WORDS, index_key, sought_keys, split

Form = tuple[str, ...]
"""Values of one field, all of which a paper must have; phrases stand in quotes."""

_SHORT = 3
"""Words up to this length have hardly a family, as in `bot.query.tokens`."""
_LONG = 40
_MANY = 8
"""Of a longer word the beginning is asked for, of a longer phrase the first words."""
_LONGEST_ACRONYM = 8
_MOST_STEMS = 5
"""Of 4,657 frequent words 4,387 have one of arXiv's stems but for adverbs, and none over three."""
_MOST_PHRASES = 8
_FEW = 3
_MOST_ACCENTS = 12

_ENDINGS = ("", "s", "es", "e", "ed", "ing", "ive", "ment", "ist", "ful", "ence", "y")
"""With these the words of one family have all of arXiv's stems, but for those of `_ADVERBS`."""
_ADVERBS = ("*li", "*ion")
"""How its stems of adverbs end: robustli, computation (of computationally)."""

_STEMMED_OFF = (
    *("", "s", "es", "e", "ed", "ing", "ly", "ive", "ment", "ist", "ful", "ence", "y", "ies"),
    *("ied", "ally", "ionally", "fully", "ingly", "edly", "ationally", "ically", "antly", "ation"),
    *("ion", "al", "ance", "ant", "ent", "ently", "ional", "ational", "ization", "ize", "ized"),
    *("izing", "ality", "er", "ers", "or", "ors", "ity", "ities", "ness", "able", "ably", "ism"),
    *("ability", "ible", "ibility", "ic", "ical", "ics", "ate", "ated", "ating", "ative"),
    *("atively", "ator", "ators", "ous", "ously", "i", "is", "ively"),
)
"""What its stemmer takes off, of which a word's start may have a part."""

_ACCENTS = {letter: split(letter)[0] for letter in "éöüáïółèäíøçñåšôčêîžćãőõşğëřýăśńúòûàù"}
"""Letters in names of mathematics and computer science, the frequent ones first."""
_COMPANIONS = "éáåö"
"""Those that are often not alone: Västerås, Yorùbá, résumé."""
_VOWELS = "aeiou"
_STEMMING = Lock()


_BARE = {word: name[0] for name, word in SIGNED.items()}
"""arXiv hears no signs: C++ is C to it."""


def forms(words: Sequence[str], *, prefix: bool) -> list[Form]:
    """Return the forms of words next to each other in a title or an abstract."""
    words = [_BARE.get(word, word) for word in words]
    if prefix:
        return _starred(words)
    words = _beginning(words)
    if len(words) > 1:
        return list(dict.fromkeys(_phrase(words)))
    return [(form,) for form in dict.fromkeys(_word(words[0]))]


def unstemmed(words: Sequence[str], *, prefix: bool) -> list[Form]:
    """Return the forms of words in a comment or a journal reference.

    These are short, so that it is enough for the words to be there, in any order.
    """
    whole = [word for word in _beginning(words[:-1] if prefix else words) if word not in STOP_WORDS]
    starts = [_shared_start([word, *_families(word)]) for word in whole]
    starts += words[-1:] if prefix else []
    if not starts:
        return []
    accents = [f"{one}*" for one in _accented(starts[0])] if len(starts) == 1 else []
    return [tuple(f"{start[:_LONG]}*" for start in starts), *((accent,) for accent in accents)]


@lru_cache(maxsize=1 << 12)
def porter(word: str) -> str:
    """Return arXiv's stem of a lower-case word: Porter's first stemmer, as Lucene has it."""
    with _STEMMING:
        stem: str = _stemmer().stemWord(word)
        if stem.endswith("logi"):
            return stem[:-1]
        if stem.endswith("bli"):
            stem = _stemmer().stemWord(f"{stem[:-1]}e")
    return stem


@cache
def _stemmer() -> snowballstemmer.stemmer:
    stemmer = snowballstemmer.stemmer("porter")
    stemmer.maxCacheSize = 0
    return stemmer


# -------------------------------------------------------------------- one word


def _word(word: str) -> Iterator[str]:
    if len(word) > _LONG:
        yield f"{word[:_LONG]}*" if word.isascii() else word[:_LONG]
        return
    yield from _inflected(word)
    yield from GREEK.get(word, "").lower()
    yield from _adverbs(word)
    # A colon behind a short word would be taken for a field.
    yield from (_with_sign(word, sign) for sign in ("._:" if len(word) > _SHORT else "._"))
    yield from _accented(word)
    yield from _in_tex(word)
    yield from _with_more_accents(word)
    for name, letters in GREEK.items():
        if word.startswith(name) and word != name:
            yield f"{letters[0]}{word.removeprefix(name)}"


def _adverbs(word: str) -> list[str]:
    """Return what finds the adverbs of a word's family."""
    start = _shared_start([word, *_families(word)])
    return [f"{start}{ending}" for ending in _ADVERBS] if len(start) > _SHORT else []


def _with_sign(word: str, sign: str) -> str:
    """Return what finds a word with more behind it: `github.com`, `results.We`, `4.1`."""
    start = _shared_start([word, *_families(word)])
    return f"{start}*{sign}*" if len(start) > _SHORT else f"{word}{sign}*"


@lru_cache(maxsize=1 << 12)
def _inflected(word: str) -> list[str]:
    """Return a word for each of arXiv's stems that our word stands for, itself first."""
    stems = {porter(word): word}
    if word.isascii():
        for one in (*_other_number(word), *_family(word)):
            stems.setdefault(porter(one), one)
    return list(stems.values())[:_MOST_STEMS]


def _other_number(word: str) -> list[str]:
    """Return the singular or the plural that a word has where it is an acronym."""
    if word.endswith("s"):
        return [word[:-1]] if _SHORT < len(word) <= _LONGEST_ACRONYM + 1 else []
    return [f"{word}s"] if len(word) <= _LONGEST_ACRONYM else []


def _family(word: str) -> Iterator[str]:
    """Yield words that our word also stands for."""
    keys = sought_keys(word)
    yield from (one for one, key in FAMILIES.items() if key in keys)
    bases = dict.fromkeys(
        base
        for stem in _families(word)
        for base in (
            *(stem, stem.removesuffix("e"), stem.removesuffix("i") + "y"),
            *(stem.removesuffix("y"), stem.removesuffix("ie") + "y", stem + stem[-1]),
        )
    )
    for ending in _ENDINGS:
        for base in bases:
            one = base + ending
            if len(one) > 1 and one not in STOP_WORDS and index_key(one) in keys:
                yield one


def _families(word: str) -> list[str]:
    """Return our stems of a word."""
    return sorted(key for key in sought_keys(word) if key.islower())


def _accented(word: str) -> list[str]:
    """Return a word with an accent: any letter may bear one."""
    return [with_one for with_one, _place in _with_accents(word)][:_MOST_ACCENTS]


def _with_accents(word: str) -> list[tuple[str, int]]:
    if len(word) < _SHORT or not (word.isascii() and word.isalpha()):
        return []
    return [
        (f"{word[:place]}{accented}{word[place + 1 :]}", place)
        for accented, letter in _ACCENTS.items()
        for place in range(len(word))
        if word[place] == letter
    ]


def _with_more_accents(word: str) -> list[str]:
    """Return stems of a word with an accent whose other vowels may bear one as well."""
    return [
        "".join(
            "?" if at not in {0, place} and letter in _VOWELS else letter
            for at, letter in enumerate(porter(accented))
        )
        for accented, place in _with_accents(word)
        if accented[place] in _COMPANIONS
    ][: _MOST_ACCENTS // 2]


def _in_tex(word: str) -> list[str]:
    r"""Return a word in the parts that it has where an accent is TeX: `Fr\'echet`, `R{\'e}nyi`."""
    places = _accentable(word)
    return [
        *(f'"{word[:place]} {word[place:]}"' for place in places),
        *(f'"{word[:place]} {word[place]} {word[place + 1 :]}"' for place in places[:-1]),
    ]


def _accentable(word: str) -> list[int]:
    """Return the places of vowels that may bear an accent, but for a first letter's."""
    if not (word.isascii() and word.isalpha()):
        return []
    return [place for place in range(1, len(word)) if word[place] in _VOWELS]


def _shared_start(words: Sequence[str]) -> str:
    """Return the letters with which all of some words begin; of short ones the first."""
    first, last = min(words), max(words)
    end = next(
        (place for place, pair in enumerate(zip(first, last, strict=False)) if len({*pair}) > 1),
        min(len(first), len(last)),
    )
    return first[:end] if end >= _SHORT else words[0]


# -------------------------------------------------------------------- phrases


def _beginning(words: Sequence[str]) -> Sequence[str]:
    """Return the first words that count of a long phrase, which arXiv counts no stop words in."""
    start = next((place for place, word in enumerate(words) if word not in STOP_WORDS), 0)
    end = start + 1
    while (
        end < min(len(words), start + _MANY) and len("".join(words[start : end + 1])) <= _LONG * 2
    ):
        end += 1
    return words[start:end]


def _quoted(words: Iterable[str]) -> str:
    said = " ".join(words)
    return f'"{said}"' if " " in said else said


def _phrase(words: Sequence[str]) -> Iterator[Form]:
    ways = dict.fromkeys(map(_quoted, islice(_ways(words), _MOST_PHRASES)))
    yield from ((way,) for way in ways)
    yield _quoted(words[:-1]), _with_sign(words[-1], ".")
    in_greek = [GREEK[word][0] if word in GREEK else word for word in words]
    for sign, place in product("._", range(len(words) - 1)):
        yield (_quoted(_joined(words, [place], sign)),)
        yield (_quoted(_joined(in_greek, [place], sign)),)
    # An accent is rare enough for its word to be asked for alone.
    for word in words:
        yield from ((form,) for form in _accented(word)[: _MOST_ACCENTS // len(words)])


def _ways(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield a phrase, with its numbers whole, and with other forms of its words."""
    yield words
    numbers = [
        place
        for place, (one, after) in enumerate(pairwise(words))
        if one[-1].isdigit() and after[0].isdigit()
    ]
    if numbers:
        yield from (_joined(words, numbers, sign) for sign in ".,")
        yield from (_joined(words, [place], ".") for place in numbers)
    yield from product(*map(_spellings, words))


def _spellings(word: str) -> list[str]:
    """Return a word of a phrase, where no star may stand, in other forms."""
    adverb = f"{word}ly"
    adverbs = [adverb] if index_key(adverb) in sought_keys(word) else []
    return [*_inflected(word), *GREEK.get(word, "")[:1], *adverbs]


def _joined(words: Sequence[str], places: Sequence[int], sign: str) -> list[str]:
    """Return words with a sign in place of the space after some of them."""
    out = [words[0]]
    for place, word in enumerate(words[1:]):
        if place in places:
            out[-1] += sign + word
        else:
            out.append(word)
    return out


# -------------------------------------------------------------------- stars


def _starred(words: Sequence[str]) -> list[Form]:
    """Return the forms of words of which the last is a start: no star stands inside quotes."""
    start, before = words[-1][:_LONG], words[-1 - _MANY : -1]
    if STOP_WORDS.issuperset(before):
        accents = [f"{one}*" for one in _accented(start)[:_FEW]]
        greek = [f"{letters[0]}*" for name, letters in GREEK.items() if name.startswith(start)]
        in_tex = [(start[:at], f"{start[at:]}*") for at in _accentable(start)[:_FEW]]
        return [*((form,) for form in (*_starts(start), *greek, *accents)), *in_tex]
    before = _beginning(before)
    phrases = (
        [_quoted(way) for way in islice(_ways(before), _FEW)]
        if len(before) > 1
        else [*_inflected(before[0]), *_adverbs(before[0])]
    )
    rest = [_quoted(before[:-1])] if len(before) > 1 else []
    return [
        *((phrase, form) for form in _starts(start) for phrase in dict.fromkeys(phrases)),
        *((*rest, form) for form in _starts(f"{before[-1]}.{start}")),
    ]


def _starts(start: str) -> list[str]:
    """Return what finds every word with this start, also where its stem is shorter."""
    cut = {
        porter(word): word
        for ending in _STEMMED_OFF
        for length in range(len(ending) + 1)
        if start.endswith(ending[:length])
        for word in [start + ending[length:]]
    }
    return [f"{start}*", *(word for stem, word in cut.items() if not stem.startswith(start))]
