"""Delivery: messages of the outbox are claimed, sent, and settled, retried with backoff.

Each waits for its turn at the rate limiter first, and only then is claimed: nothing waits under a
claim. What is asked of the database meanwhile goes into one transaction, kind by kind, in sets.
"""

import asyncio
import random
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy import Connection
from telegram.error import RetryAfter
from telegram.ext import ExtBot

from bot.push.group_commit import GroupCommit
from bot.push.send import (
    Later,
    Migrated,
    NotRich,
    Outcome,
    Refused,
    Sent,
    Unreachable,
    probe,
    send,
)
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority, RateLimiter, retry_after_seconds
from storage import chats, outbox
from storage.chats import Recipient, SettledPush
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatState
from storage.shown import note_told_of_cap

FIRST_RETRY = timedelta(minutes=1)
MAX_ATTEMPTS = 8
"""Doubling from a minute, the eighth try is about two hours after the first."""

TOGETHER = 1.5
"""A transaction waits as long as the pace takes to let so many more messages out: it is the dearest
part of a message. What was sent waits as long to be written down, and is repeated after a kill
meanwhile: with 2 these are more than three messages a kill.
"""

_LEASE_FRACTION = 0.8
"""The part of its claim that a message may take."""

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a push by the clock ends."""

    chat_id: int
    now: datetime
    came: bool = False
    """Whether anything came with it."""
    tells: bool = False
    """Whether the chat wants to hear of it where nothing did."""
    problem: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of the outbox, and the rows that it settles."""

    message: PushMessage
    rows: outbox.Rows
    telegram_id: int
    """Whose turn it waits for; it goes to where the chat is by then."""
    attempts: int = 0
    """How often its rows were tried before."""
    silent: bool = False
    """It comes without a sound."""
    by_clock: bool = False
    """Nobody asked for it, so it is not sent where the chat is paused meanwhile."""
    repeatable: bool = True
    """What may have arrived is sent again: at least once. Else at most once."""
    ending: Ending | None = None
    """The push that ends with this message, or where it has a problem."""
    is_last: bool = False


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
    has_ended: bool = False
    """The push that it belongs to is settled."""
    is_not_rich: bool = False
    """Telegram did not take the rich form: its papers are owed as before."""


class _Tried(NamedTuple):
    """What became of a claimed message."""

    item: Outgoing
    ids: tuple[int, ...]
    outcome: Outcome
    tried: bool = True
    """Telegram was asked to take it."""


class _Claimed(NamedTuple):
    """A message that is this copy's to send."""

    recipient: Recipient
    ids: tuple[int, ...]


def group_commit(database: Database, bot: ExtBot[Priority]) -> GroupCommit:
    """Return what writes for deliveries: what was sent, and which pushes ended, first of all."""

    def company() -> float:
        limiter = bot.rate_limiter
        return limiter.seconds_until(TOGETHER) if isinstance(limiter, RateLimiter) else 0.0

    return GroupCommit(database, first=(_settle, end_pushes), company=company)


async def deliver(commit: GroupCommit, bot: ExtBot[Priority], item: Outgoing) -> Pushed:
    """Claim, send and settle; once claimed it is finished, also when cancelled (graceful shutdown).

    Claim and outcome are two transactions: a crash repeats what is in flight between them, at most
    the pace times what Telegram and the database take.
    """
    try:
        async with _turn(bot, item.telegram_id):
            return await shield_until_done(_deliver(commit, bot, item))
    except RetryAfter as error:
        waits = Later(error.message, retry_after_seconds(error), unsent=True)
        return await shield_until_done(_put_off(commit, item, waits))


def _turn(bot: ExtBot[Priority], telegram_id: int) -> AbstractAsyncContextManager[None]:
    limiter = bot.rate_limiter
    return limiter.turn(telegram_id) if isinstance(limiter, RateLimiter) else nullcontext()


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
    mine = await commit.write(_claim, item)
    if isinstance(mine, Pushed):
        return mine
    # The claim must not run out while the message is on its way: another copy would send it, too.
    seconds = outbox.CLAIM_LEASE.total_seconds() * _LEASE_FRACTION
    closed = None
    outcome: Outcome = Later("no answer in time")
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            closed = await probe(bot) if item.attempts else None
            outcome = closed or await tell(
                commit, bot, mine.recipient, item.message, silent=item.silent
            )
    tried = _Tried(item, mine.ids, outcome, tried=closed is None)
    done = await commit.write_until_stored(_settle, tried)
    return replace(done, telegram_is_down=True) if closed else done


async def _put_off(commit: GroupCommit, item: Outgoing, waits: Later) -> Pushed:
    """Settle a message whose turn does not come for so long."""
    mine = await commit.write(_claim, item)
    if isinstance(mine, Pushed):
        return mine
    return await commit.write(_settle, _Tried(item, mine.ids, waits))


def _claim(connection: Connection, items: Sequence[Outgoing]) -> list[_Claimed | Pushed]:
    """Take messages' rows; return where each goes now, or why it is not to be sent."""
    now = utc_now()
    known = chats.recipients(connection, {item.rows.chat_id for item in items})
    wanted = [item for item in items if _is_wanted(item, known.get(item.rows.chat_id))]
    taken = outbox.claim(connection, [item.rows for item in wanted], now=now)
    found = iter(zip(wanted, taken, strict=True))
    claimed: list[_Claimed | Pushed] = []
    waiting = next(found, None)
    for item in items:
        if waiting is None or waiting[0] is not item:
            claimed.append(Pushed(problem="not wanted any more"))
            continue
        ids = waiting[1]
        claimed.append(_taken(connection, item, known[item.rows.chat_id], ids, now))
        waiting = next(found, None)
    return claimed


def _is_wanted(item: Outgoing, chat: Recipient | None) -> bool:
    if chat is None or (item.by_clock and chat.state is ChatState.PAUSED):
        return False
    return chat.state is not ChatState.BLOCKED or not item.rows.waits_for_unblock


def _taken(
    connection: Connection, item: Outgoing, chat: Recipient, ids: tuple[int, ...], now: datetime
) -> _Claimed | Pushed:
    if chat.state is ChatState.BLOCKED:
        outbox.mark_dead(connection, item.rows, reason=chat.state_reason or "blocked")
        return Pushed()
    if len(ids) == len(item.rows.items):
        return _Claimed(chat, ids)
    reason = "another push was faster"
    outbox.retry_later(connection, item.rows, reason=reason, next_try_at=now, tried=False, ids=ids)
    return Pushed(problem=reason, retry_at=now + FIRST_RETRY)


async def tell(
    commit: GroupCommit,
    bot: ExtBot[Priority],
    chat: Recipient,
    message: PushMessage,
    *,
    silent: bool,
) -> Outcome:
    """Send a message, after the chat where that has moved."""
    outcome = await send(bot, chat, message, silent=silent)
    if isinstance(outcome, Migrated):
        _log.info("chat moved", chat=chat.id)
        old, new = chat.telegram_id, outcome.new_telegram_id
        async with commit.database.transaction() as session:
            await chats.migrate(session=session, telegram_id=old, new_telegram_id=new)
        outcome = await send(bot, chat._replace(telegram_id=new), message, silent=silent)
    return outcome


def _settle(connection: Connection, tries: Sequence[_Tried]) -> list[Pushed]:
    """Write down what became of claimed messages: sent, retried with backoff, or dead.

    And, in the same transaction, which pushes ended with them.
    """
    now = utc_now()
    for table, some in _by_table(tries):
        outbox.mark_claimed_sent(connection, table, some, now=now)
    note_told_of_cap(connection, [one.item.rows.chat_id for one in tries if _told_of_cap(one)])
    done, endings = [], []
    for one in tries:
        pushed, ending = _settle_one(connection, one, now), one.item.ending
        goes_on = pushed.is_not_rich or not (one.item.is_last or pushed.problem is not None)
        if ending and not goes_on:
            endings.append(ended(ending, pushed))
            pushed = replace(pushed, has_ended=True)
        done.append(pushed)
    end_pushes(connection, endings)
    return done


def _told_of_cap(one: _Tried) -> bool:
    return one.item.message.tells_of_cap and isinstance(one.outcome, Sent)


def ended(ending: Ending, pushed: Pushed) -> Ending:
    """Return how a push ends with what its last message, or all of them, did."""
    came = ending.came or pushed.sent > 0
    return replace(ending, came=came, problem=pushed.problem, retry_at=pushed.retry_at)


def _by_table(
    tries: Iterable[_Tried],
) -> Iterable[tuple[outbox.OutboxTable, list[tuple[tuple[int, ...], int]]]]:
    found: dict[outbox.OutboxTable, list[tuple[tuple[int, ...], int]]] = {}
    for item, ids, outcome, _tried in tries:
        if isinstance(outcome, Sent):
            found.setdefault(item.rows.table, []).append((ids, outcome.message_id))
    return found.items()


def _settle_one(connection: Connection, one: _Tried, now: datetime) -> Pushed:
    item, _ids, outcome, _tried = one
    rows, chat_id = item.rows, item.rows.chat_id
    match outcome:
        case Sent():
            return Pushed(sent=len(rows.items))
        case Unreachable(reason):
            if rows.waits_for_unblock:
                outbox.retry_later(connection, rows, reason=reason, next_try_at=now, tried=False)
            else:
                outbox.mark_dead(connection, rows, reason=reason)
            chats.mark_blocked(connection, chat_id=chat_id, reason=reason)
            _log.info("chat can't be reached", chat=chat_id, reason=reason)
            return Pushed(problem=reason)
        case NotRich(reason):
            outbox.retry_later(connection, rows, reason=reason, next_try_at=now, tried=False)
            return Pushed(is_not_rich=True)
        case Refused(reason):
            outbox.mark_dead(connection, rows, reason=reason)
            _log.error("Telegram refused a message", chat=chat_id, reason=reason)
            return Pushed()
        case Migrated():
            outcome = Later("chat moved twice", unsent=True)
    return _settle_later(connection, one, outcome, now)


def _settle_later(connection: Connection, one: _Tried, outcome: Later, now: datetime) -> Pushed:
    item, rows, chat_id = one.item, one.item.rows, one.item.rows.chat_id
    if not (item.repeatable or outcome.unsent):
        outbox.mark_dead(connection, rows, reason=outbox.MAY_HAVE_ARRIVED)
        _log.warning("what may have arrived is not sent again", chat=chat_id, reason=outcome.reason)
        return Pushed()
    reason, after = outcome.reason, outcome.after_seconds
    # Only a try that Telegram was well for, and had time for, says anything about the message.
    tried = one.tried and after is None
    if tried and item.attempts + 1 >= MAX_ATTEMPTS:
        outbox.mark_dead(connection, rows, reason=reason)
        _log.error("a message was given up", chat=chat_id, reason=reason)
        return Pushed()
    retry_at = now + (_backoff(item.attempts) if after is None else timedelta(seconds=after))
    outbox.retry_later(connection, rows, reason=reason, next_try_at=retry_at, tried=tried)
    return Pushed(problem=reason, retry_at=retry_at)


def end_pushes(connection: Connection, endings: Sequence[Ending]) -> list[bool]:
    """Settle the day of chats: done, or to be gone on with; say who is to hear of nothing new."""
    unfinished: dict[int, datetime] = {}
    asked = [one for one in endings if one.retry_at is None and one.problem is None]
    for now, some in groupby(sorted(asked, key=attrgetter("now")), attrgetter("now")):
        # What failed, or a copy died with, before this copy took over is part of the push.
        unfinished |= outbox.unfinished_until(connection, [one.chat_id for one in some], now=now)
    settled, told = [], []
    for one in endings:
        retry_at = one.retry_at or unfinished.get(one.chat_id)
        tells = one.tells and not one.came and one.problem is None and retry_at is None
        now = max(one.now, utc_now())
        settled.append(SettledPush(one.chat_id, now, sent=one.came or tells, retry_at=retry_at))
        told.append(tells)
    chats.settle_pushes(connection, settled)
    return told


def _backoff(attempts: int) -> timedelta:
    """Return how long to wait before the next try: exponential backoff with jitter."""
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return FIRST_RETRY * (2.0**attempts * jitter)
