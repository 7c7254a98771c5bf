"""From a paper to a topic: more like it by its own words, or its author."""

from datetime import timedelta

from telegram import Update

from bot.conversation.context import Context
from bot.conversation.own_papers import span_of
from bot.conversation.permissions import admins_only
from bot.conversation.topic_preview import Ways, candidate_for, preview_page
from bot.i18n import code
from bot.query.ast import Term, any_of, render
from bot.query.own_words import phrases, single_words
from bot.query.parser import QuerySyntaxError, parse
from bot.search import own_store
from bot.telegram.callback_data import PAPER_ID, SMALL_NUMBER, route
from bot.telegram.keyboards import button, rows
from bot.telegram.replies import NO_PREVIEW, acknowledge, message_of, refuse, send
from bot.telegram.routes import FOLLOW, PICK
from bot.telegram.topic_mark import mark
from bot.tex.to_unicode import to_text
from storage import papers
from storage.columns import utc_now
from storage.models import Paper

AUTHOR = route("author", PAPER_ID, SMALL_NUMBER)
"""A paper, and the place of an author among those that are offered."""

OFFERED = 8
_TRIED = 8
_KEPT = 3
_MONTH = timedelta(days=30)
_SPECIFIC = 60
"""A phrase of so many papers a month says too little of one."""


@admins_only
async def more_like(update: Update, context: Context, paper_id: str) -> None:
    """Preview a topic of a paper's own words."""
    paper = await _paper(update, context, paper_id)
    if paper is None:
        return
    await acknowledge(update)
    _ = context.texts
    query = await _own_topic(context, paper)
    text = _("Send other words to change it: {query}", query=code(query))
    await _show(update, context, query, query, footer=text)


@admins_only
async def authors(update: Update, context: Context, paper_id: str) -> None:
    """Preview the only author of a paper, or ask which one."""
    paper = await _paper(update, context, paper_id)
    if paper is None:
        return
    names = paper.authors[:OFFERED]
    if len(names) == 1:
        await author(update, context, paper_id, 0)
        return
    await acknowledge(update)
    _ = context.texts
    if not names:
        await send(message_of(update), _("This paper names no author."))
        return
    buttons = (button(to_text(name), AUTHOR.data(paper_id, n)) for n, name in enumerate(names))
    await send(message_of(update), _("Which author do you want to follow?"), rows(buttons, width=2))


@admins_only
async def author(update: Update, context: Context, paper_id: str, place: int) -> None:
    """Preview what following an author would have brought."""
    paper = await _paper(update, context, paper_id)
    if paper is None:
        return
    await acknowledge(update)
    name = to_text(paper.authors[place]) if place < len(paper.authors) else ""
    name = " ".join(name.replace('"', " ").split())
    try:
        query = render(parse(f'au:"{name}"'))
    except QuerySyntaxError:
        await send(message_of(update), context.texts("This paper names no author."))
        return
    await _show(update, context, query, name)


async def _show(
    update: Update, context: Context, query: str, label: str, *, footer: str = ""
) -> None:
    _ = context.texts
    ways = Ways(
        follow=lambda topic: button(_.plain("✅ Follow"), FOLLOW.data(mark(topic), "")),
        back=button(_.plain("‹ Other topics"), PICK.data()),
    )
    text, keyboard = await preview_page(context, candidate_for(query, label=label), ways)
    text = f"{text}\n\n{footer}" if footer else text
    await send(message_of(update), text, keyboard, preview=NO_PREVIEW)


async def _own_topic(context: Context, paper: Paper) -> str:
    """Return the query of the phrases of a paper that others have as well, the rarest first."""
    span = await span_of(context)
    since = utc_now() - _MONTH if span is None else span.since
    counted: list[tuple[int, Term]] = []
    for phrase in phrases(paper.title, paper.abstract)[:_TRIED]:
        query = parse(f'"{phrase}"')
        found = await own_store.find(
            database=context.services.database, query=query, since=since, most=0
        )
        if isinstance(query, Term) and found.count < _SPECIFIC:
            counted.append((found.count, query))
    shared = [(count, term) for count, term in counted if count > 1] or counted
    best = [term for _count, term in sorted(shared, key=lambda one: -one[0])[:_KEPT]]
    if best:
        return render(any_of(best))
    return render(parse(" ".join(single_words(paper.title)[:2]) or paper.categories[0]))


async def _paper(update: Update, context: Context, paper_id: str) -> Paper | None:
    """Return a stored paper; where it is stored no more, say so."""
    known = await context.services.database.read(
        lambda connection: papers.read_many(connection, paper_ids=[paper_id])
    )
    if paper_id not in known:
        await refuse(update, context.texts.plain("That has expired. Please search again."))
    return known.get(paper_id)
