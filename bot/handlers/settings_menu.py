"""The card of /settings, and the pages that its buttons open in place; each leads back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Texts, catalogues, code, own_name
from bot.preferences import weekdays
from bot.preferences.time_zones import CITIES, city_name, offset
from bot.preferences.values import MOST_PAPERS
from bot.telegram.keyboards import button, chooser, language_rows, rows
from bot.translation.languages import LANGUAGES, Language
from storage.columns import utc_now
from storage.models import EVERY_DAY, ORIGINAL, Chat, ChatState, PaperOrder, PushStyle

PAPERS = (3, 5, 10, 15, 20, 30)

_IN_LOOK = {"titles", "previews", "nothing", "style", "order"}


class SettingsPage(NamedTuple):
    """HTML and what can be tapped below it."""

    text: str
    keyboard: InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to choose from, here."""

    languages: Sequence[Language]
    private: bool
    """A private chat, where a location can be asked for."""
    ranks: bool
    """Whether a personal order can be had."""
    likes_missing: int = 0
    """Papers to save before a personal order can be learned; counted for the page "order"."""
    operator: bool = False
    """Whoever asks runs the bot, and is told what is not installed."""


def page(name: str, chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    """Return a page by its name; the card where there is no such page."""
    pages: dict[str, Callable[[Chat, Offer, Texts], SettingsPage]] = {
        "language": _language,
        "ui": _ui,
        "time": _time,
        "days": _days,
        "zone": _zone,
        "papers": _papers,
        "look": _look,
        "style": _style,
        "order": _order,
    }
    return pages.get(name, _card)(chat, offer, _)


def place_of(setting: str) -> str:
    """Return the name of the page to go back to once a setting is chosen."""
    if setting == "days":
        return "days"
    return "look" if setting in _IN_LOOK else ""


def examples(_: Texts) -> Sequence[str]:
    """Return what can be written behind /settings, a line each, as HTML."""
    return (
        _("{example} – the time of the daily push", example=code("/settings 07:30")),
        _("{example} – the days of the push", example=code("/settings Mon-Fri")),
        _("{example} – your city or time zone", example=code("/settings Tokyo")),
        _(
            "{example} – papers per push, up to {most}",
            example=code("/settings 15"),
            most=MOST_PAPERS,
        ),
    )


def _card(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    known = LANGUAGES.get(chat.language)
    language = known.name if known and not _is_original(chat) else _.plain("original (English)")
    lines = [
        _("<b>Settings</b>"),
        "",
        _("🌐 Abstracts: {language}", language=language),
        *_titles(chat, _),
        _("💬 Menus: {language}", language=own_name(chat.ui_language)),
        "",
        _("⏰ Daily push: {time}", time=_.time(chat.push_time)),
        _("🗓 Days: {days}", days=weekdays.name(chat.weekdays, _)),
        _(
            "🌍 Time zone: {zone} (now {now})",
            zone=city_name(chat.timezone, _.language),
            now=_.time(datetime.now(ZoneInfo(chat.timezone))),
        ),
        "",
        _("📄 Papers per push: up to {n}", n=chat.papers_per_push),
        *_appearance(chat, _),
    ]
    if chat.state is ChatState.PAUSED:
        lines += ["", _("⏸ Paused: no pushes come until you resume them.")]
        pause = button(_.plain("▶️ Resume"), f"put:state:{ChatState.ACTIVE}")
    else:
        pause = button(_.plain("⏸ Pause"), f"put:state:{ChatState.PAUSED}")
    keyboard = chooser(
        (
            button(_.plain("🌐 Abstracts"), "set:language"),
            button(_.plain("💬 Menus"), "set:ui"),
            button(_.plain("⏰ Time"), "set:time"),
            button(_.plain("🗓 Days"), "set:days"),
            button(_.plain("🌍 Time zone"), "set:zone"),
            button(_.plain("📄 Papers per push"), "set:papers"),
            button(_.plain("🎨 Look and order"), "set:look"),
            pause,
        ),
        width=2,
    )
    return SettingsPage("\n".join(lines), keyboard)


def _language(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    keyboard = language_rows(offer.languages, prefix="put:language", chosen=chat.language)
    question = _("Which language do you read abstracts in?")
    return SettingsPage(question, InlineKeyboardMarkup([*keyboard, [_back(_)]]))


def _ui(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (
        _ticked(own_name(name), f"put:ui:{name}", chosen=name == chat.ui_language)
        for name in catalogues()
    )
    return SettingsPage(_("Which language should I speak?"), chooser(choices, _back(_), width=2))


def _time(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (
        _ticked(f"{hour:02}:00", f"put:time:{hour:02}:00", chosen=chat.push_time == time(hour))
        for hour in (*range(5, 24), *range(5))
    )
    zone = city_name(chat.timezone, _.language)
    question = (
        _("When should the daily push come? Your time zone: {zone}", zone=zone),
        _("Any other time: {example}", example=code("/settings 07:30")),
    )
    return SettingsPage("\n".join(question), chooser(choices, _back(_), width=4))


def _days(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    # A button says which days there will be, so that an old keyboard means what it shows.
    days = [
        _ticked(
            short, f"put:days:{chat.weekdays ^ 1 << day}", chosen=bool(chat.weekdays >> day & 1)
        )
        for day, short in enumerate(weekdays.names(_))
    ]
    together = [
        _ticked(_capital(weekdays.name(mask, _)), f"put:days:{mask}", chosen=chat.weekdays == mask)
        for mask in (EVERY_DAY, weekdays.WORKDAYS)
    ]
    question = (
        _("On which days should the push come?"),
        _("What is announced in between comes with the next one."),
    )
    keyboard = [*rows(days, width=4), together, [_back(_)]]
    return SettingsPage("\n".join(question), InlineKeyboardMarkup(keyboard))


def _zone(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    now = utc_now()
    choices = (
        _ticked(
            f"{city_name(zone, _.language)} {offset(zone, now)}",
            f"put:zone:{zone}",
            chosen=zone == chat.timezone,
        )
        for zone in CITIES
    )
    question = (
        _("Where are you?"),
        _("Any other city or time zone: {example}", example=code("/settings Tokyo")),
    )
    where = [button(_.plain("📍 Find it by my location"), "set:where")] if offer.private else []
    return SettingsPage("\n".join(question), chooser(choices, *where, _back(_), width=2))


def _papers(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (_ticked(str(n), f"put:papers:{n}", chosen=n == chat.papers_per_push) for n in PAPERS)
    question = (
        _("How many papers should one push bring at most?"),
        _("Any other number: {example}", example=code("/settings 7")),
    )
    return SettingsPage("\n".join(question), chooser(choices, _back(_), width=3))


def _look(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    lines = [_("<b>Look and order of a push</b>"), "", *_titles(chat, _), *_appearance(chat, _)]
    choices = [
        button(_.plain("🎨 Style"), "set:style"),
        button(_.plain("↕️ Order"), "set:order"),
        _switch(
            "nothing",
            on=chat.tells_nothing_new,
            turn_on=_.plain("🔔 Tell me when nothing is new"),
            turn_off=_.plain("🔕 Silence when nothing is new"),
        ),
        _switch(
            "previews",
            on=chat.shows_previews,
            turn_on=_.plain("🖼 Show link previews"),
            turn_off=_.plain("🖼 Hide link previews"),
        ),
    ]
    titles = (
        button(_.plain("🔤 Original titles"), "put:titles:original")
        if chat.translate_titles
        else button(_.plain("🔤 Translate titles"), "put:titles:translated")
    )
    if not _is_original(chat):
        choices.append(titles)
    first, *others = rows(choices[:2], width=2), *rows(choices[2:], width=1)
    return SettingsPage("\n".join(lines), InlineKeyboardMarkup([*first, *others, [_back(_)]]))


def _style(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    question = (
        _("How should a push look?"),
        "",
        _("<b>List</b>: few messages, abstracts folded away."),
        _("<b>Cards</b>: a message for each paper."),
        _(
            "<b>Rich</b>: formulas drawn as in print. Not every Telegram app can show this, so I"
            " send you a sample first."
        ),
    )
    choices = (
        _ticked(
            _capital(_style_name(style, _)),
            "set:rich" if style is PushStyle.RICH else f"put:style:{style}",
            chosen=style is chat.push_style,
        )
        for style in PushStyle
    )
    return SettingsPage("\n".join(question), chooser(choices, _back(_, "look"), width=3))


def _order(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    question = [_("What should come first?")]
    offered = [PaperOrder.NEWEST, PaperOrder.TOPIC]
    if offer.ranks:
        offered.append(PaperOrder.PERSONAL)
        question += [
            "",
            _("<b>Personal</b>: I learn from what you save and from “Less like this”."),
        ]
        if offer.likes_missing:
            question.append(
                _.plural(
                    "Save {n} more paper, and I can begin; until then the newest come first.",
                    "Save {n} more papers, and I can begin; until then the newest come first.",
                    offer.likes_missing,
                )
            )
    elif offer.operator:
        install = code("pip install 'paperboy-bot[ranking]'")
        question += ["", _("A personal order needs scikit-learn: {install}", install=install)]
    choices = (
        _ticked(
            _capital(_order_name(order, _)), f"put:order:{order}", chosen=order is chat.paper_order
        )
        for order in offered
    )
    return SettingsPage("\n".join(question), chooser(choices, _back(_, "look"), width=1))


def _titles(chat: Chat, _: Texts) -> list[str]:
    if _is_original(chat):
        return []
    return [_("🔤 Titles: translated") if chat.translate_titles else _("🔤 Titles: original")]


def _appearance(chat: Chat, _: Texts) -> list[str]:
    return [
        _("🎨 Style: {style}", style=_style_name(chat.push_style, _)),
        _("↕️ Order: {order}", order=_order_name(chat.paper_order, _)),
        _("🔔 When nothing is new: a line that says why")
        if chat.tells_nothing_new
        else _("🔕 When nothing is new: silence"),
        _("🖼 Link previews: on") if chat.shows_previews else _("🖼 Link previews: off"),
    ]


def _style_name(style: PushStyle, _: Texts) -> str:
    """Return what a style is called."""
    match style:
        case PushStyle.CARDS:
            return _.plain("cards")
        case PushStyle.RICH:
            return _.plain("rich")
        case _:
            return _.plain("list")


def _order_name(order: PaperOrder, _: Texts) -> str:
    """Return what an order is called."""
    match order:
        case PaperOrder.TOPIC:
            return _.plain("topic by topic")
        case PaperOrder.PERSONAL:
            return _.plain("personal")
        case _:
            return _.plain("newest first")


def _switch(name: str, *, on: bool, turn_on: str, turn_off: str) -> InlineKeyboardButton:
    return button(turn_off if on else turn_on, f"put:{name}:{'off' if on else 'on'}")


def _ticked(text: str, data: str, *, chosen: bool) -> InlineKeyboardButton:
    return button(f"✓ {text}" if chosen else text, data)


def _back(_: Texts, to: str = "") -> InlineKeyboardButton:
    return button(_.plain("‹ Back"), f"set:{to}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_original(chat: Chat) -> bool:
    return chat.language == ORIGINAL
