"""/start, onboarding: welcome, language, first topic."""

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatType

from bot.conversation.channel_mode import leave, way_back
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only, may_change
from bot.conversation.preferences import change_setting
from bot.conversation.subscriptions import followed
from bot.i18n import SOURCE_LANGUAGE, code, negotiate
from bot.telegram.callback_data import matching, route
from bot.telegram.keyboards import Row, button, language_rows, readymade
from bot.telegram.replies import acknowledge, message_of, show
from bot.telegram.routes import TOPICS
from storage import chats
from storage.models import ORIGINAL, ChatState

CHOOSE = route("start", matching(r"[\w-]{2,10}"))
LANGUAGE = route("language")
MORE_LANGUAGES = route("languages")

FIRST_LANGUAGES = ("zh-CN", "en", "es", "ja", "de", "fr")
"""Offered at once, after the chat's own; the others are behind a button."""


async def start(update: Update, context: Context) -> None:
    """Welcome somebody and ask for the language; a chat that was paused is served again."""
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
        await change_setting(context, "state", ChatState.ACTIVE)
        lines.append(_("▶️ Resumed: papers come again."))
    lines.append(_("Which language do you read abstracts in?"))
    await show(update, "\n\n".join(lines), _languages(context))


@admins_only
async def ask_language(update: Update, context: Context) -> None:
    """Ask for the language again, in place of the topics."""
    await leave(context)
    _ = context.texts
    question = _("Which language do you read abstracts in?")
    await show(update, question, _languages(context))


@admins_only
async def more_languages(update: Update, context: Context) -> None:
    """Show every language that the configured engines can do."""
    await acknowledge(update)
    keyboard = InlineKeyboardMarkup(_languages(context, every=True))
    await message_of(update).edit_reply_markup(keyboard)


@admins_only
async def choose_language(update: Update, context: Context, chosen: str) -> None:
    """Remember the language of abstracts, speak it where we can, and go on to topics."""
    await leave(context)
    language = next((known for known in context.services.languages if known.code == chosen), None)
    if language is None:
        gone = context.texts.plain("I can't translate into that language any more.")
        await acknowledge(update, gone)
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
    if chosen == ORIGINAL:
        promise = _("Abstracts will come in the original English.")
    else:
        promise = _("Abstracts will come in {language}.", language=language.name)
    text = f"✓ {promise}\n\n{_pick_text(update, context)}"
    await show(update, text, await _topics_keyboard(context))


@admins_only
async def pick_topic(update: Update, context: Context) -> None:
    """Show the ready-made topics in place."""
    await show(update, _pick_text(update, context), await _topics_keyboard(context))


def _pick_text(update: Update, context: Context) -> str:
    _ = context.texts
    # In a group a bot hears commands only.
    private = update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
    command = "" if private else "/subscribe "
    lines = (
        _("<b>What do you want to follow?</b>"),
        _("Tap a topic, or tell me what you work on, for example:")
        if private
        else _("Tap a topic, or write what you work on after the command, for example:"),
        code(f"{command}gaussian splatting -survey"),
        code(f'{command}"object pose" cat:cs.CV'),
    )
    return context.headed("\n".join(lines))


async def _topics_keyboard(context: Context) -> list[Row]:
    _ = context.texts
    mine = await followed(context)
    keyboard = readymade(_, followed=[entry.topic.query for entry in mine])
    if mine:
        keyboard.append([button(_.plain("📚 My topics"), TOPICS.data())])
    elif not context.title:
        keyboard.append([button(_.plain("‹ Language"), LANGUAGE.data())])
    return [*keyboard, *way_back(context, _)]


def _languages(context: Context, *, every: bool = False) -> list[Row]:
    """Return every language, or a few with the chat's own first and the way to the others."""
    _, known = context.texts, context.services.languages
    if every:
        keyboard = language_rows(known, CHOOSE.data, chosen=context.chat.language)
        return [*keyboard, [button(_.plain("‹ Back"), LANGUAGE.data())]]
    codes = list(dict.fromkeys((context.chat.language, *FIRST_LANGUAGES)))[: len(FIRST_LANGUAGES)]
    few = sorted(
        (language for language in known if language.code in codes),
        key=lambda language: codes.index(language.code),
    )
    keyboard = language_rows(few, CHOOSE.data, chosen=context.chat.language)
    if len(few) < len(known):
        keyboard.append([button(_.plain("🌐 More languages"), MORE_LANGUAGES.data())])
    return keyboard
