"""Papers by their ids: cards, and what one may do with them."""

import pytest

from bot.playground.telegram.account import InlineAnswer, InlineQuery, InlineResult
from bot.playground.telegram.world import Message
from storage import matches, opinions
from tests.bot_under_test import House


async def first_id(house: House) -> str:
    """Return the id of a paper that the sample of arXiv has."""
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/latest 1")
    return house.papers(house.ada)[-1]


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
    [
        "{id}",
        "arXiv:{id}v2",
        "https://arxiv.org/abs/{id}",
        "look at this: https://arxiv.org/pdf/{id}v1.pdf !",
        "arxiv.org/html/{id}v3",
    ],
)
async def test_a_link_or_an_id_becomes_a_card(house: House, text: str) -> None:
    paper_id = await first_id(house)
    card = await house.say(house.ada, text.format(id=paper_id))
    assert house.papers(house.ada)[-1] == paper_id
    assert card.buttons[0] == "📄 PDF"
    assert {"☆ Save", "👎 Less like this", "↗️ Share", "📋 BibTeX"} <= set(card.buttons)


async def test_an_id_that_nobody_has_seen_is_looked_up_at_arxiv(house: House) -> None:
    await house.say(house.lin, "/subscribe nerf")
    await house.follow(house.lin, "nerf")
    (entry,) = await house.followed(house.lin)
    async with house.database.transaction() as session:
        paper = (await matches.newest(session=session, topic_id=entry.topic.id, limit=1))[0]
        await session.delete(paper)
    await house.say(house.ada, paper.id)
    assert house.papers(house.ada) == [paper.id]


async def test_an_id_that_arxiv_does_not_know_is_said_to_be_unknown(house: House) -> None:
    answer = await house.say(house.ada, "https://arxiv.org/abs/0101.00001")
    assert answer.text == "arXiv does not know 0101.00001."


async def test_the_abstract_switches_between_translation_and_original(house: House) -> None:
    paper_id = await first_id(house)
    await house.say(house.lin, "/start")
    card = await house.say(house.lin, paper_id)
    translated = card.text
    assert "由 LibreTranslate 翻译" in translated
    original = await house.tap(house.lin, "🔤 原文", message=card)
    assert "由 LibreTranslate 翻译" not in original.text
    again = await house.tap(house.lin, "🌐 译文", message=original)
    assert again.text == translated


async def test_a_paper_is_saved_noted_found_and_let_go(house: House) -> None:
    card = await house.say(house.ada, await first_id(house))
    await house.tap(house.ada, "☆ Save", message=card)
    assert "★ Saved" in card.buttons
    question = await house.tap(house.ada, "✏️ Note", message=card)
    assert question.text.startswith("What do you want to note on")
    assert (await house.say(house.ada, "for the seminar")).text == "✏️ Noted. /saved shows it."
    await house.until(lambda: "✏️ for the seminar" in house.last(house.ada).text)
    noted = house.last(house.ada)
    listed = await house.say(house.ada, "/saved")
    assert "You keep 1 paper" in listed.text
    assert "for the seminar" in listed.text
    assert "1 paper with “seminar”" in (await house.say(house.ada, "/saved seminar")).text
    assert (await house.say(house.ada, "/saved zyzzyva")).text == "You keep nothing with “zyzzyva”."
    await house.tap(house.ada, "★ Saved", message=noted)
    assert (await house.say(house.ada, "/saved")).text.startswith("You keep no papers yet.")
    await house.tap(house.ada, "☆ Save", message=noted)
    assert "for the seminar" in (await house.say(house.ada, "/saved")).text, "kept after all"
    question = await house.tap(house.ada, "✏️ Note", message=noted)
    assert question.text.endswith("- instead of words takes your note away.")
    assert (await house.say(house.ada, "—")).text.startswith("🗑 The note is gone.")
    await house.until(lambda: "★ Saved" in house.last(house.ada).buttons)
    assert "You keep 1 paper" in (await house.say(house.ada, "/saved")).text


@pytest.mark.parametrize(
    ("button", "ending", "start"),
    [("BibTeX", ".bib", b"@misc{"), ("RIS", ".ris", b"TY  - "), ("Markdown", ".md", b"# Saved")],
)
async def test_what_is_saved_can_be_taken_along(
    house: House, button: str, ending: str, start: bytes
) -> None:
    card = await house.say(house.ada, await first_id(house))
    await house.tap(house.ada, "☆ Save", message=card)
    listed = await house.say(house.ada, "/saved")
    sent = await house.tap(house.ada, button, message=listed)
    assert sent.document is not None
    assert sent.document.name.endswith(ending)
    assert sent.document.content.startswith(start)


async def test_less_like_this_is_remembered_and_taken_back(house: House) -> None:
    paper_id = await first_id(house)
    card = await house.say(house.ada, paper_id)
    chat = await house.chat(house.ada)

    async def voted() -> dict[str, bool]:
        async with house.database.reading() as session:
            return await opinions.find_votes(session=session, chat_id=chat.id, paper_ids=[paper_id])

    await house.tap(house.ada, "👎 Less like this", message=card)
    assert await voted() == {paper_id: False}
    await house.tap(house.ada, "↩ Undo “less like this”", message=card)
    assert await voted() == {}


async def test_members_of_a_group_read_and_only_its_admins_save(house: House) -> None:
    await house.join(house.ada, house.group)
    await house.say(house.ada, "/search nerf", chat=house.group)
    listed = house.last(house.group)
    card = await house.tap(house.lin, "1", message=listed)
    said = await house.alert(house.lin, with_data(card, "paper:save"), message=card)
    assert said in {"Only this group's admins can change that.", "只有群管理员可以更改。"}


async def test_a_search_shows_pages_and_can_be_followed(house: House) -> None:
    listed = await house.say(house.ada, "/search transformer")
    assert listed.text.startswith("transformer: ")
    further = await house.tap(house.ada, "›", message=listed)
    assert "\n6. " in further.text
    followed = await house.tap(house.ada, "✅ Follow this", message=further)
    assert "You now follow transformer" in followed.text
    assert await house.labels(house.ada) == ["transformer"]


async def test_a_search_without_words_or_sense_is_answered_with_an_example(house: House) -> None:
    assert (await house.say(house.ada, "/search")).text == (
        "What are you looking for? /search diffusion policy"
    )
    assert "nothing on this" in (await house.say(house.ada, "/search zyzzyva")).text
    assert (await house.say(house.ada, "/search ((((")).buttons == []


@pytest.mark.parametrize(("query", "finds"), [("nerf", True), ("", True), ("zyzzyva", False)])
async def test_inline_mode_finds_papers_by_words(house: House, query: str, finds: bool) -> None:  # noqa: FBT001
    await house.follow(house.ada, "nerf")
    assert bool(await inline(house, query)) is finds


async def test_inline_mode_finds_a_paper_by_its_id(house: House) -> None:
    paper_id = await first_id(house)
    (result,) = await inline(house, paper_id)
    assert paper_id in str(result.keyboard)


async def test_what_was_chosen_inline_is_no_question_to_the_bot(house: House) -> None:
    """Neither in private, where a text is a query and a link becomes a card, nor in a group."""
    await house.follow(house.ada, "nerf")
    found, answer = await asked(house, "nerf")
    before = len(house.telegram.from_bot(house.ada))
    house.telegram.choose(found, answer.results[0].id)
    assert "I can" in (await house.say(house.ada, "/help")).text
    assert len(house.telegram.from_bot(house.ada)) == before + 1


async def asked(house: House, query: str) -> tuple[InlineQuery, InlineAnswer]:
    """Type behind the bot's name; return what is offered."""
    found = house.telegram.ask_inline(house.ada, house.ada, query)
    await house.until(lambda: found.answer)
    assert found.answer is not None
    return found, found.answer


async def inline(house: House, query: str) -> tuple[InlineResult, ...]:
    """Return the results, where there must be a way on if there are none."""
    answer = (await asked(house, query))[1]
    assert answer.results or answer.button
    return answer.results
