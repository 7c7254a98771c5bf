import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.redaction import shape


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ('au:"lecun y*" ANDNOT (ti:foo OR all:bar)', 'au:"… …" ANDNOT (ti:… OR all:…)'),
        ("((ti:x) AND cat:cs.*)", "((ti:…) AND cat:…)"),
        (
            "submittedDate:[202505010000 TO 202505012359]",
            "submittedDate:[202505010000 TO 202505012359]",
        ),
        ("all:a:b oti:c", "all:…:… …:…"),
        ("ti:ORacle OR TOm", "ti:… OR …"),
        ("202505010000 123456789012", "… …"),
        ("", ""),
    ],
)
def test_a_query_keeps_its_shape_and_loses_its_words(query: str, told: str) -> None:
    assert shape(query) == told


@given(st.text(max_size=100))
def test_no_word_is_left(text: str) -> None:
    kept = {"ti", "au", "abs", "co", "jr", "cat", "rn", "id", "all", "AND", "OR", "ANDNOT", "TO"}
    kept |= {"submittedDate", "lastUpdatedDate"}
    letters = "".join(char if char.isalpha() else " " for char in shape(text))
    assert set(letters.split()) <= kept
