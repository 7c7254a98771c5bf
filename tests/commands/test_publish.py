"""`paperboy publish`: the site, once, now."""

from tests.commands.paperboy import Paperboy


async def test_the_site_is_written_once_and_then_only_what_changed(paperboy: Paperboy) -> None:
    await paperboy.follow(5, "cat:cs.CV")
    assert (await paperboy("sweep")).code == 0
    first = await paperboy("publish", PUBLISH_DIR="site")
    assert (first.code, first.out) == (0, "site: 5 files changed.")
    page = (paperboy.folder / "site/index.html").read_text()
    assert page.count("<article ") == 10
    again = await paperboy("publish", PUBLISH_DIR="site")
    assert (again.code, again.out) == (0, "site: 0 files changed.")


async def test_a_file_of_topics_becomes_a_site_without_any_chat(paperboy: Paperboy) -> None:
    (paperboy.folder / "topics.toml").write_text(
        "[topics]\nSplats = '\"gaussian splatting\"'\n[page]\npapers = 2\n"
    )
    wish = ("publish", "--topics", "topics.toml", "--language", "zh-cn")
    ended = await paperboy(*wish, PUBLISH_DIR="site")
    assert (ended.code, ended.out, ended.complaints) == (0, "site: 5 files changed.", [])
    page = (paperboy.folder / "site/index.html").read_text()
    assert page.count(">Splats</a>") == 1 + 2, "in the list of topics, and on each paper"
    assert page.count('<p class="translated" lang="zh-CN"') == page.count("<article ") == 2


async def test_without_a_folder_to_write_to_it_is_one_line(paperboy: Paperboy) -> None:
    unset = await paperboy("publish")
    assert (unset.code, unset.out) == (1, "")
    assert unset.complaints == ["PUBLISH_DIR is not set, so there is no folder to publish to"]
    impossible = await paperboy("publish", PUBLISH_DIR=".env")
    assert (impossible.code, impossible.out) == (1, "")
    [line] = impossible.complaints
    assert ".env can't be written: " in line
    checked = await paperboy("check", PUBLISH_DIR=".env/site")
    assert checked.code == 1
    assert "✗ site: .env/site can't be written: Not a directory" in checked.out
