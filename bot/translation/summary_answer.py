"""Answer of a model that was asked for an AI summary: what of it can be trusted.

It comes with the translation, in the same answer, as JSON. Each claim is checked by itself against
the sentences that it cites; one that fails is left away, and costs nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from bot.http.client import json_of
from bot.translation.checks.claims import Doubt, Doubted, Grounds, check_claim
from bot.translation.key_sentence import ranked
from bot.translation.summary import FIELDS, Claim, Summary
from bot.translation.text import typography
from bot.translation.text.chunks import sentences
from bot.translation.text.masking import PLACEHOLDER, Masked

_MOST_CITED = 3
_BEST = 2
"""The TL;DR cites one of so many sentences that say best what the paper brings."""
_LONGEST_ANSWER = 20_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a summary was asked of: a masked abstract, and its checked translation."""

    masked: Masked
    translated: str
    title: str
    language: str
    model: str


def numbered(masked_text: str) -> list[str]:
    """Return the sentences of a masked abstract, as they are numbered in the question."""
    return [sentence.strip() for sentence in sentences(masked_text)]


def checked(answer: str, asked: Asked) -> Summary | None:
    """Return what of a model's JSON can be trusted; None where nothing can."""
    said = _read(answer)
    hidden = numbered(asked.masked.text)
    shown = [_filled(sentence, asked.masked) for sentence in hidden]
    claims = []
    for field in FIELDS:
        try:
            claims += _claim(field, said.get(field), asked, hidden, shown)
        except Doubted as doubted:
            _log.info("a claim was left away", field=field, why=doubted.doubt.value)
    return Summary(asked.model, tuple(claims)) if claims else None


def _claim(
    field: str, said: Any, asked: Asked, hidden: Sequence[str], shown: Sequence[str]
) -> list[Claim]:
    if said is None:
        return []
    text, places = _parts(said, len(shown))
    if field == FIELDS[0] and not set(places) & set(ranked(asked.title, shown)[:_BEST]):
        raise Doubted(Doubt.CITATION)
    there = {found for place in places for found in PLACEHOLDER.findall(hidden[place])}
    if not there.issuperset(PLACEHOLDER.findall(text)):
        raise Doubted(Doubt.PLACEHOLDER)
    polished = typography.polish(" ".join(text.split()), language=asked.language)
    written = typography.set_apart(_filled(polished, asked.masked), language=asked.language)
    cited = tuple(shown[place] for place in places)
    grounds = Grounds(" ".join(cited), " ".join(shown), asked.translated, asked.language)
    check_claim(written, grounds)
    return [Claim(field, written, cited)]


def _parts(said: Any, count: int) -> tuple[str, list[int]]:
    """Return a claim's text, and where the sentences that it cites stand."""
    match said:
        case {"text": str(text), "sentences": [int(), *_] as numbers}:
            places = list(dict.fromkeys(numbers))
            if len(places) <= _MOST_CITED and all(
                isinstance(place, int) and 1 <= place <= count for place in places
            ):
                return text, [place - 1 for place in places]
    raise Doubted(Doubt.CITATION)


def _filled(text: str, masked: Masked) -> str:
    originals = masked.originals
    return PLACEHOLDER.sub(
        lambda found: originals[int(found[1])] if int(found[1]) < len(originals) else found[0], text
    )


def _read(answer: str) -> Mapping[str, Any]:
    try:
        said = json_of(answer[:_LONGEST_ANSWER].encode())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
