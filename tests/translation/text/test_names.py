"""Names that look like words, and must not be translated."""

import pytest

from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.checks.validation import check
from bot.translation.text.masking import mask
from bot.translation.text.names import names


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("We train COMPASS on maps.", "COMPASS: Finding Ways", ("COMPASS",)),
        ("Maps are read by Aria on foot.", "Aria: Finding Ways", ("Aria",)),
        ("Much of robotics is hard.", "Robotics: A Survey", ()),
        ("Hierarchical Step Memory (HSM) and HSMs", "", ("HSM",)),
        ("we propose DEPTH, a framework", "", ("DEPTH",)),
        ("we introduce a benchmark called Falcon that", "", ("Falcon",)),
        ("We present Bayesian methods", "", ()),
        ("We evaluate Llama and Claude", "", ("Claude", "Llama")),
        ("after (Wang et al., 2019) and Li and Wu (2020)", "", ("Wang", "Li", "Wu")),
        ("artificial intelligence (AI) of the United Nations (UN)", "", ()),
        ("An LLM (Large Model) in May", "", ()),
        ("released (March 2025), and in Feb 2024)", "", ()),
        ("federated learning; Federated Learning", "Federated Learning: A Survey", ()),
        ("the U.S. grid", "", ()),
    ],
)
def test_a_name_is_known_by_where_it_stands(
    text: str, title: str, expected: tuple[str, ...]
) -> None:
    assert set(names(text, title=title)) == set(expected)


def test_the_same_name_has_the_same_placeholder_and_may_come_once_or_more_often() -> None:
    text = "We propose DEPTH. DEPTH needs $x$ and $x$."
    masked = mask(text, names=names(text))
    assert masked.text == "We propose ⟦0⟧. ⟦0⟧ needs ⟦1⟧ and ⟦1⟧."
    assert masked.restore("⟦0⟧: ⟦1⟧, ⟦1⟧") == "DEPTH: $x$, $x$"
    assert masked.restore("⟦0⟧⟦0⟧⟦0⟧ ⟦1⟧ ⟦1⟧") == "DEPTHDEPTHDEPTH $x$ $x$"


def test_an_engine_that_can_be_told_sees_names_and_numbers() -> None:
    text = "We propose DEPTH with NeRF for 3.5% at https://a.org and $x$."
    told = mask(text, names=names(text), told=True)
    assert told.text == "We propose DEPTH with NeRF for 3.5% at ⟦3⟧ and ⟦4⟧."
    # What it does not have to keep it may still name.
    assert told.restore("⟦0⟧ NeRF ⟦2⟧ ⟦3⟧ ⟦4⟧") == "DEPTH NeRF 3.5% https://a.org $x$"


@pytest.mark.parametrize(
    ("source", "translated", "title"),
    [
        (
            "We test COMPASS in many streets.",
            "Probamos BRÚJULA en muchas calles.",
            "COMPASS: A Way",
        ),
        ("We propose DEPTH, a way to read.", "Proponemos PROFUNDIDAD, una lectura.", ""),
        ("We compare Llama with all others.", "Comparamos Llamada con los demás.", ""),
        ("We follow (Wang et al., 2019) here.", "Seguimos aquí (2019) otra vez.", ""),
    ],
)
def test_a_translated_name_is_no_translation(source: str, translated: str, title: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(source, translated, language="es", title=title)
    assert caught.value.reason is Reject.PLACEHOLDERS
