"""Full-text index of papers: SQLite's FTS5 or PostgreSQL's tsvector, in words that it is given.

It knows no language: which words a paper has, and which ones a query looks for, is said by
`bot/search/index_words.py` and `bot/search/index_query.py`. Words are there as they are spelt, so
that starts can be looked for; how a key of the matcher is spelt is kept beside. Every paper has a
number that grows with its date of publication, so that "the newest" and "of the last month" are
the order and the bounds of the index itself, and cost the same among a million papers as among a
thousand.

https://sqlite.org/fts5.html, https://www.postgresql.org/docs/current/textsearch.html
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    bindparam,
    column,
    func,
    text,
    update,
    values,
)
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.columns import UtcDateTime
from storage.index_lookup import OF_TIME, Column, Lookup, Some, Words, any_of, said, vector, wanted
from storage.models import Paper, Spelling
from storage.objects import within
from storage.upsert import insert_rows

_SLOTS = 1 << 10
"""Numbers a second: many papers are submitted in one, and whoever comes second gets the next."""

_BLOCK = 32 * 86_400 * _SLOTS
"""Numbers of about a month: a word for each bounds a search in time within the index itself."""

_MOST_BLOCKS = 8


class Hit(NamedTuple):
    """A paper that was found."""

    number: int
    paper_id: str
    published_at: datetime


def number_at(moment: datetime) -> int:
    """Return the lowest number of a paper that was published at a moment."""
    return int(moment.timestamp()) * _SLOTS


def write(connection: Connection, words: Mapping[str, Words]) -> None:
    """Index these papers (by id), in place of what was indexed of them; they are stored already."""
    for ids in batches(sorted(words)):
        numbers, new = {}, []
        for paper_id, number, published_at in connection.execute(_NUMBERS, {"ids": ids}):
            if number is None:
                new.append((paper_id, published_at))
            else:
                numbers[paper_id] = number
        _remove(connection, numbers)
        numbers |= _numbered(connection, new)
        _add(connection, {one: (numbers[one], words[one].columns) for one in numbers})
        pairs = frozenset[tuple[str, str]]().union(*(words[one].spellings for one in numbers))
        insert_rows(connection, Spelling, ("key", "form"), sorted(pairs))


def forms(connection: Connection, *, keys: Iterable[str]) -> dict[str, set[str]]:
    """Return how keys are spelt in papers, other than as themselves."""
    found: dict[str, set[str]] = {key: set() for key in keys}
    for some in batches(list(found)):
        for key, form in connection.execute(_FORMS, {"keys": some}):
            found[key].add(form)
    return found


_FORMS = select_any(col(Spelling.key), col(Spelling.form)).where(
    col(Spelling.key).in_(bindparam("keys", expanding=True))
)


async def unindexed(*, session: AsyncSession, limit: int) -> Sequence[Paper]:
    """Return the newest papers that are not in the index."""
    query = (
        select(Paper)
        .where(col(Paper.number).is_(None))
        .order_by(col(Paper.published_at).desc())
        .limit(limit)
    )
    return (await session.exec(query)).all()


async def unindexed_until(*, session: AsyncSession) -> datetime | None:
    """Return when the newest paper was published that is not in the index; None where all are."""
    return await within(session, newest_unindexed)


def newest_unindexed(connection: Connection) -> datetime | None:
    """Return the same within work in a thread."""
    found: datetime | None = connection.scalar(_NEWEST_UNINDEXED)
    return found


_NEWEST_UNINDEXED = select(func.max(Paper.published_at)).where(col(Paper.number).is_(None))


def forget(connection: Connection, paper_ids: Iterable[str]) -> None:
    """Take papers out of the index: what they say now it does not know yet."""
    for ids in batches(sorted(paper_ids)):
        rows = connection.execute(_NUMBERS, {"ids": ids})
        numbers = {paper_id: number for paper_id, number, _at in rows if number is not None}
        _remove(connection, numbers)
        if numbers:
            connection.execute(update(Paper).where(col(Paper.id).in_(numbers)).values(number=None))


def find(
    connection: Connection,
    *,
    lookup: Lookup,
    since: datetime | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[Hit]:
    """Return what is looked for, newest first: published since then, of numbers below `before`."""
    statement = _FIND[connection.dialect.name]
    bounds = {"before": before or 1 << 62, "limit": limit or 1 << 31}
    rows = connection.execute(statement, _asked(connection, lookup, since) | bounds)
    return [Hit(*row) for row in rows]


def count(connection: Connection, *, lookup: Lookup, since: datetime | None) -> int:
    """Return how many papers published since then are what is looked for."""
    asked = _asked(connection, lookup, since)
    return int(connection.execute(_COUNT[connection.dialect.name], asked).scalar_one())


def scores(connection: Connection, *, lookup: Lookup, lowest: int) -> dict[int, float]:
    """Return how well papers are what is looked for, by number, from a number on.

    By BM25 (https://sqlite.org/fts5.html#the_bm25_function) or ts_rank
    (https://www.postgresql.org/docs/current/textsearch-controls.html#TEXTSEARCH-RANKING).
    """
    dialect = connection.dialect.name
    asked = _asked(connection, lookup, None) | {"since": lowest}
    if dialect != "sqlite":
        # To ts_rank nothing is relevant that is without what is left out.
        asked["wanted"] = said(Some(tuple(wanted(lookup))), sqlite=False)
    rows = connection.execute(_SCORES[dialect], asked)
    return {number: float(score) for number, score in rows}


def _asked(connection: Connection, lookup: Lookup, since: datetime | None) -> dict[str, Any]:
    """Return what to look for and from which number on, as the statements take it."""
    start = 0 if since is None else number_at(since)
    is_sqlite = connection.dialect.name == "sqlite"
    asked = said(lookup, sqlite=is_sqlite)
    if is_sqlite:
        return {"lookup": asked, "since": start}
    # The planner does not know what it costs to fetch the words of each row.
    connection.execute(_BY_INDEX)
    if start:
        newest = connection.scalar(_NEWEST) or start
        blocks = range(start // _BLOCK, newest // _BLOCK + 1)
        if len(blocks) <= _MOST_BLOCKS:
            within = any_of(f"'{OF_TIME}{block}'" for block in blocks)
            asked = f"{asked} & {within}"
    return {"lookup": asked, "since": start}


_BY_INDEX = text("SET LOCAL enable_seqscan = off")
_NEWEST = select_any(func.max(Paper.number))
_FIND_SQLITE = """
    SELECT paper.number, paper.id, paper.published_at
    FROM paper_index JOIN paper ON paper.number = paper_index.rowid
    WHERE paper_index MATCH :lookup AND paper_index.rowid >= :since AND paper_index.rowid < :before
    ORDER BY paper_index.rowid DESC LIMIT :limit
"""
_FIND_POSTGRESQL = """
    WITH found AS MATERIALIZED (
        SELECT paper_id, number FROM paper_index
        WHERE words @@ CAST(:lookup AS tsquery) AND number >= :since AND number < :before
        ORDER BY number DESC LIMIT :limit
    )
    SELECT found.number, paper.id, paper.published_at
    FROM found JOIN paper ON paper.id = found.paper_id ORDER BY found.number DESC
"""
# In the order of Column, and for the weights D, C, B, A: a title says most of what a paper is on.
_SCORES_SQLITE = """
    SELECT rowid, -bm25(paper_index, 5, 1, 1, 1, 1, 1, 1) FROM paper_index
    WHERE paper_index MATCH :lookup AND rowid >= :since
"""
_SCORES_POSTGRESQL = """
    SELECT number, ts_rank('{0.2, 0.2, 0.2, 1}', words, CAST(:wanted AS tsquery), 1)
    FROM paper_index WHERE words @@ CAST(:lookup AS tsquery) AND number >= :since
"""
_COUNT_SQLITE = """
    SELECT count(*) FROM paper_index
    WHERE paper_index MATCH :lookup AND paper_index.rowid >= :since
"""
_COUNT_POSTGRESQL = """
    SELECT count(*) FROM paper_index
    WHERE words @@ CAST(:lookup AS tsquery) AND number >= :since
"""
_FIND = {
    dialect: text(sql).columns(number=BigInteger(), id=String(), published_at=UtcDateTime())
    for dialect, sql in (("sqlite", _FIND_SQLITE), ("postgresql", _FIND_POSTGRESQL))
}
_COUNT = {"sqlite": text(_COUNT_SQLITE), "postgresql": text(_COUNT_POSTGRESQL)}
_SCORES = {"sqlite": text(_SCORES_SQLITE), "postgresql": text(_SCORES_POSTGRESQL)}

_NUMBERS = select_any(col(Paper.id), col(Paper.number), col(Paper.published_at)).where(
    col(Paper.id).in_(bindparam("ids", expanding=True))
)
_NUMBER = text("UPDATE paper SET number = :number WHERE id = :id")
_REMOVE_SQLITE = text("DELETE FROM paper_index WHERE rowid = :number")
_REMOVE_POSTGRESQL = text("DELETE FROM paper_index WHERE paper_id = :id")
_ADD_SQLITE = text(
    f"INSERT INTO paper_index (rowid, {', '.join(Column)})"  # noqa: S608 - names of ours
    f" VALUES (:number, {', '.join(f':{name}' for name in Column)})"
)
_ADD_POSTGRESQL = text(
    "INSERT INTO paper_index (paper_id, number, words)"
    " VALUES (:id, :number, CAST(:words AS tsvector))"
)


def _numbered(connection: Connection, papers: Sequence[tuple[str, datetime]]) -> dict[str, int]:
    """Give papers that have none a number each: the first that is free in their second."""
    if not papers:
        return {}
    starts = sorted({number_at(published_at) for _id, published_at in papers})
    # SQLite names the columns of VALUES in a WITH only.
    seconds = (
        values(column("start", BigInteger), name="seconds")
        .data([(start,) for start in starts])
        .cte("seconds")
    )
    highest = (
        select_any(func.max(col(Paper.number)))
        .where(col(Paper.number) >= seconds.c.start, col(Paper.number) < seconds.c.start + _SLOTS)
        .scalar_subquery()
    )
    rows = connection.execute(select_any(seconds.c.start, highest))
    last = {start: start - 1 if taken is None else taken for start, taken in rows}
    numbers = {}
    for paper_id, published_at in papers:
        start = number_at(published_at)
        last[start] += 1
        numbers[paper_id] = last[start]
    given = [{"id": paper_id, "number": number} for paper_id, number in numbers.items()]
    connection.execute(_NUMBER, given)
    return numbers


def _remove(connection: Connection, numbers: Mapping[str, int]) -> None:
    rows = [{"id": paper_id, "number": number} for paper_id, number in numbers.items()]
    if rows:
        connection.execute(
            _REMOVE_SQLITE if connection.dialect.name == "sqlite" else _REMOVE_POSTGRESQL, rows
        )


def _add(
    connection: Connection, papers: Mapping[str, tuple[int, Mapping[Column, Sequence[str]]]]
) -> None:
    if not papers:
        return
    if connection.dialect.name == "sqlite":
        rows: list[dict[str, Any]] = [
            {"number": number, **{name: " ".join(words[name]) for name in Column}}
            for number, words in papers.values()
        ]
        connection.execute(_ADD_SQLITE, rows)
    else:
        rows = [
            {"id": paper_id, "number": number, "words": vector(words, number // _BLOCK)}
            for paper_id, (number, words) in papers.items()
        ]
        connection.execute(_ADD_POSTGRESQL, rows)
