"""/subscribe: from words or a tap over a preview to a subscription, and the first papers."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest

from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.help_text import help_text
from bot.conversation.orders import lead
from bot.conversation.paper_card import send_card
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.conversation.subscriptions import find_meant, followed, refuse_forgotten
from bot.conversation.topic_history import fill
from bot.conversation.topic_preview import (
    LABEL_LENGTH,
    Candidate,
    Ways,
    candidate_for,
    label_for,
    show_preview,
)
from bot.conversation.written_language import is_title
from bot.conversation.zone_choice import clock_rows, has_no_zone
from bot.handlers.explain_query import show_error
from bot.i18n import Texts, code
from bot.preferences.time_zones import city_name
from bot.query.named_fields import named
from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.query.plain_words import Kind, Wish, understand
from bot.query.presets import Preset, offered
from bot.telegram.callback_data import matching, route
from bot.telegram.keyboards import LOOKS, Row, button, field_place, label_of, readymade, tapped
from bot.telegram.replies import acknowledge, hint, message_of, send, show
from bot.telegram.routes import (
    FOLLOW,
    LOOK,
    PICK,
    SEND_NOW,
    SETTINGS,
    TASTE,
    TOPIC,
)
from bot.telegram.topic_mark import TopicMark, mark
from storage import fan_out, outbox, topics
from storage.columns import utc_now
from storage.models import Chat, ChatState

HERE = route("here", matching(r"[\w/+-]{1,40}"))
"""The time zone that a newcomer chose."""


@admins_only
async def subscribe(update: Update, context: Context) -> None:
    """Take `/subscribe words`, or show the ready-made topics."""
    if context.args:
        await _preview_words(update, context, " ".join(context.args))
        return
    _ = context.texts
    question = _("<b>What do you want to follow?</b>")
    example = code("/subscribe gaussian splatting -survey")
    way = _("Tap a topic, or write: {example}", example=example)
    keyboard = readymade(_, followed=[entry.topic.query for entry in await followed(context)])
    await show(update, context.headed(f"{question}\n{way}"), keyboard)


async def words(update: Update, context: Context) -> None:
    """Take what somebody simply writes in private: an order, something to follow, a greeting."""
    text = message_of(update).text or ""
    # Whoever was too quick for inline mode has written the bot's name in front.
    own_name = f"@{context.bot.username} "
    if text.casefold().startswith(own_name.casefold()):
        text = text[len(own_name) :]
    if not await lead(update, context, text):
        await _preview_words(update, context, text)


@admins_only
async def pick_readymade(update: Update, context: Context, key: str) -> None:
    """Preview a ready-made topic or a whole field in place of the keyboard it was picked from."""
    await _pick(update, context, key)


@admins_only
async def pick_beside(update: Update, context: Context, topic_id: int, key: str) -> None:
    """Preview what was offered on a topic's card, which is one step back."""
    await _pick(update, context, key, back=TOPIC.data(topic_id))


@admins_only
async def pick_instead(update: Update, context: Context, meant: TopicMark, key: str) -> None:
    """Preview what was offered in another preview, which is one step back."""
    await _pick(update, context, key, back=LOOK.data(meant))


async def _pick(update: Update, context: Context, key: str, *, back: str = "") -> None:
    _ = context.texts
    chosen = offered(key)
    if chosen is None:
        await acknowledge(update, _.plain("This topic is no longer available."))
        return
    candidate = Candidate(normalise(parse(chosen.query)), chosen.label(_))
    place = field_place(chosen.field) if chosen.field else PICK.data()
    way = button(_.plain("‹ Back"), back) if back else button(_.plain("‹ Other topics"), place)
    await _preview(update, context, candidate, key=key, back=way)


@admins_only
async def follow(update: Update, context: Context, meant: TopicMark, key: str) -> None:
    """Subscribe the chat to the topic that was previewed, and owe it the week's papers."""
    _ = context.texts
    chat_id, now = context.chat.id, utc_now()
    topic_id = await find_meant(update, context, meant)
    if topic_id is None:
        return
    await context.services.match_first_week(topic_id, context.chat)
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        if topic is not None:
            label = _readymade(key, _) or label_of(message_of(update)) or topic.query
            label = label[:LABEL_LENGTH]
            known = await topics.subscription(session=session, chat_id=chat_id, topic_id=topic_id)
            await topics.subscribe(session=session, chat_id=chat_id, topic_id=topic_id, label=label)
            owed = await fan_out.fan_out_first_week(
                session=session, chat=context.chat, topic_id=topic_id, now=now
            )
    if topic is None:
        await refuse_forgotten(update, context)
        return
    fill(context, topic_id)
    picked = offered(key)
    lines = [_("✅ You now follow <b>{label}</b>.", label=label), ""]
    if owed:
        lines.append(_waiting(owed, _))
    if owed > context.chat.papers_per_push:
        lines.append(_("You get {cap} at a time.", cap=context.chat.papers_per_push))
    said = _.plain("You follow this already.") if known else None
    if await _is_newcomer(context):
        lines.append(
            _(
                "New papers come at {time}. <b>What time is it where you are?</b>",
                time=_.time(context.chat.push_time),
            )
        )
        private = message_of(update).chat.type == ChatType.PRIVATE
        more = [button(_.plain("➕ Another topic"), PICK.data()), *_taste(context)]
        keyboard = [
            *(await clock_rows(update, _, HERE.data, private=private)),
            _send_now(owed, _),
            more,
        ]
    else:
        lines.append(_next_push(context.chat, _, now))
        keyboard = _ways_on(owed, _, field=picked.field if picked else None)
    await show(update, context.headed("\n".join(lines)), keyboard, said=said)


@admins_only
async def choose_zone(update: Update, context: Context, zone: str) -> None:
    """Take a newcomer's time zone, and say when the papers come."""
    _, chat_id = context.texts, context.chat.id
    if not await change_setting(context, "zone", zone):
        await acknowledge(update, _.plain("That's no longer available."))
        return
    async with context.services.database.reading() as session:
        waiting = await outbox.pending_count(session=session, chat_id=chat_id)
    lines = [_next_push(context.chat, _, utc_now())]
    if waiting:
        lines.append(_waiting(waiting, _))
    keyboard = [*_ways_on(waiting, _), _taste(context)]
    await show(update, context.headed("\n".join(lines)), keyboard)


@admins_only
async def send_now(update: Update, context: Context) -> None:
    """Send what the chat is owed without waiting for its time."""
    await acknowledge(update, context.texts.plain("On their way."))
    start_once(update, context, "push", _push(message_of(update), context))


async def _take_away(message: Message, data: str) -> None:
    """Take a button away that did what it is for."""
    markup = message.reply_markup
    rows = [] if markup is None else markup.inline_keyboard
    kept = [[one for one in row if one.callback_data != data] for row in rows]
    with suppress(BadRequest):  # it is gone already
        await message.edit_reply_markup(InlineKeyboardMarkup([row for row in kept if row]))


async def _push(message: Message, context: Context) -> None:
    _, chat_id = context.texts, context.chat.id
    await hint(message)
    if await context.services.push_now(chat_id):
        await _take_away(message, SEND_NOW.data())
        return
    async with context.services.database.reading() as session:
        waiting = await outbox.pending_count(session=session, chat_id=chat_id)
    later = _("I can't send them right now. They'll come next time.")
    done = _("You're up to date. /latest shows the newest papers again.")
    await send(message, later if waiting else done)


@admins_only
async def look(update: Update, context: Context, meant: TopicMark) -> None:
    """Preview the topic that a button names."""
    topic_id = await find_meant(update, context, meant)
    if topic_id is None:
        return
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
    if topic is not None:
        shown = tapped(update)
        is_named = shown is not None and shown != context.texts.plain("‹ Back")
        label = label_for(shown.removeprefix(LOOKS) if is_named and shown else topic.query)
        await _preview(update, context, Candidate(topic.query, label))


async def _preview_words(update: Update, context: Context, text: str) -> None:
    wish = understand(text)
    if wish.kind is Kind.TALK:
        await _talk(update, context, wish)
        return
    try:
        candidate = candidate_for(wish.query, label=wish.words)
    except QuerySyntaxError as error:
        await show_error(update, context, error)
    else:
        await _preview(update, context, candidate, offers=named(wish.words))


async def _talk(update: Update, context: Context, wish: Wish) -> None:
    """Answer a greeting or a question: by help, or by the paper whose title it is."""
    _ = context.texts
    if wish.words and is_title(wish.words):
        paper = await context.services.titled(wish.words, ask_arxiv=False)
        if paper is not None:
            await send_card(context, message_of(update), paper)
            return
    await show(update, help_text(_), [[button(_.plain("➕ Follow a topic"), PICK.data())]])


async def _preview(
    update: Update,
    context: Context,
    candidate: Candidate,
    *,
    key: str = "",
    back: InlineKeyboardButton | None = None,
    offers: Sequence[Preset] = (),
) -> None:
    _ = context.texts
    ways = Ways(
        follow=lambda topic: button(_.plain("✅ Follow"), FOLLOW.data(mark(topic), key)),
        back=back or button(_.plain("‹ Other topics"), PICK.data()),
        offers=offers,
    )
    await show_preview(update, context, candidate, ways)


async def _is_newcomer(context: Context) -> bool:
    """Tell whether this is a chat's first topic, and nobody said where the chat is."""
    if context.chat.state is ChatState.PAUSED or not has_no_zone(context):
        return False
    return len(await followed(context)) == 1


def _taste(context: Context) -> Row:
    """Return the way to show what one likes, where a personal order can be had."""
    _ = context.texts
    return (
        [button(_.plain("🎯 Learn from examples"), TASTE.data())] if context.services.ranks else []
    )


def _ways_on(waiting: int, _: Texts, *, field: str | None = None) -> list[Row]:
    """Return what can be done next; field: where the topic was found, to go on from there."""
    more = field_place(field) if field else PICK.data()
    return [
        _send_now(waiting, _),
        [
            button(_.plain("➕ Another topic"), more),
            button(_.plain("⏰ Change the time"), SETTINGS.data("time")),
        ],
    ]


def _send_now(waiting: int, _: Texts) -> Row:
    return [button(_.plain("📬 Send them now"), SEND_NOW.data())] if waiting else []


def _waiting(count: int, _: Texts) -> str:
    return _.plural(
        "{n} paper from this week is ready for you.",
        "{n} papers from this week are ready for you.",
        count,
    )


def _next_push(chat: Chat, _: Texts, now: datetime) -> str:
    if chat.state is ChatState.PAUSED:
        return _("⏸ Paused. Nothing is sent until you resume in /settings.")
    zone = ZoneInfo(chat.timezone)
    local = chat.next_push_at.astimezone(zone)
    when = {"time": _.time(local), "zone": city_name(chat.timezone, _.language)}
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0:
        return _("Next papers: today at {time} ({zone}).", **when)
    if days == 1:
        return _("Next papers: tomorrow at {time} ({zone}).", **when)
    return _("Next papers: {date} at {time} ({zone}).", date=_.date(local), **when)


def _readymade(key: str, _: Texts) -> str | None:
    topic = offered(key)
    return topic.label(_) if topic else None
