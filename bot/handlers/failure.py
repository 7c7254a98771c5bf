"""What went wrong is logged first, then answered."""

import structlog
from telegram import Update
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, TelegramError

from bot.context import Context
from bot.i18n import negotiate, texts
from storage import chats

__all__ = ["answer_failure"]

_log = structlog.get_logger(__name__)


async def answer_failure(update: object, context: Context) -> None:
    """Log an error that a handler did not expect, and tell the person that it was not them."""
    error = context.error
    chat_id = context.chat.id if hasattr(context, "chat") else None
    match error:
        case BadRequest() if "message is not modified" in error.message.lower():
            return
        case BadRequest() if "query is too old" in error.message.lower():
            _log.info("a tap was answered too late", chat=chat_id)
            return
        case Forbidden():
            _log.info("chat can't be reached", chat=chat_id, reason=error.message)
            if chat_id is not None:
                async with context.services.database.transaction() as session:
                    await chats.block(session=session, chat_id=chat_id, reason=error.message)
            return
        case Conflict():
            _log.error("another copy of this bot is running with the same token")
            return
        case NetworkError() if not isinstance(error, BadRequest):
            _log.warning("Telegram does not answer", chat=chat_id, error=type(error).__name__)
            return
    _log.error("a handler failed", chat=chat_id, exc_info=error)
    if isinstance(update, Update):
        await _apologise(update)


async def _apologise(update: Update) -> None:
    user = update.effective_user
    _ = texts(negotiate(user.language_code if user else None))
    sorry = _.plain("Sorry, that went wrong on my side. Nothing is lost; please try again.")
    try:
        if update.callback_query:
            await update.callback_query.answer(sorry, show_alert=True)
        elif update.effective_message and update.message:
            await update.effective_message.reply_text(sorry)
    except TelegramError as error:
        _log.warning("could not even say sorry", error=type(error).__name__)
