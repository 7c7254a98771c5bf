"""Raw answers: what Telegram says to some methods, of which the library makes no objects.

It wants every field that the newest Bot API has in its objects, also those that nobody reads.
"""

from typing import Any

from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.telegram.rate_limiter import Priority


async def raw_answer(
    bot: ExtBot[Priority], method: str, parameters: dict[str, Any], *, seconds: float | None = None
) -> Any:
    """Return the result of a method as JSON; `seconds`: how long it may take, where not as usual.

    Raises:
        TelegramError: as the library's own methods.

    """
    usual = BaseRequest.DEFAULT_NONE
    # Its public namesake warns of methods that the library has.
    return await bot._post(  # noqa: SLF001
        method, parameters, read_timeout=usual if seconds is None else seconds
    )


async def admins_of(bot: ExtBot[Priority], chat_id: int) -> set[int]:
    """Return who administers a group or a channel, by their ids.

    Raises:
        NetworkError: Telegram did not say, of which BadRequest is one.
        Forbidden: the bot is not there.

    """
    found = await raw_answer(bot, "getChatAdministrators", {"chat_id": chat_id})
    return {admin["user"]["id"] for admin in found}


async def title_of(bot: ExtBot[Priority], chat_id: int) -> str | None:
    """Return what a group or a channel is called; raises as `admins_of`."""
    title = (await raw_answer(bot, "getChat", {"chat_id": chat_id})).get("title")
    return title if isinstance(title, str) else None
