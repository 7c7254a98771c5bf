"""Menu of /settings: the card, and the pages that its buttons open in place; each leads back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton

from bot.i18n import Texts, catalogues, code, own_name
from bot.preferences import weekdays
from bot.preferences.time_zones import CITIES, city_name
from bot.telegram.callback_data import route
from bot.telegram.keyboards import Row, button, language_rows, rows
from bot.telegram.routes import ELSEWHERE, LOCATION, PUT, SETTINGS, TASTE
from bot.translation.languages import LANGUAGES, Language
from storage.columns import utc_now
from storage.models import (
    EVERY_DAY,
    NO_DAY,
    ORIGINAL,
    Chat,
    ChatKind,
    ChatState,
    PaperOrder,
    PushStyle,
)

SAMPLE = route("set:rich")

PAPERS = (3, 5, 10, 15, 20, 30)

_IN_LOOK = {"titles", "previews", "pages", "nothing", "style", "order", "links"}


_GROUPS = {ChatKind.GROUP, ChatKind.SUPERGROUP}


class SettingsPage(NamedTuple):
    """HTML and what can be tapped below it."""

    text: str
    keyboard: list[Row]


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
    hears_all: bool = True
    """Whether the bot sees all that is said in groups; Telegram's privacy mode hides it."""
    zones: Sequence[str] = ()
    """Those of the places where whoever asks is likely to be, offered first."""


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
        "week": _week,
    }
    return pages.get(name, _card)(chat, offer, _)


def place_of(setting: str) -> str:
    """Return the name of the page to go back to once a setting is chosen."""
    if setting in {"week", "watch"}:
        return "week"
    if setting == "days":
        return "days"
    return "look" if setting in _IN_LOOK else ""


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
        _("⏰ Papers come at: {time}", time=_.time(chat.push_time)),
        _("🗓 Days: {days}", days=weekdays.name(chat.weekdays, _)),
        _(
            "🌍 Time zone: {zone} (now {now})",
            zone=city_name(chat.timezone, _.language),
            now=_.time(datetime.now(ZoneInfo(chat.timezone))),
        ),
        "",
        _("📄 Papers at a time: up to {n}", n=chat.papers_per_push),
        *_appearance(chat, _),
    ]
    if chat.paused_until is not None and chat.paused_until > utc_now():
        back = chat.paused_until.astimezone(ZoneInfo(chat.timezone))
        lines += ["", _("⏸ Paused until {date}.", date=_.date(back))]
        pause = _put(_.plain("▶️ Resume"), "state", ChatState.ACTIVE)
    elif chat.state is ChatState.PAUSED:
        lines += ["", _("⏸ Paused. Nothing is sent until you resume.")]
        pause = _put(_.plain("▶️ Resume"), "state", ChatState.ACTIVE)
    else:
        pause = _put(_.plain("⏸ Pause"), "state", ChatState.PAUSED)
    buttons = (
        _open(_.plain("🌐 Abstracts"), "language"),
        _open(_.plain("💬 Menus"), "ui"),
        _open(_.plain("⏰ Time"), "time"),
        _open(_.plain("🗓 Days"), "days"),
        _open(_.plain("🌍 Time zone"), "zone"),
        _open(_.plain("📄 Papers at a time"), "papers"),
        _open(_.plain("🎨 Look and order"), "look"),
        _open(_.plain("📈 Your week"), "week"),
        pause,
    )
    return SettingsPage("\n".join(lines), rows(buttons, width=2))


def _language(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    keyboard = language_rows(
        offer.languages, lambda code: PUT.data("language", code), chosen=chat.language
    )
    question = _("Which language do you read abstracts in?")
    return SettingsPage(question, [*keyboard, [_back(_)]])


def _ui(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (
        _put(own_name(name), "ui", name, chosen=name == chat.ui_language) for name in catalogues()
    )
    return _chooser([_("Which language should I speak?")], choices, _back(_), width=2)


def _time(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (
        _put(f"{hour:02}:00", "time", f"{hour:02}:00", chosen=chat.push_time == time(hour))
        for hour in (*range(5, 24), *range(5))
    )
    zone = city_name(chat.timezone, _.language)
    question = (
        _("When should papers come? Your time zone: {zone}", zone=zone),
        _("Any other time: {example}", example=code("/settings 07:30")),
    )
    where = _open(_.plain("🌍 Time zone"), "zone")
    return _chooser(question, choices, where, _back(_), width=4)


def _days(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    # A button says which days there will be, so that an old keyboard means what it shows.
    days = (
        _put(short, "days", chat.weekdays ^ 1 << day, chosen=bool(chat.weekdays >> day & 1))
        for day, short in enumerate(weekdays.names(_))
    )
    together = [
        _put(_capital(weekdays.name(mask, _)), "days", mask, chosen=chat.weekdays == mask)
        for mask in (EVERY_DAY, weekdays.WORKDAYS)
    ]
    question = (
        _("On which days should papers come?"),
        _("What appears in between comes next time."),
    )
    return SettingsPage("\n".join(question), [*rows(days, width=4), together, [_back(_)]])


def _zone(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    now = utc_now()
    # Whatever was typed is ticked as well.
    shown = [] if chat.timezone in CITIES else [chat.timezone]
    choices = (
        _put(
            f"{_.time(now.astimezone(ZoneInfo(zone)))} · {city_name(zone, _.language)}",
            "zone",
            zone,
            chosen=zone == chat.timezone,
        )
        for zone in dict.fromkeys((*shown, *offer.zones, *CITIES))
    )
    question = _("What time is it where you are?")
    ways = [button(_.plain("🌍 Somewhere else"), ELSEWHERE.data())]
    if offer.private:
        ways.insert(0, button(_.plain("📍 Use my location"), LOCATION.data()))
    page = _chooser([question], choices, *ways, width=2)
    return SettingsPage(page.text, [*page.keyboard, [_back(_)]])


def _papers(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    choices = (_put(str(n), "papers", n, chosen=n == chat.papers_per_push) for n in PAPERS)
    question = (
        _("How many papers at a time, at most?"),
        _("Any other number: {example}", example=code("/settings 7")),
    )
    return _chooser(question, choices, _back(_), width=3)


def _look(chat: Chat, offer: Offer, _: Texts) -> SettingsPage:
    lines = [_("<b>Look and order</b>"), "", *_titles(chat, _), *_appearance(chat, _)]
    lines += _links(chat, offer, _)
    pages = [_open(_.plain("🎨 Style"), "style"), _open(_.plain("↕️ Order"), "order")]
    switches = [
        _put(_.plain("🔕 Say nothing when nothing is new"), "nothing", "off")
        if chat.tells_nothing_new
        else _put(_.plain("🔔 Tell me when nothing is new"), "nothing", "on"),
        _put(_.plain("🖼 Hide link previews"), "previews", "off")
        if chat.shows_previews
        else _put(_.plain("🖼 Show link previews"), "previews", "on"),
        _put(_.plain("📱 Digest only as Markdown"), "pages", "off")
        if chat.sends_pages
        else _put(_.plain("📱 Digest also as a page"), "pages", "on"),
    ]
    if not _is_original(chat):
        switches.append(
            _put(_.plain("🔤 Original titles"), "titles", "original")
            if chat.translate_titles
            else _put(_.plain("🔤 Translate titles"), "titles", "translated")
        )
    if chat.kind in _GROUPS:
        switches.append(
            _put(_.plain("🔗 Leave arXiv links alone"), "links", "off")
            if chat.answers_links
            else _put(_.plain("🔗 Answer arXiv links"), "links", "on")
        )
    taste = [button(_.plain("🎯 Learn from examples"), TASTE.data())] if offer.ranks else []
    return SettingsPage("\n".join(lines), [pages, taste, *rows(switches, width=1), [_back(_)]])


def _links(chat: Chat, offer: Offer, _: Texts) -> list[str]:
    if chat.kind not in _GROUPS:
        return []
    if not chat.answers_links:
        return [_("🔗 arXiv links posted here: left alone")]
    lines = [_("🔗 arXiv links posted here: a line on the paper")]
    if not offer.hears_all:
        lines += [
            "",
            _(
                "⚠️ With Telegram's privacy mode on I only see commands and replies. Make me an"
                " admin here, or let whoever runs me switch it off: @BotFather, /setprivacy."
            ),
        ]
    return lines


def _style(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    question = (
        _("How should papers look?"),
        "",
        _("<b>List</b>: few messages, abstracts folded away."),
        _("<b>Brief</b>: all in one message, a few lines a paper."),
        _("<b>Cards</b>: a message for each paper."),
        _(
            "<b>Rich</b>: all papers in one message, formulas drawn as in print. Not every Telegram"
            " app can show this, so I send you a sample first."
        ),
    )
    choices = (
        button(
            _capital(_style_name(style, _)),
            SAMPLE.data() if style is PushStyle.RICH else PUT.data("style", style),
            chosen=style is chat.push_style,
        )
        for style in PushStyle
    )
    return _chooser(question, choices, _back(_, "look"), width=2)


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
        _put(_capital(_order_name(order, _)), "order", order, chosen=order is chat.paper_order)
        for order in offered
    )
    taste = [button(_.plain("🎯 Learn from examples"), TASTE.data())] if offer.ranks else []
    return _chooser(question, choices, *taste, _back(_, "look"), width=1)


def _week(chat: Chat, _offer: Offer, _: Texts) -> SettingsPage:
    days = (
        _put(short, "week", day, chosen=day == chat.week_day)
        for day, short in enumerate(weekdays.names(_))
    )
    off = _put(_.plain("No look back"), "week", "off", chosen=chat.week_day == NO_DAY)
    watch = (
        _put(_.plain("🔕 No news of saved papers"), "watch", "off")
        if chat.watches_saved
        else _put(_.plain("🔖 Tell me what becomes of saved papers"), "watch", "on")
    )
    question = (
        _("On which evening shall I look back at your week? /week shows it at any time."),
        _("It brings what became of saved papers, too: new versions, journals, code.")
        if chat.watches_saved
        else _("What becomes of saved papers is not told."),
    )
    return SettingsPage("\n".join(question), [*rows(days, width=4), [off], [watch], [_back(_)]])


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
        _("📱 Digest: Markdown and a page") if chat.sends_pages else _("📱 Digest: Markdown"),
    ]


def _style_name(style: PushStyle, _: Texts) -> str:
    return {
        PushStyle.LIST: _.plain("list"),
        PushStyle.BRIEF: _.plain("brief"),
        PushStyle.CARDS: _.plain("cards"),
        PushStyle.RICH: _.plain("rich"),
    }[style]


def _order_name(order: PaperOrder, _: Texts) -> str:
    return {
        PaperOrder.NEWEST: _.plain("newest first"),
        PaperOrder.TOPIC: _.plain("topic by topic"),
        PaperOrder.PERSONAL: _.plain("personal"),
    }[order]


def _chooser(
    question: Sequence[str],
    choices: Iterable[InlineKeyboardButton],
    *last: InlineKeyboardButton,
    width: int,
) -> SettingsPage:
    """Return a page of choices with the ways out in a row of their own."""
    return SettingsPage("\n".join(question), [*rows(choices, width=width), [*last]])


def _put(text: str, name: str, value: object, *, chosen: bool = False) -> InlineKeyboardButton:
    return button(text, PUT.data(name, str(value)), chosen=chosen)


def _open(text: str, name: str) -> InlineKeyboardButton:
    return button(text, SETTINGS.data(name))


def _back(_: Texts, to: str = "") -> InlineKeyboardButton:
    return _open(_.plain("‹ Back"), to)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_original(chat: Chat) -> bool:
    return chat.language == ORIGINAL
