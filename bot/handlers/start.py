"""/start: welcome, language, first topic."""

from telegram import InlineKeyboardMarkup, Update

from bot.access import admins_only
from bot.context import Context
from bot.i18n import negotiate
from bot.keyboards import button, language_rows, readymade
from storage import chats, topics
from storage.models import ORIGINAL, ChatState, utc_now

__all__ = ["choose_language", "more_languages", "pick_topic", "start"]

FIRST_LANGUAGES = ("zh-CN", "en", "es", "ja", "de", "fr")
"""Offered at once; the others are behind a button."""


async def start(update: Update, context: Context) -> None:
    """Welcome somebody and ask for the language; a chat that was paused is served again."""
    if update.message is None:
        return
    chat = context.chat
    async with context.services.database.transaction() as session:
        stored = await chats.get(session=session, chat_id=chat.id)
        if stored and stored.state is not ChatState.ACTIVE:
            stored.state, stored.state_reason = ChatState.ACTIVE, None
            chats.reschedule(stored, now=utc_now())
    _ = context.texts
    text = "\n\n".join(
        (
            _("👋 <b>Hello, I am Paperboy.</b>"),
            _(
                "Tell me what you work on, and every morning I bring you the new arXiv papers"
                " on it, with the abstract in your language."
            ),
            _("Which language do you read abstracts in?"),
        )
    )
    await update.message.reply_html(text, reply_markup=_languages(context, FIRST_LANGUAGES))


@admins_only
async def more_languages(update: Update, context: Context) -> None:
    """Show every language that the configured engines can do."""
    query = update.callback_query
    if query is None:
        return
    await query.answer()
    await query.edit_message_reply_markup(_languages(context, None))


@admins_only
async def choose_language(update: Update, context: Context) -> None:
    """Remember the language of abstracts, speak it where we can, and go on to topics."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    code = query.data.removeprefix("start:")
    language = next((known for known in context.services.languages if known.code == code), None)
    if language is None:
        await query.answer(context.texts.plain("I can't translate into that language any more."))
        return
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is not None:
            chat.language = code
            chat.ui_language = negotiate(code)
            context.chat = chat
    _ = context.texts
    await query.answer()
    if code == ORIGINAL:
        chosen = _("Abstracts will come in the original English.")
    else:
        chosen = _("Abstracts will come in {language}.", language=language.name)
    await query.edit_message_text(
        f"✓ {chosen}\n\n{_pick_text(context)}",
        parse_mode="HTML",
        reply_markup=await _topics_keyboard(context),
    )


@admins_only
async def pick_topic(update: Update, context: Context) -> None:
    """Show the ready-made topics in place."""
    query = update.callback_query
    if query is None:
        return
    await query.answer()
    await query.edit_message_text(
        _pick_text(context), parse_mode="HTML", reply_markup=await _topics_keyboard(context)
    )


def _pick_text(context: Context) -> str:
    _ = context.texts
    return "\n".join(
        (
            _("<b>What do you want to follow?</b>"),
            _("Tap a topic, or simply write to me what you look for, for example:"),
            "<code>gaussian splatting -survey</code>",
            '<code>"object pose" cat:cs.CV</code>',
        )
    )


async def _topics_keyboard(context: Context) -> InlineKeyboardMarkup:
    _ = context.texts
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    keyboard = readymade(_, followed=[entry.topic.query for entry in followed])
    if followed:
        keyboard.append([button(_.plain("📚 My topics"), "topics")])
    return InlineKeyboardMarkup(keyboard)


def _languages(context: Context, codes: tuple[str, ...] | None) -> InlineKeyboardMarkup:
    _ = context.texts
    every = context.services.languages
    shown = [known for known in every if codes is None or known.code in codes]
    if codes is not None:
        shown.sort(key=lambda language: codes.index(language.code))
    keyboard = language_rows(shown, prefix="start", chosen=context.chat.language)
    if len(shown) < len(every):
        keyboard.append([button(_.plain("🌐 More languages"), "languages")])
    return InlineKeyboardMarkup(keyboard)
