"""What a query finds: a table to read, and a slow, obvious oracle for everything else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.query.ast import Query
from bot.query.fair_share import trim
from bot.query.matcher import matching
from bot.query.parser import parse, parse_stored
from storage.models import Paper
from tests.material import real_rows
from tests.query.oracle import is_plain, oracle, plain
from tests.query.queries import NAMES, QUERIES, WORDS, queries
from tests.seldom import seldom


def _paper(title: str = "", abstract: str = "", **others: object) -> Paper:
    known: dict[str, Any] = {"id": "2406.11840", "authors": [], "categories": ["cs.CV"], **others}
    return Paper(title=title, abstract=abstract, **known)


def matches(paper: Paper, query: Query) -> bool:
    return matching([paper], {"": query})[""] == [paper.id]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        # case, singular and plural, families of words
        ("gan", "Training GANs"),
        ("GANs", "A GAN for images"),
        ("gans", "A GAN for images"),
        ("model", "Large Models"),
        ("models", "A large model"),
        ("detect", "Object detection"),
        ("segmenting", "Semantic segmentation"),
        ("matrix", "Sparse matrices"),
        ("transformer", "Vision Transformers"),
        ("quantization", "Quantized networks"),
        # acronyms
        ("NAS", "Zero-cost NAS for everyone"),
        ("nas", "Zero-cost NAS for everyone"),
        ("DETR", "Real-time DETRs"),
        ("DETRs", "Real-time DETR"),
        ("detrs", "Real-time DETR"),
        ("LLM", "Aligning LLMs"),
        ("LLMs", "An LLM for all"),
        ("llms", "An LLM for all"),
        ("VAE", "Deep VAEs"),
        ("NeRF", "Many NeRFs"),
        ("nerf", "NeRF in the wild"),
        ("3DGS", "Faster 3DGS"),
        ("6D", "6D pose"),
        ("GP", "Scalable GPs"),
        ("GPs", "Scalable GPs"),
        ("GPS", "GPS-denied flight"),
        ("CNNs", "A cnn baseline"),
        ("gan", "TRAINING A GAN AT HOME"),
        ("model", "LARGE MODELS ARE SLOW"),
        # hyphens and other joints
        ("zero-shot", "Zero Shot Learning"),
        ('"zero shot"', "Zero-shot learning"),
        ("state-of-the-art", "A state-of-the-art review"),
        ("6-DoF", "6-DoF grasping"),
        ("gpt-3.5", "What GPT-3.5 knows"),
        ("vision language", "A language for vision"),
        ("max_pool", "On max_pool layers"),
        ("newton", "Newton's method"),
        # phrases
        ('"gaussian splatting"', "3D Gaussian Splatting"),
        ('"diffusion model"', "Diffusion models beat all"),
        ('"attention is all you need"', "Attention is all you need"),
        ('"neural radiance field"', "Neural radiance fields for all"),
        # accents, Greek, TeX
        ("poincare", "Poincaré maps"),
        ("Poincaré", "Poincare maps"),
        ("poincare", r"Poincar\'{e} maps"),
        ("schrodinger", r"Schr\"odinger bridges"),
        ("alpha-GAN", r"$\alpha$-GAN"),
        ("α-GAN", r"$\alpha$-GAN"),
        ("β-VAE", "beta-VAE revisited"),
        ("nerf", r"\textbf{NeRF} again"),
        ("L1", r"$L_1$ losses"),
        ("equivariant", r"$\mathbf{SE}(3)$-equivariant nets"),
        ("smorgasbord", "A Smörgåsbord of tasks"),
        # word starts
        ("transform*", "Transforming everything"),
        ("transform*", "A transformer"),
        ("fine-tun*", "Fine-tuned models"),
        ("graph-neural-net*", "On graph neural networks"),
        ("out-of-dist*", "Out-of-distribution data, and out of district"),
        # exclusions, alternatives
        ("gan -survey", "Better GANs"),
        ("gan | nerf", "A NeRF"),
        ("(gan | nerf) face", "NeRF for faces"),
    ],
)
def test_a_query_finds_a_title(query: str, title: str) -> None:
    assert matches(_paper(title), parse(query))
    assert matches(_paper(abstract=title), parse(query))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("gan", "Organ segmentation"),
        ("gan", "An elegant organization"),
        ("ocr", "Democratic language models"),
        ("organ", "An organization of organic things"),
        ("nas", "Naïve Bayes over N/A values"),
        ("na", "Zero-cost NAS"),
        ("GPS", "A GP for regression"),
        ("GP", "GPS-denied flight"),
        ("use", "Useless things"),
        ("using", "USE: a sentence encoder"),
        ("llm", "LLaMA and friends"),
        ("transformer", "Transforming data by transformation"),
        ("generative", "General purpose generation"),
        ("general", "Generative models"),
        ("universal", "Universities of the universe"),
        ("animal", "Image animation"),
        ("zero-shot", "Zero days and one shot"),
        ('"gaussian splatting"', "Splatting a Gaussian"),
        ('"gaussian splatting"', "Gaussian free splatting"),
        ('"attention is all you need"', "Attention is everything you need"),
        ('"deep neural network"', "Deep neural fields, and a neural network"),
        ("fine-tun*", "Tuning is fine"),
        ("IDS", "An id for everyone"),
        ("gaussian splatting", "Gaussian processes"),
        ("transform*", "Platforms of transport"),
        ("transform* gan", "Transformers"),
        ("textbf", r"\textbf{NeRF} again"),
        ("gan -survey", "A survey of GANs"),
        ("gan -surveys", "A survey of GANs"),
        ("graph-neural-net*", "Graph neural fields of networks"),
        ("graph-neural-net*", "A graph and neural networks"),
        ("gan -(survey | review)", "A review of GANs"),
        ('gan ANDNOT "a survey"', "GANs: a survey"),
    ],
)
def test_a_query_does_not_find_a_title(query: str, title: str) -> None:
    assert not matches(_paper(title), parse(query))
    assert not matches(_paper(abstract=title), parse(query))


PAPER = _paper(
    "Seeing far",
    "We look at telescopes.",
    id="2406.11840",
    authors=["Yann LeCun", "Xiao-Ming Li", "H. Müller", "Adrian Del Maestro"],
    categories=["cs.CV", "eess.IV", "I.2.10; I.4.8", "68T45 (Primary)"],
    comment="Accepted at ICLR 2025, 12 pages",
    journal_ref="Phys. Rev. D 12 (2024) 17-29",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('au:"Fei-Fei Li"', ["Fei-Fei Li", "Li Fei-Fei", "Fei Fei Li", "Fei Li Fei-Wang"]),
        ('au:"Fei Li"', ["Fei-Fei Li", "Li Fei-Fei", "Fei Fei Li", "Fei Li Fei-Wang", "Fei Li"]),
        ('au:"L. Li"', ["Li Li", "Lei Li"]),
        ("au:l_li*", ["Li Li", "Lei Li", "Ling Lin"]),
        ("au:ling_li*", ["Ling Lin"]),
        ('au:"F. F. Li"', ["Fei-Fei Li", "Li Fei-Fei", "Fei Fei Li", "Fei Li Fei-Wang"]),
        ('au:"Li Li"', ["Li Li"]),
    ],
)
def test_each_name_of_a_query_is_another_name_of_the_author(query: str, found: list[str]) -> None:
    names = ["Fei-Fei Li", "Li Fei-Fei", "Fei Fei Li", "Fei Li Fei-Wang", "Fei Li"]
    names += ["Li Li", "Lei Li", "Ling Lin"]
    papers = [_paper("Seeing", "", id=name, authors=["A. Fei", name]) for name in names]
    assert matching(papers, {"": parse(query)})[""] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ti:seeing", True),
        ("ti:telescope", False),
        ("abs:telescope", True),
        ("abs:seeing", False),
        ("seeing telescope", True),
        ('"far we"', False),
        ("au:LeCun", True),
        ('au:"Yann LeCun"', True),
        ('au:"LeCun, Yann"', True),
        ("au:LeCun_Y", True),
        ("au:LeCun_X", False),
        ('au:"Y LeCun"', True),
        ('au:"Yann Li"', False),
        ("au:Yan", False),
        ("au:muller", True),
        ("au:Müller_H", True),
        ('au:"Hans Müller"', False),
        ("au:del_maestro", True),
        ('au:"Xiao-Ming Li"', True),
        ("au:H", True),
        ("au:Y", False),
        ("au:lec*", True),
        ("au:leq*", False),
        ("au:x_li", True),
        ("au:li_x", True),
        ("au:li_y", False),
        ("au:yann_lec*", True),
        ("au:li_lec*", False),
        ("au:l_lec*", False),
        ("au:LeCun_L", False),
        ('au:"X. M. Li"', True),
        ('au:"X. X. Li"', False),
        ('au:"Li Li"', False),
        ('au:"D. M. A. Maestro"', False),
        ("co:ICLR", True),
        ('co:"ICLR 2025"', True),
        ("co:far", False),
        ('jr:"Phys. Rev. D"', True),
        ("jr:2025", False),
        ("cat:cs.CV", True),
        ("cat:CS.cv", True),
        ("cs.CV", True),
        ("cat:eess.IV", True),
        ("cat:cs.CL", False),
        ("cat:cs.*", True),
        ("cat:cs", True),
        ("cat:eess", True),
        ("cat:math", False),
        ("cat:I.4.8", True),
        ("cat:68T45", True),
        ("id:2406.11840", True),
        ("id:2406.11840v3", True),
        ("id:2406.1184", False),
        ("id:2406.*", True),
        ("all:telescope", True),
        ("all:seeing", True),
        ("all:LeCun", True),
        ('all:"Yann LeCun"', True),
        ('all:"LeCun Xiao"', False),
        ("all:ICLR", True),
        ("all:phys", True),
        ("all:cs.CV", True),
        ("all:2406.11840", True),
        ("all:democracy", False),
    ],
)
def test_each_field_is_looked_up_in_its_place(query: str, *, found: bool) -> None:
    assert matches(PAPER, parse_stored(query)) is found


def test_ids_come_in_the_order_of_the_papers() -> None:
    papers = [_paper("GAN", id=name) for name in ("2406.2", "2406.1", "2406.3")]
    found = matching(papers, {"a": parse("gan"), "b": parse("nerf"), 3: parse("id:2406.1")})
    assert found == {"a": ["2406.2", "2406.1", "2406.3"], "b": [], 3: ["2406.1"]}


@pytest.mark.parametrize("most", seldom([0, 5, 39, 40, 77, 6_000]))
def test_what_many_find_can_be_bounded_and_each_keeps_its_first(most: int) -> None:
    papers = [_paper("GAN" if n % 100 else "A NeRF", id=f"{n:05}") for n in range(4_100)]
    texts = {"few": "nerf", "many": "gan", "all": "gan OR nerf", "none": "transformer"}
    asked = {key: parse(text) for key, text in texts.items()}
    whole = matching(papers, asked)
    trim(whole.values(), most)
    assert matching(papers, asked, most=most) == whole
    assert sum(map(len, whole.values())) <= most


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('"see saw see sun"', "See saw see saw see sun"),
        ('"very very large"', "A very very very large model"),
        ('"large large large model"', "large large model, large large large model"),
        ("very-very-lar*", "A very very very large model"),
        ("very-deep-net*", "A very deep model, a very deep network"),
    ],
)
def test_a_phrase_that_begins_twice_is_found(query: str, title: str) -> None:
    assert matches(_paper(title), parse(query))


def test_a_phrase_is_found_in_singular_and_plural_wherever_it_stands() -> None:
    papers = [
        _paper("Deep GANs", id="2406.1"),
        _paper("A deep GAN", id="2406.2"),
        _paper("Deeper than a GAN", id="2406.3"),
        _paper("gan deep", id="2406.4"),
    ]
    found = matching(papers, {n: parse(n) for n in ('"deep gan"', '"deep gans"')})
    assert found == {'"deep gan"': ["2406.1", "2406.2"], '"deep gans"': ["2406.1", "2406.2"]}


def test_many_papers_are_indexed_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [_paper("gan" if n % 3 else "nerf", id=f"2611.{n:05}") for n in range(10)]
    asked = {query: parse(query) for query in ("gan", "nerf", "slam")}
    whole = matching(papers, asked)
    monkeypatch.setattr("bot.query.matcher.PAPERS_AT_ONCE", 4)
    assert matching(papers, asked) == whole
    assert whole["nerf"] == [f"2611.{n:05}" for n in (0, 3, 6, 9)]


def test_nothing_is_found_among_nothing() -> None:
    assert matching([], {1: parse("gan -nerf")}) == {1: []}
    assert matching([_paper()], {}) == {}


_SPELLINGS = [
    spelling
    for word in WORDS
    for spelling in (word, word.upper(), word.capitalize(), f"{word.upper()}s", f"{word}s")
] + ["NeRF", "NeRFs", "LLaMA", "organization", "recognize", "USE", "using"]


def _texts(spellings: Sequence[str], longest: int) -> st.SearchStrategy[str]:
    # A text in capitals only says nothing about acronyms: of that the table tells.
    return st.builds(
        lambda joint, words: joint.join([*words, "so"]),
        st.sampled_from([" ", "-", ", ", "/"]),
        st.lists(st.sampled_from(spellings), max_size=longest),
    )


_TEXTS = _texts(_SPELLINGS, 8)
_AUTHORS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(
    lambda names: " ".join(names).title()
)
_PAPERS = st.builds(
    _paper,
    _TEXTS,
    _TEXTS,
    id=st.sampled_from(["2505.00284", "2505.1", "hep-th/9901001"]),
    authors=st.lists(_AUTHORS, max_size=3),
    categories=st.lists(st.sampled_from(["cs.CV", "cs.CL", "hep-th", "I.2.7; I.2.8"]), max_size=3),
    comment=st.none() | _TEXTS,
)


@given(st.lists(_PAPERS, max_size=6), st.lists(QUERIES, max_size=4))
@settings(deadline=None)
def test_the_matcher_agrees_with_theoracle(papers: list[Paper], asked: list[Query]) -> None:
    for number, paper in enumerate(papers):
        paper.id = f"{paper.id}{number}" if number else paper.id
    expected = {
        number: [paper.id for paper in papers if oracle(query, paper)]
        for number, query in enumerate(asked)
    }
    assert matching(papers, dict(enumerate(asked))) == expected


@given(
    st.lists(_texts(["deep", "nets", "NET"], 12), max_size=4),
    queries(words=("deep", "net", "nets"), names=("li",)),
)
@settings(deadline=None)
def test_the_matcher_agrees_with_the_oracle_on_phrases(titles: list[str], query: Query) -> None:
    papers = [_paper(title, id=str(number)) for number, title in enumerate(titles)]
    expected = [paper.id for paper in papers if oracle(query, paper)]
    assert matching(papers, {0: query})[0] == expected


@pytest.fixture(scope="module")
def real_papers() -> list[Paper]:
    return [
        _paper(
            each["title"],
            each["abstract"],
            id=each["id"],
            authors=each["authors"],
            categories=each["categories"],
            comment=each.get("comment"),
            published_at=datetime.fromisoformat(each["published"][:10]).replace(tzinfo=UTC),
        )
        for each in real_rows()
    ]


@pytest.fixture(scope="module")
def plain_papers(real_papers: list[Paper]) -> list[Paper]:
    return [plain(paper) for paper in real_papers[::4] if is_plain(paper)][:150]


@given(query=QUERIES)
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_matcher_agrees_with_the_oracle_on_real_papers(
    plain_papers: list[Paper], query: Query
) -> None:
    expected = [paper.id for paper in plain_papers if oracle(query, paper)]
    assert matching(plain_papers, {0: query})[0] == expected


def test_of_many_papers_those_are_found_that_hold_all_of_it() -> None:
    titles = ("gan", "nerf", "gan nerf", "nerf or gan", "deep gan", "one deep gan")
    papers = [_paper(title, id=f"2406.{n}") for n, title in enumerate(titles)]
    asked = {
        query: parse(query) for query in ("gan nerf", '"deep gan"', "gan -nerf", "deep | nerf")
    }
    found = {query: [one[-1] for one in ids] for query, ids in matching(papers, asked).items()}
    assert found == {
        "gan nerf": ["2", "3"],
        '"deep gan"': ["4", "5"],
        "gan -nerf": ["0", "4", "5"],
        "deep | nerf": ["1", "2", "3", "4", "5"],
    }
