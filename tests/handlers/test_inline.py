"""Inline mode: what somebody types behind the bot's name finds papers of the own store."""

import pytest

from bot.playground.telegram.account import InlineAnswer, InlineQuery
from tests.bot_under_test import BotUnderTest
from tests.seldom import seldom


@pytest.mark.parametrize(
    ("typed", "title"),
    seldom(
        [
            ("ra-nerf", "RA-NeRF: Robust Neural Radiance Field Reconstruction"),
            ("anti-ali", "Anti-Aliased 2D Gaussian Splatting"),
            ("talking hea", "SyncTalk++: High-Fidelity and Efficient Synchronized Talking Heads"),
            ('"galaxy morph', "Can AI Dream of Unseen Galaxies?"),
            ("ti:galax", "Can AI Dream of Unseen Galaxies?"),
            ("galaxies OR", "Can AI Dream of Unseen Galaxies?"),
            ("POKÉMON", "A Benchmark for Generalizing Across Diverse Team Strategies"),
            ("physics.ins-det", "CaloHadronic: a diffusion model"),
        ]
    ),
)
async def test_words_find_papers_while_they_are_typed(
    app: BotUnderTest, typed: str, title: str
) -> None:
    assert any(found.startswith(title) for found in await titles(app, typed))


async def test_no_words_find_the_newest(app: BotUnderTest) -> None:
    assert len(await titles(app, "")) == 20


@pytest.mark.parametrize(
    "typed", seldom(["zyzzyva", "大语言模型", "id:", "((((", '"', "-survey", "2999.99999"])
)
async def test_what_finds_nothing_shows_the_way_on(app: BotUnderTest, typed: str) -> None:
    _query, answer = await asked(app, typed)
    assert not answer.results
    assert answer.button is not None
    assert answer.button["text"] == "Not among my papers. Search in private"


async def test_inline_mode_finds_a_paper_by_its_id(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/latest 1")
    (paper_id,) = app.papers(app.ada)
    _query, answer = await asked(app, paper_id)
    (result,) = answer.results
    assert paper_id in str(result.keyboard)


async def test_arxiv_is_not_asked_with_every_letter(app: BotUnderTest) -> None:
    for typed in ("n", "ne", "ner", "nerf", "2406.11840"):
        await asked(app, typed)
    assert app.arxiv.requests == []


async def test_what_was_chosen_inline_is_no_question_to_the_bot(app: BotUnderTest) -> None:
    """Neither in private, where a text is a query and a link becomes a card, nor in a group."""
    found, answer = await asked(app, "nerf")
    before = len(app.telegram.from_bot(app.ada))
    app.telegram.choose(found, answer.results[0].id)
    assert "I can" in (await app.say(app.ada, "/help")).text
    assert len(app.telegram.from_bot(app.ada)) == before + 1


async def asked(app: BotUnderTest, query: str) -> tuple[InlineQuery, InlineAnswer]:
    """Type behind the bot's name; return what is offered."""
    found = app.telegram.ask_inline(app.ada, app.ada, query)
    await app.until(lambda: found.answer)
    assert found.answer is not None
    return found, found.answer


async def titles(app: BotUnderTest, query: str) -> list[str]:
    return [result.title for result in (await asked(app, query))[1].results]
