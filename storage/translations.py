"""Translations: the cache of papers in other languages, each made once for everybody."""

from collections.abc import Iterable
from hashlib import sha256
from threading import Lock

from cachetools import LRUCache, cached
from sqlalchemy import Connection, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.models import Paper, Translation
from storage.objects import objects
from storage.upsert import insert_or_update

_KNOWN = 4_000
"""Papers whose digests are kept: about what a day's pushes are made of."""


# By a hash: the cache is to keep no abstracts. Chat after chat is sent the same papers.
@cached(LRUCache(_KNOWN), key=lambda title, abstract: hash((title, abstract)), lock=Lock())
def source_digest(title: str, abstract: str) -> str:
    """Return the hash that identifies a text that was translated: 64 hexadecimal digits.

    White space is not part of it: the two feed formats of arXiv break lines differently.
    """
    text = "\x00".join(" ".join(part.split()) for part in (title, abstract))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find(
    connection: Connection, *, paper_ids: Iterable[str], language: str
) -> dict[str, Translation]:
    """Return the stored translations into one language, by paper id; absent: none yet.

    Whether one is of the paper's newest text only its `source_digest` says.
    """
    found: dict[str, Translation] = {}
    with objects(connection) as session:
        for some in batches(list(dict.fromkeys(paper_ids))):
            rows = session.exec(_FIND, params={"paper_ids": some, "language": language})
            found.update((translation.paper_id, translation) for translation in rows)
    return found


def find_present(
    connection: Connection, *, papers: Iterable[Paper], language: str
) -> dict[str, Translation]:
    """Return the stored translations of papers' present texts, by paper id."""
    present = {paper.id: source_digest(paper.title, paper.abstract) for paper in papers}
    found = find(connection, paper_ids=present, language=language)
    return {one: made for one, made in found.items() if made.source_digest == present[one]}


_FIND = select(Translation).where(
    col(Translation.paper_id).in_(bindparam("paper_ids", expanding=True)),
    col(Translation.language) == bindparam("language"),
)


async def store(*, session: AsyncSession, translation: Translation) -> None:
    """Store a translation, in place of an older one of the same paper into the same language.

    The paper must be stored already. Two copies of the program may store the same at one moment.
    """
    await insert_or_update(session, translation)
