"""Permissions: in a group only its admins change anything, in private everybody does."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec

from telegram import Update
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden

from bot.conversation.context import Context
from bot.telegram.raw_answers import admins_of
from bot.telegram.replies import refuse

Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]

_More = ParamSpec("_More")
_Guarded = Callable[Concatenate[Update, Context, _More], Coroutine[Any, Any, None]]


def admins_only(handler: _Guarded[_More]) -> _Guarded[_More]:
    """Permission check: let a handler run only for who may change the chat; tell others kindly."""

    @functools.wraps(handler)
    async def guarded(
        update: Update, context: Context, /, *args: _More.args, **kwargs: _More.kwargs
    ) -> None:
        if await may_change(update, context):
            await handler(update, context, *args, **kwargs)
        else:
            await refuse(update, context.texts.plain("Only this group's admins can change that."))

    return guarded


def operators_only(handler: Handler, *, otherwise: Handler) -> Handler:
    """Let a handler run for the people in ADMINS, in private; for others it is not there."""

    @functools.wraps(handler)
    async def guarded(update: Update, context: Context) -> None:
        await (handler if by_operator(update, context) else otherwise)(update, context)

    return guarded


def by_operator(update: Update, context: Context) -> bool:
    """Say whether somebody in ADMINS is speaking, in private."""
    chat, user = update.effective_chat, update.effective_user
    private = chat is not None and chat.type == ChatType.PRIVATE
    return private and user is not None and user.id in context.services.settings.admins


async def may_change(update: Update, context: Context) -> bool:
    """Say whether the sender of an update may change the chat's topics and settings.

    Raises:
        NetworkError: Telegram did not say who the admins are.

    """
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    # Who manages a channel from a private chat was found to be its admin; see `channel_mode`.
    if chat is None or chat.type == ChatType.PRIVATE:
        return True
    # An admin who stays anonymous writes in the group's own name, and so does a channel.
    if not update.callback_query and message and message.sender_chat == chat:
        return True
    if user is None:
        return False
    if user.id in context.services.settings.admins:
        return True
    try:
        # One member's status is told for sure only to bots that are admins; this list to all bots.
        # https://core.telegram.org/bots/api#getchatmember
        return user.id in await admins_of(context.bot, chat.id)
    except (BadRequest, Forbidden):
        return False
