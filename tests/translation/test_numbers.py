"""A text's numbers in its translation: none is lost, none is another."""

import pytest

from bot.translation.numbers import changed


@pytest.mark.parametrize(
    ("prose", "untouchables", "translated"),
    [
        pytest.param("12 and then 12 more", [], "12 y luego 12 más", id="the same one twice"),
        pytest.param("5 layers of size", ["$7$"], "cinco capas de $7$", id="not of a formula"),
        pytest.param("1,200 people", [], "1200 personas", id="a group"),
        pytest.param("1,200 people", [], "1.200 personas", id="a group with a point"),
        pytest.param("1,200,000 people", [], "1 200 000 личностей", id="groups with spaces"),
        pytest.param("a rate of 1.500", [], "una tasa de 1,500", id="a decimal comma"),
        pytest.param("3.5 times", [], "٣٫٥ مرات", id="Arabic digits and point"),
        pytest.param("1000 people", [], "١٬٠٠٠ شخص", id="Arabic groups"),
        pytest.param("the 10th of them", [], "la 10.ª de ellas", id="an ordinal"),
        pytest.param("stages 1 and 2", [], "1,2 阶段", id="two digits that stand together"),
        pytest.param("stages 10 and 20", [], "10,20 阶段", id="two numbers that stand together"),
        pytest.param("1.50 million rows", [], "1.50 millones de filas", id="as it is"),
        pytest.param("1.5 million rows", [], "150 万行", id="ten thousands"),
        pytest.param("20 million rows", [], "20 millones de filas", id="millions"),
        pytest.param("3 hundred and 5", [], "300 y cinco", id="hundreds"),
        pytest.param("2-thousand of them", [], "2000 de ellos", id="a hyphen"),
        pytest.param("half of 3 parts", [], "2 de tres partes", id="half"),
        pytest.param("both of the 4", [], "los 2 de los cuatro", id="a word becomes a digit"),
    ],
)
def test_the_same_numbers_are_no_change(
    prose: str, untouchables: list[str], translated: str
) -> None:
    assert not changed(prose, untouchables, translated)


@pytest.mark.parametrize(
    ("prose", "untouchables", "translated"),
    [
        pytest.param("12 and then 12 more", [], "12 y luego más", id="lost once"),
        pytest.param("12 of them", ["$12$"], "de ellos $12$", id="only in a formula"),
        pytest.param("5 layers, 20 million", [], "cinco, 20 millones, 2000", id="one too many"),
        pytest.param("5 layers", [], "6 capas", id="another digit"),
        pytest.param("the 10th", [], "la 11.ª", id="another ordinal"),
        pytest.param("the 10th of 10", [], "la 10.ª de ellas", id="an ordinal is one of them"),
        pytest.param("20 million rows", [], "21 millones de filas", id="another of millions"),
        pytest.param("1,200 people", [], "120 personas", id="a digit less"),
        pytest.param("(1) strategy", [], "uno) estrategia", id="a point of a list"),
        pytest.param("14 layers", [], "catorce capas", id="two digits as a word"),
    ],
)
def test_another_number_or_none_is_a_change(
    prose: str, untouchables: list[str], translated: str
) -> None:
    assert changed(prose, untouchables, translated)
