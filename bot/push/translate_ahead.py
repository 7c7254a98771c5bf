"""Translate ahead: what the next pushes will show is translated right after a sweep."""

import structlog

from bot.push.selection import MOST_JUDGED, is_personal, liked_first
from bot.ranking.order import PersonalOrder
from bot.translation.service import Progress, Translator
from storage import outbox
from storage.columns import utc_now
from storage.database import Database
from storage.models import ORIGINAL, ChatState, Paper

_log = structlog.get_logger(__name__)


async def translate_pending(
    *,
    database: Database,
    translator: Translator,
    personal: PersonalOrder | None = None,
    progress: Progress | None = None,
) -> int:
    """Translate ahead what the next pushes will show; return how many translations there are.

    Pushes find them ready; what fails here is tried again by the push itself. `progress` counts
    each language by itself.
    """
    wanted: dict[tuple[str, bool], dict[str, Paper]] = {}
    async with database.reading() as session:
        waiting = [
            chat
            for chat in await outbox.chats_with_pending(session=session)
            if chat.language != ORIGINAL and chat.state is ChatState.ACTIVE
        ]
    for chat in waiting:
        most = chat.papers_per_push
        async with database.reading() as session:
            owed = await outbox.pending(
                session=session,
                chat_id=chat.id,
                now=utc_now(),
                limit=MOST_JUDGED if is_personal(chat, personal) else most,
            )
        chosen = await liked_first(chat=chat, due=owed, personal=personal)
        kind = chat.language, chat.translate_titles
        wanted.setdefault(kind, {}).update((o.paper.id, o.paper) for o in chosen.due[:most])
    done = 0
    for (language, titles), papers in wanted.items():
        made = await translator.papers(
            list(papers.values()), language, titles=titles, progress=progress
        )
        done += len(made)
        _log.info("translated ahead", language=language, wanted=len(papers), done=len(made))
    return done
