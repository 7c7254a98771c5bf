"""/digest: everything a chat follows, as one Markdown document."""

import re

import pytest

from bot.playground.telegram.faults import refuse
from bot.playground.telegram.world import Message, Person
from bot.playground.translator.stand_in import Fault
from tests.bot_under_test import House


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
    house.libre.may_answer.clear()
    await house.follow(house.lin, "transformer")
    seen = house.mark()
    house.telegram.send_text(house.lin, house.lin, "/digest")
    house.telegram.send_text(house.lin, house.lin, "/digest")
    notice = await house.answer(house.lin, since=seen)
    assert notice.text == "您的文档正在生成，请稍等。"
    house.libre.may_answer.set()
    await house.until(lambda: house.last(house.lin).document)
    assert len(house.telegram.documents) == 1
    assert (await document(house, house.lin)).document is not None, "and again, later"


async def test_other_commands_are_answered_while_it_is_made(house: House) -> None:
    house.libre.may_answer.clear()
    await house.follow(house.lin, "transformer")
    house.telegram.send_text(house.lin, house.lin, "/digest")
    answer = await house.say(house.lin, "/topics")
    assert "您订阅了 1 个主题" in answer.text
    assert not house.telegram.documents
    house.libre.may_answer.set()
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


async def test_one_topic_and_the_language_are_named_in_any_order(house: House) -> None:
    await house.follow(house.lin, "transformer")
    await house.follow(house.lin, "zyzzyva")
    for words in ("former en 60d", "60d en former"):
        answer = await house.say(house.lin, f"/digest {words}")
        assert answer.document is not None
        assert re.fullmatch(r"paperboy-[\d-]{10}-60d-transformer-en\.md", answer.document.name)
        page = answer.document.content.decode()
        assert "## transformer" in page
        assert "zyzzyva" not in page
        assert not re.search(r"\|[^|]*[\u4e00-\u9fff]", page), "the original was asked for"


async def test_a_day_without_papers_says_so(house: House) -> None:
    await house.follow(house.ada, "transformer")
    answer = await house.say(house.ada, "/digest 2019-01-01")
    assert answer.text == "📖 1 topic · 0 papers"
    assert answer.document is not None
    assert "**2019-01-01**" in answer.document.content.decode()
    assert "No papers on these days." in answer.document.content.decode()


async def test_words_that_mean_nothing_are_answered_with_ones_that_do(house: House) -> None:
    await house.follow(house.ada, "transformer")
    answer = await house.say(house.ada, "/digest <b>quantum</b>")
    assert "“<b>quantum</b>”" in answer.text
    assert "/digest transformer 7d en" in answer.text
    made = await house.tap(house.ada, "transformer")
    assert made.document is not None
    assert "-transformer.md" in made.document.name


async def test_buttons_make_the_same_as_words(house: House) -> None:
    await house.follow(house.lin, "transformer")
    await house.follow(house.lin, "zyzzyva")
    await document(house, house.lin)
    week = await house.tap(house.lin, "7 天")
    assert week.document is not None
    assert week.document.name.endswith("-7d.md")
    chosen = await house.tap(house.lin, "单个主题……")
    assert any("zyzzyva" in row for row in chosen.buttons)
    back = await house.tap(house.lin, "‹ 返回")
    assert back.document == week.document
    await house.tap(house.lin, "单个主题……")
    topic = await house.tap(house.lin, "transformer")
    assert topic.document is not None
    assert topic.document.name.endswith("-7d-transformer.md")
    await house.tap(house.lin, "🌐 语言……")
    english = await house.tap(house.lin, "English")
    assert english.document is not None
    assert english.document.name.endswith("-7d-transformer-en.md")
    detailed = await house.tap(house.lin, "附作者和目录")
    assert detailed.document is not None
    assert detailed.document.name.endswith("-7d-transformer-en-authors.md")
    page = detailed.document.content.decode()
    assert "- [transformer](#topic-1)" in page
    assert "<br>" in page
    assert any("不含作者" in row for row in detailed.buttons)


async def test_a_topic_that_is_followed_no_more_makes_no_digest(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.follow(house.ada, "zyzzyva")
    await document(house, house.ada)
    chosen = await house.tap(house.ada, "One topic …")
    await house.say(house.ada, "/unsubscribe")
    await house.tap(house.ada, "🗑 transformer")
    alert = await house.alert(house.ada, "transformer", message=chosen)
    assert alert == "You don't follow this topic any more."


async def test_who_cancels_gets_no_document_and_may_ask_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    house.libre.may_answer.clear()
    await house.follow(house.lin, "transformer")
    house.telegram.send_text(house.lin, house.lin, "/digest")
    await house.until(lambda: "正在翻译" in house.last(house.lin).text)
    stopped = await house.tap(house.lin, "✖️ 取消")
    house.libre.may_answer.set()
    assert stopped.text == "已停止。已经译好的会保留，下次直接使用。"
    assert not house.telegram.documents
    assert (await document(house, house.lin)).document is not None


async def test_a_document_over_telegram_s_limit_comes_in_parts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.services.MOST_BYTES", 3_000)
    await house.follow(house.ada, "transformer")
    house.telegram.send_text(house.ada, house.ada, "/digest")
    await house.until(lambda: house.telegram.documents and house.last(house.ada).buttons)
    parts = [message.document for message in house.shown(house.ada) if message.document]
    assert len(parts) > 1
    names = [part.name for part in parts]
    assert names == sorted(names)
    assert names[0].endswith(f"-1of{len(parts)}.md")
    ids = re.findall(r"abs/([\d.]+)\)", "".join(part.content.decode() for part in parts))
    assert len(ids) == 6
    assert max(len(part.content) for part in parts) <= 3_000


async def test_in_a_group_everybody_may_ask(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.follow(house.ada, "transformer", chat=group)
    answer = await house.say(house.lin, "/digest 30d", chat=group)
    assert answer.document is not None
