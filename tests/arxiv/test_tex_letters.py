import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.tex_letters import to_letters
from tests.material import real_rows


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (r"Erd\H{o}s P\'al", "Erdős Pál"),
        (
            r"Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger",
            "Schrödinger, Schrödinger, Schr{ö}dinger",
        ),
        (r"R\'{e}nyi, Fr\'echet, B\'ezier, na\"ive", "Rényi, Fréchet, Bézier, naïve"),
        (r"Ole\v{s} \v{C}ern\'y, Fran\c{c}ois, W\k{a}sowicz", "Oleš Černý, François, Wąsowicz"),
        (r"{\O}rsted, \O rsted, \AA{}ngstr{\"o}m, Stra\ss e", "Ørsted, Ørsted, Ångstr{ö}m, Straße"),
        (r"$\alpha$-divergence of $M_\delta$ and $\mu_0$", "$α$-divergence of $M_δ$ and $μ_0$"),
        (r"$\phi$ is $\varphi$'s sister", "$ϕ$ is $φ$'s sister"),
        (r"90\deg, \S 3, \dag", "90°, §3, †"),
        (r"Garc\'{\i}a", r"Garc\'ıa"),
        (r"{{{NeRF}}} in the wild", "{NeRF} in the wild"),
        # What arXiv leaves alone.
        (r"$\ell_1$, $\mathcal{O}(n)$, \textbf{bold}, \emph{x}", None),
        (r"50\% of \$5 in C:\temp", None),
        (r"\mutual information, \piece", None),
        (r"\upsilon", None),
        ("No TeX at all: Schrödinger's 张量", None),
        ("", None),
    ],
)
def test_what_the_authors_typed_reads_as_in_arxivs_feeds(typed: str, read: str | None) -> None:
    assert to_letters(typed) == (typed if read is None else read)


def test_an_accent_on_a_letter_that_arxiv_does_not_know_it_on_is_dropped() -> None:
    assert to_letters(r"\'g \~e \.i") == "g e i"
    assert to_letters(r"\c{x} \v{b}") == "cx vb"


@given(st.text(max_size=80))
def test_text_without_a_backslash_or_double_braces_stays_as_it_is(text: str) -> None:
    plain = re.sub(r"\\|\{\{", "", text)
    if "{{" not in plain:
        assert to_letters(plain) == plain


@given(
    st.lists(st.sampled_from([*"\\{}\"'`^~=.$_ ", r"\H", r"\o", r"\mu", "{o}", "{{", "e", "\n"]))
)
def test_no_text_is_too_odd(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert len(to_letters(text)) <= len(text)


@pytest.mark.parametrize(
    "bomb", ["{" * 200_000, "{{" * 50_000 + "x" + "}}" * 50_000, "\\" * 200_000]
)
def test_no_text_takes_long(bomb: str) -> None:
    began = process_time()
    to_letters(bomb)
    assert process_time() - began < 2


def test_text_that_comes_from_the_api_is_read_already() -> None:
    names = [name for row in real_rows() for name in row["authors"]]
    assert len(names) == 29_107
    assert [name for name in names if to_letters(name) != name] == []
