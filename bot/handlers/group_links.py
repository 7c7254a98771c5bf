"""arXiv links that people post in a group: answered with one line, where the group wants that."""

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from bot.arxiv.ids import links_in
from bot.arxiv.transport import SourceError
from bot.conversation.background import start
from bot.conversation.context import Context
from bot.telegram.keyboards import button
from bot.telegram.message_text import said_in
from bot.telegram.pagination import paper_line
from bot.telegram.replies import NO_PREVIEW, message_of
from bot.telegram.routes import SHOW_PAPER


class _LinksToAPaper(filters.MessageFilter):
    """A link that somebody posted: no post of a channel that Telegram copies here, and no bot's."""

    def filter(self, message: Message) -> bool:
        if message.chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
            return False
        author = message.from_user
        by_a_bot = author is not None and author.is_bot and message.sender_chat != message.chat
        quoted = getattr(message.forward_origin, "sender_user", None)
        forwarded = quoted is not None and quoted.is_bot
        if by_a_bot or forwarded or message.via_bot or message.is_automatic_forward:
            return False
        return bool(links_in(said_in(message)))


LINKS_TO_A_PAPER = _LinksToAPaper()


async def posted(update: Update, context: Context) -> None:
    """Answer the first link of a message, if its group switched that on."""
    if not context.chat.answers_links:
        return
    paper_id, *_others = links_in(said_in(message_of(update)))
    if context.bot_data.links.take(context.chat.id, paper_id):
        start(update, context, _tell(message_of(update), context, paper_id))


async def _tell(message: Message, context: Context, paper_id: str) -> None:
    """Send the line; where arXiv does not know the paper, or is silent, nobody asked."""
    try:
        found = await context.services.papers([paper_id])
    except (SourceError, TimeoutError):
        return
    if paper_id in found:
        _ = context.texts
        await message.reply_html(
            paper_line(found[paper_id], _),
            reply_markup=InlineKeyboardMarkup(
                [[button(_.plain("📄 Abstract"), SHOW_PAPER.data(paper_id))]]
            ),
            do_quote=True,
            disable_notification=True,
            link_preview_options=NO_PREVIEW,
        )
