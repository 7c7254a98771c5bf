"""What GitHub's own parser makes of the digest: cmark-gfm, through its Python binding."""

import dataclasses

import cmarkgfm
import pytest
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.digest.markdown import Digest, Form, Section, render
from bot.translation.paper_view import PaperView
from tests.digest.test_markdown import DAY, Make, reads
from tests.hostile import hostile_text

FULL = Form(contents=True, authors=True, category=True)


def check(papers: list[PaperView], form: Form) -> None:
    page = render(Digest(DAY, (Section("nerf", tuple(papers)),)), form)
    html = cmarkgfm.github_flavored_markdown_to_html(
        page.removeprefix("---\nlayout: default\n---\n"), options=Options.CMARK_OPT_UNSAFE
    )
    seen = BeautifulSoup(html, "lxml")
    allowed = {"html", "body", "h2", "blockquote", "p", "a", "table", "thead", "tbody", "tr", "th"}
    allowed |= {"td", "strong", "code", "wbr", "br", "ul", "li"}
    assert {tag.name for tag in seen.find_all(True)} <= allowed
    rows = seen.select("tbody tr")
    assert len(rows) == len(papers)
    for row, paper in zip(rows, papers, strict=True):
        day, title, code, abstract = row.find_all("td")
        assert day.get_text() == str(paper.published_on)
        link = title.find_all("a")[0]
        assert link["href"] == paper.abs_url
        assert reads(link.get_text(), paper.title) or link.get_text() == paper.id
        assert code.get_text() == ("link" if paper.code_url else "null")
        assert [link["href"] for link in code.find_all("a")] == (
            [paper.code_url] if paper.code_url else []
        )
        # GitHub's own reader of formulas takes the fence away.
        assert reads(abstract.get_text(), paper.abstract)


@pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.slow)])
def test_every_real_paper_reads_on_github_as_it_was_written(
    real_papers: list[PaperView], every: int
) -> None:
    newest = sorted(real_papers, key=lambda paper: (paper.published_at, paper.id), reverse=True)
    check(newest[::every], FULL)


@pytest.mark.parametrize("address", ["https://a.b/", "ftp://a.b/", "www.a.b", "WWW.a.b"])
@pytest.mark.parametrize("tag", ["<b a=>c", "$a<b>c$", "`<b>`", "*c*"])
def test_an_address_takes_no_mark_behind_it_along(make_paper: Make, address: str, tag: str) -> None:
    paper = dataclasses.replace(
        make_paper(title=address + tag, abstract=address + tag), authors=(address + tag,)
    )
    check([paper], FULL)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(st.data())
def test_no_hostile_text_leaves_its_cell_on_github(make_paper: Make, data: st.DataObject) -> None:
    text = hostile_text(15)
    paper = dataclasses.replace(
        make_paper(title=data.draw(text), abstract=data.draw(text)),
        authors=(data.draw(text), data.draw(text)),
        categories=(data.draw(text),),
        code_url=data.draw(st.sampled_from([None, "https://a.b/c_d?e=f&g=%7C"])),
    )
    check([paper], data.draw(st.sampled_from([Form(), FULL])))
