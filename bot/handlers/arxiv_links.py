"""Pasted arXiv links, ids and DOIs: each is answered with the paper's card; and other links."""

import re
from functools import partial

from telegram import Message, Update
from telegram.ext import filters

from bot.arxiv.ids import ids_in
from bot.arxiv.transport import SourceError
from bot.conversation.background import start
from bot.conversation.context import Context
from bot.conversation.paper_card import send_card
from bot.conversation.seen import note_seen
from bot.query.plain_words import is_page_of_arxiv
from bot.telegram.message_text import said_in
from bot.telegram.replies import hint, message_of, send, show
from bot.transfer.reading_list import doi_in
from storage import papers

MOST = 5
"""Cards for one message."""


class _PointsToPapers(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return bool(ids_in(said_in(message)))


class _PointsElsewhere(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        text = message.text or ""
        return _ELSEWHERE.search(text) is not None and not is_page_of_arxiv(text)


_ELSEWHERE = re.compile(r"https?://\w|(?<![\w.])www\.\w|(?<![\w./])10\.\d{4,9}/\S", re.IGNORECASE)
POINTS_ELSEWHERE = _PointsElsewhere()
"""Which messages have a DOI or a link that is no paper's on arXiv."""
POINTS_TO_PAPERS = _PointsToPapers()
"""Which messages are taken here; a query that has an id in it is not."""


async def pasted(update: Update, context: Context) -> None:
    """Answer links and ids with cards."""
    ids = ids_in(said_in(message_of(update)))
    start(update, context, _show(update, context, ids))


async def pasted_elsewhere(update: Update, context: Context) -> None:
    """Answer a DOI with the paper that has it, and links to other places with what is read here."""
    _, message = context.texts, message_of(update)
    doi = doi_in(message.text or "")
    if doi is None:
        await show(update, _("I only read arXiv. Send a paper's title, its link there, or its id."))
        return
    database = context.services.database
    known = await database.read(partial(papers.ids_of_dois, dois=[doi]))
    if known:
        start(update, context, _show(update, context, list(known.values())))
        return
    unknown = _(
        "I know no paper with the DOI {doi}. Send its title, or its link on arXiv.", doi=doi
    )
    await show(update, unknown)


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
