"""Papers by their ids: cards, and what one may do with them."""

import pytest
from sqlmodel import col, update

from bot.playground.telegram.world import Message
from bot.ranking import order
from bot.telegram.routes import SHOW_PAPER
from bot.translation.summary import Claim, Summary
from storage import opinions
from storage.models import Paper, PaperOrder, PushStyle, Translation
from tests.bot_under_test import BotUnderTest
from tests.on_connection import found_by
from tests.seldom import seldom


async def first_id(app: BotUnderTest) -> str:
    """Return the id of a paper that the sample of arXiv has."""
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/latest 1")
    return app.papers(app.ada)[-1]


def with_data(message: Message, start: str) -> str:
    """Return the data of a message's button that begins so."""
    return next(
        str(button["callback_data"])
        for row in message.keyboard
        for button in row
        if button.get("callback_data", "").startswith(start)
    )


@pytest.mark.parametrize(
    "text",
    seldom(
        [
            "{id}",
            "arXiv:{id}v2",
            "https://arxiv.org/abs/{id}",
            "look at this: https://arxiv.org/pdf/{id}v1.pdf !",
            "arxiv.org/html/{id}v3",
        ]
    ),
)
async def test_a_link_or_an_id_becomes_a_card(app: BotUnderTest, text: str) -> None:
    paper_id = await first_id(app)
    card = await app.say(app.ada, text.format(id=paper_id))
    assert app.papers(app.ada)[-1] == paper_id
    assert card.buttons[0] == "📄 PDF"
    assert {"☆ Save", "👎 Less like this", "↗️ Share", "📋 BibTeX"} <= set(card.buttons)


async def test_a_doi_becomes_the_card_of_the_paper_that_has_it(app: BotUnderTest) -> None:
    paper_id = await first_id(app)
    async with app.database.transaction() as session:
        await session.exec(
            update(Paper).where(col(Paper.id) == paper_id).values(doi="10.1000/ABC.1")
        )
    for text in ("10.1000/abc.1", "doi:10.1000/abc.1", "https://doi.org/10.1000/ABC.1"):
        card = await app.say(app.ada, text)
        assert app.papers(app.ada)[-1] == paper_id
        assert card.buttons[0] == "📄 PDF"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("https://www.nature.com/articles/s41586-020-2649-2", "I only read arXiv."),
        ("have you seen https://openreview.net/forum?id=x", "I only read arXiv."),
        ("doi:10.1109/5.771073", "I know no paper with the DOI 10.1109/5.771073."),
        ("https://arxiv.org/a/lecun_y_1", "lecun_y\n"),
    ],
)
async def test_a_link_to_another_place_is_no_query(
    app: BotUnderTest, text: str, answer: str
) -> None:
    assert (await app.say(app.ada, text)).text.startswith(answer)


async def test_an_id_that_nobody_has_seen_is_looked_up_at_arxiv(app: BotUnderTest) -> None:
    await app.say(app.lin, "/subscribe nerf")
    await app.follow(app.lin, "nerf")
    (entry,) = await app.followed(app.lin)
    async with app.database.transaction() as session:
        newest = (await found_by(session, entry.topic.id))[0]
        await session.delete(await session.get_one(Paper, newest))
    await app.say(app.ada, newest)
    assert app.papers(app.ada) == [newest]


async def test_an_id_that_arxiv_does_not_know_is_said_to_be_unknown(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "https://arxiv.org/abs/0101.00001")
    assert answer.text == "arXiv does not know 0101.00001."


async def test_the_abstract_switches_between_translation_and_original(app: BotUnderTest) -> None:
    paper_id = await first_id(app)
    await app.say(app.lin, "/start")
    card = await app.say(app.lin, paper_id)
    translated = card.text
    assert "由 LibreTranslate 翻译" in translated
    original = await app.tap(app.lin, "🔤 原文", message=card)
    assert "由 LibreTranslate 翻译" not in original.text
    again = await app.tap(app.lin, "🌐 译文", message=original)
    assert again.text == translated


async def test_a_paper_is_saved_noted_found_and_let_go(app: BotUnderTest) -> None:
    card = await app.say(app.ada, await first_id(app))
    await app.tap(app.ada, "☆ Save", message=card)
    assert "★ Saved" in card.buttons
    question = await app.tap(app.ada, "✏️ Note", message=card)
    assert question.text.startswith("Your note on")
    assert (await app.say(app.ada, "for the seminar")).text == "✏️ Noted. /saved shows it."
    await app.until(lambda: "✏️ for the seminar" in app.last(app.ada).text)
    noted = app.last(app.ada)
    listed = await app.say(app.ada, "/saved")
    assert "1 saved paper" in listed.text
    assert "for the seminar" in listed.text
    assert "1 paper with “seminar”" in (await app.say(app.ada, "/saved seminar")).text
    assert (await app.say(app.ada, "/saved zyzzyva")).text == "No saved papers with “zyzzyva”."
    await app.tap(app.ada, "★ Saved", message=noted)
    assert (await app.say(app.ada, "/saved")).text.startswith("Nothing saved yet.")
    await app.tap(app.ada, "☆ Save", message=noted)
    assert "for the seminar" in (await app.say(app.ada, "/saved")).text, "kept after all"
    question = await app.tap(app.ada, "✏️ Note", message=noted)
    assert question.text.endswith("Send - to delete your note.")
    assert (await app.say(app.ada, "—")).text.startswith("🗑 Note deleted.")
    await app.until(lambda: "★ Saved" in app.last(app.ada).buttons)
    assert "1 saved paper" in (await app.say(app.ada, "/saved")).text


@pytest.mark.parametrize(
    ("button", "ending", "start"),
    [("BibTeX", ".bib", b"@misc{"), ("RIS", ".ris", b"TY  - "), ("Markdown", ".md", b"# Saved")],
)
async def test_what_is_saved_can_be_taken_along(
    app: BotUnderTest, button: str, ending: str, start: bytes
) -> None:
    card = await app.say(app.ada, await first_id(app))
    await app.tap(app.ada, "☆ Save", message=card)
    listed = await app.say(app.ada, "/saved")
    sent = await app.tap(app.ada, button, message=listed)
    assert sent.document is not None
    assert sent.document.name.endswith(ending)
    assert sent.document.content.startswith(start)


@pytest.mark.parametrize("kind", ["BibTeX", "RIS", "Markdown"])
async def test_a_file_has_what_was_searched_among_the_saved_with_its_notes(
    app: BotUnderTest, kind: str
) -> None:
    await app.follow(app.ada, "transformer")
    await app.say(app.ada, "/latest 3")
    for number, paper_id in enumerate(app.papers(app.ada)[-3:]):
        card = await app.say(app.ada, paper_id)
        await app.tap(app.ada, "✏️ Note", message=card)
        said = await app.say(app.ada, "for the seminar" if number else "for nobody")
        assert said.text.startswith("✏️ Noted.")
        await app.until(lambda: "\n✏️ for " in app.last(app.ada).text)
    listed = await app.say(app.ada, "/saved seminar")
    assert "2 papers with “seminar”" in listed.text
    ranked = await app.tap(app.ada, "↕️ Most relevant first", message=listed)
    assert "2 papers with “seminar”" in ranked.text
    assert "↕️ Last saved first" in ranked.buttons
    sent = await app.tap(app.ada, kind, message=ranked)
    assert sent.document is not None
    content = sent.document.content.decode()
    assert content.count("for the seminar") == 2
    assert "for nobody" not in content


async def test_less_like_this_is_remembered_and_taken_back(app: BotUnderTest) -> None:
    paper_id = await first_id(app)
    card = await app.say(app.ada, paper_id)
    chat = await app.chat(app.ada)

    async def voted() -> dict[str, bool]:
        async with app.database.reading() as session:
            return await opinions.find_votes(session=session, chat_id=chat.id, paper_ids=[paper_id])

    await app.tap(app.ada, "👎 Less like this", message=card)
    assert await voted() == {paper_id: False}
    await app.tap(app.ada, "↩ Undo “less like this”", message=card)
    assert await voted() == {}


async def test_save_and_less_like_this_exclude_each_other(app: BotUnderTest) -> None:
    """The last word counts, and a note outlives a change of mind."""
    card = await app.say(app.ada, await first_id(app))
    await app.tap(app.ada, "☆ Save", message=card)
    await app.tap(app.ada, "✏️ Note", message=card)
    await app.say(app.ada, "for the seminar")
    await app.until(lambda: "✏️ for the seminar" in app.last(app.ada).text)
    card = app.last(app.ada)
    await app.alert(app.ada, "👎 Less like this", message=card)
    await app.until(lambda: "☆ Save" in card.buttons)
    assert "↩ Undo “less like this”" in card.buttons
    assert (await app.say(app.ada, "/saved")).text.startswith("Nothing saved yet.")
    await app.alert(app.ada, "☆ Save", message=card)
    await app.until(lambda: "★ Saved" in card.buttons)
    assert "👎 Less like this" in card.buttons
    assert "for the seminar" in (await app.say(app.ada, "/saved")).text


async def test_less_like_this_says_when_it_counts(app: BotUnderTest) -> None:
    card = await app.say(app.ada, await first_id(app))
    said = await app.alert(app.ada, "👎 Less like this", message=card)
    assert said == "Noted. It counts once you choose the personal order in /settings."
    await app.until(lambda: "↩ Undo “less like this”" in card.buttons)
    await app.tap(app.ada, "↩ Undo “less like this”", message=card)
    await app.change(app.ada, paper_order=PaperOrder.PERSONAL)
    said = await app.alert(app.ada, "👎 Less like this", message=card)
    assert said == "OK, fewer papers like this."


async def test_where_no_order_can_be_learned_no_button_asks_for_one(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "is_available", lambda: False)
    card = await app.say(app.ada, await first_id(app))
    assert "☆ Save" in card.buttons
    assert not [button for button in card.buttons if button.startswith("👎")]
    chooser = await app.say(app.ada, "/settings")
    chooser = await app.tap(app.ada, "🎨 Look and order", message=chooser)
    chooser = await app.tap(app.ada, "↕️ Order", message=chooser)
    assert "Personal" not in " ".join([chooser.text, *chooser.buttons])


async def test_an_ai_summary_is_labelled_and_what_it_cites_is_one_tap_away(
    app: BotUnderTest,
) -> None:
    paper_id = await first_id(app)
    await app.say(app.lin, "/start")
    plain = await app.say(app.lin, paper_id)
    assert "🤖" not in plain.text
    claims = (
        Claim("tldr", "一种 <新> 方法。", ("We present it & more.",)),
        Claim("result", "它有效。", ("It works.",)),
    )
    async with app.database.transaction() as session:
        summary = Summary("qwen3-8b", claims).dumped()
        await session.exec(update(Translation).values(summary=summary))
    card = await app.say(app.lin, paper_id)
    assert "🤖 AI 摘要 · qwen3-8b\n一种 <新> 方法。\n“We present it & more.”\n\n" in card.text
    told = await app.tap(app.lin, "🤖 AI 摘要", message=card)
    assert "🤖 AI 摘要 · qwen3-8b" in told.text
    assert "一句话概括: 一种 <新> 方法。\n“We present it & more.”" in told.text
    assert "结果: 它有效。\n“It works.”" in told.text
    folded = [one for one in told.formatted.entities if one.type == "expandable_blockquote"]
    assert len(folded) == 2
    await app.alert(app.lin, "☆ 收藏", message=card)
    await app.until(lambda: "★ 已收藏" in card.buttons)
    assert "🤖 AI 摘要" in card.buttons, "a tap on another button takes it away from nobody"
    original = await app.tap(app.lin, "🔤 原文", message=card)
    assert "🤖" not in original.text


async def test_a_summary_that_is_gone_is_said_to_be_so(app: BotUnderTest) -> None:
    paper_id = await first_id(app)
    await app.say(app.lin, "/start")
    await app.say(app.lin, paper_id)
    async with app.database.transaction() as session:
        summary = Summary("m", (Claim("tldr", "一种方法。", ("A.",)),)).dumped()
        await session.exec(update(Translation).values(summary=summary))
    card = await app.say(app.lin, paper_id)
    async with app.database.transaction() as session:
        await session.exec(update(Translation).values(summary=None))
    assert await app.alert(app.lin, "🤖 AI 摘要", message=card) == "这篇论文没有 AI 摘要。"


async def test_the_buttons_within_a_rich_push_open_its_papers(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.change(app.ada, push_style=PushStyle.RICH)
    assert await app.push(now=(await app.chat(app.ada)).next_push_at) > 1
    pushed = app.last(app.ada)
    card = await app.tap(app.ada, "2", message=pushed)
    assert SHOW_PAPER.data(app.papers(app.ada)[-1]) == pushed.button("2")["callback_data"]
    assert "☆ Save" in card.buttons
    forged = await app.forge(app.ada, pushed, SHOW_PAPER.data("2406.11840"))
    assert forged == "This button is too old. Try /help.", "no button of it sends that"


async def test_members_of_a_group_read_and_only_its_admins_save(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    await app.say(app.ada, "/search nerf", chat=app.group)
    listed = app.last(app.group)
    card = await app.tap(app.lin, "1", message=listed)
    said = await app.alert(app.lin, with_data(card, "paper:save"), message=card)
    assert said in {"Only this group's admins can change that.", "只有群管理员可以更改。"}


async def test_a_link_in_a_caption_becomes_a_card(app: BotUnderTest) -> None:
    paper_id = await first_id(app)
    seen = app.mark()
    app.telegram.send_document(
        app.ada, app.ada, "figure.png", b"png", caption=f"from arXiv:{paper_id}, see there"
    )
    card = await app.answer(app.ada, since=seen)
    assert card.buttons[0] == "📄 PDF"


async def test_more_like_a_paper_is_a_topic_of_its_own_words(app: BotUnderTest) -> None:
    (paper_id,) = await saved_ids(app, "gaussian splatting")
    card = await app.say(app.ada, paper_id)
    preview = await app.tap(app.ada, "➕ More like this", message=card)
    assert "papers in the last 30 days" in preview.text or "paper in the last" in preview.text
    assert "Send other words to change it" in preview.text
    await app.tap(app.ada, "✅ Follow")
    assert len(await app.labels(app.ada)) == 1


async def test_an_author_is_followed_by_two_taps_with_the_name_in_quotes(
    app: BotUnderTest,
) -> None:
    (paper_id,) = await saved_ids(app, "gaussian splatting")
    card = await app.say(app.ada, paper_id)
    asked = await app.tap(app.ada, "👤 Follow an author", message=card)
    name = asked.buttons[0]
    preview = await app.tap(app.ada, name)
    assert preview.text.startswith(f"{name}\n1 paper in the last 30 days")
    await app.tap(app.ada, "✅ Follow")
    (followed,) = await app.followed(app.ada)
    assert followed.subscription.label == name
    assert followed.topic.query.startswith("au:")


async def saved_ids(app: BotUnderTest, words: str) -> list[str]:
    listed = await app.say(app.ada, f"/search {words}")
    await app.until(lambda: "in all" in listed.text)
    data = next(
        one["callback_data"]
        for row in listed.keyboard
        for one in row
        if one.get("callback_data", "").startswith("show:")
    )
    return [data.removeprefix("show:")]
