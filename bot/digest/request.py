"""Digest requests: which topic, which days, which language, read from a person's words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.digest.said_words import short_forms

DETAILED = "authors"
"""The word behind `/digest` that wants the detailed form."""

_MOST_DAYS = 366
_DAYS = re.compile(r"(\d{1,3})d", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """What is wanted; what is None is as the chat has it: all topics, the newest, its language."""

    topic_id: int | None = None
    days: int | None = None
    """The papers of so many days up to now."""
    day: date | None = None
    """The papers of one day, in UTC as arXiv counts."""
    language: str | None = None
    detailed: bool = False
    """With a table of contents, and authors and category below each title."""

    def period(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the first and the last moment that is meant; None: whenever."""
        if self.day is not None:
            return (
                datetime.combine(self.day, time.min, UTC),
                datetime.combine(self.day, time.max, UTC),
            )
        return (now - timedelta(days=self.days), now) if self.days is not None else None

    @property
    def span(self) -> str:
        """The days as they are typed: `7d`, `2026-11-20`, or nothing."""
        return f"{self.days}d" if self.days else str(self.day or "")

    def packed(self) -> str:
        """Return it as a button can carry it, in at most 40 bytes; see `unpacked`."""
        plain = f"{self.topic_id or 0}:{self.span}:{self.language or ''}"
        return f"{plain}:+" if self.detailed else plain

    @staticmethod
    def unpacked(text: str) -> "DigestRequest":
        """Return what `packed` wrote; what makes no sense counts as not said."""
        topic, span, language, details = (*text.split(":"), "", "", "")[:4]
        plain = _with_span(EVERYTHING, span) or EVERYTHING
        return replace(
            plain,
            topic_id=int(topic) if topic.isdecimal() and int(topic) else None,
            language=language or None,
            detailed=details == "+",
        )


EVERYTHING = DigestRequest()


class UnclearRequestError(Exception):
    """These words are neither a topic of the chat nor days nor a language."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def read(
    words: Sequence[str], *, labels: Mapping[int, str], languages: Iterable[str]
) -> DigestRequest:
    """Return what the words after `/digest` mean, in whatever order they come.

    labels: what the chat calls its topics, by the topics' ids. A topic may be named in part.

    Raises:
        UnclearRequestError: with the words that mean nothing, or more than one topic.

    """
    if (topic_id := _named(words, labels, whole=True)) is not None:
        return DigestRequest(topic_id)
    known = {code.casefold(): code for code in languages}
    try:
        return _read(words, labels, known)
    except UnclearRequestError as unclear:
        try:
            # Only now, because a topic may well be called "6 days".
            return _read(short_forms(" ".join(words), known.values()), labels, known)
        except UnclearRequestError:
            raise unclear from None


def _read(
    words: Sequence[str], labels: Mapping[int, str], known: Mapping[str, str]
) -> DigestRequest:
    request = EVERYTHING
    rest: list[str] = []
    for word in words:
        dated = _with_span(request, word)
        request = dated or request
        rest += [] if dated else [word]
    if rest and _named(rest, labels) is None:
        detailed = [word for word in rest if word.casefold() == DETAILED]
        request = replace(request, detailed=bool(detailed))
        rest = [word for word in rest if word not in detailed]
    if rest and _named(rest, labels) is None:
        # Only now, because a topic may well be called `de novo design`.
        at = next((at for at, word in enumerate(rest) if word.casefold() in known), None)
        if at is not None:
            request = replace(request, language=known[rest.pop(at).casefold()])
    if not rest:
        return request
    topic_id = _named(rest, labels)
    if topic_id is None:
        raise UnclearRequestError(" ".join(rest))
    return replace(request, topic_id=topic_id)


def _with_span(request: DigestRequest, word: str) -> DigestRequest | None:
    """Return the request with the days that a word means; None where it means none."""
    if request.span:
        return None
    if (found := _DAYS.fullmatch(word)) and 0 < int(found[1]) <= _MOST_DAYS:
        return replace(request, days=int(found[1]))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word, re.ASCII):
        try:
            return replace(request, day=date.fromisoformat(word))
        except ValueError:
            return None
    return None


def _named(words: Sequence[str], labels: Mapping[int, str], *, whole: bool = False) -> int | None:
    """Return the one topic that the words name; None where they name none or several."""
    wanted = " ".join(words).casefold()
    plain = {topic: " ".join(label.split()).casefold() for topic, label in labels.items()}
    fitting = [topic for topic, label in plain.items() if label == wanted]
    if not fitting and not whole:
        fitting = [topic for topic, label in plain.items() if wanted in label]
    return fitting[0] if len(fitting) == 1 else None
