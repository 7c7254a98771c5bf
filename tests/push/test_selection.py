"""What each topic may have of a push."""

import pytest
from sqlmodel import select

from bot.push.selection import is_silent, within_caps
from storage import matches, topics
from storage.models import Chat, Subscription
from tests.outside import Outside
from tests.push.test_worker import paper

FREE = Subscription(id=1, chat_id=1, topic_id=1, label="free")
ONE = Subscription(id=2, chat_id=1, topic_id=2, label="one", cap=1)
TWO = Subscription(id=3, chat_id=1, topic_id=3, label="two", cap=2)
PAUSED = Subscription(id=4, chat_id=1, topic_id=4, label="paused", paused=True)
MUTED = Subscription(id=5, chat_id=1, topic_id=5, label="muted", muted=True)


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
def test_caps(papers: list[list[Subscription]], sent: int, let_in: list[int]) -> None:
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
    papers: list[list[Subscription]],
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
    assert "… and 3 more: /digest" in outside.pushed(person)[-1]
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
    async with outside.database.reading() as session:
        labels = await matches.labels(session=session, chat_id=chat.id, paper_ids=["2611.00001"])
    assert labels == {"2611.00001": ("cats", "ants")}
