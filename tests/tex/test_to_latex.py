"""TeX of every kind becomes LaTeX that every document takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tex.to_latex import encode, to_latex


@pytest.mark.parametrize(
    ("tex", "latex"),
    [
        ("SplatPose & Detect: Poses", r"SplatPose \& Detect: Poses"),
        ("Explicit_NeRF_QA", r"Explicit\_NeRF\_QA"),
        ("100% of #1", r"100\% of \#1"),
        ("C# at $5 and $6", r"C\# at \$5 and \$6"),
        ("GenM$^3$", "GenM$^3$"),
        (r"$\alpha_i$-GAN", r"$\alpha_i$-GAN"),
        (r"in $\mathbb{R}^n$", r"in $\mathbf{R}^n$"),
        (r"$\operatorname{rank}(A)$", r"$\mathrm{rank}(A)$"),
        (r"$x \text{ if } y$", r"$x \mbox{ if } y$"),
        (r"Schr\"odinger, Erdős", r"Schr{\"{o}}dinger, Erd{\H o}s"),
        ("Żółw, Ċ", r"{\.Z}{\'{o}}{\l}w, {\.C}"),
        ("Michał, Łukasz, Sørensen", r"Micha{\l}, {\L}ukasz, S{\o}rensen"),
        ("Đặng, Ngô", r"D{\u{\d{a}}}ng, Ng{\^{o}}".replace(r"\u{\d{a}}", r"\u{\d{a}}")),
        (
            "naïve – α ≤ β",
            r"na{\"{\i}}ve -- \ensuremath{\alpha} \ensuremath{\leq} \ensuremath{\beta}",
        ),
        (r"$\text{RLAE}_\text{PPO}$", r"$\mbox{RLAE}_{\mbox{PPO}}$"),
        ("x ≲ y 🚀 ⨂", r"x $\stackrel{<}{\sim}$ y  (n-ary circled times operator)"),
        (r"\textbf{Bold} and \ours", "Bold and ours"),
        (r"\input{/etc/passwd} \write18{rm}", "/etc/passwd write18rm"),
        (r"$\frac{1}$ and $x^2^3$", None),
        (r"$\left( x$", None),
        ("x^2 {a}", r"x{\textasciicircum}2 a"),
    ],
)
def test_titles_typeset_without_packages(tex: str, latex: str | None) -> None:
    made = to_latex(tex)
    if latex is not None:
        assert made == latex
    else:
        assert r"\frac" not in made
        assert r"\left" not in made
        assert "^2^3" not in made


@given(st.text())
def test_braces_pair_up_and_nothing_special_is_left(text: str) -> None:
    made = encode(text)
    depth = 0
    for brace in made:
        depth += (brace == "{") - (brace == "}")
        assert depth >= 0
    assert depth == 0


@given(st.text(alphabet="$\\{}^_'&%# abfrc12\n", max_size=60))
def test_whatever_was_typed_braces_pair_up_as_bibtex_counts_them(tex: str) -> None:
    made = to_latex(tex)
    assert made.count("{") == made.count("}")
