"""Papers: one row for one arXiv id, upserted with the newest version's metadata and code link."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, update
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import paper_index
from storage.batches import batches
from storage.index_lookup import Words
from storage.match_models import PaperTopic
from storage.models import Paper, Subscription
from storage.objects import loaded, objects, within
from storage.upsert import insert_or_ignore_into

_REFRESHED = (
    "version",
    "title",
    "abstract",
    "authors",
    "categories",
    "comment",
    "journal_ref",
    "doi",
    "code_url",
    "withdrawn",
    "updated_at",
    "licence",
)
_KEPT = {"code_url", "licence"}
"""What is known from elsewhere stays where an answer of arXiv's does not tell it."""
_INDEXED = {"title", "abstract", "authors", "categories", "comment", "journal_ref"}


class News(NamedTuple):
    """What arXiv says of papers that the database does not know yet, by paper id."""

    new: set[str]
    """No sweep has matched these yet, whether or not a search has found them before."""
    changed: dict[str, datetime]
    """These were matched, at this moment, but read differently now."""


async def get_many(*, session: AsyncSession, paper_ids: Iterable[str]) -> dict[str, Paper]:
    """Return the papers that are known, by id."""
    found: dict[str, Paper] = {}
    for ids in batches(list(paper_ids)):
        rows = await session.exec(_MANY, params={"paper_ids": ids})
        found.update((paper.id, paper) for paper in rows.all())
    return found


def read_many(connection: Connection, *, paper_ids: Iterable[str]) -> dict[str, Paper]:
    """Return the papers that are known, by id, within work in a thread."""
    return {
        row.id: loaded(Paper, row)
        for ids in batches(list(paper_ids))
        for row in connection.execute(_MANY, {"paper_ids": ids})
    }


_MANY = select(Paper).where(col(Paper.id).in_(bindparam("paper_ids", expanding=True)))


def ids_of_dois(connection: Connection, *, dois: Iterable[str]) -> dict[str, str]:
    """Return by DOI the papers that have one of these, which are in small letters."""
    return {
        doi: paper_id
        for some in batches(list(dois))
        for doi, paper_id in connection.execute(_OF_DOIS, {"dois": some})
    }


_OF_DOIS = select_any(func.lower(col(Paper.doi)), col(Paper.id)).where(
    func.lower(col(Paper.doi)).in_(bindparam("dois", expanding=True))
)


async def store(
    *,
    session: AsyncSession,
    papers: Sequence[Paper],
    words: Mapping[str, Words] = MappingProxyType({}),
) -> int:
    """Add papers that are new and refresh those that are known; count the added (`store_slice`)."""
    return await within(session, partial(store_slice, papers=papers, words=words))


def store_slice(
    connection: Connection,
    papers: Sequence[Paper],
    words: Mapping[str, Words],
    to_be_swept: Collection[str] = (),
) -> int:
    """Add papers that are new and refresh those that are known; count the added.

    words: what the full-text index is to hold of them, by id. A paper without is not in the index
    until `storage.paper_index.unindexed` has told of it. to_be_swept: those that a sweep has still
    to match, whatever it did before: they count as new until `mark_swept`.

    An older version refreshes nothing. The date of publication and what was swept stay as they
    are; so do a code link and a licence where arXiv tells none, for they are known from elsewhere.
    """
    by_id: dict[str, Paper] = {}
    for paper in papers:
        if paper.id not in by_id or by_id[paper.id].version < paper.version:
            by_id[paper.id] = paper
    known = _stored(connection, by_id)
    # In one order everywhere: two that wait for each other would be a deadlock.
    new = [by_id[paper_id] for paper_id in sorted(by_id.keys() - known.keys())]
    added = 0
    if new:
        insert = insert_or_ignore_into(connection, Paper)
        added = connection.execute(insert, [paper.model_dump() for paper in new]).rowcount
    # Another sweep or search may be storing the same at this moment; whoever is first adds it.
    if added < len(new):
        known |= _stored(connection, [paper.id for paper in new])
    rewritten = {paper.id for paper in new}
    for paper_id, stored in sorted(known.items()):
        different = _differences(by_id[paper_id], stored)
        changes = {name: getattr(by_id[paper_id], name) for name in different}
        if paper_id in to_be_swept:
            changes["swept_at"] = None
        if changes:
            connection.execute(update(Paper).where(col(Paper.id) == paper_id).values(**changes))
        if stored.number is None or not _INDEXED.isdisjoint(different):
            rewritten.add(paper_id)
    told = {paper_id: words[paper_id] for paper_id in rewritten if paper_id in words}
    paper_index.write(connection, told)
    paper_index.forget(connection, rewritten - told.keys())
    return added


def news(connection: Connection, papers: Iterable[Paper]) -> News:
    """Tell which papers are new to the sweeps, and which of the others read differently now."""
    by_id = {paper.id: paper for paper in papers}
    found = News(new=set(by_id), changed={})
    for ids in batches(list(by_id)):
        for paper_id, stored in _stored(connection, ids).items():
            if stored.swept_at is None:
                continue
            found.new.discard(paper_id)
            if _differences(by_id[paper_id], stored):
                found.changed[paper_id] = stored.swept_at
    return found


def _stored(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    """Return what is known of papers as rows, by id."""
    rows = connection.execute(_STORED, {"ids": list(ids)})
    return {row.id: row for row in rows}


async def swept(*, session: AsyncSession, start: datetime, end: datetime) -> set[str]:
    """Return the papers (ids) published in this time that a sweep has matched."""
    query = select(Paper.id).where(
        Paper.published_at >= start, Paper.published_at <= end, col(Paper.swept_at).is_not(None)
    )
    return set((await session.exec(query)).all())


def mark_swept(connection: Connection, swept: Mapping[str, datetime]) -> None:
    """Note when a sweep has matched these papers against all topics."""
    if swept:
        rows = [{"_id": paper_id, "at": moment} for paper_id, moment in sorted(swept.items())]
        connection.execute(_MARK_SWEPT, rows)


async def newest(*, session: AsyncSession, limit: int) -> Sequence[Paper]:
    """Return the newest papers of all, without those that were withdrawn."""
    return await within(session, partial(read_newest, limit=limit))


def read_newest(connection: Connection, *, limit: int) -> Sequence[Paper]:
    """Return the same within work in a thread."""
    query = (
        select(Paper)
        .where(col(Paper.withdrawn).is_(False))
        .order_by(col(Paper.published_at).desc(), col(Paper.id).desc())
        .limit(limit)
    )
    with objects(connection) as session:
        return session.exec(query).all()


async def without_code_link(
    *,
    session: AsyncSession,
    now: datetime,
    again_after: timedelta,
    while_new: timedelta,
    limit: int,
) -> list[str]:
    """Return papers of followed topics that have no link, the newest first.

    Those that the index was never asked about, and those no older than `while_new` that it was
    asked about more than `again_after` ago.
    """
    followed = exists().where(
        col(PaperTopic.paper_id) == col(Paper.id),
        col(Subscription.topic_id) == col(PaperTopic.topic_id),
    )
    query = (
        select(Paper.id)
        .where(
            col(Paper.code_url).is_(None),
            col(Paper.withdrawn).is_(False),
            or_(
                col(Paper.code_checked_at).is_(None),
                and_(
                    col(Paper.code_checked_at) < now - again_after,
                    col(Paper.published_at) > now - while_new,
                ),
            ),
            followed,
        )
        .order_by(col(Paper.published_at).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def record_code_link(
    *, session: AsyncSession, paper_id: str, code_url: str | None, now: datetime
) -> None:
    """Note that the index was asked about a paper, and the link that it knew.

    A link that the paper has by now, because its authors named one, is never overwritten.
    """
    await session.exec(
        update(Paper)
        .where(col(Paper.id) == paper_id)
        .values(code_url=func.coalesce(col(Paper.code_url), code_url), code_checked_at=now)
        .execution_options(synchronize_session=False)
    )


_STORED = select_any(
    col(Paper.id),
    *(col(getattr(Paper, name)) for name in _REFRESHED),
    col(Paper.swept_at),
    col(Paper.number),
).where(col(Paper.id).in_(bindparam("ids", expanding=True)))
_MARK_SWEPT = (
    update(Paper).where(col(Paper.id) == bindparam("_id")).values(swept_at=bindparam("at"))
)


def _differences(paper: Paper, stored: Any) -> list[str]:
    """Return what of a stored paper is to be refreshed; nothing where the other one is older.

    Cross-lists and journal references change without a new version.
    """
    if (paper.version, paper.updated_at) < (stored.version, stored.updated_at):
        return []
    return [
        name
        for name in _REFRESHED
        if (new := getattr(paper, name)) != getattr(stored, name)
        and not (new is None and name in _KEPT)
    ]
