"""The digest keeps the form that people know, whatever stands in it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.digest.markdown import Digest, Form, Section, file_name, render
from bot.tex.to_unicode import readable, to_text
from bot.translation.paper_view import PaperView
from tests.hostile import hostile_text
from tests.material import shared_data

Make = Callable[..., PaperView]
DAY = date(2024, 6, 18)
with_fixture = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
HEAD = """\
---
layout: default
---

## Updated on 2024.06.18
> Usage instructions: [here](./docs/README.md#usage)

"""
TABLE_HEAD = """\
| Publish Date | Title | Code | Abstract |
|:---------|:-----------------------|:------|:-------------------------------------------------|
"""


class Cell(NamedTuple):
    text: str
    links: list[str]
    marks: list[str]
    html: set[str]


class Page(NamedTuple):
    headings: list[str]
    rows: list[list[Cell]]
    paragraphs: list[str]
    other: set[str]


def read(page: str) -> Page:
    """Read a page as GitHub's parser would, its front matter aside."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Link texts are compared as they were written, so nothing is decoded for display.
    parser.normalizeLinkText = str  # type: ignore[method-assign, assignment]  # as its docs do
    found = Page([], [], [], set())
    tokens = parser.parse(page.removeprefix("---\nlayout: default\n---\n"))
    in_table = False
    for before, token in pairwise(tokens):
        if token.type == "tbody_open":
            in_table = True
        elif token.type == "tbody_close":
            in_table = False
        elif in_table and token.type == "tr_open":
            found.rows.append([])
        elif token.type == "inline":
            if in_table:
                found.rows[-1].append(cell(token))
            elif before.type == "heading_open":
                found.headings.append(cell(token).text)
            elif before.type == "paragraph_open":
                found.paragraphs.append(cell(token).text)
        else:
            found.other.add(token.type)
    return found


def cell(token: Token) -> Cell:
    def flat(children: list[Token]) -> Iterator[Token]:
        for child in children:
            yield child
            yield from flat(child.children or [])

    tokens = list(flat(token.children or []))
    return Cell(
        "".join(t.content for t in tokens if t.type in {"text", "code_inline", "text_special"}),
        [str(t.attrs["href"]) for t in tokens if t.type == "link_open"],
        [t.type for t in tokens if t.type not in {"text", "text_special", "html_inline"}],
        {t.content for t in tokens if t.type == "html_inline"},
    )


def same(text: str) -> str:
    """Return a text without white space and invisible characters, which the page may change."""
    text = re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]", "", text)
    text = re.sub("[\u202a-\u202e\u2066-\u2069\\s]", "", text)
    return text.replace(r"\Vert", r"\|").replace(r"\vert", "|")


def reads(shown: str, tex: str) -> bool:
    """Tell whether what is shown reads as TeX is meant, its formulas as TeX or as text."""
    meant = "".join(
        f"(?:{re.escape(same(span.text))}|{re.escape(same(f'${span.source}$'))})"
        if span.formula
        else re.escape(same(span.text))
        for span in readable(tex)
    )
    return re.fullmatch(meant, same(shown)) is not None


def digest(*papers: PaperView, language: str = "en", label: str = "nerf") -> Digest:
    return Digest(DAY, (Section(label, papers),), language)


def check_rows(page: str, papers: list[PaperView]) -> None:
    assert "{{" not in page
    assert "{%" not in page
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", page)
    seen = read(page)
    assert len(seen.rows) == len(papers)
    assert {mark for row in seen.rows for cell in row for mark in cell.html} <= {"<wbr>"}
    for row, paper in zip(seen.rows, papers, strict=True):
        assert len(row) == 4
        day, title, code, abstract = row
        assert (day.text, day.marks) == (str(paper.published_on), ["strong_open", "strong_close"])
        assert title.links == [paper.abs_url]
        assert {*title.marks} <= {"link_open", "link_close", "code_inline"}
        assert reads(title.text, paper.title) or title.text == paper.id
        assert code.text == ("link" if paper.code_url else "null")
        assert code.links == ([paper.code_url] if paper.code_url else [])
        assert {*abstract.marks} <= {"link_open", "link_close", "code_inline"}
        assert reads(abstract.text, paper.abstract), (abstract.text, paper.abstract)


def test_the_page_has_its_known_form(make_paper: Make) -> None:
    papers = (
        make_paper("2406.00001", code_url="https://github.com/a/b"),
        make_paper("2406.00002", title="Other"),
    )
    page = render(Digest(DAY, (Section("3DGS", papers), Section("nerf", ()))))
    assert page == HEAD + "## 3DGS\n\n" + TABLE_HEAD + (
        "|**2024-06-17**|[Other](https://arxiv.org/abs/2406.00002)|null|An abstract.|\n"
        "|**2024-06-17**|[A Title](https://arxiv.org/abs/2406.00001)|"
        "**[link](https://github.com/a/b)**|An abstract.|\n"
        "\n## nerf\n\nNo papers known yet.\n\n"
    )


@pytest.mark.parametrize(
    ("abstract", "written"),
    [
        ("a|b", "a&#124;b"),
        ("so \\", "so &#92;"),
        ("one\r\ntwo\nthree", "one two three"),
        ("[x](y) *z* `c` <x>", r"\[x\](y) \*z\* \`c\` \<x\>"),
        ("Q&A &lt; &copy;", r"Q&A \< &amp;copy;"),
        ("GenM$^3$, 5$\\times$ faster, $k$th", "GenM³, 5× faster, kth"),
        (r"$\operatorname{rank}(A)$, $\unicode{x3b1}$", "rank(A), α"),
        (r"$k$-means, \textbf{X}, Schr\"odinger", "$k$-means, X, Schrödinger"),
        ("costs $5 and $6", r"costs \$5 and \$6"),
        ("$x_i + y$", "$x_i + y$"),
        ("$x_{i}^2$", "$x_{i}^2$"),
        (r"$\{x\} * \bar{y}_{j}$", r"$`\{x\} * \bar{y}_{j}`$"),
        (r"$82.6\%$", r"$`82.6\%`$"),
        (r"$|x| \le \|y\|$", r"$\vert x\vert  \le \Vert y\Vert$"),
        (r"\(x\) and $$y$$", "$x$ and $y$"),
        ("${{\\rm x}}$ {{ y }} {% z %}", "${ {\\rm x}}$ &#123;{ y }} &#123;% z %}"),
        ("at https://a.b/c_d.", "at <https://a.b/c_d>."),
        ("https://a.b/c代码", "<https://a.b/c>代码"),
        (r"https://a.b/c\_d", "<https://a.b/c_d>"),
        ("(https://a.b/c_(d))", "(<https://a.b/c_(d)>)"),
    ],
)
def test_a_cell_is_written_so_that_it_reads_the_same(
    make_paper: Make, abstract: str, written: str
) -> None:
    paper = make_paper(abstract=abstract)
    page = render(digest(paper))
    assert f"|null|{written}|\n" in page
    check_rows(page, [paper])


@pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.slow)])
def test_every_real_paper_is_a_row_of_four_cells(real_papers: list[PaperView], every: int) -> None:
    some = real_papers[::every]
    newest = sorted(some, key=lambda paper: (paper.published_at, paper.id), reverse=True)
    check_rows(render(digest(*some)), newest)


@with_fixture
@given(st.data())
def test_no_text_leaves_its_cell(make_paper: Make, data: st.DataObject) -> None:
    text = hostile_text(15)
    papers = [
        make_paper(
            f"2406.{number:05}",
            title=data.draw(text),
            abstract=data.draw(text),
            code_url=data.draw(st.sampled_from([None, "https://a.b/c_d?e=f&g=%7C"])),
        )
        for number in (3, 2, 1)
    ]
    check_rows(render(digest(*papers)), papers)


@with_fixture
@given(label=hostile_text(8))
def test_a_label_is_a_heading_and_nothing_else(make_paper: Make, label: str) -> None:
    page = read(render(digest(make_paper(), label=label)))
    assert len(page.headings) == 2
    assert same(page.headings[1]) == (same(label) or "—")
    assert len(page.rows) == 1


def test_rows_are_newest_first_whatever_order_they_come_in(make_paper: Make) -> None:
    noon = datetime(2024, 6, 17, 12, tzinfo=UTC)
    papers = [
        make_paper("2406.00001", published_at=noon),
        make_paper("2406.00003", published_at=noon - timedelta(days=1)),
        make_paper("2406.00002", published_at=noon),
    ]
    pages = {render(digest(*order)) for order in (papers, papers[::-1])}
    assert len(pages) == 1
    ids = re.findall(r"abs/([\d.]+)\)", pages.pop())
    assert ids == ["2406.00002", "2406.00001", "2406.00003"]


def test_a_code_address_that_is_none_is_null(make_paper: Make) -> None:
    assert "|null|" in render(digest(make_paper(code_url="javascript:alert(1)")))


def test_addresses_cannot_close_their_brackets(make_paper: Make) -> None:
    page = render(digest(make_paper(code_url="https://a.b/(c)|<d> e\n&copy;")))
    [[_day, _title, code, _abstract]] = read(page).rows
    assert code.links == ["https://a.b/%28c%29%7C%3Cd%3E%20e%20&copy;"]


def test_missing_translations_are_said_once_under_the_table(make_paper: Make) -> None:
    mixed = [make_paper("2406.00001"), make_paper("2406.00002", translated=True)]
    assert len(read(render(digest(*mixed, language="zh-CN"))).paragraphs) == 2
    assert len(read(render(digest(mixed[1], language="zh-CN"))).paragraphs) == 1
    assert len(read(render(digest(*mixed, language="en"))).paragraphs) == 1


def test_file_names_sort_by_date_and_say_what_is_in_the_file() -> None:
    assert file_name(date(2026, 11, 24)) == "paperboy-2026-11-24.md"
    assert file_name(date(2026, 11, 24), "7d", "../多模态 NeRF/x", "zh-CN") == (
        "paperboy-2026-11-24-7d-..-nerf-x-zh-cn.md"
    )
    assert len(file_name(date(2026, 11, 24), "x" * 300)) < 100
    days = [date(2026, 11, 24) + timedelta(days=step) for step in range(60)]
    assert sorted(map(file_name, days)) == [file_name(day) for day in days]


def test_the_page_people_know_comes_out_as_it_went_in() -> None:
    """Read from its own rows and rendered again, only the order and escapes differ."""
    page = shared_data("seed_digest.md").read_text(encoding="utf-8")
    row = re.compile(
        r"\|\*\*(.*?)\*\*\|\[(.*)\]\((.*?)\)\|(?:null|\*\*\[link\]\((.*?)\)\*\*)\|(.*)\|"
    )
    sections = []
    for part in page.split("\n## ")[2:]:
        label, _, table = part.partition("\n")
        papers = []
        for line in table.splitlines():
            if found := row.fullmatch(line):
                day, title, url, code, abstract = found.groups()
                papers.append(
                    PaperView(
                        id=url.rsplit("/", 1)[1],
                        version=1,
                        title=title,
                        abstract=abstract,
                        authors=(),
                        categories=(),
                        published_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
                        abs_url=url,
                        pdf_url="",
                        code_url=code,
                        translated=True,
                    )
                )
        sections.append(Section(label, tuple(papers)))
    assert [len(section.papers) for section in sections] == [10] * 11
    again = render(Digest(DAY, tuple(sections), language="zh-CN"))

    # The seed's days go up and down within a section; here the newest are first.
    before, after = known_order(page), known_order(again)
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    for old, new in changed:
        # Addresses are marked as such, so that the Chinese behind them is no part of them; marks
        # that Markdown could take for its own are escaped; formulas it would damage are fenced.
        # Formulas that GitHub would not draw are text, and dashes and quotes are as they are meant.
        plain = re.sub(r"<(https?://[^>]*)>", r"\1", new).replace("$`", "$").replace("`$", "$")
        assert to_text(re.sub(r"\\([\\_~<>*\[\]$])", r"\1", plain)) == to_text(old)
    assert len(changed) < 60


def known_order(page: str) -> list[str]:
    """Return the page's lines, the rows of each section in the order of their ids."""
    lines: list[str] = []
    for part in page.split("\n## "):
        rows = [line for line in part.splitlines() if line.startswith("|**")]
        others = [line for line in part.splitlines() if not line.startswith("|**")]
        lines += others + sorted(rows, key=lambda line: re.findall(r"abs/([\d.]+)", line))
    return lines


def test_the_contents_lead_to_every_topic_whatever_its_name(make_paper: Make) -> None:
    labels = ["3DGS", "多模态", "[x](y) | `z`", "3DGS"]
    sections = tuple(Section(label, (make_paper(),)) for label in labels)
    page = render(Digest(DAY, sections), Form(contents=True))
    listed = re.findall(r"^- \[(.*)\]\(#(topic-\d)\) \(1\)$", page, re.MULTILINE)
    assert [anchor for _label, anchor in listed] == [f"topic-{n}" for n in range(1, 5)]
    assert re.findall(r'<a id="(.*)"></a>\n\n## ', page) == [anchor for _, anchor in listed]
    assert len(read(page).rows) == 4


def test_authors_and_category_stand_below_the_title(make_paper: Make) -> None:
    many = make_paper(authors=tuple("ABCDEFG"), categories=("cs.CV", "cs.LG"))
    form = Form(authors=True, category=True)
    assert "2406.11840)<br>A, B, C, D, E … (+2) · cs.CV|null|" in render(digest(many), form)
    odd = render(digest(make_paper(authors=("E. |<b>", ""))), form)
    assert len(read(odd).rows[0]) == 4


def test_a_very_long_word_may_be_broken_and_reads_the_same(make_paper: Make) -> None:
    paper = make_paper(title="x" * 130, abstract="so " + "https-" * 30 + " ende")
    page = render(digest(paper))
    assert "x" * 40 + "<wbr>" + "x" * 40 + "<wbr>" in page
    check_rows(page, [paper])


def test_the_last_line_says_who_translated(make_paper: Make) -> None:
    papers = [
        make_paper("2406.00001", translated=True, engine="mymemory"),
        make_paper("2406.00002", translated=True, engine="google"),
        make_paper("2406.00003", translated=True, engine="google"),
        make_paper("2406.00004"),
    ]
    assert render(digest(*papers, language="de")).endswith(
        "\n\nTranslated by Google Translate, MyMemory\n"
    )
    assert "译文由 Google Translate, MyMemory 提供\n" in render(digest(*papers, language="zh-CN"))
    assert "Traducido por Google Translate, MyMemory\n" in render(digest(*papers, language="es"))
    assert "Translated by" not in render(digest(make_paper(), language="de"))
