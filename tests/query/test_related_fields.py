"""The field beside a topic: where its papers are cross-listed to."""

import pytest

from bot.query.related_fields import neighbour

VISION = ["cs.CV", "cs.RO", "cs.LG"]


@pytest.mark.parametrize(
    ("papers", "followed", "field"),
    [
        pytest.param([["cs.CV", "cs.RO"]] * 4, [], "cs.RO", id="the cross-list"),
        pytest.param([["cs.CV"]] * 8, [], None, id="not the papers' own field"),
        pytest.param([["cs.CV", "cs.RO"]] * 3, [], None, id="of three papers nothing is said"),
        pytest.param([["cs.CV", "cs.RO"]] + [["cs.CV"]] * 4, [], None, id="not often enough"),
        pytest.param([VISION] * 4, [], "cs.LG", id="of equals the first by name"),
        pytest.param([VISION] * 4, ["cat:cs.LG"], "cs.RO", id="not what is followed"),
        pytest.param([VISION] * 4, ["cat:cs.*"], None, id="nor what stands under it"),
        pytest.param([VISION] * 4, ["nerf -cat:cs.LG"], "cs.RO", id="nor what is left out"),
        pytest.param([["cs.CV", "68T45", "I.2.10"]] * 4, [], None, id="no field of arXiv's"),
        pytest.param([[]] * 4, [], None, id="no fields at all"),
    ],
)
def test_neighbour(papers: list[list[str]], followed: list[str], field: str | None) -> None:
    assert neighbour(papers, followed=followed) == field
