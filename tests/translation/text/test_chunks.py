import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.text.chunks import split
from bot.translation.text.masking import mask

SENTENCES = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from(["One. ", "⟦12⟧", "Two! ", "e.g. ", "⟦3⟧. "])),
    max_size=30,
).map("".join)


@given(SENTENCES, st.integers(min_value=8, max_value=60))
def test_pieces_are_the_text_again_and_within_the_limit(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join(pieces) == text
    assert all(len(piece) <= limit for piece in pieces)


@given(st.text(max_size=200), st.integers(min_value=8, max_value=60))
def test_no_placeholder_is_ever_cut(text: str, limit: int) -> None:
    masked = mask(text + " $x$ https://a.org/b 3.5% " + text)
    whole = re.findall(r"⟦\d+⟧", masked.text)
    pieces = split(masked.text, limit)
    assert [found for piece in pieces for found in re.findall(r"⟦\d+⟧", piece)] == whole


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 10, []),
        ("One. Two.", 20, ["One. Two."]),
        ("One two. Three four. Five.", 20, ["One two. ", "Three four. Five."]),
        ("Models, e.g. this one. And it.", 24, ["Models, e.g. this one. ", "And it."]),
        ("abcdefghij klm", 8, ["abcdefgh", "ij klm"]),
    ],
)
def test_pieces_end_with_sentences_where_they_can(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, limit) == pieces


def test_an_engine_that_counts_bytes_gets_pieces_by_bytes() -> None:
    text = "Ein Satz über ⟦0⟧ und größere Würfel. " * 12
    pieces = split(text, 120, size=lambda one: len(one.encode()))
    assert "".join(pieces) == text
    assert max(len(piece.encode()) for piece in pieces) <= 120
