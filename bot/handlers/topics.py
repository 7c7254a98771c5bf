"""/topics and /unsubscribe: what a chat follows, and how it stops."""

from typing import Any

from markupsafe import escape
from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode

from bot.conversation.channel_mode import way_back
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.topic_preview import LABEL_LENGTH, WEEK
from bot.i18n import Texts
from bot.telegram.keyboards import TOPICS_SHOWN, acknowledge, button, chooser, label_of, rows
from storage import matches, topics
from storage.columns import utc_now
from storage.models import Subscription
from storage.topics import Followed


async def show_topics(update: Update, context: Context) -> None:
    """List what the chat follows, with the week's counts; also turns its pages."""
    text, keyboard = await _list(context, _page(update))
    await _show(update, text, keyboard)


@admins_only
async def unsubscribe(update: Update, context: Context) -> None:
    """Take `/unsubscribe label`, or let the topic be tapped."""
    if update.message is None:
        return
    _ = context.texts
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    if not followed:
        text, keyboard = await _list(context, 0)
        await update.message.reply_html(text, reply_markup=keyboard)
        return
    wanted = " ".join(context.args or ()).casefold()
    named = [
        entry
        for entry in followed
        if wanted in {entry.subscription.label.casefold(), entry.topic.query.casefold()}
    ]
    if wanted and len(named) == 1:
        await _drop(update, context, named[0].topic.id)
        return
    question = _("Which topic do you want to stop following?")
    if wanted and not named:
        unknown = _("You follow nothing called “{label}”.", label=" ".join(context.args or ()))
        question = f"{unknown}\n{question}"
    await update.message.reply_html(
        context.headed(question),
        reply_markup=chooser(
            (
                button(f"🗑 {entry.subscription.label}", f"drop:{entry.topic.id}")
                for entry in (named or followed)[: TOPICS_SHOWN * 4]
            ),
            button(_.plain("‹ My topics"), "topics"),
            width=1,
        ),
    )


@admins_only
async def drop(update: Update, context: Context) -> None:
    """Unsubscribe from the topic that was tapped, with a way to take it back."""
    query = update.callback_query
    if query is not None and query.data is not None:
        await _drop(update, context, int(query.data.removeprefix("drop:")))


@admins_only
async def undo(update: Update, context: Context) -> None:
    """Follow again what was unsubscribed a moment ago."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    _verb, number, *choices = query.data.split(":")
    topic_id = int(number)
    _ = context.texts
    label = label_of(query.message) if isinstance(query.message, Message) else None
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        if topic is not None:
            await topics.subscribe(
                session=session,
                chat_id=context.chat.id,
                topic_id=topic_id,
                label=label or topic.query[:LABEL_LENGTH],
                **_restored(*map(int, choices)),
            )
    if topic is None:
        await acknowledge(
            query, _.plain("That was too long ago. Please send the topic again."), alert=True
        )
        return
    text, keyboard = await _list(context, 0)
    await _show(update, text, keyboard)


async def _drop(update: Update, context: Context, topic_id: int) -> None:
    _ = context.texts
    async with context.services.database.transaction() as session:
        dropped = await topics.unsubscribe(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    if dropped is None:
        if update.callback_query:
            await acknowledge(
                update.callback_query,
                _.plain("You don't follow this topic any more."),
                alert=True,
            )
        return
    keyboard = InlineKeyboardMarkup(
        [
            [button(_.plain("↩️ Undo"), f"undo:{topic_id}:{_choices(dropped)}")],
            [button(_.plain("📚 My topics"), "topics")],
        ]
    )
    text = _("You no longer follow <b>{label}</b>.", label=dropped.label)
    await _show(update, context.headed(text), keyboard)


def _choices(dropped: Subscription) -> str:
    """Return what a subscription had chosen, for the button that brings it back."""
    return f"{dropped.position}:{dropped.cap or 0}:{dropped.muted + 2 * dropped.paused}"


def _restored(position: int | None = None, cap: int = 0, flags: int = 0) -> dict[str, Any]:
    if position is None:
        return {}
    return {
        "position": position,
        "cap": cap or None,
        "muted": bool(flags & 1),
        "paused": bool(flags & 2),
    }


async def _list(context: Context, page: int) -> tuple[str, InlineKeyboardMarkup]:
    _ = context.texts
    since = utc_now() - WEEK
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
        pages = max(1, -(-len(followed) // TOPICS_SHOWN))
        page = min(page, pages - 1)
        shown = followed[page * TOPICS_SHOWN : (page + 1) * TOPICS_SHOWN]
        weeks = [
            await matches.published_since(session=session, topic_id=entry.topic.id, since=since)
            for entry in shown
        ]
    if not followed:
        empty = _("You don't follow anything yet.")
        add = [button(_.plain("➕ Follow a topic"), "pick")]
        keyboard = InlineKeyboardMarkup([add, *way_back(context, _)])
        return context.headed(empty), keyboard
    lines = [
        _.plural("<b>You follow {n} topic</b>", "<b>You follow {n} topics</b>", len(followed)),
        "",
        *(_line(entry, week, _) for entry, week in zip(shown, weeks, strict=True)),
    ]
    turns = []
    if page > 0:
        turns.append(button("‹", f"topics:{page - 1}"))
    if page < pages - 1:
        turns.append(button("›", f"topics:{page + 1}"))
    choices = (button(entry.subscription.label, f"topic:{entry.topic.id}") for entry in shown)
    last = [*turns, button(_.plain("➕ Follow a topic"), "pick")]
    keyboard = InlineKeyboardMarkup([*rows(choices, width=2), last, *way_back(context, _)])
    return context.headed("\n".join(lines)), keyboard


def _line(entry: Followed, week: int, _: Texts) -> str:
    count = _.plural("{n} paper this week", "{n} papers this week", week)
    marks = "⏸" * entry.subscription.paused + "🔕" * entry.subscription.muted
    return f"• {escape(entry.subscription.label)} – {count}{' ' * bool(marks)}{marks}"


def _page(update: Update) -> int:
    data = update.callback_query.data if update.callback_query else None
    _verb, _colon, number = (data or "").partition(":")
    return int(number) if number else 0


async def _show(update: Update, text: str, keyboard: InlineKeyboardMarkup) -> None:
    """Answer a command with a message, a tap by changing the message that was tapped."""
    query = update.callback_query
    if query is None:
        if update.message:
            await update.message.reply_html(text, reply_markup=keyboard)
        return
    await acknowledge(query)
    if isinstance(query.message, Message):
        await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
