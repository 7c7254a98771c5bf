"""Romanisation: people's names in Chinese characters, as papers write them: 何恺明 is Kaiming He.

arXiv has names in Latin letters alone, from China mostly in pinyin. A character may be read in
several ways, so that a name gives some candidates; which of them is somebody, the papers tell.
"""

import os
import re
from itertools import islice, product
from typing import NamedTuple

from bot.regex.lazy_pattern import lazily

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_SIGNED = lazily(
    rf"(?:(?<![^\W\d_])(?:by|from|de|por)\s+|(?:作者|author|autora?)\s*[是为:：]\s*)([{_HAN}]{{2,4}}?)"
    rf"(?:的?(?:论文|文章|文献|工作|研究))?$",
    re.IGNORECASE,
)
_LIKELY_SIGNED = lazily(
    rf"(?:^|作者\s*)([{_HAN}]{{2,4}}?)\s*(?:最近|最新|近期|又)*"
    r"(?:(?:写|撰写|发表|发布|所著)(?:过|了)?(?:的|什么|哪些|啥).{0,4})?$"
)
"""The same, where it begins with a usual surname."""
_TITLE = lazily(r"(?<=..)(?:的?(?:团队|课题组|研究组|实验室)|老师|教授|博士|院士|等人?)$")
_NAME = lazily(rf"[{_HAN}]{{2,4}}")
_LONGEST_GIVEN = 2
MOST = 4
"""Candidates of one name."""

# The surnames of nine in ten people, in simplified and in traditional characters.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童"
    "凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连"
    "芦麦褚娄窦朴戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩"
    "張劉陳楊黃趙吳孫馬鄭謝羅許韓馮鄧蔣葉程蘇魏呂盧鐘鍾譚陸範賈韋鄒閻龍陶賀顧龔邵萬錢嚴湯溫齊喬龐顏莊聶魯"
)
_TWO_CHARACTERS = frozenset(
    (
        "欧阳",
        "歐陽",
        "司马",
        "司馬",
        "上官",
        "诸葛",
        "諸葛",
        "司徒",
        "东方",
        "皇甫",
        "尉迟",
        "慕容",
        "夏侯",
        "令狐",
        "轩辕",
        "端木",
        "公孙",
        "长孙",
        "宇文",
    )
)
_READ_AS_SURNAME = {
    **dict.fromkeys("曾", ("zeng",)),
    **dict.fromkeys("单單", ("shan",)),
    **dict.fromkeys("解", ("xie",)),
    **dict.fromkeys("仇", ("qiu",)),
    **dict.fromkeys("任", ("ren",)),
    **dict.fromkeys("查", ("zha",)),
    **dict.fromkeys("区區", ("ou",)),
    **dict.fromkeys("翟", ("zhai",)),
    **dict.fromkeys("盖蓋", ("ge",)),
    **dict.fromkeys("覃", ("qin", "tan")),
    **dict.fromkeys("乐樂", ("le", "yue")),
    **dict.fromkeys("朴", ("piao", "park")),
    "尉迟": ("yuchi",),
    "长孙": ("zhangsun",),
}
"""Where a surname is read otherwise than the word."""
_SPELT = {"lv": ("lyu", "lu", "lv"), "nv": ("nyu", "nu", "nv")}
"""What passports and papers make of ü."""


class Romanised(NamedTuple):
    """A name as papers may write it."""

    name: str
    """As its bearer may sign: Kaiming He."""
    query: str
    """In the query language: the given name in one word, and in two."""


def signed_name(text: str) -> str | None:
    """Return the name in Chinese characters whose papers a text asks for: 作者何恺明."""
    if (found := _SIGNED.search(text)) is not None:
        return found[1]
    likely = _LIKELY_SIGNED.search(text)
    return han_name(likely[1]) if likely is not None and likely[0] != likely[1] else None


def possible_name(text: str) -> str | None:
    """Return a text that is a few Chinese characters, as a name is."""
    return text if _NAME.fullmatch(text) else None


def han_name(text: str) -> str | None:
    """Return a text that may be a name in Chinese characters: it begins with a usual surname."""
    bare = _TITLE.sub("", text.strip(" \u3000·,，。.?？!！"))
    if not _NAME.fullmatch(bare):
        return None
    surname = _surname(bare)
    is_usual = 0 < len(bare) - len(surname) <= _LONGEST_GIVEN
    return bare if is_usual and surname in _SURNAMES | _TWO_CHARACTERS else None


def romanised(name: str) -> list[Romanised]:
    """Return what a name in Chinese characters may be in Latin letters, the likeliest first."""
    surname = _surname(name)
    given = [_readings(character) for character in name[len(surname) :]]
    readings = product(_surname_readings(surname), *given)
    found = (_candidate(first, rest) for first, *rest in islice(readings, MOST))
    return list(dict.fromkeys(found))


def _candidate(surname: str, given: list[str]) -> Romanised:
    shown = "".join(_SPELT.get(one, (one,))[0] for one in given)
    name = f"{shown.capitalize()} {_SPELT.get(surname, (surname,))[0].capitalize()}"
    forms = [
        f'au:"{joint.join(spelt)} {last}"'
        for last, *spelt in product(*(_SPELT.get(one, (one,)) for one in (surname, *given)))
        for joint in ("", " ")
    ]
    return Romanised(name, " OR ".join(dict.fromkeys(forms)))


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _TWO_CHARACTERS and len(name) > len("欧阳") else name[:1]


def _surname_readings(surname: str) -> tuple[str, ...]:
    known = _READ_AS_SURNAME.get(surname)
    return known or ("".join(_readings(character)[0] for character in surname),)


def _readings(character: str) -> list[str]:
    # Whole phrases are no names, and would take four times the memory.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    [found] = pinyin(character, style=Style.NORMAL, heteronym=True)
    return found
