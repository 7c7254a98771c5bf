"""Sentences of a source and of its translation: none is missing, doubled, or cut."""

import re
from collections import Counter
from itertools import pairwise
from math import log

from bot.regex.lazy_pattern import lazily
from bot.translation.languages import LANGUAGES, Script

_ABBREVIATION = (
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bvs)(?<!\bal)(?<!\betc)(?<!\bFig)(?<!\bFigs)(?<!\bEq)"
    r"(?<!\bw\.r\.t)(?<!\bDr)(?<!\bSec)(?<!\bNo)(?<!\bResp)(?<!\bresp)(?<!\b[A-Z])(?<!\bp\. ej)"
    r"(?<!\bz\. B)(?<!\bz\.B)(?<!\bbzw)(?<!\bca)(?<!\bapprox)(?<!\bSt)"
    r"(?<!\bт\. е)(?<!\bт\.е)(?<!\bt\. ej)(?<!\bnúm)"
)
_STOP = lazily(
    rf"(?:{_ABBREVIATION}\.|[!?…։۔।])[\"'”’»)\]]*(?=\s|$|[\u3041-\u9fff])(?!\s+[a-zа-яё])"
    r"|[。！？؟][”’」』）]*"
)
_END = lazily(r"[.!?。！？…։۔।؟][\"'”’»)\]」』）】*]*$|[\"'”’»)\]」』）】⟧]$")
_CLAUSE = lazily(r"[,，;；.。!！?？]")
_LEAST_REPEATED = 8
"""Signs of a sentence or a clause that is no exclamation."""
_LEAST_IN_HAN = 4
_TINY, _FIT = 0.6, 0.25
_HAN = lazily(r"[\u3041-\u9fff]")
_LEAST_OF_ONE = {Script.HAN: 0.2, Script.JAPANESE: 0.28, Script.HANGUL: 0.28, Script.LATIN: 0.65}
"""How long one sentence is that has become of two: a shorter one is a summary."""
_WITHOUT_STOPS = {Script.THAI}


def split(text: str) -> list[str]:
    """Return the sentences of a text in any language that has stops."""
    pieces: list[str] = []
    start = 0
    for match in _STOP.finditer(text):
        pieces.append(text[start : match.end()].strip())
        start = match.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if any(sign.isalnum() for sign in piece)]


def are_missing(source: str, translated: str, *, language: str) -> bool:
    """Tell whether sentences of the source are missing, or the last one is not finished."""
    if LANGUAGES[language].script in _WITHOUT_STOPS:
        return False
    wanted, found = split(source), split(translated)
    if not (wanted and found):
        return len(wanted) > len(found)
    if source.rstrip()[-1:] in {".", "!", "?"} and not _END.search(translated.rstrip()):
        return True
    # A sentence may have become a part of another, behind a semicolon.
    joined = len(re.findall("[;；]", translated)) - len(re.findall(";", source))
    fewer = len(wanted) - len(found) - max(joined, 0)
    if fewer == 1 and len(found) == 1:
        least = _LEAST_OF_ONE.get(LANGUAGES[language].script, _LEAST_OF_ONE[Script.LATIN])
        return len(translated) < least * len(source)
    return fewer > 1 or (fewer == 1 and _one_was_dropped(wanted, found))


def are_added(source: str, translated: str) -> int:
    """Return how many sentences more there are than any reading of the source allows."""
    pauses = re.compile(r"[;:；：]|\s[—–-]{1,3}\s|—")
    joined = max(0, len(pauses.findall(source)) - len(pauses.findall(translated)))
    return len(split(translated)) - len(split(source)) - joined


def are_repeated(source: str, translated: str) -> bool:
    """Tell whether a sentence, or a clause beside itself, stands there twice."""
    return _repeats(translated) and not _repeats(source)


def _repeats(text: str) -> bool:
    often = Counter(_plain(sentence) for sentence in split(text))
    if any(times > 1 and len(one) >= _LEAST_REPEATED for one, times in often.items()):
        return True
    clauses = [_plain(clause) for clause in _CLAUSE.split(text)]
    return any(
        (b.startswith(a) and len(a) >= _LEAST_REPEATED)
        or (a == b and len(a) >= _LEAST_IN_HAN and _HAN.match(a))
        for a, b in pairwise(clauses)
    )


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _one_was_dropped(wanted: list[str], found: list[str]) -> bool:
    """Say whether the lengths tell of a sentence that is missing, not of two that became one.

    Translations of sentences are about as long as each other, in proportion. So with one left out
    the rest fit one by one; with two made one, that one fits both.
    """
    theirs = [len(sentence) for sentence in found]
    lengths = [len(sentence) for sentence in wanted]
    dropped = min(
        _misfit(lengths[:place] + lengths[place + 1 :], theirs) for place in range(len(lengths))
    )
    return _is_so(dropped, _merged(lengths, theirs))


def _merged(lengths: list[int], theirs: list[int]) -> float:
    return min(
        _misfit([*lengths[:place], sum(lengths[place : place + 2]), *lengths[place + 2 :]], theirs)
        for place in range(len(lengths) - 1)
    )


def _is_so(left_out: float, merged: float) -> bool:
    return left_out < 0.5 * merged and left_out < 0.25  # noqa: PLR2004


def one_was_added(source: str, translated: str) -> bool:
    """Tell whether a first or last sentence stands beside a translation, as those who talk have it.

    It does where the rest fit the source's sentences one by one, and where one of them became two
    they would not; where it asks or calls and nothing in the source does; and behind a title.
    """
    wanted, found = split(source), split(translated)
    if len(found) != len(wanted) + 1:
        return False
    ends = found[0], found[-1]
    if any(re.search("[?!？！]", one) for one in ends) and not re.search("[?!]", source):
        return True
    if len(wanted) <= 1:
        return bool(wanted) and not _END.search(source.rstrip())
    theirs, lengths = [len(one) for one in wanted], [len(one) for one in found]
    if _is_tiny(lengths[0], lengths[1:], theirs) or _is_tiny(lengths[-1], lengths[:-1], theirs):
        return True
    added = min(_misfit(lengths[1:], theirs), _misfit(lengths[:-1], theirs))
    return _is_so(added, _merged(lengths, theirs))


def _is_tiny(end: int, others: list[int], theirs: list[int]) -> bool:
    """Say whether an end is shorter than any sentence's translation, and the others fit."""
    shortest = min(theirs) * sum(others) / sum(theirs)
    return end < _TINY * shortest and _misfit(others, theirs) < _FIT


def _misfit(lengths: list[int], theirs: list[int]) -> float:
    ratio = sum(theirs) / sum(lengths)
    return sum(
        abs(log(one / (other * ratio))) for one, other in zip(theirs, lengths, strict=True)
    ) / len(theirs)
