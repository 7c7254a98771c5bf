"""One topic of a chat: what it looks for, what it brought, and everything that can be changed."""

from zoneinfo import ZoneInfo

from markupsafe import escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.prompts import ask
from bot.conversation.topic_preview import LABEL_LENGTH, WEEK, label_for, look_up, looking
from bot.handlers.explain_query import explain
from bot.i18n import Texts, code
from bot.query.categories import FIELDS
from bot.query.parser import QuerySyntaxError, in_capitals, normalise, parse
from bot.query.presets import whole_field
from bot.query.related_fields import neighbour
from bot.telegram.keyboards import TOPICS_SHOWN, acknowledge, button, chooser, label_of
from storage import fan_out, matches, topics
from storage.columns import utc_now
from storage.models import Subscription
from storage.topics import Followed

CAPS = (1, 2, 3, 5, 10)
SAMPLE = 100
"""Of so many papers the neighbouring field is told."""


async def open_topic(update: Update, context: Context) -> None:
    """Show one topic: its query, its week, and what can be done with it."""
    query = update.callback_query
    if query is not None and query.data is not None:
        await _show(update, context, int(query.data.removeprefix("topic:")))


@admins_only
async def change(update: Update, context: Context) -> None:
    """Take a choice about a topic (`mute:7:1`, `hold:7:0`, `cap:7:3`, `move:7:up`)."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    verb, number, value = query.data.split(":")
    topic_id, chat_id = int(number), context.chat.id
    async with context.services.database.transaction() as session:
        subscription = await topics.subscription(
            session=session, chat_id=chat_id, topic_id=topic_id
        )
        if subscription is not None:
            match verb:
                case "mute":
                    subscription.muted = value == "1"
                case "hold":
                    subscription.paused = value == "1"
                case "cap":
                    subscription.cap = int(value) or None
                case "move":
                    by = -1 if value == "up" else 1
                    await topics.move(session=session, chat_id=chat_id, topic_id=topic_id, by=by)
    await _show(update, context, topic_id, said=context.texts.plain("Saved"))


@admins_only
async def choose_cap(update: Update, context: Context) -> None:
    """Ask how many of a topic's papers one push may bring."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    topic_id = int(query.data.removeprefix("cap:"))
    entry = await _followed(context, topic_id)
    if entry is None:
        await _gone(update, context)
        return
    _ = context.texts
    await acknowledge(query)
    most = [(str(n), n) for n in CAPS] + [(_.plain("No limit"), 0)]
    chosen = entry.subscription.cap or 0
    await query.message.edit_text(
        _(
            "How many papers of <b>{label}</b> should one push bring at most?",
            label=entry.subscription.label,
        ),
        parse_mode=ParseMode.HTML,
        reply_markup=chooser(
            (
                button(f"✓ {text}" if n == chosen else text, f"cap:{topic_id}:{n}")
                for text, n in most
            ),
            button(_.plain("‹ Back"), f"topic:{topic_id}"),
            width=3,
        ),
    )


@admins_only
async def ask_name(update: Update, context: Context) -> None:
    """Ask for a topic's new name."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    topic_id = int(query.data.removeprefix("rename:"))
    entry = await _followed(context, topic_id)
    if entry is None:
        await _gone(update, context)
        return
    _ = context.texts
    await ask(
        update,
        context,
        _("What should I call <b>{label}</b>?", label=entry.subscription.label),
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
    async with context.services.database.transaction() as session:
        subscription = await topics.subscription(
            session=session, chat_id=context.chat.id, topic_id=topic_id
        )
        if subscription is not None:
            subscription.label = label_for(message.text)
    await _show(update, context, topic_id)


@admins_only
async def ask_query(update: Update, context: Context) -> None:
    """Ask what a topic should look for instead."""
    query = update.callback_query
    if query is not None and query.data is not None:
        await _ask_query(update, context, int(query.data.removeprefix("edit:")))


@admins_only
async def edit_query(update: Update, context: Context) -> None:
    """Take what a topic should look for instead, and show what that would have brought."""
    message = update.message
    if message is None or not message.text:
        return
    _ = context.texts
    topic_id = int(context.about)
    try:
        normalised = normalise(parse(message.text))
    except QuerySyntaxError as error:
        await _ask_query(update, context, topic_id, problem=explain(error, _))
        return
    label = label_for(message.text)
    answer = await message.reply_html(looking(_, label))

    async def show() -> None:
        found = await look_up(
            context, query=normalised, label=label, meant=in_capitals(message.text or "")
        )
        back = button(_.plain("‹ Back"), f"topic:{topic_id}")
        if found.followed:
            act = button(_.plain("✓ You follow this"), f"topic:{found.topic_id}")
        else:
            act = button(_.plain("✅ Look for this instead"), f"swap:{topic_id}:{found.topic_id}")
        await answer.edit_text(
            found.text,
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup([[act], [back]]),
            disable_web_page_preview=True,
        )

    context.application.create_task(show(), update=update)


@admins_only
async def replace_query(update: Update, context: Context) -> None:
    """Let a subscription look for what was previewed; its name stays if it was chosen."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _verb, old, new = query.data.split(":")
    old_id, new_id = int(old), int(new)
    chat = context.chat
    async with context.services.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=new_id)
        subscription = await topics.subscription(session=session, chat_id=chat.id, topic_id=old_id)
        known = await topics.subscription(session=session, chat_id=chat.id, topic_id=new_id)
        before = await topics.get(session=session, topic_id=old_id)
        if topic is not None and before is not None and subscription is not None and known is None:
            words = label_of(query.message) or topic.query
            if _is_made_of_words(subscription.label, before.query):
                subscription.label = words[:LABEL_LENGTH]
            subscription.topic_id, subscription.created_at = new_id, utc_now()
            await session.flush()
            await fan_out.fan_out_newest(
                session=session,
                chat_id=chat.id,
                topic_id=new_id,
                since=utc_now() - WEEK,
                limit=chat.papers_per_push,
            )
    if topic is None:
        too_late = context.texts.plain("That was too long ago. Please send the topic again.")
        await acknowledge(query, too_late, alert=True)
        return
    await _show(update, context, new_id, said=context.texts.plain("Saved"))


async def _ask_query(
    update: Update, context: Context, topic_id: int, *, problem: str | None = None
) -> None:
    _ = context.texts
    entry = await _followed(context, topic_id)
    if entry is None:
        await _gone(update, context)
        return
    question = _(
        "What should <b>{label}</b> look for? Now it is: {query}",
        label=entry.subscription.label,
        query=code(entry.topic.query),
    )
    await ask(
        update,
        context,
        f"{problem}\n\n{question}" if problem else question,
        about=f"edit:{topic_id}",
        back=button(_.plain("‹ Back"), f"topic:{topic_id}"),
    )


async def _show(
    update: Update, context: Context, topic_id: int, *, said: str | None = None
) -> None:
    """Show a topic in place of what was tapped, or as an answer to words."""
    entry = await _followed(context, topic_id)
    if entry is None:
        await _gone(update, context)
        return
    query = update.callback_query
    if query is not None:
        await acknowledge(query, said)
    text, keyboard = await _card(context, entry)
    if query is None and update.message is not None:
        await update.message.reply_html(text, reply_markup=keyboard)
    elif query is not None and isinstance(query.message, Message):
        await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


async def _followed(context: Context, topic_id: int) -> Followed | None:
    async with context.services.database.reading() as session:
        every = await topics.subscriptions(session=session, chat_id=context.chat.id)
    return next((entry for entry in every if entry.topic.id == topic_id), None)


async def _card(context: Context, entry: Followed) -> tuple[str, InlineKeyboardMarkup]:
    _ = context.texts
    subscription, topic = entry
    async with context.services.database.reading() as session:
        every = await topics.subscriptions(session=session, chat_id=context.chat.id)
        week = await matches.published_since(
            session=session, topic_id=topic.id, since=utc_now() - WEEK
        )
        papers = await matches.newest(session=session, topic_id=topic.id, limit=SAMPLE)
    beside = neighbour(papers, followed=[each.topic.query for each in every])
    since = subscription.created_at.astimezone(ZoneInfo(context.chat.timezone))
    lines = [
        f"<b>{escape(subscription.label)}</b>",
        f"<code>{escape(topic.query)}</code>",
        "",
        _.plural("{n} paper in the last 7 days", "{n} papers in the last 7 days", week),
        _("You have followed it since {date}.", date=_.date(since)),
        *_choices(subscription, _),
    ]
    if beside is not None:
        # Its code would become a link: `cs.AI` looks like an address to Telegram.
        name = _.name(FIELDS[beside])
        lines += ["", _("💡 Papers here are often also in {field}.", field=name)]
    place = [other.topic.id for other in every].index(topic.id)
    return context.headed("\n".join(lines)), InlineKeyboardMarkup(
        [
            *_buttons(subscription, _),
            *_moves(topic.id, place, len(every), _),
            *([_suggestion(beside, _)] if beside is not None else []),
            [button(_.plain("🗑 Unsubscribe"), f"drop:{topic.id}")],
            [button(_.plain("‹ My topics"), f"topics:{place // TOPICS_SHOWN}")],
        ]
    )


def _choices(subscription: Subscription, _: Texts) -> list[str]:
    chosen = []
    if subscription.cap is not None:
        chosen.append(
            _.plural(
                "🔢 At most {n} paper a push", "🔢 At most {n} papers a push", subscription.cap
            )
        )
    if subscription.muted:
        chosen.append(_("🔕 Comes without a sound"))
    if subscription.paused:
        chosen.append(_("⏸ Paused: papers are collected and not pushed"))
    return chosen


def _buttons(subscription: Subscription, _: Texts) -> list[list[InlineKeyboardButton]]:
    topic_id = subscription.topic_id
    if subscription.muted:
        mute = button(_.plain("🔔 Unmute"), f"mute:{topic_id}:0")
    else:
        mute = button(_.plain("🔕 Mute"), f"mute:{topic_id}:1")
    if subscription.paused:
        hold = button(_.plain("▶️ Resume"), f"hold:{topic_id}:0")
    else:
        hold = button(_.plain("⏸ Pause"), f"hold:{topic_id}:1")
    return [
        [
            button(_.plain("✏️ Rename"), f"rename:{topic_id}"),
            button(_.plain("🔍 Edit the query"), f"edit:{topic_id}"),
        ],
        [button(_.plain("🔢 Papers per push"), f"cap:{topic_id}"), mute],
        [hold, button(_.plain("🔗 Share"), f"share:{topic_id}")],
    ]


def _moves(topic_id: int, place: int, count: int, _: Texts) -> list[list[InlineKeyboardButton]]:
    row = []
    if place > 0:
        row.append(button(_.plain("⬆️ Move up"), f"move:{topic_id}:up"))
    if place < count - 1:
        row.append(button(_.plain("⬇️ Move down"), f"move:{topic_id}:down"))
    return [row] if row else []


def _suggestion(field: str, _: Texts) -> list[InlineKeyboardButton]:
    topic = whole_field(field)
    return [button(f"➕ {topic.label(_)}", f"pick:{topic.key}")]


def _is_made_of_words(label: str, query: str) -> bool:
    """Tell whether a label is just the query as it was typed."""
    try:
        return normalise(parse(label)) == query
    except QuerySyntaxError:
        return False


async def _gone(update: Update, context: Context) -> None:
    """Say that the topic is followed no more."""
    said = context.texts.plain("You don't follow this topic any more.")
    if update.callback_query:
        await acknowledge(update.callback_query, said, alert=True)
    elif update.message:
        await update.message.reply_text(said)
