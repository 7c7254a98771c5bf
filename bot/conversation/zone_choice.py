"""Choice of a time zone: likely ones by their clocks, a question back, and one's own words."""

import asyncio
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, Update
from telegram.constants import ChatType

from bot.conversation.context import Context
from bot.conversation.prompts import ask
from bot.i18n import Texts
from bot.preferences.clocks import clock as clock_of
from bot.preferences.clocks import distinct, offset
from bot.preferences.time_zones import (
    CITIES,
    Meant,
    Offer,
    by_people,
    city_name,
    likely_zones,
    look_up,
)
from bot.preferences.times_of_day import Told
from bot.telegram.keyboards import Row, button, rows
from bot.telegram.replies import message_of, show
from bot.telegram.routes import ELSEWHERE, LOCATION, PUT, SETTINGS
from storage.columns import utc_now

_LIKELY = 6

_MINUTES_OFF = 7


async def likely(update: Update) -> list[str]:
    """Return where whoever writes is likely to be, by the language of their Telegram."""
    user = update.effective_user
    language = (user.language_code if user else None) or "en"
    # The first call unpacks the names of places.
    return await asyncio.to_thread(likely_zones, language)


async def clock_rows(
    update: Update, _: Texts, data: Callable[[str], str], *, private: bool
) -> list[Row]:
    """Return the answers to "what time is it where you are", and two ways to give another."""
    now = utc_now()
    clocks = []
    for zone in (await likely(update))[:_LIKELY]:
        clock = _.time(now.astimezone(ZoneInfo(zone)))
        clocks.append(button(f"{clock} · {city_name(zone, _.language)}", data(zone)))
    others = [button(_.plain("🌍 Somewhere else"), ELSEWHERE.data())]
    if private:
        others.insert(0, button(_.plain("📍 Use my location"), LOCATION.data()))
    return [*rows(clocks, width=2), others]


async def ask_place(update: Update, context: Context, problem: str = "") -> None:
    """Ask for a city or a country; the answer goes to what takes `zone`."""
    _ = context.texts
    question = _("Which city or country are you in?")
    question = f"{problem}\n\n{question}" if problem else question
    back = button(_.plain("‹ Back"), SETTINGS.data("zone"))
    await ask(update, context, question, about="zone", back=back)


async def meant_by(words: str) -> Meant:
    """Look a place up, without keeping others waiting."""
    return await asyncio.to_thread(look_up, words)


async def ask_back(update: Update, context: Context, offers: Sequence[Offer]) -> None:
    """Ask which of several zones is meant; in private another place may be typed as well."""
    _ = context.texts
    choices = [_offered(offer, _) for offer in offers]
    back, question = button(_.plain("‹ Back"), SETTINGS.data("zone")), _("Which one do you mean?")
    if message_of(update).chat.type == ChatType.PRIVATE:
        await ask(update, context, question, about="zone", back=back, offers=choices)
    else:
        await show(update, question, [*rows(choices, width=1), [back]])


async def showing(update: Update, told: Told) -> list[str]:
    """Return the zones where clocks show a time now, the likely ones first.

    Told to the minute, it may be some minutes off; a whole hour may be any time of that hour.
    """
    now = utc_now()
    early, late = (15, 45) if told.at.minute == 0 else (_MINUTES_OFF, _MINUTES_OFF)
    day = (12 if told.either_half else 24) * 60

    def is_it(zone: str) -> bool:
        there = now.astimezone(ZoneInfo(zone))
        since = (there.hour - told.at.hour) * 60 + there.minute - told.at.minute
        return (since + early) % day <= early + late

    usual = list(filter(is_it, dict.fromkeys([*await likely(update), *CITIES])))
    # Of the others one of each clock, such as those with half an hour.
    others = filter(is_it, await asyncio.to_thread(by_people))
    known = {clock_of(zone) for zone in usual}
    return [*usual, *(zone for zone in distinct(others) if clock_of(zone) not in known)][:_LIKELY]


def zone_button(zone: str, _: Texts) -> InlineKeyboardButton:
    """Return the button that takes a zone, with the time that it is there."""
    clock = _.time(utc_now().astimezone(ZoneInfo(zone)))
    return button(f"{clock} · {city_name(zone, _.language)}", PUT.data("zone", zone))


def _offered(offer: Offer, _: Texts) -> InlineKeyboardButton:
    name = offer.name or city_name(offer.zone, _.language)
    return button(f"{name} {offset(offer.zone, utc_now())}", PUT.data("zone", offer.zone))


def has_no_zone(context: Context) -> bool:
    """Tell whether nobody said where a chat is."""
    return context.chat.timezone == context.services.settings.default_timezone
