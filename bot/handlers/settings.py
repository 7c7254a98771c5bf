"""/settings: one card; each line opens a choice in place and leads back."""

import asyncio
import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode

from bot.access import admins_only
from bot.context import Context
from bot.i18n import Texts, catalogues, code, own_name, texts
from bot.keyboards import acknowledge, button, chooser, language_rows
from bot.time_zones import CITIES, city_name, find_zone, is_zone, offset
from bot.translation.languages import LANGUAGES
from storage import chats
from storage.models import ORIGINAL, Chat, ChatState, utc_now

__all__ = ["change", "choose", "show_settings"]

PAPERS = (3, 5, 10, 15, 20, 30)
MOST_PAPERS = 50
NOON = 12

_TIME = re.compile(
    r"(?P<hour>\d{1,2})([:：.h点时](?P<minute>\d{2})分?|(?P<oclock>点半?))?( ?(?P<half>[ap])m)?"
)


async def show_settings(update: Update, context: Context) -> None:
    """Show the card; or take `/settings 07:30`, `/settings Tokyo`, `/settings 15`."""
    message = update.message
    if message is None:
        return
    if context.args:
        await _typed(update, context)
        return
    await message.reply_html(_card(context.chat, context), reply_markup=_menu(context.chat))


@admins_only
async def choose(update: Update, context: Context) -> None:
    """Open one choice in place of the card, or go back to the card (`set:`)."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _verb, name = query.data.split(":", 1)
    await acknowledge(query)
    text, keyboard = _choice(name, context)
    await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


@admins_only
async def change(update: Update, context: Context) -> None:
    """Take a choice (`put:name:value`), and show the card again."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _verb, name, value = query.data.split(":", 2)
    if not await _store(context, name, value):
        refusal = context.texts.plain("That can't be chosen any more.")
        await acknowledge(query, refusal, alert=True)
        return
    await acknowledge(query, context.texts.plain("Saved"))
    await query.message.edit_text(
        _card(context.chat, context),
        parse_mode=ParseMode.HTML,
        reply_markup=_menu(context.chat),
    )


@admins_only
async def _typed(update: Update, context: Context) -> None:
    message = update.message
    if message is None:
        return
    _ = context.texts
    words = " ".join(context.args or ())
    if words.isdecimal():
        stored = await _store(context, "papers", words)
    elif _time(words) is not None:
        stored = await _store(context, "time", words)
    else:
        zone = await asyncio.to_thread(find_zone, words)
        stored = zone is not None and await _store(context, "zone", zone)
    if stored:
        await message.reply_html(_card(context.chat, context), reply_markup=_menu(context.chat))
        return
    await message.reply_html(
        "\n".join(
            (
                _("I don't understand “{words}”. You can write:", words=words[:100]),
                _("{example} – the time of the daily push", example=code("/settings 07:30")),
                _("{example} – your city or time zone", example=code("/settings Tokyo")),
                _(
                    "{example} – papers per push, up to {most}",
                    example=code("/settings 15"),
                    most=MOST_PAPERS,
                ),
            )
        )
    )


async def _store(context: Context, name: str, value: str) -> bool:
    """Change one setting; False where the value is none that can be chosen."""
    now = utc_now()
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is None or not _put(chat, name, value, context):
            return False
        if name in {"time", "zone", "state"}:
            chats.reschedule(chat, now=now)
    context.chat = chat
    return True


def _put(chat: Chat, name: str, value: str, context: Context) -> bool:
    match name:
        case "language" if value in {known.code for known in context.services.languages}:
            chat.language = value
        case "titles" if value in {"original", "translated"}:
            chat.translate_titles = value == "translated"
        case "ui" if value in catalogues():
            chat.ui_language = value
        case "time" if (moment := _time(value)) is not None:
            chat.push_time = moment
        case "zone" if is_zone(value):
            chat.timezone = value
        case "papers" if re.fullmatch(r"\d{1,2}", value) and 1 <= int(value) <= MOST_PAPERS:
            chat.papers_per_push = int(value)
        case "state" if value in {ChatState.ACTIVE, ChatState.PAUSED}:
            chat.state = ChatState(value)
            chat.state_reason = None
        case _:
            return False
    return True


def _time(words: str) -> time | None:
    """Read a time of day: `07:30`, `7.30`, `7:30 pm`, `8am`, `8点`, `8点半`; not a mere `8`."""
    found = _TIME.fullmatch(words.lower())
    if found is None or words.isdecimal():
        return None
    hour = int(found["hour"])
    minute = 30 if found["oclock"] == "点半" else int(found["minute"] or 0)
    if found["half"] and not 1 <= hour <= NOON:
        return None
    if found["half"]:
        hour = hour % NOON + (NOON if found["half"] == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _card(chat: Chat, context: Context) -> str:
    _ = context.texts
    known = LANGUAGES.get(chat.language)
    language = known.name if known and not _is_original(chat) else _original(_)
    lines = [
        _("<b>Settings</b>"),
        "",
        _("🌐 Abstracts: {language}", language=language),
        *_titles(chat, _),
        _("💬 Menus: {language}", language=own_name(chat.ui_language)),
        _("⏰ Daily push: {time}", time=_.time(chat.push_time)),
        _(
            "🌍 Time zone: {zone} (now {now})",
            zone=city_name(chat.timezone, _.language),
            now=_.time(datetime.now(ZoneInfo(chat.timezone))),
        ),
        _("📄 Papers per push: up to {n}", n=chat.papers_per_push),
    ]
    if chat.state is ChatState.PAUSED:
        lines += ["", _("⏸ Paused: no pushes come until you resume them.")]
    return "\n".join(lines)


def _titles(chat: Chat, _: Texts) -> list[str]:
    if _is_original(chat):
        return []
    return [_("🔤 Titles: translated") if chat.translate_titles else _("🔤 Titles: original")]


def _menu(chat: Chat) -> InlineKeyboardMarkup:
    _ = texts(chat.ui_language)
    if chat.state is ChatState.PAUSED:
        pause = button(_.plain("▶️ Resume"), f"put:state:{ChatState.ACTIVE}")
    else:
        pause = button(_.plain("⏸ Pause"), f"put:state:{ChatState.PAUSED}")
    if chat.translate_titles:
        titles = button(_.plain("🔤 Original titles"), "put:titles:original")
    else:
        titles = button(_.plain("🔤 Translate titles"), "put:titles:translated")
    return chooser(
        (
            button(_.plain("🌐 Abstracts"), "set:language"),
            *(() if _is_original(chat) else (titles,)),
            button(_.plain("💬 Menus"), "set:ui"),
            button(_.plain("⏰ Time"), "set:time"),
            button(_.plain("🌍 Time zone"), "set:zone"),
            button(_.plain("📄 Papers per push"), "set:papers"),
            pause,
        ),
        width=2,
    )


def _choice(name: str, context: Context) -> tuple[str, InlineKeyboardMarkup]:
    _, chat = context.texts, context.chat
    back = button(_.plain("‹ Back"), "set:")
    match name:
        case "language":
            keyboard = language_rows(
                context.services.languages, prefix="put:language", chosen=chat.language
            )
            question = _("Which language do you read abstracts in?")
            return question, InlineKeyboardMarkup([*keyboard, [back]])
        case "ui":
            choices = (
                _ticked(own_name(code), f"put:ui:{code}", chosen=code == chat.ui_language)
                for code in catalogues()
            )
            return _("Which language should I speak?"), chooser(choices, back, width=2)
        case "time":
            choices = (
                _ticked(
                    f"{hour:02}:00", f"put:time:{hour:02}:00", chosen=chat.push_time == time(hour)
                )
                for hour in (*range(5, 24), *range(5))
            )
            question = "\n".join(
                (
                    _(
                        "When should the daily push come? Your time zone: {zone}",
                        zone=city_name(chat.timezone, _.language),
                    ),
                    _("Any other time: {example}", example=code("/settings 07:30")),
                )
            )
            return question, chooser(choices, back, width=4)
        case "zone":
            now = utc_now()
            choices = (
                _ticked(
                    f"{city_name(zone, _.language)} {offset(zone, now)}",
                    f"put:zone:{zone}",
                    chosen=zone == chat.timezone,
                )
                for zone in CITIES
            )
            question = "\n".join(
                (
                    _("Where are you?"),
                    _("Any other city or time zone: {example}", example=code("/settings Tokyo")),
                )
            )
            return question, chooser(choices, back, width=2)
        case "papers":
            choices = (
                _ticked(str(n), f"put:papers:{n}", chosen=n == chat.papers_per_push) for n in PAPERS
            )
            question = _("How many papers should one push bring at most?")
            return question, chooser(choices, back, width=3)
    return _card(chat, context), _menu(chat)


def _ticked(text: str, data: str, *, chosen: bool) -> InlineKeyboardButton:
    return button(f"✓ {text}" if chosen else text, data)


def _is_original(chat: Chat) -> bool:
    return chat.language == ORIGINAL


def _original(_: Texts) -> str:
    return _.plain("original (English)")
