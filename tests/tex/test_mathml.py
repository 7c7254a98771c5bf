"""Formulas become MathML, or stay readable; nothing that an author wrote becomes more than that."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tex.mathml import mathml, needs_drawing, with_formulas
from bot.tex.to_unicode import readable, to_text
from tests.hostile import hostile_text
from tests.material import real_rows

ELEMENTS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "mover"}
ELEMENTS |= {"munder", "munderover", "mfrac", "msqrt", "mroot", "mstyle", "mtable", "mtr", "mtd"}
ATTRIBUTES = {"stretchy", "fence", "form", "accent", "accentunder", "movablelimits", "largeop"}
ATTRIBUTES |= {"displaystyle", "scriptlevel", "linethickness", "width", "mathvariant"}
TEX = (
    *"{}^_$&%#~'|<>\"a1 ",
    *(r"\text{<script>}", r"\text{", r"\href{javascript:x}", r"\style{color:red}", r"\class{x}"),
    *(
        r"\newcommand{\a}{\a\a}\a",
        r"\def\x{\x}",
        r"\let",
        r"\url{x}",
        r"\unicode{x3c}",
        r"\verb|<|",
    ),
    *(
        r"\frac",
        r"\sqrt[",
        r"\left(",
        r"\right)",
        r"\begin{matrix}",
        r"\end{matrix}",
        r"\\",
        r"\not",
    ),
    *(
        r"\sideset{a}{b}{",
        r"\mathbb{R}",
        r"\mathbf",
        r"\hat",
        r"\hspace{99em}",
        r"\color{red}",
        r"\over",
    ),
    *("&#x3c;", "&#xD800;", "&lt;", r"\rule{9em}{9em}", r"\raise{9em}", r"\alpha", r"\sum", r"\,"),
)


class Drawn(HTMLParser):
    """Holds what a piece of HTML shows, and fails where it has more than a formula may have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        assert {name for name, _value in attrs} <= ATTRIBUTES
        assert all(re.fullmatch(r"[a-z]+|-?[0-9.]+(em)?", value or "") for _name, value in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, _data: str) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("tex", "drawn"),
    [
        (r"$x_i^2$", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"$\frac12$", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"$\mathbb{R}$", "<mi>ℝ</mi>"),
        (r"$\mathbf{x}$", "<mi>𝐱</mi>"),
        (r"$\bm{\theta}$", "<mrow><mi>𝜽</mi></mrow>"),
        (r"$\mathcal{AB}$", "<mrow><mi>𝒜</mi><mi>ℬ</mi></mrow>"),
        (r"$x=4.4%$", "<mi>x</mi><mo>=</mo><mn>4.4</mn><mi>%</mi>"),
        (r"$\color{red} x$", "<mstyle><mi>x</mi></mstyle>"),
        (r"$\text{<script>}$", "<mtext>&lt;script&gt;</mtext>"),
    ],
)
def test_a_formula_is_drawn(tex: str, drawn: str) -> None:
    assert with_formulas(tex) == f"<math><mrow>{drawn}</mrow></math>"


@pytest.mark.parametrize(
    ("tex", "text"), [(r"$10\times$", "10×"), ("Part$^2$GS", "Part²GS"), ("H$_2$O", "H₂O")]
)
def test_what_a_line_of_text_can_show_is_text(tex: str, text: str) -> None:
    assert with_formulas(tex) == text


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\newcommand{\a}{\a\a}\a",
        r"\def\x{\x\x}\x",
        r"\unknown{x}",
        r"\hspace{99em}x",
        r"\hspace{-9em}x",
        r"\rlap{x}y",
        r"\boxed{x}",
        r"\text{if $x$}",
        r"\text{&#x3c;b&#x3e;}",
        "x^",
        "{" * 150 + "x" + "}" * 150,
        "x" * 401,
        "^".join("{" * 9),
        r"\sideset{a}{b}{" * 25 + "x" + "}" * 25,
    ],
)
def test_what_can_t_be_drawn_with_confidence_stays_readable(tex: str) -> None:
    assert mathml(tex, to_text(f"${tex}$")) is None


def test_a_line_may_break_within_a_long_formula_and_a_wider_one_stays_readable() -> None:
    assert with_formulas("$a+b=c$").count("<math>") == 1
    assert with_formulas(f"${'a+b=' * 20}c$").count("<math>") == 11
    assert with_formulas(f"${'a' * 41}$") == "a" * 41


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TEX) | st.text(max_size=3), max_size=12).map("".join))
def test_no_formula_becomes_anything_but_a_drawing(tex: str) -> None:
    Drawn(with_formulas(f"a ${tex}$ b"))
    Drawn(mathml(tex, tex) or "")


@settings(max_examples=100, deadline=None)
@given(hostile_text())
def test_no_text_becomes_anything_but_text_and_drawings(tex: str) -> None:
    Drawn(with_formulas(tex))


def test_real_papers_keep_every_letter_and_most_formulas_are_drawn() -> None:
    formulas = plain = drawn = 0
    for paper in real_rows():
        for tex in (paper["title"], paper["abstract"]):
            if "$" not in tex and "\\" not in tex:
                continue
            found = [span for span in readable(tex) if span.formula]
            formulas += len(found)
            needed = list(filter(needs_drawing, found))
            plain += len(found) - len(needed)
            drawn += sum(mathml(span.source, span.text) is not None for span in needed)
            Drawn(with_formulas(tex))
    print(f"{formulas} formulas: {drawn} drawn, {plain} are text")  # noqa: T201 - for `pytest -rP`
    assert drawn >= (formulas - plain) * 0.95
