"""Broadcasts: notices go through the same outbox as papers, at the same rate limit."""

import asyncio
from datetime import datetime

from telegram.ext import ExtBot

from bot.push.delivery import Outgoing, Pushed, deliver, group_commit, shield_until_done
from bot.push.group_commit import GroupCommit
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority
from storage import admin, outbox
from storage.admin_models import Notice
from storage.columns import utc_now
from storage.database import Database

AT_ONCE = 20
"""Few: at Telegram's pace they take a second, and the pushes beside them wait no longer."""


async def send_notices(
    *, database: Database, bot: ExtBot[Priority], now: datetime | None = None
) -> int:
    """Send what of broadcasts is due; return how many chats got theirs.

    Any number of copies may do this at once. One that dies repeats at most what was in flight.
    Where Telegram takes nothing of a round, there is no other one before the next call.
    """
    commit = group_commit(database, bot)
    async with database.transaction() as session:
        await outbox.release_stale(session=session, now=now or utc_now(), table=Notice)
    sent = 0
    while True:
        async with database.reading() as session:
            due = await admin.due(session=session, now=now or utc_now(), limit=AT_ONCE)
        if not due:
            return sent
        # All of a round are finished, also when cancelled.
        done = await shield_until_done(_send_all(commit, bot, due))
        sent += sum(one.sent for one in done)
        if all(one.retry_at for one in done):
            return sent


async def _send_all(
    commit: GroupCommit, bot: ExtBot[Priority], due: list[admin.Due]
) -> list[Pushed]:
    return await asyncio.gather(*(deliver(commit, bot, _outgoing(one)) for one in due))


def _outgoing(due: admin.Due) -> Outgoing:
    notice = due.notice
    rows = outbox.Rows(Notice, notice.chat_id, (notice.broadcast_id,))
    return Outgoing(PushMessage(due.html, ()), rows, due.telegram_id, attempts=notice.attempts)
