"""The outbox: nothing is owed twice, nothing is lost, what is claimed comes back."""

from datetime import datetime, timedelta

import pytest

from storage import chats, fan_out, matches, outbox, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, ChatState, Delivery, DeliveryState, Paper

DAY = timedelta(days=1)


def paper(number: int, *, version: int = 1, days_ago: float = 0.0, title: str = "T") -> Paper:
    moment = utc_now() - days_ago * DAY
    return Paper(
        id=f"2611.{number:05}",
        version=version,
        title=title,
        abstract="A.",
        authors=["A. Uthor"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment + (version - 1) * DAY,
    )


class World:
    """One chat that follows two topics, and a few papers."""

    chat: int
    one: int
    two: int


@pytest.fixture
async def world(database: Database) -> World:
    made = World()
    async with database.transaction() as session:
        chat = await chats.register(
            session=session,
            telegram_id=1,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            now=utc_now(),
        )
        one = await topics.register(session=session, query="one")
        two = await topics.register(session=session, query="two")
        for topic in (one, two):
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=topic.query
            )
        made.chat, made.one, made.two = chat.id, one.id, two.id
    return made


async def match(database: Database, found: dict[int, list[Paper]]) -> int:
    """Store papers and matches and owe them, as a sweep does; return how many were owed."""
    async with database.transaction() as session:
        await papers.store(session=session, papers=[p for ps in found.values() for p in ps])
        new = await matches.record_matches(session=session, matches=found)
        return await fan_out.fan_out_now(session=session, matches=new)


async def owed(database: Database, chat: int, now: datetime | None = None) -> list[str]:
    async with database.reading() as session:
        found = await outbox.pending(session=session, chat_id=chat, now=now or utc_now() + DAY)
    return [entry.paper.id for entry in found]


async def test_a_paper_on_two_topics_is_owed_once_with_both_labels(
    database: Database, world: World
) -> None:
    assert await match(database, {world.one: [paper(1)], world.two: [paper(1)]}) == 1
    async with database.reading() as session:
        labels = await matches.labels(session=session, chat_id=world.chat, paper_ids=["2611.00001"])
    assert labels == {"2611.00001": ("one", "two")}


async def test_a_match_is_new_only_once(database: Database, world: World) -> None:
    assert await match(database, {world.one: [paper(1)]}) == 1
    assert await match(database, {world.one: [paper(1)]}) == 0
    assert await match(database, {world.two: [paper(1)]}) == 0


async def test_a_new_version_is_stored_and_owed_to_nobody(database: Database, world: World) -> None:
    first = paper(1)
    await match(database, {world.one: [first]})
    newer = paper(1, version=2, title="Better")
    assert await match(database, {world.one: [newer]}) == 0
    older = paper(1, title="Old again")
    await match(database, {world.one: [older]})
    async with database.reading() as session:
        stored = (await papers.get_many(session=session, paper_ids=[first.id]))[first.id]
    assert (stored.title, stored.version) == ("Better", 2)
    assert stored.published_at == first.published_at


async def test_owed_papers_come_newest_first(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1, days_ago=3), paper(2), paper(3, days_ago=1)]})
    assert await owed(database, world.chat) == ["2611.00002", "2611.00003", "2611.00001"]


async def test_what_a_chat_follows_no_more_is_not_sent(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)], world.two: [paper(2)]})
    async with database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=world.chat, topic_id=world.one)
        assert await outbox.pending_count(session=session, chat_id=world.chat) == 1
    assert await owed(database, world.chat) == ["2611.00002"]


async def test_an_unreachable_chat_is_owed_nothing_new_and_a_paused_one_is(
    database: Database, world: World
) -> None:
    async with database.transaction() as session:
        await chats.block(session=session, chat_id=world.chat, reason="blocked")
    assert await match(database, {world.one: [paper(1)]}) == 0
    async with database.transaction() as session:
        chat = await chats.get(session=session, chat_id=world.chat)
        assert chat is not None
        chat.state = ChatState.PAUSED
    assert await match(database, {world.one: [paper(2)]}) == 1


async def test_a_new_subscription_owes_the_newest_up_to_its_limit(
    database: Database, world: World
) -> None:
    many = [paper(n, days_ago=n) for n in range(1, 9)]
    async with database.transaction() as session:
        await papers.store(session=session, papers=many)
        await matches.record_matches(session=session, matches={world.one: many})
        added = await fan_out.fan_out_newest(
            session=session,
            chat_id=world.chat,
            topic_id=world.one,
            since=utc_now() - 4.5 * DAY,
            limit=3,
        )
    assert added == 3
    assert await owed(database, world.chat) == ["2611.00001", "2611.00002", "2611.00003"]


async def test_two_copies_never_claim_the_same_delivery(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    async with database.transaction() as session:
        first = await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now()
        )
    async with database.transaction() as session:
        second = await outbox.claim(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, ("2611.00001", "2611.00002")),
            now=utc_now(),
        )
    assert (len(first), len(second)) == (1, 1)
    assert not set(first) & set(second)


async def test_what_a_dead_copy_claimed_comes_back_after_five_minutes(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1)]})
    now = utc_now()
    async with database.transaction() as session:
        await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=now
        )
    assert await owed(database, world.chat) == []
    async with database.transaction() as session:
        assert (
            await outbox.release_stale(session=session, now=now + timedelta(minutes=4, seconds=59))
            == 0
        )
        assert (
            await outbox.release_stale(session=session, now=now + timedelta(minutes=5, seconds=1))
            == 1
        )
    assert await owed(database, world.chat) == ["2611.00001"]


async def test_a_failed_try_waits_and_is_counted(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1)]})
    later = utc_now() + timedelta(minutes=10)
    async with database.transaction() as session:
        await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now()
        )
        await outbox.retry_later(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)),
            reason="Bad Gateway",
            next_try_at=later,
        )
    assert await owed(database, world.chat, utc_now()) == []
    assert await owed(database, world.chat, later) == ["2611.00001"]
    async with database.reading() as session:
        (entry,) = await outbox.pending(session=session, chat_id=world.chat, now=later)
    assert entry.delivery.attempts == 1


async def test_what_was_sent_is_never_owed_again(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    started = utc_now()
    async with database.transaction() as session:
        # One was owed, the other was only shown.
        await papers.store(session=session, papers=[paper(3)])
        await outbox.mark_sent(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, ("2611.00001", "2611.00003")),
            message_id=9,
            now=utc_now(),
        )
        assert await outbox.sent_count(session=session, chat_id=world.chat, since=started) == 2
    assert await match(database, {world.two: [paper(1), paper(3)]}) == 0
    assert await owed(database, world.chat) == ["2611.00002"]


async def test_dead_letters_and_expired_ones_are_counted_and_not_sent(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2), paper(3)]})
    async with database.transaction() as session:
        await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now()
        )
        await outbox.mark_dead(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)),
            reason="refused",
        )
        assert await outbox.expire(session=session, now=utc_now(), age=DAY) == 0
        assert await outbox.expire(session=session, now=utc_now() + 2 * DAY, age=DAY) == 2
        assert await outbox.count(session=session) == {
            DeliveryState.DEAD: 1,
            DeliveryState.EXPIRED: 2,
        }
        assert list(await outbox.chats_with_pending(session=session)) == []
    assert await owed(database, world.chat) == []


async def test_dead_letters_can_be_read_and_released(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    ids = ["2611.00001", "2611.00002"]
    async with database.transaction() as session:
        await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, tuple(ids)), now=utc_now()
        )
        await outbox.mark_dead(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, tuple(ids)),
            reason="something quite new",
        )
        dead = await outbox.dead_letters(session=session, limit=10)
        assert {letter.delivery.reason for letter in dead} == {"something quite new"}
        first = next(letter for letter in dead if letter.paper.id == ids[0])
        assert (
            await outbox.release_dead(
                session=session, now=utc_now(), delivery_ids=[first.delivery.id]
            )
            == 1
        )
    assert await owed(database, world.chat) == ids[:1]
    async with database.transaction() as session:
        assert await outbox.release_dead(session=session, now=utc_now()) == 1
    assert sorted(await owed(database, world.chat)) == ids


async def test_a_push_goes_on_with_what_is_claimed_or_waits_for_another_try(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2), paper(3)]})
    now = utc_now()

    async def until() -> datetime | None:
        async with database.reading() as session:
            return await outbox.unfinished_until(session=session, chat_id=world.chat, now=now)

    assert await until() is None
    ids = ["2611.00001", "2611.00002"]
    async with database.transaction() as session:
        await outbox.claim(
            session=session, rows=outbox.Rows(Delivery, world.chat, tuple(ids)), now=now
        )
    assert await until() == now + timedelta(minutes=5)
    soon = now + timedelta(minutes=1)
    async with database.transaction() as session:
        await outbox.retry_later(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, tuple(ids[:1])),
            reason="Too Many Requests",
            next_try_at=soon,
            tried=False,
        )
    assert await until() == soon
    async with database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=world.chat, topic_id=world.one)
    assert await until() == now + timedelta(minutes=5)


async def test_what_is_taken_back_during_a_push_belongs_to_that_push(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1)]})
    began = utc_now()
    async with database.transaction() as session:
        await outbox.claim(
            session=session,
            rows=outbox.Rows(Delivery, world.chat, ("2611.00001",)),
            now=began - timedelta(minutes=5),
        )
    taken_back = began + timedelta(seconds=1)
    async with database.transaction() as session:
        assert await outbox.release_stale(session=session, now=taken_back) == 1
    async with database.reading() as session:
        until = await outbox.unfinished_until(session=session, chat_id=world.chat, now=began)
    assert until == taken_back
