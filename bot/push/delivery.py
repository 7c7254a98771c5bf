"""Delivery: one message of the outbox is claimed, sent, and settled, retried with backoff."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.ext import ExtBot

from bot.push.send import Later, Migrated, Outcome, Refused, Sent, Unreachable, probe, send
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority
from storage import chats, outbox
from storage.columns import utc_now
from storage.database import PASSING, Database, problem_of
from storage.models import Chat, ChatState

FIRST_RETRY = timedelta(minutes=1)
MAX_ATTEMPTS = 8
"""Doubling from a minute, the eighth try is about two hours after the first."""

_LEASE_FRACTION = 0.8
"""The part of its claim that a message may take."""

_MOST = 50
"""Entries in one transaction: more would keep others from writing for too long."""

AGAIN_SECONDS = 1.0

_T = TypeVar("_T")
_Entry = Callable[[AsyncSession], Awaitable[_T]]

_log = structlog.get_logger(__name__)


class GroupCommit:
    """Group commit: concurrent writes share one transaction, as a commit is most of the work."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[_Entry[Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, entry: _Entry[_T]) -> _T:
        """Run an entry in a transaction; return what it returned, once that is stored.

        An entry that fails is alone in that, and one that shared a transaction with it is run a
        second time.
        """
        stored: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def write_until_stored(self, entry: _Entry[_T]) -> _T:
        """Retry until stored what has happened already, while the disk is full, say.

        What Telegram accepted is known here alone until it is stored.
        """
        said = False
        while True:
            try:
                return await self.write(entry)
            except DBAPIError as error:
                problem = problem_of(error)
                if problem not in PASSING:
                    raise
                if not said:
                    _log.error("what was sent can't be written down yet", problem=problem.value)
                    said = True
                await asyncio.sleep(AGAIN_SECONDS)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            try:
                await self._together(batch)
            except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
                for one in batch:
                    await self._alone(one)

    async def _together(self, batch: list[tuple[_Entry[Any], asyncio.Future[Any]]]) -> None:
        async with self._database.transaction() as session:
            results = [await entry(session) for entry, _stored in batch]
        for (_entry, stored), result in zip(batch, results, strict=True):
            if not stored.done():
                stored.set_result(result)

    async def _alone(self, one: tuple[_Entry[Any], asyncio.Future[Any]]) -> None:
        _entry, stored = one
        try:
            await self._together([one])
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the entry
            if not stored.done():
                stored.set_exception(error)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of the outbox, and the rows that it settles."""

    message: PushMessage
    rows: outbox.Rows
    attempts: int = 0
    """How often its rows were tried before."""
    silent: bool = False
    """It comes without a sound."""
    by_clock: bool = False
    """Nobody asked for it, so it is not sent where the chat is paused meanwhile."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one message, or one push, to one chat did."""

    sent: int = 0
    """Papers that Telegram accepted; of a broadcast one."""
    still_owed: int = 0
    problem: str | None = None
    retry_at: datetime | None = None
    """When to go on, where the problem may pass."""
    telegram_is_down: bool = False
    """It was not even tried: Telegram did not answer a harmless question."""


async def deliver(commit: GroupCommit, bot: ExtBot[Priority], item: Outgoing) -> Pushed:
    """Claim, send and settle; once begun it is finished, also when cancelled (graceful shutdown).

    Claim and outcome are two transactions, so a crash in between repeats this one message at most.
    """
    return await shield_until_done(_deliver(commit, bot, item))


async def shield_until_done(work: Coroutine[Any, Any, _T]) -> _T:
    """Finish what was begun before a cancellation is obeyed; the second one is obeyed at once.

    Between Telegram's yes and our note of it nothing may come: the message would be sent twice.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _deliver(commit: GroupCommit, bot: ExtBot[Priority], item: Outgoing) -> Pushed:
    chat = await commit.write(lambda session: _claim(session, item))
    if isinstance(chat, Pushed):
        return chat
    # The claim must not run out while the message is on its way: another copy would send it, too.
    seconds = outbox.CLAIM_LEASE.total_seconds() * _LEASE_FRACTION
    closed = None
    outcome: Outcome = Later("no answer in time")
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            closed = await probe(bot) if item.attempts else None
            outcome = closed or await tell(commit, bot, chat, item.message, silent=item.silent)
    done = await commit.write_until_stored(
        lambda session: _settle(session, item, outcome, tried=closed is None)
    )
    return replace(done, telegram_is_down=closed is not None)


async def _claim(session: AsyncSession, item: Outgoing) -> Chat | Pushed:
    """Take a message's rows; return the chat as it is now, or why nothing is to be sent."""
    now = utc_now()
    chat = await chats.get(session=session, chat_id=item.rows.chat_id)
    if chat is None or (item.by_clock and chat.state is ChatState.PAUSED):
        return Pushed(problem="not wanted any more")
    blocked = chat.state is ChatState.BLOCKED
    if blocked and item.rows.waits_for_unblock:
        return Pushed(problem="not wanted any more")
    mine = await outbox.claim(session=session, rows=item.rows, now=now)
    if blocked:
        reason = chat.state_reason or "blocked"
        await outbox.mark_dead(session=session, rows=item.rows, reason=reason)
        return Pushed()
    if len(mine) == len(item.rows.items):
        return chat
    reason = "another push was faster"
    await outbox.retry_later(
        session=session, rows=item.rows, reason=reason, next_try_at=now, tried=False, ids=mine
    )
    return Pushed(problem=reason, retry_at=now + FIRST_RETRY)


async def tell(
    commit: GroupCommit, bot: ExtBot[Priority], chat: Chat, message: PushMessage, *, silent: bool
) -> Outcome:
    """Send a message, after the chat where that has moved."""
    outcome = await send(bot, chat, message, silent=silent)
    if isinstance(outcome, Migrated):
        _log.info("chat moved", chat=chat.id)
        old, new = chat.telegram_id, outcome.new_telegram_id
        await commit.write(
            lambda session: chats.migrate(session=session, telegram_id=old, new_telegram_id=new)
        )
        chat.telegram_id = new
        outcome = await send(bot, chat, message, silent=silent)
    return outcome


async def _settle(
    session: AsyncSession, item: Outgoing, outcome: Outcome, *, tried: bool
) -> Pushed:
    """Write down what became of a claimed message: sent, retried with backoff, or dead."""
    rows, chat_id, now = item.rows, item.rows.chat_id, utc_now()
    match outcome:
        case Sent(message_id):
            await outbox.mark_sent(session=session, rows=rows, message_id=message_id, now=now)
            return Pushed(sent=len(rows.items))
        case Unreachable(reason):
            if rows.waits_for_unblock:
                await outbox.retry_later(
                    session=session, rows=rows, reason=reason, next_try_at=now, tried=False
                )
            else:
                await outbox.mark_dead(session=session, rows=rows, reason=reason)
            await chats.block(session=session, chat_id=chat_id, reason=reason)
            _log.info("chat can't be reached", chat=chat_id, reason=reason)
            return Pushed(problem=reason)
        case Refused(reason):
            await outbox.mark_dead(session=session, rows=rows, reason=reason)
            _log.error("Telegram refused a message", chat=chat_id, reason=reason)
            return Pushed()
        case Migrated():
            outcome = Later("chat moved twice")
    reason, after = outcome.reason, outcome.after_seconds
    # Only a try that Telegram was well for, and had time for, says anything about the message.
    tried = tried and after is None
    if tried and item.attempts + 1 >= MAX_ATTEMPTS:
        await outbox.mark_dead(session=session, rows=rows, reason=reason)
        _log.error("a message was given up", chat=chat_id, reason=reason)
        return Pushed()
    retry_at = now + (_backoff(item.attempts) if after is None else timedelta(seconds=after))
    await outbox.retry_later(
        session=session, rows=rows, reason=reason, next_try_at=retry_at, tried=tried
    )
    return Pushed(problem=reason, retry_at=retry_at)


def _backoff(attempts: int) -> timedelta:
    """Return how long to wait before the next try: exponential backoff with jitter."""
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return FIRST_RETRY * (2.0**attempts * jitter)
