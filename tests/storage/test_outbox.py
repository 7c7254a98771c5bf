"""The outbox: nothing is owed twice, nothing is lost, what is claimed comes back."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

from storage import chats, fan_out, matches, outbox, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import (
    Chat,
    ChatKind,
    ChatState,
    Delivery,
    DeliveryState,
    Paper,
)
from storage.pending import pending_by_chat, sent_since
from tests.on_connection import (
    claimed,
    mark_sent,
    on_connection,
    record_matches,
    states,
    unfinished,
)

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
        new = await record_matches(session=session, matches=found)
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
        asked = {"chat_id": world.chat, "paper_ids": ["2611.00001"]}
        labels = await on_connection(session, matches.labels, **asked)
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
        await record_matches(session=session, matches={world.one: many})
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
        first = await claimed(
            session, outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now()
        )
    async with database.transaction() as session:
        second = await claimed(
            session,
            outbox.Rows(Delivery, world.chat, ("2611.00001", "2611.00002")),
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
        await claimed(session, outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=now)
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
        await claimed(session, outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now())
        await on_connection(
            session,
            outbox.retry_later,
            outbox.Rows(Delivery, world.chat, ("2611.00001",)),
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
        await mark_sent(
            session,
            outbox.Rows(Delivery, world.chat, ("2611.00001", "2611.00003")),
            message_id=9,
            now=utc_now(),
        )
        sent = await on_connection(session, sent_since, {world.chat: started})
        assert len(sent[world.chat]) == 2
    assert await match(database, {world.two: [paper(1), paper(3)]}) == 0
    assert await owed(database, world.chat) == ["2611.00002"]


async def test_dead_letters_and_expired_ones_are_counted_and_not_sent(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2), paper(3)]})
    async with database.transaction() as session:
        await claimed(session, outbox.Rows(Delivery, world.chat, ("2611.00001",)), now=utc_now())
        await on_connection(
            session,
            outbox.mark_dead,
            outbox.Rows(Delivery, world.chat, ("2611.00001",)),
            reason="refused",
        )
        assert await on_connection(session, outbox.expire, now=utc_now(), age=DAY, limit=9) == 0
        later = utc_now() + 2 * DAY
        assert await on_connection(session, outbox.expire, now=later, age=DAY, limit=1) == 1
        assert await on_connection(session, outbox.expire, now=later, age=DAY, limit=9) == 1
        assert await states(session) == {
            DeliveryState.DEAD: 1,
            DeliveryState.EXPIRED: 2,
        }
        assert list(await outbox.chats_with_pending(session=session)) == []
    assert await owed(database, world.chat) == []


async def test_dead_letters_can_be_read_and_released(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    ids = ["2611.00001", "2611.00002"]
    async with database.transaction() as session:
        await claimed(session, outbox.Rows(Delivery, world.chat, tuple(ids)), now=utc_now())
        await on_connection(
            session,
            outbox.mark_dead,
            outbox.Rows(Delivery, world.chat, tuple(ids)),
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
            return await unfinished(session, world.chat, now=now)

    assert await until() is None
    ids = ["2611.00001", "2611.00002"]
    async with database.transaction() as session:
        await claimed(session, outbox.Rows(Delivery, world.chat, tuple(ids)), now=now)
    assert await until() == now + timedelta(minutes=5)
    soon = now + timedelta(minutes=1)
    async with database.transaction() as session:
        await on_connection(
            session,
            outbox.retry_later,
            outbox.Rows(Delivery, world.chat, tuple(ids[:1])),
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
        await claimed(
            session,
            outbox.Rows(Delivery, world.chat, ("2611.00001",)),
            now=began - timedelta(minutes=5),
        )
    taken_back = began + timedelta(seconds=1)
    async with database.transaction() as session:
        assert await outbox.release_stale(session=session, now=taken_back) == 1
    async with database.reading() as session:
        until = await unfinished(session, world.chat, now=began)
    assert until == taken_back


async def second_chat(database: Database, world: World, telegram_id: int = 2) -> int:
    """Return another chat that follows the first topic."""
    async with database.transaction() as session:
        chat = await chats.register(
            session=session,
            telegram_id=telegram_id,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            now=utc_now(),
        )
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=world.one, label="one")
    return chat.id


async def rows(database: Database, chat: int) -> dict[str, Delivery]:
    """Return a chat's deliveries by the number of their papers."""
    async with database.reading() as session:
        found = (await session.exec(select(Delivery).where(Delivery.chat_id == chat))).all()
    return {row.paper_id[-1]: row for row in found}


async def test_what_is_news_no_more_is_owed_to_nobody_any_longer(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(n) for n in range(1, 6)]})
    unknown = [f"2612.{n:05}" for n in range(1_200)]
    gone = ["2611.00001", *unknown[:600], "2611.00002", *unknown[600:], "2611.00003", "2611.00004"]
    async with database.transaction() as session:
        under_way = outbox.Rows(Delivery, world.chat, ("2611.00004",))
        await claimed(session, under_way, now=utc_now())
    waiting = await database.read(partial(outbox.waiting_for, paper_ids=gone))
    drop = partial(outbox.drop, delivery_ids=waiting, reason="withdrawn")
    assert await database.write(drop) == 3
    found = await rows(database, world.chat)
    for number in "123":
        assert (found[number].state, found[number].reason) == (DeliveryState.EXPIRED, "withdrawn")
    assert found["4"].state is DeliveryState.SENDING
    assert (found["5"].state, found["5"].reason) == (DeliveryState.PENDING, None)


async def test_what_waits_in_one_chat_is_nothing_to_another(
    database: Database, world: World
) -> None:
    other = await second_chat(database, world)
    await match(database, {world.one: [paper(1), paper(2)]})
    now = utc_now()
    async with database.transaction() as session:
        theirs = outbox.Rows(Delivery, other, ("2611.00001",))
        await claimed(session, theirs, now=now)
        assert await unfinished(session, world.chat, now=now) is None
        assert await unfinished(session, other, now=now) == now + timedelta(minutes=5)
        assert await outbox.pending_count(session=session, chat_id=world.chat) == 2
        await mark_sent(session, theirs, message_id=1, now=now)
        for chat, count in ((world.chat, 0), (other, 1)):
            sent = (await on_connection(session, sent_since, {chat: now}))[chat]
            assert len(sent) == count
    mine = (await rows(database, world.chat))["1"]
    assert (mine.state, mine.claimed_at, mine.message_id) == (DeliveryState.PENDING, None, None)


async def test_only_active_chats_that_are_owed_anything_are_to_be_served(
    database: Database, world: World
) -> None:
    served = await second_chat(database, world, 2)
    paused = await second_chat(database, world, 3)
    await match(database, {world.one: [paper(1)]})
    idle = await second_chat(database, world, 4)
    async with database.transaction() as session:
        (await session.get_one(Chat, paused)).state = ChatState.PAUSED
        mine = outbox.Rows(Delivery, world.chat, ("2611.00001",))
        await mark_sent(session, mine, message_id=1, now=utc_now())
    async with database.reading() as session:
        found = await outbox.chats_with_pending(session=session)
        assert [chat.id for chat in found] == [served]
        for telegram_id, ids in ((2, [served]), (1, []), (3, []), (4, [])):
            only = await outbox.chats_with_pending(session=session, telegram_id=telegram_id)
            assert [chat.id for chat in only] == ids
    assert idle not in ids


async def test_what_was_sent_is_known_in_its_order_from_a_moment_on(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(n) for n in range(1, 7)]})
    now = utc_now()
    moments = {"3": 0, "1": 1, "4": 2, "2": 2}
    async with database.transaction() as session:
        for number, minutes in moments.items():
            one = outbox.Rows(Delivery, world.chat, (f"2611.0000{number}",))
            moment = now + timedelta(minutes=minutes)
            await claimed(session, one, now=moment)
            await mark_sent(session, one, message_id=1, now=moment)
        # What was never sent has no moment, and what has another end may have had one.
        dead = outbox.Rows(Delivery, world.chat, ("2611.00005",))
        await claimed(session, dead, now=now)
        await on_connection(session, outbox.mark_dead, dead, reason="refused")
        row = (await session.exec(select(Delivery).where(dead.chosen))).one()
        row.sent_at = now + timedelta(minutes=3)
    cases: list[tuple[float, str]] = [(0, "3124"), (1, "124"), (1.5, "24"), (2, "24"), (2.5, "")]
    async with database.reading() as session:
        for after, expected in cases:
            since = now + timedelta(minutes=after)
            sent = (await on_connection(session, sent_since, {world.chat: since}))[world.chat]
            assert "".join(one[-1] for one in sent) == expected


async def test_the_newest_dead_letters_come_first_and_come_back_as_if_never_tried(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2), paper(3)]})
    now = utc_now()
    later = now + timedelta(hours=1)
    ids = ("2611.00003", "2611.00001", "2611.00002")
    async with database.transaction() as session:
        for one in ids:
            mine = outbox.Rows(Delivery, world.chat, (one,))
            await claimed(session, mine, now=now)
            await on_connection(session, outbox.retry_later, mine, reason="x", next_try_at=now)
            await claimed(session, mine, now=now)
            await on_connection(session, outbox.mark_dead, mine, reason="refused")
        dead = await outbox.dead_letters(session=session, limit=2)
        every = await outbox.dead_letters(session=session, limit=9)
        assert len(every) == 3
        assert every[:2] == dead
        numbers = [letter.delivery.id for letter in every]
        assert numbers == sorted(numbers, reverse=True)
        for letter in every:
            assert letter.paper.id == letter.delivery.paper_id
            assert (letter.delivery.attempts, letter.delivery.claimed_at) == (1, None)
        assert await outbox.release_dead(session=session, now=later) == 3
    for row in (await rows(database, world.chat)).values():
        assert (row.state, row.reason, row.attempts) == (DeliveryState.PENDING, None, 0)
        assert row.next_try_at == later


async def test_what_is_over_the_cap_for_too_long_says_so(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    made = (await rows(database, world.chat))["1"].created_at
    async with database.transaction() as session:
        assert (
            await on_connection(session, outbox.expire, now=made + 9 * DAY, age=9 * DAY, limit=9)
            == 0
        )
        other = outbox.Rows(Delivery, world.chat, ("2611.00002",))
        await claimed(session, other, now=made)
        soon = made + 9 * DAY + timedelta(seconds=1)
        assert await on_connection(session, outbox.expire, now=soon, age=9 * DAY, limit=9) == 1
    found = await rows(database, world.chat)
    assert found["1"].state is DeliveryState.EXPIRED
    assert found["1"].reason == "over the cap for too long"
    assert found["2"].state is DeliveryState.SENDING


async def test_each_chat_has_its_own_limit_of_the_newest_that_are_due(
    database: Database, world: World
) -> None:
    other = await second_chat(database, world)
    await match(database, {world.one: [paper(n, days_ago=n) for n in range(1, 6)]})
    now = utc_now()
    async with database.transaction() as session:
        waits = (await session.exec(select(Delivery).where(Delivery.chat_id == other))).all()
        waits[0].next_try_at = now + timedelta(seconds=1)
        held = waits[0].paper_id[-1]
    theirs = "12345".replace(held, "")

    async def found(limits: dict[int, int | None]) -> dict[int, str]:
        async with database.reading() as session:
            by_chat = await on_connection(session, pending_by_chat, limits, now=now)
        for chat, entries in by_chat.items():
            for entry in entries:
                assert entry.delivery.chat_id == chat
                assert entry.delivery.paper_id == entry.paper.id
        return {
            chat: "".join(entry.paper.id[-1] for entry in entries)
            for chat, entries in by_chat.items()
        }

    mine = world.chat
    assert await found({mine: 2, other: 3}) == {mine: "12", other: theirs[:3]}
    assert await found({mine: None, other: 1}) == {mine: "12345", other: theirs[:1]}
    assert await found({mine: None, other: None}) == {mine: "12345", other: theirs}
    assert await found({mine: 0}) == {mine: ""}
    assert await found({}) == {}
    async with database.reading() as session:
        ids = [
            entry.paper.id
            for entry in await outbox.pending(session=session, chat_id=mine, now=now, limit=1)
        ]
    assert ids == ["2611.00001"]


async def test_of_a_claim_that_was_made_in_part_only_that_part_goes_back(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2), paper(3)]})
    now = utc_now()
    later = now + timedelta(minutes=3)
    all_three = outbox.Rows(Delivery, world.chat, ("2611.00001", "2611.00002", "2611.00003"))
    async with database.transaction() as session:
        first = outbox.Rows(Delivery, world.chat, ("2611.00001",))
        await claimed(session, first, now=now)
        mine = await claimed(session, all_three, now=now)
        assert len(mine) == 2
        await on_connection(
            session,
            outbox.retry_later,
            all_three,
            reason="later",
            next_try_at=later,
            tried=False,
            ids=mine,
        )
    found = await rows(database, world.chat)
    assert found["1"].state is DeliveryState.SENDING
    assert found["1"].claimed_at == now
    for number in "23":
        row = found[number]
        assert (row.state, row.reason, row.attempts) == (DeliveryState.PENDING, "later", 0)
        assert (row.claimed_at, row.next_try_at) == (None, later)


async def test_what_a_dead_copy_claimed_says_so_and_is_due_at_once(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    now = utc_now()
    async with database.transaction() as session:
        one = outbox.Rows(Delivery, world.chat, ("2611.00001",))
        await claimed(session, one, now=now)
        at_the_end = now + timedelta(minutes=5)
        assert await outbox.release_stale(session=session, now=at_the_end) == 0
        later = at_the_end + timedelta(seconds=1)
        assert await outbox.release_stale(session=session, now=later) == 1
    row = (await rows(database, world.chat))["1"]
    assert (row.state, row.reason, row.claimed_at) == (
        DeliveryState.PENDING,
        "claim expired",
        None,
    )
    assert row.next_try_at == later
    assert (row.attempts, row.sent_at) == (0, None)
    assert (await rows(database, world.chat))["2"].reason is None


async def test_a_paper_that_was_only_shown_counts_as_sent(database: Database, world: World) -> None:
    other = await second_chat(database, world)
    now = utc_now()
    async with database.transaction() as session:
        await papers.store(session=session, papers=[paper(1), paper(2)])
        shown = outbox.Rows(Delivery, other, ("2611.00001",))
        await mark_sent(session, shown, message_id=77, now=now)
        again = now + timedelta(hours=1)
        await mark_sent(session, shown, message_id=78, now=again)
    assert await rows(database, world.chat) == {}
    found = await rows(database, other)
    assert list(found) == ["1"]
    row = found["1"]
    assert (row.state, row.message_id, row.sent_at) == (DeliveryState.SENT, 77, now)
    assert (row.claimed_at, row.reason) == (None, None)


async def test_what_is_due_now_does_not_wait_any_more(database: Database, world: World) -> None:
    await match(database, {world.one: [paper(1)]})
    now = utc_now()
    one = outbox.Rows(Delivery, world.chat, ("2611.00001",))
    async with database.transaction() as session:
        await claimed(session, one, now=now)
        await on_connection(session, outbox.retry_later, one, reason="x", next_try_at=now)
        assert await unfinished(session, world.chat, now=now) is None
        before = now - timedelta(seconds=1)
        until = await unfinished(session, world.chat, now=before)
    assert until == now


async def test_what_is_sent_is_settled_whatever_is_said_of_it_later(
    database: Database, world: World
) -> None:
    await match(database, {world.one: [paper(1), paper(2)]})
    now = utc_now()
    one = outbox.Rows(Delivery, world.chat, ("2611.00001",))
    other = outbox.Rows(Delivery, world.chat, ("2611.00002",))
    async with database.transaction() as session:
        await claimed(session, one, now=now)
        await on_connection(session, outbox.retry_later, one, reason="x", next_try_at=now)
        await claimed(session, one, now=now)
        await mark_sent(session, one, message_id=5, now=now)
        for rows_ in (one, other):
            await on_connection(session, outbox.retry_later, rows_, reason="y", next_try_at=now)
            await on_connection(session, outbox.mark_dead, rows_, reason="z")
    found = await rows(database, world.chat)
    sent = found["1"]
    assert (sent.state, sent.claimed_at, sent.reason) == (DeliveryState.SENT, None, None)
    assert (found["2"].state, found["2"].reason) == (DeliveryState.PENDING, None)
    assert found["2"].attempts == 0
