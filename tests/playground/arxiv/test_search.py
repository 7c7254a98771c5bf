"""What arXiv's search finds; where its manual says otherwise, arXiv's code is right."""

from typing import Any

import pytest

from bot.playground.arxiv.adapter import adapted
from bot.playground.arxiv.errors import InternalError, SearchError
from bot.playground.arxiv.index import Index
from bot.playground.arxiv.papers import from_rows
from bot.playground.arxiv.search import find


def row(title: str, abstract: str = "", **changes: Any) -> dict[str, Any]:
    number = changes.pop("number", 1)
    return {
        "id": f"2505.{number:05}",
        "version": 1,
        "title": title,
        "abstract": abstract,
        "authors": [],
        "categories": ["cs.CV"],
        "published": f"2025-05-{number:02}T12:00:00",
        **changes,
    }


def finds(query: str, **paper: Any) -> bool:
    """Whether a query finds a paper, alone among all."""
    paper = {"title": "Untitled", **paper}
    return bool(find(Index(from_rows([row(**paper)])), adapted(query) or ""))


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("Diffusion models", "ti:diffusion", True),
        ("Diffusion models", "ti:DIFFUSION", True),
        ("Diffusing models", "ti:diffusion", True),
        ("Diffused models", "ti:diffusion", True),
        ("Analyses of matrices", "ti:analysis", False),
        ("Analyses of matrices", "ti:matrix", False),
        ("Transformers", "ti:transformation", True),
        ("Possibly topology", "ti:possible", True),
        ("Possibly topology", "ti:topological", True),
        ("The trekking corpus", "ti:trek", True),
        ("Newton's method", "ti:newton", True),
        ("Newton\u2019s method", "ti:newton's", True),
        ("O'Brien's proof", "ti:brien", False),
    ],
)
def test_title_and_abstract_are_searched_by_porters_stems(
    title: str, query: str, *, found: bool
) -> None:
    assert finds(query, title=title) is found
    assert finds(query.replace("ti:", "abs:"), abstract=title) is found


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("Diffusion models", "ti:diffusion*", False),
        ("Diffusion models", "ti:diffusio*", False),
        ("Diffusion models", "ti:diffus*", True),
        ("Diffusion models", "ti:DIF*", True),
        ("Diffusion models", "ti:d?ffus", True),
        ("Diffusion models", "ti:d?ff", False),
        ("Diffusion models", "ti:d*s", True),
        ("Generative art", "ti:generat*", False),
        ("Generative art", "ti:gener*", True),
    ],
)
def test_a_star_looks_among_stems_and_is_not_stemmed(
    title: str, query: str, *, found: bool
) -> None:
    assert finds(query, title=title) is found


def test_a_phrase_of_stop_words_is_found_in_abstracts_alone() -> None:
    assert finds('abs:"to be or not"', abstract="To be or not to be")
    assert not finds('ti:"to be or not"', title="To be or not to be")


def test_a_star_means_nothing_in_a_phrase_of_a_title() -> None:
    assert not finds('ti:"diffus* models"', title="Diffusion models")
    assert finds('ti:"diffusion* models*"', title="Diffusion models")


@pytest.mark.parametrize("query", ["ti:*ion", "ti:?ion", 'au:"*cun"', "id:*", 'doi:"*"', "all:*"])
def test_a_star_at_the_start_fails(query: str) -> None:
    with pytest.raises(InternalError):
        finds(query)


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("Schrödinger bridges", "ti:schrödinger", True),
        ("Schrödinger bridges", "ti:schrodinger", False),
        ("Schrodinger bridges", "ti:schrödinger", False),
        ("The α-divergence", "ti:α", True),
        ("The α-divergence", "ti:alpha", False),
        ("Schrödinger bridges", "all:schrodinger", False),
    ],
)
def test_nothing_is_folded_in_title_and_abstract(title: str, query: str, *, found: bool) -> None:
    assert finds(query, title=title) is found


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("Qwen2.5 and GPT-3.5", "ti:qwen2.5", True),
        ("Qwen2.5 and GPT-3.5", "ti:qwen2", False),
        ("Qwen2.5 and GPT-3.5", 'ti:"qwen2 5"', False),
        ("Qwen2.5 and GPT-3.5", "ti:3.5", True),
        ("Qwen2.5 and GPT-3.5", 'ti:"gpt 3.5"', True),
        ("Vision-language models", "ti:vision-language", True),
        ("Vision-language models", "ti:language-vision", True),
        ("Vision-language models", 'ti:"language-vision"', False),
        ("A 1,000 hour node.js run", "ti:1,000", True),
        ("A 1,000 hour node.js run", "ti:js", False),
        ("深度学习 for all", "ti:学", True),
        ("深度学习 for all", 'ti:"学度"', False),
    ],
)
def test_words_end_where_unicode_says(title: str, query: str, *, found: bool) -> None:
    assert finds(query, title=title) is found


@pytest.mark.parametrize(
    ("abstract", "query", "found"),
    [
        ("state of the art", 'abs:"state of the art"', True),
        ("state at an art", 'abs:"state of the art"', True),
        ("state of art", 'abs:"state of the art"', False),
        ("a policy", 'abs:"on policy"', True),
        ("learning on policy", 'abs:"learning policy"', False),
        ("the the", 'abs:"the"', True),
        ("the the", "abs:the", False),
        ("the the", 'abs:"the of"', False),
        ("to be or not to be", 'abs:"to be or not to be"', True),
        ("the models", "abs:the AND abs:models", False),
        ("the models", "abs:the-models", True),
    ],
)
def test_stop_words_are_gaps_in_phrases_and_match_nothing_alone(
    abstract: str, query: str, *, found: bool
) -> None:
    assert finds(query, abstract=abstract) is found


@pytest.mark.parametrize(
    ("comment", "query", "found"),
    [
        ("Accepted at ICCV", "co:accept", False),
        ("Accepted at ICCV", "co:accepted", True),
        ("Accepted at ICCV", "co:accept*", True),
        ("Accepted at ICCV", 'co:"accepted at iccv"', True),
        ("Accepted at ICCV", "co:accepted-at-iccv", False),
    ],
)
def test_comments_are_not_stemmed(comment: str, query: str, *, found: bool) -> None:
    assert finds(query, comment=comment) is found
    if "-" not in query:
        assert finds(query.replace("co:", "jr:"), journal_ref=comment) is found


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("Ming-Hsuan Yang", 'au:"ming-hsuan yang"', True),
        ("Ming-Hsuan Yang", 'au:"yang ming-hsuan"', True),
        ("Ming-Hsuan Yang", 'au:"ming hsuan yang"', False),
        ("Ming-Hsuan Yang", "au:hsuan", False),
        ("Ming-Hsuan Yang", "au:yang", True),
        ("Conan O'Brien", "au:o'brien", True),
        ("Conan O'Brien", "au:brien", False),
        ("Yann LeCun", 'au:"lecun y*"', True),
        ("Yann LeCun", 'au:"y* lecun"', True),
        ("Yann LeCun", 'au:"lecun y"', False),
        ("Yann LeCun", "au:lecun_y", False),
        ("Yann LeCun", "au:lecun_yann", True),
        ("Yann LeCun", "au:y", True),
        ("Yann LeCun", "au:lec*", True),
        ("Yann LeCun", "au:lecun,y", True),
        ("Yann LeCun", "au:lecun,ya*", True),
        ("Yann LeCun", "au:lecun,x", False),
        ("Yann LeCun", "au:yann,lecun", False),
        ("Yann LeCun", "au:lecun;yann", True),
        ("Yann LeCun", "au:lecun;bengio", False),
        ("H. X. Liu", 'au:"h x liu"', True),
        ("H. X. Liu", "au:x.", True),
        ("Jürgen Müller", "au:muller", True),
        ("Jürgen Müller", "au:mueller", True),
        ("Jürgen Muller", "au:müller", True),
        ("Adrian Del Maestro", "au:maestro,adrian", True),
        ("Ludwig van der Berg", "au:berg,ludwig", True),
        ("Sammy Davis Jr.", "au:davis,sammy", True),
    ],
)
def test_names_are_cut_at_spaces_alone_and_accents_folded(
    name: str, query: str, *, found: bool
) -> None:
    assert finds(query, authors=[name]) is found


def test_words_in_quotes_mean_one_author() -> None:
    authors = ["Yann LeCun", "Yoshua Bengio"]
    assert not finds('au:"yann bengio"', authors=authors)
    assert finds("au:yann AND au:bengio", authors=authors)
    assert not finds('all:"yann lecun y"', authors=authors)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cat:cs.CV", True),
        ("cat:CS.cv", True),
        ('cat:"eess.IV"', True),
        ("cat:cs.*", True),
        ("cat:*.IV", True),
        ("cat:cs", False),
        ("cat:68T50", False),
        ("cat:I.2.10", False),
        ("all:68T50", True),
        ("all:cs", True),
        ("all:eess.IV", True),
    ],
)
def test_categories_are_searched_whole_and_classes_of_msc_and_acm_by_all_alone(
    query: str, *, found: bool
) -> None:
    assert finds(query, categories=["cs.CV", "eess.IV", "68T50, 68T07", "I.2.10"]) is found


def test_feeds_tell_no_suffixes_and_a_space_before_a_single_name() -> None:
    (entry,) = from_rows([row("A", authors=["Ada Lovelace", "Madonna", "Sammy Davis Jr."])])
    assert "<name>Sammy Davis</name>" in entry.xml
    assert "<name>Ada Lovelace</name>" in entry.xml
    assert "<name> Madonna</name>" in entry.xml


def test_feeds_tell_no_classes_of_msc_and_acm() -> None:
    (entry,) = from_rows([row("A", categories=["68T50", "cs.CV", "I.2.10", "math.CO"])])
    assert entry.classes == ["cs.CV", "math.CO"]
    assert 'primary_category term="cs.CV"' in entry.xml
    assert "68T50" not in entry.xml
    assert "I.2.10" not in entry.xml


@pytest.mark.parametrize(
    ("id_", "query", "found"),
    [
        ("2505.00001", "id:2505.00001", True),
        ("2505.00001", "id:2505.00001v2", True),
        ("2505.00001", "id:2505.00001v1", False),
        ("2505.00001", "id:2505.0*", True),
        ("2505.00001", 'id:"2505.00001"', False),
        ("2505.00001", "all:2505.00001", True),
        ("hep-th/9901001", "id:hep-th/9901001", False),
        ("hep-th/9901001", "id:9901001", True),
        ("hep-th/9901001", "id:hep-th/99*", True),
        ("2505.00001", "id:arXiv:2505.00001", False),
    ],
)
def test_an_id_with_a_hyphen_or_a_slash_is_not_found(id_: str, query: str, *, found: bool) -> None:
    assert finds(query, id=id_, version=2) is found


def test_a_doi_is_searched_whole_as_it_is_written() -> None:
    paper = {"doi": "10.1000/ABC.1 10.1000/xyz"}
    assert finds("doi:10.1000/ABC.1", **paper)
    assert not finds("doi:10.1000/abc.1", **paper)
    assert finds("doi:10.1000/XY*", **paper)
    assert not finds("doi:10.1000/ABC*", **paper)


def test_formulas_are_searched_as_they_are_written() -> None:
    assert finds("ti:$\\ell_2$", title="Robust $\\ell_2$ norms")
    assert not finds("ti:$\\ell_1$", title="Robust $\\ell_2$ norms")
    assert finds("all:$x$", abstract="Let $x$ be given.")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("all:2025", True),
        ("all:2025-05", True),
        ("all:2505", True),
        ("all:2024", False),
        ("all:2025-06", False),
        ('all:"neural 2025 fields"', True),
        ('all:"neural 2024 fields"', False),
    ],
)
def test_a_year_or_month_in_all_may_be_that_of_the_announcement(query: str, *, found: bool) -> None:
    assert finds(query, title="Neural fields") is found


def test_what_stands_between_friday_and_monday_is_announced_in_the_next_month() -> None:
    assert finds("all:2025-06", published="2025-05-30T19:00:00")
    assert finds("all:2025-05", published="2025-05-29T12:00:00")


def test_all_wants_all_words_somewhere_but_a_phrase_in_one_field() -> None:
    paper = {"title": "Neural fields", "abstract": "We sing.", "authors": ["Ada Lovelace"]}
    assert finds("all:fields-we OR all:neural", **paper)
    assert finds('all:"ada lovelace"', **paper)
    assert not finds('all:"fields we"', **paper)
    assert not finds('all:"sing neural"', **paper)


A, B, C = "ti:alpha", "ti:beta", "ti:gamma"
PAPERS = [
    row(title, number=number)
    for number, title in enumerate(["alpha", "beta", "gamma", "alpha beta", "alpha gamma"], 1)
]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        (f"{A} AND {B}", {"alpha beta"}),
        (f"{A} ANDNOT {B}", {"alpha", "alpha gamma"}),
        (f"ANDNOT {A}", {"beta", "gamma"}),
        (f"{A} {B}", {"alpha", "beta", "alpha beta", "alpha gamma"}),
        (f"{A} AND {B} OR {C}", {"alpha beta", "alpha gamma"}),
        (f"({A} AND {B}) OR {C}", {"gamma", "alpha beta", "alpha gamma"}),
        (f"{A} ANDNOT {B} ANDNOT {C}", {"alpha", "alpha gamma"}),
        (f"({A} ANDNOT {B}) ANDNOT {C}", {"alpha"}),
        (f"{A} ANDNOT {B} AND {C}", {"alpha", "alpha beta", "alpha gamma"}),
        (f'{A} AND ti:""', {"alpha", "alpha beta", "alpha gamma"}),
        (f"(({A}))", {"alpha", "alpha beta", "alpha gamma"}),
        ("(" * 5000 + A + ")" * 5000, {"alpha", "alpha beta", "alpha gamma"}),
    ],
)
def test_operators_bind_to_their_right_whichever_they_are(query: str, titles: set[str]) -> None:
    found = find(Index(from_rows(PAPERS)), adapted(query) or "")
    assert {entry.title for entry in found} == titles


@pytest.mark.parametrize("query", [f"({A}", f"{A})", f"AND {A}", f"{A} OR", "()", f"{A} AND ()"])
def test_what_is_no_query_is_invalid(query: str) -> None:
    with pytest.raises(SearchError, match="Invalid query string") as caught:
        finds(query)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "query",
    [
        f"ANDNOT ({A} OR {B})",
        "submittedDate:20250501",
        'submittedDate:"202505010000"',
        "submittedDate:[202505010000 TO 2025050x]",
        "ti:&&",
        "au:;",
        " AND ".join([A] * 5000),
    ],
)
def test_what_arxivs_code_fails_with_is_an_internal_error(query: str) -> None:
    with pytest.raises(InternalError) as caught:
        finds(query)
    assert caught.value.status == 500


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("submittedDate:[202505011200 TO 202505011200]", True),
        ("submittedDate:[202505011201 TO 202505020000]", False),
        ("submittedDate:[20250501 TO 20250501]", True),
        ("submittedDate:[2024 TO 2024]", False),
        ("lastUpdatedDate:[20250501 TO 20250501]", True),
        ("lastUpdatedDate:[20250601 TO 20250701]", False),
    ],
)
def test_the_date_of_the_last_update_is_silently_that_of_the_submission(
    query: str, *, found: bool
) -> None:
    assert finds(query, updated="2025-06-15T12:00:00") is found
