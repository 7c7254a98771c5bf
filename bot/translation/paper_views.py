"""Paper views: papers as a chat sees them, with missing translations filled first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from bot.translation.paper_view import PaperView, view
from bot.translation.service import Translator
from storage import translations
from storage.database import Database
from storage.models import ORIGINAL, Paper, Translation

PATIENCE_SECONDS = 120.0
"""A push waits no longer than this for translations."""

Progress = Callable[[int, int], Awaitable[None]]
"""Called with how many are done, and of how many."""

_log = structlog.get_logger(__name__)


async def views(
    *,
    database: Database,
    translator: Translator,
    papers: Sequence[Paper],
    language: str,
    titles: bool = False,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    because: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> list[PaperView]:
    """Return the papers in a language and with a chat's labels by paper id, in the same order.

    `because` has by paper id the title of what was liked before, where that is why it comes.

    `titles` are in that language as well, or as arXiv has them. What the engines could not
    translate in time stands in the original.
    """
    made = await _translations(
        database=database,
        translator=translator,
        papers=papers,
        language=language,
        titles=titles,
        progress=progress,
        patience_seconds=patience_seconds,
    )
    return [
        view(
            paper,
            translation=made.get(paper.id),
            title=titles,
            labels=(labels or {}).get(paper.id, ()),
            because=(because or {}).get(paper.id),
        )
        for paper in papers
    ]


async def _translations(
    *,
    database: Database,
    translator: Translator,
    papers: Sequence[Paper],
    language: str,
    titles: bool,
    progress: Progress | None,
    patience_seconds: float,
) -> dict[str, Translation]:
    if language == ORIGINAL or not papers:
        return {}
    try:
        async with asyncio.timeout(patience_seconds):
            return await translator.papers(papers, language, titles=titles, progress=progress)
    except TimeoutError:
        _log.warning("translations are late", language=language, papers=len(papers))
    async with database.reading() as session:
        return await translations.find(
            session=session, paper_ids=[paper.id for paper in papers], language=language
        )
