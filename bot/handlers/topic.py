"""Topic card: what a topic looks for and brought, and everything that can be changed."""

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardButton, Update

from bot.conversation.context import Context
from bot.conversation.own_papers import registered
from bot.conversation.permissions import admins_only
from bot.conversation.prompts import ask
from bot.conversation.subscriptions import (
    find_followed,
    find_meant,
    refuse_forgotten,
)
from bot.conversation.topic_card import open_topic
from bot.conversation.topic_history import fill
from bot.conversation.topic_preview import (
    LABEL_LENGTH,
    Ways,
    candidate_for,
    label_for,
    show_preview,
)
from bot.handlers.explain_query import explain
from bot.i18n import Texts, code
from bot.query.parser import QuerySyntaxError, normalise, parse, parse_stored
from bot.query.primary import switched
from bot.telegram.callback_data import NUMBER, SMALL_NUMBER, route
from bot.telegram.keyboards import button, label_of, rows, tapped
from bot.telegram.replies import message_of, show
from bot.telegram.routes import TOPIC
from bot.telegram.topic_mark import TOPIC_MARK, TopicMark, mark
from storage import fan_out, topics
from storage.columns import utc_now

REPLACE = route("swap", NUMBER, TOPIC_MARK)
"""A topic that is followed, and the one to follow instead."""
CAP = route("cap", NUMBER, SMALL_NUMBER)
"""A topic, and how many papers a push may bring; 0: no limit."""

CAPS = (1, 2, 3, 5, 10)


@admins_only
async def mute(update: Update, context: Context, topic_id: int, muted: bool) -> None:  # noqa: FBT001 - a route's argument
    """Let a topic's papers come without a sound, or with one again."""
    await _change(update, context, topic_id, muted=muted)


@admins_only
async def pause(update: Update, context: Context, topic_id: int, paused: bool) -> None:  # noqa: FBT001 - a route's argument
    """Push nothing of a topic for now, or push it again."""
    await _change(update, context, topic_id, paused=paused)


@admins_only
async def limit(update: Update, context: Context, topic_id: int, cap: int) -> None:
    """Let one push bring at most so many of a topic's papers; 0 is any number."""
    await _change(update, context, topic_id, cap=cap or None)


@admins_only
async def move(update: Update, context: Context, topic_id: int, way: str) -> None:
    """Move a topic up or down among the chat's topics."""
    async with context.services.database.transaction() as session:
        by = -1 if way == "up" else 1
        await topics.move(session=session, chat_id=context.chat.id, topic_id=topic_id, by=by)
    await open_topic(update, context, topic_id, said=context.texts.plain("Saved"))


@admins_only
async def choose_cap(update: Update, context: Context, topic_id: int) -> None:
    """Ask how many of a topic's papers one push may bring."""
    entry = await find_followed(update, context, topic_id)
    if entry is None:
        return
    _, subscription = context.texts, entry.subscription
    most = [(str(n), n) for n in CAPS] + [(_.plain("No limit"), 0)]
    choices = (
        button(text, CAP.data(topic_id, n), chosen=n == (subscription.cap or 0)) for text, n in most
    )
    question = _(
        "How many papers on <b>{label}</b> at a time, at most?",
        label=subscription.label,
    )
    await show(update, question, [*rows(choices, width=3), [_back(topic_id, _)]])


@admins_only
async def ask_name(update: Update, context: Context, topic_id: int) -> None:
    """Ask for a topic's new name."""
    entry = await find_followed(update, context, topic_id)
    if entry is None:
        return
    _ = context.texts
    question = _("What should I call <b>{label}</b>?", label=entry.subscription.label)
    about = f"rename:{topic_id}"
    await ask(update, context, question, about=about, back=_back(topic_id, _))


@admins_only
async def rename(update: Update, context: Context) -> None:
    """Take a topic's new name."""
    label = label_for(message_of(update).text or "")
    await _change(update, context, int(context.about), label=label)


@admins_only
async def ask_query(update: Update, context: Context, topic_id: int) -> None:
    """Ask what a topic should look for instead."""
    await _ask_query(update, context, topic_id)


@admins_only
async def edit_query(update: Update, context: Context) -> None:
    """Take what a topic should look for instead, and show what that would have brought."""
    _, topic_id = context.texts, int(context.about)
    try:
        candidate = candidate_for(message_of(update).text or "")
    except QuerySyntaxError as error:
        await _ask_again(update, context, topic_id, error)
        return
    instead = _instead(_)
    await show_preview(
        update,
        context,
        candidate,
        Ways(
            follow=lambda found: button(instead, REPLACE.data(topic_id, mark(found))),
            back=_back(topic_id, _),
            choose=lambda found, label: button(label, REPLACE.data(topic_id, mark(found))),
        ),
    )


@admins_only
async def replace_query(update: Update, context: Context, old_id: int, meant: TopicMark) -> None:
    """Let a subscription look for what was previewed; its name stays if it was chosen."""
    new_id = await find_meant(update, context, meant)
    if new_id is not None:
        offered = tapped(update)
        is_shown = offered in {None, _instead(context.texts)}
        words = label_of(message_of(update)) if is_shown else offered
        await _replace(update, context, old_id, new_id, words)


@admins_only
async def switch_cross_lists(update: Update, context: Context, topic_id: int) -> None:
    """Let a topic's categories leave cross-lists out, or take them in again."""
    entry = await find_followed(update, context, topic_id)
    new = switched(parse_stored(entry.topic.query)) if entry is not None else None
    if new is None:
        return
    async with context.services.database.transaction() as session:
        topic = await topics.register(session=session, query=normalise(new))
        new_id = topic.id
    await _replace(update, context, topic_id, new_id, None)


async def _replace(
    update: Update, context: Context, old_id: int, new_id: int, words: str | None
) -> None:
    chat = context.chat
    await context.services.match_first_week(new_id, chat)
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=new_id)
        subscription = await topics.subscription(session=session, chat_id=chat.id, topic_id=old_id)
        known = await topics.subscription(session=session, chat_id=chat.id, topic_id=new_id)
        before = await topics.get(session=session, topic_id=old_id)
        if topic is not None and before is not None and subscription is not None and known is None:
            if _is_made_of_words(subscription.label, before.query):
                subscription.label = (words or topic.query)[:LABEL_LENGTH]
            subscription.topic_id, subscription.created_at = new_id, utc_now()
            await session.flush()
            await fan_out.fan_out_first_week(
                session=session, chat=chat, topic_id=new_id, now=utc_now()
            )
    if topic is None:
        await refuse_forgotten(update, context)
        return
    fill(context, new_id)
    await open_topic(update, context, new_id, said=context.texts.plain("Saved"))


async def _ask_again(
    update: Update, context: Context, topic_id: int, error: QuerySyntaxError
) -> None:
    """Say why words are no query; what they may mean is a button."""
    offers = []
    if error.suggestion is not None:
        meant = (await registered(context, normalise(parse(error.suggestion)))).topic
        offers.append(button(error.suggestion, REPLACE.data(topic_id, mark(meant))))
    problem = explain(error, context.texts)
    await _ask_query(update, context, topic_id, problem=problem, offers=offers)


async def _ask_query(
    update: Update,
    context: Context,
    topic_id: int,
    *,
    problem: str | None = None,
    offers: Sequence[InlineKeyboardButton] = (),
) -> None:
    _ = context.texts
    entry = await find_followed(update, context, topic_id)
    if entry is None:
        return
    question = _(
        "Send the new query for <b>{label}</b>. Now: {query}",
        label=entry.subscription.label,
        query=code(entry.topic.query),
    )
    question = f"{problem}\n\n{question}" if problem else question
    back = _back(topic_id, _)
    await ask(update, context, question, about=f"edit:{topic_id}", back=back, offers=offers)


async def _change(update: Update, context: Context, topic_id: int, **values: Any) -> None:
    """Change a subscription, and show its topic."""
    chat_id = context.chat.id
    await context.services.database.write(
        lambda connection: topics.change_subscription(
            connection, chat_id=chat_id, topic_id=topic_id, values=values
        )
    )
    await open_topic(update, context, topic_id, said=context.texts.plain("Saved"))


def _instead(_: Texts) -> str:
    return _.plain("✅ Use this query")


def _back(topic_id: int, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), TOPIC.data(topic_id))


def _is_made_of_words(label: str, query: str) -> bool:
    """Tell whether a label is just the query as it was typed."""
    try:
        return normalise(parse_stored(label)) == query
    except QuerySyntaxError:
        return False
