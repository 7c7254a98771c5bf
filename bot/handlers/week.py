"""/week: how many papers topics had, which words are on the rise, what became of papers."""

from telegram import InlineKeyboardMarkup, Message, Update
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
from storage.models import NO_DAY


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
    missed = await context.services.week_given_up(context.chat, found)
    if missed is None or context.chat.week_day == NO_DAY:
        await _tell(to, context, message.text(found, _), await draw(found))
    if missed is not None:  # with news of saved papers, which come once
        await _tell(to, context, missed.html, missed.picture)


async def _tell(to: Message, context: Context, html: str, picture: bytes | None) -> None:
    text = context.headed(html)
    keyboard = [[button(context.texts.plain("⚙️ When it comes"), SETTINGS.data("week"))]]
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
