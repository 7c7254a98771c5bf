"""Error handler: what went wrong in a handler is logged first, then answered."""

from collections.abc import Sequence
from contextlib import suppress

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from telegram import Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ApplicationHandlerStop

from bot.conversation.context import Context
from bot.i18n import Texts, negotiate, texts
from bot.telegram.rights import lacks_rights, lacks_rights_for_files
from storage import chats
from storage.database_problem import DatabaseProblem, problem_of
from storage.models import Chat

_TOO_LATE = (
    "message is not modified",
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "query is too old",
)
"""What Telegram says when somebody was faster, or has deleted what was to be changed."""

_log = structlog.get_logger(__name__)


async def handle_error(update: object, context: Context) -> None:
    """Error handler: log what a handler did not expect, and tell the person that it was not them.

    Raises ApplicationHandlerStop: the handlers behind it would miss what the failed one prepared,
    fail in their turn, and apologise once more.
    """
    await _answer(update, context)
    raise ApplicationHandlerStop


async def apologise(update: Update, context: Context) -> None:
    """Tell somebody that what they asked for went wrong, and is not tried again."""
    await _apologise(update, _sorry(None, _texts(update, await _chats(update, context))))


async def _answer(update: object, context: Context) -> None:
    # The context is a new one here, so nobody has set its chat.
    known = await _chats(update, context)
    chat_id = known[0].id if known else None
    match context.error:
        case BadRequest(message=reason) if reason.lower().startswith(_TOO_LATE):
            _log.info("an answer came too late", chat=chat_id, reason=reason)
        case BadRequest(message=reason) as error if lacks_rights(error):
            _log.info("chat gives the bot no such right", chat=chat_id, reason=reason)
            if isinstance(update, Update):
                await _apologise(update, _rights(error, _texts(update, known)))
        case Forbidden(message=reason):
            _log.info("chat can't be reached", chat=chat_id, reason=reason)
            async with context.services.database.transaction() as session:
                for chat in known:
                    await chats.block(session=session, chat_id=chat.id, reason=reason)
        case ChatMigrated(new_chat_id=new_telegram_id) if known:
            async with context.services.database.transaction() as session:
                await chats.migrate(
                    session=session,
                    telegram_id=known[0].telegram_id,
                    new_telegram_id=new_telegram_id,
                )
        case Conflict():
            _log.error("another copy of this bot is running with the same token")
        case (RetryAfter() | NetworkError()) as error if not isinstance(error, BadRequest):
            _log.warning("Telegram does not answer", chat=chat_id, error=type(error).__name__)
        case error:
            _note(error, chat_id)
            if isinstance(update, Update):
                await _apologise(update, _sorry(error, _texts(update, known)))


def _texts(update: Update, known: Sequence[Chat]) -> Texts:
    user = update.effective_user
    language = negotiate(user.language_code if user else None)
    return texts(known[0].ui_language, known[0].kind) if known else texts(language)


def _rights(error: BadRequest, _: Texts) -> str:
    if lacks_rights_for_files(error):
        return _.plain(
            "🚫 I may not send files here. An admin of the group can allow it. "
            "/latest shows the papers as text."
        )
    return _.plain("🚫 I may not write here. An admin of the group can allow it.")


def _note(error: Exception | None, chat_id: int | None) -> None:
    if isinstance(error, DBAPIError):
        problem = problem_of(error)
        if problem is not DatabaseProblem.OTHER:
            # Where in our code a disk was full tells nobody anything.
            _log.error(problem.told, chat=chat_id, problem=problem.value)
            return
    _log.error("a handler failed", chat=chat_id, exc_info=error)


async def _chats(update: object, context: Context) -> Sequence[Chat]:
    """Return the chat with its forum topics; none where it is unknown or can't be looked up."""
    if not isinstance(update, Update) or update.effective_chat is None:
        return []
    try:
        async with context.services.database.reading() as session:
            return await chats.of_telegram(session=session, telegram_id=update.effective_chat.id)
    except SQLAlchemyError:
        return []


def _sorry(error: Exception | None, _: Texts) -> str:
    if isinstance(error, DBAPIError) and problem_of(error) is DatabaseProblem.SLOW:
        return _.plain(
            "Sorry, that took too long, so I stopped. Nothing is lost; please try again later."
        )
    return _.plain("Sorry, that went wrong on my side. Nothing is lost; please try again.")


async def _apologise(update: Update, sorry: str) -> None:
    query, message = update.callback_query, update.effective_message
    try:
        if query is not None:
            with suppress(BadRequest):  # the tap was answered before, or is too old
                await query.answer(sorry, show_alert=True)
                return
        if message is not None:
            await message.reply_text(sorry)
    except TelegramError as error:
        _log.warning("could not even say sorry", error=type(error).__name__)
