"""Reading lists of other programs: previewed, then saved in the background."""

import pytest

from storage import papers
from tests.bot_under_test import BotUnderTest
from tests.handlers.test_transfer import send


async def known_ids(app: BotUnderTest, count: int) -> list[str]:
    """Return the ids of papers that arXiv knows."""
    async with app.database.reading() as session:
        return [paper.id for paper in await papers.newest(session=session, limit=count)]


def bib(ids: list[str]) -> str:
    return "".join(f"@misc{{a{one}, eprint = {{{one}}}, archivePrefix={{arXiv}}}}\n" for one in ids)


async def test_a_list_says_what_it_would_save_and_saves_it(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    ids = await known_ids(app, 3)
    list_ = bib([*ids, "9999.99999"]) + "@book{b, title = {No id}}\n"
    offered = await send(app, app.ada, list_, "My Library.bib")
    assert offered.text == (
        "A reading list\n☆ 4 papers to save\n1 entry has neither an arXiv id nor a DOI that I know."
    )
    app.telegram.tap(app.ada, offered, "☆ Save them")
    await app.until(lambda: offered.text.startswith("★ 3 papers saved"))
    assert "arXiv does not know 1 of them." in offered.text
    assert "3" in (await app.say(app.ada, "/saved")).text.splitlines()[0]
    again = await send(app, app.ada, bib(ids), "again.bib")
    assert again.text == "A reading list\n3 papers are saved already."
    assert again.buttons == []


async def test_a_file_that_is_no_list_is_refused_kindly(app: BotUnderTest) -> None:
    refused = await send(app, app.ada, "just words", "a.ris")
    assert refused.text.startswith("I find no papers in this file.")
    large = await send(app, app.ada, b"x" * 10_000_001, "a.bib")
    assert large.text.startswith("This list is too large: 2,000 papers and 10 MB at most.")


async def test_arxiv_that_is_down_keeps_what_is_saved_and_says_so(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    offered = await send(app, app.ada, bib(["2401.00001"]), "a.bib")
    app.arxiv.down = True
    app.telegram.tap(app.ada, offered, "☆ Save them")
    await app.until(lambda: "arXiv isn't answering" in offered.text)
    assert offered.text.startswith("★ 0 papers saved")


@pytest.mark.parametrize("name", ["zotero.csv", "ZOTERO.CSV"])
async def test_zotero_s_csv(app: BotUnderTest, name: str) -> None:
    await app.follow(app.ada, "transformer")
    [paper_id] = await known_ids(app, 1)
    offered = await send(
        app, app.ada, f'"Key","Url","DOI"\n"A","http://arxiv.org/abs/{paper_id}",""\n', name
    )
    assert "☆ 1 paper to save" in offered.text
