"""A query that does not parse is answered with the place, the reason and a way on."""

import pytest

from tests.bot_under_test import BotUnderTest

EXAMPLE = '"gaussian splatting" cs.CV -survey'

MISTAKES = [
    ('"gaussian splatting', "quote is never closed", "引号没有闭合", '"gaussian splatting"'),
    ("(nerf OR gan", "bracket has no match", "括号不成对", "(nerf OR gan)"),
    ("nerf ()", "nothing between these brackets", "括号里没有内容", "nerf"),
    ("nerf AND", "A word is missing next to AND.", "AND 旁边少了一个词", "nerf"),
    ("author:Hinton tittle:nerf", "Unknown field tittle:", "字段 tittle:", "title:nerf"),
    ("au:", "What should I look for in au:?", "要在 au: 中查找什么", EXAMPLE),
    ("cat:cs.CX", "arXiv has no category cs.CX.", "没有分类 cs.CX", "cat:cs.C"),
    ("id:hello", "hello is not an arXiv id", "hello 不是 arXiv 编号", EXAMPLE),
    ("tra*former", "* goes at the end", "* 放在词尾", "traformer"),
    ("-survey", "This only says what to leave out", "只写了要排除什么", EXAMPLE),
    ("the of and", "Every paper has these words", "每篇论文都有这些词", EXAMPLE),
]


@pytest.mark.parametrize("person", ["ada", "lin"])
async def test_a_mistake_is_named_in_one_s_own_language_with_a_query_that_works(
    app: BotUnderTest, person: str
) -> None:
    who = getattr(app, person)
    for query, english, chinese, way_on in MISTAKES:
        answer = await app.say(who, query)
        assert (english if person == "ada" else chinese) in answer.text
        assert way_on in answer.text
        copied = [e for e in answer.formatted.entities if e.type == "code"][-1]
        works = answer.text.encode("utf-16-le")[copied.offset * 2 : copied.end * 2]
        preview = await app.say(who, works.decode("utf-16-le"))
        assert preview.buttons, "what is suggested can be followed"


@pytest.mark.parametrize("person", ["ada", "lin"])
async def test_the_place_is_marked(app: BotUnderTest, person: str) -> None:
    answer = await app.say(getattr(app, person), "/subscribe transformer foo:bar")
    marked = answer.text.splitlines()
    place = next(n for n, line in enumerate(marked) if "foo:bar" in line)
    assert marked[place + 1].index("^") == marked[place].index("foo:")
    assert any(entity.type == "pre" for entity in answer.formatted.entities)


async def test_what_is_too_much_or_nothing_is_answered_too(app: BotUnderTest) -> None:
    for query, reason in {
        "nerf " * 120: "a query can have 500 characters",
        " ".join(f"word{n}" for n in range(60)): "Too much for one query",
        "(" * 30 + "nerf" + ")" * 30: "Too much for one query",
        "🦜🦜": "Tell me what to look for",
        "!!!": "Tell me what to look for",
    }.items():
        answer = await app.say(app.ada, query)
        assert reason in answer.text
        assert EXAMPLE in answer.text


async def test_no_query_makes_an_answer_that_telegram_refuses(app: BotUnderTest) -> None:
    for query in (
        "<b>&amp;</b> (",
        '"</code><a href="x">',
        "{operator} AND",
        "%s AND",
        "AND\u202ex",
        "“a",
    ):
        answer = await app.say(app.ada, query)
        assert "Sorry" not in answer.text, query


async def test_nothing_is_stored_for_a_query_that_does_not_parse(app: BotUnderTest) -> None:
    await app.say(app.ada, "nerf AND")
    assert await app.labels(app.ada) == []
    assert app.arxiv.requests == []
