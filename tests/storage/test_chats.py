"""Chats: when the next push is, and to whom it belongs."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import chats, fan_out, outbox, papers, statistics, topics
from storage.admin_models import Broadcast, Notice
from storage.chats import reschedule
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, ChatState, Delivery, DeliveryState, Paper
from storage.push_times import next_push_at
from tests.on_connection import mark_sent, on_connection, record_matches, remove_unfollowed, states

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
ZONES = ("UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "timezone", "at", "weekdays", "last", "expected"),
    [
        # later today, tomorrow, and exactly now counts as over
        ("2026-11-24 08:00", "UTC", "09:00", 127, None, "2026-11-24 09:00"),
        ("2026-11-24 09:00", "UTC", "09:00", 127, None, "2026-11-25 09:00"),
        ("2026-11-24 12:00", "UTC", "09:00", 127, None, "2026-11-25 09:00"),
        # the chat's own clock, also with quarters of an hour
        ("2026-11-24 12:00", "Asia/Shanghai", "09:00", 127, None, "2026-11-25 01:00"),
        ("2026-11-24 00:30", "Asia/Shanghai", "09:00", 127, None, "2026-11-24 01:00"),
        ("2026-11-24 12:00", "Asia/Kathmandu", "09:00", 127, None, "2026-11-25 03:15"),
        # only on its weekdays: Saturday and Sunday; no day at all looks again tomorrow
        ("2026-11-24 12:00", "UTC", "09:00", 0b1100000, None, "2026-11-28 09:00"),
        ("2026-11-24 12:00", "UTC", "09:00", 0b0000010, None, "2026-12-01 09:00"),
        ("2026-11-24 12:00", "UTC", "09:00", 0, None, "2026-11-25 12:00"),
        # never twice on one date, whatever was changed since
        ("2026-11-24 12:00", "UTC", "18:00", 127, date(2026, 11, 24), "2026-11-25 18:00"),
        ("2026-11-24 12:00", "UTC", "18:00", 127, date(2026, 11, 23), "2026-11-24 18:00"),
        ("2026-11-24 02:00", "America/New_York", "23:00", 127, date(2026, 11, 24),
         "2026-11-26 04:00"),
        # spring in New York: 02:30 does not exist on 8 March 2026, 03:30 EDT is as far along
        ("2026-03-08 00:00", "America/New_York", "02:30", 127, None, "2026-03-08 07:30"),
        # autumn: 01:30 happens twice on 1 November 2026, the first one counts
        ("2026-11-01 00:00", "America/New_York", "01:30", 127, None, "2026-11-01 05:30"),
        ("2026-11-01 05:30", "America/New_York", "01:30", 127, None, "2026-11-02 06:30"),
    ],
)  # fmt: skip
def test_the_next_push_is_at_the_chat_s_own_time(  # noqa: PLR0917 - columns of the table
    after: str, timezone: str, at: str, weekdays: int, last: date | None, expected: str
) -> None:
    found = next_push_at(
        after=utc(after),
        timezone=timezone,
        push_time=time.fromisoformat(at),
        weekdays=weekdays,
        last_push_on=last,
    )
    assert found == utc(expected)


@given(
    minutes=st.integers(0, 60 * 24 * 400),
    timezone=st.sampled_from(ZONES),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_a_daily_push_comes_once_on_every_local_date(minutes: int, timezone: str, at: time) -> None:
    zone = ZoneInfo(timezone)
    moment = utc("2026-01-01 00:00") + timedelta(minutes=minutes)
    last: date | None = None
    dates: list[date] = []
    for _day in range(5):
        moment = next_push_at(after=moment, timezone=timezone, push_time=at, last_push_on=last)
        last = moment.astimezone(zone).date()
        dates.append(last)
    assert [later - earlier for earlier, later in pairwise(dates)] == [timedelta(days=1)] * 4


async def register(database: Database, telegram_id: int = 1, **settings: object) -> Chat:
    async with database.transaction() as session:
        return await chats.register(
            session=session,
            telegram_id=telegram_id,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            now=NOON,
            **settings,
        )


async def claimed(session: AsyncSession, chat: Chat, now: datetime) -> bool:
    """Claim what is due; say whether the chat's push was."""
    mine = await on_connection(session, chats.claim_pushes, now=now, telegram_id=chat.telegram_id)
    return chat.id in {one.id for one in mine}


async def settled_push(
    session: AsyncSession, chat: Chat, *, now: datetime, sent: bool, retry_at: datetime | None
) -> None:
    push = chats.SettledPush(chat.id, now, sent=sent, retry_at=retry_at)
    await on_connection(session, chats.settle_pushes, [push])


async def test_a_chat_is_registered_once(database: Database) -> None:
    first = await register(database, timezone="Asia/Tokyo")
    second = await register(database, timezone="UTC")
    assert second.id == first.id
    assert second.timezone == "Asia/Tokyo"
    assert first.next_push_at == utc("2026-11-25 00:00")


async def test_a_forum_topic_is_a_chat_of_its_own(database: Database) -> None:
    whole = await register(database, telegram_id=-100)
    async with database.transaction() as session:
        thread = await chats.register(
            session=session,
            telegram_id=-100,
            thread_id=7,
            kind=ChatKind.SUPERGROUP,
            now=NOON,
        )
        both = await chats.of_telegram(session=session, telegram_id=-100)
    assert [chat.id for chat in both] == [whole.id, thread.id]


async def test_only_active_chats_are_due_and_the_longest_waiting_first(
    database: Database,
) -> None:
    late = await register(database, 1)
    early = await register(database, 2)
    paused = await register(database, 3)
    tomorrow = await register(database, 4)
    async with database.transaction() as session:
        for chat, hours in ((late, 1), (early, 2), (paused, 3)):
            chat.next_push_at = NOON - timedelta(hours=hours)
            session.add(chat)
        paused.state = ChatState.PAUSED
    async with database.transaction() as session:
        due = await on_connection(session, chats.claim_pushes, now=NOON)
    assert [chat.id for chat in due] == [early.id, late.id]
    assert tomorrow.id not in {chat.id for chat in due}


async def test_a_push_belongs_to_the_copy_that_claims_it_first(database: Database) -> None:
    chat = await register(database)
    due = chat.next_push_at
    async with database.transaction() as session:
        assert await claimed(session, chat, due)
    async with database.transaction() as session:
        assert not await claimed(session, chat, due)


async def test_a_push_whose_copy_died_comes_back_after_five_minutes(database: Database) -> None:
    chat = await register(database)
    due = chat.next_push_at
    async with database.transaction() as session:
        await claimed(session, chat, due)
    async with database.transaction() as session:
        assert not await claimed(session, chat, due + timedelta(minutes=4, seconds=59))
        assert await claimed(session, chat, due + timedelta(minutes=5))
        kept = await chats.get(session=session, chat_id=chat.id)
    assert kept is not None
    assert kept.pushing_since == due


@pytest.mark.parametrize(
    ("sent", "retry", "expected", "pushed_on"),
    [
        (True, None, "2026-11-25 09:00", date(2026, 11, 24)),
        (False, None, "2026-11-25 09:00", None),
        (True, "2026-11-24 12:05", "2026-11-24 12:05", None),
    ],
)
async def test_a_settled_push_is_followed_by_the_next(
    database: Database,
    sent: bool,  # noqa: FBT001 - a column of the table
    retry: str | None,
    expected: str,
    pushed_on: date | None,
) -> None:
    chat = await register(database)
    async with database.transaction() as session:
        (await session.get_one(Chat, chat.id)).next_push_at = NOON
        assert await claimed(session, chat, NOON)
        await settled_push(
            session,
            chat,
            now=NOON,
            sent=sent,
            retry_at=utc(retry) if retry else None,
        )
    async with database.reading() as session:
        settled = await chats.get(session=session, chat_id=chat.id)
    assert settled is not None
    assert settled.next_push_at == utc(expected)
    assert settled.last_push_on == pushed_on
    assert (settled.pushing_since is None) == (retry is None)


@pytest.mark.parametrize(
    ("planned", "now", "timezone", "at", "last", "expected"),
    [
        # east: 09:00 in Shanghai is over today, so today's comes when it was planned
        ("2026-11-24 09:00", "2026-11-24 08:00", "Asia/Shanghai", "09:00", 23, "2026-11-24 09:00"),
        # it was due a moment ago and nobody has begun yet
        ("2026-11-24 09:00", "2026-11-24 09:01", "Asia/Shanghai", "09:00", 23, "2026-11-24 09:00"),
        # today had one already
        ("2026-11-25 09:00", "2026-11-24 10:00", "Asia/Shanghai", "09:00", 24, "2026-11-25 01:00"),
        # west: the date begins again, and has had its push
        ("2026-11-25 01:00", "2026-11-24 20:00", "America/New_York", "09:00", 24,
         "2026-11-25 14:00"),
        # the time alone: earlier than now, later than now, later than it was
        ("2026-11-24 18:00", "2026-11-24 12:00", "UTC", "07:00", 23, "2026-11-24 18:00"),
        ("2026-11-24 18:00", "2026-11-24 12:00", "UTC", "13:00", 23, "2026-11-24 13:00"),
        ("2026-11-24 18:00", "2026-11-24 12:00", "UTC", "20:00", 23, "2026-11-24 20:00"),
        # a newcomer, and somebody who was away for days
        ("2026-11-24 18:00", "2026-11-24 12:00", "UTC", "07:00", None, "2026-11-25 07:00"),
        ("2026-11-20 09:00", "2026-11-24 12:00", "UTC", "09:00", 19, "2026-11-25 09:00"),
    ],
)  # fmt: skip
def test_a_change_of_time_or_zone_leaves_no_date_without_its_push_and_none_with_two(  # noqa: PLR0917
    planned: str, now: str, timezone: str, at: str, last: int | None, expected: str
) -> None:
    chat = Chat(
        telegram_id=1,
        timezone=timezone,
        push_time=time.fromisoformat(at),
        next_push_at=utc(planned),
        last_push_on=None if last is None else date(2026, 11, last),
    )
    reschedule(chat, now=utc(now))
    assert chat.next_push_at == utc(expected)


async def test_a_change_of_settings_leaves_a_push_under_way_its_turn(database: Database) -> None:
    chat = await register(database)
    due = chat.next_push_at
    async with database.transaction() as session:
        await claimed(session, chat, due)
    async with database.transaction() as session:
        changed = await chats.get(session=session, chat_id=chat.id)
        assert changed is not None
        changed.timezone = "Asia/Tokyo"
        reschedule(changed, now=due)
    assert changed.next_push_at == due + timedelta(minutes=5)


async def test_a_push_that_ends_after_midnight_counts_for_the_day_it_was_due_on(
    database: Database,
) -> None:
    chat = await register(database, push_time=time(23, 59))
    for late in (timedelta(0), timedelta(minutes=20), timedelta(hours=11)):
        due = chat.next_push_at
        async with database.transaction() as session:
            assert await claimed(session, chat, due + late)
        async with database.transaction() as session:
            await settled_push(
                session,
                chat,
                now=due + late + timedelta(minutes=2),
                sent=True,
                retry_at=None,
            )
            settled = await chats.get(session=session, chat_id=chat.id)
        assert settled is not None
        assert settled.next_push_at == due + timedelta(days=1)
        chat = settled


async def test_a_bot_that_was_down_catches_up_once(database: Database) -> None:
    chat = await register(database)
    back = chat.next_push_at + timedelta(days=3, minutes=-10)
    async with database.transaction() as session:
        assert await claimed(session, chat, back)
    async with database.transaction() as session:
        await settled_push(session, chat, now=back, sent=True, retry_at=None)
        settled = await chats.get(session=session, chat_id=chat.id)
    assert settled is not None
    assert settled.next_push_at == chat.next_push_at + timedelta(days=4)


async def test_an_interrupted_push_is_forgotten_after_half_a_day(database: Database) -> None:
    chat = await register(database)
    due = chat.next_push_at
    async with database.transaction() as session:
        await claimed(session, chat, due)
    async with database.transaction() as session:
        assert await claimed(session, chat, due + timedelta(hours=12))
    async with database.reading() as session:
        kept = await chats.get(session=session, chat_id=chat.id)
    assert kept is not None
    assert kept.pushing_since == due + timedelta(hours=12)


async def test_a_supergroup_that_people_used_already_keeps_what_is_there(
    database: Database,
) -> None:
    old, new = await register(database, -5), await register(database, -100_5)
    found = [
        Paper(id=f"2611.{n:05}", title="T", abstract="A.", published_at=NOON, updated_at=NOON)
        for n in range(3)
    ]
    ids = [paper.id for paper in found]
    async with database.transaction() as session:
        await papers.store(session=session, papers=found)
        both, mine = [
            await topics.register(session=session, query=query) for query in ("both", "mine")
        ]
        for chat, topic in ((old, both), (new, both), (new, mine)):
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=topic.query
            )
        fresh = await record_matches(session=session, matches={both.id: found})
        await fan_out.fan_out_now(session=session, matches=fresh)
        for chat, paper_id in ((old, ids[0]), (new, ids[1])):
            await mark_sent(
                session,
                outbox.Rows(Delivery, chat.id, (paper_id,)),
                message_id=1,
                now=NOON,
            )
    async with database.transaction() as session:
        await chats.migrate(session=session, telegram_id=-5, new_telegram_id=-100_5)
    async with database.reading() as session:
        assert await chats.find(session=session, telegram_id=-5) is None
        followed = await topics.subscriptions(session=session, chat_id=old.id)
        assert [follow.subscription.label for follow in followed] == ["both", "mine"]
        (still,) = await outbox.pending(
            session=session, chat_id=old.id, now=NOON.replace(year=2099)
        )
        assert still.paper.id == ids[2]
        assert await states(session) == {
            DeliveryState.SENT: 2,
            DeliveryState.PENDING: 1,
        }


async def test_a_migrated_group_takes_everything_along(database: Database) -> None:
    old = await register(database, -5, timezone="Asia/Tokyo")
    empty = await register(database, -100_5)
    async with database.transaction() as session:
        await chats.migrate(session=session, telegram_id=-5, new_telegram_id=-100_5)
    async with database.reading() as session:
        found = await chats.find(session=session, telegram_id=-100_5)
        assert await chats.find(session=session, telegram_id=-5) is None
    assert found is not None
    assert found.id == old.id != empty.id
    assert (found.timezone, found.kind) == ("Asia/Tokyo", ChatKind.SUPERGROUP)


async def test_a_blocked_chat_keeps_its_settings_and_is_counted(database: Database) -> None:
    chat = await register(database, timezone="Asia/Tokyo")
    async with database.transaction() as session:
        await chats.block(session=session, chat_id=chat.id, reason="Forbidden")
    async with database.reading() as session:
        blocked = await chats.get(session=session, chat_id=chat.id)
        assert (await on_connection(session, statistics.numbers)).chats == {ChatState.BLOCKED: 1}
    assert blocked is not None
    assert (blocked.state, blocked.state_reason) == (ChatState.BLOCKED, "Forbidden")
    assert blocked.timezone == "Asia/Tokyo"


async def test_no_id_means_another_row_once_its_own_is_gone(database: Database) -> None:
    """Work under way and old buttons name rows by their ids."""
    seen: set[tuple[str, int]] = set()
    for round_ in range(3):
        async with database.transaction() as session:
            chat = await chats.register(
                session=session,
                telegram_id=round_,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
            )
            topic = await topics.register(session=session, query=f"query {round_}")
            subscription = await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label="one"
            )
            paper = Paper(
                id=f"2401.0000{round_}",
                title="T",
                abstract="A",
                published_at=utc_now(),
                updated_at=utc_now(),
            )
            broadcast = Broadcast(html="Hello")
            session.add_all([paper, broadcast])
            await session.flush()
            delivery = Delivery(chat_id=chat.id, paper_id=paper.id)
            notice = Notice(broadcast_id=broadcast.id, chat_id=chat.id)
            session.add_all([delivery, notice])
            await session.flush()
            made: list[Any] = [chat, topic, subscription, delivery, broadcast, notice]
            ids = {(type(one).__name__, one.id) for one in made}
            assert not seen & ids
            seen |= ids
        async with database.transaction() as session:
            await chats.forget(session=session, chat_id=chat.id)
            await remove_unfollowed(session, now=utc_now() + timedelta(days=1), age=timedelta())
            await session.exec(delete(Broadcast))
    assert len(seen) == 3 * 6
