"""/topics and /unsubscribe: what a chat follows, and how it stops."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection
from telegram import Update

from bot.conversation.channel_mode import way_back
from bot.conversation.context import Context
from bot.conversation.own_papers import known_span_of
from bot.conversation.permissions import admins_only
from bot.conversation.subscriptions import find_meant, followed, refuse_forgotten, refuse_unfollowed
from bot.conversation.topic_preview import LABEL_LENGTH, label_for
from bot.i18n import Texts, unlinked
from bot.render.counts import WEEK, Span, counted
from bot.telegram.callback_data import NUMBER, Field, route
from bot.telegram.keyboards import TOPICS_SHOWN, Row, button, label_of, rows
from bot.telegram.pagination import page_row
from bot.telegram.replies import message_of, show
from bot.telegram.routes import DROP, PICK, TOPIC, TOPICS, TOPICS_PAGE
from bot.telegram.topic_mark import TOPIC_MARK, TopicMark, mark
from storage import matches, topics
from storage.columns import utc_now
from storage.topics import Followed


def _read_choices(text: str) -> dict[str, Any]:
    position, cap, flags = map(int, text.split(":"))
    return {
        "position": position,
        "cap": cap or None,
        "muted": bool(flags & 1),
        "paused": bool(flags & 2),
    }


def _write_choices(choices: dict[str, Any]) -> str:
    flags = choices["muted"] + 2 * choices["paused"]
    return f"{choices['position']}:{choices['cap'] or 0}:{flags}"


_CHOICES = Field(r"\d{1,9}:\d{1,2}:[0-3]", _read_choices, _write_choices)
"""What a subscription had chosen."""
UNDO = route("undo", TOPIC_MARK, _CHOICES)
UNDO_PLAIN = route("undo", NUMBER)
"""As buttons once were: their topic can't be told any more."""


async def show_topics(update: Update, context: Context, page: int = 0) -> None:
    """List what the chat follows, with the week's counts; also turns its pages."""
    await show(update, *await _list(context, page))


@admins_only
async def unsubscribe(update: Update, context: Context) -> None:
    """Take `/unsubscribe label`, or let the topic be tapped."""
    _ = context.texts
    mine = await followed(context)
    if not mine:
        await show_topics(update, context)
        return
    wanted = " ".join(context.args or ())
    named = [
        entry
        for entry in mine
        if wanted.casefold() in {entry.subscription.label.casefold(), entry.topic.query.casefold()}
    ]
    if wanted and len(named) == 1:
        await _drop(update, context, named[0].topic.id)
        return
    question = _("Which topic do you want to stop following?")
    if wanted and not named:
        unknown = _("You follow nothing called “{label}”.", label=label_for(wanted))
        question = f"{unknown}\n{question}"
    keyboard = [
        [button(f"🗑 {entry.subscription.label}", DROP.data(entry.topic.id))]
        for entry in (named or mine)[: TOPICS_SHOWN * 4]
    ]
    back = [button(_.plain("‹ My topics"), TOPICS.data())]
    await show(update, context.headed(question), [*keyboard, back])


@admins_only
async def drop(update: Update, context: Context, topic_id: int) -> None:
    """Unsubscribe from the topic that was tapped, with a way to take it back."""
    await _drop(update, context, topic_id)


@admins_only
async def undo_plain(update: Update, context: Context, topic_id: int) -> None:
    """Refuse what does not say which topic it means."""
    del topic_id
    await refuse_forgotten(update, context)


@admins_only
async def undo(update: Update, context: Context, meant: TopicMark, choices: dict[str, Any]) -> None:
    """Follow again what was unsubscribed a moment ago."""
    topic_id = await find_meant(update, context, meant)
    if topic_id is None:
        return
    label = label_of(message_of(update))
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        if topic is not None:
            await topics.subscribe(
                session=session,
                chat_id=context.chat.id,
                topic_id=topic_id,
                label=label or topic.query[:LABEL_LENGTH],
                **choices,
            )
    if topic is None:
        await refuse_forgotten(update, context)
    else:
        await show_topics(update, context)


async def _drop(update: Update, context: Context, topic_id: int) -> None:
    _ = context.texts
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        dropped = await topics.unsubscribe(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
    if topic is None or dropped is None:
        await refuse_unfollowed(update, context)
        return
    choices = dropped.model_dump(include={"position", "cap", "muted", "paused"})
    undone = UNDO.data(mark(topic), choices)
    keyboard = [
        [button(_.plain("↩️ Undo"), undone)],
        [button(_.plain("📚 My topics"), TOPICS.data())],
    ]
    text = _("You no longer follow <b>{label}</b>.", label=dropped.label)
    await show(update, context.headed(text), keyboard)


async def _list(context: Context, page: int) -> tuple[str, list[Row]]:
    _ = context.texts
    chat_id = context.chat.id
    found = await context.services.database.read(
        lambda connection: _read_page(connection, chat_id, page)
    )
    mine, first, shown, span = found.mine, found.first, found.shown, found.span
    follow = button(_.plain("➕ Follow a topic"), PICK.data())
    if not mine:
        empty = _("You don't follow anything yet.")
        return context.headed(empty), [[follow], *way_back(context, _)]
    counts = [_count(found.counts.get(entry.topic.id, 0), span, _) for entry in shown]
    lines = [
        _.plural("<b>You follow {n} topic</b>", "<b>You follow {n} topics</b>", len(mine)),
        "",
        *(_line(entry, count) for entry, count in zip(shown, counts, strict=True)),
    ]
    turns = page_row(
        lambda offset: TOPICS_PAGE.data(offset // TOPICS_SHOWN),
        offset=first,
        total=len(mine),
        size=TOPICS_SHOWN,
    )
    choices = (button(entry.subscription.label, TOPIC.data(entry.topic.id)) for entry in shown)
    keyboard = [*rows(choices, width=2), [*turns, follow], *way_back(context, _)]
    return context.headed("\n".join(lines)), keyboard


class _Page(NamedTuple):
    """A page of what a chat follows."""

    mine: Sequence[Followed]
    first: int
    """The place of the page's first among all."""
    shown: Sequence[Followed]
    span: Span | None
    """The time of the counts; None: nothing is known."""
    counts: Mapping[int, int]
    """By topic."""


def _read_page(connection: Connection, chat_id: int, page: int) -> _Page:
    mine = topics.followed_by(connection, chat_id=chat_id)
    first = max(0, min(page, (len(mine) - 1) // TOPICS_SHOWN)) * TOPICS_SHOWN
    shown = mine[first : first + TOPICS_SHOWN]
    span, counts = known_span_of(connection, WEEK), {}
    if span is not None:
        counts = matches.published_between(
            connection,
            topic_ids=[entry.topic.id for entry in shown],
            start=span.since,
            end=utc_now(),
        )
    return _Page(mine, first, shown, span, counts)


def _count(count: int, span: Span | None, _: Texts) -> str:
    """Return how many papers a topic had this week, as HTML; "" where that is not known."""
    if span is None:
        return ""
    if span.days is None:
        return counted(count, span, _)
    return _.plural("{n} paper this week", "{n} papers this week", count)


def _line(entry: Followed, count: str) -> str:
    marks = "⏸" * entry.subscription.paused + "🔕" * entry.subscription.muted
    label = unlinked(entry.subscription.label)
    named = f"{label} – {count}" if count else label
    return f"• {named}{' ' * bool(marks)}{marks}"
