"""What a push says beside its papers, and what can be tapped below it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.push.messages import Around, CardMarks, busiest, messages_of
from bot.render.paper_card import Marks
from bot.render.push_message import PushMessage
from bot.translation.paper_view import PaperView
from storage.models import EVERY_DAY, Chat, ChatKind, Paper, PushStyle
from storage.pending import Followed

Make = Callable[..., PaperView]
FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
NERF = Followed(1, "NeRF", topic_id=7)
ROBOTS = Followed(2, "Robots", topic_id=8)
USUAL = Around(before=0, owed=0, now=FRIDAY, busiest=NERF)


def a_chat(**changes: object) -> Chat:
    chat = Chat(id=1, telegram_id=5, last_push_on=date(2026, 11, 26), told_of_cap=True)
    for name, value in changes.items():
        setattr(chat, name, value)
    return chat


def push(make_paper: Make, count: int, chat: Chat, around: Around = USUAL) -> list[PushMessage]:
    shown = [make_paper(f"2611.{number:05}", labels=("NeRF",)) for number in range(count)]
    marks = {}
    if chat.push_style is PushStyle.CARDS:
        marks = {paper.id: CardMarks(Marks(), "@misc{a}") for paper in shown}
    return messages_of(shown, chat=chat, around=around, marks=marks)


def plain(messages: list[PushMessage]) -> list[PushMessage]:
    return [one for message in messages for one in message.instead or (message,)]


def buttons(message: PushMessage) -> list[list[str]]:
    rows = message.keyboard.inline_keyboard if message.keyboard else ()
    return [[one.text for one in row] for row in rows]


@pytest.mark.parametrize("style", [PushStyle.LIST, PushStyle.BRIEF, PushStyle.RICH])
def test_every_number_opens_the_card_of_its_paper(make_paper: Make, style: PushStyle) -> None:
    messages = push(make_paper, 17, a_chat(push_style=style))
    opened = {
        one.text: one.callback_data
        for message in plain(messages)
        for row in (message.keyboard.inline_keyboard if message.keyboard else ())
        for one in row
    }
    assert opened == {str(n + 1): f"show:2611.{n:05}" for n in range(17)}
    assert max(len(row) for message in plain(messages) for row in buttons(message)) <= 5
    for message in messages:
        assert f"{message.first}. <b><a" in message.html or message.rich
        assert message.rich is None or f"<h4>{message.first}. <a" in message.rich


def test_cards_keep_their_own_buttons_and_are_numbered(make_paper: Make) -> None:
    messages = push(make_paper, 3, a_chat(push_style=PushStyle.CARDS))
    assert [message.html.split("\n\n")[-1].partition("<")[0] for message in messages] == [
        "1. ",
        "2. ",
        "3. ",
    ]
    assert all("☆ Save" in buttons(message)[1] for message in messages)


def test_one_paper_needs_no_number(make_paper: Make) -> None:
    [message] = push(make_paper, 1, a_chat())
    assert buttons(message) == [["☆ Save, note, cite …"]]
    assert "1. " not in message.html


def test_a_push_that_goes_on_counts_on_without_a_second_header(make_paper: Make) -> None:
    [message] = push(make_paper, 2, a_chat(), replace(USUAL, before=8, owed=2))
    assert message.html.startswith("9. <b>")
    assert buttons(message) == [["9", "10"]]


@pytest.mark.parametrize(
    ("weekdays", "now", "header"),
    [
        (EVERY_DAY, FRIDAY, "☀️ <b>2 of 43 new papers</b> · the rest: tomorrow or /digest"),
        (0b0011111, FRIDAY, "☀️ <b>2 of 43 new papers</b> · the rest: next time or /digest"),
        (EVERY_DAY, None, "☀️ <b>2 of 43 new papers</b> · the rest: next time or /digest"),
    ],
)
def test_what_is_held_back_is_told_with_the_way_to_it(
    make_paper: Make, weekdays: int, now: datetime | None, header: str
) -> None:
    around = replace(USUAL, owed=43, now=now)
    [message] = push(make_paper, 2, a_chat(weekdays=weekdays), around)
    assert message.html.startswith(f"{header}\n\n1. ")
    assert buttons(message) == [["1", "2"], ["📄 All of them as a digest"]]


def test_the_cap_is_explained_where_it_bites_first(make_paper: Make) -> None:
    chat, around = a_chat(told_of_cap=False), replace(USUAL, owed=43)
    [message] = push(make_paper, 2, chat, around)
    assert message.tells_of_cap
    assert "Up to 10 papers at a time" in message.html
    assert buttons(message)[-1] == ["➕ Show more a day", "🔎 Narrow this topic"]
    assert message.keyboard is not None
    ways = [one.callback_data for one in message.keyboard.inline_keyboard[-1]]
    assert ways == ["below:set:papers", "below:topic:7"]
    [enough] = push(make_paper, 2, chat)
    assert not enough.tells_of_cap
    [told] = push(make_paper, 2, a_chat(), around)
    assert "at a time" not in told.html


@pytest.mark.parametrize(
    ("style", "offer"),
    [
        (PushStyle.LIST, [["🗞 Shorter: all in one message"]]),
        (PushStyle.BRIEF, [["📰 Longer: with abstracts"]]),
        (PushStyle.CARDS, []),
        (PushStyle.RICH, []),
    ],
)
def test_the_first_push_of_a_chat_offers_the_other_style(
    make_paper: Make, style: PushStyle, offer: list[list[str]]
) -> None:
    def offers(**changes: object) -> list[list[str]]:
        last = push(make_paper, 3, a_chat(push_style=style, **changes))[-1]
        return [row for row in buttons(last) if row[0][:1] in "🗞📰"]

    assert offers(last_push_on=None) == offer
    assert offers() == []


def test_readers_of_a_channel_are_offered_nothing_that_is_its_admins(make_paper: Make) -> None:
    chat = a_chat(kind=ChatKind.CHANNEL, told_of_cap=False, last_push_on=None)
    [message] = push(make_paper, 2, chat, replace(USUAL, owed=43))
    assert message.keyboard is None
    assert message.html.startswith("☀️ <b>2 of 43 new papers</b>\n\n1. ")
    chat.push_style = PushStyle.RICH
    [message] = push(make_paper, 2, chat)
    assert message.rich
    assert "<tg-button" not in message.rich
    chat.push_style = PushStyle.CARDS
    *_others, last = push(make_paper, 2, chat, replace(USUAL, owed=43))
    assert buttons(last)[-1] == ["✏️ Note", "↗️ Share", "📋 BibTeX"]


def test_the_topic_to_narrow_is_the_one_that_brings_most() -> None:
    papers = [Paper(id=f"2611.{n:05}", title="", abstract="") for n in range(3)]
    paused = ROBOTS._replace(id=3, paused=True)
    followed = {
        papers[0].id: [ROBOTS, paused],
        papers[1].id: [NERF, ROBOTS, paused],
        papers[2].id: [paused],
    }
    assert busiest(followed, papers) == ROBOTS
    assert busiest({}, papers) is None
