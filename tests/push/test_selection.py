"""What each topic may have of a push."""

from functools import partial

import pytest
from sqlmodel import select

from bot.push.selection import is_personal, is_silent, select_papers, within_caps
from bot.ranking.order import PersonalOrder
from storage import matches, opinions, topics
from storage.columns import utc_now
from storage.models import Chat, PaperOrder, SavedPaper, Subscription
from storage.pending import DeliveryRow, Followed, PendingDelivery
from tests.on_connection import on_connection
from tests.outside import Outside
from tests.push.test_worker import paper

FREE = Followed(id=1, label="free")
ONE = Followed(id=2, label="one", cap=1)
TWO = Followed(id=3, label="two", cap=2)
PAUSED = Followed(id=4, label="paused", paused=True)
MUTED = Followed(id=5, label="muted", muted=True)


@pytest.mark.parametrize(
    ("papers", "sent", "let_in"),
    [
        pytest.param([[FREE], [FREE]], 0, [0, 1], id="no cap"),
        pytest.param([[ONE], [ONE], [FREE]], 0, [0, 2], id="one of a topic, and the others"),
        pytest.param([[ONE], [ONE, FREE]], 0, [0, 1], id="what another topic wants comes"),
        pytest.param([[ONE, TWO], [ONE, TWO], [TWO]], 0, [0, 1], id="it counts for both"),
        pytest.param([[TWO], [TWO], [TWO]], 1, [1], id="what an interrupted push sent counts"),
        pytest.param([[PAUSED], [PAUSED, ONE], [ONE]], 0, [1], id="a paused topic wants nothing"),
        pytest.param([[]], 0, [], id="no topic"),
    ],
)
def test_caps(papers: list[list[Followed]], sent: int, let_in: list[int]) -> None:
    followed = {str(n): entries for n, entries in enumerate(papers)}
    ids = list(followed)
    found = within_caps(ids[sent:], followed=followed, sent=ids[:sent])
    assert found == [str(n) for n in let_in]


@pytest.mark.parametrize(
    ("papers", "silent"),
    [
        ([[MUTED]], True),
        ([[MUTED], [FREE]], False),
        ([[MUTED, FREE]], False),
        ([[MUTED, PAUSED], [MUTED]], True),
    ],
)
def test_a_message_is_silent_when_all_its_papers_are(
    papers: list[list[Followed]],
    silent: bool,  # noqa: FBT001 - a row of a table
) -> None:
    followed = {str(n): entries for n, entries in enumerate(papers)}
    assert is_silent(followed, followed=followed) is silent


async def choose(outside: Outside, chat: Chat, label: str, **choices: object) -> None:
    async with outside.database.transaction() as session:
        query = select(Subscription).where(
            Subscription.chat_id == chat.id, Subscription.label == label
        )
        entry = (await session.exec(query)).one()
        for name, value in choices.items():
            setattr(entry, name, value)


async def push(outside: Outside) -> int:
    return await outside.pusher.push_due()


async def test_a_push_keeps_to_the_caps_of_topics_and_the_next_goes_on(outside: Outside) -> None:
    person, chat = await outside.person(papers_per_push=3)
    await outside.follow(chat, "nerf", "robots")
    await choose(outside, chat, "nerf", cap=1)
    await outside.owe("nerf", [paper(n) for n in range(1, 4)])
    await outside.owe("robots", [paper(n, "A robot", days_ago=2) for n in range(11, 14)])
    await outside.due(chat)
    assert await push(outside) == 3
    assert "☀️ 3 of 6 new papers · the rest: tomorrow or /digest" in outside.pushed(person)[-1]
    done = await outside.pusher.push_chat(chat.id, limit=3)
    assert done.sent == 2
    assert done.still_owed == 1
    everything = await outside.pusher.push_everything()
    assert everything == 1


async def test_a_paused_topic_collects_and_brings_it_all_when_it_goes_on(outside: Outside) -> None:
    _person, chat = await outside.person()
    await outside.follow(chat, "nerf")
    await choose(outside, chat, "nerf", paused=True)
    await outside.owe("nerf", [paper(1), paper(2)])
    await outside.due(chat)
    assert await push(outside) == 0
    await choose(outside, chat, "nerf", paused=False)
    await outside.due(chat)
    assert await push(outside) == 2


async def test_a_paper_that_another_topic_wants_comes_while_one_is_paused(outside: Outside) -> None:
    _person, chat = await outside.person()
    await outside.follow(chat, "nerf", "radiance")
    await choose(outside, chat, "nerf", paused=True)
    await outside.owe("nerf", [paper(1), paper(2)])
    await outside.owe("radiance", [paper(2)])
    await outside.due(chat)
    assert await push(outside) == 1


async def test_a_muted_topic_makes_no_sound(outside: Outside) -> None:
    _person, chat = await outside.person()
    await outside.follow(chat, "nerf", "robots")
    await choose(outside, chat, "nerf", muted=True)
    for query in ("nerf", "robots"):
        await outside.owe(query, [paper(1 if query == "nerf" else 2)])
        await outside.due(chat)
        await push(outside)
    calls = outside.telegram.calls_to("sendMessage")
    assert [bool(call.params.get("disable_notification")) for call in calls] == [True, False]


async def test_a_topic_s_place_is_the_chat_s_to_choose(outside: Outside) -> None:
    _person, chat = await outside.person()
    await outside.follow(chat, "ants", "bees", "cats")

    async def order() -> str:
        async with outside.database.reading() as session:
            found = await topics.subscriptions(session=session, chat_id=chat.id)
        return "".join(entry.subscription.label[0] for entry in found)

    async def move(label: str, by: int) -> str:
        async with outside.database.transaction() as session:
            found = await topics.subscriptions(session=session, chat_id=chat.id)
            [moved] = [entry.topic.id for entry in found if entry.subscription.label[0] == label]
            await topics.move(session=session, chat_id=chat.id, topic_id=moved, by=by)
        return await order()

    assert await order() == "abc"
    assert await move("c", -1) == "acb"
    assert await move("a", -1) == "acb"
    assert await move("a", 2) == "cba"
    await outside.follow(chat, "dogs")
    assert await order() == "cbad"
    await outside.owe("ants", [paper(1)])
    await outside.owe("cats", [paper(1)])
    labels = await outside.database.read(
        partial(matches.labels, chat_id=chat.id, paper_ids=["2611.00001"])
    )
    assert labels == {"2611.00001": ("cats", "ants")}


def pending(*numbers: int) -> list[PendingDelivery]:
    return [
        PendingDelivery(DeliveryRow(chat_id=1, paper_id=one.id), one)
        for one in (paper(number, "Learning") for number in numbers)
    ]


def topic(number: int, position: int, *, paused: bool = False, cap: int | None = None) -> Followed:
    return Followed(
        id=number,
        label=str(number),
        position=position,
        paused=paused,
        cap=cap,
    )


FIRST, SECOND, THIRD = topic(30, 0), topic(20, 2), topic(10, 3)
ASIDE = topic(5, 0, paused=True)
TWIN = topic(25, 2)
FOLLOWED = {1: [THIRD, ASIDE], 2: [SECOND, THIRD], 3: [FIRST], 4: [TWIN], 5: [SECOND]}


@pytest.mark.parametrize(
    ("order", "limit", "expected"),
    [
        pytest.param(PaperOrder.NEWEST, None, [1, 2, 3, 4, 5, 6], id="all, the newest first"),
        pytest.param(PaperOrder.NEWEST, 2, [1, 2], id="a few"),
        pytest.param(PaperOrder.TOPIC, 3, [3, 2, 1], id="of the newest, by topic"),
        pytest.param(
            PaperOrder.TOPIC, None, [6, 3, 2, 5, 4, 1], id="by the first topic that is not paused"
        ),
        pytest.param(PaperOrder.PERSONAL, 2, [1, 2], id="personal, of whom nothing is known"),
    ],
)
async def test_a_push_brings_its_papers_in_the_chat_s_order(
    order: PaperOrder, limit: int | None, expected: list[int]
) -> None:
    due = pending(1, 2, 3, 4, 5, 6)
    followed = {f"2611.{number:05}": entries for number, entries in FOLLOWED.items()}
    chosen = await select_papers(
        chat=Chat(id=1, telegram_id=1, paper_order=order),
        due=due,
        followed=followed,
        sent=[],
        limit=limit,
        personal=None,
    )
    assert [int(one.paper.id[-5:]) for one in chosen.due] == expected
    assert chosen.because == {}


@pytest.mark.parametrize(("sent", "expected"), [([], [1, 2]), ([9], [1]), ([9, 8], [])])
async def test_what_the_same_push_brought_before_counts_towards_a_cap(
    sent: list[int], expected: list[int]
) -> None:
    two = topic(1, 1, cap=2)
    chosen = await select_papers(
        chat=Chat(id=1, telegram_id=1),
        due=pending(1, 2, 3),
        followed={f"2611.{number:05}": [two] for number in (1, 2, 3, 8, 9)},
        sent=[f"2611.{number:05}" for number in sent],
        limit=9,
        personal=None,
    )
    assert [int(one.paper.id[-5:]) for one in chosen.due] == expected


async def test_a_personal_order_decides_for_which_papers_there_is_room(outside: Outside) -> None:
    _person, chat = await outside.person(paper_order=PaperOrder.PERSONAL)
    kept = [paper(100 + n, f"Surgical robot {n}") for n in range(6)]
    against = [paper(200 + n, f"Chess engine {n}") for n in range(6)]
    async with outside.database.transaction() as session:
        session.add_all([*kept, *against])
        await session.flush()
        session.add_all(SavedPaper(chat_id=chat.id, paper_id=one.id) for one in kept)
        for one in against:
            await on_connection(
                session,
                opinions.cast_vote,
                chat_id=chat.id,
                paper_id=one.id,
                liked=False,
                now=utc_now(),
            )
    personal = PersonalOrder(outside.database)
    due = [
        PendingDelivery(DeliveryRow(chat_id=chat.id, paper_id=one.id), one)
        for one in (paper(1, "A chess engine"), paper(2, "A surgical robot"))
    ]
    followed = {one.paper.id: [FREE] for one in due}

    async def chosen(order: PaperOrder, limit: int | None) -> tuple[list[str], list[str]]:
        chat.paper_order = order
        found = await select_papers(
            chat=chat, due=due, followed=followed, sent=[], limit=limit, personal=personal
        )
        return [one.paper.id[-1] for one in found.due], [one[-1] for one in found.because]

    assert is_personal(chat, personal)
    assert not is_personal(chat, None)
    assert await chosen(PaperOrder.PERSONAL, 1) == (["2"], ["2"])
    assert await chosen(PaperOrder.PERSONAL, None) == (["2", "1"], ["2"])
    assert await chosen(PaperOrder.NEWEST, 1) == (["1"], [])
    assert not is_personal(chat, personal)
    assert not is_personal(chat, None)
