"""What arXiv is asked: its answer, as arXiv's own code gives it, holds all that a query finds."""

from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.query.arxiv_syntax import ROOM, questions
from bot.query.ast import Query
from bot.query.parser import QuerySyntaxError, parse, parse_stored
from bot.query.presets import PRESETS
from tests.material import real_rows
from tests.query.arxiv_answers import Answers, row
from tests.query.queries import (
    DECIMALS,
    LONG_STARTS,
    NAMES,
    PEOPLE,
    WIDE,
    WIDE_WORDS,
    WORDS,
    drawn,
    queries,
)


def holds(query: str, **paper: Any) -> bool:
    """Tell whether arXiv's answer holds a paper, of which the matcher says that it is found."""
    answers = Answers([row(**paper)])
    assert answers.ours(parse(query)), "a query that does not find the paper proves nothing"
    return bool(answers.of_arxiv(parse(query)))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        # words whose stems differ there
        ("robust", "Robustly"),
        ("robustly", "Robustness"),
        ("analysis", "Two analyses"),
        ("analyses", "An analysis"),
        ("matrices", "A matrix"),
        ("matrix", "Matrices"),
        ("deployed", "Deployment"),
        ("significance", "Significantly better"),
        ("computing", "Computationally"),
        ("relation", "Relative"),
        ("successes", "Successfully"),
        ("increase", "Increasingly"),
        ("focuses", "Focused"),
        ("tying", "Tied"),
        ("mas", "MAS"),
        ("vlms", "A VLM"),
        ("vlm", "VLMs"),
        # starts of words, of which it has only stems
        ("reasoning*", "Reasoning"),
        ("diffusion*", "Diffusion"),
        ("generat*", "Generative"),
        ("using*", "Using"),
        ("policy*", "A policy"),
        ("polic*", "Policies"),
        ("relational*", "Relational"),
        ("node.js*", "Node.js"),
        ("state-of-the-ar*", "State of the art"),
        ("self-supervis*", "Self-supervision"),
        ("significance-dif*", "Significantly different"),
        ("schröd*", "Schrödinger"),
        ("schrod*", r"Schr\"odinger"),
        ("alph*", "α"),
        # what it takes for one word
        ("qwen2.5", "Qwen2.5"),
        ("qwen2-5", "Qwen2.5"),
        ("GPT-3.5", "GPT-3.5 Turbo"),
        ('"robust learning"', "Robustly learned"),
        ('"significant difference"', "Significantly different"),
        ('"stable diffusion 3.5"', "Stable Diffusion 3.5"),
        ("node.js", "Node.js"),
        ("github", "github.com"),
        ("results", "Results.We"),
        ("gated", "gated_attention"),
        ("learning", "Learning:Tackling"),
        ("title", "Title:All"),
        ('"gated attention"', "gated_attention"),
        ("pi-0", "π_0"),
        # accents and Greek letters, either way
        ("schrodinger", "Schrödinger"),
        ("Schrödinger", "Schrodinger"),
        ('"schrodinger bridge"', "A Schrödinger bridge"),
        ('"naive bayes"', "Naïve Bayes"),
        ("renyi", "Rényi"),
        ("renyi", r"R\'enyi"),
        ("poincare", r"Poincar\'{e}"),
        ("renyi", r"R{\'e}nyi"),
        ("Poincaré", "Poincare"),
        ("vasteras", "Västerås"),
        ("lojasiewicz", "Łojasiewicz"),
        ("β-VAE", "beta-VAE"),
        ("beta-vae", "β-VAE"),
        ("alpha", "α"),
        ("mup", "μP"),
        # everything together
        ("video (gan OR vae) -survey", "A VAE for videos"),
        ("ti:(gan vae)", "GAN or VAE"),
        ("all:gans", "A GAN"),
    ],
)
def test_its_answer_holds_a_title(query: str, title: str) -> None:
    assert holds(query, title=title)
    if not query.startswith("ti:"):
        assert holds(query, abstract=title)


@pytest.mark.parametrize(
    ("query", "author"),
    [
        ('au:"Ming-Hsuan Yang"', "Ming-Hsuan Yang"),
        ('au:"Yang, Ming-Hsuan"', "Ming-Hsuan Yang"),
        ('au:"Ming Yang"', "Ming-Hsuan Yang"),
        ('au:"Fei-Fei Li"', "Fei-Fei Li"),
        ('au:"Li Fei-Fei"', "Li Fei-Fei"),
        ("au:yue", "Zi-Yue Wang"),
        ('au:"Yue Wang"', "Zi-Yue Wang"),
        ("au:wang", "Wang-Li Xu"),
        ("au:de", "Olatz Perez-de-Vinaspre"),
        ('au:"Ali-akbar Agha-mohammadi"', "Ali-akbar Agha-mohammadi"),
        ('au:"Jean-Christophe Gagnon-Audet"', "Jean-Christophe Gagnon-Audet"),
        ('au:"Md Nur-A-Adam Dony"', "Md Nur-A-Adam Dony"),
        ("au:O'Brien", "Conan O'Brien"),
        ("au:OBrien", "Conan O’Brien"),
        ('au:"D\'Alembert, Jean"', "Jean D'Alembert"),
        ('au:"Simon Le Cleac\'h"', "Simon Le Cleac'h"),
        ("au:\"Ho Yin 'Sam' Ng\"", "Ho Yin 'Sam' Ng"),
        ('au:"Y. LeCun"', "Yann LeCun"),
        ("au:LeCun_Y", "Y. LeCun"),
        ('au:"J. Wang"', "Hong-Jun Wang"),
        ('au:"C. Cheng"', "Yueh-Cheng Chu"),
        ('au:"J. P. Serre"', "Jean-Pierre Serre"),
        ('au:"J. P. Serre"', "J.-P. Serre"),
        ('au:"J. P. Serre"', "Jean Pierre Serre"),
        ('au:"Marina M.-C. Höhne"', "Marina M.-C. Höhne"),
        ('au:"Sariel Har-Peled"', "Sariel Har-Peled%"),
        ("au:lec*", "Yann LeCun"),
        ('au:"José García"', "Jose Garcia"),
        ("au:garcia", "José García"),
        ("au:muller", "Jürgen Müller"),
        ("au:mueller", "Jürgen Mueller"),
        ("all:lecun", "Yann LeCun"),
        ('all:"Yann LeCun"', "Yann LeCun"),
    ],
)
def test_its_answer_holds_an_author(query: str, author: str) -> None:
    assert holds(query, authors=["Ada Lovelace", author])


@pytest.mark.parametrize(
    ("query", "paper"),
    [
        ("co:ICLR", {"comment": "Accepted at ICLR"}),
        ("co:workshops", {"comment": "A workshop paper"}),
        ('co:"main conference"', {"comment": "Main conference"}),
        ("co:ICLR2*", {"comment": "ICLR2026"}),
        ("co:github", {"comment": "https://github.com/x"}),
        ('jr:"Phys. Rev. D"', {"journal_ref": "Phys. Rev. D 12"}),
        ("cat:cs.CV", {"categories": ["cs.LG", "cs.CV"]}),
        ("cat:cs", {"categories": ["cs.LG"]}),
        ("hep-th", {"categories": ["hep-th"]}),
        ("all:cs.CV", {"categories": ["cs.CV"]}),
        ("all:th", {"categories": ["hep-th"]}),
        ("all:2505.00284", {}),
        ("id:2505.*", {}),
        ("id:2505.00284", {}),
        ("id:hep-th/9901001", {"id": "hep-th/9901001"}),
        ("id:hep-th/99*", {"id": "hep-th/9901001", "categories": ["hep-th"]}),
        ("id:hep-th/9901001 lovelace OR au:lovelace", {}),
    ],
)
def test_its_answer_holds_what_other_fields_say(query: str, paper: dict[str, Any]) -> None:
    assert holds(query, title="", **paper)


@pytest.mark.parametrize(
    ("query", "paper"),
    [
        ("using*", {"title": "Usual"}),
        ("transformer", {"title": "Transfer"}),
        ('au:"Fei-Fei Li"', {"authors": ["Fei Wang", "Xin Li"]}),
        ("au:wei", {"authors": ["Weimin Wang"]}),
        ('au:"Y. LeCun"', {"authors": ["Jean LeCun", "Yann Smith"]}),
        ("qwen2.5", {"title": "Qwen2 with 5 layers"}),
        ("gan cs.CV", {"title": "GAN", "categories": ["cs.CL"]}),
        ("gan -cs.CV", {"title": "GAN", "categories": ["cs.CV"]}),
    ],
)
def test_it_is_asked_no_more_widely_than_it_takes(query: str, paper: dict[str, Any]) -> None:
    answers = Answers([row(**paper)])
    assert not answers.ours(parse(query))
    assert not answers.of_arxiv(parse(query))


@pytest.mark.parametrize(
    ("query", "excluded"),
    [
        ("gan -survey", None),
        ("gan -au:smith", None),
        ('gan -au:"Jane Smith"', None),  # whoever claims a paper counts as an author there
        ("gan -cs.CV", "cat:cs.CV"),
        ("gan -cs.CV -survey", "cat:cs.CV"),
        ("gan -cs.CV -cs.CL", "cat:cs.CL OR cat:cs.CV"),
        ("gan -(cs.CV survey)", None),
        ("gan -id:2505.00284", "id:2505.00284"),
        ("gan -id:hep-th/9901001", None),
    ],
)
def test_only_what_it_means_as_we_do_is_left_out_there(query: str, excluded: str | None) -> None:
    (search,) = questions(parse(query)).searches
    _, operator, left_out = search.partition(" ANDNOT ")
    assert bool(operator) is (excluded is not None)
    if excluded is not None:
        assert left_out.strip("()") == excluded.strip("()")


@pytest.mark.parametrize(
    ("query", "ids", "searches"),
    [
        ("id:2406.11840", {"2406.11840"}, 0),
        ("id:hep-th/9901001 OR id:2406.11840", {"hep-th/9901001", "2406.11840"}, 0),
        ("id:2406.11840 gan", {"2406.11840"}, 0),
        ("id:2406.11840 -gan", {"2406.11840"}, 0),
        ("id:2406.11840 OR gan", {"2406.11840"}, 1),
        ("(id:2406.11840 OR gan) cs.CV", {"2406.11840"}, 1),
        ("id:2406.*", set(), 1),
        ("gan", set(), 1),
    ],
)
def test_ids_are_asked_for_by_themselves(query: str, ids: set[str], searches: int) -> None:
    asked = questions(parse(query))
    assert set(asked.ids) == ids
    assert len(asked.searches) == searches


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ("cs.CV", True),
        ("cat:cs", True),
        ("cs.CV OR hep-th", True),
        ("cs.CV cs.CL", True),
        ("cs.CV -cs.CL", True),
        ("cs.CV -(cs.CL cs.LG)", False),
        ("id:2406.11840", True),
        ("id:2406.11840 OR cs.CV", True),
        ("id:2406.11840 cs.CV", False),
        ("id:2406.* cs.CV", True),
        ("id:hep-th/99*", False),
        ("gan", False),
        ("au:lecun", False),
        ("cs.CV gan", False),
        ("cs.CV -gan", False),
    ],
)
def test_only_categories_and_ids_are_answered_exactly(query: str, *, exact: bool) -> None:
    assert questions(parse(query)).exact is exact


@pytest.mark.parametrize("query", ["cat:68T07", "cat:68T07 OR cat:I.2.10"])
def test_of_a_class_that_it_no_longer_tells_it_is_asked_nothing(query: str) -> None:
    assert questions(parse_stored(query)) == ((), (), False)


def test_beside_such_a_class_it_is_asked_the_rest() -> None:
    assert questions(parse_stored("cs.CV OR cat:68T07")).searches == ("cat:cs.CV",)
    assert questions(parse_stored("cs.CV -cat:68T07")).searches == ("cat:cs.CV",)


def size(search: str) -> int:
    return len(quote_plus(search))


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("schrodinger", 1),
        ('au:"Fei-Fei Li"', 1),
        ("diffusion transformer video generation cs.CV", 1),
        (" OR ".join(f"word{number}xyz" for number in range(36)), 2),
        (" ".join(f"word{number}xyz" for number in range(45)), 1),
        (" OR ".join(f"all:w{number}" for number in range(35)), 3),
        (" ".join(f"all:w{number}" for number in range(40)), 5),
        (" OR ".join(f'au:"fei{letter} li"' for letter in "abcdefghijklmnop"), 2),
        ('au:"' + " ".join(f"name{number}" for number in range(45)) + '"', 1),
        ("gan " + " ".join(f"-cat:cs.{code}" for code in ("AI", "CL", "CV", "LG", "RO", "SE")), 1),
        ("(gan OR vae OR nerf) (image OR video) (zero OR few OR one) cs.CV", 1),
        ("词" * 480, 1),
        ('"' + " ".join(["词语词语词语词语词语词语"] * 35) + '"', 2),
        (" ".join(f"多模态大模型{number}" for number in range(40)), 1),
        ('au:"' + "词" * 450 + '"', 1),
        ("x" * 500, 1),
        ("-".join(["a"] * 240) + "-b", 1),
        *((preset.query, 2) for preset in PRESETS),
    ],
)
def test_a_question_fits_into_a_request_line_and_few_are_enough(query: str, most: int) -> None:
    asked = questions(parse(query)).searches
    assert max(map(size, asked)) <= ROOM == 3_600
    assert len(asked) <= most


@given(st.text(max_size=500) | st.text('abAND OR-()"|:*cstiau.\\$“　é多5', max_size=500) | WIDE)
@settings(deadline=None)
def test_it_refuses_no_query_that_we_take(text: str | Query) -> None:
    try:
        query = parse(text) if isinstance(text, str) else text
    except QuerySyntaxError:
        return
    assert all(size(search) <= ROOM for search in questions(query).searches)
    _NOTHING.of_arxiv(query)


_NOTHING = Answers([])


_SURFACES = (
    *WORDS,
    *WIDE_WORDS,
    *("Poincaré", "Schrödinger", "naïve", "Bézier", "Fréchet", "Rényi", "Gödel", "Hölder"),
    *("α", "β", "Qwen2.5", "GPT-3.5", "GPT-4", "Llama-3.1", "Gemini 2.5", "Qwen2.5-VL"),
    *("Stable Diffusion 3.5", "node.js", "π_0", "robust", "significantly", "relative"),
    *("computationally", "deployment", "generalizing", "general", "reasons", "policies"),
    *("generated", "generative", "segments", "quantized", "distilling", "multimodality"),
    *("github.com", "GANs", "LLMs", "GAN-based", "(GAN)", "self-supervised", "Zero-shot"),
)
_PEOPLE = (
    *("Ming-Hsuan Yang", "M.-H. Yang", "Ming Yang", "Fei-Fei Li", "Li Fei-Fei", "Conan O'Brien"),
    *("Yann LeCun", "Y. LeCun", "J.-P. Serre", "Jean-Pierre Serre", "J. P. Serre", "Yue Wang"),
    *("Zi-Yue Wang", "Wang-Yue Li", "José García", "Jürgen Müller", "Hans Mueller", "Yi Chen"),
    *("Ali-akbar Agha-mohammadi", "Jean D'Alembert", "Hui-Ying Zhang", "H. Y. Zhang", "An Li"),
)
_ROWS = st.builds(
    lambda title, abstract, comment, authors, category: row(
        title=" ".join(title),
        abstract=" ".join(abstract),
        comment=" ".join(comment),
        authors=authors,
        categories=[category],
    ),
    *[st.lists(st.sampled_from(_SURFACES), max_size=8)] * 3,
    st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=3),
    st.sampled_from(["cs.CV", "cs.CL", "hep-th", "math.ST"]),
)
_SMALL = queries(
    WORDS + WIDE_WORDS,
    NAMES,
    phrases=DECIMALS,
    long_starts=LONG_STARTS,
    people=PEOPLE,
    max_leaves=3,
)


@given(st.lists(_ROWS, max_size=4), _SMALL)
@settings(deadline=None, max_examples=200)
def test_its_answer_holds_all_that_a_query_finds(rows: list[dict[str, Any]], query: Query) -> None:
    answers = Answers(one | {"id": f"2505.{number:05}"} for number, one in enumerate(rows, 284))
    assert answers.ours(query) <= answers.of_arxiv(query)


def test_of_real_papers_its_answer_lacks_hardly_any() -> None:
    answers = Answers(real_rows()[::16])
    found = {query: ids for query, ids in answers.all_ours(drawn(WIDE, 300)).items() if ids}
    whole, held = 0, 0.0
    for query, ids in found.items():
        answer = answers.of_arxiv(query)
        whole += ids <= answer
        held += len(ids & answer) / len(ids)
    assert len(found) > 60
    assert whole / len(found) >= 0.95
    assert held / len(found) >= 0.995
