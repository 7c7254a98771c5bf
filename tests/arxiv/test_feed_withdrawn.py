"""A paper counts as withdrawn when its authors say so, and not when something else is."""

from datetime import UTC, datetime

import arxiv
import pytest

from bot.arxiv.feed import to_paper

ABSTRACT = "We study neural radiance fields."


def is_withdrawn(*, abstract: str = ABSTRACT, comment: str = "") -> bool:
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    result = arxiv.Result(
        entry_id="http://arxiv.org/abs/2506.00001v2",
        title="A NeRF",
        summary=abstract,
        comment=comment,
        published=moment,
        updated=moment,
        primary_category="cs.CV",
        categories=["cs.CV"],
    )
    return to_paper(result).withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the authors",
        "Withdrawn by the authors due to lack of explicit agreement from all co-authors",
        "withdrawn",
        "[withdrawn]",
        "Paper withdrawn due to an error in equation 3",
        "12 pages. This paper is withdrawn because of a crucial error",
        "arXiv admin note: This submission has been withdrawn by arXiv administrators",
        "This manuscript was withdrawn from arXiv by its authors",
        "THE ARTICLE HAS NOW BEEN WITHDRAWN",
    ],
)
def test_a_comment_that_says_so(comment: str) -> None:
    assert is_withdrawn(comment=comment)


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "12 pages, 3 figures",
        "This paper was withdrawn from ICLR 2025 and accepted at CVPR",
        "Withdrawn from the workshop's proceedings",
        "arXiv admin note: text overlap with arXiv:2406.11840",
        "A study of withdrawn papers",
        "The drug has been withdrawn from the market",
    ],
)
def test_a_comment_that_says_something_else(comment: str) -> None:
    assert not is_withdrawn(comment=comment)


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("This paper has been withdrawn by the author due to an error.", True),
        ("This article is withdrawn.", True),
        ("We find that a paper withdrawn by its authors is still cited.", False),
        ("The money withdrawn from accounts is modelled.", False),
        ("This paper studies why papers have been withdrawn.", False),
    ],
)
def test_an_abstract_that_is_nothing_but_the_word_of_it(abstract: str, *, expected: bool) -> None:
    assert is_withdrawn(abstract=abstract) is expected
