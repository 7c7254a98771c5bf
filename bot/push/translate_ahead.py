"""Translate ahead: what the next pushes will show is translated right after a sweep."""

from datetime import datetime

import structlog

from bot.push.selection import MOST_JUDGED, liked_first
from bot.ranking.order import PersonalOrder
from bot.translation.service import Progress, Translator
from storage import foreign_papers, outbox, papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import ORIGINAL, Chat, Paper, PaperOrder

_log = structlog.get_logger(__name__)


async def translate_pending(
    *,
    database: Database,
    translator: Translator,
    personal: PersonalOrder | None = None,
    progress: Progress | None = None,
    since: datetime | None = None,
) -> int:
    """Translate ahead what the next pushes will show; return how many translations there are.

    Pushes find them ready; what fails here is tried again by the push itself. `progress` counts
    each language by itself. since: do nothing where nothing came to be owed since then.
    """
    wanted: dict[tuple[str, bool], dict[str, Paper]] = {}
    judged = None if personal is None else PaperOrder.PERSONAL
    async with database.reading(long=True) as session:
        if since is not None and not await outbox.any_since(session=session, moment=since):
            return 0
        foreign = await foreign_papers.next_to_translate(
            session=session, now=utc_now(), besides=judged
        )
        ids = {one.paper_id for one in foreign}
        by_id = await papers.get_many(session=session, paper_ids=ids)
        choosy = await outbox.chats_with_pending(session=session, order=judged) if judged else []
    for language, titles, paper_id in foreign:
        if paper_id in by_id:
            wanted.setdefault((language, titles), {})[paper_id] = by_id[paper_id]
    for chat in choosy:
        if chat.language != ORIGINAL:
            liked = await _liked(database, chat, personal)
            wanted.setdefault((chat.language, chat.translate_titles), {}).update(liked)
    done = 0
    for (language, titles), some in wanted.items():
        made = await translator.papers(
            list(some.values()), language, titles=titles, progress=progress
        )
        done += len(made)
        _log.info("translated ahead", language=language, wanted=len(some), done=len(made))
    return done


async def _liked(
    database: Database, chat: Chat, personal: PersonalOrder | None
) -> dict[str, Paper]:
    """Return by id what a chat's own order brings first: which these are has to be judged."""
    async with database.reading() as session:
        owed = await outbox.pending(
            session=session, chat_id=chat.id, now=utc_now(), limit=MOST_JUDGED
        )
    chosen = await liked_first(chat=chat, due=owed, personal=personal)
    return {one.paper.id: one.paper for one in chosen.due[: chat.papers_per_push]}
