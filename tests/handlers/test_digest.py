"""/digest: everything a chat follows, as one Markdown document."""

import re

import pytest

from bot.playground.telegram.faults import refuse
from bot.playground.telegram.world import Message, Person
from bot.playground.translator.stand_in import TranslatorFault
from tests.bot_under_test import BotUnderTest


async def document(app: BotUnderTest, person: Person) -> Message:
    seen = app.mark()
    app.telegram.send_text(person, person, "/digest")
    found = await app.answer(person, since=seen)
    assert found.document is not None
    return found


@pytest.mark.parametrize(
    ("person", "way_on"),
    [("ada", "Follow a topic first:"), ("lin", "请先订阅一个主题：")],
)
async def test_who_follows_nothing_is_told_what_to_do(
    app: BotUnderTest, person: str, way_on: str
) -> None:
    assert way_on in (await app.say(getattr(app, person), "/digest")).text


async def test_it_is_one_markdown_document_with_a_section_a_topic(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.follow(app.ada, "zyzzyva")
    answer = await document(app, app.ada)
    assert answer.document is not None
    assert re.fullmatch(r"[\w.-]+\d{4}-\d{2}-\d{2}\.md", answer.document.name)
    assert answer.text == "📖 2 topics · 6 papers"
    page = answer.document.content.decode()
    assert "## transformer" in page
    assert "## zyzzyva" in page
    assert len(set(re.findall(r"arxiv\.org/abs/([\d.]+)", page))) == 6


async def test_it_is_in_the_chat_s_language(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    answer = await document(app, app.lin)
    assert answer.document is not None
    assert answer.text == "📖 1 个主题 · 6 篇论文"
    assert len(re.findall(r"[\u4e00-\u9fff]", answer.document.content.decode())) > 500


async def test_a_translator_that_is_down_leaves_the_original_and_the_caption_says_so(
    app: BotUnderTest,
) -> None:
    app.libre.fault = TranslatorFault.SERVER_ERROR
    await app.follow(app.lin, "transformer")
    answer = await document(app, app.lin)
    assert answer.text == "📖 1 个主题 · 6 篇论文\n有 6 篇摘要暂为英文：翻译服务没有响应。"


async def test_who_asks_twice_gets_one_document_and_is_told_that_it_is_coming(
    app: BotUnderTest,
) -> None:
    app.libre.may_answer.clear()
    await app.follow(app.lin, "transformer")
    seen = app.mark()
    app.telegram.send_text(app.lin, app.lin, "/digest")
    app.telegram.send_text(app.lin, app.lin, "/digest")
    notice = await app.answer(app.lin, since=seen)
    assert notice.text == "文档正在生成，请稍等。"
    app.libre.may_answer.set()
    await app.until(lambda: app.last(app.lin).document)
    assert len(app.telegram.documents) == 1
    assert (await document(app, app.lin)).document is not None, "and again, later"


async def test_other_commands_are_answered_while_it_is_made(app: BotUnderTest) -> None:
    app.libre.may_answer.clear()
    await app.follow(app.lin, "transformer")
    app.telegram.send_text(app.lin, app.lin, "/digest")
    answer = await app.say(app.lin, "/topics")
    assert "你订阅了 1 个主题" in answer.text
    assert not app.telegram.documents
    app.libre.may_answer.set()
    await app.until(lambda: app.telegram.documents)


async def test_progress_is_shown_in_place_and_taken_away(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    await app.follow(app.lin, "transformer")
    await document(app, app.lin)
    await app.until(lambda: app.telegram.calls_to("deleteMessage"))
    shown = [call.params["text"] for call in app.telegram.calls_to("editMessageText")]
    assert "⏳ 正在翻译：5 / 6" in shown
    assert not any(message.text.startswith("⏳") for message in app.shown(app.lin))


async def test_progress_that_can_t_be_shown_costs_nobody_the_document(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    await app.follow(app.lin, "transformer")
    for method in ("editMessageText", "sendChatAction", "deleteMessage"):
        app.telegram.faults.always(refuse(400, "Bad Request: not today"), method=method)
    app.telegram.send_text(app.lin, app.lin, "/digest")
    await app.until(lambda: app.telegram.documents)


async def test_one_topic_and_the_language_are_named_in_any_order(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    await app.follow(app.lin, "zyzzyva")
    for words in ("former en 60d", "60d en former"):
        answer = await app.say(app.lin, f"/digest {words}")
        assert answer.document is not None
        assert re.fullmatch(r"paperboy-[\d-]{10}-60d-transformer-en\.md", answer.document.name)
        page = answer.document.content.decode()
        assert "## transformer" in page
        assert "zyzzyva" not in page
        rows = page.partition("|:---")[2].replace("|无|", "|null|")
    assert not re.search(r"\|[^|]*[\u4e00-\u9fff]", rows), "the original was asked for"


async def test_a_day_without_papers_says_so(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    answer = await app.say(app.ada, "/digest 2019-01-01")
    assert answer.text == "📖 1 topic · 0 papers"
    assert answer.document is not None
    assert "**2019-01-01**" in answer.document.content.decode()
    assert "No papers known from these days." in answer.document.content.decode()


async def test_words_that_mean_nothing_are_answered_with_ones_that_do(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    answer = await app.say(app.ada, "/digest <b>quantum</b>")
    assert "“<b>quantum</b>”" in answer.text
    assert "/digest transformer 7d en" in answer.text
    made = await app.tap(app.ada, "transformer")
    assert made.document is not None
    assert "-transformer.md" in made.document.name


async def test_buttons_make_the_same_as_words(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    await app.follow(app.lin, "zyzzyva")
    await document(app, app.lin)
    week = await app.tap(app.lin, "7 天")
    assert week.document is not None
    assert week.document.name.endswith("-7d.md")
    chosen = await app.tap(app.lin, "单个主题……")
    assert any("zyzzyva" in row for row in chosen.buttons)
    back = await app.tap(app.lin, "‹ 返回")
    assert back.document == week.document
    await app.tap(app.lin, "单个主题……")
    topic = await app.tap(app.lin, "transformer")
    assert topic.document is not None
    assert topic.document.name.endswith("-7d-transformer.md")
    await app.tap(app.lin, "🌐 语言……")
    english = await app.tap(app.lin, "English")
    assert english.document is not None
    assert english.document.name.endswith("-7d-transformer-en.md")
    detailed = await app.tap(app.lin, "附作者和目录")
    assert detailed.document is not None
    assert detailed.document.name.endswith("-7d-transformer-en-authors.md")
    page = detailed.document.content.decode()
    assert "- [transformer](#topic-1)" in page
    assert "<br>" in page
    assert any("不含作者" in row for row in detailed.buttons)


async def test_a_topic_that_is_followed_no_more_makes_no_digest(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.follow(app.ada, "zyzzyva")
    await document(app, app.ada)
    chosen = await app.tap(app.ada, "One topic …")
    await app.say(app.ada, "/unsubscribe")
    await app.tap(app.ada, "🗑 transformer")
    alert = await app.alert(app.ada, "transformer", message=chosen)
    assert alert == "You don't follow this topic any more."


async def test_who_cancels_gets_no_document_and_may_ask_again(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.digest.PROGRESS_SECONDS", 0.0)
    app.libre.may_answer.clear()
    await app.follow(app.lin, "transformer")
    app.telegram.send_text(app.lin, app.lin, "/digest")
    await app.until(lambda: "正在翻译" in app.last(app.lin).text)
    stopped = await app.tap(app.lin, "✖️ 取消")
    app.libre.may_answer.set()
    assert stopped.text == "已停止，译好的会保留。"
    assert not app.telegram.documents
    assert (await document(app, app.lin)).document is not None


async def test_a_document_over_telegram_s_limit_comes_in_parts(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.services.MOST_BYTES", 3_000)
    await app.follow(app.ada, "transformer")
    app.telegram.send_text(app.ada, app.ada, "/digest")
    await app.until(lambda: app.telegram.documents and app.last(app.ada).buttons)
    parts = [message.document for message in app.shown(app.ada) if message.document]
    assert len(parts) > 1
    names = [part.name for part in parts]
    assert names == sorted(names)
    assert names[0].endswith(f"-1of{len(parts)}.md")
    ids = re.findall(r"abs/([\d.]+)\)", "".join(part.content.decode() for part in parts))
    assert len(ids) == 6
    assert max(len(part.content) for part in parts) <= 3_000


async def test_in_a_group_everybody_may_ask(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await app.follow(app.ada, "transformer", chat=group)
    answer = await app.say(app.lin, "/digest 30d", chat=group)
    assert answer.document is not None


async def test_a_page_is_one_tap_and_stands_alone(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    shown = await document(app, app.lin)
    page = await app.tap(app.lin, "📱 网页版", message=shown)
    assert page.document is not None
    assert page.document.name.endswith(".html")
    html = page.document.content.decode()
    assert "<html lang=" in html
    assert html.count("<article ") == 6
    assert not re.search(r'(?:src|href)="(?!https://|#)', html), "nothing lies beside it"
    assert "新论文" in html
    assert page.text == "📖 1 个主题 · 6 篇论文"


async def test_who_always_wants_a_page_gets_it_behind_the_document(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.change(app.ada, sends_pages=True)
    first = await document(app, app.ada)
    assert first.document is not None
    assert first.document.name.endswith(".md")

    def page() -> Message | None:
        last = app.last(app.ada)
        return last if last.document and last.document.name.endswith(".html") else None

    found = await app.until(page)
    assert found is not None
    assert "📱 As a page" not in found.buttons


async def test_the_words_around_the_papers_are_in_the_chat_s_language(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    answer = await document(app, app.lin)
    assert answer.document is not None
    page = answer.document.content.decode()
    assert "| 发布日期 | 标题 | 代码 | 摘要 |" in page
    assert "|无|" in page
    assert "null" not in page
    name = "paperboy_playground_bot"
    assert f"> 使用说明: [点此查看](https://t.me/{name}?start=usage)" in page
    assert (await app.say(app.ada, "/start usage")).text.startswith("What I can do")
