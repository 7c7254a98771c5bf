import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.author_names import author_names
from tests.material import real_rows

THREE = ["Ada Lovelace", "Alan Turing", "Kurt Gödel"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Lovelace", ["Ada Lovelace"]),
        ("Ada Lovelace and Alan Turing", ["Ada Lovelace", "Alan Turing"]),
        ('Ada Lovelace, Alan Turing, and Kurt G\\"odel', THREE),
        ('Ada Lovelace, Alan Turing & Kurt G\\"odel', THREE),
        ('Ada\n  Lovelace,Alan Turing,,\n Kurt G\\"odel,', THREE),
        ('Ada Lovelace (London), Alan Turing (1 and 2), Kurt G\\"odel ((1) X, (2) Y)', THREE),
        ("Rand Andrews, Sandy Landers", ["Rand Andrews", "Sandy Landers"]),
        ("J.-P. Serre, A.K. Weil", ["J. -P. Serre", "A. K. Weil"]),
        ("\\.{Z}ak A.", ["Żak A."]),
        ("Robert W. Heath, Jr., A. B", ["Robert W. Heath Jr.", "A. B"]),
        ("Robert W. Heath Jr.", ["Robert W. Heath Jr."]),
        ("Planck Collaboration: P. A. R. Ade, et al.", ["Planck Collaboration", "P. A. R. Ade"]),
        ("G. Aad and the ATLAS Collaboration", ["G. Aad", "the ATLAS Collaboration"]),
        ("Xuemin (Sherman) Shen", ["Xuemin", "Shen"]),
        ("Madonna", ["Madonna"]),
        ("A (unclosed, B", ["A"]),
        ("A) B, C", ["A B", "C"]),
        ("", []),
        (" , : , ", []),
    ],
)
def test_a_line_of_authors_is_taken_apart_as_arxiv_does(line: str, names: list[str]) -> None:
    assert author_names(line) == names


def test_real_authors_come_back_one_by_one() -> None:
    """Joined as they stand on a paper, and read again."""
    authors = [[name for name in row["authors"] if name != ":"] for row in real_rows()]
    assert len(authors) == 4862
    for names in authors:
        *others, last = names
        assert author_names(", ".join(names)) == names
        if others:
            assert author_names(f"{', '.join(others)} and {last}") == names


@given(st.text(max_size=100))
def test_no_line_is_too_odd(line: str) -> None:
    for name in author_names(line):
        assert name == " ".join(name.split())
        assert any(map(str.isalnum, name))
