"""Papers: one row for one arXiv id, upserted with the newest version's metadata and code link."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import paper_index
from storage.batches import batches
from storage.index_lookup import Words
from storage.models import Match, Paper, Subscription
from storage.objects import objects
from storage.upsert import insert_or_ignore

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
    changed: set[str]
    """These were matched, but read differently now."""


async def get_many(*, session: AsyncSession, paper_ids: Iterable[str]) -> dict[str, Paper]:
    """Return the papers that are known, by id."""
    found: dict[str, Paper] = {}
    for ids in batches(list(paper_ids)):
        rows = await session.exec(_MANY, params={"paper_ids": ids})
        found.update((paper.id, paper) for paper in rows.all())
    return found


def read_many(connection: Connection, *, paper_ids: Iterable[str]) -> dict[str, Paper]:
    """Return the papers that are known, by id, within work in a thread."""
    found: dict[str, Paper] = {}
    with objects(connection) as session:
        for ids in batches(list(paper_ids)):
            rows = session.exec(_MANY, params={"paper_ids": ids})
            found.update((paper.id, paper) for paper in rows)
    return found


_MANY = select(Paper).where(col(Paper.id).in_(bindparam("paper_ids", expanding=True)))


async def store(
    *,
    session: AsyncSession,
    papers: Sequence[Paper],
    words: Mapping[str, Words] = MappingProxyType({}),
) -> int:
    """Add papers that are new and refresh those that are known; count the added.

    words: what the full-text index is to hold of them, by id. A paper without is not in the index
    until `storage.paper_index.unindexed` has told of it.

    An older version refreshes nothing. The date of publication and what was swept stay as they
    are; so do a code link and a licence where arXiv tells none, for they are known from elsewhere.
    """
    by_id: dict[str, Paper] = {}
    for paper in papers:
        if paper.id not in by_id or by_id[paper.id].version < paper.version:
            by_id[paper.id] = paper
    known = await get_many(session=session, paper_ids=by_id)
    # In one order everywhere: two that wait for each other would be a deadlock.
    new = [by_id[paper_id] for paper_id in sorted(by_id.keys() - known.keys())]
    # Another sweep or search may be storing the same at this moment; whoever is first adds it.
    added = len(await insert_or_ignore(session, Paper, [paper.model_dump() for paper in new]))
    if added < len(new):
        known |= await get_many(session=session, paper_ids=[paper.id for paper in new])
    rewritten = {paper.id for paper in new}
    for paper_id, stored in known.items():
        different = _differences(by_id[paper_id], stored)
        for name in different:
            setattr(stored, name, getattr(by_id[paper_id], name))
        if stored.number is None or not _INDEXED.isdisjoint(different):
            rewritten.add(paper_id)
    await session.flush()
    told = {paper_id: words[paper_id] for paper_id in rewritten if paper_id in words}
    await paper_index.write(session=session, words=told)
    await paper_index.forget(session=session, paper_ids=rewritten - told.keys())
    return added


async def news(*, session: AsyncSession, papers: Iterable[Paper]) -> News:
    """Tell which papers are new to the sweeps, and which of the others read differently now."""
    by_id = {paper.id: paper for paper in papers}
    found = News(new=set(by_id), changed=set())
    for ids in batches(list(by_id)):
        query = select(Paper).where(col(Paper.id).in_(ids), col(Paper.swept_at).is_not(None))
        for stored in (await session.exec(query)).all():
            found.new.discard(stored.id)
            if _differences(by_id[stored.id], stored):
                found.changed.add(stored.id)
        session.expunge_all()
    return found


async def swept(*, session: AsyncSession, start: datetime, end: datetime) -> set[str]:
    """Return the papers (ids) published in this time that a sweep has matched."""
    query = select(Paper.id).where(
        Paper.published_at >= start, Paper.published_at <= end, col(Paper.swept_at).is_not(None)
    )
    return set((await session.exec(query)).all())


async def mark_swept(*, session: AsyncSession, paper_ids: Iterable[str], now: datetime) -> None:
    """Note that a sweep has matched these papers against all topics."""
    for ids in batches(list(paper_ids)):
        await session.exec(
            update(Paper)
            .where(col(Paper.id).in_(ids))
            .values(swept_at=now)
            .execution_options(synchronize_session=False)
        )


async def newest(*, session: AsyncSession, limit: int) -> Sequence[Paper]:
    """Return the newest papers of all, without those that were withdrawn."""
    query = (
        select(Paper)
        .where(col(Paper.withdrawn).is_(False))
        .order_by(col(Paper.published_at).desc(), col(Paper.id).desc())
        .limit(limit)
    )
    return (await session.exec(query)).all()


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
        col(Match.paper_id) == col(Paper.id), col(Subscription.topic_id) == col(Match.topic_id)
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


def _differences(paper: Paper, stored: Paper) -> list[str]:
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
