"""Fields of the fake arXiv: how each of them is searched, as arXiv's own query code does it.

Written from https://github.com/arXiv/arxiv-search (search/services/index), and held to what that
code answers; not from arXiv's manual, which differs, nor from the bot's own idea of a query.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Final
from zoneinfo import ZoneInfo

from bot.playground.arxiv import analysis
from bot.playground.arxiv.index import (
    WILD,
    InternalError,
    Joint,
    Search,
    Text,
    pattern,
    refuse_leading_star,
    string,
)
from bot.playground.arxiv.papers import ArxivEntry

_EASTERN: Final = ZoneInfo("America/New_York")
_ANNOUNCED_AT: Final = 14
_OLD_NUMBER: Final = re.compile(r"\d{7}")
_TEX: Final = re.compile(r"\$[^$]+\$")


_TITLE: Final = Text(lambda entry: entry.title, analysis.english, analysis.english)
_TITLE_PLAIN: Final = Text(lambda entry: entry.title, analysis.plain, analysis.simple)
_ABSTRACT: Final = Text(lambda entry: entry.abstract, analysis.english, analysis.english)
_ABSTRACT_PLAIN: Final = Text(lambda entry: entry.abstract, analysis.plain, analysis.plain)
_COMMENT: Final = Text(lambda entry: entry.comment or "", analysis.simple, analysis.simple)
_JOURNAL: Final = Text(lambda entry: entry.journal_ref or "", analysis.simple, analysis.simple)


def _title(value: str, joint: Joint) -> Search:
    if _TEX.match(value):
        formulas = set(_TEX.findall(value))
        return lambda index: index.where(
            lambda entry: not formulas.isdisjoint(_TEX.findall(entry.title))
        )
    return _stemmed(_TITLE, _TITLE_PLAIN, value, joint)


def _abstract(value: str, joint: Joint) -> Search:
    return _stemmed(_ABSTRACT, _ABSTRACT_PLAIN, value, joint)


def _stemmed(english: Text, written: Text, value: str, joint: Joint) -> Search:
    """Return the search for stems; a phrase is also looked for as it is written."""
    stems = string(english, value, joint)
    if '"' not in value:
        return stems
    exact = string(written, value, joint)
    return lambda index: stems(index) | exact(index)


def _author(value: str, joint: Joint) -> Search:
    """Names within one author where they stand in quotes; else a word of any author's."""
    value = value.lower()
    quantified = all if joint is and_ else any
    if value.startswith('"'):
        wanted = [_name(word) for word in value.strip('"').split()]

        def within_one(entry: ArxivEntry) -> bool:
            people = _people(entry)
            return any(quantified(any(map(fits, one)) for fits in wanted) for one in people)

        return lambda index: index.where(
            within_one, among=reduce(joint, (index.like(_AUTHORS, fits) for fits in wanted))
        )
    if ";" in value:
        parts = [_author(part, joint) for part in value.split(";") if part]
        return lambda index: reduce(joint, (part(index) for part in parts))
    if "," in value:
        surname, _, forename = value.partition(",")
        last = _name(surname)
        first = (analysis.names(forename) or ("",))[0] or ""
        return lambda index: index.where(
            lambda entry: any(
                last(names[-1])
                and (not first or any(name.startswith(first) for name in names[:-1]))
                for names in _people(entry)
                if names and names[-1]
            )
        )
    refuse_leading_star(value)
    fits = _name(value)
    return lambda index: index.like(_AUTHORS, fits)


def _name(word: str) -> Callable[[str], bool]:
    refuse_leading_star(word)
    tokens = analysis.names(word)
    if WILD.search(word):
        return pattern("".join(map(str, tokens[:1])))
    return lambda name: bool(tokens) and name == tokens[0]


def _people(entry: ArxivEntry) -> list[list[str]]:
    if not entry.people:
        entry.people = [[name for name in analysis.names(one) if name] for one in entry.authors]
    return entry.people


def _with_initials(entry: ArxivEntry) -> str:
    """All names of all authors, and the first letters of those before the last."""
    initials = (part[0] for one in entry.authors for part in one.split()[:-1])
    return " ".join((*entry.authors, *initials))


_AUTHORS: Final = Text(_with_initials, analysis.names, analysis.names)


_CATEGORIES: Final = Text(
    lambda entry: " ".join(entry.classes).lower(), lambda text: tuple(text.split()), analysis.plain
)


def _category(value: str, _joint: Joint) -> Search:
    fits = pattern(value.strip('"').lower())
    return lambda index: index.like(_CATEGORIES, fits)


def _identifier(value: str, _joint: Joint) -> Search:
    """Search an id as it is; arXiv escapes too much, so that none with a hyphen is found."""
    refuse_leading_star(value)
    if re.search(r'["\-/:\\=+<>!\[\]{}^~]', value):
        return lambda _index: 0
    fits = pattern(value.lower() if WILD.search(value) else value)
    old = pattern(f"*/{value}") if _OLD_NUMBER.fullmatch(value) else lambda _text: False
    return lambda index: index.where(
        lambda entry: fits(entry.id) or fits(f"{entry.id}v{entry.version}") or old(entry.id)
    )


def _doi(value: str, _joint: Joint) -> Search:
    fits = pattern(value.strip('"'))
    return lambda index: index.where(lambda entry: any(map(fits, (entry.doi or "").split())))


def _submitted(value: str, _joint: Joint) -> Search:
    first, _, last = value.strip('"').partition("TO")
    try:
        start, end = (
            datetime.strptime(moment.strip(), "%Y%m%d%H%M").replace(tzinfo=UTC)
            for moment in (first, last)
        )
    except ValueError:
        raise InternalError from None
    return lambda index: index.where(lambda entry: start <= entry.published <= end)


# -------------------------------------------------------------------- all fields at once


def _jointthing(entry: ArxivEntry) -> str:
    """Return what stands in the field over all fields."""
    archives = [name.partition(".")[0] for name in entry.classes]
    return " ".join(
        (
            *(entry.title, entry.abstract, entry.comment or "", entry.journal_ref or ""),
            *(_with_initials(entry), *entry.classes, *archives),
            *(entry.id, f"{entry.id}v{entry.version}", entry.doi or ""),
        )
    )


_COMBINED: Final = Text(_jointthing, analysis.combined, analysis.combined, normal=analysis.fold)
_CLASSES: Final = Text(
    lambda entry: " ".join(
        part for name in entry.classes for part in (name, name.partition(".")[0])
    ),
    analysis.simple,
    analysis.simple,
)


def _all(value: str, _joint: Joint) -> Search:
    """All words in the field over all fields, if any is in one of them; or all of them in one."""
    whole = string(_COMBINED, value.lower(), joint=and_)
    in_one = _in_any_field(value, joint=and_)
    partly = _in_any_field(value, joint=or_)
    return lambda index: (whole(index) | in_one(index)) & partly(index)


def _in_any_field(value: str, *, joint: Joint) -> Search:
    fields = (_identifier, _author, _title, _abstract, _comment, _doi, _journal, _subject)
    searches = [field(value, joint) for field in fields]
    searches += [_announced_in(value)]
    return lambda index: reduce(or_, (search(index) for search in searches))


def _comment(value: str, joint: Joint) -> Search:
    return string(_COMMENT, value, joint)


def _journal(value: str, joint: Joint) -> Search:
    return string(_JOURNAL, value, joint)


def _subject(value: str, joint: Joint) -> Search:
    return string(_CLASSES, value, joint)


def _announced_in(value: str) -> Search:
    """Search by a year, or a year and a month, in which a paper was announced."""
    fits: Callable[[str], bool] = lambda _month: False  # noqa: E731
    if re.fullmatch(r"\d{4}-\d\d", value):
        fits = value.__eq__
    elif re.fullmatch(r"\d{4}", value):
        month = f"20{value[:2]}-{value[2:]}"
        fits = lambda text: text[:4] == value or text == month  # noqa: E731
    else:
        return lambda _index: 0
    return lambda index: index.where(lambda entry: fits(_announced(entry)))


def _announced(entry: ArxivEntry) -> str:
    """Return the month of the announcement: Sunday to Thursday at 20:00, US Eastern."""
    local = entry.published.astimezone(_EASTERN)
    day = local.date() + timedelta(days=local.hour >= _ANNOUNCED_AT)
    day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
    day += timedelta(days={4: 2, 5: 1}.get(day.weekday(), 0))
    return f"{day:%Y-%m}"


FIELDS: Final[Mapping[str, Callable[[str, Joint], Search]]] = {
    "abs": _abstract,
    "all": _all,
    "au": _author,
    "cat": _category,
    "co": _comment,
    "doi": _doi,
    "id": _identifier,
    "jr": _journal,
    "rn": lambda _value, _joint: lambda _index: 0,
    "submittedDate": _submitted,
    "ti": _title,
}
