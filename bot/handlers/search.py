"""/search: what arXiv has on something, without following it."""

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.constants import ParseMode

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.conversation.topic_preview import label_for, looking
from bot.handlers.explain_query import explain
from bot.i18n import code
from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.telegram.keyboards import acknowledge, button
from bot.telegram.pagination import PAGE, lines, number_row, page_row
from storage import matches, topics

MOST = 200
"""As many of the newest are asked of arXiv (see `bot.sweep.sweep`)."""


async def search(update: Update, context: Context) -> None:
    """Take `/search words`."""
    message = update.message
    if message is None:
        return
    _, words = context.texts, " ".join(context.args or ())
    if not words:
        await message.reply_html(
            _("What are you looking for? {example}", example=code("/search diffusion policy"))
        )
        return
    try:
        query = normalise(parse(words))
    except QuerySyntaxError as error:
        await message.reply_html(explain(error, _))
        return
    label = label_for(words)
    answer = await message.reply_html(looking(_, label))
    context.application.create_task(_look(answer, context, query, label), update=update)


async def turn(update: Update, context: Context) -> None:
    """Turn to another page."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    _found, topic_id, offset = query.data.split(":")
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=int(topic_id))
    if topic is None:
        await acknowledge(query, _.plain("That was too long ago. Please search again."), alert=True)
        return
    await acknowledge(query)
    await _show(query.message, context, topic.id, label_for(topic.query), int(offset))


async def _look(message: Message, context: Context, query: str, label: str) -> None:
    _ = context.texts
    async with context.services.database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    if topic.backfilled_at is None:
        try:
            await context.services.backfill(topic.id)
        except (SourceError, TimeoutError):
            await message.edit_text(
                _("arXiv is not answering right now. Please try again in a while."),
                parse_mode=ParseMode.HTML,
            )
            return
    await _show(message, context, topic.id, label, 0)


async def _show(message: Message, context: Context, topic_id: int, label: str, offset: int) -> None:
    _ = context.texts
    async with context.services.database.reading() as session:
        newest = await matches.newest(session=session, topic_id=topic_id, limit=MOST)
        followed = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    offset = min(offset, max(0, (len(newest) - 1) // PAGE * PAGE))
    papers = newest[offset : offset + PAGE]
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
    if followed:
        follow = button(_.plain("✓ You follow this"), f"topic:{topic_id}")
    else:
        follow = button(_.plain("✅ Follow this"), f"follow:{topic_id}:")
    rows = [
        number_row(papers, first=offset + 1),
        page_row(f"found:{topic_id}", offset=offset, total=len(newest)),
        [follow],
    ]
    await message.edit_text(
        "\n\n".join([found, *lines(papers, _, first=offset + 1)]),
        parse_mode=ParseMode.HTML,
        reply_markup=InlineKeyboardMarkup([row for row in rows if row]),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
