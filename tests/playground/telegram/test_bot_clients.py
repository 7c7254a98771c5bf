"""Two real clients, written by others, read everything that the fake server answers."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from aiogram import Bot as OtherBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand as OtherCommand,
)
from aiogram.types import (
    BotCommandScopeChat as OtherScope,
)
from aiogram.types import (
    BufferedInputFile,
    InputRichMessage,
    ReactionTypeEmoji,
)
from aiogram.types import (
    InlineKeyboardButton as OtherButton,
)
from aiogram.types import (
    InlineKeyboardMarkup as OtherKeyboard,
)
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MenuButtonCommands,
    ReplyParameters,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.playground.telegram.faults import (
    TelegramFault,
    accept_then_hang,
    accept_then_reset,
    flood,
    hang,
    refuse,
    reset,
    server_error,
)
from bot.playground.telegram.stand_in import FakeTelegram, new_token
from bot.playground.telegram.world import Chat, Person

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)


@pytest.fixture(autouse=True)
def _tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    # Otherwise python-telegram-bot warns of what `retry_after` is going to be.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def ptb(telegram: FakeTelegram) -> AsyncIterator[ExtBot[None]]:
    async with _ptb(telegram, telegram.token) as bot:
        yield bot


def _ptb(telegram: FakeTelegram, token: str) -> ExtBot[None]:
    return ExtBot(
        token,
        base_url=f"{telegram.url}/bot",
        base_file_url=f"{telegram.url}/file/bot",
        request=HTTPXRequest(read_timeout=2.0, media_write_timeout=2.0),
        get_updates_request=HTTPXRequest(read_timeout=2.0),
    )


@pytest.fixture
async def other(telegram: FakeTelegram) -> AsyncIterator[OtherBot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url), timeout=2.0)
    bot = OtherBot(telegram.token, session=session)
    yield bot
    await session.close()


@pytest.fixture
def ada(telegram: FakeTelegram) -> Person:
    person = telegram.world.add_person("Ada", "en")
    telegram.send_text(person, person, "/start")
    return person


@pytest.fixture
def group(telegram: FakeTelegram, ada: Person) -> Chat:
    group = telegram.world.add_group("Vision Lab", [ada], admins=[ada])
    telegram.add_bot(ada, group)
    return group


async def test_python_telegram_bot_reads_every_answer(
    telegram: FakeTelegram, ptb: ExtBot[None], ada: Person
) -> None:
    me = await ptb.get_me()
    assert (me.id, me.username) == (telegram.world.bot.id, "paperboy_playground_bot")

    keyboard = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("Take", callback_data="take:1")],
            [
                InlineKeyboardButton("Open", url="https://arxiv.org/abs/2406.11840"),
                InlineKeyboardButton("Copy", copy_text=CopyTextButton("2406.11840")),
            ],
        ]
    )
    sent = await ptb.send_message(
        ada.id,
        "<b>Title</b> <blockquote expandable>Abstract &amp; more</blockquote>",
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
        protect_content=True,
        reply_parameters=ReplyParameters(telegram.messages(ada)[0].id),
    )
    assert sent.text == "Title Abstract & more"
    assert [entity.type for entity in sent.entities] == ["bold", "expandable_blockquote"]
    assert sent.parse_entities()[sent.entities[1]] == "Abstract & more"
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "/start"
    assert telegram.from_bot(ada)[0].buttons == ["Take", "Open", "Copy"]

    edited = await ptb.edit_message_text("Done", ada.id, sent.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("Done", None)
    await ptb.edit_message_reply_markup(ada.id, sent.message_id, reply_markup=keyboard)
    assert telegram.from_bot(ada)[0].buttons == ["Take", "Open", "Copy"]

    document = await ptb.send_document(
        ada.id, b"# Updated on", filename="digest.md", caption="<i>Today</i>", parse_mode="HTML"
    )
    assert document.document is not None
    assert document.document.mime_type == "text/markdown"
    fetched = await (await ptb.get_file(document.document.file_id)).download_as_bytearray()
    assert bytes(fetched) == b"# Updated on" == telegram.documents[0].content
    captioned = await ptb.edit_message_caption(ada.id, document.message_id, caption="Later")
    assert not isinstance(captioned, bool)
    assert captioned.caption == "Later"
    assert (await ptb.send_document(ada.id, document.document.file_id)).document is not None
    assert (await ptb.send_photo(ada.id, PNG)).photo

    copied = await ptb.copy_message(ada.id, ada.id, sent.message_id)
    forwarded = await ptb.forward_message(ada.id, ada.id, sent.message_id)
    assert forwarded.forward_origin is not None
    assert await ptb.pin_chat_message(ada.id, copied.message_id)
    assert await ptb.unpin_chat_message(ada.id)
    assert await ptb.set_message_reaction(ada.id, copied.message_id, "👍")
    assert await ptb.send_chat_action(ada.id, "upload_document")
    assert await ptb.delete_message(ada.id, copied.message_id)
    assert await ptb.delete_messages(ada.id, [sent.message_id, forwarded.message_id, 999])
    assert telegram.world.message(ada.id, sent.message_id) is None

    rich = await ptb.do_api_request(
        "sendRichMessage",
        api_kwargs={"chat_id": ada.id, "rich_message": {"html": "<h1>Hi</h1><p>x &lt; y</p>"}},
    )
    assert rich["message_id"]
    assert telegram.from_bot(ada)[-1].text == "Hi\nx < y"


async def test_python_telegram_bot_sets_up_its_profile(
    telegram: FakeTelegram, ptb: ExtBot[None], ada: Person, group: Chat
) -> None:
    menu = [BotCommand("digest", "The full digest"), BotCommand("help", "What I can do")]
    assert await ptb.set_my_commands(menu, scope=BotCommandScopeAllPrivateChats())
    assert await ptb.set_my_commands(menu[:1], scope=BotCommandScopeAllGroupChats())
    chinese = [BotCommand("digest", "完整摘要")]
    await ptb.set_my_commands(chinese, scope=BotCommandScopeAllPrivateChats(), language_code="zh")
    lin = telegram.world.add_person("小林", "zh-hans")
    assert telegram.menu(ada) == ["digest", "help"]
    assert telegram.menu(lin) == telegram.menu(group) == ["digest"]
    assert telegram.account.menu(telegram.world.chat(lin), lin)[0]["description"] == "完整摘要"
    assert len(await ptb.get_my_commands(scope=BotCommandScopeAllPrivateChats())) == 2
    assert await ptb.delete_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert telegram.menu(ada) == []

    await ptb.set_my_name("Paperboy")
    await ptb.set_my_description("New papers every morning", language_code="en")
    await ptb.set_my_short_description("Papers")
    assert (await ptb.get_my_name()).name == "Paperboy"
    assert (await ptb.get_my_description("en")).description == "New papers every morning"
    assert (await ptb.get_my_description()).description == ""
    assert (await ptb.get_my_short_description("es")).short_description == "Papers"
    await ptb.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await ptb.get_chat_menu_button()).type == "commands"


async def test_python_telegram_bot_sees_who_is_in_a_chat(
    telegram: FakeTelegram, ptb: ExtBot[None], ada: Person, group: Chat
) -> None:
    stranger = telegram.world.add_person("Eve", "en")
    assert (await ptb.get_chat(group.id)).title == "Vision Lab"
    assert (await ptb.get_chat(ada.id)).first_name == "Ada"
    assert (await ptb.get_chat_member(group.id, ada.id)).status == "creator"
    assert (await ptb.get_chat_member(group.id, stranger.id)).status == "left"
    assert (await ptb.get_chat_member(group.id, ptb.id)).status == "member"
    telegram.promote(ada, group)
    assert (await ptb.get_chat_member(group.id, ptb.id)).status == "administrator"
    assert [m.user.id for m in await ptb.get_chat_administrators(group.id)] == [ada.id]
    assert await ptb.get_chat_member_count(group.id) == 2
    assert await ptb.leave_chat(group.id)
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await ptb.send_message(group.id, "hello?")


async def test_python_telegram_bot_reads_every_kind_of_update(
    telegram: FakeTelegram, ptb: ExtBot[None], ada: Person, group: Chat
) -> None:
    question = await ptb.send_message(
        ada.id,
        "Which?",
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("OCR", callback_data="t:ocr")]]),
    )
    channel = telegram.world.add_channel("News", [ada])
    forum = telegram.world.add_supergroup("Forum", [ada], admins=[ada], topics={2: "OCR"})
    telegram.tap(ada, telegram.from_bot(ada)[0], "OCR")
    telegram.send_document(ada, ada, "topics.opml", b"<opml/>", caption="mine")
    telegram.send_text(ada, group, "/digest@paperboy_playground_bot now")
    telegram.add_bot(ada, channel)
    telegram.send_text(ada, channel, "hello")
    telegram.add_bot(ada, forum)
    telegram.send_text(ada, forum, "/topics", thread=2)
    telegram.block(ada)
    telegram.unblock(ada)
    telegram.people.upgrade(ada, group)
    telegram.remove_bot(ada, forum)

    updates = await ptb.get_updates(allowed_updates=Update.ALL_TYPES)
    kinds = [
        next(name for name in Update.ALL_TYPES if getattr(update, name, None)) for update in updates
    ]
    assert kinds == [
        "message",  # /start
        "my_chat_member",  # added to the group
        "message",
        "callback_query",
        "message",  # document
        "message",  # command in the group
        "my_chat_member",  # added to the channel
        "channel_post",
        "my_chat_member",  # added to the forum
        "message",
        "message",  # /topics
        "my_chat_member",  # blocked
        "my_chat_member",  # unblocked
        "message",  # migrated
        "message",
        "message",  # removed
        "my_chat_member",
    ]
    tap = updates[3].callback_query
    assert tap is not None
    assert tap.message is not None
    assert (tap.data, tap.message.message_id) == ("t:ocr", question.message_id)
    await ptb.answer_callback_query(tap.id, "Taken", show_alert=True)
    in_topic = updates[10].message
    assert in_topic is not None
    assert in_topic.message_thread_id == 2
    assert in_topic.is_topic_message
    assert in_topic.chat.is_forum
    blocked = updates[11].my_chat_member
    assert blocked is not None
    assert blocked.new_chat_member.status == "kicked"


@pytest.mark.parametrize(
    ("trouble", "error", "text"),
    [
        ("blocked", Forbidden, "Forbidden: bot was blocked by the user"),
        ("deactivated", Forbidden, "Forbidden: user is deactivated"),
        ("kicked", Forbidden, "Forbidden: bot was kicked from the group chat"),
        ("deleted", Forbidden, "Forbidden: the group chat was deleted"),
        ("not_found", BadRequest, "Chat not found"),
        ("no_rights", BadRequest, "Have no rights to send a message"),
        ("topic_closed", BadRequest, "Topic_closed"),
        ("thread_not_found", BadRequest, "Message thread not found"),
    ],
)
async def test_a_chat_in_trouble_refuses_with_the_error_that_belongs_to_it(
    telegram: FakeTelegram,
    group: Chat,
    *,
    ptb: ExtBot[None],
    trouble: str,
    error: type[Exception],
    text: str,
) -> None:
    telegram.faults.afflict(group, trouble)
    with pytest.raises(error) as raised:
        await ptb.send_message(group.id, "papers")
    assert str(raised.value) == text
    assert telegram.from_bot(group) == []
    telegram.faults.relieve(group)
    assert (await ptb.send_message(group.id, "papers")).text == "papers"


async def test_a_migrated_group_names_its_successor(
    telegram: FakeTelegram, ptb: ExtBot[None], other: OtherBot, group: Chat
) -> None:
    successor = telegram.faults.afflict(group, "migrated")
    with pytest.raises(ChatMigrated) as raised:
        await ptb.send_message(group.id, "papers")
    assert raised.value.new_chat_id == successor.id
    with pytest.raises(TelegramMigrateToChat) as raised_too:
        await other.send_message(group.id, "papers")
    assert raised_too.value.migrate_to_chat_id == successor.id
    assert (await ptb.send_message(successor.id, "papers")).chat.type == "supergroup"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (flood(7), RetryAfter),
        (server_error(), NetworkError),
        (server_error(500, "Internal Server Error"), NetworkError),
        (refuse(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (refuse(400, "Bad Request: chat not found"), BadRequest),
        (refuse(401, "Unauthorized"), InvalidToken),
        (hang(), TimedOut),
        (reset(), NetworkError),
    ],
)
async def test_a_fault_strikes_once_and_leaves_nothing_behind(
    telegram: FakeTelegram,
    ptb: ExtBot[None],
    ada: Person,
    fault: TelegramFault,
    error: type[Exception],
) -> None:
    telegram.faults.next(fault, method="sendMessage")
    with pytest.raises(error):
        await ptb.send_message(ada.id, "papers", read_timeout=0.2)
    assert telegram.from_bot(ada) == []
    assert (await ptb.send_message(ada.id, "papers")).text == "papers"


@pytest.mark.parametrize(
    ("fault", "error"), [(accept_then_hang(), TimedOut), (accept_then_reset(), NetworkError)]
)
async def test_an_accepted_message_arrives_although_its_sender_never_learns(
    telegram: FakeTelegram,
    ptb: ExtBot[None],
    ada: Person,
    fault: TelegramFault,
    error: type[Exception],
) -> None:
    telegram.faults.next(fault)
    with pytest.raises(error):
        await ptb.send_message(ada.id, "papers", read_timeout=0.2)
    assert [message.text for message in telegram.from_bot(ada)] == ["papers"]


async def test_wrong_tokens_and_unknown_methods_are_refused(
    telegram: FakeTelegram, ptb: ExtBot[None]
) -> None:
    impostor = _ptb(telegram, new_token())
    with pytest.raises(InvalidToken):
        await impostor.get_me()
    for request in impostor._request:
        await request.shutdown()
    with pytest.raises(EndPointNotFound):
        await ptb.do_api_request("sendNothing")
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{telegram.url}/bot123:abc/getMe")
        assert answer.status_code == 401
        assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        answer = await client.get(f"{telegram.url}/bot{telegram.token}/sendNothing")
        assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}
        assert (await client.get(f"{telegram.url}/bot{telegram.token}/GETME")).json()["ok"]
        assert (await client.get(telegram.url)).status_code == 404


async def test_the_newer_of_two_readers_wins(
    telegram: FakeTelegram, ptb: ExtBot[None], other: OtherBot
) -> None:
    first = asyncio.create_task(ptb.get_updates(timeout=5))
    await telegram.wait_for(lambda: telegram.updates.has_reader)
    second = asyncio.create_task(other.get_updates(timeout=5))
    with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
        await first
    eve = telegram.world.add_person("Eve")
    telegram.send_text(eve, eve, "/start")
    assert len(await second) == 1


async def test_aiogram_reads_every_answer(
    telegram: FakeTelegram, other: OtherBot, ada: Person, group: Chat
) -> None:
    assert (await other.get_me()).first_name == "Paperboy"
    keyboard = OtherKeyboard(inline_keyboard=[[OtherButton(text="Go", callback_data="go")]])
    sent = await other.send_message(ada.id, "<u>x</u>", parse_mode="HTML", reply_markup=keyboard)
    assert sent.entities is not None
    assert sent.html_text == "<u>x</u>"
    edited = await other.edit_message_text("y", chat_id=ada.id, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.text == "y"
    file = BufferedInputFile(b"# digest", "digest.md")
    document = await other.send_document(ada.id, file, caption="c")
    assert document.document is not None
    stored = await other.get_file(document.document.file_id)
    assert stored.file_path is not None
    downloaded = await other.download_file(stored.file_path)
    assert downloaded is not None
    assert downloaded.read() == b"# digest"
    rich = await other.send_rich_message(ada.id, InputRichMessage(markdown="# Title\n$x^2$"))
    assert rich.message_id
    await other.set_my_commands(
        [OtherCommand(command="digest", description="All of it")],
        scope=OtherScope(chat_id=group.id),
    )
    assert telegram.menu(group) == ["digest"]
    await other.set_message_reaction(ada.id, sent.message_id, [ReactionTypeEmoji(emoji="👍")])
    assert (await other.get_chat(group.id)).type == "group"
    assert (await other.get_chat_member(group.id, ada.id)).status == "creator"
    assert len(await other.get_chat_administrators(group.id)) == 1
    updates = await other.get_updates()
    assert updates[0].message is not None
    assert updates[0].message.text == "/start"
    assert (await other.get_webhook_info()).url == ""


async def test_aiogram_knows_the_errors_too(
    telegram: FakeTelegram, other: OtherBot, ada: Person
) -> None:
    stranger = telegram.world.add_person("Eve")
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation with a user"):
        await other.send_message(stranger.id, "hello")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await other.send_message(1, "hello")
    telegram.faults.next(flood(7))
    with pytest.raises(TelegramRetryAfter) as raised:
        await other.send_message(ada.id, "hello")
    assert raised.value.retry_after == 7
    telegram.faults.next(server_error())
    with pytest.raises(TelegramServerError):
        await other.send_message(ada.id, "hello")
    telegram.faults.next(refuse(401, "Unauthorized"))
    with pytest.raises(TelegramUnauthorizedError):
        await other.get_me()
    telegram.faults.next(reset())
    with pytest.raises(TelegramNetworkError):
        await other.get_me()
    telegram.faults.next(refuse(409, "Conflict: terminated by other getUpdates request"))
    with pytest.raises(TelegramConflictError):
        await other.get_updates()
