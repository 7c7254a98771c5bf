"""Examples: what a message or a file names, by id, DOI, author or words, however hostile it is."""

import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given

from bot.transfer.examples import (
    Example,
    Examples,
    names_in,
    read_examples,
    said_examples,
    write_examples,
)
from bot.transfer.reading_list import LARGEST, ReadingListError
from storage.models import Paper
from storage.seeds import LONGEST_ABSTRACT, LONGEST_TITLE, MOST_SEEDS, _as_paper, of_words
from tests.hostile import hostile_text


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("1706.03762", Examples((Example("1706.03762"),))),
        ("2406.11840, 2406.11841", Examples((Example("2406.11840"), Example("2406.11841")))),
        ("1. 1706.03762 Attention Is All You Need", Examples((Example("1706.03762"),))),
        ("- see https://arxiv.org/abs/hep-th/9901001v2", Examples((Example("hep-th/9901001"),))),
        ("https://doi.org/10.1109/CVPR.2016.90.", Examples((Example(doi="10.1109/cvpr.2016.90"),))),
        ("10.48550/arXiv.1706.03762", Examples((Example("1706.03762"),))),
        ("* “Deep Residual Learning”", Examples(lines=("Deep Residual Learning",))),
        ("https://arxiv.org/a/lecun_y_1", Examples(authors=("y lecun",))),
        ("arxiv.org/a/vandermaaten_l_j_2", Examples(authors=("l j vandermaaten",))),
        ("arxiv.org/a/lecun_y_1.atom2", Examples(authors=("y lecun",))),
        ("https://orcid.org/0000-0002-1825-0097", Examples(orcids=("0000-0002-1825-0097",))),
        ("https://arxiv.org/a/0000-0002-1825-009x", Examples(orcids=("0000-0002-1825-009X",))),
        (
            "arxiv.org/search/?query=0000-0002-1825-0097&searchtype=orcid",
            Examples(orcids=("0000-0002-1825-0097",)),
        ),
        ("Yann LeCun, ORCID: 0000-0002-1825-0097", Examples(lines=("Yann LeCun",))),
        ("Yann LeCun (https://orcid.org/0000-0002-1825-0097)", Examples(lines=("Yann LeCun",))),
        (
            "https://arxiv.org/search/?query=LeCun%2C+Y&searchtype=author",
            Examples(authors=("Y LeCun",)),
        ),
        ("@misc{a, eprint={1706.03762}}", Examples((Example("1706.03762"),))),
        ("@misc{a, title={A {Net}}}", Examples((Example(title="A Net"),))),
        (" \n\n • \n", Examples()),
        ("1706.03762\n1706.03762v2", Examples((Example("1706.03762"),))),
    ],
)
def test_what_a_message_names(said: str, named: Examples) -> None:
    assert said_examples(said) == named


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Yann LeCun", ["Yann LeCun"]),
        ("Y. LeCun and Jean-Pierre Serre", ["Y. LeCun", "Jean-Pierre Serre"]),
        ("Ludwig van der Maaten", ["Ludwig van der Maaten"]),
        ("Émile Borel; Fei-Fei Li", ["Émile Borel", "Fei-Fei Li"]),
        ("deep learning", []),
        ("Attention", []),
        ("GPT-4 Report", []),
        ("How far is the sun", []),
    ],
)
def test_which_lines_may_be_names(line: str, names: list[str]) -> None:
    assert names_in(line) == names


def test_of_a_file_the_newest_count_and_only_so_many() -> None:
    bib = "".join(
        f"@misc{{k{n}, title={{T{n}}}, date={{{1900 + n % 120}-01}}}}" for n in range(500)
    )
    found = read_examples("a.bib", bib.encode())
    assert len(found.papers) == MOST_SEEDS == 100
    assert found.more == 400
    assert all(int(one.title[1:]) % 120 > 90 for one in found.papers)


def test_titles_and_abstracts_are_readable_and_bounded() -> None:
    bib = r"@misc{a, title={{The} {\'E}cole $\alpha$ " + "x" * 9_000 + "}, abstract={" + "y" * 9_000
    [one] = read_examples("a.bib", f"{bib}}}}}".encode()).papers
    assert one.title.startswith("The École α x")
    assert (len(one.title), len(one.abstract)) == (LONGEST_TITLE, LONGEST_ABSTRACT)


@pytest.mark.parametrize(
    "content",
    [
        (b"", b"{"),
        (b"", b"@a{"),
        (b"@a{b, title={", b"\\write18{x}"),
        (b"", b"@string{a = a # a}"),
        (b"", b'@a{b,"'),
        (b"", b"@misc{k, title={Robots}}"),
        (b"@misc{k, title = {", b"{\\input"),
    ],
    ids=lambda content: b"".join(content)[:12],
)
@pytest.mark.parametrize("megabytes", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_ten_megabytes_of_anything_take_seconds_and_leave_little(
    content: tuple[bytes, bytes], megabytes: int
) -> None:
    """A tenth of it shows as well what takes its time by the square of the length."""
    begin, again = content
    size = LARGEST * megabytes // 10
    began = time.process_time()
    try:
        found = read_examples("a.bib", begin + again * ((size - len(begin)) // len(again)))
    except ReadingListError:
        found = Examples()
    assert time.process_time() - began < {1: 5, 10: 10}[megabytes]
    assert len(found.papers) <= MOST_SEEDS


def test_what_was_given_is_written_and_read_again() -> None:
    now = datetime.now(UTC)
    known = Paper(
        id="1706.03762", title="Attention", abstract="All.", published_at=now, updated_at=now
    )
    words = _as_paper(of_words(1, "Über {die} 100 % Näherung & mehr", "Wir $x$ zeigen."))
    found = read_examples("a.bib", write_examples([known, words]).encode())
    assert [one.paper_id for one in found.papers] == ["1706.03762", None]
    again = of_words(1, found.papers[1].title, found.papers[1].abstract)
    assert re.sub(r"[{}]", "", words.title) == again.title


@given(hostile_text())
def test_no_text_is_too_odd(text: str) -> None:
    found = said_examples(text)
    assert len(found.papers) + len(found.lines) <= MOST_SEEDS
    for name in ("a.bib", "a.ris", "a.csv"):
        try:
            read = read_examples(name, text.encode("utf-8", "replace"))
        except ReadingListError:
            continue
        assert all(of_words(1, one.title).title == one.title for one in read.papers)
