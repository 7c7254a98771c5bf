"""/start: welcome, language, first topic."""

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatType, ParseMode

from bot.conversation.channel_mode import leave, way_back
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only, may_change
from bot.i18n import SOURCE_LANGUAGE, code, negotiate
from bot.telegram.keyboards import acknowledge, button, language_rows, readymade
from storage import chats, topics
from storage.columns import utc_now
from storage.models import ORIGINAL, ChatState

FIRST_LANGUAGES = ("zh-CN", "en", "es", "ja", "de", "fr")
"""Offered at once, after the chat's own; the others are behind a button."""


async def start(update: Update, context: Context) -> None:
    """Welcome somebody and ask for the language; a chat that was paused is served again."""
    if update.message is None:
        return
    await leave(context)
    _ = context.texts
    lines = [
        _("👋 <b>Hello, I am Paperboy.</b>"),
        _(
            "Tell me what you work on, and every morning I bring you the new arXiv papers"
            " on it, with the abstract in your language."
        ),
    ]
    if context.chat.state is ChatState.PAUSED and await may_change(update, context):
        await _resume(context)
        lines.append(_("▶️ You were paused. From now on pushes come again."))
    lines.append(_("Which language do you read abstracts in?"))
    await update.message.reply_html("\n\n".join(lines), reply_markup=_languages(context))


@admins_only
async def ask_language(update: Update, context: Context) -> None:
    """Ask for the language again, in place of the topics."""
    query = update.callback_query
    if query is None:
        return
    await leave(context)
    await acknowledge(query)
    await query.edit_message_text(
        context.texts("Which language do you read abstracts in?"),
        parse_mode=ParseMode.HTML,
        reply_markup=_languages(context),
    )


@admins_only
async def more_languages(update: Update, context: Context) -> None:
    """Show every language that the configured engines can do."""
    query = update.callback_query
    if query is None:
        return
    await acknowledge(query)
    await query.edit_message_reply_markup(_languages(context, every=True))


@admins_only
async def choose_language(update: Update, context: Context) -> None:
    """Remember the language of abstracts, speak it where we can, and go on to topics."""
    query = update.callback_query
    if query is None or query.data is None:
        return
    await leave(context)
    chosen = query.data.removeprefix("start:")
    language = next((known for known in context.services.languages if known.code == chosen), None)
    if language is None:
        await acknowledge(
            query, context.texts.plain("I can't translate into that language any more.")
        )
        return
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is not None:
            chat.language = chosen
            spoken = negotiate(chosen)
            # Who reads a language that we do not speak keeps the one that we spoke so far.
            if spoken != SOURCE_LANGUAGE or chosen == ORIGINAL:
                chat.ui_language = spoken
            context.chat = chat
    _ = context.texts
    await acknowledge(query)
    if chosen == ORIGINAL:
        promise = _("Abstracts will come in the original English.")
    else:
        promise = _("Abstracts will come in {language}.", language=language.name)
    await query.edit_message_text(
        f"✓ {promise}\n\n{_pick_text(update, context)}",
        parse_mode=ParseMode.HTML,
        reply_markup=await _topics_keyboard(context),
    )


@admins_only
async def pick_topic(update: Update, context: Context) -> None:
    """Show the ready-made topics in place."""
    query = update.callback_query
    if query is None:
        return
    await acknowledge(query)
    await query.edit_message_text(
        _pick_text(update, context),
        parse_mode=ParseMode.HTML,
        reply_markup=await _topics_keyboard(context),
    )


async def _resume(context: Context) -> None:
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is not None:
            chat.state, chat.state_reason = ChatState.ACTIVE, None
            chats.reschedule(chat, now=utc_now())


def _pick_text(update: Update, context: Context) -> str:
    _ = context.texts
    # In a group a bot hears commands only.
    private = update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
    command = "" if private else "/subscribe "
    lines = "\n".join(
        (
            _("<b>What do you want to follow?</b>"),
            _("Tap a topic, or simply write to me what you look for, for example:")
            if private
            else _("Tap a topic, or write what you look for after the command, for example:"),
            code(f"{command}gaussian splatting -survey"),
            code(f'{command}"object pose" cat:cs.CV'),
        )
    )
    return context.headed(lines)


async def _topics_keyboard(context: Context) -> InlineKeyboardMarkup:
    _ = context.texts
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    keyboard = readymade(_, followed=[entry.topic.query for entry in followed])
    if followed:
        keyboard.append([button(_.plain("📚 My topics"), "topics")])
    elif not context.title:
        keyboard.append([button(_.plain("‹ Language"), "language")])
    keyboard += way_back(context, _)
    return InlineKeyboardMarkup(keyboard)


def _languages(context: Context, *, every: bool = False) -> InlineKeyboardMarkup:
    """Return every language, or a few with the chat's own first and the way to the others."""
    _, known = context.texts, context.services.languages
    if every:
        keyboard = language_rows(known, prefix="start", chosen=context.chat.language)
        return InlineKeyboardMarkup([*keyboard, [button(_.plain("‹ Back"), "language")]])
    codes = list(dict.fromkeys((context.chat.language, *FIRST_LANGUAGES)))[: len(FIRST_LANGUAGES)]
    few = sorted(
        (language for language in known if language.code in codes),
        key=lambda language: codes.index(language.code),
    )
    keyboard = language_rows(few, prefix="start", chosen=context.chat.language)
    if len(few) < len(known):
        keyboard.append([button(_.plain("🌐 More languages"), "languages")])
    return InlineKeyboardMarkup(keyboard)
