"""Pay each chat what it is owed, when its own clock says so."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from telegram.ext import ExtBot

from bot.digest.message import PushMessage, new_papers, push_messages
from bot.i18n import texts
from bot.pace import Pace
from bot.pipeline.send import Later, Migrated, Outcome, Refused, Sent, Unreachable, knock, send
from bot.pipeline.shares import is_silent, within_caps
from bot.pipeline.translate import views
from bot.translation.service import Translator
from storage import chats, outbox, topics
from storage.database import Database
from storage.models import Chat, ChatState, Subscription, utc_now

__all__ = ["Pushed", "push_chat", "push_due", "push_everything"]

CHATS_AT_ONCE = 100
"""Chats that wait for translations or for Telegram side by side: 100 groups fill its pace."""

READING_AT_ONCE = 4
"""Chats that are looked up side by side: commands must not wait for a free connection."""

LOOK_AGAIN_SECONDS = 10.0
"""Chats that become due while others are being served wait no longer than this."""

FIRST_RETRY = timedelta(minutes=1)
LAST_ATTEMPT = 8
"""Doubling from a minute, the eighth try is about two hours after the first."""

_OF_THE_LEASE = 0.8
"""The part of its claim that a message may take."""

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one push to one chat did."""

    papers: int = 0
    still_owed: int = 0
    problem: str | None = None
    retry_at: datetime | None = None
    """When to go on, where the problem may pass."""


async def push_due(
    *,
    database: Database,
    translator: Translator,
    bot: ExtBot[Pace],
    now: datetime | None = None,
    telegram_id: int | None = None,
) -> int:
    """Push to every chat, or one, whose time has come; return how many papers were sent.

    Any number of copies may do this at once: a chat's push belongs to the one that claims it.
    """
    desk = asyncio.Semaphore(READING_AT_ONCE)

    async def one(chat_id: int) -> int:
        try:
            async with desk:
                plan = await _plan(database, chat_id=chat_id, now=now or utc_now())
            return await _due_push(database, translator, bot, plan) if plan else 0
        except Exception:  # noqa: BLE001 - one bad chat harms nobody else; its claim runs out
            _log.exception("a push failed, nothing is lost", chat=chat_id)
            return 0

    pushing: set[asyncio.Task[int]] = set()
    sent = 0
    try:
        while True:
            free = CHATS_AT_ONCE - len(pushing)
            if free >= CHATS_AT_ONCE // 2:
                mine = await _claimed(database, now or utc_now(), free, telegram_id)
                pushing |= {asyncio.create_task(one(chat_id)) for chat_id in mine}
            if not pushing:
                return sent
            done, pushing = await asyncio.wait(
                pushing, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            sent += sum(task.result() for task in done)
    finally:
        for task in pushing:
            task.cancel()
        await asyncio.gather(*pushing, return_exceptions=True)


async def _claimed(
    database: Database, now: datetime, limit: int, telegram_id: int | None
) -> list[int]:
    """Take the pushes that are due, and what died with the copy that had taken it."""
    async with database.transaction() as session:
        released = await outbox.release_stale(session=session, now=now)
        due = await chats.due(session=session, now=now, limit=limit, telegram_id=telegram_id)
        mine = [
            chat.id for chat in due if await chats.claim_push(session=session, chat=chat, now=now)
        ]
    if released:
        _log.warning("took back deliveries of a copy that died", deliveries=released)
    return mine


async def push_everything(
    *,
    database: Database,
    translator: Translator,
    bot: ExtBot[Pace],
    telegram_id: int | None = None,
    told: Callable[[Chat, Pushed, int, int], None] | None = None,
) -> int:
    """Send everything that active chats, or one, are owed, whatever the time and the caps.

    `told` hears of each chat: what its push did, the how manieth chat it was, and of how many.
    """
    async with database.transaction() as session:
        await outbox.release_stale(session=session, now=utc_now())
    async with database.reading() as session:
        waiting = await outbox.chats_owed(session=session, telegram_id=telegram_id)
    sent = 0
    for number, chat in enumerate(waiting, start=1):
        done = await push_chat(
            database=database, translator=translator, bot=bot, chat_id=chat.id, limit=None
        )
        sent += done.papers
        if told is not None:
            told(chat, done, number, len(waiting))
    return sent


async def push_chat(
    *,
    database: Database,
    translator: Translator,
    bot: ExtBot[Pace],
    chat_id: int,
    limit: int | None,
    now: datetime | None = None,
) -> Pushed:
    """Send a chat what it is owed, the newest `limit` papers (None: all), now."""
    plan = await _plan(database, chat_id=chat_id, now=now or utc_now(), limit=limit, by_clock=False)
    if plan is None or plan.chat.state is ChatState.BLOCKED:
        return Pushed()
    return await _pay(database, translator, bot, plan)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a push is going to send."""

    chat: Chat
    due: Sequence[outbox.Owed]
    followed: Mapping[str, Sequence[Subscription]]
    """The subscriptions that each paper comes for."""
    total: int
    """All that the chat is owed."""
    before: int
    """What the same push sent before it was interrupted; it counts towards the cap."""
    now: datetime
    by_clock: bool
    """Nobody asked for it, so it ends where the chat is paused meanwhile."""


async def _plan(
    database: Database,
    *,
    chat_id: int,
    now: datetime,
    limit: int | None = None,
    by_clock: bool = True,
) -> _Plan | None:
    """Look up what a chat is to be sent; by the clock its own cap is the limit."""
    async with database.reading() as session:
        chat = await chats.get(session=session, chat_id=chat_id)
        if chat is None:
            return None
        sent: Sequence[str] = []
        if by_clock:
            since = chat.pushing_since or now
            sent = await outbox.sent_since(session=session, chat_id=chat_id, since=since)
            limit = max(0, chat.papers_per_push - len(sent))
        capped = limit is not None and await topics.any_capped(session=session, chat_id=chat_id)
        due = await outbox.owed(
            session=session, chat_id=chat_id, now=now, limit=None if capped else limit
        )
        followed = await topics.on_papers(
            session=session, chat_id=chat_id, paper_ids=[*(o.paper.id for o in due), *sent]
        )
        if capped:
            fits = set(within_caps((o.paper.id for o in due), followed=followed, sent=sent))
            due = [o for o in due if o.paper.id in fits][:limit]
        total = len(due)
        if capped or not by_clock or total == limit:
            total = await outbox.owed_count(session=session, chat_id=chat_id)
    return _Plan(chat, due, followed, total, len(sent), now, by_clock)


async def _pay(
    database: Database, translator: Translator, bot: ExtBot[Pace], plan: _Plan
) -> Pushed:
    if not plan.due:
        return Pushed(still_owed=plan.total)
    chat = plan.chat
    shown = await views(
        database=database,
        translator=translator,
        papers=[o.paper for o in plan.due],
        language=chat.language,
        labels={
            paper_id: tuple(entry.label for entry in entries)
            for paper_id, entries in plan.followed.items()
        },
        titles=chat.translate_titles,
    )
    _ = texts(chat.ui_language)
    messages = push_messages(
        shown,
        _=_,
        header=new_papers(len(shown), _),
        more=plan.total - len(shown),
        language=chat.language,
    )
    sent = 0
    for message in messages:
        done = await _whole(_deliver(database, bot, plan, message))
        sent += done.papers
        if done.problem is not None:
            return Pushed(sent, plan.total - sent, done.problem, done.retry_at)
    return Pushed(papers=sent, still_owed=plan.total - sent)


async def _due_push(
    database: Database, translator: Translator, bot: ExtBot[Pace], plan: _Plan
) -> int:
    done = await _pay(database, translator, bot, plan)
    async with database.transaction() as session:
        retry_at = done.retry_at
        if retry_at is None and done.problem is None:
            # What failed, or a copy died with, before this copy took over is part of the push.
            retry_at = await outbox.unfinished_until(
                session=session, chat_id=plan.chat.id, now=plan.now
            )
        await chats.settle_push(
            session=session,
            chat_id=plan.chat.id,
            now=max(plan.now, utc_now()),
            sent=plan.before + done.papers > 0,
            retry_at=retry_at,
        )
    return done.papers


async def _whole(work: Coroutine[Any, Any, _T]) -> _T:
    """Finish what was begun before a cancellation is obeyed; the second one is obeyed at once.

    Between Telegram's yes and our note of it nothing may come: the message would be sent twice.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _deliver(
    database: Database, bot: ExtBot[Pace], plan: _Plan, message: PushMessage
) -> Pushed:
    """Claim, send and write down the outcome."""
    ids, chat_id, now = message.paper_ids, plan.chat.id, utc_now()
    attempts = max(o.delivery.attempts for o in plan.due if o.paper.id in ids)
    async with database.transaction() as session:
        chat = await chats.get(session=session, chat_id=chat_id)
        wanted = chat is not None and chat.state is not ChatState.BLOCKED
        if chat is None or not wanted or (plan.by_clock and chat.state is ChatState.PAUSED):
            return Pushed(problem="not wanted any more")
        mine = await outbox.claim(session=session, chat_id=chat_id, paper_ids=ids, now=now)
        if mine != set(ids):
            await outbox.give_back(
                session=session,
                chat_id=chat_id,
                paper_ids=mine,
                reason="another push was faster",
                next_try_at=now,
                tried=False,
            )
            return Pushed(problem="another push was faster", retry_at=now + FIRST_RETRY)
    # The claim must not run out while the message is on its way: another copy would send it, too.
    seconds = outbox.CLAIM_LEASE.total_seconds() * _OF_THE_LEASE
    closed = None
    outcome: Outcome = Later("no answer in time")
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            closed = await knock(bot) if attempts else None
            silent = is_silent(ids, followed=plan.followed)
            outcome = closed or await _sent(database, bot, chat, message.html, silent=silent)
    return await _write_down(database, chat, ids, outcome, attempts=attempts, tried=closed is None)


async def _sent(
    database: Database, bot: ExtBot[Pace], chat: Chat, html: str, *, silent: bool
) -> Outcome:
    """Send a message, after the chat where that has moved."""
    outcome = await send(bot, chat, html, silent=silent)
    if isinstance(outcome, Migrated):
        _log.info("chat moved", chat=chat.id)
        async with database.transaction() as session:
            await chats.migrate(
                session=session,
                telegram_id=chat.telegram_id,
                new_telegram_id=outcome.new_telegram_id,
            )
        chat.telegram_id = outcome.new_telegram_id
        outcome = await send(bot, chat, html, silent=silent)
    return outcome


async def _write_down(
    database: Database,
    chat: Chat,
    ids: tuple[str, ...],
    outcome: Outcome,
    *,
    attempts: int,
    tried: bool,
) -> Pushed:
    now = utc_now()
    async with database.transaction() as session:
        match outcome:
            case Sent(message_id):
                await outbox.mark_sent(
                    session=session,
                    chat_id=chat.id,
                    paper_ids=ids,
                    message_id=message_id,
                    now=now,
                )
                return Pushed(papers=len(ids))
            case Unreachable(reason):
                await outbox.give_back(
                    session=session,
                    chat_id=chat.id,
                    paper_ids=ids,
                    reason=reason,
                    next_try_at=now,
                    tried=False,
                )
                await chats.block(session=session, chat_id=chat.id, reason=reason)
                _log.info("chat can't be reached", chat=chat.id, reason=reason)
                return Pushed(problem=reason)
            case Refused(reason):
                await outbox.give_up(session=session, chat_id=chat.id, paper_ids=ids, reason=reason)
                _log.error("Telegram refused a message", chat=chat.id, reason=reason)
                return Pushed()
            case Migrated():
                outcome = Later("chat moved twice")
        reason, after = outcome.reason, outcome.after_seconds
        # Only a try that Telegram was well for, and had time for, says anything about the message.
        tried = tried and after is None
        if tried and attempts + 1 >= LAST_ATTEMPT:
            await outbox.give_up(session=session, chat_id=chat.id, paper_ids=ids, reason=reason)
            _log.error("a message was given up", chat=chat.id, reason=reason)
            return Pushed()
        retry_at = now + (_backoff(attempts) if after is None else timedelta(seconds=after))
        await outbox.give_back(
            session=session,
            chat_id=chat.id,
            paper_ids=ids,
            reason=reason,
            next_try_at=retry_at,
            tried=tried,
        )
        return Pushed(problem=reason, retry_at=retry_at)


def _backoff(attempts: int) -> timedelta:
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return FIRST_RETRY * (2.0**attempts * jitter)
