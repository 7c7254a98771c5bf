"""Key sentence (contribution sentence): the sentence of an abstract that says what a paper brings.

Sentences earn points by plain rules, and the best is taken: who speaks of what this paper does, how
near to its title, how early, and neither a second step nor a result.
"""

import re
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from bot.regex.lazy_pattern import lazily
from bot.translation.checks.rejection import Rejected
from bot.translation.checks.sentences import split
from bot.translation.text.chunks import sentences
from bot.translation.text.prose import plain_prose

_LONGEST_NAME = 3
"""Words: what is longer before a colon is no name."""

_LEAST_ALONE = 5
"""Words: what is shorter says too little without what stands before it."""

REMEMBERED = 4_000
"""Papers by language: about what a day's pushes are made of."""

_LEAST = 2.5
"""Points under which no sentence says it clearly enough."""

_CANDIDATE = 1.0
"""Points from which a sentence may say it."""

_MOST_CHARACTERS = 5_000
"""No abstract is longer: of something longer no more is read."""


def _pattern(*alternatives: str) -> re.Pattern[str]:
    """Compile; a space stands for any white space, as abstracts have line breaks."""
    return lazily("|".join(alternatives).replace(" ", r"\s+"), re.IGNORECASE)


_PAPER = (
    r"(?:paper|work|study|survey|article|review|letter|thesis|dissertation|report|manuscript|note"
    r"|tutorial|chapter|overview|research|project|monograph)"
)
_THIS_PAPER = rf"(?:this|the present|the current|our) (?:[\w-]+ ){{0,2}}?{_PAPER}"
_SELF = rf"\b(?:we|i|the authors?|{_THIS_PAPER})\b"
_SOON = r"(?: [\w-]+,?){0,3}? "
"""What may stand between who speaks and the verb: "we therefore", "we, for the first time,"."""
_PROPOSE = r"(?:propos|introduc|present|pioneer)(?:e|es|ed|s|ing|ers?)?\b"
_BUILD = (
    r"(?:(?:build|develop|design|adapt|construct|formulat|creat|deriv|provid|releas|contribut|devis"
    r"|offer|implement|establish|curat)(?:e|es|ed|s)?|built)\b"
)
_STUDY = (
    r"(?:(?:show|prov|investigat|survey|demonstrat|explor|examin|analy[sz]|evaluat|review|argu"
    r"|revisit|extend|characteri[sz]|tackl|apply|appli|compar|address|find|report|describ|discuss"
    r"|consider|conduct|identif|us|suggest|focus|aim|outlin|determin|obtain|comput|measur"
    r"|generali[sz]|detail|target|solv|observ)(?:e|es|ed|s|y|ies|ied)?|stud(?:y|ies|ied)|found)\b"
)
_TO_ADDRESS = (
    r"to (?:address|tackle|overcome|solve|bridge|fill|mitigate|resolve|close|remedy|alleviate)\b"
)
_PROPOSES = _pattern(
    rf"{_SELF}{_SOON}{_PROPOSE}",
    # "We investigate … and propose", "this work moves on by introducing"
    rf"{_SELF}[^.;:]{{0,200}}? and (?:[\w-]+ ){{0,2}}?(?:propose|introduce)s?\b",
    rf"{_SELF}[^.;:]{{0,120}}? by (?:proposing|introducing|presenting)\b",
    r"\b(?:is|are) (?:[\w-]+ )?(?:proposed|introduced|presented)\b",
)
_BUILDS = _pattern(
    rf"{_SELF}{_SOON}{_BUILD}",
    # To address something with a thing is to bring the thing.
    rf"{_SELF}{_SOON}(?:address|tackle|solve|overcome)(?:e?s)? [^.;]{{0,80}}?"
    r"\b(?:with|by|through|using|via)\b",
)
_STUDIES = _pattern(rf"{_SELF}{_SOON}{_STUDY}")
_HERE = _pattern(rf"\bin {_THIS_PAPER}\b", rf"\b{_TO_ADDRESS}", r"\bto this end\b", r"^here\b")
_SECOND_STEP = _pattern(
    r"^\W*(?:furthermore|moreover|additionally|specifically|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|finally|in addition|in particular|besides|also|then|next|lastly|further|concretely"
    r"|building on|to (?:evaluate|validate|assess|verify|demonstrate|illustrate|train|facilitate)"
    r"|as (?:an?|the) (?:application|example|by-?product))\b",
    rf"{_SELF} (?:also|further|additionally|then|finally|furthermore)\b",
    r"\bwe (?:believe|hope)\b",
)
_RESULTS = _pattern(
    r"\b(?:experiment\w*|results?|evaluations?|simulations?|findings?)\b[^.;]{0,80}?"
    r"\b(?:show|demonstrat|indicat|reveal|suggest|confirm|validat|highlight)\w*",
    r"\b(?:outperform|surpass)\w*",
    r"\bachiev\w+ (?:state|an?|the|up to|\d)",
)
_LINKS = _pattern(
    r"https?://",
    r"\b(?:code|data|datasets?|models?|page|implementation|demo|website)\b[^.;]{0,60}?"
    r"\b(?:available|released|open[- ]sourced?|public(?:ly)?|found at)\b",
)
_POINTS_BACK = _pattern(
    r"(?:here|hence|therefore|thus|to this end|to that end|in response|accordingly|motivated by"
    rf"|inspired by|{_TO_ADDRESS}|in {_THIS_PAPER})(?P<rest>[^,.;:]{{0,80}})(?:, | (?=we\b))"
)
_BACK = _pattern(r"\b(?:this|these|those|that|such|the above|both)\b")
_WE_PROPOSE = _pattern(
    rf"(?:we|i|the authors?|{_THIS_PAPER}) "
    rf"(?:(?:therefore|thus|hence|here|then|first) )?{_PROPOSE} "
    r"(?=(?:an?|the|our|two|three|four|several|new|novel) |(?-i:[A-Z]|\d|\$|\\))"
)
_IN_BRACKETS = r"(?:\s*\([^)]{0,80}\))?"
_IS_A = lazily(rf"{_IN_BRACKETS},? (?:is|are) (?:an?|the|our)\b")
_NAMELY = lazily(rf"{_IN_BRACKETS},\s+(?=(?:an?|the|our)\s)")
"""What makes of a name before it a thing that is told of."""
_WORD = lazily(r"[^\W_](?:[\w-]*[^\W_])?")
_SMALL = frozenset(
    (
        *(
            "a",
            "an",
            "and",
            "are",
            "as",
            "at",
            "based",
            "between",
            "by",
            "can",
            "do",
            "does",
            "for",
        ),
        *("from", "how", "in", "into", "is", "its", "not", "of", "on", "or", "over", "the"),
        *("through", "to", "toward", "towards", "under", "using", "via", "what", "when", "why"),
        "with",
    )
)


class KeySentence(NamedTuple):
    """Where the key sentence stands in an abstract, in characters."""

    start: int
    end: int
    shown_from: int
    """From here on it reads well alone: what points back, or only says "we propose", is before."""


def key_sentence(title: str, abstract: str) -> KeySentence | None:
    """Return the key sentence of an abstract; None where no sentence says it clearly enough."""
    abstract = abstract[:_MOST_CHARACTERS]
    name, words = name_of(title), _words(title)
    pieces = list(sentences(abstract))
    best, found, start = 0.0, None, 0
    for number, piece in enumerate(pieces):
        points = _points(piece, name, words) + 0.3 * (1 - number / len(pieces))
        if points >= _LEAST and points > best:
            best, found = points, (start, start + len(piece.rstrip()))
        start += len(piece)
    if found is None:
        return None
    start, end = found
    return KeySentence(start, end, start + _front(abstract[start:end], name))


def ranked(title: str, pieces: Sequence[str]) -> list[int]:
    """Return which of an abstract's sentences say what the paper brings, the best first."""
    name, words = name_of(title), _words(title)
    points = [
        _points(piece, name, words) + 0.3 * (1 - number / len(pieces))
        for number, piece in enumerate(pieces)
    ]
    places = [number for number, earned in enumerate(points) if earned > _CANDIDATE]
    return sorted(places, key=lambda number: -points[number])


def _hashed(*given: str) -> int:
    """Return a cache's key, which keeps no long texts beside what was made of them."""
    return hash(given)


_SHOWN = LRUCache[int, str](REMEMBERED)
_ALIGNED = LRUCache[int, str](REMEMBERED)


def is_remembered(title: str, abstract: str, translated: str = "", language: str = "") -> bool:
    """Tell whether the cache of `aligned`, or of `shown`, has it: else it takes milliseconds."""
    if translated:
        return _hashed(title, abstract, translated, language) in _ALIGNED
    return _hashed(title, abstract) in _SHOWN


@cached(_SHOWN, key=_hashed, lock=Lock())
def shown(title: str, abstract: str) -> str:
    """Return the key sentence as it is shown first: its end as it stands; empty where none is.

    Cached: the same papers are shown to many chats.
    """
    key = key_sentence(title, abstract)
    if key is None:
        return ""
    text = " ".join(abstract[key.shown_from : key.end].split())
    return text[:1].upper() + text[1:]


@cached(_ALIGNED, key=_hashed, lock=Lock())
def aligned(title: str, abstract: str, translated: str, language: str) -> str:
    """Return the sentence of a translation that stands where the key sentence does in the abstract.

    Empty where the two have not the same sentences, one for one.
    """
    key = key_sentence(title, abstract)
    if key is None:
        return ""
    said, source = split(translated), plain_prose(abstract[key.start : key.end])
    place = len(split(plain_prose(abstract[: key.start])))
    known = split(plain_prose(abstract))
    if len(said) != len(known) or known[place : place + 1] != [source]:
        return ""
    # All the checks of a translation: imported once there is one.
    from bot.translation.checks.validation import check

    try:
        check(source, said[place], language=language, title=title)
    except Rejected:
        return ""
    return said[place]


def name_of(title: str) -> str:
    """Return what a title calls the thing: "NAME: what it is"; empty where it calls it nothing."""
    name, colon, _rest = title.partition(":")
    return name.strip() if colon and len(name.split()) <= _LONGEST_NAME else ""


def _points(sentence: str, name: str, title: frozenset[str]) -> float:
    if _PROPOSES.search(sentence):
        points = 4.0
    elif _BUILDS.search(sentence):
        points = 3.0
    elif _STUDIES.search(sentence) or _says_what_it_is(sentence, name):
        points = 2.2
    else:
        return 0
    points += 1.5 * len(title & _words(sentence)) / max(1, len(title))
    points += 1.2 * bool(_HERE.search(sentence))
    points -= 2 * bool(_SECOND_STEP.search(sentence))
    points -= 1.6 * bool(_RESULTS.search(sentence))
    return points - 4 * bool(_LINKS.search(sentence))


def _says_what_it_is(sentence: str, name: str) -> bool:
    return any(_IS_A.match(sentence, end) for end in _ends_of(name, sentence))


def _ends_of(name: str, sentence: str) -> Iterator[int]:
    """Yield where a name ends, wherever it begins a word.

    A pattern with the name in it would be compiled for each paper, which takes longer.
    """
    start = sentence.find(name) if name else -1
    while start >= 0:
        before = sentence[start - 1 : start]
        if not (before.isalnum() or before == "_"):
            yield start + len(name)
        start = sentence.find(name, start + 1)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _SMALL


def _front(sentence: str, name: str) -> int:
    """Return how many characters of a sentence's front are left out when it stands alone."""
    place = 0
    while lead := _POINTS_BACK.match(sentence, place):
        if lead["rest"].strip() and not _BACK.search(lead["rest"]):
            break
        place = lead.end()
    proposing = _WE_PROPOSE.match(sentence, place)
    if proposing is None:
        return place
    ends = [place, proposing.end()]
    # The title has said the name: "FooNet, a network that …".
    if name and sentence.startswith(name, proposing.end()):
        is_that = _NAMELY.match(sentence, proposing.end() + len(name))
        if is_that:
            ends.append(is_that.end())
    return next(end for end in reversed(ends) if _is_enough(sentence[end:]) or end == place)


def _is_enough(text: str) -> bool:
    return len(text.split()) >= _LEAST_ALONE
