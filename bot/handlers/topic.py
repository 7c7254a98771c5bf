"""One topic of a chat: what it looks for, what it brought, and everything that can be changed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from markupsafe import escape
from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode

from bot.access import admins_only
from bot.answers import ask
from bot.context import Context
from bot.keyboards import acknowledge, button
from storage import topics
from storage.models import utc_now

__all__ = ["ask_name", "open_topic", "rename"]

WEEK = timedelta(days=7)
LABEL_LENGTH = 60


async def open_topic(update: Update, context: Context) -> None:
    """Show one topic: its query, its week, and what can be done with it."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    card = await _card(context, int(query.data.removeprefix("topic:")))
    if card is None:
        await _gone(update, context)
        return
    await acknowledge(query)
    text, keyboard = card
    await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


@admins_only
async def ask_name(update: Update, context: Context) -> None:
    """Ask for a topic's new name."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    topic_id = int(query.data.removeprefix("rename:"))
    _ = context.texts
    async with context.services.database.reading() as session:
        subscription = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    if subscription is None:
        await _gone(update, context)
        return
    await ask(
        update,
        context,
        _("What should I call <b>{label}</b>?", label=subscription.label),
        about=f"rename:{topic_id}",
        back=button(_.plain("‹ Back"), f"topic:{topic_id}"),
    )


@admins_only
async def rename(update: Update, context: Context) -> None:
    """Take a topic's new name."""
    message = update.message
    if message is None or not message.text:
        return
    topic_id = int(context.about)
    label = " ".join(message.text.split())[:LABEL_LENGTH]
    async with context.services.database.transaction() as session:
        subscription = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
        if subscription is not None:
            subscription.label = label
    card = await _card(context, topic_id)
    if card is None:
        await _gone(update, context)
        return
    text, keyboard = card
    await message.reply_html(text, reply_markup=keyboard)


async def _card(context: Context, topic_id: int) -> tuple[str, InlineKeyboardMarkup] | None:
    """Return a topic as a message, None where the chat does not follow it."""
    _ = context.texts
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        subscription = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
        week = await topics.published_since(
            session=session, topic_id=topic_id, since=utc_now() - WEEK
        )
    if topic is None or subscription is None:
        return None
    since = subscription.created_at.astimezone(ZoneInfo(context.chat.timezone))
    text = "\n".join(
        (
            f"<b>{escape(subscription.label)}</b>",
            f"<code>{escape(topic.query)}</code>",
            "",
            _.plural("{n} paper in the last 7 days", "{n} papers in the last 7 days", week),
            _("You have followed it since {date}.", date=_.date(since)),
        )
    )
    keyboard = InlineKeyboardMarkup(
        [
            [button(_.plain("✏️ Rename"), f"rename:{topic_id}")],
            [button(_.plain("🗑 Unsubscribe"), f"drop:{topic_id}")],
            [button(_.plain("‹ My topics"), "topics")],
        ]
    )
    return text, keyboard


async def _gone(update: Update, context: Context) -> None:
    """Say that the topic is followed no more."""
    said = context.texts.plain("You don't follow this topic any more.")
    if update.callback_query:
        await acknowledge(update.callback_query, said, alert=True)
    elif update.message:
        await update.message.reply_text(said)
