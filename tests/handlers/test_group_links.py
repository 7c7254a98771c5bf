"""arXiv links in groups: one line a message where the group wants it, and never without end."""

from bot.conversation.link_limit import A_MINUTE, AGAIN_SECONDS, LinkLimit
from bot.playground.telegram.world import Chat, Message
from tests.bot_under_test import BotUnderTest

ON, OFF = "🔗 Answer arXiv links", "🔗 Leave arXiv links alone"


async def listening(app: BotUnderTest) -> tuple[Chat, list[str]]:
    """Return a group that switched it on and hears all, and ids of papers."""
    group = await app.join(app.ada, app.group)
    app.telegram.promote(app.ada, group)
    await app.follow(app.ada, "transformer", chat=group)
    await app.say(app.ada, "/latest 3", chat=group)
    await switch(app, group, ON)
    return group, app.papers(group)[-3:]


async def switch(app: BotUnderTest, group: Chat, name: str) -> Message:
    card = await app.say(app.ada, "/settings", chat=group)
    await app.tap(app.ada, "🎨 Look and order", message=card)
    return await app.tap(app.ada, name, message=card)


def lines(app: BotUnderTest, group: Chat) -> list[Message]:
    return [one for one in app.shown(group) if one.buttons == ["📄 Abstract"]]


async def settled(app: BotUnderTest, group: Chat) -> None:
    """Wait until the bot has seen what was said so far."""
    await app.say(app.ada, "/help", chat=group)


async def test_a_link_is_answered_with_one_line_that_opens_the_paper(app: BotUnderTest) -> None:
    group, (first, second, _third) = await listening(app)
    words = f"look: https://arxiv.org/abs/{first} and arxiv.org/pdf/{second}v2"
    line = await app.say(app.lin, words, chat=group)
    assert line.text.startswith("📄 ")
    assert "\n" not in line.text
    assert line.formatted.entities[0].as_json()["url"] == f"https://arxiv.org/abs/{first}"
    await settled(app, group)
    assert len(lines(app, group)) == 1, "one a message"
    card = await app.tap(app.lin, "📄 Abstract", message=line)
    assert first in app.papers(group)[-1:]
    assert "PDF" in card.text


async def test_the_same_paper_is_not_told_of_again_nor_an_edited_message_nor_a_bare_number(
    app: BotUnderTest,
) -> None:
    group, (first, second, third) = await listening(app)
    await app.say(app.lin, f"https://arxiv.org/abs/{first}", chat=group)
    app.telegram.send_text(app.ada, group, f"again: https://arxiv.org/abs/{first}")
    described = {
        "message_id": app.telegram.send_text(app.lin, group, "wait").id,
        "date": 1,
        "edit_date": 2,
        "chat": {"id": group.id, "type": "group", "title": group.title},
        "from": {"id": app.lin.id, "is_bot": False, "first_name": "Lin"},
        "text": f"https://arxiv.org/abs/{second}",
    }
    app.telegram.updates.push("edited_message", described)
    app.telegram.send_text(app.lin, group, third)
    app.telegram.send_text(app.lin, group, "https://example.org/abs/1")
    app.telegram.send_text(app.lin, group, "https://arxiv.org/abs/2611.99999")
    await settled(app, group)
    assert len(lines(app, group)) == 1


async def test_it_is_off_by_default_for_admins_to_switch_and_not_in_private(
    app: BotUnderTest,
) -> None:
    group, (first, *_others) = await listening(app)
    await switch(app, group, OFF)
    app.telegram.send_text(app.lin, group, f"https://arxiv.org/abs/{first}")
    await settled(app, group)
    assert lines(app, group) == []
    card = await app.say(app.ada, "/settings", chat=group)
    assert "Only this group's admins" in await app.alert(app.lin, "🎨 Look and order", message=card)
    mine = await app.say(app.ada, "/settings")
    looks = await app.tap(app.ada, "🎨 Look and order", message=mine)
    assert not {ON, OFF} & set(looks.buttons)


async def test_where_telegram_hides_what_is_said_the_switch_says_so(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    assert "privacy mode" in (await switch(app, group, ON)).text
    app.telegram.send_text(app.lin, group, "https://arxiv.org/abs/2611.00001")
    await settled(app, group)
    assert lines(app, group) == []
    app.telegram.promote(app.ada, group)
    assert "privacy mode" not in (await switch(app, group, "🎨 Style")).text


async def test_what_the_bot_itself_posted_is_nothing_new(app: BotUnderTest) -> None:
    group, _ids = await listening(app)
    await app.say(app.ada, "/latest 3")
    await app.follow(app.ada, "transformer")
    await app.say(app.ada, "/latest 1")
    app.telegram.people.forward(app.ada, app.last(app.ada), group)
    await settled(app, group)
    assert lines(app, group) == []


def test_a_group_gets_so_many_lines_a_minute_and_a_paper_once_an_hour() -> None:
    now = 0.0
    limit = LinkLimit(clock=lambda: now)
    assert [limit.take(1, f"{n}") for n in range(7)] == [True] * A_MINUTE + [False] * 2
    assert limit.take(2, "0"), "other groups are not held up"
    now += 60
    assert not limit.take(1, "0")
    assert limit.take(1, "7")
    now += AGAIN_SECONDS
    assert limit.take(1, "0")
