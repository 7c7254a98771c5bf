"""Browse arXiv's taxonomy: from archives to categories, each of which is a topic to follow."""

from telegram import InlineKeyboardButton, Update

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.subscriptions import followed
from bot.i18n import Texts
from bot.query.categories import FIELDS, TREE
from bot.query.names import ARCHIVES
from bot.query.presets import Preset, whole_field
from bot.telegram.keyboards import FIELDS_SHOWN, Row, button, field_place, rows
from bot.telegram.pagination import page_row
from bot.telegram.replies import acknowledge, show
from bot.telegram.routes import FIELD, PICK, PICK_PRESET


@admins_only
async def browse(update: Update, context: Context, field: str, page: int) -> None:
    """Show in place what stands under a field, a page of it."""
    _ = context.texts
    if field not in TREE:
        await acknowledge(update, _.plain("This topic is no longer available."))
        return
    known = {entry.topic.query for entry in await followed(context)}
    await show(update, context.headed(_title(field, _)), _keyboard(field, page, _, known))


def _title(field: str, _: Texts) -> str:
    if not field:
        return _("<b>arXiv's fields</b>") + "\n" + _("What is your field?")
    path = _("arXiv's fields › <b>{field}</b>", field=_.name(FIELDS[field]))
    return path + "\n" + _("Tap one to see what it brings. You can follow it from there.")


def _keyboard(field: str, page: int, _: Texts, known: set[str]) -> list[Row]:
    inner = TREE[field]
    start = page * FIELDS_SHOWN
    offers = [_offer(each, _, known) for each in inner[start : start + FIELDS_SHOWN]]
    turns = page_row(
        lambda offset: FIELD.data(field, offset // FIELDS_SHOWN),
        offset=start,
        total=len(inner),
        size=FIELDS_SHOWN,
    )
    if field in ARCHIVES:
        everything = _.plain("All of {field}", field=_.name(FIELDS[field]))
        offers.insert(0, _pick(whole_field(field), everything, known))
    back = button(_.plain("‹ Back"), field_place(field) if field else PICK.data())
    return [*rows(offers, width=1), turns, [back]]


def _offer(field: str, _: Texts, known: set[str]) -> InlineKeyboardButton:
    if field in TREE:
        return button(f"{_.name(FIELDS[field])} ›", FIELD.data(field, 0))
    topic = whole_field(field)
    return _pick(topic, topic.label(_), known)


def _pick(topic: Preset, text: str, known: set[str]) -> InlineKeyboardButton:
    return button(text, PICK_PRESET.data(topic.key), chosen=topic.query in known)
