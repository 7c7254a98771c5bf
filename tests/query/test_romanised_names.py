"""Names in Chinese characters as papers write them, and what is no name."""

import subprocess
import sys

import pytest

from bot.query.parser import normalise, parse
from bot.query.romanised_names import MOST, han_name, romanised, signed_name


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("何恺明", "Kaiming He"),
        ("李飞飞", "Feifei Li"),
        ("陳丹琦", "Danqi Chen"),
        ("张伟", "Wei Zhang"),
        ("欧阳明高", "Minggao Ouyang"),
        ("吕良", "Liang Lyu"),
    ],
)
def test_a_name_is_written_as_in_papers_the_given_name_first(name: str, signed: str) -> None:
    assert han_name(name) == name
    assert romanised(name)[0].name == signed


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("曾国藩", "Zeng"),
        ("单田芳", "Shan"),
        ("解振华", "Xie"),
        ("仇保兴", "Qiu"),
        ("查良镛", "Zha"),
    ],
)
def test_a_surname_is_read_as_one(name: str, surname: str) -> None:
    assert {one.name.split()[-1] for one in romanised(name)} == {surname}


def test_given_names_are_looked_for_in_one_word_and_in_two() -> None:
    assert normalise(parse(romanised("何恺明")[0].query)) == normalise(
        parse('au:"Kaiming He" OR au:"Kai-Ming He"')
    )


def test_all_that_passports_make_of_an_umlaut_is_looked_for() -> None:
    query = romanised("吕良")[0].query
    assert all(f"liang {one}" in query for one in ("lyu", "lu", "lv"))


def test_a_name_of_many_readings_gives_few_candidates() -> None:
    for name in ("单行朝", "乐重阿", "何恺明"):
        assert 0 < len(romanised(name)) <= MOST


@pytest.mark.parametrize(
    "text",
    [
        "扩散模型",
        "机器人",
        "大语言模型",
        "高斯泼溅",
        "何",
        "何恺明的论文",
        "何恺明和李飞飞",
        "Kaiming He",
        "",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert han_name(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("作者何恺明", "何恺明"),
        ("作者：何恺明", "何恺明"),
        ("作者是何恺明", "何恺明"),
        ("by 何恺明", "何恺明"),
        ("papers by 何恺明", "何恺明"),
        ("artículos de 何恺明", "何恺明"),
        ("何恺明写的论文", "何恺明"),
        ("李飞飞最近发表了什么", "李飞飞"),
        ("作者识别", None),
        ("关于作者归属的论文", None),
        ("何恺明", None),
        ("standby 模式", None),
    ],
)
def test_who_is_asked_for_as_an_author(text: str, name: str | None) -> None:
    assert signed_name(text) == name


def test_the_dictionary_is_read_with_the_first_name_and_without_its_phrases() -> None:
    program = """
import sys
import bot.query.plain_words, bot.query.romanised_names as names
assert "pypinyin" not in sys.modules
names.romanised("何恺明")
assert "pypinyin" in sys.modules
assert not sys.modules["pypinyin.constants"].PHRASES_DICT
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - ours
