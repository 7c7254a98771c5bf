"""/digest: everything a chat follows, as one Markdown document."""

import re

import pytest

from bot.playground.faults import refuse
from bot.playground.libretranslate import Fault
from bot.playground.world import Message, Person
from tests.house import House


async def document(house: House, person: Person) -> Message:
    seen = house.mark()
    house.telegram.send_text(person, person, "/digest")
    found = await house.answer(person, since=seen)
    assert found.document is not None
    return found


@pytest.mark.parametrize(
    ("person", "way_on"),
    [("ada", "Follow a topic first: /subscribe"), ("lin", "请先订阅一个主题：/subscribe")],
)
async def test_who_follows_nothing_is_told_what_to_do(
    house: House, person: str, way_on: str
) -> None:
    assert way_on in (await house.say(getattr(house, person), "/digest")).text


async def test_it_is_one_markdown_document_with_a_section_a_topic(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.follow(house.ada, "zyzzyva")
    answer = await document(house, house.ada)
    assert answer.document is not None
    assert re.fullmatch(r"[\w.-]+\d{4}-\d{2}-\d{2}\.md", answer.document.name)
    assert answer.text == "📖 2 topics · 6 papers"
    page = answer.document.content.decode()
    assert "## transformer" in page
    assert "## zyzzyva" in page
    assert len(set(re.findall(r"arxiv\.org/abs/([\d.]+)", page))) == 6


async def test_it_is_in_the_chat_s_language(house: House) -> None:
    await house.follow(house.lin, "transformer")
    answer = await document(house, house.lin)
    assert answer.document is not None
    assert answer.text == "📖 1 个主题 · 6 篇论文"
    assert len(re.findall(r"[\u4e00-\u9fff]", answer.document.content.decode())) > 500


async def test_a_translator_that_is_down_leaves_the_original_and_the_caption_says_so(
    house: House,
) -> None:
    house.libre.fault = Fault.SERVER_ERROR
    await house.follow(house.lin, "transformer")
    answer = await document(house, house.lin)
    assert answer.text == "📖 1 个主题 · 6 篇论文\n有 6 篇摘要暂为英文：翻译服务没有响应。"


async def test_who_asks_twice_gets_one_document_and_is_told_that_it_is_coming(
    house: House,
) -> None:
    house.libre.delay_seconds = 0.1
    await house.follow(house.lin, "transformer")
    seen = house.mark()
    house.telegram.send_text(house.lin, house.lin, "/digest")
    house.telegram.send_text(house.lin, house.lin, "/digest")
    notice = await house.answer(house.lin, since=seen)
    assert notice.text == "您的文档正在生成，请稍等。"
    await house.until(lambda: house.last(house.lin).document)
    assert len(house.telegram.documents) == 1
    assert (await document(house, house.lin)).document is not None, "and again, later"


async def test_other_commands_are_answered_while_it_is_made(house: House) -> None:
    house.libre.delay_seconds = 0.1
    await house.follow(house.lin, "transformer")
    house.telegram.send_text(house.lin, house.lin, "/digest")
    answer = await house.say(house.lin, "/topics")
    assert "您订阅了 1 个主题" in answer.text
    assert not house.telegram.documents
    await house.until(lambda: house.telegram.documents)


async def test_progress_is_shown_in_place_and_taken_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    await house.follow(house.lin, "transformer")
    await document(house, house.lin)
    await house.until(lambda: house.telegram.calls_to("deleteMessage"))
    shown = [call.params["text"] for call in house.telegram.calls_to("editMessageText")]
    assert "⏳ 正在翻译：5 / 6" in shown
    assert not any(message.text.startswith("⏳") for message in house.shown(house.lin))


async def test_progress_that_can_t_be_shown_costs_nobody_the_document(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    await house.follow(house.lin, "transformer")
    for method in ("editMessageText", "sendChatAction", "deleteMessage"):
        house.telegram.faults.always(refuse(400, "Bad Request: not today"), method=method)
    house.telegram.send_text(house.lin, house.lin, "/digest")
    await house.until(lambda: house.telegram.documents)
