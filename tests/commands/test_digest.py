"""`paperboy digest`: a page on standard output or in a file, or one line that says why not."""

import asyncio

import pytest

from bot.playground.translator.stand_in import TranslatorFault
from tests.commands.paperboy import Paperboy


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


@pytest.mark.slow
async def test_a_page_has_the_first_topics_and_the_newest_papers_only(paperboy: Paperboy) -> None:
    topics = ("--query", "gaussian splatting", "--query", "cat:cs.CL")
    ended = await paperboy("digest", *topics, "--first", "1", "--papers", "3")
    assert ended.code == 0
    assert "## gaussian splatting" in ended.out
    assert "cat:cs.CL" not in ended.out
    assert ended.out.count("\n|**20") == 3


@pytest.mark.slow
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
        (["--query", "nerf cs.CX"], "unknown category at 5: 'cs.CX'; did you mean 'nerf cs.CV'?"),
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


@pytest.mark.slow
async def test_without_a_query_it_is_the_chat_s_page_and_of_several_one_is_chosen(
    paperboy: Paperboy,
) -> None:
    ended = await paperboy("digest")
    assert ended.complaints == [
        "no chat follows a topic yet; --query makes a digest without a chat"
    ]
    await paperboy.follow(5, "nerf", language="es")
    paperboy.libre.fault = TranslatorFault.SERVER_ERROR
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


@pytest.mark.slow
async def test_a_reader_who_goes_away_is_no_mistake(paperboy: Paperboy) -> None:
    ended = await (await paperboy.start("digest", "--query", "nerf", deaf=True)).end(None)
    assert ended.complaints == []
    assert ended.code == 1


async def test_a_file_of_topics_makes_a_page_and_the_next_run_translates_only_what_is_new(
    paperboy: Paperboy,
) -> None:
    (paperboy.folder / "topics.toml").write_text(
        "[topics]\nSplats = '\"gaussian splatting\"'\nNLP = 'cat:cs.CL'\n"
        "[page]\nlanguage = 'zh-CN'\npapers = 3\ncontents = true\n"
    )
    wish = ("digest", "--topics", "topics.toml", "--authors", "--out", "page.md")
    ended = await paperboy(*wish)
    assert (ended.code, ended.out, ended.complaints) == (0, "page.md: 2 topics, 6 rows.", [])
    page = (paperboy.folder / "page.md").read_bytes()
    assert b"- [Splats](#topic-1) (3)\n- [NLP](#topic-2) (3)\n" in page
    assert page.count(b"<br>") == 6
    translated = len(paperboy.libre.calls)
    assert translated
    again = await paperboy(*wish, TELEGRAM_BOT_TOKEN=None)
    assert again.code == 0
    assert (paperboy.folder / "page.md").read_bytes() == page, "the same data, the same bytes"
    assert len(paperboy.libre.calls) == translated


@pytest.mark.slow
async def test_a_topic_that_arxiv_does_not_answer_for_is_shown_as_it_was(
    paperboy: Paperboy,
) -> None:
    (paperboy.folder / "topics.yaml").write_text("topics: {Splats: gaussian splatting, X: zyzzy}")
    assert (await paperboy("digest", "--topics", "topics.yaml")).code == 0
    paperboy.sql("update topic set backfilled_at = '2020-01-01 00:00:00' where query like '%spl%'")
    paperboy.arxiv.down = True
    ended = await paperboy("digest", "--topics", "topics.yaml")
    assert ended.code == 0
    assert ended.out.count("\n|**20") == 10
    (line,) = ended.complaints
    assert line.startswith("arXiv gave no answer for 'Splats': HTTP 503")
    assert line.endswith("; what was known before is shown")


@pytest.mark.parametrize(
    ("content", "words"),
    [("topics: {x: '('}", "topics.yaml: x: "), ("## x", "names no topic")],
)
async def test_a_file_that_makes_no_sense_is_refused_before_arxiv_is_asked(
    paperboy: Paperboy, content: str, words: str
) -> None:
    (paperboy.folder / "topics.yaml").write_text(content if content[0] == "t" else "a: b")
    ended = await paperboy("digest", "--topics", "topics.yaml")
    (line,) = ended.complaints
    assert words in line
    assert ended.code == 1
    assert paperboy.arxiv.requests == []


async def test_a_page_that_people_have_becomes_subscriptions_of_a_chat(paperboy: Paperboy) -> None:
    table = "\n\n|a|b|\n|---|---|\n|c|d|\n\n"
    (paperboy.folder / "old.md").write_text(f"## nerf{table}## 图像分割{table}## SLAM{table}")
    unknown = await paperboy("import", "old.md", "--chat", "5")
    assert unknown.complaints == ["no chat 5 is known; it has to write to the bot first"]
    await paperboy.follow(5, "SLAM")
    ended = await paperboy("import", "old.md", "--chat", "5")
    assert ended.code == 0
    assert ended.out.splitlines()[1] == ("1 topics are new to the chat, 1 it follows already.")
    assert ended.complaints == ["图像分割: arXiv is English, so this needs a query: /subscribe"]
    assert paperboy.sql("select label from subscription order by position") == [
        ("nerf",),
        ("SLAM",),
    ]
