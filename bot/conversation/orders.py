"""Orders in plain words: what is wanted of the bot itself leads to what does it."""

from collections.abc import Sequence
from contextlib import suppress

from telegram import Update

from bot.conversation.context import Context
from bot.conversation.help_text import way_of
from bot.conversation.own_papers import registered
from bot.conversation.subscriptions import followed
from bot.conversation.topic_preview import candidate_for
from bot.conversation.zone_choice import has_no_zone, meant_by, showing, zone_button
from bot.preferences import times_of_day
from bot.query.orders import (
    Order,
    is_somewhere,
    may_be_topic,
    order_in,
    simplified,
    tells_time,
    topic_spoken_of,
)
from bot.query.parser import QuerySyntaxError
from bot.query.plain_words import understand
from bot.telegram.keyboards import Row, button, rows
from bot.telegram.replies import show
from bot.telegram.routes import ELSEWHERE, LOOK, PUT, TOPIC, TOPICS
from bot.telegram.topic_mark import mark
from storage.models import ChatKind


async def lead(update: Update, context: Context, text: str) -> bool:
    """Lead to what does that which a text wants of the bot; False where it wants papers."""
    order = order_in(text)
    zone = None
    if order is Order.ZONE or (order is None and is_somewhere(text)):
        zone = (await meant_by(text)).zone
    if order in {None, Order.TOPICS} and await _lead_to_topic(update, context, text):
        return True
    if order is None and zone is None:
        return False
    await _lead(update, context, order or Order.ZONE, text, zone)
    return True


async def _lead_to_topic(update: Update, context: Context, text: str) -> bool:
    """Lead to the topic with which something is to be done; False where none is spoken of."""
    _ = context.texts
    mine = {entry.subscription.label: entry.topic for entry in await followed(context)}
    label = topic_spoken_of(text, mine)
    if label is None:
        return False
    said = _("Tap the topic to change, mute, pause or remove it.")
    keyboard = [
        [button(label, TOPIC.data(mine[label].id))],
        [button(_.plain("📚 My topics"), TOPICS.data())],
    ]
    with suppress(QuerySyntaxError):
        said, keyboard = await _or_papers(context, text, said, keyboard)
    await show(update, context.headed(said), keyboard)
    return True


async def _lead(
    update: Update, context: Context, order: Order, text: str, zone: str | None
) -> None:
    """Lead to what does something, and to papers on what may be a topic after all."""
    _ = context.texts
    said, keyboard = way_of(order, _, of_a_channel=context.chat.kind is ChatKind.CHANNEL)
    if zone is not None:
        keyboard = [[zone_button(zone, _)], *keyboard]
    is_clock = order is Order.TIME and tells_time(text)
    told = times_of_day.told(simplified(text), bare=is_clock) if order is Order.TIME else None
    if told is not None:
        at = _.time(told.at)
        put = button(_.plain("⏰ Papers at {time}", time=at), PUT.data("time", f"{told.at:%H:%M}"))
        keyboard = [[put, *keyboard[0]]]
        if is_clock and has_no_zone(context):
            # Who was just asked what time it is may have told it.
            said = _(
                "Is that the time where you are now? Tap your city. Or are papers to come at"
                " {time}?",
                time=at,
            )
            zones = [zone_button(zone, _) for zone in await showing(update, told)]
            elsewhere = button(_.plain("🌍 Somewhere else"), ELSEWHERE.data())
            keyboard = [*rows(zones, width=2), [elsewhere], *keyboard]
    if may_be_topic(text) and not (is_clock and told):
        said, keyboard = await _or_papers(context, text, said, keyboard)
    await show(update, context.headed(said), keyboard)


async def _or_papers(
    context: Context, text: str, said: str, keyboard: Sequence[Row]
) -> tuple[str, list[Row]]:
    """Add a way to the papers on a text that may be a topic after all."""
    _ = context.texts
    wanted = candidate_for(understand(text).query or text)
    topic = (await registered(context, wanted.query)).topic
    said += "\n\n" + _("Is it a topic? Tap it for its papers:")
    return said, [*keyboard, [button(wanted.label, LOOK.data(mark(topic)))]]
