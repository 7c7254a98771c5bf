"""Topic card: what a topic looks for and brought, and the buttons to change it."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import escape
from sqlalchemy import Connection
from telegram import InlineKeyboardButton, Update

from bot.conversation.context import Context
from bot.conversation.own_papers import known_span_of
from bot.conversation.subscriptions import refuse_unfollowed
from bot.i18n import Texts, code
from bot.query.categories import FIELDS
from bot.query.caveats import other_classes
from bot.query.parser import parse_stored
from bot.query.presets import whole_field
from bot.query.primary import has_primary, switched
from bot.query.related_fields import neighbour
from bot.render.counts import WEEK, Span, counted
from bot.render.push_message import heading
from bot.telegram.callback_data import FLAG, NUMBER, one_of, route
from bot.telegram.keyboards import TOPICS_SHOWN, Row, button
from bot.telegram.replies import acknowledge, message_of, send, show
from bot.telegram.routes import DROP, PICK_BESIDE, SHARE, TOPICS_PAGE
from storage import matches, topics
from storage.columns import utc_now
from storage.models import Subscription, Topic
from storage.topics import Followed

RENAME = route("rename", NUMBER)
EDIT = route("edit", NUMBER)
CHOOSE_CAP = route("cap", NUMBER)
SWITCH = route("crosslists", NUMBER)
MUTE = route("mute", NUMBER, FLAG)
PAUSE = route("hold", NUMBER, FLAG)
MOVE = route("move", NUMBER, one_of("up", "down"))

SAMPLE = 100
"""Of so many papers the neighbouring field is told."""


async def open_topic(
    update: Update, context: Context, topic_id: int, *, said: str | None = None
) -> None:
    """Show one topic: its query, its week, and what can be done with it."""
    chat_id = context.chat.id
    found = await context.services.database.read(
        lambda connection: _read_topic(connection, chat_id, topic_id)
    )
    if found is None:
        await refuse_unfollowed(update, context)
    else:
        await show(update, *_card(context, found), said=said)


async def open_below(update: Update, context: Context, topic_id: int) -> None:
    """Show one topic below the push that the button is on."""
    chat_id = context.chat.id
    found = await context.services.database.read(
        lambda connection: _read_topic(connection, chat_id, topic_id)
    )
    if found is None:
        await refuse_unfollowed(update, context)
        return
    await acknowledge(update)
    await send(message_of(update), *_card(context, found))


class _Found(NamedTuple):
    """What a topic's card is made of."""

    mine: list[Followed]
    place: int
    """Where it stands among them."""
    span: Span | None
    """The time of the count; None: nothing is known."""
    papers: int
    """How many it had in this time."""
    categories: list[list[str]]
    """Of its newest papers."""


def _read_topic(connection: Connection, chat_id: int, topic_id: int) -> _Found | None:
    mine = topics.followed_by(connection, chat_id=chat_id)
    place = next((place for place, one in enumerate(mine) if one.topic.id == topic_id), None)
    if place is None:
        return None
    span, counts = known_span_of(connection, WEEK), {}
    if span is not None:
        counts = matches.published_between(
            connection, topic_ids=[topic_id], start=span.since, end=utc_now()
        )
    categories = matches.newest_categories(connection, topic_id=topic_id, limit=SAMPLE)
    return _Found(mine, place, span, counts.get(topic_id, 0), categories)


def _card(context: Context, found: _Found) -> tuple[str, list[Row]]:
    _ = context.texts
    mine, place, span = found.mine, found.place, found.span
    subscription, topic = mine[place]
    beside = neighbour(found.categories, followed=[each.topic.query for each in mine])
    since = subscription.created_at.astimezone(ZoneInfo(context.chat.timezone))
    lines = [
        heading(subscription.label),
        f"<code>{escape(topic.query)}</code>",
        "",
        *([] if span is None else [counted(found.papers, span, _)]),
        _("Followed since {date}", date=_.date(since)),
        *_choices(subscription, _),
        *_caveats(topic, _),
    ]
    if beside is not None:
        # Its code would become a link: `cs.AI` looks like an address to Telegram.
        name = _.name(FIELDS[beside])
        lines += ["", _("💡 Papers here are often also in {field}.", field=name)]
    return context.headed("\n".join(lines)), [
        *_buttons(subscription, _),
        _cross_lists(topic, _),
        _moves(topic.id, place, len(mine), _),
        [_suggestion(topic.id, beside, _)] if beside is not None else [],
        [button(_.plain("🗑 Unsubscribe"), DROP.data(topic.id))],
        [button(_.plain("‹ My topics"), TOPICS_PAGE.data(place // TOPICS_SHOWN))],
    ]


def _choices(subscription: Subscription, _: Texts) -> list[str]:
    chosen = []
    if subscription.cap is not None:
        chosen.append(
            _.plural(
                "🔢 At most {n} paper at a time",
                "🔢 At most {n} papers at a time",
                subscription.cap,
            )
        )
    if subscription.muted:
        chosen.append(_("🔕 Silent"))
    if subscription.paused:
        chosen.append(_("⏸ Paused: papers are collected, not sent"))
    return chosen


def _caveats(topic: Topic, _: Texts) -> list[str]:
    return [
        _(
            "⚠️ arXiv no longer lists MSC and ACM classes, so {name} finds nothing new. "
            "Please edit the query.",
            name=code(name),
        )
        for name in other_classes(parse_stored(topic.query))
    ]


def _buttons(subscription: Subscription, _: Texts) -> list[Row]:
    topic_id = subscription.topic_id
    sound = _.plain("🔔 Unmute") if subscription.muted else _.plain("🔕 Mute")
    pushes = _.plain("▶️ Resume") if subscription.paused else _.plain("⏸ Pause")
    return [
        [
            button(_.plain("✏️ Rename"), RENAME.data(topic_id)),
            button(_.plain("🔍 Edit the query"), EDIT.data(topic_id)),
        ],
        [
            button(_.plain("🔢 Papers at a time"), CHOOSE_CAP.data(topic_id)),
            button(sound, MUTE.data(topic_id, not subscription.muted)),
        ],
        [
            button(pushes, PAUSE.data(topic_id, not subscription.paused)),
            button(_.plain("🔗 Share"), SHARE.data(topic_id)),
        ],
    ]


def _cross_lists(topic: Topic, _: Texts) -> Row:
    """Return the switch of a topic with a category."""
    query = parse_stored(topic.query)
    if switched(query) is None:
        return []
    words = _.plain("🔀 With cross-lists") if has_primary(query) else _.plain("🔀 No cross-lists")
    return [button(words, SWITCH.data(topic.id))]


def _moves(topic_id: int, place: int, count: int, _: Texts) -> Row:
    row = []
    if place > 0:
        row.append(button(_.plain("⬆️ Move up"), MOVE.data(topic_id, "up")))
    if place < count - 1:
        row.append(button(_.plain("⬇️ Move down"), MOVE.data(topic_id, "down")))
    return row


def _suggestion(topic_id: int, field: str, _: Texts) -> InlineKeyboardButton:
    topic = whole_field(field)
    return button(f"➕ {topic.label(_)}", PICK_BESIDE.data(topic_id, topic.key))
