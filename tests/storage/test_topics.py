"""Topics: stored once however many follow them, in each chat's own order."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from storage import chats, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Match, Paper, Topic
from tests.on_connection import record_matches, remove_unfollowed

DAY = timedelta(days=1)


async def follow(database: Database, *queries: str) -> tuple[int, list[int]]:
    """Let a chat follow topics, with two papers a push each; return its id and theirs."""
    ids = []
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
        )
        for query in queries:
            topic = await topics.register(session=session, query=query)
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=query, cap=2
            )
            ids.append(topic.id)
    return chat.id, ids


async def test_topics_are_stored_once_and_forgotten_when_nobody_follows(
    database: Database,
) -> None:
    _chat, ids = await follow(database, "one", "two")
    async with database.transaction() as session:
        again = await topics.register(session=session, query="one")
        looked_at = await topics.register(session=session, query="three")
        assert again.id == ids[0]
        assert {t.query for t in await topics.followed(session=session)} == {"one", "two"}
        asked = await topics.unbackfilled(session=session, limit=3)
        assert [topic.query for topic in asked] == ["two", "one"]
        assert await remove_unfollowed(session, now=utc_now(), age=DAY) is None
        later = utc_now() + 2 * DAY
        assert await remove_unfollowed(session, now=later, age=DAY) == 1
        newest = await topics.register(session=session, query="four")
        assert newest.id > looked_at.id, "no id is given twice"
    async with database.reading() as session:
        assert await topics.get(session=session, topic_id=looked_at.id) is None
        assert await topics.get(session=session, topic_id=newest.id)


async def test_topics_keep_the_places_that_they_were_moved_to(database: Database) -> None:
    chat, ids = await follow(database, "ants", "bees", "cats")
    async with database.transaction() as session:
        await topics.move(session=session, chat_id=chat, topic_id=ids[2], by=-2)
        await topics.move(session=session, chat_id=chat, topic_id=12345, by=1)
    async with database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=chat)
    assert [entry.topic.query for entry in followed] == ["cats", "ants", "bees"]
    assert {entry.subscription.cap for entry in followed} == {2}


async def test_a_topic_that_is_followed_already_is_left_as_it_is(database: Database) -> None:
    chat, [topic] = await follow(database, "ants")
    async with database.transaction() as session:
        again = await topics.subscribe(
            session=session, chat_id=chat, topic_id=topic, label="other", cap=9
        )
        assert (again.label, again.cap) == ("ants", 2)
        assert await topics.unsubscribe(session=session, chat_id=chat, topic_id=topic) == again
        assert await topics.unsubscribe(session=session, chat_id=chat, topic_id=topic) is None
        assert not await topics.subscriptions(session=session, chat_id=chat)


@pytest.mark.parametrize("most", [1, 3, 7, 1_000])
async def test_topics_that_nobody_follows_go_a_slice_of_their_matches_at_a_time(
    database: Database, most: int
) -> None:
    _chat, ids = await follow(database, "one")
    found = [a_paper(number) for number in range(5)]
    async with database.transaction() as session:
        await papers.store(session=session, papers=found)
        others = [await topics.register(session=session, query=f"other {n}") for n in range(3)]
        every = dict.fromkeys((*ids, *(one.id for one in others)), found)
        await record_matches(session=session, matches=every)
        for one in others:
            one.matched_at = one.backfilled_at = utc_now()
    work = partial(topics.remove_unfollowed_slice, now=utc_now() + 2 * DAY, age=DAY, most=most)
    removed = [await database.write(work)]
    async with database.reading() as session:
        left = (await session.exec(select(Topic).order_by(col(Topic.id)))).all()
        rows = (await session.exec(select(Match.topic_id))).all()
    gone = 4 * len(found) - len(rows)
    assert 0 < gone <= most
    for topic in left:
        whole = rows.count(topic.id) == len(found)
        assert whole or topic.matched_at is topic.backfilled_at is None, "it is matched anew"
    while removed[-1] is not None:
        removed.append(await database.write(work))
    assert sum(filter(None, removed)) == 3
    async with database.reading() as session:
        assert (await session.exec(select(Topic.id))).all() == ids
        assert (await session.exec(select(Match.topic_id))).all() == ids * len(found)


def a_paper(number: int) -> Paper:
    return Paper(
        id=f"2611.{number:05}",
        title="A paper",
        abstract="We report.",
        authors=["Ada"],
        categories=["cs.CV"],
        published_at=utc_now(),
        updated_at=utc_now(),
    )
