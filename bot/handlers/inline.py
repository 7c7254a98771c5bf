"""Inline mode, `@bot words` in any chat: papers of the own store, by words as typed or by id."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode

from bot.arxiv.ids import ids_in
from bot.conversation.context import Context
from bot.query.ast import Query
from bot.query.parser import QuerySyntaxError, parse
from bot.render.paper_card import card, links
from bot.search import own_store
from bot.telegram.replies import NO_PREVIEW
from bot.tex.to_unicode import to_text
from bot.translation.paper_view import view
from storage import papers
from storage.models import Paper

MOST = 20
"""Results; Telegram takes 50 (https://core.telegram.org/bots/api#answerinlinequery)."""

CACHE_SECONDS = 300
_LONGEST_DESCRIPTION = 200
_GOES_ON = re.compile(r"(?:^|[\s:(]|\w-)\w\w+$")


async def answer(update: Update, context: Context) -> None:
    """Answer what somebody types behind the bot's name, in whatever chat."""
    query = update.inline_query
    if query is None:
        return
    _ = context.texts
    found = await _found(context, query.query)
    # Each one's key sentence is found first, which takes milliseconds.
    seen = await asyncio.to_thread(lambda: [view(paper) for paper in found])
    results = [
        InlineQueryResultArticle(
            id=paper.id,
            title=to_text(paper.title)[:200] or paper.id,
            description=_description(paper),
            url=paper.abs_url,
            input_message_content=InputTextMessageContent(
                card(shown, _),
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
            ),
            reply_markup=links(shown, _),
        )
        for paper, shown in zip(found, seen, strict=True)
    ]
    button = None
    if not results:
        button = InlineQueryResultsButton(
            _.plain("Not among my papers. Search in private"), start_parameter="inline"
        )
    # In the asker's language, and perhaps not for everybody.
    seconds = CACHE_SECONDS if results else 0
    await query.answer(results, cache_time=seconds, is_personal=True, button=button)


async def _found(context: Context, text: str) -> Sequence[Paper]:
    ids = ids_in(text)
    async with context.services.database.reading() as session:
        if ids:
            # arXiv is not asked with every letter that somebody types.
            known = await papers.get_many(session=session, paper_ids=ids[:MOST])
            return [known[paper_id] for paper_id in ids if paper_id in known]
        if not text.strip():
            return await papers.newest(session=session, limit=MOST)
    for query in _meant(text.strip()):
        found = await own_store.newest(database=context.services.database, query=query, most=MOST)
        if found:
            return [paper for paper in found if not paper.withdrawn]
    return []


def _meant(text: str) -> Iterator[Query]:
    """Yield what may be looked for while somebody types: the last word can go on."""
    starred = [f"{text}*"] if _GOES_ON.search(text) else []
    # A quotation mark that is not closed yet parts words like a space.
    unclosed = [text.replace('"', " ") + "*"] if text.count('"') % 2 else []
    for attempt in (*starred, text, *unclosed):
        with suppress(QuerySyntaxError):
            yield parse(attempt)


def _description(paper: Paper) -> str:
    names = ", ".join(map(to_text, paper.authors[:3])) + (" …" if paper.authors[3:] else "")
    day = paper.published_at.date().isoformat()
    return f"{day} · {names}"[:_LONGEST_DESCRIPTION]
