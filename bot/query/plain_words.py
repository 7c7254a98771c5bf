"""Plain words: what somebody wants who writes as to a person, and not in the query language.

Around what is looked for stand words that ask for it: "I want papers about …", 我想看关于……的论文,
"quiero artículos sobre …". They are told by their kinds (who asks, asking, what is asked for,
which, about), never by whole phrases, and are taken away only where they really ask.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from bot.query.romanised_names import signed_name
from bot.regex.lazy_pattern import lazily

_EXPLICIT = lazily(
    r'["“”„«»「」|*]|(?<!\S)[-－–](?=\w)|\b(?:AND|OR|ANDNOT|NOT)\b|[^\W\d_]+[:：](?:\S|$)|\b(?:ti|au|abs|cat|co|jr|id|all):|(?<!\w)[(（]'
)
"""Signs of the query language."""

_LISTING = lazily(r"\barxiv\.org/(?:list|archive|rss|atom)/([a-z-]+(?:\.[a-z-]+)?)", re.IGNORECASE)
"""An address of a category's papers: https://arxiv.org/list/cs.CV/recent."""
_AUTHOR_PAGE = lazily(r"\barxiv\.org/a/([a-z-]+)_([a-z])_\d", re.IGNORECASE)
"""An address of an author's papers: https://arxiv.org/a/lecun_y_1."""

_BY = ("by", "from", "por", "de")
_DATA = tomllib.loads(files("bot.query").joinpath("plain_words.toml").read_text(encoding="utf-8"))
_KINDS = {kind: frozenset(words.split()) for kind, words in _DATA["kinds"].items()}
_PLACES = {place: frozenset(words.split()) for place, words in _DATA["places"].items()}
_HAN = r"\u4e00-\u9fff"
_GREETING_HAN = lazily(
    r"(?:你好|您好|大家好|嗨|哈喽|哈啰|早上好|早安|上午好|下午好|晚上好|晚安|谢谢|多谢|感谢|再见|好的|帮助|测试|在吗|[你您们吗呀啊吧呢了])++"
)
_QUESTION_HAN = lazily(
    r"什么|怎么|如何|为什么|为何|谁|哪里|哪个|多少|几点|能不能|可不可以|是不是|能否|可以.*吗|吗$|呢$|^你(?:能|会|是)"
)
_BEFORE_HAN = lazily(
    r"^(?:(?:早上|上午|中午|下午|晚上)?[\d一二三四五六七八九十]{1,3}点半?|早上|晚上|"
    r"请问|请|跪求|求|来点|来些|添加|增加|加一?个|加上|只|仅|专门|每天|每日|每周|每个?早上|麻烦|帮我|给我|为我|替我|我们|我的|我|想要|想|要|希望|喜欢|需要|正在|主要|目前|一直|在|是|做|从事|搞|研究方向|研究领域|研究|方向|领域|"
    r"看看|看|找一?下|找|搜索|搜一?下|搜|查一?下|查|读|了解|关注|订阅|追踪|跟踪|学习|推荐|推送|发送|发|一些|一点|几篇|一下|有没有|有哪些|有什么|有|"
    r"好的|好看的|值得看的|"
    r"最新的?|最近的?|近期的?|新的?|关于|有关|对|跟|和|与|论文|文章|文献|[：:，, ])+"
)
_AFTER_HAN = lazily(
    r"(?:相关的?|有关的?|方面的?|方向的?|领域的?|类的?|的)*+"
    r"(?:最新|最近|近期|新)?的?(?:论文|文章|文献|研究|工作|进展|成果|动态|消息|资讯|方面|方向|领域|主题|话题)?"
    r"(?:推荐)?(?:有哪些|有什么|有没有|有吗|吗|呢)?$|(?:很?感兴趣|有兴趣|比较感兴趣)$"
)
_ASKS_HAN = lazily(
    r"添加|^加一?个|我|想|求|只看|了解|找|请|帮|给|关于|有关|论文|文章|文献|感兴趣|研究|推荐|订阅|关注|搜|查|最新|有没有|有哪些|方向|方面|领域"
)
_NAME = r"[A-Za-zÀ-ž][A-Za-zÀ-ž'’.-]*"
_LATIN_NAME = rf"({_NAME}(?:[ ·]{_NAME}){{0,4}})"
_BY_HAN = lazily(
    rf"^(?:作者(?:是|为|：|:)?\s*|由\s*)?{_LATIN_NAME}\s*(?:的|写的|撰写的|发表的|发布的|所著的?)"
    r"(?:最新|最近|新)?的?(?:论文|文章|文献|工作|研究)?$"
    rf"|^作者(?:是|为|：|:)?\s*{_LATIN_NAME}$"
)
_OWNED = lazily(rf"^{_LATIN_NAME}['’]s? (?P<rest>.+)$")
_COURTESY = lazily(
    r"(?:^|[\s,;.!]+)(?:(?:pretty )?please|pls|plz|thanks(?: a lot| in advance)?|thank you|thx|ty"
    r"|asap|por favor|porfa|(?:muchas )?gracias)[\s.!]*$"
    r"|[\s，,。！!]*(?:谢谢|多谢|感谢|麻烦|拜托)(?:你|您|了|啦)*$",
    re.IGNORECASE,
)
"""Thanks and please behind a wish."""
_ACRONYM = lazily(r"[A-Z]{2,}")
_FEWEST_NAMES = 2
_LONGEST = 300
"""Who asks writes no longer."""
_MOST_NAMES = 5


class Kind(StrEnum):
    """What a text is."""

    QUERY = "query"
    """In the query language, to be taken as it is."""
    WORDS = "words"
    """Looks for something, in plain words."""
    TALK = "talk"
    """A greeting, or a question to the bot."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants."""

    kind: Kind
    query: str = ""
    """What is looked for, in the query language."""
    words: str = ""
    """The same as it was written."""


def is_page_of_arxiv(text: str) -> bool:
    """Tell whether a text has the address of a category's or an author's papers."""
    return _page_of_arxiv(text) is not None


def _page_of_arxiv(text: str) -> Wish | None:
    if (listing := _LISTING.search(text)) is not None:
        return Wish(Kind.QUERY, f"cat:{listing[1]}", listing[1])
    if (author := _AUTHOR_PAGE.search(text)) is not None:
        return Wish(Kind.QUERY, f"au:{author[1]}_{author[2]}", f"{author[1]}_{author[2]}")
    return None


def understand(text: str) -> Wish:
    """Return what a text asks for."""
    words = _ASKED_TO_FOLLOW.sub("", " ".join(text.split()))
    if (left_out := _ONLY_NOT.fullmatch(_bare(words))) is not None:
        unwanted = next(filter(None, left_out.groups()))
        words = f'-"{unwanted}"' if " " in unwanted else f"-{unwanted}"
    if (page := _page_of_arxiv(words)) is not None:
        return page
    name = _signed(words)
    if name is None and (len(words) > _LONGEST or _EXPLICIT.search(words)):
        return Wish(Kind.QUERY, words, words)
    polite, words = words, _without_courtesy(words)
    if _is_greeting(polite) or (words != polite and _names_nothing(_bare(words).split())):
        return Wish(Kind.TALK)
    if (asked := _HAS_PUBLISHED.match(_bare(words))) is not None:
        name = next(filter(None, asked.groups()))
    if name is not None:
        return _by(name)
    if (turned := _FIRST_NOT.match(words)) is not None:
        words = f"{turned[2]}不要{turned[1]}"
    wanted, *unwanted = _BUT.split(words)
    if wanted and unwanted:
        wish = understand(wanted)
        return _without(wish, unwanted) if wish.kind is Kind.WORDS else wish
    return _han_wish(words) if re.search(f"[{_HAN}]", words) else _latin_wish(words)


def _without_courtesy(words: str) -> str:
    """Take thanks and please away from the end, unless they are all that was said."""
    while (shorter := _COURTESY.sub("", words)) != words and _bare(shorter):
        words = shorter
    return words


_AUTHOR = lazily(rf"(?:作者|authors?|autora?)\s*[:：]\s*{_LATIN_NAME}$", re.IGNORECASE)


def _signed(words: str) -> str | None:
    """Return the name that stands behind "author:" or 作者, in whatever letters."""
    bare = _bare(words[: _LONGEST + 1])
    if (found := _AUTHOR.match(bare)) is not None:
        return found[1]
    return signed_name(bare)


_TELL_HAN = lazily(
    r"(?:的?时候?)?(?:一出来)?(?:请|就|都|再)*(?:告诉|通知|提醒|推送给|发送给|推给|发给)我们?$"
)
_WHO_HAN = lazily(
    r"的(?:博士后|博士生|博士|硕士生|硕士|研究生|研究员|本科生|学生|教授|老师|工程师|人)$"
)
"""Who somebody is behind what they study: 我是研究暗物质的博士生."""
_BUT = lazily(
    r"(?:\s|,\s)+(?:but (?:not|no)|except(?: for)?|excluding|pero no|excepto|salvo)\s+"
    r"|[，, ]*(?:但不要|但是不要|不要|不包括|排除)(?=\w)",
    re.IGNORECASE,
)
"""What leads to what is to be left out."""
_HAS_PUBLISHED = lazily(
    rf"^(?:what(?:'s| has| have| did)|qué ha|que ha) {_LATIN_NAME} "
    r"(?:publish(?:ed)?|writ(?:e|ten)|been working on|publicado|escrito)\b.{0,20}$"
    rf"|^(?:qué|que) ha (?:publicado|escrito) {_LATIN_NAME}$"
    rf"|^{_LATIN_NAME}\s*(?:最近|最新|近期|又)*(?:发表|发布|写)了?(?:什么|哪些|啥).{{0,6}}$",
    re.IGNORECASE,
)
"""A question for somebody's papers."""


def _han_wish(words: str) -> Wish:
    if (found := _BY_HAN.match(_bare(words))) is not None:
        return _by(found[1] or found[2])
    core = _bare(words)
    if _ASKS_HAN.search(core):
        core = _WHO_HAN.sub("", _TELL_HAN.sub("", core))
        core = _AFTER_HAN.sub("", _BEFORE_HAN.sub("", core)).strip(" 　的")
        if (found := _BY_HAN.match(_BEFORE_HAN.sub("", _bare(words)))) is not None:
            return _by(found[1] or found[2])
    if _QUESTION_HAN.search(core) or not core:
        return Wish(Kind.TALK)
    return Wish(Kind.WORDS, core, core)


_ASKED_TO_FOLLOW = lazily(
    r"^¿?(?:can|could|would|will|puedes|podrías|podrias) (?:you )?(?:please )?"
    r"(?=(?:add|follow|subscribe|añadir|agregar|seguir) )",
    re.IGNORECASE,
)
"""What stands before what is to be followed: "can you add cs.RO?"."""
_CATEGORY = r"[a-z-]{2,8}\.[A-Za-z-]{2,}"
_ONLY_NOT = lazily(
    r"(?:no|without|exclude|sin|nada de) (.+?),? (?:please|pls|plz|thanks|por favor|gracias)"
    rf"|(?:no|not|without|exclude|sin) (?:cat:)?({_CATEGORY})"
    r"|我?(?:不想要|不要|不想看|别给?我?(?:推送?|发)|排除)([^，,；; ]+)",
    re.IGNORECASE,
)
"""What says only what is to be left out, and is no topic: "no cs.LG please", 不要综述."""
_FIRST_NOT = lazily(r"(?:不要|不看|除了)(.+?)[，,；; ]+(?:只要|只看|我?要|想要|其他)(.+)$")
"""What is to be left out, said first: 不要综述，只要扩散模型."""


def _without(wish: Wish, unwanted: list[str]) -> Wish:
    """Leave something out of a wish."""
    bare = [_bare(one) for one in unwanted]
    minus = " ".join(f'-"{one}"' if " " in one else f"-{one}" for one in bare if one)
    return Wish(Kind.WORDS, f"{wish.query} {minus}".strip(), f"{wish.words} {minus}".strip())


def _last_clause(bare: str) -> str:
    """Return what asks where something else stands before: "We are a lab, we do grasping"."""
    *before, last = re.split(r"[,.;!?]\s+", bare)
    tokens = last.split()
    asks = before and tokens and _plain(tokens[0]) in _KINDS["who"] and _asked_for(tokens)[0]
    return last if asks else bare


def _latin_wish(words: str) -> Wish:
    bare = _last_clause(_bare(words))
    tokens = bare.split()
    if not tokens:
        return Wish(Kind.QUERY, words, words)
    if (author := _author(bare, tokens)) is not None:
        return author
    start, kinds = _asked_for(tokens)
    rest = tokens[start:]
    asks = "about" in kinds and ("thing" in kinds or _plain(tokens[0]) == "whats")
    asks = asks or (_plain(tokens[0]) in _PLACES["request"] and {"about", "asking"} <= kinds)
    asks = asks or (_names_a_thing(rest) and _plain(tokens[0]) in _PLACES["for_a_thing"])
    is_question = _plain(tokens[0]) in _PLACES["question"] or (_is_asked(words) and start == 0)
    if is_question and not (asks and rest):
        return Wish(Kind.TALK, bare, bare)
    rest = _without_ends(rest, asked=start > 0)
    if not rest:
        return Wish(Kind.TALK)
    core = " ".join(rest)
    subject, _word, name = core.rpartition(" by ")
    if subject and is_name(name):
        return Wish(Kind.WORDS, f'{subject} au:"{name}"', core)
    return Wish(Kind.WORDS, core, core)


def _names_a_thing(tokens: list[str]) -> bool:
    """Tell whether a thing stands behind what is looked for: "RAG papers"."""
    return len(tokens) > 1 and _plain(tokens[-1]) in _PLACES["last"]


def _names_nothing(tokens: list[str]) -> bool:
    """Tell whether nothing is named: "some papers", "more news"."""
    return _are(tokens, *_KINDS) and not any(_is_acronym(token, tokens) for token in tokens)


def _is_acronym(token: str, tokens: list[str]) -> bool:
    """Tell whether a word is none of ours, for all its letters: the US of "US papers"."""
    return bool(_ACRONYM.fullmatch(token)) and any(map(str.islower, tokens))


def _asked_for(tokens: list[str]) -> tuple[int, set[str]]:
    """Return where what is looked for begins, behind the words that ask, and their kinds.

    They ask where somebody speaks of themselves, or asks for a thing about something: the "new" of
    "new physics" and the "work" of "work function" do not.
    """
    kinds: set[str] = set()
    place = 0
    for place, token in enumerate(tokens):  # noqa: B007 - where it ended counts
        here = {kind for kind, known in _KINDS.items() if _plain(token) in known}
        if not here or _is_acronym(token, tokens):
            break
        kinds |= here
    else:
        place = len(tokens)
    first = _plain(tokens[0])
    speaks = bool(kinds & {"who"}) or first in _PLACES["first_person"]
    asks = "about" in kinds and bool(kinds & {"thing", "asking"})
    shows = first in _PLACES["imperative"] and "thing" in kinds
    if first in _PLACES["last"] and place == 1 < len(tokens) and _is_acronym(tokens[1], tokens):
        return 1, kinds
    if place and first in _PLACES["for_a_thing"] and _names_a_thing(tokens[place:]):
        return place, kinds
    if first in _PLACES["follows"] and place == 1 and len(tokens) > 1:
        return 1, kinds
    if not (speaks or asks or shows):
        return 0, kinds
    if speaks:
        # "I am a student working on …"
        pairs = zip(range(place, len(tokens)), tokens[place:], tokens[place + 1 :], strict=False)
        for at, one, after in pairs:
            if _plain(one) in _KINDS["asking"] and _plain(after) in _KINDS["about"]:
                return at + 2, kinds | {"asking", "about"}
    return place, kinds


def _without_ends(rest: list[str], *, asked: bool) -> list[str]:
    """Take away what stands behind what is looked for: "papers", "please", "every morning"."""
    while rest and (
        (len(rest) > 1 and _plain(rest[-1]) in _PLACES["last"])
        or (_plain(rest[-1]) in _PLACES["when"] and (asked or _names_a_thing(rest[:-1])))
    ):
        rest = rest[:-1]
    return rest


def _author(bare: str, tokens: list[str]) -> Wish | None:
    """Read a name that words such as "papers by" lead to, or that a thing belongs to."""
    if (owned := _OWNED.match(bare)) is not None and _are(owned["rest"].split(), "which", "thing"):
        return _by(owned[1])
    for place, token in enumerate(tokens[:-1]):
        word, rest = _plain(token), tokens[place + 1 :]
        before = tokens[:place]
        if word in _BY and _are(before, *_KINDS):
            name = " ".join(rest)
            tells = word in {"by", "por"} and _are(before[-1:], "thing", "written") and before
            if len(rest) > _MOST_NAMES or any(map(str.isdecimal, name)):
                return None
            if tells or (is_name(name) and len(rest) >= _FEWEST_NAMES):
                return _by(name)
    return None


def _by(name: str) -> Wish:
    name = name.strip(" .")
    return Wish(Kind.WORDS, f'au:"{name}"', name)


def is_name(text: str) -> bool:
    """Tell whether a text looks like somebody's name: a few words, each with a capital."""
    words = text.split()
    particles = {"de", "la", "van", "von", "der", "den", "del", "di", "da", "al", "bin", "le"}
    return 0 < len(words) <= _MOST_NAMES and all(
        word[0].isupper() or word in particles for word in words
    )


def _is_greeting(words: str) -> bool:
    bare = _bare(words)
    if not bare:
        return False
    if re.search(f"[{_HAN}]", bare):
        return _GREETING_HAN.fullmatch(re.sub(r"[\s，,。！!~～]+", "", bare)) is not None
    return all(_plain(word) in _PLACES["greeting"] for word in bare.split())


def _are(words: list[str], *kinds: str) -> bool:
    return all(any(_plain(word) in _KINDS[kind] for kind in kinds) for word in words)


def _is_asked(words: str) -> bool:
    return words.rstrip().endswith(("?", "？"))


def _bare(words: str) -> str:
    """Return a text without the signs around it."""
    return words.strip(" .,;:!?¡¿。，、；：！？…~～👋🙂😀")


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if char.isalnum())
