"""The site: every file is what it should be, whatever authors and chats wrote."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.markdown import Digest, Section
from bot.site.folder import claim, write
from bot.site.site import Site, files, slug
from bot.translation.paper_view import PaperView
from tests.hostile import hostile_text
from tests.tex.test_mathml import ELEMENTS

ATOM = "{http://www.w3.org/2005/Atom}"
TAGS = {"html", "head", "meta", "title", "style", "body", "header", "h1", "p", "time", "form"}
TAGS |= {"label", "input", "select", "option", "main", "section", "h2", "svg", "rect", "article"}
TAGS |= {"h3", "a", "strong", "script", "link", "output", "nav", "details", "summary", "ul", "li"}
TAGS |= {"span", "button", *ELEMENTS}


def paper(title: str = "Title", abstract: str = "Abstract", **changes: Any) -> PaperView:
    plain = PaperView(
        id="2406.11840",
        version=1,
        title=title,
        abstract=abstract,
        authors=("Ada",),
        categories=("cs.CV",),
        published_at=datetime(2026, 11, 20, tzinfo=UTC),
        abs_url="https://arxiv.org/abs/2406.11840",
        pdf_url="https://arxiv.org/pdf/2406.11840",
        translated=True,
    )
    return replace(plain, **changes)


def site(label: str = "3DGS", *papers: PaperView) -> Site:
    shown = Digest(date(2026, 11, 25), (Section(label, papers),), language="zh-CN")
    return Site(shown, {"2406.11840": paper("English", "In English")}, ("3dgs",), ((0, 2, 4),))


class Reader(HTMLParser):
    """Notes every tag and attribute that a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _value in attrs)
        for name, value in attrs:
            if name == "href":
                own = re.fullmatch(
                    r"README\.md|papers\.json|topics/[a-z0-9-]+\.xml|#topic=[a-z0-9-]+", value or ""
                )
                assert own or (value or "").startswith(("https://", "http://"))


def test_a_site_has_its_files_and_the_same_site_has_the_same() -> None:
    made = files(site("3DGS", paper()))
    assert set(made) == {
        "README.md",
        "archive/2026-11-25.md",
        "papers.json",
        "index.html",
        f"topics/{slug('3DGS', '3dgs')}.xml",
    }
    assert made == files(site("3DGS", paper()))


@settings(max_examples=60, deadline=None)
@given(title=hostile_text(), abstract=hostile_text(), label=hostile_text(12), code=st.text())
def test_nothing_that_others_wrote_becomes_markup(
    title: str, abstract: str, label: str, code: str
) -> None:
    wrote = paper(title, abstract, authors=(title, label), categories=(label,), code_url=code)
    wrote = replace(wrote, key_sentence=title)
    made = files(site(label, wrote))
    page = Reader(made["index.html"])
    assert set(page.tags) <= TAGS
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert page.tags.count("article") == 1
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    [feed] = [text for name, text in made.items() if name.endswith(".xml")]
    assert len(ET.fromstring(feed.encode()).findall(f"{ATOM}entry")) == 1  # noqa: S314 - our own
    assert len(json.loads(made["papers.json"])["papers"]) == 1
    for text in made.values():
        text.encode("utf-8", "replace").decode()


def test_the_page_loads_nothing_from_anywhere() -> None:
    page = files(site("3DGS", paper()))["index.html"]
    assert "default-src 'none'" in page
    assert not {"src", "srcset", "style"} & Reader(page).attributes
    assert not re.findall(r"<link (?!rel=\"alternate\" )", page)


def test_a_translated_abstract_has_its_original_beside_it() -> None:
    page = files(site("3DGS", paper(abstract="摘要")))["index.html"]
    assert '<p class="translated" lang="zh-CN">摘要</p>' in page
    assert '<p class="original" lang="en" hidden>In English</p>' in page


def test_a_paper_on_two_topics_stands_once_below_both_of_them() -> None:
    both = Digest(
        date(2026, 11, 25), (Section("3DGS", (paper(),)), Section("Poses", (paper(),))), "en"
    )
    made = files(Site(both, {}, ("3dgs", "poses"), ((), ())))["index.html"]
    [article] = re.findall(r"<article.*?</article>", made)
    first, second = slug("3DGS", "3dgs"), slug("Poses", "poses")
    assert f'data-topics="{first} {second}"' in article
    assert re.findall(r'href="#topic=([^"]+)"', article) == [first, second]


def test_feed_readers_find_the_feeds() -> None:
    made = files(site("A & B", paper()))
    [(title, address)] = re.findall(
        r'<link rel="alternate" type="application/atom\+xml" title="(.*?)" href="(.*?)">',
        made["index.html"],
    )
    assert title == "A &amp; B"
    assert address in made


def test_an_entry_is_updated_by_a_new_version_and_by_a_later_translation() -> None:
    def updated(changed_at: datetime | None) -> list[str | None]:
        made = files(site("X", paper(changed_at=changed_at)))
        [text] = [text for name, text in made.items() if ".xml" in name]
        root = ET.fromstring(text.encode())  # noqa: S314 - our own
        return [element.text for element in root.iter(f"{ATOM}updated")]

    assert updated(None) == ["2026-11-20T00:00:00Z"] * 2
    assert updated(datetime(2026, 11, 22, 7, 30, tzinfo=UTC)) == ["2026-11-22T07:30:00Z"] * 2


def test_an_abstract_stands_below_its_key_sentence_in_feeds_and_for_programs() -> None:
    wrote = paper(abstract="A < B.", key_sentence="A net of $x$ < 1.", translated=False)
    made = files(replace(site("3DGS", wrote), original={wrote.id: wrote}))
    [text] = [text for name, text in made.items() if name.endswith(".xml")]
    [summary] = ET.fromstring(text.encode()).iter(f"{ATOM}summary")  # noqa: S314 - our own
    assert summary.attrib == {"type": "html"}
    assert summary.text == "<b>A net of x &lt; 1.</b><br>A &lt; B."
    [told] = json.loads(made["papers.json"])["papers"]
    assert (told["key_sentence"], told["abstract"]) == ("A net of x < 1.", "A < B.")


def test_a_feed_s_ids_stay_when_its_papers_change() -> None:
    def ids(*papers: PaperView) -> list[str | None]:
        [text] = [text for name, text in files(site("X", *papers)).items() if ".xml" in name]
        root = ET.fromstring(text.encode())  # noqa: S314 - our own
        return [element.text for element in root.iter(f"{ATOM}id")]

    assert ids(paper("Another title", version=2)) == ids(paper())
    assert ids()[0] == ids(paper())[0]
    assert ids(paper())[1] == "https://arxiv.org/abs/2406.11840"


def test_what_would_not_change_is_not_written_again(tmp_path: Path) -> None:
    assert write(tmp_path, {"a.md": "a", "deep/b.md": "b"}) == 2
    before = (tmp_path / "a.md").stat().st_mtime_ns
    assert write(tmp_path, {"a.md": "a", "deep/b.md": "c"}) == 1
    assert (tmp_path / "a.md").stat().st_mtime_ns == before
    assert (tmp_path / "deep/b.md").read_text() == "c"
    assert {path.name for path in tmp_path.rglob("*.*")} == {"a.md", "b.md"}


def test_who_reads_while_it_is_written_never_sees_half_a_file(tmp_path: Path) -> None:
    place = tmp_path / "index.html"
    texts = ["a" * 1_000_000, "b" * 1_000_000]
    write(tmp_path, {"index.html": texts[0]})
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(
            lambda: [write(tmp_path, {"index.html": texts[turn % 2]}) for turn in range(1, 21)]
        )
        while not writing.done():
            assert place.read_text() in texts
    assert writing.result() == [1] * 20


def test_a_file_that_can_t_be_written_leaves_the_others_whole(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a"})
    (tmp_path / "b.md").mkdir()
    with pytest.raises(OSError, match=r"b\.md"):
        write(tmp_path, {"b.md": "b", "a.md": "changed"})
    assert (tmp_path / "a.md").read_text() == "a"
    assert {path.name for path in tmp_path.iterdir()} == {"a.md", "b.md"}


def test_no_file_of_somebody_else_s_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("my own page")
    with pytest.raises(OSError, match="not Paperboy's"):
        claim(tmp_path, ["README.md", "index.html"])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    claim(tmp_path, ["README.md"])
    claim(tmp_path, ["README.md", "index.html"])


def test_a_site_from_before_there_was_a_mark_is_ours(tmp_path: Path) -> None:
    write(tmp_path, {"index.html": "a page", "papers.json": '{"topics": [], "papers": []}'})
    claim(tmp_path, ["index.html", "papers.json"])
    assert (tmp_path / ".paperboy").is_file()
