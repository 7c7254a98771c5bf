"""Middleware, before all handlers: find the chat, or welcome it into the database."""

from telegram import CallbackQuery, Message, Update
from telegram import Chat as TelegramChat
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.arxiv.turns import BACKGROUND, Asker, asks_for
from bot.conversation.context import Context
from bot.conversation.user_limits import whose
from bot.i18n import negotiate
from bot.settings.model import Settings
from bot.telegram.keyboards import offered
from bot.telegram.replies import acknowledge, refuse
from bot.telegram.routes import FORGET, KEEP, outlives_its_message
from bot.translation.languages import nearest
from storage import admin, chats
from storage.columns import utc_now
from storage.models import NO_DAY, ORIGINAL, Chat, ChatKind, ChatState

_LEAVE = {"/stop", "/forget", FORGET.data(), KEEP.data()}


async def register_chat(update: Update, context: Context) -> None:
    """Middleware: set `context.here`; turn away who is not allowed, and what no button sent."""
    chat = update.effective_chat
    settings = context.services.settings
    code = update.effective_user.language_code if update.effective_user else None
    if update.inline_query is not None:
        await _register_inline(update, context)
        return
    if update.message is not None and _is_no_question(update.message, context):
        raise ApplicationHandlerStop
    if chat is None or chat.type not in set(ChatKind):
        raise ApplicationHandlerStop
    query = update.callback_query
    if await _allowed(update, context):
        context.here = await _registered(update, context, chat, code)
    elif known := await _leaving(update, context, chat):
        context.here = known
    else:
        context.here = Chat(telegram_id=chat.id, ui_language=_ui_language(code, settings))
        await _turn_away(update, context)
        raise ApplicationHandlerStop
    asks_for.set(Asker(whose(update) or BACKGROUND))
    if query is not None and not _is_offered(query):
        await acknowledge(update, context.texts.plain("This button is too old. Try /help."))
        raise ApplicationHandlerStop


def _is_no_question(message: Message, context: Context) -> bool:
    """Tell what nobody says to the bot: what it found itself, and what others said elsewhere.

    A post that Telegram copies from a channel into its group, or a message that somebody forwards
    there, is no command of whoever brings it, though it looks like one.
    """
    if message.via_bot == context.bot.bot:
        return True
    is_quoted = message.forward_origin is not None and message.chat.type != ChatType.PRIVATE
    return bool(message.is_automatic_forward) or is_quoted


async def _leaving(update: Update, context: Context, chat: TelegramChat) -> Chat | None:
    """Return the chat that wants to leave: whoever is known from before may always do that."""
    message, query = update.message, update.callback_query
    words = (message.text or "").split(maxsplit=1)[:1] if message else []
    command = words[0].partition("@")[0] if words else ""
    if command not in _LEAVE and (query is None or query.data not in _LEAVE):
        return None
    said, database = update.effective_message, context.services.database
    thread_id = (said.message_thread_id or 0) if said and said.is_topic_message else 0
    return await database.read(
        lambda connection: chats.look_up(connection, telegram_id=chat.id, thread_id=thread_id)
    )


async def too_much(update: Update, context: Context) -> None:
    """Tell somebody that it was a lot at once; store nothing, and tell strangers nothing."""
    chat, user, message = update.effective_chat, update.effective_user, update.message
    in_words = message is not None and _is_for_us(message)
    if chat is None or not (update.callback_query or in_words):
        return
    if not await _allowed(update, context):
        return
    async with context.services.database.reading() as session:
        known = await chats.find(session=session, telegram_id=chat.id)
    ui_language = _ui_language(user.language_code if user else None, context.services.settings)
    context.here = known or Chat(telegram_id=chat.id, ui_language=ui_language)
    _ = context.texts
    await refuse(update, _.plain("Too fast. Give me a few seconds, please."))


async def _register_inline(update: Update, context: Context) -> None:
    """Know whoever types behind the bot's name, without storing anything of them."""
    user = update.effective_user
    if user is None or not await _allowed(update, context):
        raise ApplicationHandlerStop
    known = await context.services.database.read(
        lambda connection: chats.look_up(connection, telegram_id=user.id)
    )
    ui_language = _ui_language(user.language_code, context.services.settings)
    context.here = known or Chat(telegram_id=user.id, ui_language=ui_language)


async def _registered(
    update: Update, context: Context, chat: TelegramChat, code: str | None
) -> Chat:
    database = context.services.database
    message = update.effective_message
    thread_id = (message.message_thread_id or 0) if message and message.is_topic_message else 0
    known = await database.read(
        lambda connection: chats.look_up(connection, telegram_id=chat.id, thread_id=thread_id)
    )
    blocked = known is not None and known.state is ChatState.BLOCKED
    let_in = _let_in(update, context)
    is_told = known is None or let_in is None or known.state_reason == let_in
    if known is not None and is_told and not (blocked and _is_said(update)):
        return known
    settings = context.services.settings
    async with database.transaction() as session:
        registered = await chats.register(
            session=session,
            telegram_id=chat.id,
            thread_id=thread_id,
            kind=ChatKind(chat.type),
            now=utc_now(),
            # A channel's readers asked for papers.
            **({"week_day": NO_DAY} if chat.type == ChatType.CHANNEL else {}),
            ui_language=_ui_language(code, settings),
            language=_language(code, context),
            timezone=settings.default_timezone,
            push_time=settings.default_push_time,
        )
        if registered.state is ChatState.BLOCKED and _is_said(update):
            # Somebody writes from there, so it can be reached again.
            registered.state = ChatState.ACTIVE
            chats.reschedule(registered, now=utc_now())
        registered.state_reason = let_in
        return registered


def _let_in(update: Update, context: Context) -> str | None:
    """Return by whom a chat is let in that is not named itself."""
    settings, chat, user = context.services.settings, update.effective_chat, update.effective_user
    named = settings.allowed_chats | settings.admins
    if not settings.allowed_chats or chat is None or user is None or chat.id in named:
        return None
    return admin.let_in_by(user.id) if user.id in named and _is_said(update) else None


def _is_said(update: Update) -> bool:
    """Tell words from the notice that the bot was thrown out, which may come last of all."""
    return update.message is not None and update.message.left_chat_member is None


def _is_offered(query: CallbackQuery) -> bool:
    """Say whether the message that was tapped has such a button: hostile clients send anything.

    Of old messages Telegram shows nothing: then what the button says has to be enough.
    https://core.telegram.org/bots/api#callbackquery
    """
    message = query.message
    if message is not None and not message.is_accessible:
        return outlives_its_message(query.data or "")
    return isinstance(message, Message) and query.data in offered(message)


def _ui_language(code: str | None, settings: Settings) -> str:
    return negotiate(code or settings.default_language)


def _language(code: str | None, context: Context) -> str:
    wanted = nearest(code) or context.services.settings.default_language
    possible = {language.code for language in context.services.languages}
    return wanted if wanted in possible else ORIGINAL


async def _allowed(update: Update, context: Context) -> bool:
    settings = context.services.settings
    if not settings.allowed_chats:
        return True
    chat, user = update.effective_chat, update.effective_user
    ids = {chat.id if chat else 0, user.id if user else 0}
    if ids & (settings.allowed_chats | settings.admins):
        return True
    async with context.services.database.reading() as session:
        return await admin.is_allowed(session=session, telegram_ids=ids)


async def _turn_away(update: Update, context: Context) -> None:
    _ = context.texts
    text = _.plain(
        "This Paperboy is private. Its admin can give this chat access: {id}",
        id=context.chat.telegram_id,
    )
    if update.callback_query is not None or _is_for_us(update.message):
        await refuse(update, text)


def _is_for_us(message: Message | None) -> bool:
    """Tell words that nobody in a group wrote for somebody else."""
    if message is None or not message.text:
        return False
    return message.chat.type == ChatType.PRIVATE or message.text.startswith("/")
