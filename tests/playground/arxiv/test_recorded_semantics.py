"""The fake arXiv is held to what arXiv's own query code answers."""

import html
import json
import re
from typing import Any

import pytest

from bot.playground.arxiv.errors import SearchError
from bot.playground.arxiv.stand_in import FakeArxiv
from tests.material import real_rows, shared_data

TITLE = re.compile(r"<title>arXiv Query: search_query=(.*)&amp;id_list=")
TOTAL = re.compile(r"<opensearch:totalResults>(\d+)<")
ID = re.compile(r"<id>http://arxiv\.org/abs/(.+?)v\d+</id>")


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    text = shared_data("arxiv_semantics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def papers() -> FakeArxiv:
    return FakeArxiv(real_rows())


def answer(arxiv: FakeArxiv, query: str) -> dict[str, Any]:
    """What is recorded, as the fake answers it."""
    asked = {"search_query": query, "max_results": "40", "sortBy": "submittedDate"}
    try:
        feed = arxiv.answer(asked)
    except SearchError as refusal:
        return {"query": query, "status": refusal.status}
    title, total = TITLE.search(feed), TOTAL.search(feed)
    return {
        "query": query,
        "status": 200,
        "adapted": html.unescape(title[1]) if title else None,
        "total": int(total[1]) if total else None,
        "ids": ID.findall(feed),
    }


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_the_fake_answers_as_arxivs_own_code_to_781_queries(
    papers: FakeArxiv, recorded: list[dict[str, Any]], every: int
) -> None:
    assert len(recorded) == 781
    different = [
        (mine, real)
        for real in recorded[::every]
        if (mine := answer(papers, real["query"])) != {name: real[name] for name in mine}
    ]
    assert different == []


def test_what_is_refused_is_refused_in_arxivs_words(
    papers: FakeArxiv, recorded: list[dict[str, Any]]
) -> None:
    refused = [real for real in recorded if real["status"] == 400]
    assert len(refused) == 6
    for real in refused:
        with pytest.raises(SearchError) as caught:
            papers.answer({"search_query": real["query"]})
        assert caught.value.message in {
            f"Invalid query string: '{real['adapted']}'",
            "Either a search_query or id_list must be specified for the classic API.",
        }
