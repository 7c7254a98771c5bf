"""Orders in plain words: what is wanted of the bot itself leads to what does it."""

from collections.abc import Sequence
from contextlib import suppress

from telegram import Update

from bot.conversation.context import Context
from bot.conversation.english_query import english_query
from bot.conversation.help_text import way_of
from bot.conversation.own_papers import registered
from bot.conversation.subscriptions import followed
from bot.conversation.topic_preview import candidate_for
from bot.conversation.zone_choice import has_no_zone, meant_by, showing, zone_button
from bot.preferences import times_of_day
from bot.query import named_fields
from bot.query.orders import (
    Order,
    is_somewhere,
    may_be_topic,
    order_in,
    simplified,
    tells_time,
    topics_spoken_of,
    words_spoken_of,
)
from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.query.plain_words import understand
from bot.telegram.keyboards import LOOKS, Row, button, rows
from bot.telegram.replies import show
from bot.telegram.routes import ELSEWHERE, LOOK, PUT, TOPIC, TOPICS
from bot.telegram.topic_mark import mark
from storage.models import ChatKind
from storage.topics import Followed

_MOST_NAMED = 8


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
    """Lead to topics with which something is to be done; False where none is spoken of."""
    _ = context.texts
    named = await _named(context, text, await followed(context))
    if not named:
        return False
    said = _("Tap the topic to change, mute, pause or remove it.")
    choices = [button(one.subscription.label, TOPIC.data(one.topic.id)) for one in named]
    keyboard = [*rows(choices, width=1), [button(_.plain("📚 My topics"), TOPICS.data())]]
    with suppress(QuerySyntaxError):
        said, keyboard = await _or_papers(context, text, said, keyboard)
    await show(update, context.headed(said), keyboard)
    return True


async def _named(context: Context, text: str, mine: Sequence[Followed]) -> list[Followed]:
    """Return the topics that a text names: by what they are called, or by words for the same."""
    called: dict[str, Followed] = {}
    for one in mine:
        label = one.subscription.label
        called |= dict.fromkeys([*label.split(" · "), label, one.topic.query], one)
    named = {called[name].topic.id: called[name] for name in topics_spoken_of(text, called)}
    words = words_spoken_of(text) if mine and not named else None
    if words is not None:
        meant = await _meant(context, words)
        named = {one.topic.id: one for one in mine if one.topic.query in meant}
    return list(named.values())[:_MOST_NAMED]


async def _meant(context: Context, words: str) -> set[str]:
    """Return the queries that words may stand for, also in another language than English."""
    meant = {normalise(parse(preset.query)) for preset in named_fields.named(words)}
    for wanted in (understand(words).query, await english_query(context, words, words)):
        with suppress(QuerySyntaxError):
            meant.add(candidate_for(wanted or words).query)
    return meant


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
    return said, [*keyboard, [button(f"{LOOKS}{wanted.label}", LOOK.data(mark(topic)))]]
