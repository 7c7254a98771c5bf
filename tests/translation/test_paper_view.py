"""A chat sees a paper in its own words where there are any."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.translation.paper_view import PaperView, sparing, view, views
from bot.translation.service import Translator
from storage.database import Database
from storage.models import ORIGINAL, Paper, Translation

PAPER = Paper(
    id="2406.11840",
    version=2,
    title="A Title",
    abstract="An abstract.",
    authors=["Ada Lovelace"],
    categories=["cs.CV"],
    code_url="https://github.com/a/b",
    published_at=datetime(2024, 6, 17, 17, 59, tzinfo=UTC),
    updated_at=datetime(2024, 6, 18, tzinfo=UTC),
)


def translation(title: str | None) -> Translation:
    return Translation(
        paper_id=PAPER.id,
        language="zh-CN",
        title=title,
        abstract="摘要。",
        engine="google",
        source_digest="x",
    )


def test_without_a_translation_a_paper_speaks_as_arxiv_does() -> None:
    seen = view(PAPER, translation=None, labels=("nerf",))
    assert (seen.title, seen.abstract) == ("A Title", "An abstract.")
    assert (seen.translated, seen.engine, seen.labels) == (False, None, ("nerf",))
    assert seen.abs_url == "https://arxiv.org/abs/2406.11840"
    assert seen.code_url == "https://github.com/a/b"


def test_a_translation_without_a_title_leaves_the_title() -> None:
    seen = view(PAPER, translation=translation(None))
    assert (seen.title, seen.abstract) == ("A Title", "摘要。")
    assert (seen.translated, seen.engine) == (True, "google")
    assert view(PAPER, translation=translation("题目")).title == "题目"


def test_a_chat_that_wants_original_titles_gets_them() -> None:
    seen = view(PAPER, translation=translation("题目"), title=False)
    assert (seen.title, seen.abstract) == ("A Title", "摘要。")


BRINGS = PAPER.model_copy(
    update={"abstract": "Robots fall. In this paper, we present a gait for all stairs. It works."}
)


def in_chinese(abstract: str, key: str | None) -> Translation:
    return translation(None).model_copy(update={"abstract": abstract, "key_sentence": key})


@pytest.mark.parametrize(
    ("abstract", "key", "expected"),
    [
        ("机器人会跌倒。本文提出一种适用于所有楼梯的步态。它有效。", "一种步态。", "一种步态。"),
        (
            "机器人会跌倒。本文提出一种适用于所有楼梯的步态。它有效。",
            None,
            "本文提出一种适用于所有楼梯的步态。",
        ),
        ("机器人会跌倒，本文提出一种适用于所有楼梯的步态。它有效。", None, ""),
        ("机器人会跌倒。A gait for all of the stairs there are。它有效。", None, ""),
    ],
)
def test_a_translation_has_its_own_key_sentence_or_the_one_in_its_place_or_none(
    abstract: str, key: str | None, expected: str
) -> None:
    """Never one in another language than the abstract below it."""
    assert view(BRINGS, translation=in_chinese(abstract, key)).key_sentence == expected


def test_an_original_has_the_key_sentence_of_its_own_words() -> None:
    assert view(BRINGS).key_sentence == "A gait for all stairs."


def many(count: int) -> list[Paper]:
    """Return papers of which no other test has found the key sentence."""
    return [
        BRINGS.model_copy(
            update={"id": f"2612.{n:05}", "abstract": f"{BRINGS.abstract} {n} robots ran. " * 40}
        )
        for n in range(count)
    ]


async def test_others_are_served_while_the_key_sentences_of_many_papers_are_found(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'paperboy.db'}")
    translator, papers = Translator(engines=(), database=database), many(150)
    for remembered in (False, True):
        made = asyncio.create_task(views(translator=translator, papers=papers, language=ORIGINAL))
        turns = 0
        while not made.done():
            await asyncio.sleep(0)
            turns += 1
        assert (turns > 3) is not remembered
        assert {paper.key_sentence for paper in await made} == {"A gait for all stairs."}
    await database.close()


async def test_what_a_document_does_not_show_is_not_looked_for(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'paperboy.db'}")
    translator, (paper,) = Translator(engines=(), database=database), many(1)
    shown = await views(
        translator=translator, papers=[paper], language=ORIGINAL, key_sentences=False
    )
    assert [(one.abstract, one.key_sentence) for one in shown] == [(paper.abstract, "")]
    await database.close()


def test_the_day_of_a_paper_is_arxivs_day() -> None:
    tokyo = timezone(timedelta(hours=9))
    paper = PAPER.model_copy(update={"published_at": datetime(2024, 6, 18, 2, tzinfo=tokyo)})
    assert str(view(paper).published_on) == "2024-06-17"


def test_papers_over_which_a_page_fails_stand_there_without_their_texts() -> None:
    papers = [replace(view(PAPER), id=f"2611.0000{n}", title=f"Title {n}") for n in range(1, 5)]

    def render(some: Sequence[PaperView]) -> str:
        titles = [paper.title for paper in some]
        if "Title 3" in titles:
            raise RuntimeError
        return ", ".join(titles)

    assert sparing(render, papers) == "Title 1, Title 2, arXiv:2611.00003, Title 4"
