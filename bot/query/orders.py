"""Orders: words by which somebody wants something of the bot itself, and no papers on a topic.

"Stop sending me papers", 我在上海, "cambia la hora a las 8" would be topics that nothing is on. A
closed vocabulary tells them: a text with one word outside of it ("stop codons") is a topic.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from bot.query.spoken_times import in_digits


class Order(StrEnum):
    """What the bot is to do."""

    STOP = "stop"
    RESUME = "resume"
    TOPICS = "topics"
    TIME = "time"
    DAYS = "days"
    COUNT = "count"
    ZONE = "zone"
    LANGUAGE = "language"
    FORGET = "forget"
    LATEST = "latest"
    FOLLOW = "follow"
    TASTE = "taste"
    SETTINGS = "settings"
    WEEK = "week"
    EXPORT = "export"
    CHANNELS = "channels"
    SAVED = "saved"
    DIGEST = "digest"
    STATUS = "status"


class _Rule(NamedTuple):
    """The kinds of words that a text has to have, and those that it must not have."""

    order: Order
    needed: frozenset[str]
    barred: frozenset[str]


class _Vocabulary(NamedTuple):
    sentences: dict[Order, re.Pattern[str]]
    words: dict[str, re.Pattern[str]]
    rules: list[_Rule]


_LONGEST = 80
_WISHES = frozenset(
    [
        "polite",
        "wish",
        "my",
        "now",
        "dont",
        "stop",
        "resume",
        "papers",
        "fewer",
        "shift",
        "missing",
        "why",
        "when",
        "send",
    ]
)
"""Kinds of words that no topic has."""
_TOLD_WITH = frozenset({"hour", "daypart", "now", "here", "polite", "my", "time"})
"""Kinds of words that may stand around the time that it is."""
_DONE_TO_TOPICS = frozenset({"remove", "stop", "dont", "none", "fewer", "resume", "change"})
"""Kinds of words that tell what is to become of a topic."""
_TOPIC_WORDS = 3
_TOPIC_HAN = 6
_PICTURES = frozenset({"So", "Sk", "Cf", "Cn", "Co"})
"""The categories of what emoji are made of."""
_SIMPLIFIED = str.maketrans(
    "論週發點麼時間這個們沒還會來給請問煩幫說話語譯設換調關閉書題訂閱註資訊賬帳戶號東標簡體據"
    "刪錄從難嗎讓後條靜錯區開續繼復鈕頻減擾現應別導匯總態運轉讀裡裏亂滿寫檔習薦試長歷顧詞類歡"
    "數處當無動頁單禮鐘節國聖誕兩幾終銷啟聽鬧夠對帶謝誰學樣",
    "论周发点么时间这个们没还会来给请问烦帮说话语译设换调关闭书题订阅注资讯账账户号东标简体据"
    "删录从难吗让后条静错区开续继复钮频减扰现应别导汇总态运转读里里乱满写档习荐试长历顾词类欢"
    "数处当无动页单礼钟节国圣诞两几终销启听闹够对带谢谁学样",
)
"""Traditional characters of the words, as the words have them."""
_SOMEWHERE = re.compile(r"(?:i'?m|i am|we'?re|we are|estoy|estamos) (?:now |ahora )?(?:in|at|en) ")
_BETWEEN = re.compile(r"[\s,，、.!?;:。；：！？¿¡…\"“”()]*")


def order_in(text: str) -> Order | None:
    """Return what a text wants the bot to do, None where it wants papers on something."""
    if len(text) > _LONGEST:
        return None
    bare = simplified(text)
    vocabulary = _vocabulary()
    for order, said in vocabulary.sentences.items():
        if said.fullmatch(bare):
            return order
    kinds = _kinds(bare, vocabulary.words)
    fitting = (
        rule for rule in vocabulary.rules if rule.needed <= kinds and not rule.barred & kinds
    )
    return next((rule.order for rule in fitting), None)


def may_be_topic(text: str) -> bool:
    """Tell whether an order may mean a topic after all: "weekend", 中文摘要, "less is more"."""
    bare = simplified(text)
    if len(bare.split()) > _TOPIC_WORDS or len(re.findall("[\u4e00-\u9fff]", bare)) > _TOPIC_HAN:
        return False
    kinds = _kinds(bare, _vocabulary().words)
    return bool(kinds) and not kinds & _WISHES


def topic_spoken_of(text: str, labels: Iterable[str]) -> str | None:
    """Return the topic that something is to be done with: "remove NeRF", "pausa NeRF", 删除NeRF.

    labels: what the topics are called; the longest that stands in the text counts.
    """
    if len(text) > _LONGEST:
        return None
    bare, words = simplified(text), _vocabulary().words
    for label in sorted(labels, key=len, reverse=True):
        called = simplified(label)
        place = re.search(rf"(?<![a-z\d]){re.escape(called)}(?![a-z\d])", bare) if called else None
        if place is not None:
            rest = f"{bare[: place.start()]} {bare[place.end() :]}"
            begin = _BETWEEN.match(rest)
            if _kinds(rest[begin.end() if begin else 0 :], words) & _DONE_TO_TOPICS:
                return label
    return None


def tells_time(text: str) -> bool:
    """Tell whether somebody may say what time it is: 15:40, "it's 3 pm here", 现在下午3点."""
    bare = simplified(text)
    vocabulary = _vocabulary()
    if len(text) > _LONGEST:
        return False
    if vocabulary.sentences[Order.TIME].fullmatch(bare):
        return True
    kinds = _kinds(bare, vocabulary.words)
    return bool(kinds & {"hour", "daypart"}) and kinds <= _TOLD_WITH


def is_somewhere(text: str) -> bool:
    """Tell whether somebody may say where they are: "I'm in Berlin", and not in robotics."""
    return len(text) <= _LONGEST and _SOMEWHERE.match(simplified(text)) is not None


def simplified(text: str) -> str:
    """Return a text in small, simplified letters without accents, emoji and the signs around it.

    Spoken times are in digits.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    kept = (char for char in decomposed if not unicodedata.combining(char))
    bare = "".join(" " if unicodedata.category(char) in _PICTURES else char for char in kept)
    words = " ".join(bare.translate(_SIMPLIFIED).split()).strip(" .,;:!?¡¿。，、；：！？…~～")
    return in_digits(words)


def _kinds(bare: str, words: dict[str, re.Pattern[str]]) -> set[str]:
    """Return the kinds of all words, none where one word is of no kind."""
    kinds: set[str] = set()
    at = 0
    while at < len(bare):
        ends = [
            (found.end(), kind) for kind, word in words.items() if (found := word.match(bare, at))
        ]
        if not ends:
            return set()
        end, kind = max(ends)
        kinds.add(kind)
        between = _BETWEEN.match(bare, end)
        at = between.end() if between else end
    return kinds


@cache
def _vocabulary() -> _Vocabulary:
    """Return what orders are made of, read when the first text comes."""
    data = tomllib.loads(files("bot.query").joinpath("orders.toml").read_text(encoding="utf-8"))
    return _Vocabulary(
        {Order(name): re.compile("|".join(said)) for name, said in data["sentences"].items()},
        {kind: _word(alternatives) for kind, alternatives in data["words"].items()},
        [
            _Rule(
                Order(name),
                frozenset(kind for kind in rule.split() if kind[0] != "!"),
                frozenset(kind[1:] for kind in rule.split() if kind[0] == "!"),
            )
            for name, *rules in data["orders"]["rules"]
            for rule in rules
        ],
    )


def _word(alternatives: list[str]) -> re.Pattern[str]:
    """Return the pattern of a word of a kind; a Latin word ends where its letters end."""
    return re.compile(rf"(?:{'|'.join(alternatives)})(?!(?<=[a-z\d'])[a-z\d'])")
