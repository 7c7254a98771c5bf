"""The query language: what may be written, what it means, and what is said to mistakes."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.handlers.explain_query import explain
from bot.i18n import texts
from bot.query.ast import And, AndNot, Field, Or, Query, Term
from bot.query.parser import (
    QuerySyntaxError,
    SyntaxReason,
    in_capitals,
    normalise,
    parse,
    parse_stored,
)
from tests.query.queries import QUERIES

GAN = Term(Field.TEXT, ("gan",))
NERF = Term(Field.TEXT, ("nerf",))
SURVEY = Term(Field.TEXT, ("survey",))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("gan", GAN),
        ("gan nerf", And((GAN, NERF))),
        ("gan AND nerf", And((GAN, NERF))),
        ("gan OR nerf", Or((GAN, NERF))),
        ("gan | nerf", Or((GAN, NERF))),
        ("gan ANDNOT nerf", AndNot(GAN, NERF)),
        ("gan -nerf", AndNot(GAN, NERF)),
        ("gan nerf OR survey", Or((SURVEY, And((GAN, NERF))))),
        ("gan (nerf OR survey)", And((GAN, Or((NERF, SURVEY))))),
        ("gan ANDNOT nerf AND survey", AndNot(And((GAN, SURVEY)), NERF)),
        ("gan | nerf -survey", Or((GAN, AndNot(NERF, SURVEY)))),
        ('"Gaussian splatting"', Term(Field.TEXT, ("gaussian", "splatting"))),
        ("zero-shot", Term(Field.TEXT, ("zero", "shot"))),
        ("transform*", Term(Field.TEXT, ("transform",), prefix=True)),
        ("fine-tun*", Term(Field.TEXT, ("fine", "tun"), prefix=True)),
        ("ti:gan", Term(Field.TITLE, ("gan",))),
        ("title: gan", Term(Field.TITLE, ("gan",))),
        ("TI:gan", Term(Field.TITLE, ("gan",))),
        ("abs:gan", Term(Field.ABSTRACT, ("gan",))),
        ("co:ICLR", Term(Field.COMMENT, ("iclr",))),
        ('jr:"Phys. Rev. D"', Term(Field.JOURNAL, ("phys", "rev", "d"))),
        ("all:gan", Term(Field.ALL, ("gan",))),
        ("ti:(gan nerf)", And((Term(Field.TITLE, ("gan",)), Term(Field.TITLE, ("nerf",))))),
        ('au:"Yann LeCun"', Term(Field.AUTHOR, ("lecun", "yann"))),
        ("au:LeCun_Y", Term(Field.AUTHOR, ("lecun", "y"))),
        ("au:del_maestro", Term(Field.AUTHOR, ("del", "maestro"))),
        ('au:"Fei-Fei Li"', Term(Field.AUTHOR, ("fei", "fei", "li"))),
        ("au:Müller", Term(Field.AUTHOR, ("muller",))),
        ("au:lec*", Term(Field.AUTHOR, ("lec",), prefix=True)),
        ("cs.CV", Term(Field.CATEGORY, ("cs.CV",))),
        ("CS.cv", Term(Field.CATEGORY, ("cs.CV",))),
        ("hep-th", Term(Field.CATEGORY, ("hep-th",))),
        ("cat:cs.CV", Term(Field.CATEGORY, ("cs.CV",))),
        ("cat:cs.*", Term(Field.CATEGORY, ("cs.",), prefix=True)),
        ("primary:cs.CV", Term(Field.PRIMARY, ("cs.CV",))),
        ("primary_category:cs.cv", Term(Field.PRIMARY, ("cs.CV",))),
        ("主分类：cs.CV", Term(Field.PRIMARY, ("cs.CV",))),
        ("principal:cs", Term(Field.PRIMARY, ("cs.",), prefix=True)),
        ("cs.*", Term(Field.CATEGORY, ("cs.",), prefix=True)),
        ("cat:cs", Term(Field.CATEGORY, ("cs.",), prefix=True)),
        ("id:2406.11840v2", Term(Field.ID, ("2406.11840",))),
        ("id:hep-th/9901001", Term(Field.ID, ("hep-th/9901001",))),
        ("id:2406.*", Term(Field.ID, ("2406.",), prefix=True)),
        ("the gan of a nerf", And((GAN, NERF))),
        ("gan OR the", GAN),
        ("gan -the", GAN),
    ],
)
def test_a_query_means_what_it_says(text: str, tree: object) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("“gaussian splatting”　－survey", '"gaussian splatting" -survey'),
        ("（gan｜nerf）ti：vae", "(gan | nerf) ti:vae"),
        ("「扩散模型」", '"扩散模型"'),
        ("«gan nerf»", '"gan nerf"'),
        ("gan，nerf、vae", "gan nerf vae"),
        ("ｇａｎ", "gan"),
        ("transform＊", "transform*"),
        ("zero–shot", "zero-shot"),
        ("gan — nerf", "gan nerf"),
        ("au:LeCun＿Y", "au:LeCun_Y"),
        ("au:O’Brien", "au:O'Brien"),
        ("作者：“Yann LeCun” 分类：cs.LG", 'au:"Yann LeCun" cat:cs.LG'),
        ("标题：（gan｜vae） 摘要： nerf", "ti:(gan | vae) abs:nerf"),
        ("autor:LeCun título:gan categoría:cs.*", "au:LeCun ti:gan cat:cs.*"),
        ("Pokémon", "pokemon"),
        ("α-GAN", "alpha-GAN"),
        (r"$\alpha$-GAN", "alpha-GAN"),
        ("gan NOT nerf", "gan -nerf"),
        ("gan AND NOT nerf", "gan -nerf"),
        ("gan || nerf", "gan | nerf"),
    ],
)
def test_any_keyboard_will_do(typed: str, meant: str) -> None:
    assert parse(typed) == parse(meant)


@pytest.mark.parametrize(
    "text",
    [
        "NeRF: Representing Scenes as Neural Radiance Fields",
        "Attention is all you need",
        "To diffuse or not to diffuse? A survey",
        "R&D in C++ (2024)",
        "GPT-4o: 100% of the $5 – a story",
    ],
)
def test_a_pasted_title_is_a_query(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GAN", "gan"),
        ("gan nerf", "nerf  AND\tgan"),
        ("gan OR nerf", "NeRF | GAN"),
        ("gan gan", "gan"),
        ("((gan))", "gan"),
        ("(gan OR nerf) OR survey", "gan OR (survey OR nerf)"),
        ("gan (nerf survey)", "survey nerf gan"),
        ("zero-shot", '"zero shot"'),
        ("ti:gan OR abs:gan", "gan"),
        ("gan -nerf -survey", "gan ANDNOT (survey OR nerf)"),
        ("(gan -nerf) survey", "gan survey -nerf"),
        ("(gan -nerf) -survey", "gan -nerf -survey"),
        ("cs.CV gan", "gan cat:cs.cv"),
        ("cat:cs", "cat:cs.*"),
        ('au:"LeCun Yann"', 'au:"Yann LeCun"'),
        ("au:LeCun_Y", 'au:"Y. LeCun"'),
        ('au:"Fei-Fei Li"', 'au:"Li, Fei Fei"'),
        ("ti:(gan nerf)", "ti:gan ti:nerf"),
        ("Pokémon", "pokemon"),
    ],
)
def test_equal_queries_are_one_topic(first: str, second: str) -> None:
    assert normalise(parse(first)) == normalise(parse(second))


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Gaussian   Splatting ", "gaussian splatting"),
        (
            'cs.CV AND "Gaussian Splatting" ANDNOT (survey OR "a review")',
            '"gaussian splatting" cat:cs.CV -"a review" -survey',
        ),
        ("a-b c OR gan", 'gan OR ("a b" c)'),
        ("gan -(nerf vae)", "gan -(nerf vae)"),
        ("(gan OR nerf) vae", "vae (gan OR nerf)"),
        ("au:LeCun_Y", 'au:"lecun y"'),
        ("fine-tun*", "fine-tun*"),
    ],
)
def test_the_normalised_text_reads_well(text: str, normal: str) -> None:
    assert normalise(parse(text)) == normal


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("cat:68T50", Term(Field.CATEGORY, ("68T50",))),
        ("gan OR cat:I.2.10", Or((GAN, Term(Field.CATEGORY, ("I.2.10",))))),
        ("gan OR nerf", Or((GAN, NERF))),
    ],
)
def test_a_topic_of_a_class_that_arxiv_no_longer_tells_still_reads(text: str, query: Query) -> None:
    assert parse_stored(text) == query
    assert normalise(query) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("gan or nerf", "gan OR nerf"),
        ("gan 或 nerf 或者 vae", "gan OR nerf OR vae"),
        ("gan not survey", "gan ANDNOT survey"),
        ("gan and not survey", "gan ANDNOT survey"),
        ("(gan or nerf) -survey", "(gan OR nerf) -survey"),
        ("gan and nerf", None),
        ("gan OR nerf", None),
        ("gan nerf", None),
        ('"one or two"', None),
        ("“trick or treat” gan", None),
        ("To diffuse or not to diffuse", None),
        ("or not", None),
    ],
)
def test_operators_in_small_letters_are_noticed(text: str, meant: str | None) -> None:
    assert in_capitals(text) == meant


def test_the_page_about_queries_shows_queries() -> None:
    page = Path(__file__).parents[2] / "docs" / "queries.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    first = [re.split(r"(?<!\\)\|", line)[1] for line in lines if line.startswith("| `")]
    shown = [query.replace(r"\|", "|") for cell in first for query in re.findall("`([^`]+)`", cell)]
    assert len(shown) > 30
    for query in shown:
        parse(query)
    assert {field.value for field in Field if field} <= {query.partition(":")[0] for query in shown}


MISTAKES = [
    ("", SyntaxReason.EMPTY, 0, "", None),
    ("  \n", SyntaxReason.EMPTY, 0, "  \n", None),
    ("!!! …", SyntaxReason.EMPTY, 0, "!!! …", None),
    ("the of", SyntaxReason.ONLY_STOP_WORDS, 0, "the of", None),
    ('gan "nerf', SyntaxReason.UNBALANCED_QUOTE, 4, '"', 'gan "nerf"'),
    ("gan “nerf", SyntaxReason.UNBALANCED_QUOTE, 4, "“", 'gan "nerf"'),
    ('"gan" nerf"', SyntaxReason.UNBALANCED_QUOTE, 10, '"', '"gan" nerf""'),
    ("(gan OR nerf", SyntaxReason.UNBALANCED_BRACKET, 0, "(", "(gan OR nerf)"),
    ("gan (nerf (vae)", SyntaxReason.UNBALANCED_BRACKET, 4, "(", "gan (nerf (vae))"),
    ("gan) nerf", SyntaxReason.UNBALANCED_BRACKET, 3, ")", "gan nerf"),
    ("gan ( ) nerf", SyntaxReason.EMPTY_BRACKETS, 4, "( )", "gan nerf"),
    ("gan AND", SyntaxReason.DANGLING_OPERATOR, 4, "AND", "gan"),
    ("OR gan", SyntaxReason.DANGLING_OPERATOR, 0, "OR", "gan"),
    ("gan | | nerf", SyntaxReason.DANGLING_OPERATOR, 6, "|", "gan | nerf"),
    ("(gan OR) nerf", SyntaxReason.DANGLING_OPERATOR, 5, "OR", "(gan) nerf"),
    ("gan ANDNOT", SyntaxReason.DANGLING_OPERATOR, 4, "ANDNOT", "gan"),
    ("ANDNOT gan", SyntaxReason.DANGLING_OPERATOR, 0, "ANDNOT", "gan"),
    ("gan NOT", SyntaxReason.DANGLING_OPERATOR, 4, "NOT", "gan"),
    ("gan OR AND nerf OR", SyntaxReason.DANGLING_OPERATOR, 7, "AND", "gan OR nerf"),
    ("tit:gan", SyntaxReason.UNKNOWN_FIELD, 0, "tit:", "ti:gan"),
    ("gan auther:lee", SyntaxReason.UNKNOWN_FIELD, 4, "auther:", "gan author:lee"),
    ("venue:cvpr", SyntaxReason.UNKNOWN_FIELD, 0, "venue:", None),
    ("ti:", SyntaxReason.EMPTY_FIELD, 0, "ti:", None),
    ("gan ti: OR nerf", SyntaxReason.EMPTY_FIELD, 4, "ti: ", "gan OR nerf"),
    ("cs.CW", SyntaxReason.UNKNOWN_CATEGORY, 0, "cs.CW", "cs.CV"),
    ("gan cat:cs.RA", SyntaxReason.UNKNOWN_CATEGORY, 8, "cs.RA", "gan cat:cs.RO"),
    ("primary:robotics", SyntaxReason.UNKNOWN_CATEGORY, 8, "robotics", "primary:cs.RO"),
    ("cat:robotics", SyntaxReason.UNKNOWN_CATEGORY, 4, "robotics", "cat:cs.RO"),
    ("cat:机器人", SyntaxReason.UNKNOWN_CATEGORY, 4, "机器人", "cat:cs.RO"),
    ("cs.QQQQ", SyntaxReason.UNKNOWN_CATEGORY, 0, "cs.QQQQ", "cs.*"),
    ("cat:xyzzy", SyntaxReason.UNKNOWN_CATEGORY, 4, "xyzzy", None),
    ("cat:68t50", SyntaxReason.OTHER_CLASS, 4, "68t50", None),
    ("gan -cat:I.2.10", SyntaxReason.OTHER_CLASS, 9, "I.2.10", None),
    ("id:foo", SyntaxReason.BAD_ID, 3, "foo", None),
    ("-survey", SyntaxReason.ONLY_EXCLUSIONS, 0, "-survey", None),
    ("gan OR -survey", SyntaxReason.ONLY_EXCLUSIONS, 7, "-survey", None),
    ("NOT survey", SyntaxReason.ONLY_EXCLUSIONS, 0, "NOT survey", None),
    ("tr*former", SyntaxReason.MISPLACED_STAR, 0, "tr*former", "trformer"),
    ("*former", SyntaxReason.MISPLACED_STAR, 0, "*former", "former"),
    ("gan t*", SyntaxReason.MISPLACED_STAR, 4, "t*", "gan t"),
    ("tit:gan AND (cs.CW", SyntaxReason.UNBALANCED_BRACKET, 12, "(", "ti:gan AND (cs.CV)"),
]


@pytest.mark.parametrize(("text", "reason", "position", "found", "suggestion"), MISTAKES)
def test_a_mistake_is_pointed_at_and_mended(
    text: str, reason: SyntaxReason, position: int, found: str, suggestion: str | None
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    error = caught.value
    assert (error.reason, error.position, error.found) == (reason, position, found)
    assert error.suggestion == suggestion
    assert error.text == text
    if suggestion is not None:
        parse(suggestion)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 501, SyntaxReason.TOO_LONG),
        ("x" * 500, None),
        (" ".join(f"word{number}" for number in range(60)), SyntaxReason.TOO_COMPLEX),
        ("(" * 100 + "gan" + ")" * 100, SyntaxReason.TOO_COMPLEX),
        ("(a1 (b1 | (c1 (d1 | (e1 (f1 | (g1 (h1 | (i1 j1)))))))))", SyntaxReason.TOO_COMPLEX),
        ("ﷺ" * 500, SyntaxReason.TOO_COMPLEX),
        ("a-" * 200 + "b", None),
    ],
)
def test_a_query_has_limits(text: str, reason: SyntaxReason | None) -> None:
    if reason is None:
        parse(text)
        return
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.reason is reason


@given(st.text(max_size=600) | st.text('abAND OR-()"|:*cstiau.\\$“　', max_size=600))
@example('("“B:|')  # without its spare space the suggestion asked for something else
@settings(deadline=None)
def test_no_text_hurts_the_parser(text: str) -> None:
    started = time.thread_time()
    query, error = _parsed(text)
    assert time.thread_time() - started < 2
    if query is not None:
        assert parse(normalise(query)) == query
    if error is not None:
        assert text[error.position :].startswith(error.found)
        assert error.suggestion is None or parse(error.suggestion)
        assert 0 < len(explain(error, texts("en"))) < 4096


def _parsed(text: str) -> tuple[Query | None, QuerySyntaxError | None]:
    try:
        return parse(text), None
    except QuerySyntaxError as error:
        return None, error


@given(QUERIES)
def test_the_normalised_text_is_the_same_query(query: Query) -> None:
    text = normalise(query)
    assert parse(text) == query
    assert normalise(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gan AND", "gan AND\n    ^^^"),
        ("（三维 OR）", "（三维 OR）\n　　　 ^^"),
        ("<b> tit:gan", "&lt;b&gt; tit:gan\n    ^^^^"),
        (
            "many words that stand before the place cs.QQ and many after it",
            "…nd before the place cs.QQ and …\n                     ^^^^^",
        ),
    ],
)
def test_the_place_is_marked(text: str, shown: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert f"<pre>{shown}</pre>" in explain(caught.value, texts("en"))


@pytest.mark.parametrize("reason", SyntaxReason)
def test_every_mistake_has_words_and_a_way_on(reason: SyntaxReason) -> None:
    error = QuerySyntaxError("gan <b>", reason, 4, "<b>", None)
    answer = explain(error, texts("en"))
    assert "For example: <code>" in answer
    assert "<b>" not in answer
    mended = QuerySyntaxError("gan <b>", reason, 4, "<b>", "gan")
    assert "Did you mean: <code>gan</code>" in explain(mended, texts("en"))


def test_a_long_query_does_not_make_a_long_answer() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("gan " * 10_000)
    assert len(explain(caught.value, texts("en"))) < 500
