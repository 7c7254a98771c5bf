"""Fair share: whoever wants little has all of it, and the others have the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.fair_share import fair_share, trim


@pytest.mark.parametrize(
    ("sizes", "most", "share"),
    [
        ([], 10, None),
        ([3, 3, 4], 10, None),
        ([100], 10, 10),
        ([5, 5, 5], 9, 3),
        # What those leave who want little, the others have.
        ([1, 2, 100, 100], 13, 5),
        ([0, 0, 7, 900], 20, 13),
        ([4, 4], 0, 0),
    ],
)
def test_a_fair_share(sizes: list[int], most: int, share: int | None) -> None:
    assert fair_share(sizes, most) == share


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(0, 300))
def test_all_is_given_away_and_no_more(sizes: list[int], most: int) -> None:
    lists = {number: list(map(str, range(size))) for number, size in enumerate(sizes)}
    share = trim(lists.values(), most)
    left = [len(one) for one in lists.values()]
    assert sum(left) <= most or share is None
    if share is None:
        assert left == sizes
    else:
        assert left == [min(size, share) for size in sizes]
        # One more for each of those who want it would be too much.
        assert sum(min(size, share + 1) for size in sizes) > most
        assert all(one == list(map(str, range(len(one)))) for one in lists.values())
