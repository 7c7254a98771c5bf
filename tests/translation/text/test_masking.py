import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.text.masking import PlaceholdersLost, mask, unmask
from bot.translation.text.prose import plain_prose
from tests.seldom import seldom

FRAGMENTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "$",
            "$$",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "⟦",
            "⟧",
            "⟦0⟧",
            "〚1〛",
            "⟦ ２ ⟧",
            "[12]",
            "{",
            "}",
        ]
    ),
    st.sampled_from(
        ["\\cite{a}", "\\textbf{", "\\begin{x}", "\\end{x}", "https://a.io/b_(c).", "@"]
    ),
    st.sampled_from(
        [" ", "3.5", "\\%", "NeRF-Fusion", "O(n log n)", "a@b.org", ",", ".", "-", "\n"]
    ),
)


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    masked = mask(text)
    assert unmask(masked.text, masked.originals) == text


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_any_mix_of_what_is_masked_comes_back_as_it_was(text: str) -> None:
    masked = mask(text)
    assert unmask(masked.text, masked.originals) == text
    assert len(re.findall("[⟦⟧]", masked.text)) == 2 * len(masked.originals)


@pytest.mark.parametrize(
    ("text", "originals"),
    [
        ("for $x^2$ and \\(y\\) and $$z$$ and \\[w\\]", ["$x^2$", "\\(y\\)", "$$z$$", "\\[w\\]"]),
        ("of length $T$ and $k$ tokens", ["$T$", "$k$"]),
        ("in $ O(n^2) $ time", ["$ O(n^2) $"]),
        ("costs $5 and saves $10 a day", ["$5", "$10"]),
        ("about $8 billion a year", []),
        ("was under $1,900, which", ["$1,900"]),
        ("the Co$^3$Gesture model", ["Co$^3$Gesture"]),
        ("the $n$th and $k$-means", ["$n$th", "$k$"]),
        ("\\begin{align} a \\end{align} holds", ["\\begin{align} a \\end{align}"]),
        ("as in \\cite{a,b} and \\ref[x]{y}", ["\\cite{a,b}", "\\ref[x]{y}"]),
        (r"G\'omez met R\&D", [r"G\'omez", r"R\&D"]),
        ("see https://a.org/x_(y). Then", ["https://a.org/x_(y)"]),
        ("(see https://a.org/x).", ["https://a.org/x"]),
        ("代码见https://a.org/x。", ["https://a.org/x"]),
        ("available athttps://a.org/x_y.", ["https://a.org/x_y"]),
        ("at github.com/a/b, and arxiv.org.", ["github.com/a/b", "arxiv.org"]),
        ("[page](https://a.org/x)", ["https://a.org/x"]),
        ("mail {a,b}@c.edu or d.e+f@g.ac.uk!", ["{a,b}@c.edu", "d.e+f@g.ac.uk"]),
        ("as shown [12] and [3, 4-6] but [see below]", ["[12]", "[3, 4-6]"]),
        ("in O(n log n) time", ["O(n log n)"]),
        ("NeRF-Fusion beats mAP of GPT-4o", ["NeRF-Fusion", "mAP", "GPT-4o"]),
        ("GPT-4o-mini, o3-mini and BERT-base", ["GPT-4o-mini", "o3-mini", "BERT-base"]),
        ("gpt-4o over Gemma-2-9b-it", ["gpt-4o", "Gemma-2-9b-it"]),
        ("a mini-batch of small-base models", []),
        ("a NeRF-based 3DGS in 3D-aware", ["NeRF", "3DGS"]),
        ("YOLOv11-guided Qwen2.5-VL-7B on CIFAR-10", ["YOLOv11", "Qwen2.5-VL-7B", "CIFAR-10"]),
        ("text-to-video pre-trained Cross-Layer LLMs and LLM", []),
        ("the 1st, 2nd and 90s, in 2024 with 12 layers", []),
        ("LD-DPO with pass@1 and snake_case in C++", ["LD-DPO", "pass@1", "snake_case", "C++"]),
        ("by 3.3\\% or 50% or +1.5 % of 26,698", ["3.3\\%", "50%", "+1.5 %", "26,698"]),
        ("1.5 million users and 20 million rows", []),
        ("13B parameters, 10x faster, 512x512", ["13B", "10x", "512x512"]),
        ("use `np.dot` and ``quotes''", ["`np.dot`"]),
        ("emit <think> then </think> and [MASK]", ["<think>", "</think>", "[MASK]"]),
        ("literal ⟦0⟧ brackets", ["⟦", "⟧"]),
    ],
)  # fmt: skip
def test_what_must_survive_is_put_away(text: str, originals: list[str]) -> None:
    assert list(mask(text).originals) == originals


@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_thousands_of_real_abstracts_come_back_and_leave_no_tex_to_the_engine(
    abstracts: list[str], every: int
) -> None:
    left = 0
    for abstract in abstracts[::every]:
        masked = mask(abstract)
        assert unmask(masked.text, masked.originals) == abstract
        left += "\\" in masked.text or "$" in mask(plain_prose(abstract)).text
    assert left <= 3  # "$8 billion", and a dollar that belongs to nothing


@pytest.mark.parametrize(
    "answer", ["das ⟦ 0 ⟧ und ⟦1 ⟧", "⟦１⟧、⟦０⟧", "〚0〛 et 〚1〛", "⟦٠⟧ ⟦١⟧", "x⟦1⟧⟦0⟧"]
)
def test_what_engines_do_inside_the_brackets_is_forgiven(answer: str) -> None:
    back = unmask(answer, ("$a$", "$b$"))
    assert "$a$" in back
    assert "$b$" in back
    assert "⟦" not in back


@pytest.mark.parametrize(
    ("answer", "missing", "extra"),
    [
        ("⟦0⟧", (1,), ()),
        ("⟦0⟧ ⟦1⟧ ⟦1⟧", (), (1,)),
        ("⟦0⟧ ⟦2⟧", (1,), (2,)),
        ("0 1", (0, 1), ()),
        ("", (0, 1), ()),
    ],
)
def test_a_lost_doubled_or_invented_placeholder_is_noticed(
    answer: str, missing: tuple[int, ...], extra: tuple[int, ...]
) -> None:
    with pytest.raises(PlaceholdersLost) as caught:
        unmask(answer, ("$a$", "$b$"))
    assert (caught.value.missing, caught.value.extra) == (missing, extra)


@pytest.mark.parametrize(
    ("tex", "prose"),
    [
        ("a \\textbf{T}raining-free\n\\emph{role \\textit{s}} way", "a Training-free role s way"),
        ("{\\it Model} and {\\bf X} {\\em y}", "Model and X y"),
        ("see \\url{https://a.org} now", "see https://a.org now"),
        ("\\href{https://a.org}{here}", "here (https://a.org)"),
        ("\\href{https://a.org/}{https://a.org}", "https://a.org/"),
        ("\\textcolor{red}{hot} $\\textbf{x}$", "hot $\\textbf{x}$"),
        ("\\abstract{We study how a mind works here}", "We study how a mind works here"),
        (
            "see~Fig.~3 of ``it'' by {B}ayes --- \\cite{a}",
            "see Fig. 3 of “it” by Bayes — \\cite{a}",
        ),
        ("$x~y$ and \\command{key}", "$x~y$ and \\command{key}"),
        ("an open \\textbf{brace", "an open \\textbf{brace"),
        ("\\textbf{with $\\{a\\}$ inside}", "with $\\{a\\}$ inside"),
    ],
)
def test_type_styles_and_links_are_read_as_words(tex: str, prose: str) -> None:
    assert plain_prose(tex) == prose


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_plain_prose_of_plain_prose_of_anything_is_one_line(text: str) -> None:
    assert "\n" not in plain_prose(text)
    assert plain_prose(text) == plain_prose(text).strip()


@pytest.mark.parametrize(
    "hostile",
    seldom(
        ["{" * 4000, "$a" * 2000, "a." * 2000, "aB-" * 1300, "\\x{" * 1300, "[1," * 1300,
         "O(" * 2000, "a_" * 2000, "x" * 4000 + "_", "\\(" * 2000, "@a." * 1300, "1,1." * 1000],
        after=4,
    ),
)  # fmt: skip
def test_hostile_texts_are_masked_in_no_time(hostile: str) -> None:
    started = time.thread_time()
    masked = mask(plain_prose(hostile))
    assert time.thread_time() - started < 2
    assert unmask(masked.text, masked.originals) == plain_prose(hostile)


def test_what_was_lost_and_what_came_up_is_named_by_its_number() -> None:
    with pytest.raises(PlaceholdersLost) as caught:
        unmask("⟦0⟧ ⟦0⟧ ⟦7⟧", ("a", "b", "c"))
    assert (caught.value.missing, caught.value.extra) == ((1, 2), (0, 7))
    assert str(caught.value) == "missing (1, 2), extra (0, 7)"
