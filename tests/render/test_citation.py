"""BibTeX and RIS: every real paper makes entries that nothing in it can break."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.render.citation import Entry, bibtex, bibtex_file, ris_file
from storage.models import Paper


def paper(
    title: str = "Attention Is All You Need", authors: tuple[str, ...] = ("Ada Lovelace",)
) -> Paper:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    return Paper(
        id="2611.00001",
        title=title,
        abstract="We report.",
        authors=list(authors),
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


def test_an_entry_reads_as_people_write_it() -> None:
    assert bibtex(paper()) == (
        "@misc{lovelace2026attention,\n"
        "  title = {{Attention Is All You Need}},\n"
        "  author = {Lovelace, Ada},\n"
        "  year = {2026},\n"
        "  eprint = {2611.00001},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CV},\n"
        "  url = {https://arxiv.org/abs/2611.00001},\n"
        "}"
    )


def test_names_with_marks_and_tex_make_plain_keys() -> None:
    assert bibtex(paper("The $\\alpha$-GAN", (r"Bj\"orn Sch\"on",))).startswith("@misc{schon2026")
    assert bibtex(paper("图像", ())).startswith("@misc{arxiv2026")


def test_entries_of_one_file_have_keys_of_their_own() -> None:
    content = bibtex_file([Entry(paper()), Entry(paper()), Entry(paper())])
    keys = [line for line in content.splitlines() if line.startswith("@misc{")]
    assert len(set(keys)) == 3


@given(st.text(), st.lists(st.text(), max_size=3))
def test_braces_pair_up_whatever_a_paper_holds(title: str, authors: list[str]) -> None:
    entry = bibtex(paper(title, tuple(authors)))
    depth = 0
    escaped = False
    for one in entry:
        if escaped:
            escaped = False
            continue
        escaped = one == "\\"
        depth += (one == "{") - (one == "}")
        assert depth >= 0
    assert depth == 0


@given(st.text(), st.text())
def test_every_line_of_ris_is_a_field(title: str, note: str) -> None:
    content = ris_file([Entry(paper(title), note)])
    lines = content.split("\r\n")
    assert lines[0] == "TY  - GEN"
    assert lines[-2] == "ER  - "
    assert all(line[2:6] == "  - " for line in lines if line)


def test_what_zotero_takes_from_bibtex() -> None:
    """https://github.com/zotero/translators/blob/master/BibTeX.js."""
    [read] = entries_of(bibtex_file([Entry(paper(), "read & cite, 100%", ("NeRF, fast", "ai"))]))
    assert read["eprinttype"] == "arxiv"
    assert read["eprint"] == paper().id
    assert read["month"] == "nov"
    assert read["keywords"].split(", ")[:2] == ["NeRF fast", "ai"]
    assert read["annote"] == r"read \& cite, 100\%"
    assert read["abstract"]
    assert read["url"].startswith("https://arxiv.org/abs/")


def entries_of(source: str) -> list[dict[str, str]]:
    """Read entries whose fields stand in braces of their own, one a line."""
    return [
        {
            name: value.strip("{}")
            for name, value in re.findall(r"^  (\w+) = (.*),$", entry, re.MULTILINE)
        }
        for entry in source.split("\n\n")
    ]


def test_what_zotero_takes_from_ris() -> None:
    """https://github.com/zotero/translators/blob/master/RIS.js: an article has no publisher."""
    content = ris_file([Entry(paper(), "a note", ("NeRF; fast",))])
    fields = [line.partition("  - ")[::2] for line in content.split("\r\n") if line]
    told = dict(fields)
    assert "PB" not in told
    assert told["DB"] == "arXiv"
    assert told["AN"] == f"arXiv:{paper().id}"
    assert told["N1"] == "a note"
    assert next(value for tag, value in fields if tag == "KW") == "NeRF fast"
    assert told["AB"]
