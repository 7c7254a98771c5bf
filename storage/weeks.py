"""Weekly look back: when each chat's comes, what there is to tell, and what is owed of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select
from sqlmodel import col
from sqlmodel import select as select_one

from storage.columns import UtcMicroseconds
from storage.models import (
    NO_DAY,
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    SavedPaper,
)
from storage.objects import objects
from storage.pending import PENDING
from storage.push_times import next_push_at
from storage.upsert import insert_or_ignore_into
from storage.week_models import TopicWeek, WeekNote

COMES_AT = time(18, 0)
"""In the evening of the chat's day, by its own clock."""

MANY_SAVED = 5
"""What fewer chats saved says little about a paper, and might tell who saved it."""

_LEASE = timedelta(minutes=5)
_SUNDAY = 6
_WANTS = or_(col(Chat.week_day) != NO_DAY, col(Chat.watches_saved))

Week = tuple[datetime, datetime]
"""From when to when, the end left out."""


def plan(connection: Connection, *, now: datetime, limit: int) -> int:
    """Set when look backs come where that is not set, as after a change; return of how many.

    What waits to be sent was made for the choice before, and goes.
    """
    with objects(connection) as session:
        unplanned = session.exec(
            select_one(Chat).where(col(Chat.next_week_at).is_(None), _WANTS).limit(limit)
        ).all()
        for chat in unplanned:
            _plan_next(chat, now)
    ids = [chat.id for chat in unplanned]
    waits = col(WeekNote.state) == DeliveryState.PENDING
    if ids:
        connection.execute(delete(WeekNote).where(col(WeekNote.chat_id).in_(ids), waits))
    return len(unplanned)


def _plan_next(chat: Chat, now: datetime) -> None:
    """Set when a chat's next look back comes: on its day, or on Sunday where there are watches."""
    day = chat.week_day if chat.week_day != NO_DAY else _SUNDAY
    chat.next_week_at = next_push_at(
        after=now, timezone=chat.timezone, push_time=COMES_AT, weekdays=1 << day
    )


def claim(connection: Connection, *, now: datetime, limit: int) -> Sequence[Chat]:
    """Claim the look backs that have come, the longest due first; return their chats.

    Under a lease: what this copy does not settle is due again a little later.
    """
    query = (
        select_one(Chat)
        .where(Chat.state == ChatState.ACTIVE, col(Chat.next_week_at) <= now, _WANTS)
        .where(or_(col(Chat.paused_until).is_(None), col(Chat.paused_until) <= now))
        .order_by(col(Chat.next_week_at))
        .limit(limit)
        # SQLite has one writer at a time, and its dialect leaves this out.
        .with_for_update(skip_locked=True)
    )
    with objects(connection) as session:
        claimed = session.exec(query).all()
        for chat in claimed:
            chat.next_week_at = now + _LEASE
    return claimed


def known(connection: Connection, *, topic_ids: Sequence[int], week: Week) -> dict[int, TopicWeek]:
    """Return what was counted of topics' weeks."""
    query = select_one(TopicWeek).where(
        col(TopicWeek.topic_id).in_(topic_ids), col(TopicWeek.ends_at) == week[1]
    )
    with objects(connection) as session:
        return {one.topic_id: one for one in session.exec(query)}


def titles(connection: Connection, *, topic_id: int, weeks: Sequence[Week]) -> list[list[str]]:
    """Return the titles of a topic's papers week by week, without the weeks before its first."""
    first = connection.scalar(_FIRST, {"topic_id": topic_id})
    return [
        list(connection.scalars(_TITLES, {"topic_id": topic_id, "start": start, "end": end}))
        for start, end in weeks
        if first is not None and first < end
    ]


_FIRST = (
    select(col(Match.published_at))
    .where(col(Match.topic_id) == bindparam("topic_id"))
    .order_by(col(Match.published_at))
    .limit(1)
)
_TITLES = (
    select(col(Paper.title))
    .join(Match, col(Match.paper_id) == col(Paper.id))
    .where(
        col(Match.topic_id) == bindparam("topic_id"),
        col(Match.published_at) >= bindparam("start", type_=UtcMicroseconds()),
        col(Match.published_at) < bindparam("end", type_=UtcMicroseconds()),
    )
    .order_by(col(Paper.id))
)


def keep(connection: Connection, counted: Sequence[TopicWeek]) -> None:
    """Store weeks of topics; what another copy stored stays."""
    rows = [one.model_dump() for one in counted]
    connection.execute(insert_or_ignore_into(connection, TopicWeek), rows)


class HeldBack(NamedTuple):
    """A paper that a chat's cap held back, and how many chats saved it."""

    paper: Paper
    saved_by: int


def held_back(
    connection: Connection, *, chat_id: int, week: Week, limit: int
) -> Sequence[HeldBack]:
    """Return a week's papers that a chat is owed still, or was until they expired; newest first."""
    saved = (
        select(func.count())
        .where(col(SavedPaper.paper_id) == col(Paper.id))
        .correlate(Paper)
        .scalar_subquery()
    )
    query = (
        select_one(Paper, saved)
        .join(Delivery, col(Delivery.paper_id) == col(Paper.id))
        .where(
            col(Delivery.chat_id) == chat_id,
            or_(and_(*PENDING), col(Delivery.state) == DeliveryState.EXPIRED),
            col(Paper.published_at) >= week[0],
            col(Paper.published_at) < week[1],
            col(Paper.withdrawn).is_(False),
        )
        .order_by(col(Paper.published_at).desc(), col(Paper.id).desc())
        .limit(limit)
    )
    with objects(connection) as session:
        return [HeldBack(*row) for row in session.exec(query)]


def saved_since(connection: Connection, *, chat_id: int, since: datetime) -> int:
    """Return how many papers a chat saved since then."""
    query = select(func.count()).where(
        col(SavedPaper.chat_id) == chat_id, col(SavedPaper.saved_at) >= since
    )
    return connection.execute(query).scalar_one()


def watched(connection: Connection, *, chat_id: int) -> Sequence[tuple[SavedPaper, Paper]]:
    """Return what a chat keeps, and what is known of it now, the newest kept first."""
    query = (
        select_one(SavedPaper, Paper)
        .join(Paper, col(Paper.id) == col(SavedPaper.paper_id))
        .where(SavedPaper.chat_id == chat_id)
        .order_by(col(SavedPaper.saved_at).desc(), col(SavedPaper.paper_id))
    )
    with objects(connection) as session:
        return session.exec(query).all()


def settle(
    connection: Connection,
    *,
    chat_id: int,
    week: int,
    now: datetime,
    html: str | None,
    picture: bytes | None,
    known_now: Mapping[str, Mapping[str, object]],
) -> bool:
    """Owe a chat its look back, and plan the next one; False where that is nothing new or wanted.

    In the same transaction what changed on saved papers is noted as told (`known_now`, by paper
    id). Without `html` there is nothing to tell.
    """
    with objects(connection) as session:
        chat = session.get(Chat, chat_id)
        if chat is None or chat.next_week_at is None:  # its owner chose otherwise meanwhile
            return False
        _plan_next(chat, now)
        if html is not None:
            told = select_one(WeekNote.id).where(WeekNote.chat_id == chat_id, WeekNote.week == week)
            if session.exec(told).first() is not None:
                return False
            note = WeekNote(chat_id=chat_id, week=week, html=html, picture=picture)
            note.next_try_at = now
            session.add(note)
        for paper_id, facts in known_now.items():
            kept = session.get(SavedPaper, (chat_id, paper_id))
            if kept is not None:
                kept.known = dict(facts)
    return html is not None


def skip(connection: Connection, *, chat_id: int, now: datetime) -> None:
    """Plan a chat's next look back without one now."""
    with objects(connection) as session:
        chat = session.get(Chat, chat_id)
        if chat is not None and chat.next_week_at is not None:
            _plan_next(chat, now)


class DueNote(NamedTuple):
    """A look back that is to be sent."""

    note: WeekNote
    chat: Chat


def due_notes(connection: Connection, *, now: datetime, limit: int) -> list[DueNote]:
    """Return what is to be sent now, the oldest first; nothing that is not wanted any more."""
    query = (
        select_one(WeekNote, Chat)
        .join(Chat, col(Chat.id) == col(WeekNote.chat_id))
        .where(
            WeekNote.state == DeliveryState.PENDING,
            WeekNote.next_try_at <= now,
            col(Chat.state) == ChatState.ACTIVE,
            _WANTS,
        )
        .order_by(col(WeekNote.id))
        .limit(limit)
    )
    with objects(connection) as session:
        return [DueNote(*row) for row in session.exec(query)]


def given_up(connection: Connection, *, chat_id: int, week: int) -> WeekNote | None:
    """Return a chat's look back at a week of which nobody knows whether it arrived."""
    query = select_one(WeekNote).where(
        WeekNote.chat_id == chat_id,
        WeekNote.week == week,
        WeekNote.state == DeliveryState.DEAD,
    )
    with objects(connection) as session:
        return session.exec(query).first()


def forget(connection: Connection, *, before: datetime) -> None:
    """Delete what is of no use any more: old notes, and old weeks of topics."""
    connection.execute(delete(WeekNote).where(col(WeekNote.week) < before.toordinal()))
    connection.execute(delete(TopicWeek).where(col(TopicWeek.ends_at) < before))
