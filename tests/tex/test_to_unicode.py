"""TeX becomes text that people can read, and text that is no TeX stays as it is."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tex.to_unicode import Span, one_line, readable, spans, to_text
from tests.hostile import hostile_text
from tests.material import real_rows
from tests.seldom import seldom


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"$\alpha_i \le 10^{-3}$", "αᵢ ≤ 10⁻³"),
        (r"14$\times$, $90\%\pm0.2$, $\sim$3.5", "14×, 90%±0.2, ~3.5"),
        (r"H$_\infty$ Control and un$^2$CLIP", "H_∞ Control and un²CLIP"),
        (r"H$^{\mathbf{3}}$DP, FaSTA$^*$", "H³DP, FaSTA*"),
        (r"$x_{ij}$ $x_{qb}$ $x_{a+q}$ $e^{-\lambda t}$", "xᵢⱼ x_qb x_(a+q) e^(-λt)"),
        (r"F $_{1_{inst}}$ $x^{2^n}$", "F ₁ᵢₙₛₜ x^(2ⁿ)"),
        (r"$\frac{a}{b}$, $\frac{a+b}{2}$, $\frac12$", "a/b, (a+b)/2, 1/2"),
        (r"$\sqrt{x}$, $O(1/\sqrt{T+1})$, $\sqrt[3]{x}$", "√x, O(1/√(T+1)), ∛x"),
        (r"$O(n\log n)$ and $\log\pi$", "O(n log n) and log π"),
        (r"$P\in \mathbb{R}^{d}$, $T \to 0^+$, $-\infty$", "P ∈ ℝᵈ, T → 0⁺, -∞"),
        (r"$\tilde{\mathcal{O} }(n)$ $\hat{y}_t$ $\overline{AB}$", "Õ(n) ŷₜ A̅B̅"),
        (r"$2^{\circ}$ and 360{\deg}", "2° and 360°"),
        (r"$\textit{New News}$: $\text{B}_2\text{S}_6$", "New News: B₂S₆"),
        (r"up to $\textbf{28.5%$\rightarrow$71.4%}$", "up to 28.5%→71.4%"),
        (r"\(2\times 3\) or \[x = 1\] or $$y$$", "2 × 3 or x = 1 or y"),
        (r"systems$\unicode{x2014}$the", "systems—the"),
        (r"\textbf{x}, \emph{y}, {\it z}, {\sc Turbo}", "x, y, z, Turbo"),
        (r"\underline{P}runing \textbf{an $x_i$ y}", "Pruning an xᵢ y"),
        (r"Schr\"odinger, r\'esum\'e, G\"{o}del, \'{\i}", "Schrödinger, résumé, Gödel, í"),
        (r"Erd\H{o}s, \v{S}imon, Dvo\v rak, {\L}ukasz", "Erdős, Šimon, Dvořak, Łukasz"),
        (r"model\'s", "model's"),
        (r"\url{https://a.b/c\_d}代码", "https://a.b/c_d 代码"),
        (r"see https://a.b/~c--d\_e_f", "see https://a.b/~c--d_e_f"),
        (r"\href{https://x.y/z}{the page}", "the page (https://x.y/z)"),
        (r"\href{https://x.y/}{\textcolor{red}{https://x.y}}", "https://x.y/"),
        (r"prior work~\citep{wu_2022} and \cite[p. 3]{a}", "prior work [wu_2022] and [a, p. 3]"),
        (r"research\footnote{The list}.", "research (The list)."),
        (r"Fig.~3, DR.~GRPO, 86\,min, avg.\ 86", "Fig. 3, DR. GRPO, 86 min, avg. 86"),
        (r"pre\--trained and obstacles\textemdash whether", "pre-trained and obstacles—whether"),
        ("a -- b, 3--5, c --- d", "a – b, 3–5, c — d"),
        ("``quoted'' and ``half\"", "“quoted” and “half”"),
        (r"50\% of Q\&A for \$5 in a\_b", "50% of Q&A for $5 in a_b"),
        (r"we propose \textbf{\ours} and \dataset{} now", "we propose ours and dataset now"),
        (r"{N}eRF and G{\'e}rard, the set {0, 1}", "NeRF and Gérard, the set {0, 1}"),
        ("one\n  line\r\n\tonly", "one line only"),
    ],
)
def test_tex_reads_as_unicode(tex: str, text: str) -> None:
    assert to_text(tex) == text


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6",
        "under $1,900, from $5 to $6M (US$7)",
        "costs $5 (US$) for",
        "100% of it",
        "~70,800 m and 10~20",
        "snake_case x^2 R^d C_1",
        "the --verbose option",
        "``code``",
        "5'' long",
        "a lone $ and { and } and \\",
        'a "quoted" & <bold> #1 @you',
        "你好，世界。",
    ],
)
def test_prose_that_looks_like_tex_stays(text: str) -> None:
    assert to_text(text) == text


def test_a_formula_is_one_piece() -> None:
    assert readable(r"for $\alpha \le 1$ we") == [
        Span("for", formula=False),
        Span(" ", formula=False),
        Span("α ≤ 1", formula=True, source=r"\alpha \le 1"),
        Span(" we", formula=False),
    ]


@pytest.mark.parametrize(
    ("tex", "formulas"),
    [
        ("$a$ and $b$", ["a", "b"]),
        ("$5 and $6 and $x$", ["x"]),
        (r"\$5 and $x\$y$", [r"x\$y"]),
        ("$a{b$ and", []),
        (r"$\text{if $x$}$", [r"\text{if $x$}"]),
        ("$ $ and $$ and $", []),
        (r"\(a\) \[b\] $$c$$", ["a", "b", "c"]),
    ],
)
def test_formulas_are_told_from_prose(tex: str, formulas: list[str]) -> None:
    assert [span.text for span in spans(tex) if span.formula] == formulas


@given(st.text(st.characters(exclude_characters="\\${}~^_-`'", exclude_categories=["Cs"])))
def test_text_without_tex_is_unchanged(text: str) -> None:
    assert to_text(text) == one_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_one_line_of_visible_characters_is_unchanged(text: str) -> None:
    assert one_line(text) == text


@given(hostile_text())
def test_whatever_comes_in_clean_text_comes_out(tex: str) -> None:
    text = to_text(tex)
    assert text == " ".join(text.split())
    assert not [char for char in text if unicodedata.category(char) in {"Cc", "Cs"}]
    assert not re.search("[\ufdd0-\ufdef\u202a-\u202e\u2066-\u2069]", text)
    assert "".join(span.text for span in readable(tex)) == text


@given(st.lists(st.sampled_from(["\\", "{", "}", "$", "_", "^", "\\frac", "\\sqrt[", "x", " "])))
def test_broken_tex_never_raises(tokens: list[str]) -> None:
    to_text("".join(tokens))


@given(hostile_text())
def test_splitting_at_formulas_loses_nothing(tex: str) -> None:
    pieces = spans(tex)
    left = len(tex) - sum(len(span.text) for span in pieces)
    formulas = sum(span.formula for span in pieces)
    assert 2 * formulas <= left <= 4 * formulas


@pytest.mark.parametrize(
    "bomb", seldom(["{", "$", "\\(", "\\frac{", "``", "$x{", "_{", "\\sqrt[", "~"])
)
def test_a_bomb_four_times_as_long_takes_four_times_as_long(bomb: str) -> None:
    def took(text: str) -> float:
        before = time.thread_time()
        to_text(text)
        return time.thread_time() - before

    short, long = (min(took(bomb * times) for _ in range(3)) for times in (2_500, 10_000))
    assert long < 8 * short  # 16 where time grows with the square


def test_every_real_paper_reads_without_tex() -> None:
    papers = real_rows()
    before = time.perf_counter()
    texts = [to_text(paper[field]) for paper in papers for field in ("title", "abstract")]
    took = time.perf_counter() - before
    assert took / len(papers) < 0.002  # 0.15 ms a paper on an idle core
    assert not [text for text in texts if "\\" in text]
    # What is left is money; two authors typed a dollar too many.
    assert len([text for text in texts if re.search(r"\$(?!\d)", text)]) <= 2


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"$\binom{n}{2}$ pairs", "(n choose 2) pairs"),
        (r"$\log_2 n$, $\log_{10}x$, $\max_{i} x$", "log₂ n, log₁₀x, maxᵢ x"),
        (r"text $ T $, and", "text T, and"),
        (r"$O(mn log n + mnk)$", "O(mn log n + mnk)"),
        ("\"word'' and ``word\"", "“word” and “word”"),
        (r"$\pi_{0.5}$", "π_0.5"),
        (r"$\lfloor x \rfloor$, $\langle a, b\rangle$", "⌊x⌋, ⟨a, b⟩"),
        (r"$\left( x \right)$, $\underbrace{a+b}_{c}$", "(x), (a+b)_c"),
        (r"\verb|x_y| and $\xleftarrow{f}$, $a \coloneqq b$", "x_y and ←ᶠ, a ≔ b"),
        (r"$\prescript{2}{}{x}$, $\SI{5}{m}$, $f\tag{1}$", "²x, 5 m, f (1)"),
        (r"$X \overset{d}{=} Y$, $\stackrel{p}{\to}$", "X =ᵈ Y, →ᵖ"),
        (r"$\underset{x}{\arg\min} f$", "argminₓ f"),
        (r"$A \xrightarrow{f} B$", "A →ᶠ B"),
        (r"$\begin{pmatrix}1&2\\3&4\end{pmatrix}$", "(1 2; 3 4)"),
        (r"$\norm{x}$, $\abs{y}$, $\ket{0}$, $\braket{a|b}$", "‖x‖, |y|, |0⟩, ⟨a|b⟩"),
        (r"$\mystery{a}{b}$", "mystery(a, b)"),
        (r"\mystery{a} word", "a word"),
        ('<a href="https://x.org/a">here</a>, <b>b</b>', "here (https://x.org/a), b"),
        ("H<sub>2</sub>O, 10<sup>-5</sup>, a<br>b", "H₂O, 10⁻⁵, a b"),
        ("R&amp;D, p &lt; 0.05", "R&D, p < 0.05"),
        ("a <b and c> d", "a <b and c> d"),
        ("costs $5 and $6, $ 5 and 6 $", "costs $5 and $6, $ 5 and 6 $"),
    ],
)
def test_what_a_mathematician_writes(tex: str, text: str) -> None:
    assert to_text(tex) == text
