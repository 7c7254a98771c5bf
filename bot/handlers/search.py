"""/search: what arXiv has on something, without following it."""

from telegram import Message, Update

from bot.conversation.context import Context
from bot.conversation.topic_preview import (
    Candidate,
    candidate_for,
    following,
    label_for,
    looking,
    register_topic,
)
from bot.handlers.explain_query import explain
from bot.i18n import code
from bot.query.parser import QuerySyntaxError
from bot.telegram.callback_data import NUMBER, route
from bot.telegram.keyboards import button
from bot.telegram.pagination import PAGE, paper_page
from bot.telegram.replies import NO_PREVIEW, acknowledge, edit, message_of, refuse, show
from bot.telegram.routes import FOLLOW
from storage import matches, topics

TURN = route("found", NUMBER, NUMBER)
"""A topic, and where a page of its papers begins."""

MOST = 200
"""As many of the newest are asked of arXiv (`bot/sweep/backfill.py`)."""


async def search(update: Update, context: Context) -> None:
    """Take `/search words`."""
    _, words = context.texts, " ".join(context.args or ())
    if not words:
        example = code("/search diffusion policy")
        await show(update, _("What are you looking for? {example}", example=example))
        return
    try:
        candidate = candidate_for(words)
    except QuerySyntaxError as error:
        await show(update, explain(error, _))
        return
    answer = await show(update, looking(_, candidate.label))
    context.application.create_task(_look(answer, context, candidate), update=update)


async def turn(update: Update, context: Context, topic_id: int, offset: int) -> None:
    """Turn to another page."""
    _ = context.texts
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
    if topic is None:
        await refuse(update, _.plain("That was too long ago. Please search again."))
        return
    await acknowledge(update)
    await _show(message_of(update), context, topic.id, label_for(topic.query), offset)


async def _look(message: Message, context: Context, candidate: Candidate) -> None:
    _ = context.texts
    topic, is_filled = await register_topic(context, candidate.query)
    if is_filled:
        await _show(message, context, topic.id, candidate.label, 0)
    else:
        await edit(message, _("arXiv is not answering right now. Please try again in a while."))


async def _show(message: Message, context: Context, topic_id: int, label: str, offset: int) -> None:
    _ = context.texts
    async with context.services.database.reading() as session:
        newest = await matches.newest(session=session, topic_id=topic_id, limit=MOST)
        followed = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    offset = min(offset, max(0, (len(newest) - 1) // PAGE * PAGE))
    if newest:
        many = len(newest) >= MOST
        found = (
            _("<b>{label}</b>: the newest {n} papers", label=label, n=_.number(len(newest)))
            if many
            else _.plural(
                "<b>{label}</b>: {n} paper", "<b>{label}</b>: {n} papers", len(newest), label=label
            )
        )
    else:
        found = _("<b>{label}</b>: arXiv has nothing on this.", label=label)
    follow = button(_.plain("✅ Follow this"), FOLLOW.data(topic_id, ""))
    lines, rows = paper_page(
        [(paper, None) for paper in newest[offset : offset + PAGE]],
        _,
        lambda place: TURN.data(topic_id, place),
        offset=offset,
        total=len(newest),
    )
    rows.append([following(topic_id, _) if followed else follow])
    await edit(message, "\n\n".join([found, *lines]), rows, preview=NO_PREVIEW)
