"""Matching goes on without the papers or the topics over which it fails, if these are few."""

from collections.abc import Sequence
from typing import cast

import pytest

from bot.query.ast import Query
from bot.query.parser import parse
from bot.sweep.sparing import matching_sparing
from storage.models import Paper
from tests.push.test_worker import paper


def trap(number: int) -> Paper:
    found = paper(number)
    found.title = cast("str", 7)
    return found


QUERIES = {number: parse("nerf" if number % 2 else "zyzzyva") for number in range(1, 40)}


@pytest.mark.parametrize("bad", [[3], [1, 12, 30], range(1, 21)])
def test_papers_over_which_it_fails_are_left_out(bad: Sequence[int]) -> None:
    papers = [trap(n) if n in bad else paper(n) for n in range(1, 40)]
    found = matching_sparing(papers, QUERIES)
    sound = [f"2611.{n:05}" for n in range(1, 40) if n not in bad]
    assert found == {number: sound if number % 2 else [] for number in QUERIES}


def test_topics_over_which_it_fails_are_left_out() -> None:
    broken = dict.fromkeys((5, 17), cast("Query", None))
    found = matching_sparing([paper(n) for n in range(1, 40)], QUERIES | broken)
    assert found[5] == found[17] == []
    assert len(found[7]) == 39


def test_where_it_fails_over_more_it_is_told() -> None:
    with pytest.raises(TypeError):
        matching_sparing([trap(n) for n in range(1, 40)], QUERIES)
