"""`paperboy digest`: a page on standard output or in a file, or one line that says why not."""

import asyncio

import pytest

from bot.playground.libretranslate import Fault
from tests.cli.paperboy import Paperboy


async def test_queries_make_a_page_without_any_chat(paperboy: Paperboy) -> None:
    ended = await paperboy("digest", "--query", "gaussian splatting", "--query", "cat:cs.CL")
    assert ended.code == 0
    assert ended.complaints == []
    lines = ended.out.splitlines()
    assert lines[0] == "---"
    assert [line for line in lines if line.startswith("## ")][1:] == [
        "## gaussian splatting",
        "## cat:cs.CL",
    ]


async def test_a_file_is_written_whole_and_in_the_language_asked_for(paperboy: Paperboy) -> None:
    page = paperboy.folder / "page.md"
    page.write_text("yesterday's")
    ended = await paperboy(
        "digest", "--query", "gaussian splatting", "--language", "zh-cn", "--out", "page.md"
    )
    assert (ended.code, ended.out) == (0, "page.md: 1 topics, 10 rows.")
    assert page.read_text(encoding="utf-8").count("\n|**20") == 10
    assert {call.target for call in paperboy.libre.calls} == {"zh"}
    assert sorted(path.name for path in paperboy.folder.iterdir()) == [
        ".env",
        "data",
        "page.md",
        "tmp",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "missing/page.md"], "missing/page.md can't be written: No such file"),
        (["--language", "xx"], "--language xx: the engines can do only en, zh-CN, zh-TW, ja"),
        (["--query", "nerf ("], "--query 'nerf ('"),
    ],
)
async def test_what_can_not_be_done_is_said_before_arxiv_is_asked(
    paperboy: Paperboy, arguments: list[str], words: str
) -> None:
    ended = await paperboy("digest", "--query", "nerf", *arguments)
    (line,) = ended.complaints
    assert words in line
    assert (ended.code, ended.out) == (1, "")
    assert paperboy.arxiv.requests == []


async def test_a_page_that_fails_leaves_the_old_one_alone(paperboy: Paperboy) -> None:
    page = paperboy.folder / "page.md"
    page.write_text("yesterday's")
    paperboy.arxiv.down = True
    ended = await paperboy("digest", "--query", "nerf", "--out", "page.md")
    (line,) = ended.complaints
    assert "arXiv gave no answer for 'nerf': HTTP 503" in line
    assert ended.code == 1
    assert page.read_text() == "yesterday's"
    assert sorted(path.name for path in paperboy.folder.iterdir()) == [
        ".env",
        "data",
        "page.md",
        "tmp",
    ]


async def test_without_a_query_it_is_the_chat_s_page_and_of_several_one_is_chosen(
    paperboy: Paperboy,
) -> None:
    ended = await paperboy("digest")
    assert ended.complaints == [
        "no chat follows a topic yet; --query makes a digest without a chat"
    ]
    await paperboy.follow(5, "nerf", language="es")
    paperboy.libre.fault = Fault.SERVER_ERROR
    assert (await paperboy("sweep")).code == 0
    only = await paperboy("digest")
    assert only.code == 0
    assert "## nerf" in only.out
    (note,) = only.complaints
    assert note.endswith(" abstracts are in the original: no engine answered")

    await paperboy.follow(-100, "gaussian splatting")
    which, named = await asyncio.gather(paperboy("digest"), paperboy("digest", "--chat", "-100"))
    assert which.complaints == ["which chat? --chat ID, one of 5, -100; or --query"]
    assert "## gaussian splatting" in named.out


async def test_a_reader_who_goes_away_is_no_mistake(paperboy: Paperboy) -> None:
    ended = await (await paperboy.start("digest", "--query", "nerf", deaf=True)).end(None)
    assert ended.complaints == []
    assert ended.code == 1
