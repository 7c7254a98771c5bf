import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.text.masking import PLACEHOLDER
from bot.translation.text.typography import join, polish, set_apart


@pytest.mark.parametrize(
    ("language", "text", "apart"),
    [
        ("zh-CN", "代码见https://a.org/x。", "代码见 https://a.org/x 。"),
        ("zh-CN", "（https://a.org/x）", "（https://a.org/x ）"),
        ("zh-CN", "见https://a.org/x的页面", "见 https://a.org/x 的页面"),
        ("zh-CN", "对于$x^2$成立，$y$。", "对于 $x^2$ 成立，$y$。"),
        ("ja", "式\\(a\\)を", "式 \\(a\\) を"),
        ("ko", "코드https://a.org/x는", "코드 https://a.org/x 는"),
        ("es", "en https://a.org/x ya", "en https://a.org/x ya"),
    ],
)
def test_no_link_or_formula_is_glued_to_an_east_asian_word(
    language: str, text: str, apart: str
) -> None:
    assert set_apart(text, language=language) == apart
    assert set_apart(apart, language=language) == apart


def test_pieces_are_joined_as_the_script_does() -> None:
    assert join(["一。", "二。"], language="zh-CN") == "一。二。"
    assert join(["Uno.", "Dos."], language="es") == "Uno. Dos."
    assert join(["하나.", "둘."], language="ko") == "하나. 둘."


@pytest.mark.parametrize(
    ("text", "polished"),
    [
        ("使用Transformer模型", "使用 Transformer 模型"),
        ("使用 Transformer模型", "使用 Transformer 模型"),
        ("在3个 数据集上", "在 3 个数据集上"),
        ("提高15%的性能", "提高 15% 的性能"),
        ("提出⟦0⟧方法", "提出 ⟦0⟧ 方法"),
        ("方法(见下)更好", "方法（见下）更好"),
        ("神经辐射场(NeRF)的", "神经辐射场（NeRF）的"),
        ("Vision Transformer (ViT) 的", "Vision Transformer（ViT）的"),
        ("（见 (1)）", "（见（1））"),
        ("函数f(x)和p(s,a)的", "函数 f(x) 和 p(s,a) 的"),
        ("步骤1)训练", "步骤 1）训练"),
        ("首先,其次;最后:完成!", "首先，其次；最后：完成！"),
        ("首先 , 其次", "首先，其次"),
        ("NeRF, GAN和VAE", "NeRF，GAN 和 VAE"),
        ("共1,000个", "共 1,000 个"),
        ("比例2:1的", "比例 2:1 的"),
        ("例如e.g., 方法", "例如 e.g.，方法"),
        (
            "函数 f(x, y) 在 U.S. 和 Wang et al. 的工作中",
            "函数 f(x, y) 在 U.S. 和 Wang et al. 的工作中",
        ),
        ("方法.结果.", "方法。结果。"),
        ("基于BERT. 结果", "基于 BERT。结果"),
        ("基于BERT.", "基于 BERT。"),
        ("见⟦3⟧.", "见 ⟦3⟧。"),
        ("版本2.5更好...", "版本 2.5 更好..."),
        ("ＧＰＴ模型的５０％", "GPT 模型的 50%"),
        ("，  然后 。 ", "，然后。"),
        ("(见 GPT ) .", "（见 GPT）。"),
        ("", ""),
    ],
)
def test_chinese_has_one_spacing_and_one_punctuation(text: str, polished: str) -> None:
    assert polish(text, language="zh-CN") == polished
    assert polish(polished, language="zh-CN") == polished
    assert polish(text, language="zh-TW") == polished


@pytest.mark.parametrize(
    ("text", "polished"),
    [
        ("本稿では NeRF を提案する.", "本稿ではNeRFを提案する。"),
        ("画像,動画 ( 120 枚 )", "画像、動画（120枚）"),
        ("式 ⟦0⟧ の解", "式⟦0⟧の解"),
    ],
)
def test_japanese_has_no_spaces_and_its_own_comma(text: str, polished: str) -> None:
    assert polish(text, language="ja") == polished


@pytest.mark.parametrize("language", ["es", "ko", "ru", "ar"])
def test_other_languages_keep_what_the_engine_wrote(language: str) -> None:
    text = "Uno, dos (tres)： 하나,둘（셋） ."
    assert polish(text, language=language) == text


_PIECES = st.sampled_from(
    [
        "⟦0⟧",
        "⟦12⟧",
        "模型",
        "的",
        "を",
        "GPT",
        "x",
        "7",
        "1,000",
        "2.5",
        " ",
        "  ",
        *",.:;!?()（），。、[]%",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join), st.sampled_from(["zh-CN", "zh-TW", "ja"]))
def test_whatever_is_polished_keeps_its_placeholders_words_and_digits(
    text: str, language: str
) -> None:
    polished = polish(text, language=language)
    assert PLACEHOLDER.findall(polished) == PLACEHOLDER.findall(text)
    letters = [sign for sign in text if sign.isalnum()]
    assert [sign for sign in polished if sign.isalnum()] == letters
    assert polish(polished, language=language) == polished
