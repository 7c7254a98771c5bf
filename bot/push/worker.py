"""Push worker: sends each chat its pending deliveries when its own clock says so."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count, islice
from typing import Any

import structlog
from sqlalchemy import Connection
from telegram.ext import ExtBot

from bot.push.delivery import (
    Ending,
    Outgoing,
    Pushed,
    deliver,
    end_pushes,
    ended,
    group_commit,
    shield_until_done,
)
from bot.push.messages import Around, CardMarks, busiest, messages_of
from bot.push.nothing_new import tell_nothing_new
from bot.push.planning import PushPlan, read_plans
from bot.push.selection import is_personal, is_silent, select_papers
from bot.ranking.order import PersonalOrder
from bot.render.citation import bibtex
from bot.render.paper_card import Marks
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import GROUP_SECONDS, Priority, RateLimiter
from bot.translation.paper_view import Because, PaperView, sparing, views
from bot.translation.service import Translator
from storage import chats, opinions, outbox
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatState, Delivery, Paper, PushStyle

CHATS_AT_ONCE = 100
"""Chats that wait for translations or for Telegram side by side, at least."""

PLANNED_AT_ONCE = 100
"""Chats in one read, and so the first of a thousand need not wait for the last."""

LOOK_AGAIN_SECONDS = 10.0
"""Chats that become due while others are being served wait no longer than this."""

_log = structlog.get_logger(__name__)


def chats_at_once(bot: ExtBot[Priority]) -> int:
    """Return how many chats fill the pace: a group takes a message every three seconds."""
    limiter = bot.rate_limiter
    rate = limiter.rate if isinstance(limiter, RateLimiter) else 0
    return max(CHATS_AT_ONCE, math.ceil(rate * GROUP_SECONDS))


class Pusher:
    """Pushes pending deliveries, to chats that are due or that ask for theirs.

    Any number of copies may do this at once: a chat's push belongs to the one that claims it.
    """

    def __init__(
        self,
        database: Database,
        translator: Translator,
        bot: ExtBot[Priority],
        personal: PersonalOrder | None = None,
    ) -> None:
        """`personal`: None where nobody has an order of their own."""
        self._database = database
        self._translator = translator
        self._bot = bot
        self._personal = personal
        self._is_stopped = False
        self._commit = group_commit(database, bot)

    def stop(self) -> None:
        """Begin with no more chats (graceful shutdown)."""
        self._is_stopped = True

    async def push_due(self, *, now: datetime | None = None, telegram_id: int | None = None) -> int:
        """Push to every chat, or one, whose time has come; return how many papers were sent.

        Where Telegram is down it begins with no more chats: the next call tries again.
        """

        async def claimed(free: int) -> list[PushPlan]:
            return await self._claimed(now or utc_now(), free, telegram_id)

        return await self._side_by_side(claimed, self._push_claimed)

    async def push_everything(
        self,
        *,
        telegram_id: int | None = None,
        told: Callable[[Chat, Pushed, int, int], None] | None = None,
    ) -> int:
        """Send everything that active chats, or one, are owed, whatever the time and the caps.

        `told` hears of each chat: what its push did, the how manieth chat it was, and of how many.
        """
        async with self._database.transaction() as session:
            await outbox.release_stale(session=session, now=utc_now())
        async with self._database.reading() as session:
            waiting = await outbox.chats_with_pending(session=session, telegram_id=telegram_id)
        left = iter(waiting)

        async def next_ones(free: int) -> list[PushPlan]:
            some = list(islice(left, free))
            return await self._plans(some, now=utc_now(), by_clock=False) if some else []

        numbers = count(1)

        def tell(plan: PushPlan, done: Pushed) -> None:
            if told is not None:
                told(plan.chat, done, next(numbers), len(waiting))

        return await self._side_by_side(next_ones, self._send, tell)

    async def push_chat(
        self, chat_id: int, *, limit: int | None, now: datetime | None = None
    ) -> Pushed:
        """Send a chat what it is owed, at most `limit` papers (None: all), now."""
        async with self._database.reading() as session:
            chat = await chats.get(session=session, chat_id=chat_id)
        if chat is None or chat.state is ChatState.BLOCKED:
            return Pushed()
        (plan,) = await self._plans([chat], now=now or utc_now(), limit=limit, by_clock=False)
        return await self._send(plan)

    async def _side_by_side(
        self,
        plan: Callable[[int], Coroutine[Any, Any, list[PushPlan]]],
        push: Callable[[PushPlan], Coroutine[Any, Any, Pushed]],
        told: Callable[[PushPlan, Pushed], None] = lambda _plan, _done: None,
    ) -> int:
        """Push to as many chats at once as use the whole pace; return how many papers were sent.

        `plan` returns the next ones, at most so many; `told` hears what each push did.
        """
        most = chats_at_once(self._bot)
        pushing: dict[asyncio.Task[Pushed], PushPlan] = {}
        # asyncio.wait would ask all hundred for each that is done.
        done: deque[asyncio.Task[Pushed]] = deque()
        any_done = asyncio.Event()

        def note(task: asyncio.Task[Pushed]) -> None:
            done.append(task)
            any_done.set()

        telegram_is_down = False
        sent = 0
        look_at = 0.0
        try:
            while True:
                free = most - len(pushing)
                has_room = free >= most // 2 and not telegram_is_down and not self._is_stopped
                # Whoever gets fewer than were asked for need not ask again after each push.
                if has_room and (not pushing or time.monotonic() >= look_at):
                    wanted = min(free, PLANNED_AT_ONCE)
                    plans = await plan(wanted)
                    is_all = len(plans) < wanted
                    look_at = time.monotonic() + LOOK_AGAIN_SECONDS if is_all else 0.0
                    for one in plans:
                        pushing[task := asyncio.create_task(push(one))] = one
                        task.add_done_callback(note)
                if not pushing:
                    return sent
                with suppress(TimeoutError):
                    await asyncio.wait_for(any_done.wait(), LOOK_AGAIN_SECONDS)
                any_done.clear()
                while done:
                    task = done.popleft()
                    telegram_is_down |= task.result().telegram_is_down
                    sent += task.result().sent
                    told(pushing.pop(task), task.result())
        finally:
            for task in pushing:
                task.cancel()
            await asyncio.gather(*pushing, return_exceptions=True)

    async def _claimed(self, now: datetime, limit: int, telegram_id: int | None) -> list[PushPlan]:
        """Take the pushes that are due, and what died with the copy that had taken it."""

        def claim(connection: Connection) -> tuple[int, list[Chat]]:
            released = outbox.release_claims(connection, now=now)
            mine = chats.claim_pushes(connection, now=now, limit=limit, telegram_id=telegram_id)
            return released, mine

        released, mine = await self._database.write(claim)
        if released:
            _log.warning("took back deliveries of a copy that died", deliveries=released)
        return await self._plans(mine, now=now) if mine else []

    async def _plans(
        self,
        waiting: Sequence[Chat],
        *,
        now: datetime,
        limit: int | None = None,
        by_clock: bool = True,
    ) -> list[PushPlan]:
        """Look up what chats are to be sent, in one read; by the clock their caps are the limit."""
        read = partial(
            read_plans,
            waiting=waiting,
            now=now,
            limit=limit,
            by_clock=by_clock,
            personal={chat.id for chat in waiting if is_personal(chat, self._personal)},
        )
        return await self._database.read(read)

    async def _push_claimed(self, plan: PushPlan) -> Pushed:
        """Push to one chat by the clock; a chat that fails harms nobody else."""
        try:
            return await self._push_and_settle(plan)
        except asyncio.CancelledError:
            # The next start need not wait for the lease to end.
            await shield_until_done(self._commit.write(_give_back, plan.chat))
            raise
        except Exception:  # noqa: BLE001 - one bad chat harms nobody else; its claim runs out
            _log.exception("a push failed, nothing is lost", chat=plan.chat.id)
            return Pushed()

    async def _push_and_settle(self, plan: PushPlan) -> Pushed:
        """Send, then settle the chat's day: done, or to be gone on with."""
        chat = plan.chat
        tells = chat.tells_nothing_new and not plan.total
        ending = Ending(chat.id, plan.now, came=bool(plan.sent), tells=tells)
        done = await self._send(plan, ending)
        # The day is settled first: a line that a crash swallows is no loss, one that comes twice
        # is a nuisance.
        if not done.has_ended and await self._commit.write(end_pushes, ended(ending, done)):
            await tell_nothing_new(
                database=self._database,
                commit=self._commit,
                bot=self._bot,
                chat=chat,
                now=plan.now,
            )
        return done

    async def _send(self, plan: PushPlan, ending: Ending | None = None) -> Pushed:
        """Select, translate, render and deliver, message after message, until one can't be sent."""
        due, because = await select_papers(
            chat=plan.chat,
            due=plan.due,
            followed=plan.followed,
            sent=plan.sent,
            limit=plan.limit,
            personal=self._personal,
        )
        if not due:
            return Pushed(still_owed=plan.total)
        attempts = {o.paper.id: o.delivery.attempts for o in due}
        # One push makes one sound: its first message that is not for muted topics only.
        rang = bool(plan.sent) and not is_silent(plan.sent, followed=plan.followed)
        sent = 0
        waiting = deque(await self._messages(plan, [o.paper for o in due], because))
        done = Pushed()
        while waiting:
            message = waiting.popleft()
            silent = rang or is_silent(message.paper_ids, followed=plan.followed)
            item = Outgoing(
                message,
                outbox.Rows(Delivery, plan.chat.id, message.paper_ids),
                plan.chat.telegram_id,
                attempts=max(attempts[paper_id] for paper_id in message.paper_ids),
                silent=silent,
                by_clock=plan.by_clock,
                ending=ending and replace(ending, came=ending.came or sent > 0),
                is_last=not waiting,
            )
            done = await deliver(self._commit, self._bot, item)
            sent += done.sent
            rang |= done.sent > 0 and not silent
            if done.is_not_rich:
                waiting = deque(_plain([message, *waiting]))
            if done.problem is not None:
                break
        return replace(done, sent=sent, still_owed=plan.total - sent)

    async def _messages(
        self, plan: PushPlan, papers: Sequence[Paper], because: Mapping[str, Because]
    ) -> Sequence[PushMessage]:
        """Return the papers as messages, in the chat's language and style."""
        chat = plan.chat
        labels = {
            paper_id: tuple(entry.label for entry in entries)
            for paper_id, entries in plan.followed.items()
        }
        shown = await views(
            translator=self._translator,
            papers=papers,
            language=chat.language,
            # Where there is one topic only, its name says nothing.
            labels=labels if plan.topics > 1 else None,
            titles=chat.translate_titles,
            because=because,
            stored=plan.translations,
        )
        marks = await self._marks(chat, papers) if chat.push_style is PushStyle.CARDS else {}
        around = Around(
            before=len(plan.sent),
            owed=plan.total,
            now=plan.now if plan.by_clock else None,
            busiest=None if chat.told_of_cap else busiest(plan.followed, papers),
        )

        def rendered(some: Sequence[PaperView]) -> Sequence[PushMessage]:
            return messages_of(some, chat=chat, around=around, marks=marks)

        return sparing(rendered, shown)

    async def _marks(self, chat: Chat, papers: Sequence[Paper]) -> dict[str, CardMarks]:
        """Return by paper id what its card shows of it."""
        ids = [paper.id for paper in papers]
        async with self._database.reading() as session:
            kept = await opinions.saved_of(session=session, chat_id=chat.id, paper_ids=ids)
            voted = await opinions.find_votes(session=session, chat_id=chat.id, paper_ids=ids)
        ranks = self._personal is not None and self._personal.is_available
        return {
            paper.id: CardMarks(
                Marks(paper.id in kept, voted.get(paper.id) is False if ranks else None),
                _bibtex(paper),
            )
            for paper in papers
        }


def _give_back(connection: Connection, claimed: Sequence[Chat]) -> list[None]:
    chats.give_back_pushes(connection, claimed, now=utc_now())
    return [None for _each in claimed]


def _plain(messages: Iterable[PushMessage]) -> list[PushMessage]:
    """Return the messages that say the same as rich ones, which Telegram does not take here."""
    return [one for message in messages for one in message.instead or (message,)]


def _bibtex(paper: Paper) -> str:
    try:
        return bibtex(paper)
    except Exception:  # noqa: BLE001 - a paper is worth reading without it
        _log.exception("no BibTeX", paper=paper.id)
        return paper.abs_url
