"""Time zone by location: Telegram tells where somebody is; the zone is kept, the place is not."""

import asyncio
from functools import cache

from telegram import KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.constants import ChatType
from telegram.ext import filters

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.i18n import Texts, catalogues, texts
from bot.preferences.time_zones import city_name, zone_at
from bot.telegram.keyboards import button
from bot.telegram.replies import acknowledge, message_of, send
from bot.telegram.routes import SETTINGS

_SIGN = "✖"
"""What the refusal begins with in every language."""


def _refusal(_: Texts) -> str:
    return _.plain("✖️ Keep my time zone")


@cache
def _refusals() -> frozenset[str]:
    return frozenset(_refusal(texts(language)) for language in catalogues())


class _Refusal(filters.MessageFilter):
    """What the keyboard's other button says, in whichever language."""

    def filter(self, message: Message) -> bool:
        # By its sign first: to know the rest every catalogue is read, 0.1 s on the event loop.
        said = message.text or ""
        return said.startswith(_SIGN) and said in _refusals()


REFUSAL = _Refusal()


@admins_only
async def ask_location(update: Update, context: Context) -> None:
    """Show a keyboard that sends a location, which Telegram has in private chats only."""
    message = message_of(update)
    if message.chat.type != ChatType.PRIVATE:
        return
    await acknowledge(update)
    _ = context.texts
    keyboard = ReplyKeyboardMarkup(
        [
            [KeyboardButton(_.plain("📍 Send my location"), request_location=True)],
            [_refusal(_)],
        ],
        resize_keyboard=True,
        one_time_keyboard=True,
    )
    await message.reply_html(
        _("Tap the button below. I only look up your time zone, and don't store where you are."),
        reply_markup=keyboard,
    )


@admins_only
async def take_location(update: Update, context: Context) -> None:
    """Set the time zone by a location that somebody sent."""
    place = message_of(update).location
    if place is None:
        return
    zone = await asyncio.to_thread(zone_at, place.latitude, place.longitude)
    if not await change_setting(context, "zone", zone):
        return
    _ = context.texts
    said = _("🌍 Your time zone is now {zone}.", zone=city_name(zone, _.language))
    await _lead_on(update, context, said)


async def keep_zone(update: Update, context: Context) -> None:
    """Take the keyboard away again."""
    _ = context.texts
    await _lead_on(update, context, _("OK, your time zone stays the same."))


async def _lead_on(update: Update, context: Context, said: str) -> None:
    message = message_of(update)
    await message.reply_html(said, reply_markup=ReplyKeyboardRemove())
    # A message carries one keyboard: what takes the old one away can't bring the new one.
    _ = context.texts
    when = _("Papers come at {time}.", time=_.time(context.chat.push_time))
    await send(message, when, [[button(_.plain("⚙️ Settings"), SETTINGS.data(""))]])
