"""The ranker: it learns from few papers, says why, and guesses nothing from too little."""

from datetime import UTC, datetime

from hypothesis import given, settings

from bot.ranking.model import learn
from storage.models import Paper
from tests.hostile import hostile_text

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def paper(number: int, title: str, abstract: str = "") -> Paper:
    return Paper(
        id=f"2611.{number:05}",
        title=title,
        abstract=abstract,
        authors=["A. Uthor"],
        categories=["cs.RO"],
        published_at=NOW,
        updated_at=NOW,
    )


LIKED = [paper(n, f"Surgical robots {n}", "Robots that operate.") for n in range(5)]
OTHERS = [paper(100 + n, f"Chess engines {n}", "Game play.") for n in range(10)]
CANDIDATES = [
    paper(201, "A chess engine at play"),
    paper(202, "Surgical robots that see"),
    paper(203, "Sorting by comparison"),
]


def test_what_resembles_what_was_liked_is_judged_best_and_named() -> None:
    ranker = learn(liked=LIKED, disliked=OTHERS[:5], passed_over=OTHERS[5:])
    assert ranker is not None
    judged = ranker.judge(CANDIDATES)
    assert max(judged) == judged[1]
    assert judged[1].like in {one.id for one in LIKED}
    assert [one.like for one in (judged[0], judged[2])] == [None, None]
    assert ranker.judge([]) == []


def test_no_paper_is_named_that_must_not_be() -> None:
    """Such as the judged ones themselves: who voted for one is not told that it is like itself."""
    ranker = learn(liked=LIKED, disliked=OTHERS, passed_over=[])
    assert ranker is not None
    nearest = ranker.judge([LIKED[2]])[0].like
    assert nearest is not None
    for unnamed in ([nearest], [one.id for one in LIKED[:4]]):
        named = ranker.judge([LIKED[2]], unnamed=unnamed)[0].like
        assert named in {one.id for one in LIKED}.difference(unnamed)
    assert ranker.judge([LIKED[2]], unnamed=[one.id for one in LIKED])[0].like is None


def test_from_too_little_nothing_is_guessed() -> None:
    assert learn(liked=LIKED[:-1], disliked=OTHERS, passed_over=[]) is None
    assert learn(liked=LIKED, disliked=[], passed_over=[]) is None


def test_what_was_only_passed_over_is_enough_to_tell_apart() -> None:
    ranker = learn(liked=LIKED, disliked=[], passed_over=OTHERS)
    assert ranker is not None
    scores = [judgement.score for judgement in ranker.judge(CANDIDATES)]
    assert scores[1] == max(scores)


@settings(max_examples=10, deadline=None)
@given(hostile_text(), hostile_text())
def test_whatever_a_paper_holds_is_judged(title: str, abstract: str) -> None:
    odd = paper(300, title, abstract)
    ranker = learn(liked=[*LIKED, odd], disliked=OTHERS, passed_over=[odd])
    assert ranker is not None
    assert len(ranker.judge([odd])) == 1
