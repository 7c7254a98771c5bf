"""AI summary: what a language model says of a paper in four claims, each with its sentences.

It comes with the translation, in the same answer, as JSON. Each claim is checked by itself against
the sentences that it cites; one that fails is left away, and costs nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from bot.http.client import json_of
from bot.translation.checks.claims import Doubt, Doubted, Grounds, check_claim
from bot.translation.key_sentence import ranked
from bot.translation.text import typography
from bot.translation.text.chunks import sentences
from bot.translation.text.masking import PLACEHOLDER, Masked

FIELDS = ("tldr", "problem", "method", "result")
_MOST_CITED = 3
_BEST = 2
"""The TL;DR cites one of so many sentences that say best what the paper brings."""
_LONGEST_ANSWER = 20_000

_log = structlog.get_logger(__name__)


class Claim(NamedTuple):
    """One thing that a model says of a paper, and the abstract's sentences that say so."""

    field: str
    """One of FIELDS."""
    text: str
    """In the language of the translation; TeX as in the abstract."""
    cited: tuple[str, ...]
    """In English, as they stand in the abstract."""


class Summary(NamedTuple):
    """The claims that passed the checks, in the order of FIELDS."""

    model: str
    claims: tuple[Claim, ...]

    @property
    def tldr(self) -> Claim | None:
        """The claim that says it all in one."""
        return next((claim for claim in self.claims if claim.field == FIELDS[0]), None)

    def dumped(self) -> str:
        """Return it as it is stored."""
        claims = [claim._asdict() for claim in self.claims]
        return json.dumps({"model": self.model, "claims": claims}, ensure_ascii=False)


def load(stored: str | None) -> Summary | None:
    """Return a summary as it was stored."""
    if not stored:
        return None
    read = json.loads(stored)
    claims = (Claim(one["field"], one["text"], tuple(one["cited"])) for one in read["claims"])
    return Summary(read["model"], tuple(claims))


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
