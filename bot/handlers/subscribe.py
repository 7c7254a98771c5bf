"""/subscribe: from words or a tap over a preview to a subscription, and the first papers."""

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction, ChatType, ParseMode
from telegram.error import TelegramError

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.topic_preview import LABEL_LENGTH, label_for, look_up, looking
from bot.handlers.explain_query import explain
from bot.i18n import Texts, code
from bot.preferences.time_zones import city_name
from bot.query.parser import QuerySyntaxError, in_capitals, normalise, parse
from bot.query.presets import offered
from bot.telegram.keyboards import acknowledge, button, field_place, label_of, readymade
from storage import fan_out, outbox, topics
from storage.columns import utc_now
from storage.models import Chat, ChatState

FIRST_PAPERS = timedelta(days=7)
"""A new subscription starts with what came in the last week, up to the chat's cap."""


@admins_only
async def subscribe(update: Update, context: Context) -> None:
    """Take `/subscribe words`, or show the ready-made topics."""
    message = update.message
    if message is None:
        return
    if context.args:
        await _preview_words(update, message, context, " ".join(context.args))
        return
    _ = context.texts
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    question = _("<b>What do you want to follow?</b>")
    hint = _(
        "Tap a topic, or write: {example}",
        example=code("/subscribe gaussian splatting -survey"),
    )
    await message.reply_html(
        context.headed(f"{question}\n{hint}"),
        reply_markup=InlineKeyboardMarkup(
            readymade(_, followed=[entry.topic.query for entry in followed])
        ),
    )


async def words(update: Update, context: Context) -> None:
    """Take what somebody simply writes in private as something to follow."""
    message = update.message
    if message is None or not message.text or message.chat.type != ChatType.PRIVATE:
        return
    # Whoever was too quick for inline mode has written the bot's name in front.
    own_name = f"@{context.bot.username} "
    text = message.text
    if text.casefold().startswith(own_name.casefold()):
        text = text[len(own_name) :]
    await _preview_words(update, message, context, text)


@admins_only
async def pick_readymade(update: Update, context: Context) -> None:
    """Preview a ready-made topic or a whole field in place of the keyboard it was picked from."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    key = query.data.removeprefix("pick:")
    chosen = offered(key)
    if chosen is None:
        await acknowledge(query, _.plain("This topic is not offered any more."))
        return
    await acknowledge(query)
    label = chosen.label(_)
    normalised = normalise(parse(chosen.query))
    message = query.message
    await message.edit_text(looking(_, label), parse_mode=ParseMode.HTML)
    context.application.create_task(
        _preview(message, context, normalised, label=label, key=key), update=update
    )


@admins_only
async def follow(update: Update, context: Context) -> None:
    """Subscribe the chat to the topic that was previewed, and owe it the week's papers."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    topic_id, key = _parts(query.data)
    now = utc_now()
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        if topic is not None:
            label = _readymade(key, _) or label_of(query.message) or topic.query
            label = label[:LABEL_LENGTH]
            known = await topics.subscription(
                session=session, chat_id=context.chat.id, topic_id=topic_id
            )
            await topics.subscribe(
                session=session, chat_id=context.chat.id, topic_id=topic_id, label=label
            )
            owed = await fan_out.fan_out_newest(
                session=session,
                chat_id=context.chat.id,
                topic_id=topic_id,
                since=now - FIRST_PAPERS,
                limit=context.chat.papers_per_push,
            )
    if topic is None:
        await acknowledge(
            query, _.plain("That was too long ago. Please send the topic again."), alert=True
        )
        return
    await acknowledge(query, _.plain("You follow this already.") if known else None)
    lines = [_("✅ You now follow <b>{label}</b>.", label=label), ""]
    if owed:
        lines.append(
            _.plural(
                "{n} paper from this week is ready for you.",
                "{n} papers from this week are ready for you.",
                owed,
            )
        )
    lines.append(_next_push(context.chat, _, now))
    buttons = [[button(_.plain("📬 Send them now"), "now")]] if owed else []
    buttons.append(
        [
            button(_.plain("➕ Another topic"), "pick"),
            button(_.plain("⏰ Change the time"), "set:time"),
        ]
    )
    await query.message.edit_text(
        context.headed("\n".join(lines)),
        parse_mode=ParseMode.HTML,
        reply_markup=InlineKeyboardMarkup(buttons),
    )


@admins_only
async def send_now(update: Update, context: Context) -> None:
    """Send what the chat is owed without waiting for its time."""
    query = update.callback_query
    if query is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    work = ("push", context.chat.id)
    if work in context.bot_data.busy:
        await acknowledge(query, _.plain("They are on their way."))
        return
    context.bot_data.busy.add(work)
    await acknowledge(query, _.plain("They are on their way."))
    context.application.create_task(_push(query.message, context), update=update)


async def _push(message: Message, context: Context) -> None:
    _ = context.texts
    chat_id = context.chat.id
    try:
        with suppress(TelegramError):
            await message.reply_chat_action(ChatAction.TYPING)
        if await context.services.push_now(chat_id):
            return
        async with context.services.database.reading() as session:
            waiting = await outbox.pending_count(session=session, chat_id=chat_id)
        if waiting:
            await message.reply_html(
                _("They can't be sent right now. They come with the next push.")
            )
        else:
            await message.reply_html(
                _("You have everything already. /latest shows the newest papers again.")
            )
    finally:
        context.bot_data.busy.discard(("push", chat_id))


async def _preview_words(update: Update, message: Message, context: Context, text: str) -> None:
    _ = context.texts
    try:
        normalised = normalise(parse(text))
    except QuerySyntaxError as error:
        await message.reply_html(explain(error, _))
        return
    label = label_for(text)
    answer = await message.reply_html(looking(_, label))
    context.application.create_task(
        _preview(answer, context, normalised, label=label, meant=in_capitals(text)), update=update
    )


async def _preview(
    message: Message,
    context: Context,
    normalised: str,
    *,
    label: str,
    key: str = "",
    meant: str | None = None,
) -> None:
    """Show in `message` what the topic would have brought, with a button to follow it."""
    _ = context.texts
    found = await look_up(context, query=normalised, label=label, meant=meant)
    if found.followed:
        act = button(_.plain("✓ You follow this"), f"topic:{found.topic_id}")
    else:
        act = button(_.plain("✅ Follow"), f"follow:{found.topic_id}:{key}")
    chosen = offered(key)
    back = field_place(chosen.field) if chosen and chosen.field else "pick"
    await message.edit_text(
        found.text,
        parse_mode=ParseMode.HTML,
        reply_markup=InlineKeyboardMarkup([[act], [button(_.plain("‹ Other topics"), back)]]),
        disable_web_page_preview=True,
    )


def _next_push(chat: Chat, _: Texts, now: datetime) -> str:
    if chat.state is ChatState.PAUSED:
        return _("⏸ Paused: no pushes come until you resume them in /settings.")
    zone = ZoneInfo(chat.timezone)
    local = chat.next_push_at.astimezone(zone)
    when = {"time": _.time(local), "zone": city_name(chat.timezone, _.language)}
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0:
        return _("The next push comes today at {time} ({zone}).", **when)
    if days == 1:
        return _("The next push comes tomorrow at {time} ({zone}).", **when)
    return _("The next push comes on {date} at {time} ({zone}).", date=_.date(local), **when)


def _parts(data: str) -> tuple[int, str]:
    _verb, topic_id, key = data.split(":", 2)
    return int(topic_id), key


def _readymade(key: str, _: Texts) -> str | None:
    topic = offered(key)
    return topic.label(_) if topic else None
