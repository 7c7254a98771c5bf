"""Fields of the fake arXiv: how each of them is searched, as arXiv's own query code does it.

Written from https://github.com/arXiv/arxiv-search (search/services/index), and held to what that
code answers; not from arXiv's manual, which differs, nor from the bot's own idea of a query.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Final

from bot.playground.arxiv import analysis
from bot.playground.arxiv.announcement import announced_in, date_within
from bot.playground.arxiv.errors import InternalError
from bot.playground.arxiv.index import (
    Bits,
    Field,
    Index,
    Joint,
    is_wild,
    match,
    pattern,
    query_string,
    refuse_leading_star,
)
from bot.playground.arxiv.papers import ArxivEntry
from bot.playground.arxiv.people import Person

Paper = Field[ArxivEntry]

_TEX_QUERY: Final = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
_OLD_NUMBER: Final = re.compile(r"(?:9[1-9]|0[0-7])(?:0[1-9]|1[0-2])(?!000)\d{3}")
_ESCAPED: Final = re.compile(r'["+=><!(){}\[\]^~:\\/-]')
"""What arXiv escapes where nothing takes the escapes away again."""


def _field(
    values: Callable[[ArxivEntry], str | None],
    indexed: Callable[[str], analysis.Tokens],
    sought: Callable[[str], analysis.Tokens] | None = None,
    quoted: Callable[[str], analysis.Tokens] | None = None,
) -> Paper:
    sought = sought or indexed
    return Field(lambda entry: [values(entry) or ""], indexed, sought, quoted or sought)


_TITLE: Final = _field(lambda entry: entry.title, analysis.english)
_TITLE_TEX: Final = _field(lambda entry: entry.title, analysis.formulas)
_ABSTRACT: Final = _field(lambda entry: entry.abstract, analysis.english)
_ABSTRACT_PLAIN: Final = _field(lambda entry: entry.abstract, analysis.plain)
_ABSTRACT_TEX: Final = _field(lambda entry: entry.abstract, analysis.formulas)
_COMMENT: Final = _field(
    lambda entry: entry.comment, analysis.simple, analysis.plain, analysis.simple
)
_JOURNAL: Final = _field(lambda entry: entry.journal_ref, analysis.simple)


def _title(index: Index, value: str, joint: Joint) -> Bits:
    if _TEX_QUERY.match(value):
        return match(index.papers, _TITLE_TEX, value, or_)
    return query_string(index.papers, _TITLE, value, joint)


def _abstract(index: Index, value: str, joint: Joint) -> Bits:
    """Search stems, and a phrase as it is written as well.

    The stems find all that the second would, unless the phrase has none. (In titles a phrase of
    stop words finds nothing.)
    """
    only_stops = value.startswith('"') and not any(analysis.english(value))
    return query_string(index.papers, _ABSTRACT_PLAIN if only_stops else _ABSTRACT, value, joint)


def _comment(index: Index, value: str, joint: Joint) -> Bits:
    return query_string(index.papers, _COMMENT, value, joint)


def _journal(index: Index, value: str, joint: Joint) -> Bits:
    return query_string(index.papers, _JOURNAL, value, joint)


# --------------------------------------------------------------------------------------- people


def _names(values: Callable[[Person], list[str]]) -> Field[Person]:
    return Field(values, analysis.names, analysis.names, analysis.names, analysis.name)


_FULL_NAME: Final = _names(lambda person: [person.full])
_ANY_NAME: Final = _names(lambda person: [person.full, person.initialized])
_SURNAME: Final = _names(lambda person: [person.surname])


def _author(index: Index, value: str, joint: Joint) -> Bits:
    """Names within one author where they stand in quotes; else a word of any author's."""
    value = value.lower()
    if value.startswith('"'):
        found = query_string(index.people, _FULL_NAME, value.strip('"'), joint)
        return index.written_by(found)
    if ";" in value:
        parts = [_one_author(index, part) for part in value.split(";") if part]
        if not parts:
            raise InternalError
        return reduce(joint, parts)
    return _one_author(index, value)


def _one_author(index: Index, value: str) -> Bits:
    """Search a word of a name; or a surname, a comma, and how the forenames begin."""
    if "," not in value:
        return index.written_by(query_string(index.people, _ANY_NAME, value, and_))
    surname, _, rest = value.partition(",")
    forenames = " ".join(rest.split(",")).strip()
    found = query_string(index.people, _SURNAME, surname, and_)
    if forenames:
        begins = _begins_with(forenames)
        found = index.people.where(
            lambda person: begins(person.forenames) or begins(person.initials), among=found
        )
    return index.written_by(found)


def _name_words(text: str) -> list[str]:
    return [token for token in analysis.names(text) if token]


def _begins_with(words: str) -> Callable[[str], bool]:
    """Return the test of forenames for words in a row, the last one of which may go on."""
    wanted = _name_words(words)

    def begins(text: str) -> bool:
        held = _name_words(text)
        return any(
            held[start : start + len(wanted) - 1] == wanted[:-1]
            and held[start + len(wanted) - 1].startswith(wanted[-1])
            for start in range(len(held) - len(wanted) + 1)
        )

    if is_wild(words) and not words.startswith(("*", "?")):
        tests = [pattern(token) for token in wanted]
        return lambda text: all(any(map(fits, _name_words(text))) for fits in tests)
    return begins if wanted else lambda _text: False


# ------------------------------------------------------------------- classes, ids, dates


def _whole(text: str) -> analysis.Tokens:
    return (text,)


_KEYWORD: Final = (_whole, _whole, _whole)
_CATEGORIES: Final[Paper] = Field(lambda entry: [name.lower() for name in entry.classes], *_KEYWORD)
_SUBJECT_CLASSES: Final[Paper] = Field(
    lambda entry: [name.lower() for name in entry.subject_classes], *_KEYWORD
)
_IDS: Final[Paper] = Field(lambda entry: [entry.id, f"{entry.id}v{entry.version}"], *_KEYWORD)
_DOIS: Final[Paper] = Field(lambda entry: (entry.doi or "").split(), *_KEYWORD)
_SUBJECTS: Final[Paper] = Field(
    lambda entry: [text for name in entry.classes for text in _with_archive(name)],
    *(analysis.simple, analysis.simple, analysis.simple),
)


def _with_archive(category: str) -> tuple[str, str]:
    return category, category.partition(".")[0]


def _category(index: Index, value: str, _joint: Joint) -> Bits:
    return index.papers.field(_CATEGORIES).like(value.strip('"').lower())


def _subject_class(index: Index, value: str, _joint: Joint) -> Bits:
    """Search classes of MSC and ACM: only `all` does, and feeds don't tell them."""
    classes, value = index.papers.field(_SUBJECT_CLASSES), value.lower()
    return classes.like(value) if is_wild(value) else classes.holding(value)


def _subject(index: Index, value: str, joint: Joint) -> Bits:
    """Search the category and the archive; of more words all in one category, or any."""
    found = match(index.papers, _SUBJECTS, value, joint)
    wanted = set(analysis.simple(value)) - {None}
    if joint is or_ or len(wanted) <= 1:
        return found
    return index.papers.where(
        lambda entry: any(
            wanted <= set(analysis.simple(" ".join(_with_archive(name)))) for name in entry.classes
        ),
        among=found,
    )


def _identifier(index: Index, value: str, _joint: Joint) -> Bits:
    """Search an id as it is; arXiv escapes too much, so that none with a hyphen is found."""
    refuse_leading_star(value)
    ids = index.papers.field(_IDS)
    if is_wild(value):
        return 0 if value.startswith('"') else ids.like(value.lower())
    if _OLD_NUMBER.fullmatch(value):
        return ids.like(f"*/{value}")
    return 0 if _ESCAPED.search(value) else ids.holding(value)


def _doi(index: Index, value: str, _joint: Joint) -> Bits:
    value = value.strip('"')
    refuse_leading_star(value)
    dois = index.papers.field(_DOIS)
    return dois.like(value.lower()) if is_wild(value) else dois.holding(value)


def _submitted(index: Index, value: str, _joint: Joint) -> Bits:
    try:
        first, last = (
            datetime.strptime(moment.strip(), "%Y%m%d%H%M").replace(tzinfo=UTC)
            for moment in value.strip('"').split("TO")
        )
    except ValueError:
        raise InternalError from None
    papers = index.papers.documents
    start = bisect_left(papers, first, key=lambda entry: entry.published)
    end = bisect_right(papers, last, key=lambda entry: entry.published)
    return (1 << end) - (1 << start) if start < end else 0


def _report_number(_index: Index, _value: str, _joint: Joint) -> Bits:
    return 0


# -------------------------------------------------------------------------- all fields at once


def _everything(entry: ArxivEntry) -> Iterator[str]:
    """Return what stands in the field over all fields."""
    yield from (entry.title, entry.abstract, entry.comment or "", entry.journal_ref or "")
    for name in entry.authors:
        person = Person.named(name)
        yield person.full
        yield person.initialized
    yield from entry.subject_classes
    for name in entry.classes:
        yield from _with_archive(name)
    yield entry.id
    yield from (entry.doi or "").split()


_COMBINED: Final[Paper] = Field(
    _everything, analysis.combined, analysis.combined, analysis.combined, analysis.name
)
_ANY: Final = (
    *(_identifier, _author, _title, _abstract, _comment, _doi, _journal),
    *(_subject_class, _subject),
)


def _all(index: Index, value: str, _joint: Joint) -> Bits:
    """All words in the field over all fields, if any is in one of them; or all of them in one.

    A year or month among them may also be that of the announcement.
    """
    if _TEX_QUERY.match(value):
        return match(index.papers, _TITLE_TEX, value, and_) | match(
            index.papers, _ABSTRACT_TEX, value, and_
        )
    found = _in_combined(index, value) | _in_any_field(index, value, and_)
    partly = _in_any_field(index, value, or_)
    date, rest = date_within(value)
    announced = index.papers.where(announced_in(date)) if date else 0
    if rest and announced:
        found |= announced & (_in_combined(index, rest) | _in_any_field(index, rest, and_))
    else:
        found |= announced
    return found & (partly | announced)


def _in_combined(index: Index, value: str) -> Bits:
    return query_string(index.papers, _COMBINED, value.lower(), and_)


def _in_any_field(index: Index, value: str, joint: Joint) -> Bits:
    return reduce(or_, (search(index, value, joint) for search in _ANY))


FIELDS: Final[Mapping[str, Callable[[Index, str, Joint], Bits]]] = {
    "abs": _abstract,
    "all": _all,
    "au": _author,
    "cat": _category,
    "co": _comment,
    "doi": _doi,
    "id": _identifier,
    "jr": _journal,
    "rn": _report_number,
    "submittedDate": _submitted,
    "ti": _title,
}
