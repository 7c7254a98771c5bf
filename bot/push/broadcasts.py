"""Broadcasts: owed, claimed, sent and written down like papers, and at the same pace."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.ext import ExtBot

from bot.push.delivery import FIRST_RETRY, MAX_ATTEMPTS, GroupCommit, shield_until_done, tell
from bot.push.send import Later, Migrated, Outcome, Refused, Sent, Unreachable, probe
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority
from storage import admin, chats
from storage.admin import Due
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatState, DeliveryState
from storage.outbox import CLAIM_LEASE

AT_ONCE = 20
"""Few: at Telegram's pace they take a second, and the pushes beside them wait no longer."""

_PATIENCE_SECONDS = CLAIM_LEASE.total_seconds() / 2

_log = structlog.get_logger(__name__)


async def send_notices(
    *, database: Database, bot: ExtBot[Priority], now: datetime | None = None
) -> int:
    """Send what of broadcasts is due; return how many chats got theirs.

    Any number of copies may do this at once. One that dies repeats at most what was in flight.
    Where Telegram takes nothing of a round, there is no other one before the next call.
    """
    ledger = GroupCommit(database)
    async with database.transaction() as session:
        await admin.release_stale(session=session, now=now or utc_now())
    sent = 0
    while True:
        async with database.transaction() as session:
            due = await admin.claim(session=session, now=now or utc_now(), limit=AT_ONCE)
        if not due:
            return sent
        outcomes = await shield_until_done(_send_all(ledger, bot, due))
        sent += sum(isinstance(outcome, Sent) for outcome in outcomes)
        if all(isinstance(outcome, Later) for outcome in outcomes):
            return sent


async def _send_all(ledger: GroupCommit, bot: ExtBot[Priority], due: list[Due]) -> list[Outcome]:
    return await asyncio.gather(*(_send(ledger, bot, one) for one in due))


async def _send(ledger: GroupCommit, bot: ExtBot[Priority], due: Due) -> Outcome:
    outcome: Outcome = Later("no answer in time")
    if due.chat.state is ChatState.BLOCKED:
        outcome = Unreachable(due.chat.state_reason or "blocked")
    else:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                closed = await probe(bot) if due.notice.attempts else None
                message = PushMessage(due.html, ())
                outcome = closed or await tell(ledger, bot, due.chat, message, silent=False)
        except TimeoutError:
            _log.warning("a notice took too long", chat=due.chat.id)
    await ledger.insist(lambda session: _write_down(session, due, outcome))
    return outcome


async def _write_down(session: AsyncSession, due: Due, outcome: Outcome) -> None:
    state, again, tried = DeliveryState.DEAD, None, True
    reason = None if isinstance(outcome, (Sent, Migrated)) else outcome.reason
    match outcome:
        case Sent():
            state = DeliveryState.SENT
        case Unreachable():
            await chats.block(session=session, chat_id=due.chat.id, reason=outcome.reason)
        case Refused():
            _log.error("Telegram refused a notice", chat=due.chat.id, reason=outcome.reason)
        case Migrated():
            state, again = DeliveryState.PENDING, utc_now() + FIRST_RETRY
        case Later():
            # Where Telegram names a time, the notice is not to blame.
            tried = outcome.after_seconds is None
            if not tried or due.notice.attempts + 1 < MAX_ATTEMPTS:
                wait = FIRST_RETRY * 2.0**due.notice.attempts
                if outcome.after_seconds is not None:
                    wait = timedelta(seconds=outcome.after_seconds)
                state, again = DeliveryState.PENDING, utc_now() + wait
    await admin.settle(
        session=session,
        notice_id=due.notice.id,
        state=state,
        reason=reason,
        next_try_at=again,
        tried=tried,
    )
