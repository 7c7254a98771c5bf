"""Broadcasts, alarms and the allow-list, on SQLite and on PostgreSQL."""

from datetime import timedelta

from storage import admin, chats, outbox
from storage.admin_models import Notice
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind
from tests.on_connection import claimed, mark_sent


async def people(database: Database, count: int) -> list[int]:
    async with database.transaction() as session:
        return [
            (
                await chats.register(
                    session=session,
                    telegram_id=number,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=utc_now(),
                )
            ).id
            for number in range(1, count + 1)
        ]


async def test_a_draft_is_owed_to_nobody_and_a_second_start_adds_nobody(database: Database) -> None:
    ids = await people(database, 3)
    async with database.transaction() as session:
        await chats.block(session=session, chat_id=ids[0], reason="gone")
        one = await admin.draft(session=session, html="<b>Hello</b>")
        assert await admin.due(session=session, now=utc_now(), limit=9) == []
        assert await admin.start(session=session, broadcast_id=one.id, now=utc_now()) == 2
        assert await admin.start(session=session, broadcast_id=one.id, now=utc_now()) == 0
        due = await admin.due(session=session, now=utc_now(), limit=9)
        assert {entry.notice.chat_id for entry in due} == set(ids[1:])
        assert {entry.html for entry in due} == {"<b>Hello</b>"}


async def test_what_a_dead_copy_claimed_comes_back_after_five_minutes(database: Database) -> None:
    await people(database, 1)
    now = utc_now()
    async with database.transaction() as session:
        one = await admin.draft(session=session, html="x")
        await admin.start(session=session, broadcast_id=one.id, now=now)
        [due] = await admin.due(session=session, now=now, limit=9)
        rows = outbox.Rows(Notice, due.notice.chat_id, (one.id,))
        assert await claimed(session, rows, now=now) == [due.notice.id]
        assert await admin.due(session=session, now=now, limit=9) == []
    async with database.transaction() as session:
        early = now + timedelta(minutes=4, seconds=59)
        assert await outbox.release_stale(session=session, now=early, table=Notice) == 0
        later = now + timedelta(minutes=5, seconds=1)
        assert await outbox.release_stale(session=session, now=later, table=Notice) == 1
        [again] = await admin.due(session=session, now=later, limit=9)
        assert again.notice.id == due.notice.id
        await mark_sent(session, rows, message_id=1, now=later)
        assert await admin.due(session=session, now=later, limit=9) == []


async def test_an_alarm_is_news_once_and_its_end_too(database: Database) -> None:
    async with database.transaction() as session:
        assert await admin.raise_alert(session=session, kind="sweep")
        assert not await admin.raise_alert(session=session, kind="sweep")
        assert set(await admin.active_alerts(session=session)) == {"sweep"}
        assert await admin.clear_alert(session=session, kind="sweep")
        assert not await admin.clear_alert(session=session, kind="sweep")


async def test_who_is_let_in_can_be_shown_out_again(database: Database) -> None:
    async with database.transaction() as session:
        await admin.allow(session=session, telegram_id=-1001234567890)
        await admin.allow(session=session, telegram_id=-1001234567890)
        assert await admin.allowed_chats(session=session) == [-1001234567890]
        assert await admin.is_allowed(session=session, telegram_ids={5, -1001234567890})
        assert await admin.disallow(session=session, telegram_id=-1001234567890)
        assert not await admin.disallow(session=session, telegram_id=-1001234567890)
        assert not await admin.is_allowed(session=session, telegram_ids={5})
