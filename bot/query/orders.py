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
_DONE_TO_TOPICS = frozenset({"remove", "stop", "dont", "rename", "fewer", "resume"})
"""Kinds of words that tell what is to become of a topic."""
_ASKED_OF_TOPICS = frozenset({"why", "when", "missing", "arrived", "until", "saved"})
"""Kinds of words that ask for something else, whatever topic stands beside them."""
_LONGEST_WITH_TOPICS = 250
_NEW_NAME = re.compile(r"(?:(?<= , ) *(?:to|into|as|a|como|por) |(?<=名)[为成叫]).+$")
"""What a topic is to be called, behind the topic."""
_TOPIC_WORDS = 3
_TOPIC_HAN = 6
_PICTURES = frozenset({"So", "Sk", "Cf", "Cn", "Co"})
"""The categories of what emoji are made of."""
_SIMPLIFIED = str.maketrans(
    "論週發點麼時間這個們沒還會來給請問煩幫說話語譯設換調關閉書題訂閱註資訊賬帳戶號東標簡體據"
    "為僅兒夾漢暫種經編誤較輯邊過遲選韓項馬機強"
    "刪錄從難嗎讓後條靜錯區開續繼復鈕頻減擾現應別導匯總態運轉讀裡裏亂滿寫檔習薦試長歷顧詞類歡"
    "數處當無動頁單禮鐘節國聖誕兩幾終銷啟聽鬧夠對帶謝誰學樣",
    "论周发点么时间这个们没还会来给请问烦帮说话语译设换调关闭书题订阅注资讯账账户号东标简体据"
    "为仅儿夹汉暂种经编误较辑边过迟选韩项马机强"
    "删录从难吗让后条静错区开续继复钮频减扰现应别导汇总态运转读里里乱满写档习荐试长历顾词类欢"
    "数处当无动页单礼钟节国圣诞两几终销启听闹够对带谢谁学样",
)
"""Traditional characters of the words, as the words have them."""
_SOMEWHERE = re.compile(r"(?:i'?m|i am|we'?re|we are|estoy|estamos) (?:now |ahora )?(?:in|at|en) ")
_BETWEEN = re.compile(r"[\s,，、.!?;:。；：！？¿¡…\"“”'‘’«»「」『』《》()\[\]#–—-]*")


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


def topics_spoken_of(text: str, names: Iterable[str]) -> list[str]:
    """Return the topics with which something is to be done: "remove NeRF", 删除NeRF和机器人.

    names: what the topics are called; of two that overlap the longer counts.
    """
    bare, words = simplified(text), _vocabulary().words
    found: list[str] = []
    # Most texts hold no such word, and a chat may follow many topics.
    if len(bare) > _LONGEST_WITH_TOPICS or not any(
        words[kind].search(bare) for kind in _DONE_TO_TOPICS
    ):
        return found
    for name in sorted(names, key=len, reverse=True):
        called = simplified(name)
        if not called or called not in bare or _is_asked_of_topics(_kinds(called, words)):
            continue  # "stop" is what is to be done
        place = re.search(rf"(?<![a-z\d]){re.escape(called)}(?![a-z\d])", bare)
        if place is not None:
            bare = f"{bare[: place.start()]} , {bare[place.end() :]}"
            found.append(name)
    kinds = _kinds(bare, words) or _kinds(_NEW_NAME.sub("", bare), words) & {"rename"}
    return found if _is_asked_of_topics(kinds) else []


def words_spoken_of(text: str) -> str | None:
    """Return by which words a text names what something is to be done with; None: with nothing.

    They stand between the bot's own words at its beginning and at its end.
    """
    bare, words = simplified(text), _vocabulary().words
    if len(bare) > _LONGEST:
        return None
    before, start = _kinds_before(bare, words)
    ends = (at for at in range(start + 1, len(bare)) if _is_boundary(bare, at))
    end, after = next(
        ((at, kinds) for at in ends if (kinds := _kinds(bare[at:], words))), (len(bare), set[str]())
    )
    named = bare[start:end].strip(" ,;.，；。")
    return named if named and _is_asked_of_topics(before | after) else None


def _is_asked_of_topics(kinds: set[str]) -> bool:
    done = kinds & _DONE_TO_TOPICS
    if not done or kinds & _ASKED_OF_TOPICS:
        return False
    if done == {"fewer"}:  # and not "less data"
        return bool(kinds & {"papers", "send"})
    return done != {"resume"} or not kinds & {"papers", "send", "wish"}


def _is_boundary(bare: str, at: int) -> bool:
    return bare[at - 1] == " " or bare[at] > "\u2e80" or bare[at - 1] > "\u2e80"


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
    kinds, end = _kinds_before(bare, words)
    return kinds if end == len(bare) else set()


def _kinds_before(bare: str, words: dict[str, re.Pattern[str]]) -> tuple[set[str], int]:
    """Return the kinds of the first words, and where the first one of no kind begins."""
    kinds: set[str] = set()
    begin = _BETWEEN.match(bare)
    at = begin.end() if begin else 0
    while at < len(bare):
        ends = [
            (found.end(), kind) for kind, word in words.items() if (found := word.match(bare, at))
        ]
        if not ends:
            break
        end, kind = max(ends)
        kinds.add(kind)
        between = _BETWEEN.match(bare, end)
        at = between.end() if between else end
    return kinds, at


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
