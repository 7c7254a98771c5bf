"""Terms of a field: told to engines, mended, and refused where they are mistaken."""

from importlib.resources import files
from pathlib import Path

import pytest

from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.checks.validation import check
from bot.translation.glossary import mended, occurring, told

SOURCE = "A transformer predicts the next tokens of each sentence."


def test_the_terms_that_occur_are_told_the_longest_first() -> None:
    terms = occurring("Diffusion models and self-attention over tokens", "zh-CN")
    assert told(terms)[:2] == (("diffusion model", "扩散模型"), ("self-attention", "自注意力"))
    assert occurring("Diffusion models", "fr") == []


def test_a_wrong_word_is_mended_where_words_have_no_endings() -> None:
    terms = occurring(SOURCE, "zh-CN")
    assert mended(SOURCE, "变压器预测下一个代币。", "zh-CN", terms) == "Transformer预测下一个词元。"


@pytest.mark.parametrize(
    ("source", "translated", "language"),
    [
        (SOURCE, "变压器预测每个句子的下一个词元。", "zh-CN"),
        ("The Lie algebra of this group is known.", "Se conoce el álgebra de mentira de él.", "es"),
        (
            "We fit it to the ground truth here.",
            "Wir passen es hier an die Bodenwahrheit an.",
            "de",
        ),
    ],
)
def test_a_term_that_was_mistaken_is_refused(source: str, translated: str, language: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(source, translated, language=language)
    assert caught.value.reason is Reject.TERM


def test_a_transformer_of_a_substation_is_one() -> None:
    source = "The transformer of the substation lowers the voltage of the line."
    check(source, "变电站的变压器降低线路的电压。", language="zh-CN")


def test_an_operator_s_rows_come_first(tmp_path: Path) -> None:
    own = tmp_path / "zh-CN.csv"
    own.write_text("english,term,wrong,unless\ntoken,令牌,词元,\nfoo bar,甲,,\n", encoding="utf-8")
    terms = occurring("tokens of a foo bar", "zh-CN", folder=tmp_path)
    assert set(told(terms)) == {("token", "令牌"), ("foo bar", "甲")}


def test_there_are_some_three_hundred_terms_in_chinese() -> None:
    folder = files("bot.translation") / "glossaries"
    rows = (folder / "zh-CN.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 300
    assert len({row.partition(",")[0].casefold() for row in rows}) == len(rows)
