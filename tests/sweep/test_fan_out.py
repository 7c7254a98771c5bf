"""Papers of one topic are owed to many followers, some at a time."""

from sqlmodel import func, select

from bot.sweep.fan_out import LEAST, fan_out_to_followers
from storage import matches
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, Delivery, Paper, Subscription, Topic

PAPERS = [f"2611.{number:05}" for number in range(10)]
PEOPLE = 2 * LEAST // len(PAPERS) + 1
"""More than two slices."""


async def followed(database: Database) -> int:
    """Store a topic that so many follow, and its papers; return its id."""
    now = utc_now()
    async with database.transaction() as session:
        topic = Topic(query="nerf")
        chats = [Chat(telegram_id=number) for number in range(1, PEOPLE + 1)]
        papers = [
            Paper(
                id=one,
                title="A paper",
                abstract="We report.",
                authors=["Ada"],
                categories=["cs.CV"],
                published_at=now,
                updated_at=now,
            )
            for one in PAPERS
        ]
        session.add_all([topic, *chats, *papers])
        await session.flush()
        session.add_all(
            Subscription(chat_id=chat.id, topic_id=topic.id, label="nerf") for chat in chats
        )
        found = [(one, now) for one in PAPERS]
        await matches.record_found(session=session, topic_id=topic.id, found=found)
        return topic.id


async def owed(database: Database) -> int:
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(Delivery))).one()


async def test_all_followers_of_a_topic_are_owed_its_papers_once(database: Database) -> None:
    topic = await followed(database)
    every = PEOPLE * len(PAPERS)
    assert await fan_out_to_followers(database, topic_id=topic, paper_ids=PAPERS) == every
    assert await owed(database) == every
    assert await fan_out_to_followers(database, topic_id=topic, paper_ids=PAPERS) == 0
    assert await owed(database) == every


async def test_no_papers_are_owed_to_nobody(database: Database) -> None:
    topic = await followed(database)
    assert await fan_out_to_followers(database, topic_id=topic, paper_ids=[]) == 0
    assert await owed(database) == 0
