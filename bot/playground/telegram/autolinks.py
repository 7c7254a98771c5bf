"""What Telegram sees in a text by itself: commands, mentions, hashtags, links, e-mail addresses."""

import re
from collections.abc import Iterator
from typing import Final

# Every two-letter ending is a country's or none; Telegram links `cs.CV` because of Cape Verde.
_COUNTRIES_WORDS = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er
    es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht
    hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr
    ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng
    ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd
    se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw
    tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
    """
_COUNTRIES: Final = frozenset(_COUNTRIES_WORDS.split())
_GENERIC_WORDS = """
    academy app art biz blog cafe cat chat click cloud club com data design dev earth edu email
    energy expert gov info int live link ltd mil mobi museum name net news one online org page
    photo press pro pub research science services shop site space store studio systems tech tel
    today tools top town travel website wiki work works world xyz zone
    """
_GENERIC: Final = frozenset(_GENERIC_WORDS.split())
_COMMAND: Final = re.compile(
    r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![A-Za-z0-9_/<>])"
)
_MENTION: Final = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{2,32}(?!\w)")
_HASHTAG: Final = re.compile(r"(?<![\w#@])#(?=\w*[^\W\d])\w{1,256}")
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]+\.)+([A-Za-z]{2,24})(?!\w)")
_LINK: Final = re.compile(
    r"""
    (?<![\w@./-])
    (?P<scheme>https?://)?
    (?P<host>(?:[\w-]{1,63}\.)+(?P<ending>[A-Za-z]{2,24}))
    (?!\w)
    (?P<port>:\d{1,5})?
    (?P<path>[/?\#][^\s<>"«»“”]*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_SENTENCE_ENDS: Final = ".,:;?!'`…。，；：？！"


def autolinks(text: str) -> list[tuple[str, int, int]]:
    """Return (entity type, offset, length) in UTF-16 units, none overlapping another."""
    taken: list[tuple[int, int]] = []
    found: list[tuple[str, int, int]] = []
    for kind, start, end in _candidates(text):
        if all(end <= other_start or other_end <= start for other_start, other_end in taken):
            taken.append((start, end))
            found.append((kind, _units(text[:start]), _units(text[start:end])))
    return sorted(found, key=lambda item: item[1])


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(text):
        if _known_ending(match[1]):
            yield "email", *match.span()
    for match in _LINK.finditer(text):
        if match["scheme"] or _known_ending(match["ending"]):
            yield "url", match.start(), match.start() + len(_without_tail(match[0]))
    for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION), ("hashtag", _HASHTAG)):
        for match in pattern.finditer(text):
            yield kind, *match.span()


def _known_ending(ending: str) -> bool:
    lower = ending.lower()
    # `Readme.Com` starts a sentence rather than a host: Telegram skips such capitals.
    if ending != lower and ending[1:] == lower[1:]:
        return False
    return lower in _COUNTRIES or lower in _GENERIC


def _without_tail(url: str) -> str:
    while url:
        last = url[-1]
        opening = _CLOSING.get(last)
        unbalanced = opening is not None and url.count(last) > url.count(opening)
        if last not in _SENTENCE_ENDS and not unbalanced:
            break
        url = url[:-1]
    return url


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
