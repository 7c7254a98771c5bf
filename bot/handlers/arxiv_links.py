"""Pasted arXiv links and ids: each is answered with the paper's card."""

from telegram import Message, Update
from telegram.ext import filters

from bot.arxiv.ids import ids_in
from bot.arxiv.transport import SourceError
from bot.conversation.background import start
from bot.conversation.context import Context
from bot.conversation.paper_card import send_card
from bot.conversation.seen import note_seen
from bot.telegram.message_text import said_in
from bot.telegram.replies import hint, message_of, send

MOST = 5
"""Cards for one message."""


class _PointsToPapers(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return bool(ids_in(said_in(message)))


POINTS_TO_PAPERS = _PointsToPapers()
"""Which messages are taken here; a query that has an id in it is not."""


async def pasted(update: Update, context: Context) -> None:
    """Answer links and ids with cards."""
    ids = ids_in(said_in(message_of(update)))
    start(update, context, _show(update, context, ids))


async def _show(update: Update, context: Context, ids: list[str]) -> None:
    _, message = context.texts, message_of(update)
    await hint(message)
    try:
        found = await context.services.papers(ids[:MOST])
    except (SourceError, TimeoutError):
        await send(message, _("arXiv isn't answering right now. Please try again in a while."))
        return
    for paper_id in ids[:MOST]:
        if paper_id in found:
            card = await send_card(context, message, found[paper_id])
            await note_seen(update, context, card, paper_id)
    unknown = [paper_id for paper_id in ids[:MOST] if paper_id not in found]
    if unknown:
        await send(message, _("arXiv does not know {ids}.", ids=", ".join(unknown)))
    if len(ids) > MOST:
        await send(message, _("I show {most} papers at once. Send me the others again.", most=MOST))
