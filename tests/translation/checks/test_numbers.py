"""A text's numbers in its translation, by their values: none is lost, none is another."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.checks import quantities
from bot.translation.checks.numbers import changed
from bot.translation.languages import LANGUAGES
from tests.seldom import seldom


@pytest.mark.parametrize(
    ("source", "language", "translated"),
    [
        ("12 and then 12 more", "es", "12 y luego 12 más"),
        ("1,200 people", "es", "1200 personas"),
        ("1,200 people", "es", "1.200 personas"),
        ("1,200,000 people", "ru", "1 200 000 человек"),
        ("3.5 times", "ar", "٣٫٥ مرات"),
        ("1000 people", "ar", "١٬٠٠٠ شخص"),
        ("the 10th of them", "es", "la 10.ª de ellas"),
        ("1.50 million rows", "es", "1,50 millones de filas"),
        ("1.5 million rows", "zh-CN", "150 万行"),
        ("1.5 million rows", "ko", "150만 행"),
        ("20 million rows", "hi", "2 करोड़ पंक्तियाँ"),
        ("20 million rows", "th", "20 ล้านแถว"),
        ("2 billion rows", "th", "2 พันล้านแถว"),
        ("150 million rows", "ja", "1億5000万行"),
        ("13 billion", "zh-CN", "130 亿"),
        ("13 billion", "de", "13 Milliarden"),
        ("13 billion", "es", "13 mil millones"),
        ("2 billion", "es", "dos mil millones"),
        ("1 trillion", "de", "1 Billion"),
        ("1 trillion", "zh-CN", "一万亿"),
        ("1 million", "zh-CN", "一百万"),
        ("a 7B model", "zh-CN", "70 亿参数的模型"),
        ("410 M words", "zh-CN", "4.1 亿词"),
        ("from 7 to 70 billion", "zh-CN", "从 70 亿到 700 亿"),
        ("between 1 and 8 billion", "zh-CN", "10 亿到 80 亿"),
        ("On May 3, 2024, 7 teams", "zh-CN", "2024 年 5 月 3 日，七支队伍"),
        ("the past 20 years", "zh-CN", "过去二十年"),
        ("in 12 tasks", "de", "in zwölf Aufgaben"),
        ("14 layers", "es", "catorce capas"),
        ("within 3 days", "es", "en 3 días"),
        ("50% of the cost", "zh-CN", "一半的成本"),
        ("a 40% reduction", "zh-CN", "减少四成，"),
        ("0.1% of it", "zh-CN", "千分之一"),
        ("64 rows", "es", "sesenta y cuatro filas"),
        ("24 rows", "de", "vierundzwanzig Zeilen"),
        ("12 tasks", "es", "una docena de tareas"),
        ("35,000 euros", "de", "35 Tsd. Euro"),
        ("on Dec 5", "zh-CN", "12 月 5 日"),
        ("600 3D printed digits", "zh-CN", "600 个3D打印的数字"),
        ("3-fold", "es", "triplica"),
        ("the last two decades", "zh-CN", "过去二十年"),
        ("sixteen people", "zh-CN", "16 人"),
        ("over 24 months", "es", "durante 2 años"),
        ("at -196 °C", "zh-CN", "零下 196 °C"),
        ("at -196 °C", "es", "a 196 °C bajo cero"),
        ("at least 20 rows", "fr", "au moins 20 lignes"),
        ("one third", "ko", "3분의 1만"),
        ("a 3D scene from 2D images", "de", "eine dreidimensionale Szene aus 2D-Bildern"),
        ("100 steps", "es", "cien pasos"),
        ("(1) this and (2) that", "zh-CN", "①这个；②那个"),
        ("1) this and 2) that", "zh-CN", "第一，这个；第二，那个"),
        ("a factor of 10", "zh-CN", "一个数量级"),
        ("less than 24 hours", "zh-CN", "不到一天"),
        ("in 5 ms", "zh-CN", "5 毫秒"),
        ("20 percent less", "zh-CN", "减少 20%"),
        ("a change of -5.4%", "zh-CN", "下降 5.4%"),
        ("r is -0.45", "es", "r es -0,45"),
        ("a rate of 10^{-6}", "zh-CN", "10^{-6} 的速率"),
        ("10^6 rows", "zh-CN", "100 万行"),
        ("two modules and three losses", "zh-CN", "2 个模块和 3 个损失"),
        ("a 3D scene", "zh-CN", "三维场景"),
        ("14 layers", "ta", "14 அடுக்குகள்"),
    ],
)
def test_the_same_value_is_no_change(source: str, language: str, translated: str) -> None:
    assert not changed(source, translated, language=language)


@pytest.mark.parametrize(
    ("source", "language", "translated"),
    [
        pytest.param("2.75 billion rows", "zh-CN", "275亿行", id="ten times"),
        pytest.param("13 billion", "zh-CN", "13 亿", id="ten times less"),
        pytest.param("13 billion", "es", "13 billones", id="a thousand times"),
        pytest.param("13 billion", "de", "13 Billionen", id="a thousand times in German"),
        pytest.param("20 million", "hi", "20 करोड़", id="ten times in Hindi"),
        pytest.param("20 million", "th", "20 พันล้าน", id="a thousand times in Thai"),
        pytest.param("20 million", "ru", "20 миллиардов", id="a thousand times in Russian"),
        pytest.param("10 million", "zh-CN", "一百万", id="ten times less in words"),
        pytest.param("1 million", "zh-CN", "一千万", id="ten times in words"),
        pytest.param("from 7 to 70 billion", "zh-CN", "从 7 亿到 70 亿", id="a range"),
        pytest.param("in 5 ms", "zh-CN", "5 秒", id="a unit"),
        pytest.param("over 700 m", "es", "más de 700 km", id="another unit"),
        pytest.param("r is -0.45", "zh-CN", "r 为 0.45", id="a sign"),
        pytest.param("by 3.5%", "zh-CN", "35%", id="a point"),
        pytest.param("12 and then 12 more", "es", "12 y luego más", id="lost once"),
        pytest.param("5 layers", "es", "6 capas", id="another digit"),
        pytest.param("three sets", "zh-CN", "5 个数据集", id="another digit for a word"),
        pytest.param("1,200 people", "es", "120 personas", id="a digit less"),
        pytest.param("5 layers", "es", "cinco capas de 20", id="a number that came"),
        pytest.param("5 layers", "es", "cinco capas, un 7%", id="a percentage that came"),
        pytest.param("rises from 12 to 45", "zh-CN", "从 45 提高到 12", id="turned around"),
        pytest.param("14 layers", "nl", "veertien lagen", id="a word that is not known"),
        pytest.param("10^{-6} of it", "zh-CN", "10^{-5}", id="an exponent"),
        pytest.param("(1) a plan", "es", "(8) un plan", id="a point of a list"),
        pytest.param("(1) this, (2) that", "zh-CN", "①这个；③那个", id="a point in a circle"),
        pytest.param("(1) this, (2) that", "es", "(1) esto, (1) eso", id="a point twice"),
        pytest.param("a 3D scene", "de", "eine 2D-Szene", id="a dimension"),
        pytest.param("a 3D scene", "zh-CN", "二维场景", id="a dimension in words"),
        pytest.param("3D from 2D", "es", "2D de 2D", id="a dimension for another one"),
        pytest.param("January 2024", "zh-CN", "2024 年 6 月", id="a month"),
        pytest.param("one in five", "zh-CN", "四分之一", id="a fraction of so many"),
        pytest.param("24 rows", "de", "vierunddreißig Zeilen", id="a word of two"),
        pytest.param("twelve people", "zh-CN", "二十人", id="a word for another word"),
        pytest.param("forty percent", "zh-CN", "百分之十四", id="percent in words"),
        pytest.param("the 21st assembly", "es", "la 1.ª asamblea", id="an ordinal"),
        pytest.param("3 models of a kind", "es", "modelos de una clase", id="a digit lost"),
        pytest.param("350 mW", "zh-CN", "350 瓦", id="a prefix of a unit"),
        pytest.param("8 MB", "ru", "8 ГБ", id="a prefix of a unit in Cyrillic"),
    ],
)
def test_another_value_or_none_is_a_change(source: str, language: str, translated: str) -> None:
    assert changed(source, translated, language=language)


def test_numbers_of_what_was_kept_from_the_engine_are_no_news() -> None:
    assert not changed("It gains much.", "提升 24.73%。", language="zh-CN", kept=r"$24.73\%$")


@pytest.mark.parametrize("text", ["1.234.567", "1.234.567,8", "10⁻", "3^{−}", "10^{-999}", "1e+5"])
def test_no_way_of_writing_numbers_is_too_strange(text: str) -> None:
    for language in ("en", "es", "zh-CN"):
        quantities.read(text, language=language)


@given(st.text(alphabet="0123456789.,%^{}-–−⁻⁶ex×'+ xkMB万亿①a", max_size=60))
def test_any_text_is_read_in_every_way(text: str) -> None:
    for language in ("en", "zh-CN", "de", "th", "hi"):
        for found in quantities.read(text, language=language):
            assert 0 <= found.start < found.stop <= len(text)


@pytest.mark.parametrize("hostile", seldom(["1," * 2000, "9" * 4000, "1 万" * 1500, "1-" * 2000]))
def test_hostile_numbers_are_read_in_no_time(hostile: str) -> None:
    started = time.thread_time()
    changed(hostile, hostile, language="zh-CN")
    assert time.thread_time() - started < 2


def test_number_words_are_those_of_known_languages() -> None:
    assert quantities.knows_words("es")
    for language in LANGUAGES:
        quantities.read("1 2", language=language)
