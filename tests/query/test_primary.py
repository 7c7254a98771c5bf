"""Queries without cross-lists, and with them again."""

import pytest

from bot.query.arxiv_syntax import questions
from bot.query.matcher import matching
from bot.query.parser import normalise, parse
from bot.query.primary import has_primary, switched
from storage.columns import utc_now
from storage.models import Paper


def paper(paper_id: str, *categories: str) -> Paper:
    now = utc_now()
    return Paper(
        id=paper_id,
        title="A title",
        abstract="",
        categories=list(categories),
        published_at=now,
        updated_at=now,
    )


PAPERS = [paper("1", "cs.CV", "cs.LG"), paper("2", "cs.LG", "cs.CV"), paper("3", "math.ST")]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("cs.CV", ["1", "2"]),
        ("primary:cs.CV", ["1"]),
        ("primary:cs.*", ["1", "2"]),
        ("primary:cs.CV OR primary:math.*", ["1", "3"]),
        ("cs.CV -primary:cs.CV", ["2"]),
        ("primary:(cs.LG OR stat.ML)", ["2"]),
    ],
)
def test_the_category_that_a_paper_is_filed_under(query: str, ids: list[str]) -> None:
    assert matching(PAPERS, {"": parse(query)})[""] == ids


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("cs.CV", "primary:cs.CV"),
        ("gan cs.CV", "gan primary:cs.CV"),
        ("cs.CV OR cs.*", "primary:cs.* OR primary:cs.CV"),
        ("gan cs.CV -cs.LG", "gan primary:cs.CV -cat:cs.LG"),
    ],
)
def test_a_switch_leaves_cross_lists_out_and_takes_them_in_again(query: str, other: str) -> None:
    without = switched(parse(query))
    assert without is not None
    assert without == parse(other)
    assert has_primary(without)
    assert not has_primary(parse(query))
    assert switched(without) == parse(query)


def test_without_a_category_there_is_nothing_to_switch() -> None:
    assert switched(parse("gan -cs.CV")) is None


def test_arxiv_is_asked_for_the_category_and_its_answer_is_matched_again() -> None:
    asked = questions(parse("gan primary:cs.CV"))
    assert not asked.exact
    assert all("cat:cs.CV" in one and "primary" not in one for one in asked.searches)
    left_out = questions(parse("gan -primary:cs.CV"))
    assert all("ANDNOT" not in one for one in left_out.searches)
    assert normalise(parse("primary:CS.cv")) == "primary:cs.CV"
