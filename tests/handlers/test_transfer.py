"""/export and /import: one file of topics and settings, believed only when it is good."""

import pytest

from bot.playground.telegram.world import Message, Person
from bot.query.parser import normalise, parse
from storage import topics
from storage.models import PushStyle
from tests.bot_under_test import BotUnderTest
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


async def send(
    app: BotUnderTest, person: Person, content: str | bytes, name: str = "a.toml"
) -> Message:
    """Send a file in private and return the bot's answer."""
    seen = app.mark()
    raw = content.encode() if isinstance(content, str) else content
    app.telegram.send_document(person, person, name, raw)
    return await app.answer(person, since=seen)


async def exported(app: BotUnderTest, person: Person) -> bytes:
    answer = await app.say(person, "/export")
    assert answer.document
    assert answer.document.name == "paperboy.toml"
    return answer.document.content


async def test_a_file_is_taken_over_after_it_says_what_it_would_do(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    would = await send(app, app.ada, FILE)
    assert would.text == (
        "This file would change:\n"
        "➕ 1 new topic: Transformers\n"
        "✏️ 1 changed topic: nerf\n"
        "⚙️ Settings: time, papers at a time"
    )
    assert await app.labels(app.ada) == ["nerf"]
    done = await app.tap(app.ada, "✅ Import")
    assert done.text.startswith("✅ Done.\n➕ 1 new topic: Transformers")
    assert done.buttons == ["📚 My topics", "⚙️ Settings"]
    first, second = await app.followed(app.ada)
    assert (first.subscription.label, first.subscription.muted) == ("Transformers", True)
    assert (second.subscription.label, second.subscription.cap) == ("nerf", 2)
    chat = await app.chat(app.ada)
    assert (f"{chat.push_time:%H:%M}", chat.papers_per_push) == ("07:30", 5)
    assert f"{chat.next_push_at:%H:%M}" == "07:30"


async def test_an_export_is_an_import_elsewhere_and_nothing_here(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    await give(app, app.ada, '"gaussian splatting" -survey', "cs.CV", "组学")
    await app.say(app.ada, "/settings 15")
    content = await exported(app, app.ada)
    here = await send(app, app.ada, content)
    assert (
        here.text == "Nothing to import: everything is as in this file.\n3 topics stay as they are."
    )
    assert here.buttons == []
    await send(app, app.lin, content)
    done = await app.tap(app.lin, "✅ 导入")
    assert "3 new topics" in done.text, "the file's menus are English"
    assert await app.labels(app.lin) == await app.labels(app.ada)
    assert await exported(app, app.lin) == content


async def test_what_the_file_does_not_name_stays(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    await give(app, app.ada, "ants", "bees")
    would = await send(app, app.ada, '[[topic]]\nquery = "nerf"\n')
    assert "2 topics that the file does not name stay." in would.text
    await app.tap(app.ada, "✅ Import")
    assert await app.labels(app.ada) == ["nerf", "ants", "bees"]
    assert (await app.chat(app.ada)).papers_per_push == 10


@pytest.mark.parametrize(
    ("person", "changed"), [("ada", "so I changed nothing:"), ("lin", "所以我什么都没改：")]
)
async def test_a_bad_file_is_answered_with_each_fault_and_its_place(
    app: BotUnderTest, person: str, changed: str
) -> None:
    bad = '[settings]\ntime = "9"\n\n[[topic]]\nquery = "gan OR"\ncap = "<b>"\n'
    answer = await send(app, getattr(app, person), bad)
    assert changed in answer.text
    if person == "ada":
        assert "• line 2: Unknown key: time" in answer.text
        assert "• line 5, topic 1: A word is missing next to OR." in answer.text
        assert "• line 6, topic 1: cap isn't valid. Example: 3" in answer.text
    assert answer.buttons == []
    assert await app.labels(getattr(app, person)) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG", "It is not a text in UTF-8."),
        (b"x" * 500_001, "It is too large: 500,000 bytes at most."),
        (b"a = [", "This is not TOML"),
    ],
    ids=["binary", "large", "cut off"],
)
async def test_what_is_no_such_file_is_told_so(
    app: BotUnderTest, content: bytes, said: str
) -> None:
    assert said in (await send(app, app.ada, content)).text


OTHER = FILE.replace("transformer", "bees").replace("Transformers", "Bees")


async def test_a_file_that_was_changed_after_its_plan_is_shown_anew(app: BotUnderTest) -> None:
    """Its sender can edit the message to which the plan replies."""
    would = await send(app, app.ada, FILE)
    sent = next(m for m in app.telegram.messages(app.ada) if m.document)
    assert sent.document
    world = app.telegram.world
    sent.document = world.keep_file("a.toml", sent.document.mime, OTHER.encode())
    shown = await app.tap(app.ada, "✅ Import", message=would)
    assert shown.text.startswith("This file would change:\n➕ 2 new topics: Bees, nerf")
    assert await app.labels(app.ada) == []
    await app.tap(app.ada, "✅ Import", message=shown)
    assert await app.labels(app.ada) == ["Bees", "nerf"]


async def test_a_chat_that_was_changed_after_a_plan_is_shown_a_new_one(app: BotUnderTest) -> None:
    would = await send(app, app.ada, FILE)
    await app.follow(app.ada, "nerf")
    shown = await app.tap(app.ada, "✅ Import", message=would)
    assert "✏️ 1 changed topic: nerf" in shown.text
    assert await app.labels(app.ada) == ["nerf"]


async def test_what_is_exported_can_be_imported_however_much_it_is(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    chat = await app.chat(app.ada)
    queries = [normalise(parse(chr(0x20000 + n) * 40)) for n in range(205)]
    async with app.database.transaction() as session:
        for query in queries:
            topic = await topics.register(session=session, query=query)
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=query[:60]
            )
    await app.say(app.ada, "/export")
    await app.until(lambda: len(files(app)) == 2)
    for content in files(app):
        here = await send(app, app.ada, content)
        assert here.text.startswith("Nothing to import: everything is as in this file.")


def files(app: BotUnderTest) -> list[bytes]:
    return [
        message.document.content
        for message in app.telegram.messages(app.ada)
        if message.document and message.document.name.startswith("paperboy")
    ]


async def test_a_plan_can_be_left(app: BotUnderTest) -> None:
    await send(app, app.ada, FILE)
    left = await app.tap(app.ada, "✖️ Cancel")
    assert left.text == "Nothing was changed."
    assert left.buttons == []
    assert await app.labels(app.ada) == []


async def test_a_plan_whose_file_was_deleted_asks_for_it_again(app: BotUnderTest) -> None:
    would = await send(app, app.ada, FILE)
    sent = next(m for m in app.telegram.messages(app.ada) if m.document)
    app.telegram.world.delete(sent)
    said = await app.alert(app.ada, "✅ Import", message=would)
    assert said == "The file is gone. Please send it again."
    assert await app.labels(app.ada) == []


async def test_rich_messages_are_not_turned_on_by_a_file(app: BotUnderTest) -> None:
    would = await send(app, app.ada, '[settings]\nstyle = "rich"\ntitles = "translated"\n')
    assert "Rich messages stay off until you have seen a sample" in would.text
    await app.tap(app.ada, "✅ Import")
    chat = await app.chat(app.ada)
    assert chat.push_style is PushStyle.LIST
    assert chat.translate_titles


async def test_import_alone_says_what_to_send(app: BotUnderTest) -> None:
    assert "the file that /export made" in (await app.say(app.ada, "/import")).text


async def test_in_a_group_an_admin_replies_to_the_file(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    file = app.telegram.send_document(app.lin, group, "a.toml", FILE.encode())
    seen = app.mark()
    app.telegram.send_text(app.lin, group, "/import", reply_to=file)
    refused = await app.answer(group, since=seen)
    assert refused.text == "Only this group's admins can change that."
    seen = app.mark()
    app.telegram.send_text(app.ada, group, "/import", reply_to=file)
    would = await app.answer(group, since=seen)
    said = await app.alert(app.lin, "✅ Import", message=would)
    assert said == "Only this group's admins can change that."
    await app.tap(app.ada, "✅ Import", message=would)
    assert await app.labels(group) == ["Transformers", "nerf"]
