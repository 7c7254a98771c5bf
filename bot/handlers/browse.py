"""🗂 Browse arXiv's fields: from archives to categories, each of which is a topic to follow."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.i18n import Texts
from bot.query.categories import FIELDS, TREE
from bot.query.names import ARCHIVES
from bot.query.presets import Preset, whole_field
from bot.telegram.keyboards import FIELDS_SHOWN, acknowledge, button, field_place, rows
from storage import topics


@admins_only
async def browse(update: Update, context: Context) -> None:
    """Show in place what stands under a field, a page of it."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    _ = context.texts
    _verb, field, page = query.data.split(":")
    if field not in TREE:
        await acknowledge(query, _.plain("This topic is not offered any more."))
        return
    await acknowledge(query)
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    await query.edit_message_text(
        context.headed(_title(field, _)),
        parse_mode=ParseMode.HTML,
        reply_markup=_keyboard(field, int(page), _, {entry.topic.query for entry in followed}),
    )


def _title(field: str, _: Texts) -> str:
    if not field:
        return _("<b>arXiv's fields</b>") + "\n" + _("Which one is yours?")
    path = _("arXiv's fields › <b>{field}</b>", field=_.name(FIELDS[field]))
    return path + "\n" + _("Tap one to see what it brings. You can follow it from there.")


def _keyboard(field: str, page: int, _: Texts, followed: set[str]) -> InlineKeyboardMarkup:
    inner = TREE[field]
    start, end = page * FIELDS_SHOWN, (page + 1) * FIELDS_SHOWN
    offers = [_offer(each, _, followed) for each in inner[start:end]]
    turns = []
    if page:
        turns.append(button("‹", f"field:{field}:{page - 1}"))
    if end < len(inner):
        turns.append(button("›", f"field:{field}:{page + 1}"))
    if field in ARCHIVES:
        everything = _.plain("All of {field}", field=_.name(FIELDS[field]))
        offers.insert(0, _pick(whole_field(field), everything, followed))
    back = button(_.plain("‹ Back"), field_place(field) if field else "pick")
    return InlineKeyboardMarkup([*rows(offers, width=1), *([turns] if turns else []), [back]])


def _offer(field: str, _: Texts, followed: set[str]) -> InlineKeyboardButton:
    if field in TREE:
        return button(f"{_.name(FIELDS[field])} ›", f"field:{field}:0")
    topic = whole_field(field)
    return _pick(topic, topic.label(_), followed)


def _pick(topic: Preset, text: str, followed: set[str]) -> InlineKeyboardButton:
    return button(f"✓ {text}" if topic.query in followed else text, f"pick:{topic.key}")
