"""/export and /import: one file of topics and settings, believed only when it is good."""

import pytest

from bot.playground.telegram.world import Message, Person
from storage.models import PushStyle
from tests.bot_under_test import House
from tests.handlers.test_topics import give

FILE = """\
[settings]
push_time = "07:30"
papers_per_push = 5

[[topic]]
label = "Transformers"
query = "transformer"
muted = true

[[topic]]
query = "nerf"
cap = 2
"""


async def send(house: House, person: Person, content: str | bytes, name: str = "a.toml") -> Message:
    """Send a file in private and return the bot's answer."""
    seen = house.mark()
    raw = content.encode() if isinstance(content, str) else content
    house.telegram.send_document(person, person, name, raw)
    return await house.answer(person, since=seen)


async def exported(house: House, person: Person) -> bytes:
    answer = await house.say(person, "/export")
    assert answer.document
    assert answer.document.name == "paperboy.toml"
    return answer.document.content


async def test_a_file_is_taken_over_after_it_says_what_it_would_do(house: House) -> None:
    await house.follow(house.ada, "nerf")
    would = await send(house, house.ada, FILE)
    assert would.text == (
        "This file would change:\n"
        "➕ 1 new topic: Transformers\n"
        "✏️ 1 changed topic: nerf\n"
        "⚙️ Settings: time of the push, papers per push"
    )
    assert await house.labels(house.ada) == ["nerf"]
    done = await house.tap(house.ada, "✅ Do it")
    assert done.text.startswith("✅ Done.\n➕ 1 new topic: Transformers")
    assert done.buttons == ["📚 My topics", "⚙️ Settings"]
    first, second = await house.followed(house.ada)
    assert (first.subscription.label, first.subscription.muted) == ("Transformers", True)
    assert (second.subscription.label, second.subscription.cap) == ("nerf", 2)
    chat = await house.chat(house.ada)
    assert (f"{chat.push_time:%H:%M}", chat.papers_per_push) == ("07:30", 5)
    assert f"{chat.next_push_at:%H:%M}" == "07:30"


async def test_an_export_is_an_import_elsewhere_and_nothing_here(house: House) -> None:
    await house.say(house.ada, "/help")
    await give(house, house.ada, '"gaussian splatting" -survey', "cs.CV", "组学")
    await house.say(house.ada, "/settings 15")
    content = await exported(house, house.ada)
    here = await send(house, house.ada, content)
    assert here.text == "Everything is as this file says already.\n3 topics stay as they are."
    assert here.buttons == []
    await send(house, house.lin, content)
    done = await house.tap(house.lin, "✅ 导入")
    assert "3 new topics" in done.text, "the file's menus are English"
    assert await house.labels(house.lin) == await house.labels(house.ada)
    assert await exported(house, house.lin) == content


async def test_what_the_file_does_not_name_stays(house: House) -> None:
    await house.say(house.ada, "/help")
    await give(house, house.ada, "ants", "bees")
    would = await send(house, house.ada, '[[topic]]\nquery = "nerf"\n')
    assert "2 topics that the file does not name stay." in would.text
    await house.tap(house.ada, "✅ Do it")
    assert await house.labels(house.ada) == ["nerf", "ants", "bees"]
    assert (await house.chat(house.ada)).papers_per_push == 10


@pytest.mark.parametrize(
    ("person", "changed"), [("ada", "so I changed nothing:"), ("lin", "所以我什么都没改：")]
)
async def test_a_bad_file_is_answered_with_each_fault_and_its_place(
    house: House, person: str, changed: str
) -> None:
    bad = '[settings]\ntime = "9"\n\n[[topic]]\nquery = "gan OR"\ncap = "<b>"\n'
    answer = await send(house, getattr(house, person), bad)
    assert changed in answer.text
    if person == "ada":
        assert "• line 2: I don't know time." in answer.text
        assert "• line 5, topic 1: A word is missing next to OR." in answer.text
        assert "• line 6, topic 1: cap can't be so. A good value is 3" in answer.text
    assert answer.buttons == []
    assert await house.labels(getattr(house, person)) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG", "It is not a text in UTF-8."),
        (b"x" * 100_001, "It is too large: 100,000 bytes at most."),
        (b"a = [", "This is not TOML"),
    ],
    ids=["binary", "large", "cut off"],
)
async def test_what_is_no_such_file_is_told_so(house: House, content: bytes, said: str) -> None:
    assert said in (await send(house, house.ada, content)).text


async def test_a_plan_can_be_left(house: House) -> None:
    await send(house, house.ada, FILE)
    left = await house.tap(house.ada, "✕ Leave it")
    assert left.text == "Nothing was changed."
    assert left.buttons == []
    assert await house.labels(house.ada) == []


async def test_a_plan_whose_file_was_deleted_asks_for_it_again(house: House) -> None:
    would = await send(house, house.ada, FILE)
    sent = next(m for m in house.telegram.messages(house.ada) if m.document)
    house.telegram.world.delete(sent)
    said = await house.alert(house.ada, "✅ Do it", message=would)
    assert said == "The file is gone. Please send it again."
    assert await house.labels(house.ada) == []


async def test_rich_messages_are_not_turned_on_by_a_file(house: House) -> None:
    would = await send(house, house.ada, '[settings]\nstyle = "rich"\ntitles = "translated"\n')
    assert "Rich messages stay off until you have seen a sample" in would.text
    await house.tap(house.ada, "✅ Do it")
    chat = await house.chat(house.ada)
    assert chat.push_style is PushStyle.LIST
    assert chat.translate_titles


async def test_import_alone_says_what_to_send(house: House) -> None:
    assert "the file that /export made" in (await house.say(house.ada, "/import")).text


async def test_in_a_group_an_admin_replies_to_the_file(house: House) -> None:
    group = await house.join(house.ada, house.group)
    file = house.telegram.send_document(house.lin, group, "a.toml", FILE.encode())
    seen = house.mark()
    house.telegram.send_text(house.lin, group, "/import", reply_to=file)
    refused = await house.answer(group, since=seen)
    assert refused.text == "Only this group's admins can change that."
    seen = house.mark()
    house.telegram.send_text(house.ada, group, "/import", reply_to=file)
    would = await house.answer(group, since=seen)
    said = await house.alert(house.lin, "✅ Do it", message=would)
    assert said == "Only this group's admins can change that."
    await house.tap(house.ada, "✅ Do it", message=would)
    assert await house.labels(group) == ["Transformers", "nerf"]
