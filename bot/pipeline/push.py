"""Pay each chat what it is owed, when its own clock says so."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from telegram.ext import ExtBot

from bot.digest.message import PushMessage, new_papers, push_messages
from bot.i18n import texts
from bot.pace import Pace
from bot.pipeline.send import Later, Migrated, Outcome, Refused, Sent, Unreachable, send
from bot.pipeline.translate import views
from bot.translation.service import Translator
from storage import chats, outbox, topics
from storage.database import Database
from storage.models import Chat, ChatState, utc_now

__all__ = ["Pushed", "push_chat", "push_due", "push_everything"]

CHATS_AT_ONCE = 25
"""Chats that wait for translations or for Telegram side by side."""

FIRST_RETRY = timedelta(minutes=1)
LAST_ATTEMPT = 8
"""Doubling from a minute, the eighth try is about two hours after the first."""

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one push to one chat did."""

    papers: int = 0
    still_owed: int = 0
    problem: str | None = None


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
    moment = now or utc_now()
    async with database.transaction() as session:
        released = await outbox.release_stale(session=session, now=moment)
    if released:
        _log.warning("took back deliveries of a copy that died", deliveries=released)
    turn = asyncio.Semaphore(CHATS_AT_ONCE)
    sent = 0

    async def one(chat: Chat) -> int:
        async with turn:
            async with database.transaction() as session:
                mine = await chats.claim_push(session=session, chat=chat, now=moment)
            if not mine:
                return 0
            return await _due_push(database, translator, bot, chat.id, moment)

    while True:
        async with database.reading() as session:
            due = await chats.due(session=session, now=moment, telegram_id=telegram_id)
        if not due:
            return sent
        sent += sum(await asyncio.gather(*(one(chat) for chat in due)))


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
    moment = now or utc_now()
    async with database.reading() as session:
        chat = await chats.get(session=session, chat_id=chat_id)
        if chat is None or chat.state is ChatState.BLOCKED:
            return Pushed()
        due = await outbox.owed(session=session, chat_id=chat_id, now=moment, limit=limit)
        total = await outbox.owed_count(session=session, chat_id=chat_id)
        labels = await topics.labels(
            session=session, chat_id=chat_id, paper_ids=[o.paper.id for o in due]
        )
    if not due:
        return Pushed(still_owed=total)
    shown = await views(
        database=database,
        translator=translator,
        papers=[o.paper for o in due],
        language=chat.language,
        titles=chat.translate_titles,
        labels=labels,
    )
    _ = texts(chat.ui_language)
    n = len(shown)
    messages = push_messages(
        shown,
        _=_,
        header=new_papers(n, _),
        more=total - n,
        language=chat.language,
    )
    sent = 0
    for message in messages:
        done, problem = await _whole(_deliver(database, bot, chat, message))
        sent += done
        if problem is not None:
            return Pushed(papers=sent, still_owed=total - sent, problem=problem)
    return Pushed(papers=sent, still_owed=total - sent)


async def _due_push(
    database: Database, translator: Translator, bot: ExtBot[Pace], chat_id: int, now: datetime
) -> int:
    async with database.reading() as session:
        chat = await chats.get(session=session, chat_id=chat_id)
        if chat is None:
            return 0
        # What a crash or a failure interrupted counts towards the same push's cap.
        before = await outbox.sent_count(
            session=session, chat_id=chat_id, since=chat.pushing_since or now
        )
    done = Pushed()
    if before < chat.papers_per_push:
        done = await push_chat(
            database=database,
            translator=translator,
            bot=bot,
            chat_id=chat_id,
            limit=chat.papers_per_push - before,
            now=now,
        )
    async with database.transaction() as session:
        retry_at = None
        if done.problem is not None:
            retry_at = await outbox.next_try_at(session=session, chat_id=chat_id)
        await chats.settle_push(
            session=session,
            chat_id=chat_id,
            now=max(now, utc_now()),
            sent=before + done.papers > 0,
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
    database: Database, bot: ExtBot[Pace], chat: Chat, message: PushMessage
) -> tuple[int, str | None]:
    """Claim, send and write down the outcome: how many were sent, and what stops the push."""
    ids = message.paper_ids
    async with database.transaction() as session:
        mine = await outbox.claim(session=session, chat_id=chat.id, paper_ids=ids, now=utc_now())
    if mine != set(ids):
        async with database.transaction() as session:
            await outbox.give_back(
                session=session,
                chat_id=chat.id,
                paper_ids=mine,
                reason="another push was faster",
                next_try_at=utc_now(),
                tried=False,
            )
        return 0, "another push was faster"
    outcome = await send(bot, chat, message.html)
    if isinstance(outcome, Migrated):
        _log.info("chat moved", chat=chat.id)
        async with database.transaction() as session:
            await chats.migrate(
                session=session,
                telegram_id=chat.telegram_id,
                new_telegram_id=outcome.new_telegram_id,
            )
        chat.telegram_id = outcome.new_telegram_id
        outcome = await send(bot, chat, message.html)
    return await _write_down(database, chat, ids, outcome)


async def _write_down(
    database: Database, chat: Chat, ids: tuple[str, ...], outcome: Outcome
) -> tuple[int, str | None]:
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
                return len(ids), None
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
                return 0, reason
            case Refused(reason):
                await outbox.give_up(session=session, chat_id=chat.id, paper_ids=ids, reason=reason)
                _log.error("Telegram refused a message", chat=chat.id, reason=reason)
                return 0, None
            case Later(reason, after):
                attempts = await outbox.attempts(session=session, chat_id=chat.id, paper_ids=ids)
                if after is None and attempts + 1 >= LAST_ATTEMPT:
                    await outbox.give_up(
                        session=session, chat_id=chat.id, paper_ids=ids, reason=reason
                    )
                    return 0, reason
                wait = timedelta(seconds=after) if after is not None else _backoff(attempts)
                await outbox.give_back(
                    session=session,
                    chat_id=chat.id,
                    paper_ids=ids,
                    reason=reason,
                    next_try_at=now + wait,
                )
                return 0, reason
            case Migrated():
                return 0, "chat moved twice"


def _backoff(attempts: int) -> timedelta:
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return FIRST_RETRY * (2.0**attempts * jitter)
