"""What a sweep announced is owed in slices: all of it, once, whatever comes between two slices."""

from datetime import timedelta

import pytest
from sqlmodel import select

from storage import chats, fan_out, matches, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, ChatState, Delivery, FreshMatch, Paper, Subscription

PEOPLE = 7
PAPERS = 3


@pytest.fixture
async def topic(database: Database) -> int:
    """A topic with seven followers and three papers."""
    now = utc_now()
    async with database.transaction() as session:
        made = await topics.register(session=session, query="one")
        for number in range(PEOPLE):
            chat = await chats.register(
                session=session,
                telegram_id=number + 1,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=now,
            )
            await topics.subscribe(session=session, chat_id=chat.id, topic_id=made.id, label="one")
        found = [
            Paper(
                id=f"2611.{number:05}",
                title="A paper",
                abstract="We report.",
                authors=["Ada"],
                categories=["cs.CV"],
                published_at=now,
                updated_at=now,
            )
            for number in range(PAPERS)
        ]
        await papers.store(session=session, papers=found)
        await matches.record_matches(session=session, matches={made.id: found})
        return made.id


async def announce(database: Database, topic: int, before: timedelta | None = None) -> None:
    async with database.transaction() as session:
        await fan_out.record_fresh(
            session=session,
            matches=[(topic, f"2611.{number:05}") for number in range(PAPERS)],
            followed_before=utc_now() + before if before else None,
        )


async def owe(database: Database, most: int = 1_000) -> list[int]:
    """Make deliveries until nothing is left; return how many each slice made."""
    slices: list[int] = []
    while True:
        async with database.transaction() as session:
            some = await fan_out.fan_out_slice(session=session, most=most)
        if some is None:
            return slices
        slices.append(some)


async def owed(database: Database) -> set[tuple[int, str]]:
    async with database.reading() as session:
        found = (await session.exec(select(Delivery.chat_id, Delivery.paper_id))).all()
        assert (await session.exec(select(FreshMatch))).all() == []
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("most", [1, 2, 3, 6, 20, 21, 1_000])
async def test_slices_of_any_size_owe_everything_once(
    database: Database, topic: int, most: int
) -> None:
    await announce(database, topic)
    slices = await owe(database, most)
    assert len(await owed(database)) == PEOPLE * PAPERS == sum(slices)
    # A slice ends with a chat, not within what one is owed.
    assert max(slices) < most + PAPERS


async def test_what_is_announced_twice_is_owed_once(database: Database, topic: int) -> None:
    for _each in range(2):
        await announce(database, topic)
        await announce(database, topic)
        await owe(database)
    assert len(await owed(database)) == PEOPLE * PAPERS


async def test_a_crash_between_two_slices_loses_nothing(database: Database, topic: int) -> None:
    await announce(database, topic)
    async with database.transaction() as session:
        assert await fan_out.fan_out_slice(session=session, most=6) == 6

    async def crash() -> None:
        async with database.transaction() as session:
            await fan_out.fan_out_slice(session=session, most=6)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await crash()
    await owe(database, 6)
    assert len(await owed(database)) == PEOPLE * PAPERS


async def test_only_those_who_followed_in_time_are_owed_old_papers(
    database: Database, topic: int
) -> None:
    async with database.transaction() as session:
        early = (await session.exec(select(Subscription).limit(2))).all()
        for one in early:
            one.created_at = utc_now() - timedelta(days=9)
        ids = {one.chat_id for one in early}
    await announce(database, topic, before=timedelta(days=-7))
    await owe(database, 4)
    assert {chat for chat, _paper in await owed(database)} == ids


async def test_the_blocked_and_the_withdrawn_are_left_out(database: Database, topic: int) -> None:
    async with database.transaction() as session:
        chat = (await session.exec(select(Chat).limit(1))).one()
        chat.state = ChatState.BLOCKED
        (await session.get_one(Paper, "2611.00000")).withdrawn = True
    await announce(database, topic)
    await owe(database, 2)
    assert len(await owed(database)) == (PEOPLE - 1) * (PAPERS - 1)


async def test_a_topic_that_is_forgotten_meanwhile_owes_nothing_more(
    database: Database, topic: int
) -> None:
    await announce(database, topic)
    async with database.transaction() as session:
        await fan_out.fan_out_slice(session=session, most=3)
        for one in (await session.exec(select(Subscription))).all():
            await session.delete(one)
        found = await topics.get(session=session, topic_id=topic)
        assert found is not None
        await session.delete(found)
    assert await owe(database) == []
