"""Reading lists of other programs: which papers they name."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transfer.reading_list import (
    LARGEST,
    ReadingListError,
    bibtex_entries,
    entries,
    is_reading_list,
    read_list,
)
from tests.seldom import seldom

BIB = r"""
% Exported by somebody
@string{cvpr = "Proc. CVPR"}
@comment{@misc{no, eprint = {2401.99999}}}
@misc{vaswani2017attention,
  title = {{Attention Is All You Need}},
  eprint = {1706.03762},
  archivePrefix = {arXiv},
  abstract = {Unlike https://arxiv.org/abs/1409.0473 it \{has\} no "recurrence, at all"},
}
@article{one, journal = "arXiv preprint arXiv:2406.11840", title="a, b = c"}
@inproceedings(two, doi = {10.1109/CVPR.2016.90}, booktitle = cvpr)
@article{three, url = {https://doi.org/10.48550/arXiv.2406.11841}}
@article{four, url={https://arxiv.org/abs/hep-th/9901001v2}, note={see arXiv:1111.11111}}
@book{five, title = {No id at all}}
@misc{again, eprint = {1706.03762v5}}
"""
RIS = """TY  - GEN
TI  - Attention
AB  - Unlike arXiv:1409.0473 it has none
UR  - https://arxiv.org/abs/1706.03762
ER  -

TY  - JOUR
DO  - 10.1109/CVPR.2016.90
ER  -
TY  - GEN
AN  - arXiv:2406.11840
ER  -
TY  - BOOK
TI  - Nothing
ER  -
"""
CSV = '''"Key","Item Type","Title","DOI","Url","Abstract Note","Extra"
"A","preprint","One, with ""quotes""","10.48550/arXiv.1706.03762","","see arXiv:1409.0473",""
"B","journalArticle","Two","10.1109/CVPR.2016.90","","",""
"C","webpage","Three","","http://arxiv.org/abs/2406.11840","",""
"D","preprint","Four","","","","arXiv: 2406.11841 [cs.CV]"
"E","book","Five","","","",""
'''


@pytest.mark.parametrize(
    ("name", "text", "ids", "others"),
    [
        ("a.bib", BIB, ("1706.03762", "2406.11840", "2406.11841", "hep-th/9901001"), 1),
        ("a.RIS", RIS, ("1706.03762", "2406.11840"), 1),
        ("zotero.csv", CSV, ("1706.03762", "2406.11840", "2406.11841"), 1),
        ("old.ris", RIS.encode().decode().replace("\n", "\r\n"), ("1706.03762", "2406.11840"), 1),
    ],
)
def test_papers_are_found_by_what_says_which_they_are(
    name: str, text: str, ids: tuple[str, ...], others: int
) -> None:
    found = read_list(name, text.encode())
    assert found.ids == ids
    assert found.dois == ("10.1109/cvpr.2016.90",)
    assert found.others == others


@pytest.mark.parametrize(
    ("name", "content", "too_large"),
    [
        ("a.bib", b"@misc{a, eprint={1706.03762}}" + b" " * LARGEST, True),
        ("a.bib", b"".join(b"@misc{a%d,eprint={%04d.%05d}}" % (n, n // 90, n) for n in range(2002)),
         True),
        ("a.bib", b"", False),
        ("a.bib", b"just words", False),
        ("a.bib", b"\x89PNG\x00\x01@misc{a,}", False),
        ("a.ris", b"no tags", False),
        ("a.csv", b"a,b\n1,2\n", False),
        ("a.csv", b'"Url"\n"' + b"x" * 200_000, False),
    ],
)  # fmt: skip
def test_what_is_no_reading_list_is_refused(name: str, content: bytes, too_large: bool) -> None:  # noqa: FBT001 - a table
    with pytest.raises(ReadingListError) as caught:
        read_list(name, content)
    assert caught.value.too_large is too_large


@pytest.mark.parametrize(
    "hostile",
    seldom(
        [
            "@a{" * 300_000,
            "@a{x, " + "{" * 1_000_000,
            "@a{x, " + '"' * 1_000_000,
            "@a{" + "a=b," * 200_000,
            "\\" * 1_000_000 + "@a{x, y={",
            "@a{x, eprint={" + "1706.03762," * 90_000 + "}}",
        ]
    ),
)
def test_no_file_takes_long(hostile: str) -> None:
    began = time.process_time()
    for name in ("a.bib", "a.ris", "a.csv"):
        try:
            read_list(name, hostile.encode())
        except ReadingListError:
            continue
    assert time.process_time() - began < 10


@given(st.text(), st.sampled_from(["a.bib", "a.ris", "a.csv"]))
def test_no_text_breaks_it(text: str, name: str) -> None:
    try:
        read_list(name, text.encode("utf-8", "replace"))
    except ReadingListError:
        return


def test_lists_are_known_by_their_names() -> None:
    assert is_reading_list("My Library.bib")
    assert is_reading_list("x.RIS")
    assert not is_reading_list("paperboy.toml")
    assert not is_reading_list(None)


@pytest.mark.parametrize("filler", ["x", "\\", "{", "}", '"', "@", " ", "\\}", '\\"', "@a"])
def test_a_file_reads_the_same_wherever_a_stride_ends(
    filler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = "@misc{k, title = {A {Net}}, note = {\\} \\\\}, eprint = {1706.03762}}\n"
    texts = [f"{filler * n}{entry}{filler}{entry}" for n in range(230, 330)]
    whole = [list(bibtex_entries(text)) for text in texts]
    monkeypatch.setattr("bot.transfer.reading_list._STRIDE", 300)
    assert [list(bibtex_entries(text)) for text in texts] == whole


def test_a_row_that_never_ends_is_none() -> None:
    row = b"title" + b",x" * 1_000_000
    with pytest.raises(ReadingListError):
        list(entries("a.csv", b"title,url\n" + row))
