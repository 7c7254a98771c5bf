"""Translations: one paper in one language, made once for everybody."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Paper, Translation

_SLICE = 500
"""Ids a statement: below every database's limit of parameters."""


def source_digest(title: str, abstract: str) -> str:
    """Return what identifies a text that was translated: 64 hexadecimal digits.

    White space is not part of it: the two feed formats of arXiv break lines differently.
    """
    text = "\x00".join(" ".join(part.split()) for part in (title, abstract))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


async def find(
    *, session: AsyncSession, paper_ids: Iterable[str], language: str
) -> dict[str, Translation]:
    """Return the stored translations into one language, by paper id; absent: none yet.

    Whether one is of the paper's newest text only its `source_digest` says.
    """
    found: dict[str, Translation] = {}
    ids = list(dict.fromkeys(paper_ids))
    for start in range(0, len(ids), _SLICE):
        rows = await session.exec(
            select(Translation).where(
                col(Translation.paper_id).in_(ids[start : start + _SLICE]),
                col(Translation.language) == language,
            )
        )
        found.update((translation.paper_id, translation) for translation in rows.all())
    return found


async def missing(*, session: AsyncSession, papers: Sequence[Paper], language: str) -> list[Paper]:
    """Return the papers whose present text has no translation into the language, in order."""
    found = await find(session=session, paper_ids=(paper.id for paper in papers), language=language)
    return [
        paper
        for paper in papers
        if paper.id not in found
        or found[paper.id].source_digest != source_digest(paper.title, paper.abstract)
    ]


async def store(*, session: AsyncSession, translation: Translation) -> None:
    """Store a translation, in place of an older one of the same paper into the same language.

    The paper must be stored already. The caller's object stays outside the session.
    """
    row = translation.model_dump()
    key = ("paper_id", "language")
    newer = {name: value for name, value in row.items() if name not in key}
    # Two copies of the program may store the same translation at the same moment.
    if session.get_bind().dialect.name == "sqlite":
        await session.exec(
            sqlite.insert(Translation)
            .values(row)
            .on_conflict_do_update(index_elements=key, set_=newer)
        )
    else:
        await session.exec(
            postgresql.insert(Translation)
            .values(row)
            .on_conflict_do_update(index_elements=key, set_=newer)
        )
