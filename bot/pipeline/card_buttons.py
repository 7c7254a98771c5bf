"""The buttons of a push's cards, as the chat's own marks on the papers have it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.i18n import texts
from bot.render.citation import bibtex
from bot.render.paper_card import Marks, buttons
from bot.render.push_message import PushMessage
from bot.translation.paper_view import PaperView
from storage import opinions
from storage.database import Database
from storage.models import Chat, Paper


async def with_buttons(
    messages: Sequence[PushMessage],
    *,
    database: Database,
    chat: Chat,
    shown: Sequence[PaperView],
    papers: Mapping[str, Paper],
) -> list[PushMessage]:
    """Return messages of one paper each with what one may do with it below."""
    by_id = {paper.id: paper for paper in shown}
    async with database.reading() as session:
        kept = await opinions.saved_of(session=session, chat_id=chat.id, paper_ids=by_id)
        voted = await opinions.find_votes(session=session, chat_id=chat.id, paper_ids=by_id)
    _ = texts(chat.ui_language)
    finished = []
    for message in messages:
        (paper_id,) = message.paper_ids
        paper = by_id[paper_id]
        keyboard = buttons(
            paper,
            _,
            marks=Marks(saved=paper_id in kept, passed=voted.get(paper_id) is False),
            bibtex=bibtex(papers[paper_id]),
            # What could not be translated has nothing to switch to yet.
            original=False if paper.translated else None,
        )
        finished.append(replace(message, keyboard=keyboard))
    return finished
