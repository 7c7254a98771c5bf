"""Paper card as one chat sees it: text and buttons, sent anew or changed in place."""

from telegram import InlineKeyboardMarkup, Message

from bot.conversation.context import Context
from bot.render.citation import bibtex
from bot.render.paper_card import Marks, buttons, card
from bot.telegram.keyboards import offered
from bot.telegram.replies import NO_PREVIEW, Keyboard, edit, send
from bot.telegram.routes import SUMMARY_PAPER, SWITCH_PAPER
from bot.translation.paper_view import view
from storage import opinions
from storage.models import ORIGINAL, Paper


async def card_of(context: Context, paper: Paper) -> tuple[str, Keyboard]:
    """Return a paper's card in the chat's language, and its buttons."""
    text, keyboard = await _card(context, paper, original=False)
    return text, keyboard.inline_keyboard


async def send_card(context: Context, message: Message, paper: Paper) -> Message:
    """Answer a message with a paper's card; whether that counts as seen its caller knows."""
    text, keyboard = await _card(context, paper, original=False)
    return await send(message, text, keyboard.inline_keyboard, preview=NO_PREVIEW)


async def change_card(context: Context, message: Message, paper: Paper, *, original: bool) -> None:
    """Show a card anew in its place, in arXiv's words or in the chat's language."""
    text, keyboard = await _card(context, paper, original=original)
    await edit(message, text, keyboard.inline_keyboard, preview=NO_PREVIEW)


async def buttons_for(context: Context, message: Message, paper: Paper) -> InlineKeyboardMarkup:
    """Return the buttons of a card that stays as it is, as things stand now."""
    return buttons(
        view(paper),
        context.texts,
        marks=await _marks_of(context, paper.id),
        bibtex=bibtex(paper),
        original=_shows_original(message, paper.id),
        summary=SUMMARY_PAPER.data(paper.id) in offered(message),
    )


async def _marks_of(context: Context, paper_id: str) -> Marks:
    """Return what the chat did with a paper."""
    chat_id = context.chat.id
    thought = await context.services.database.read(
        lambda connection: opinions.thought_of(connection, chat_id=chat_id, paper_id=paper_id)
    )
    passed = thought.liked is False if context.services.ranks else None
    return Marks(saved=thought.saved, passed=passed, note=thought.note)


def _shows_original(message: Message, paper_id: str) -> bool | None:
    """Tell by its buttons what a card shows; None where there is nothing to switch to."""
    keyboard = message.reply_markup.inline_keyboard if message.reply_markup else ()
    offered = {button.callback_data for row in keyboard for button in row}
    if SWITCH_PAPER.data("translated", paper_id) in offered:
        return True
    return False if SWITCH_PAPER.data("original", paper_id) in offered else None


async def _card(
    context: Context, paper: Paper, *, original: bool
) -> tuple[str, InlineKeyboardMarkup]:
    _, chat = context.texts, context.chat
    marks = await _marks_of(context, paper.id)
    foreign = chat.language != ORIGINAL
    shown = view(paper) if original or not foreign else await context.services.view(paper, chat)
    text = card(shown, _, language=ORIGINAL if original else chat.language, note=marks.note)
    keyboard = buttons(
        shown, _, marks=marks, bibtex=bibtex(paper), original=original if foreign else None
    )
    return text, keyboard
