"""Chats: their registration, the schedule of their pushes, the lease of a push."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Update, bindparam, exists, update
from sqlalchemy import select as select_any
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.models import (
    Chat,
    ChatKind,
    ChatState,
    Delivery,
    DeliveryState,
    SavedPaper,
    Subscription,
    Vote,
)
from storage.objects import loaded, objects
from storage.pairs import execute_with_pairs
from storage.push_times import next_push_at, plan_push
from storage.seed_models import Seed
from storage.upsert import driver_value, driver_values
from storage.week_models import WeekNote

PUSH_LEASE = timedelta(minutes=5)
"""Lease of a push: another copy, or the next start, takes over what has been silent for so long."""

SAME_PUSH = timedelta(hours=12)
"""A push that starts, or goes on, later than this after its time belongs to the day it comes on."""


def reschedule(chat: Chat, *, now: datetime) -> None:
    """Set when the chat's next push is, after its settings changed.

    A push that is under way, or waits to go on, keeps its turn. One that was planned for a day
    that the new settings would leave without any keeps its time, so that no date is passed over;
    a newcomer has no such days yet.
    """
    if chat.pushing_since is not None:
        return
    planned = chat.next_push_at
    plan_push(chat, now=now)
    zone = ZoneInfo(chat.timezone)
    day = planned.astimezone(zone).date()
    if (
        chat.paused_until is None
        and planned > now - SAME_PUSH
        and day < chat.next_push_at.astimezone(zone).date()
        and chat.weekdays >> day.weekday() & 1
        and chat.last_push_on is not None
        and day > chat.last_push_on
    ):
        chat.next_push_at = planned


async def get(*, session: AsyncSession, chat_id: int) -> Chat | None:
    """Return the chat by its own id."""
    return await session.get(Chat, chat_id)


async def find(*, session: AsyncSession, telegram_id: int, thread_id: int = 0) -> Chat | None:
    """Return the chat by Telegram's ids."""
    return (await session.exec(_FIND, params=_ids(telegram_id, thread_id))).first()


def look_up(connection: Connection, *, telegram_id: int, thread_id: int = 0) -> Chat | None:
    """Return the same within work in a thread: every update begins with it."""
    row = connection.execute(_FIND, _ids(telegram_id, thread_id)).first()
    return None if row is None else loaded(Chat, row)


_FIND = select(Chat).where(
    col(Chat.telegram_id) == bindparam("telegram_id"), col(Chat.thread_id) == bindparam("thread_id")
)


def _ids(telegram_id: int, thread_id: int) -> dict[str, int]:
    return {"telegram_id": telegram_id, "thread_id": thread_id}


def expect(connection: Connection, *, chat_id: int, expecting: str | None) -> None:
    """Note what the next words from a chat answer; None: nothing."""
    connection.execute(_EXPECT, {"chat": chat_id, "expecting": expecting})


_EXPECT = update(Chat).where(col(Chat.id) == bindparam("chat"))


async def of_telegram(*, session: AsyncSession, telegram_id: int) -> Sequence[Chat]:
    """Return a chat and its forum topics by Telegram's id, the chat itself first."""
    query = select(Chat).where(Chat.telegram_id == telegram_id).order_by(col(Chat.thread_id))
    return (await session.exec(query)).all()


async def following(*, session: AsyncSession) -> Sequence[Chat]:
    """Return the chats that follow any topic."""
    query = (
        select(Chat)
        .where(exists().where(col(Subscription.chat_id) == col(Chat.id)))
        .order_by(col(Chat.id))
    )
    return (await session.exec(query)).all()


async def register(
    *,
    session: AsyncSession,
    telegram_id: int,
    thread_id: int,
    kind: ChatKind,
    now: datetime,
    **settings: Any,
) -> Chat:
    """Return the chat, made with these settings where it is new."""
    chat = await find(session=session, telegram_id=telegram_id, thread_id=thread_id)
    if chat is None:
        chat = Chat(telegram_id=telegram_id, thread_id=thread_id, kind=kind, **settings)
        plan_push(chat, now=now)
        session.add(chat)
        await session.flush()
    return chat


def claim_pushes(
    connection: Connection, *, now: datetime, limit: int = 500, telegram_id: int | None = None
) -> list[Chat]:
    """Claim the pushes that are due for this copy, under a lease of PUSH_LEASE; return their chats.

    Those of active chats, or of one, that wait longest first; what another copy is about to claim
    is left out.
    """
    query = (
        select(Chat)
        .where(Chat.state == ChatState.ACTIVE, Chat.next_push_at <= now)
        .order_by(col(Chat.next_push_at))
        .limit(limit)
        # SQLite has one writer at a time, and its dialect leaves this out.
        .with_for_update(skip_locked=True)
    )
    if telegram_id is not None:
        query = query.where(Chat.telegram_id == telegram_id)
    with objects(connection) as session:
        mine = list(session.exec(query).all())
        session.expunge_all()
    for chat in mine:
        chat.pushing_since, chat.next_push_at = _since(chat, now), now + PUSH_LEASE
    if mine:
        since = driver_values(connection, Chat, "pushing_since")
        lease = driver_value(connection, Chat, "next_push_at", now + PUSH_LEASE)
        claims = [(one.id, since(one.pushing_since)) for one in mine]
        for some in batches(claims):
            execute_with_pairs(connection, _CLAIM, some, lease, table="claimed(chat_id, since)")
    return mine


def give_back_pushes(connection: Connection, claimed: Iterable[Chat], *, now: datetime) -> None:
    """Let claimed pushes go on at once, those that are not settled or another copy's by now."""
    given = [{"chat": one.id, "lease": one.next_push_at, "now": now} for one in claimed]
    if given:
        connection.execute(_GIVE_BACK, given)


class SettledPush(NamedTuple):
    """A push that has ended, or goes on at `retry_at`."""

    chat_id: int
    now: datetime
    sent: bool
    """It brought something, and so was that date's push."""
    retry_at: datetime | None = None


def settle_pushes(connection: Connection, pushes: Sequence[SettledPush]) -> None:
    """Settle pushes: the next ones are at the chats' own times, or when they have to go on.

    A push counts for the date on which it was due, also when midnight passed meanwhile.
    """
    rows = connection.execute(_SCHEDULES, {"chat_ids": [one.chat_id for one in pushes]})
    known = {row.id: row for row in rows}
    settled = []
    for push in sorted(pushes):
        row = known.get(push.chat_id)
        if row is None:
            continue
        since, last, at = row.pushing_since, row.last_push_on, push.retry_at
        if at is None:
            if push.sent:
                last = (since or push.now).astimezone(ZoneInfo(row.timezone)).date()
            since = None
            at = next_push_at(
                after=push.now,
                timezone=row.timezone,
                push_time=row.push_time,
                weekdays=row.weekdays,
                last_push_on=last,
            )
            # Who is away and asked for papers all the same is away still.
            at = max(at, row.paused_until or at)
        settled.append((push.chat_id, at, last, since))
    if settled:
        _write_settled(connection, settled)


def _write_settled(
    connection: Connection,
    settled: Iterable[tuple[int, datetime, date | None, datetime | None]],
) -> None:
    """Write when chats' next pushes are, past SQLAlchemy: it would be most of what this costs."""
    next_push_at, last_push_on, pushing_since = (
        driver_values(connection, Chat, name)
        for name in ("next_push_at", "last_push_on", "pushing_since")
    )
    sql = _SETTLE if connection.dialect.name == "sqlite" else _SETTLE.replace("?", "%s")
    rows = [
        (next_push_at(at), last_push_on(last), pushing_since(since), chat_id)
        for chat_id, at, last, since in settled
    ]
    connection.exec_driver_sql(sql, rows)


_CLAIM = (
    "UPDATE chat SET pushing_since = claimed.since, next_push_at = ?"
    " FROM claimed WHERE id = claimed.chat_id"
)
_GIVE_BACK = (
    update(Chat)
    .where(col(Chat.id) == bindparam("chat"), col(Chat.next_push_at) == bindparam("lease"))
    .values(next_push_at=bindparam("now"))
)
_SCHEDULES = (
    select_any(
        *(col(Chat.id), col(Chat.timezone), col(Chat.push_time), col(Chat.weekdays)),
        *(col(Chat.last_push_on), col(Chat.pushing_since), col(Chat.paused_until)),
    )
    .where(col(Chat.id).in_(bindparam("chat_ids", expanding=True)))
    .order_by(col(Chat.id))
    .with_for_update()
)
_SETTLE = "UPDATE chat SET next_push_at = ?, last_push_on = ?, pushing_since = ? WHERE id = ?"


class Recipient(NamedTuple):
    """Where a chat's messages go, and how."""

    id: int
    telegram_id: int
    thread_id: int
    shows_previews: bool
    state: ChatState = ChatState.ACTIVE
    state_reason: str | None = None

    @classmethod
    def of(cls, chat: Chat) -> "Recipient":
        """Return what a chat says of itself."""
        return cls(chat.id, chat.telegram_id, chat.thread_id, chat.shows_previews)


def recipients(connection: Connection, chat_ids: Collection[int]) -> dict[int, Recipient]:
    """Return by chat where its messages go now; without chats that are gone."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    sql = f"{_RECIPIENTS} WHERE id IN ({', '.join([mark] * len(chat_ids))})"
    rows = connection.exec_driver_sql(sql, tuple(chat_ids)) if chat_ids else ()
    return {
        chat_id: Recipient(chat_id, telegram_id, thread, bool(previews), ChatState(state), reason)
        for chat_id, telegram_id, thread, previews, state, reason in rows
    }


_RECIPIENTS = "SELECT id, telegram_id, thread_id, shows_previews, state, state_reason FROM chat"


async def block(*, session: AsyncSession, chat_id: int, reason: str) -> None:
    """Stop pushes to a chat that Telegram says can't be reached; its settings stay."""
    await session.exec(_blocked(chat_id, reason))


def mark_blocked(connection: Connection, *, chat_id: int, reason: str) -> None:
    """Do the same on a connection."""
    connection.execute(_blocked(chat_id, reason))


def _blocked(chat_id: int, reason: str) -> Update:
    return (
        update(Chat)
        .where(col(Chat.id) == chat_id)
        .values(state=ChatState.BLOCKED, state_reason=reason, pushing_since=None)
    )


async def forget(*, session: AsyncSession, chat_id: int) -> None:
    """Delete a chat and all that hangs on it: nothing of it is left."""
    await session.exec(delete(Chat).where(col(Chat.id) == chat_id))


async def migrate(*, session: AsyncSession, telegram_id: int, new_telegram_id: int) -> None:
    """Follow a group that became a supergroup: everything moves to the new id."""
    moved = select(Chat).where(Chat.telegram_id == telegram_id)
    for chat in (await session.exec(moved)).all():
        there = await find(session=session, telegram_id=new_telegram_id, thread_id=chat.thread_id)
        if there is not None:
            # Somebody wrote in the supergroup before the move was known here.
            await _take_over(session, chat.id, there.id)
            await session.delete(there)
            await session.flush()
        chat.telegram_id = new_telegram_id
        chat.kind = ChatKind.SUPERGROUP
        session.add(chat)


def _since(chat: Chat, now: datetime) -> datetime:
    """Return since when what a chat was sent counts towards the push that begins or goes on now."""
    due, zone = chat.next_push_at, ZoneInfo(chat.timezone)
    if chat.pushing_since is not None and now - chat.pushing_since < SAME_PUSH:
        return chat.pushing_since
    past_midnight = due.astimezone(zone).date() < now.astimezone(zone).date()
    return due if past_midnight and now - due < SAME_PUSH else now


async def _take_over(session: AsyncSession, chat_id: int, other_id: int) -> None:
    """Give a chat what another one has; what was sent to either was sent."""
    theirs = select(Delivery.paper_id).where(Delivery.chat_id == other_id)
    await session.exec(
        delete(Delivery).where(
            col(Delivery.chat_id) == chat_id,
            col(Delivery.state) != DeliveryState.SENT,
            col(Delivery.paper_id).in_(theirs),
        )
    )
    for table, what in (
        (Subscription, Subscription.topic_id),
        (Delivery, Delivery.paper_id),
        (SavedPaper, SavedPaper.paper_id),
        (Vote, Vote.paper_id),
        (Seed, Seed.key),
        (WeekNote, WeekNote.week),
    ):
        ours = select(what).where(table.chat_id == chat_id)
        await session.exec(
            update(table)
            .where(col(table.chat_id) == other_id, col(what).not_in(ours))
            .values(chat_id=chat_id)
            .execution_options(synchronize_session=False)
        )
