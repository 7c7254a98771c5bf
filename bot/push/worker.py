"""Push worker: sends each chat its pending deliveries when its own clock says so."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram.ext import ExtBot

from bot.i18n import texts
from bot.push.delivery import GroupCommit, Outgoing, Pushed, deliver
from bot.push.nothing_new import tell_nothing_new
from bot.push.selection import MOST_JUDGED, is_personal, is_silent, select_papers
from bot.ranking.order import PersonalOrder
from bot.render.citation import bibtex
from bot.render.paper_card import Marks, buttons
from bot.render.push_message import PAPERS_PER_MESSAGE, PushMessage, new_papers, push_messages
from bot.render.rich_message import as_rich
from bot.telegram.rate_limiter import Priority
from bot.translation.paper_view import PaperView
from bot.translation.paper_views import views
from bot.translation.service import Translator
from storage import chats, matches, opinions, outbox, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatState, Delivery, Paper, PushStyle, Subscription

CHATS_AT_ONCE = 100
"""Chats that wait for translations or for Telegram side by side: 100 groups fill its pace."""

LOOK_AGAIN_SECONDS = 10.0
"""Chats that become due while others are being served wait no longer than this."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _PushPlan:
    """What a push is going to send."""

    chat: Chat
    due: Sequence[outbox.PendingDelivery]
    """What it is chosen from, the newest first."""
    followed: Mapping[str, Sequence[Subscription]]
    """The subscriptions that each paper comes for."""
    total: int
    """All that the chat is owed."""
    sent: Sequence[str]
    """What the same push sent before it was interrupted; it counts towards the cap."""
    limit: int | None
    """How many more papers it may bring; None: all."""
    now: datetime
    by_clock: bool
    """Nobody asked for it, so it ends where the chat is paused meanwhile."""


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
        self._commit = GroupCommit(database)

    async def push_due(self, *, now: datetime | None = None, telegram_id: int | None = None) -> int:
        """Push to every chat, or one, whose time has come; return how many papers were sent.

        Where Telegram is down it begins with no more chats: the next call tries again.
        """
        pushing: set[asyncio.Task[Pushed]] = set()
        sent = 0
        telegram_is_down = False
        try:
            while True:
                free = CHATS_AT_ONCE - len(pushing)
                if free >= CHATS_AT_ONCE // 2 and not telegram_is_down:
                    plans = await self._claimed(now or utc_now(), free, telegram_id)
                    pushing |= {asyncio.create_task(self._push_claimed(plan)) for plan in plans}
                if not pushing:
                    return sent
                done, pushing = await asyncio.wait(
                    pushing, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    sent += task.result().sent
                    telegram_is_down |= task.result().telegram_is_down
        finally:
            for task in pushing:
                task.cancel()
            await asyncio.gather(*pushing, return_exceptions=True)

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
        sent = 0
        for number, chat in enumerate(waiting, start=1):
            done = await self.push_chat(chat.id, limit=None)
            sent += done.sent
            if told is not None:
                told(chat, done, number, len(waiting))
        return sent

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

    async def _claimed(self, now: datetime, limit: int, telegram_id: int | None) -> list[_PushPlan]:
        """Take the pushes that are due, and what died with the copy that had taken it."""
        async with self._database.transaction() as session:
            released = await outbox.release_stale(session=session, now=now)
            mine = await chats.claim_pushes(
                session=session, now=now, limit=limit, telegram_id=telegram_id
            )
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
    ) -> list[_PushPlan]:
        """Look up what chats are to be sent; by the clock each one's own cap is the limit."""
        sent: dict[int, Sequence[str]] = {chat.id: () for chat in waiting}
        limits = {chat.id: limit for chat in waiting}
        personal = {chat.id for chat in waiting if is_personal(chat, self._personal)}
        async with self._database.reading() as session:
            for chat in waiting if by_clock else ():
                since = chat.pushing_since or now
                if since < now:
                    sent[chat.id] = await outbox.sent_since(
                        session=session, chat_id=chat.id, since=since
                    )
                limits[chat.id] = max(0, chat.papers_per_push - len(sent[chat.id]))
            capped = await topics.capped(session=session, chat_ids=limits)
            judged = dict.fromkeys(personal, MOST_JUDGED) | dict.fromkeys(capped)
            due = await outbox.pending_by_chat(session=session, limits=limits | judged, now=now)
            followed = await matches.on_papers_of(
                session=session,
                paper_ids={
                    chat_id: [*(o.paper.id for o in theirs), *sent[chat_id]]
                    for chat_id, theirs in due.items()
                },
            )
            plans = []
            for chat in waiting:
                mine, most = due[chat.id], limits[chat.id]
                total = len(mine)
                if chat.id in capped | personal or not by_clock or total == most:
                    total = await outbox.pending_count(session=session, chat_id=chat.id)
                plans.append(
                    _PushPlan(
                        chat, mine, followed[chat.id], total, sent[chat.id], most, now, by_clock
                    )
                )
        return plans

    async def _push_claimed(self, plan: _PushPlan) -> Pushed:
        """Push to one chat by the clock; a chat that fails harms nobody else."""
        try:
            return await self._push_and_settle(plan)
        except Exception:  # noqa: BLE001 - one bad chat harms nobody else; its claim runs out
            _log.exception("a push failed, nothing is lost", chat=plan.chat.id)
            return Pushed()

    async def _push_and_settle(self, plan: _PushPlan) -> Pushed:
        """Send, then settle the chat's day: done, or to be gone on with."""
        done = await self._send(plan)
        came = len(plan.sent) + done.sent > 0
        silent = not came and not plan.total and done.problem is None

        async def settle(session: AsyncSession) -> bool:
            """Return whether the chat is to hear that nothing is new."""
            retry_at = done.retry_at
            if retry_at is None and done.problem is None:
                # What failed, or a copy died with, before this copy took over is part of the push.
                retry_at = await outbox.unfinished_until(
                    session=session, chat_id=plan.chat.id, now=plan.now
                )
            tells = silent and retry_at is None and plan.chat.tells_nothing_new
            await chats.settle_push(
                session=session,
                chat_id=plan.chat.id,
                now=max(plan.now, utc_now()),
                sent=came or tells,
                retry_at=retry_at,
            )
            return tells

        # The day is settled first: a line that a crash swallows is no loss, one that comes twice
        # is a nuisance.
        if await self._commit.write(settle):
            await tell_nothing_new(
                database=self._database,
                commit=self._commit,
                bot=self._bot,
                chat=plan.chat,
                now=plan.now,
            )
        return done

    async def _send(self, plan: _PushPlan) -> Pushed:
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
        sent = 0
        for message in await self._messages(plan, [o.paper for o in due], because):
            item = Outgoing(
                message,
                outbox.Rows(Delivery, plan.chat.id, message.paper_ids),
                attempts=max(attempts[paper_id] for paper_id in message.paper_ids),
                silent=is_silent(message.paper_ids, followed=plan.followed),
                by_clock=plan.by_clock,
            )
            done = await deliver(self._commit, self._bot, item)
            sent += done.sent
            if done.problem is not None:
                return replace(done, sent=sent, still_owed=plan.total - sent)
        return Pushed(sent=sent, still_owed=plan.total - sent)

    async def _messages(
        self, plan: _PushPlan, papers: Sequence[Paper], because: Mapping[str, str]
    ) -> Sequence[PushMessage]:
        """Return the papers as messages, in the chat's language and style."""
        chat = plan.chat
        shown = await views(
            translator=self._translator,
            papers=papers,
            language=chat.language,
            labels={
                paper_id: tuple(entry.label for entry in entries)
                for paper_id, entries in plan.followed.items()
            },
            titles=chat.translate_titles,
            because=because,
        )
        _ = texts(chat.ui_language)
        messages: Sequence[PushMessage] = push_messages(
            shown,
            _=_,
            header=new_papers(len(shown), _),
            more=plan.total - len(shown),
            language=chat.language,
            most=1 if chat.push_style is PushStyle.CARDS else PAPERS_PER_MESSAGE,
        )
        match chat.push_style:
            case PushStyle.CARDS:
                return await with_buttons(
                    messages,
                    database=self._database,
                    chat=chat,
                    shown=shown,
                    papers={paper.id: paper for paper in papers},
                )
            case PushStyle.RICH:
                return [as_rich(message, shown, _) for message in messages]
        return messages


async def with_buttons(
    messages: Sequence[PushMessage],
    *,
    database: Database,
    chat: Chat,
    shown: Sequence[PaperView],
    papers: Mapping[str, Paper],
) -> list[PushMessage]:
    """Return messages of one paper each with what one may do with it below."""
    by_id = {paper.id: paper for paper in shown}
    async with database.reading() as session:
        kept = await opinions.saved_of(session=session, chat_id=chat.id, paper_ids=by_id)
        voted = await opinions.find_votes(session=session, chat_id=chat.id, paper_ids=by_id)
    _ = texts(chat.ui_language)
    finished = []
    for message in messages:
        (paper_id,) = message.paper_ids
        paper = by_id[paper_id]
        keyboard = buttons(
            paper,
            _,
            marks=Marks(saved=paper_id in kept, passed=voted.get(paper_id) is False),
            bibtex=bibtex(papers[paper_id]),
            # What could not be translated has nothing to switch to yet.
            original=False if paper.translated else None,
        )
        finished.append(replace(message, keyboard=keyboard))
    return finished
