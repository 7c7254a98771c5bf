"""Inline keyboards that more than one conversation shows."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from telegram import InlineKeyboardButton, Message, Update
from telegram.constants import MessageEntityType

from bot.i18n import Texts
from bot.query.categories import FIELDS, TREE, above
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS
from bot.telegram.routes import FIELD, PICK_PRESET, STYLE
from bot.translation.languages import Language

Row = list[InlineKeyboardButton]

_BETWEEN = {len(one): one for one in ("", " ", " · ")}
"""What stands between the parts of a label, by its length."""

FIELDS_SHOWN = 10
"""Fields of arXiv a page."""

OTHER_FIELDS = ("phys", "math", "q-bio", "econ")
"""Offered beside the ready-made topics, which are of computer science."""

TOPICS_SHOWN = 10
"""Followed topics a page."""

LOOKS = "🔎 "
"""Stands before words whose papers a button shows: they may sound like an order."""


def label_of(message: Message) -> str | None:
    """Return what stands first in bold in a message of ours: the topic that it is about.

    Parts of it that Telegram would take for addresses are code: `cs.RO`.
    """
    if message.text is None:
        return None
    known = message.parse_entities([MessageEntityType.BOLD, MessageEntityType.CODE])
    label, end = "", 0
    for entity in sorted(known, key=lambda one: one.offset):
        between = _BETWEEN.get(entity.offset - end) if label else ""
        if between is None:
            break
        label += between + known[entity]
        end = entity.offset + entity.length
    return label or None


def tapped(update: Update) -> str | None:
    """Return what stands on the button that was tapped, without how many papers it would bring."""
    query = update.callback_query
    message = query.message if query is not None else None
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    shown = (one.text for row in rows for one in row if query and one.callback_data == query.data)
    return next((text.partition(" · ")[0] for text in shown), None)


class CallbackButton(InlineKeyboardButton):
    """A button that sends its data back to the bot.

    The library looks at all that a button can be to write it as JSON, which is long for an answer.
    """

    __slots__ = ()

    def to_dict(self, recursive: bool = True) -> dict[str, object]:  # noqa: FBT001, FBT002 - the library's signature
        """Return it as Telegram takes it."""
        del recursive
        return {"text": self.text, "callback_data": self.callback_data}


def button(text: str, data: str, *, chosen: bool = False) -> InlineKeyboardButton:
    """Return a button that sends `data` back to the bot; a tick says that it is chosen."""
    return CallbackButton(f"✓ {text}" if chosen else text, callback_data=data)


def rows(buttons: Iterable[InlineKeyboardButton], *, width: int) -> list[Row]:
    """Arrange buttons in rows of `width`."""
    row = list(buttons)
    return [row[start : start + width] for start in range(0, len(row), width)]


def style_button(style: str, _: Texts) -> InlineKeyboardButton:
    """Return the button that gives pushes the brief style, or the list."""
    if style == "brief":
        return button(_.plain("🗞 Shorter: all in one message"), STYLE.data("brief"))
    return button(_.plain("📰 Longer: with abstracts"), STYLE.data("list"))


def language_rows(
    languages: Sequence[Language], data: Callable[[str], str], *, chosen: str | None = None
) -> list[Row]:
    """Return a button a language, each in its own words; the chosen one has a tick."""
    return rows(
        (
            button(language.name, data(language.code), chosen=language.code == chosen)
            for language in languages
        ),
        width=3,
    )


def readymade(_: Texts, *, followed: Iterable[str] = ()) -> list[Row]:
    """Return a button a ready-made topic; the queries that are followed have a tick."""
    known = set(followed)
    offers = (
        button(
            topic.label(_),
            PICK_PRESET.data(topic.key),
            chosen=_stored(topic.query) in known,
        )
        for topic in PRESETS
    )
    return [
        *rows(offers, width=2),
        *rows((_field(field, _) for field in OTHER_FIELDS), width=2),
        [button(_.plain("🗂 Browse arXiv's fields"), field_place())],
    ]


def _field(field: str, _: Texts) -> InlineKeyboardButton:
    return button(f"{_.name(FIELDS[field])} ›", FIELD.data(field, 0))


def field_place(field: str = "") -> str:
    """Return what a button sends to show a field of arXiv among its neighbours, or the top."""
    upper = above(field) if field else ""
    page = TREE[upper].index(field) // FIELDS_SHOWN if field else 0
    return FIELD.data(upper, page)


def known_as(query: str, _: Texts) -> str | None:
    """Return what a normalised query is called where it is a ready-made topic, else None."""
    return next((topic.label(_) for topic in PRESETS if _stored(topic.query) == query), None)


@cache
def _stored(query: str) -> str:
    return normalise(parse(query))


def offered(message: Message) -> set[str]:
    """Return what the buttons of a message send: those below it, and those within a rich one."""
    keyboard = message.reply_markup.inline_keyboard if message.reply_markup else ()
    data = {str(button.callback_data) for row in keyboard for button in row if button.callback_data}
    # The library does not know rich messages yet, so this is JSON.
    waiting: list[object] = [message.api_kwargs.get("rich_message")]
    while waiting:
        match waiting.pop():
            case {"callback_data": str(sent)}:
                data.add(sent)
            case dict(parts):
                waiting += parts.values()
            case list(parts):
                waiting += parts
    return data
