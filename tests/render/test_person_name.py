"""Which part of a name is the family name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.person_name import split_name


@pytest.mark.parametrize(
    ("name", "family_first"),
    [
        ("Ada M. Lovelace", "Lovelace, Ada M."),
        ("Lovelace, Ada", "Lovelace, Ada"),
        ("Y. LeCun", "LeCun, Y."),
        ("Li Da", "Da, Li"),
        ("Vincent van der Berg", "van der Berg, Vincent"),
        ("Luis Miguel Vieira da Silva", "da Silva, Luis Miguel Vieira"),
        ("Maria Dolores del Castillo Sobrino", "del Castillo Sobrino, Maria Dolores"),
        ("Luc Van Gool", "Van Gool, Luc"),
        ("Geert Van Der Auwera", "Van Der Auwera, Geert"),
        ("Jean-Luc Le Goff", "Le Goff, Jean-Luc"),
        ("Mohammad Al Hasan", "Al Hasan, Mohammad"),
        ("Kiet Van Nguyen", "Nguyen, Kiet Van"),
        ("Xue Bin Peng", "Peng, Xue Bin"),
        ("Robert W. Heath Jr.", "Heath, Robert W., Jr."),
        ("Robert W. Heath, Jr.", "Heath, Robert W., Jr."),
        ("Martin Luther King III", "King, Martin Luther, III"),
        ("Ramesh K V", "V, Ramesh K"),
        ("Plato", "Plato"),
        ("The ATLAS Collaboration", "The ATLAS Collaboration"),
        ("NAVER Cloud HyperCLOVA X Team", "NAVER Cloud HyperCLOVA X Team"),
        ("LIGO, Virgo Collaboration", "LIGO Virgo Collaboration"),
        ("", ""),
        (",", ""),
    ],
)
def test_the_family_name_comes_first(name: str, family_first: str) -> None:
    assert split_name(name).family_first == family_first


@given(
    st.lists(st.sampled_from(["Ada", "van", "Van", "De", "M.", "Jr.", ",", "Team", "Nguyen", "é"]))
)
def test_no_word_is_lost(words: list[str]) -> None:
    said = split_name(" ".join(words)).family_first.replace(",", " ").split()
    assert sorted(said) == sorted(" ".join(words).replace(",", " ").split())
