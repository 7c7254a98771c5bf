"""What is believed of a paper, whichever service says it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.arxiv.paper_text import is_plausible


@pytest.mark.parametrize(
    ("days", "plausible"),
    [(-40_000, True), (-1, True), (0, True), (1, True), (400, False), (63_000, False)],
)
def test_no_paper_is_of_a_time_to_come(days: int, *, plausible: bool) -> None:
    now = max(datetime.now(UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert is_plausible(now + timedelta(days=days)) is plausible
    assert not is_plausible(datetime(1899, 12, 31, tzinfo=UTC))
