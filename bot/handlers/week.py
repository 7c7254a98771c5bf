"""/week: how many papers topics had, which words are on the rise, what became of papers."""

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.subscriptions import followed
from bot.telegram.keyboards import button
from bot.telegram.replies import hint, message_of, send, show
from bot.telegram.routes import PICK, SETTINGS
from bot.week import message
from bot.week.notes import draw


async def week(update: Update, context: Context) -> None:
    """Show the last whole week, as a picture with words below it."""
    _ = context.texts
    if not await followed(context):
        follow = [[button(_.plain("➕ Follow a topic"), PICK.data())]]
        await show(update, _("You don't follow anything yet."), follow)
        return
    if not start_once(update, context, "week", _show(update, context)):
        await show(update, _("It is on its way."))


async def _show(update: Update, context: Context) -> None:
    _, to = context.texts, message_of(update)
    await hint(to)
    found = await context.services.look_back(context.chat)
    text = context.headed(message.text(found, _))
    keyboard = [[button(_.plain("⚙️ When it comes"), SETTINGS.data("week"))]]
    picture = await draw(found)
    if picture is not None:
        try:
            await to.reply_photo(
                picture,
                caption=text,
                parse_mode=ParseMode.HTML,
                reply_markup=InlineKeyboardMarkup(keyboard),
            )
        except BadRequest:
            pass  # a group without pictures, say: the text says the same
        else:
            return
    await send(to, text, keyboard)
