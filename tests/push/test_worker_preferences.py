"""What a chat chose for its pushes holds: order, previews, and notice when nothing is new."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, delete, update

from bot.playground.telegram import faults
from bot.playground.telegram.world import Person
from bot.push.worker import Pusher
from bot.ranking.order import PersonalOrder
from storage import opinions, seeds, sweeps
from storage.columns import utc_now
from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Paper,
    PaperOrder,
    PushStyle,
    SavedPaper,
    Subscription,
    Sweep,
    SweepFault,
    SweepState,
)
from tests.on_connection import on_connection
from tests.outside import DAY, Outside

MIDWEEK = datetime(2026, 11, 25, 9, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


def paper(number: int, title: str, *, abstract: str = "It works.", days_ago: float = 1.0) -> Paper:
    moment = utc_now() - days_ago * DAY
    return Paper(
        id=f"2611.{number:05}",
        title=title,
        abstract=abstract,
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


async def push(outside: Outside, *, now: datetime | None = None) -> int:
    return await Pusher(
        outside.database, outside.translator, outside.bot, PersonalOrder(outside.database)
    ).push_due(now=now)


def order(outside: Outside, person: Person, *titles: str) -> list[str]:
    """Return the titles as they come in what a person was sent."""
    text = "\n".join(outside.pushed(person))
    return sorted((title for title in titles if title in text), key=text.index)


async def test_topic_by_topic_the_chat_s_first_topic_comes_first(outside: Outside) -> None:
    person, chat = await outside.person(paper_order=PaperOrder.TOPIC)
    await outside.follow(chat, "nerf", "diffusion")
    await outside.owe("diffusion", [paper(1, "Diffusion one", days_ago=1)])
    await outside.owe("nerf", [paper(2, "NeRF two", days_ago=2)])
    await outside.owe("diffusion", [paper(3, "Diffusion three", days_ago=3)])
    await outside.due(chat)
    assert await push(outside) == 3
    titles = ("Diffusion one", "NeRF two", "Diffusion three")
    assert order(outside, person, *titles) == ["NeRF two", "Diffusion one", "Diffusion three"]


async def taste(outside: Outside, chat: Chat, *, liked: int) -> None:
    """Let a chat keep papers about surgery, and vote against as many about games."""
    kept = [paper(n, f"Surgical robot {n}", abstract="Robots that operate.") for n in range(liked)]
    against = [paper(100 + n, f"Chess engine {n}", abstract="Game play.") for n in range(liked)]
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


async def test_a_personal_order_brings_what_is_liked_first_and_says_why(outside: Outside) -> None:
    person, chat = await outside.person(paper_order=PaperOrder.PERSONAL, papers_per_push=2)
    await outside.follow(chat, "learning")
    await taste(outside, chat, liked=6)
    await outside.owe(
        "learning",
        [
            paper(501, "Learning to play chess", abstract="A game engine.", days_ago=1),
            paper(502, "Learning a game", abstract="Play and chess.", days_ago=2),
            paper(503, "Learning for a surgical robot", abstract="It can operate.", days_ago=3),
        ],
    )
    await outside.due(chat)
    assert await push(outside) == 2
    (text,) = outside.pushed(person)
    assert "surgical robot" in text.split("Learning")[1]
    assert "💡 Because you saved “Surgical robot" in text
    assert text.count("💡") == 1


async def test_three_examples_are_enough_and_the_reason_says_so(outside: Outside) -> None:
    person, chat = await outside.person(paper_order=PaperOrder.PERSONAL, papers_per_push=1)
    await outside.follow(chat, "learning")
    titles = ("Surgical robots", "Surgical tools for robots", "A robot that can operate")
    given = [seeds.of_words(chat.id, title, "Robots that operate.") for title in titles]
    await outside.database.write(partial(seeds.give, chat_id=chat.id, seeds=given, now=utc_now()))
    await outside.owe(
        "learning",
        [
            paper(501, "Learning to play chess", abstract="A game engine.", days_ago=1),
            paper(503, "Learning for a surgical robot", abstract="It can operate.", days_ago=3),
        ],
    )
    await outside.due(chat)
    assert await push(outside) == 1
    (text,) = outside.pushed(person)
    assert "Learning for a surgical robot" in text
    assert "💡 Close to “" in text
    assert "”, given as an example" in text


async def test_no_paper_is_the_reason_for_itself_or_for_one_that_comes_with_it(
    outside: Outside,
) -> None:
    """Nor one that the push brought before it was interrupted, and that was saved since."""
    person, chat = await outside.person(paper_order=PaperOrder.PERSONAL)
    await outside.follow(chat, "learning")
    await taste(outside, chat, liked=6)
    async with outside.database.transaction() as session:
        await session.exec(delete(SavedPaper))
    fresh = [
        paper(500 + n, f"Learning for surgical robot {n}", abstract="Robots that operate.")
        for n in range(8)
    ]
    await outside.owe("learning", fresh)
    began = utc_now() - timedelta(minutes=2)
    async with outside.database.transaction() as session:
        session.add_all(SavedPaper(chat_id=chat.id, paper_id=one.id) for one in fresh[:6])
        stored = await session.get(Chat, chat.id)
        assert stored is not None
        stored.pushing_since = began
        sent = {"state": DeliveryState.SENT, "sent_at": began + timedelta(minutes=1)}
        some = [one.id for one in fresh[:3]]
        await session.exec(update(Delivery).where(col(Delivery.paper_id).in_(some)).values(sent))
    await outside.due(chat)
    assert await push(outside) == 5
    assert "💡" not in "".join(outside.pushed(person))


async def test_an_order_whose_library_does_not_load_costs_nobody_a_paper(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, chat = await outside.person(paper_order=PaperOrder.PERSONAL)
    await outside.follow(chat, "learning")
    await taste(outside, chat, liked=6)
    await outside.owe("learning", [paper(501, "Learning to play chess")])
    await outside.due(chat)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    personal = PersonalOrder(outside.database)
    pusher = Pusher(outside.database, outside.translator, outside.bot, personal)
    assert await pusher.push_due() == 1
    assert "Learning to play chess" in outside.pushed(person)[0]
    assert not personal.is_available


async def test_before_there_are_enough_opinions_the_newest_come_first(outside: Outside) -> None:
    person, chat = await outside.person(paper_order=PaperOrder.PERSONAL, papers_per_push=1)
    await outside.follow(chat, "learning")
    await taste(outside, chat, liked=2)
    await outside.owe(
        "learning", [paper(1001, "Learning new"), paper(1002, "Learning surgical", days_ago=2)]
    )
    await outside.due(chat)
    assert await push(outside) == 1
    assert order(outside, person, "Learning new", "Learning surgical") == ["Learning new"]


@pytest.mark.parametrize("shown", [True, False])
async def test_previews_are_shown_where_a_chat_wants_them(outside: Outside, *, shown: bool) -> None:
    _person, chat = await outside.person(shows_previews=shown)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(1, "A NeRF")])
    await outside.due(chat)
    await push(outside)
    (call,) = outside.telegram.calls_to("sendMessage")
    assert call.params["link_preview_options"]["is_disabled"] is not shown


async def listener(outside: Outside, **settings: Any) -> tuple[Person, Chat]:
    """Return somebody who wants to hear when nothing is new, follows a topic, and is due."""
    person, chat = await outside.person(tells_nothing_new=True, **settings)
    await outside.follow(chat, "nerf")
    await outside.due(chat, at=SUNDAY - timedelta(hours=12))
    return person, chat


async def swept(outside: Outside, at: datetime, **values: Any) -> None:
    async with outside.database.transaction() as session:
        entry = Sweep(window_from=at, window_to=at, started_at=at, finished_at=at, **values)
        await sweeps.add(session=session, sweep=entry)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "☕️ Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern."),
        ("zh_CN", "☕️ 没有新论文"),
    ],
)
async def test_on_a_weekend_the_line_says_so(outside: Outside, language: str, line: str) -> None:
    person, _chat = await listener(outside, ui_language=language)
    await swept(outside, SUNDAY - 2 * DAY, new=5)
    await push(outside, now=SUNDAY)
    (text,) = outside.pushed(person)
    assert text.startswith(line)
    assert "\n" not in text


async def test_on_a_holiday_the_line_says_so(outside: Outside) -> None:
    person, _chat = await listener(outside)
    await swept(outside, MIDWEEK - 2 * DAY, new=5)
    await push(outside, now=MIDWEEK)
    assert "holidays" in outside.pushed(person)[0]


async def test_where_nothing_fits_the_line_says_so(outside: Outside) -> None:
    person, _chat = await listener(outside)
    await swept(outside, MIDWEEK - timedelta(hours=3), new=5)
    await push(outside, now=MIDWEEK)
    assert "none of the latest papers is on your topics" in outside.pushed(person)[0]


async def test_where_arxiv_is_unreachable_the_line_says_since_when(outside: Outside) -> None:
    person, _chat = await listener(outside)
    await swept(
        outside, MIDWEEK - DAY, state=SweepState.FAILED, fault=SweepFault.UNREACHABLE, error="x"
    )
    await push(outside, now=MIDWEEK)
    assert "arXiv has been unreachable since Nov 24, 2026, 09:00" in outside.pushed(person)[0]


async def test_the_line_comes_once_a_day_at_most_and_a_crash_does_not_repeat_it(
    outside: Outside,
) -> None:
    person, chat = await listener(outside)
    await push(outside)
    assert len(outside.pushed(person)) == 1
    told = await outside.chat(chat)
    assert told.last_push_on is not None
    assert told.next_push_at > utc_now()
    assert await push(outside) == 0
    assert len(outside.pushed(person)) == 1


async def test_where_papers_came_no_line_does(outside: Outside) -> None:
    person, _chat = await listener(outside)
    await outside.owe("nerf", [paper(1, "A NeRF")])
    assert await push(outside) == 1
    assert not [text for text in outside.pushed(person) if "☕️" in text]


async def test_who_follows_nothing_hears_nothing(outside: Outside) -> None:
    person, chat = await outside.person(tells_nothing_new=True)
    await outside.due(chat)
    await push(outside)
    assert outside.pushed(person) == []


async def test_who_has_gone_is_not_told_again(outside: Outside) -> None:
    person, chat = await listener(outside)
    outside.telegram.people.block(person)
    await push(outside)
    assert (await outside.chat(chat)).state is ChatState.BLOCKED


async def rich_reader(outside: Outside) -> tuple[Person, Chat]:
    person, chat = await outside.person(push_style=PushStyle.RICH)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(1, r"A NeRF of $\alpha^2$")])
    await outside.due(chat)
    return person, chat


async def test_a_rich_push_has_its_formulas_drawn_by_telegram(outside: Outside) -> None:
    person, _chat = await rich_reader(outside)
    assert await push(outside) == 1
    (message,) = outside.telegram.from_bot(person)
    assert message.rich is not None
    assert r"<tg-math>\alpha^2</tg-math>" in message.rich["html"]
    assert await push(outside) == 0


@pytest.mark.parametrize(
    "fault",
    [
        faults.refuse(400, "Bad Request: can't parse rich message"),
        faults.refuse(404, "Not Found"),
    ],
    ids=["refused", "unknown"],
)
async def test_where_telegram_refuses_the_rich_form_the_list_comes(
    outside: Outside, fault: faults.TelegramFault
) -> None:
    person, _chat = await rich_reader(outside)
    outside.telegram.faults.next(fault, method="sendRichMessage")
    assert await push(outside) == 1
    (message,) = outside.telegram.from_bot(person)
    assert message.rich is None
    assert "A NeRF" in message.text


async def test_a_morning_is_one_rich_message_with_a_button_a_paper(outside: Outside) -> None:
    person, chat = await outside.person(push_style=PushStyle.RICH)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n, f"A NeRF {n}", days_ago=n / 9) for n in range(1, 11)])
    await outside.due(chat)
    assert await push(outside) == 10
    (message,) = outside.telegram.from_bot(person)
    assert message.buttons == [str(n) for n in range(1, 11)]
    assert message.button("1")["callback_data"] == "show:2611.00001"
    assert (await outside.chat(chat)).next_push_at > utc_now()


async def test_a_rich_morning_that_telegram_refuses_comes_as_a_list_to_the_last_paper(
    outside: Outside,
) -> None:
    """Each message under a claim of its own, and the day is settled with the last one."""
    person, chat = await outside.person(push_style=PushStyle.RICH)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n, f"A NeRF {n}", days_ago=n / 9) for n in range(1, 11)])
    await outside.due(chat)
    outside.telegram.faults.always(
        faults.refuse(400, "Bad Request: RICH_MESSAGE_INVALID"), method="sendRichMessage"
    )
    assert await push(outside) == 10
    assert len(outside.telegram.calls_to("sendRichMessage")) == 1
    texts = outside.pushed(person)
    assert len(texts) == 2
    assert [text.count("A NeRF") for text in texts] == [8, 2]
    assert await outside.owed(chat) == []
    assert (await outside.chat(chat)).next_push_at > utc_now()
    assert await push(outside) == 0


async def test_a_rich_push_to_who_has_gone_is_not_tried_as_a_list(outside: Outside) -> None:
    person, chat = await rich_reader(outside)
    outside.telegram.people.block(person)
    assert await push(outside) == 0
    assert (await outside.chat(chat)).state is ChatState.BLOCKED
    assert not outside.telegram.calls_to("sendMessage")


async def test_cards_are_a_message_for_each_paper(outside: Outside) -> None:
    person, chat = await outside.person(push_style=PushStyle.CARDS)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n, f"A NeRF {n}") for n in (1, 2, 3)])
    await outside.due(chat)
    assert await push(outside) == 3
    assert [text.count("A NeRF") for text in outside.pushed(person)] == [1, 1, 1]
    for message in outside.telegram.from_bot(person)[-3:]:
        assert {"📄 PDF", "☆ Save", "👎 Less like this", "↗️ Share"} <= set(message.buttons)


async def test_cards_ask_for_no_opinion_where_nothing_is_learned_from_it(outside: Outside) -> None:
    person, chat = await outside.person(push_style=PushStyle.CARDS)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(1, "A NeRF")])
    await outside.due(chat)
    assert await outside.pusher.push_due() == 1
    buttons = outside.telegram.from_bot(person)[-1].buttons
    assert "☆ Save" in buttons
    assert not [button for button in buttons if button.startswith("👎")]


@pytest.mark.parametrize(
    ("style", "expected"),
    [(PushStyle.LIST, 2), (PushStyle.BRIEF, 1), (PushStyle.CARDS, 10), (PushStyle.RICH, 1)],
)
async def test_a_push_makes_one_sound(outside: Outside, style: PushStyle, expected: int) -> None:
    person, chat = await outside.person(push_style=style)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n, f"A NeRF {n}") for n in range(10)])
    await outside.due(chat)
    assert await push(outside) == 10
    sent = [
        call.params.get("disable_notification") in {True, "true", "True"}
        for method in ("sendMessage", "sendRichMessage")
        for call in outside.telegram.calls_to(method)
    ]
    assert sent == [False] + [True] * (expected - 1)
    assert len(outside.telegram.from_bot(person)) == expected


async def test_papers_of_muted_topics_leave_the_sound_to_the_others(outside: Outside) -> None:
    _person, chat = await outside.person(push_style=PushStyle.CARDS)
    await outside.follow(chat, "nerf", "robots")
    async with outside.database.transaction() as session:
        await session.exec(
            update(Subscription).values(muted=True).where(col(Subscription.label) == "nerf")
        )
    await outside.owe("nerf", [paper(1, "A NeRF", days_ago=1)])
    await outside.owe("robots", [paper(n, f"A robot {n}", days_ago=2 + n) for n in (2, 3)])
    await outside.due(chat)
    assert await push(outside) == 3
    silent = [
        call.params.get("disable_notification") in {True, "true", "True"}
        for call in outside.telegram.calls_to("sendMessage")
    ]
    assert silent == [True, False, True]
