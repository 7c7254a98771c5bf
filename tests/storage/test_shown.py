"""What a chat was shown counts as sent, whether it was owed, sent before, or neither."""

from datetime import timedelta

from sqlmodel import select

from storage import chats, papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Delivery, DeliveryState, Paper
from storage.shown import note_shown

NOW = utc_now()
YESTERDAY = NOW - timedelta(days=1)


async def test_what_was_shown_is_sent_once_whatever_it_was_before(database: Database) -> None:
    owed, failed, sent, new = (f"2611.0000{number}" for number in range(1, 5))
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=NOW
        )
        known = [
            Paper(id=one, title="T", abstract="A.", published_at=NOW, updated_at=NOW)
            for one in (owed, failed, sent, new)
        ]
        await papers.store(session=session, papers=known)
        session.add_all(
            [
                Delivery(chat_id=chat.id, paper_id=owed, created_at=YESTERDAY),
                Delivery(
                    chat_id=chat.id,
                    paper_id=failed,
                    state=DeliveryState.DEAD,
                    reason="too often",
                    attempts=9,
                ),
                Delivery(
                    chat_id=chat.id,
                    paper_id=sent,
                    state=DeliveryState.SENT,
                    sent_at=YESTERDAY,
                    message_id=3,
                ),
            ]
        )
    await database.write(
        lambda connection: note_shown(
            connection,
            chat_id=chat.id,
            paper_ids=[owed, failed, sent, new, "2611.99999"],
            message_id=7,
            now=NOW,
        )
    )
    async with database.reading() as session:
        rows = {row.paper_id: row for row in (await session.exec(select(Delivery))).all()}
    assert {row.state for row in rows.values()} == {DeliveryState.SENT}
    assert {one: (row.message_id, row.sent_at) for one, row in rows.items()} == {
        owed: (7, NOW),
        failed: (7, NOW),
        sent: (3, YESTERDAY),
        new: (7, NOW),
    }
    assert (rows[failed].reason, rows[failed].attempts) == (None, 9)
    assert rows[owed].created_at == YESTERDAY
