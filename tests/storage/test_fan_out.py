"""What a sweep announced is owed in slices: all of it, once, whatever comes between two slices."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlmodel import delete, select

from storage import chats, fan_out, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.match_models import FreshBatch
from storage.models import (
    Chat,
    ChatKind,
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    Subscription,
)
from tests.fresh_batches import announce
from tests.on_connection import record_matches

PEOPLE = 7
CHATS = range(1, PEOPLE + 1)
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
        return made.id


IDS = [f"2611.{number:05}" for number in range(PAPERS)]


async def owe(database: Database, most: int = 1_000) -> list[int]:
    """Make deliveries until nothing is left; return how many each slice made."""
    made: list[int] = []
    fresh = await database.read(fan_out.fresh_batches)
    place = fan_out.START
    while some := await database.read(partial(fan_out.following, after=place, limit=most)):
        last = fan_out.Place(*some[-1])
        work = partial(fan_out.fan_out_slice, after=place, last=last)
        made.append(await database.write(work))
        place = last
    await database.write(partial(fan_out.forget, batches=fresh))
    return made


async def owed(database: Database) -> set[tuple[int, str]]:
    async with database.reading() as session:
        found = (await session.exec(select(Delivery.chat_id, Delivery.paper_id))).all()
        assert (await session.exec(select(FreshBatch))).all() == []
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("most", [1, 2, 3, 6, 7, 1_000])
async def test_slices_of_any_size_owe_everything_once(
    database: Database, topic: int, most: int
) -> None:
    await announce(database, {topic: IDS})
    slices = await owe(database, most)
    assert len(await owed(database)) == PEOPLE * PAPERS == sum(slices)
    assert max(slices) == min(most, PEOPLE) * PAPERS


async def test_what_is_announced_twice_is_owed_once(database: Database, topic: int) -> None:
    for _each in range(2):
        await announce(database, {topic: IDS})
        await announce(database, {topic: IDS})
        await owe(database)
    assert len(await owed(database)) == PEOPLE * PAPERS


async def test_a_crash_between_two_slices_loses_nothing(database: Database, topic: int) -> None:
    await announce(database, {topic: IDS})
    some = await database.read(partial(fan_out.following, after=fan_out.START, limit=2))
    last = fan_out.Place(*some[-1])
    work = partial(fan_out.fan_out_slice, after=fan_out.START, last=last)
    assert await database.write(work) == 2 * PAPERS

    def crash(connection: Connection) -> None:
        work(connection)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(crash)
    assert sum(await owe(database, 2)) == (PEOPLE - 2) * PAPERS
    assert len(await owed(database)) == PEOPLE * PAPERS


async def test_what_is_announced_while_others_are_owed_stays_for_the_next_time(
    database: Database, topic: int
) -> None:
    await announce(database, {topic: IDS[:1]})
    fresh = await database.read(fan_out.fresh_batches)
    await announce(database, {topic: IDS[1:]})
    await database.write(partial(fan_out.forget, batches=fresh))
    await owe(database)
    assert await owed(database) == {(chat, one) for chat in CHATS for one in IDS[1:]}


async def test_only_what_is_new_is_owed(database: Database, topic: int) -> None:
    """Who follows a topic later than its older papers is not owed those with a new one."""
    await announce(database, {topic: IDS[:2]})
    await database.write(lambda connection: connection.execute(delete(FreshBatch)))
    await announce(database, {topic: IDS})
    await owe(database)
    assert {paper for _chat, paper in await owed(database)} == {IDS[2]}


async def test_only_those_who_followed_in_time_are_owed_old_papers(
    database: Database, topic: int
) -> None:
    async with database.transaction() as session:
        early = (await session.exec(select(Subscription).limit(2))).all()
        for one in early:
            one.created_at = utc_now() - timedelta(days=9)
        ids = {one.chat_id for one in early}
    await announce(database, {topic: IDS}, before=utc_now() - timedelta(days=7))
    await owe(database, 4)
    assert {chat for chat, _paper in await owed(database)} == ids


async def test_the_blocked_and_the_withdrawn_are_left_out(database: Database, topic: int) -> None:
    async with database.transaction() as session:
        chat = (await session.exec(select(Chat).limit(1))).one()
        chat.state = ChatState.BLOCKED
        (await session.get_one(Paper, "2611.00000")).withdrawn = True
    await announce(database, {topic: IDS})
    await owe(database, 2)
    assert len(await owed(database)) == (PEOPLE - 1) * (PAPERS - 1)


async def test_a_topic_that_is_forgotten_meanwhile_owes_nothing_more(
    database: Database, topic: int
) -> None:
    await announce(database, {topic: IDS})
    async with database.transaction() as session:
        for one in (await session.exec(select(Subscription))).all():
            await session.delete(one)
        found = await topics.get(session=session, topic_id=topic)
        assert found is not None
        await session.delete(found)
    assert await owe(database) == []
    await announce(database, {topic: IDS})
    assert await owe(database) == [], "what is gone is not recorded either"


async def test_who_follows_from_the_very_moment_is_too_late_for_old_papers(
    database: Database, topic: int
) -> None:
    async with database.transaction() as session:
        early = (await session.exec(select(Subscription).limit(1))).one()
        moment = utc_now() - timedelta(days=9)
        early.created_at = moment
        chat = early.chat_id
    for before, owes in ((moment, set()), (moment + timedelta(seconds=1), {chat})):
        async with database.transaction() as session:
            await session.exec(delete(Match))
        await announce(database, {topic: IDS[:1]}, before=before)
        await owe(database)
        assert {one for one, _paper in await owed(database)} == owes


@pytest.mark.usefixtures("topic")
async def test_a_new_follower_is_owed_the_newest_of_that_topic_only(database: Database) -> None:
    now = utc_now()

    def made(number: int, days: float, *, withdrawn: bool = False) -> Paper:
        moment = now - timedelta(days=days)
        return Paper(
            id=f"2612.{number:05}",
            title="A paper",
            abstract="We report.",
            authors=["Ada"],
            categories=["cs.CV"],
            published_at=moment,
            updated_at=moment,
            withdrawn=withdrawn,
        )

    mine = [made(1, 5), made(2, 3), made(3, 3), made(4, 3), made(5, 4), made(6, 8), made(7, 1)]
    mine.append(made(8, 2, withdrawn=True))
    since = mine[4].published_at
    async with database.transaction() as session:
        other = await topics.register(session=session, query="two")
        chat = await chats.register(
            session=session, telegram_id=99, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=other.id, label="two")
        await papers.store(session=session, papers=mine)
        await record_matches(session=session, matches={other.id: mine})

    async def added(limit: int) -> list[str]:
        async with database.transaction() as session:
            count = await fan_out.fan_out_newest(
                session=session, chat_id=chat.id, topic_id=other.id, since=since, limit=limit
            )
            query = select(Delivery).where(Delivery.chat_id == chat.id)
            found = [one.paper_id[-1] for one in (await session.exec(query)).all()]
        assert count == len(found) - len(seen)
        return sorted(found)

    seen: list[str] = []
    seen = await added(2)
    assert seen == ["4", "7"], "of one moment the later id is the newer"
    assert await added(9) == ["2", "3", "4", "5", "7"]
    async with database.reading() as session:
        assert (await session.exec(select(Delivery).where(Delivery.chat_id != chat.id))).all() == []
        one = (await session.exec(select(Delivery).limit(1))).one()
    assert (one.state, one.attempts) == (DeliveryState.PENDING, 0)
    assert abs(one.next_try_at - utc_now()) < timedelta(minutes=1)
    assert abs(one.created_at - utc_now()) < timedelta(minutes=1)


async def test_what_concerns_few_is_owed_at_once_however_many_papers(
    database: Database, topic: int
) -> None:
    now = utc_now()
    many = [
        Paper(
            id=f"2612.{number:05}",
            title="A paper",
            abstract="We report.",
            authors=["Ada"],
            categories=["cs.CV"],
            published_at=now,
            updated_at=now,
        )
        for number in range(1_100)
    ]
    async with database.transaction() as session:
        await papers.store(session=session, papers=many)
        found = await record_matches(session=session, matches={topic: many})
        assert await fan_out.fan_out_now(session=session, matches=found) == 1_100 * PEOPLE
        assert await fan_out.fan_out_now(session=session, matches=found) == 0
    assert len(await owed(database)) == 1_100 * PEOPLE


@pytest.mark.parametrize("most", [1, 2, 3, 7, 1_000])
async def test_followers_are_owed_some_at_a_time_each_once(
    database: Database, topic: int, most: int
) -> None:
    found = [(topic, one) for one in IDS]
    await announce(database, {topic: IDS})
    await database.write(lambda connection: connection.execute(delete(FreshBatch)))
    made, after = [], 0
    while True:
        async with database.transaction() as session:
            some = await fan_out.next_followers(
                session=session, topic_id=topic, after=after, most=most
            )
            if some is None:
                break
            owing = partial(fan_out.fan_out_now, session=session, matches=found, followers=some)
            made.append(await owing())
            assert await owing() == 0
        after = some.last
    assert max(made) == min(most, PEOPLE) * PAPERS
    assert await owed(database) == {(chat, one) for chat in CHATS for one in IDS}


async def test_what_one_topic_announces_is_owed_to_its_own_followers_only(
    database: Database, topic: int
) -> None:
    now = utc_now()
    async with database.transaction() as session:
        other = await topics.register(session=session, query="two")
        chat = await chats.register(
            session=session, telegram_id=99, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=other.id, label="two")
        same = (await session.exec(select(Paper))).all()
        await record_matches(session=session, matches={other.id: same, topic: same})
        announced = [(topic, one.id) for one in same]
        assert await fan_out.fan_out_now(session=session, matches=announced) == PEOPLE * PAPERS
    assert chat.id not in {one for one, _paper in await owed(database)}


@pytest.mark.parametrize("most", [1, 5, 1_000])
@pytest.mark.usefixtures("topic")
async def test_all_topics_are_owed_together_chat_after_chat(database: Database, most: int) -> None:
    """Some have followers and some have none, one is for those who followed before a moment."""
    now = utc_now()
    people, of = {}, {}
    async with database.transaction() as session:
        for number in range(40):
            other = await topics.register(session=session, query=f"topic {number}")
            of[number] = other.id
            if number % 2:
                chat = await chats.register(
                    session=session,
                    telegram_id=100 + number,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=now,
                )
                for topic_id in (other.id, of[number - 1]):
                    await topics.subscribe(
                        session=session, chat_id=chat.id, topic_id=topic_id, label="one"
                    )
                people[chat.id] = number
    await announce(database, {of[1]: IDS}, before=now - timedelta(days=1))
    await announce(database, {of[number]: IDS for number in (*range(2, 40, 4), 3, 5)})
    added = await owe(database, most)
    served = {chat for chat, number in people.items() if number in {3, 5} or number % 4 == 3}
    assert await owed(database) == {(chat, one) for chat in served for one in IDS}
    assert sum(added) == len(served) * PAPERS


async def test_a_page_of_subscriptions_is_read_in_the_order_of_its_index(tmp_path: Path) -> None:
    """However many there are, each page costs the same: nothing is sorted."""
    database = Database(f"sqlite:///{tmp_path / 'paperboy.db'}")
    await database.open()
    bounds = {"chat": 1, "topic": 1, "limit": 10}
    plan = await database.read(
        lambda core: core.exec_driver_sql(f"EXPLAIN QUERY PLAN {fan_out._FOLLOWING}", bounds).all()
    )
    await database.close()
    steps = " ".join(str(row[3]) for row in plan)
    assert "((chat_id,topic_id)>(?,?))" in steps
    assert "B-TREE" not in steps
