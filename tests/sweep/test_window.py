"""What a sweep looks at, found from the diary of those before it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.sweep.window import Stretch, deep_look, fill, horizon, stretches
from storage.models import Sweep
from tests.few_examples import few_examples

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def sweep(days_ago: float, span: timedelta) -> Sweep:
    end = NOW - days_ago * DAY
    return Sweep(window_from=end - span, window_to=end, started_at=end)


def test_the_first_sweep_looks_at_a_week() -> None:
    assert stretches(now=NOW, since=None) == [Stretch(NOW - WEEK, NOW, NOW - WEEK)]


def test_every_sweep_looks_a_week_further_back_than_the_last_one_reached() -> None:
    [only] = stretches(now=NOW, since=NOW - 3 * DAY)
    assert (only.start, only.end) == (NOW - 10 * DAY, NOW)


def test_a_clock_that_was_ahead_hides_nothing() -> None:
    assert stretches(now=NOW, since=NOW + 3 * DAY) == stretches(now=NOW, since=NOW)


@few_examples
@given(st.timedeltas(timedelta(), timedelta(days=3000)))
def test_any_gap_is_covered_without_a_hole_a_week_at_a_time(gap: timedelta) -> None:
    found = stretches(now=NOW, since=NOW - gap)
    assert found[0].start == NOW - gap - WEEK
    assert found[-1].end == NOW
    assert all(stretch.end - stretch.start <= 10 * DAY for stretch in found)
    assert all(later.start == earlier.end for earlier, later in pairwise(found))


def test_before_anything_was_seen_nothing_is_late() -> None:
    assert deep_look(now=NOW, beginning=None, recent=[]) == []


def test_once_a_week_the_last_thirty_days_are_looked_at() -> None:
    began = NOW - 90 * DAY
    usual = [sweep(days, WEEK) for days in (3, 2, 1)]
    deep = deep_look(now=NOW, beginning=began, recent=usual)
    assert (deep[0].end, deep[-1].start) == (NOW, NOW - 30 * DAY)
    assert all(later.end == earlier.start for earlier, later in pairwise(deep))
    assert all(stretch.end - stretch.start <= WEEK for stretch in deep)
    assert {stretch.late for stretch in deep} == {NOW - WEEK}
    assert deep_look(now=NOW, beginning=began, recent=[sweep(6, 30 * DAY), *usual]) == []


def test_a_deep_look_that_broke_off_is_due_again() -> None:
    began = NOW - 90 * DAY
    usual = [sweep(days, WEEK) for days in (3, 2, 1)]
    *newer, oldest = (
        Sweep(window_from=stretch.start, window_to=stretch.end, started_at=NOW)
        for stretch in deep_look(now=NOW, beginning=began, recent=usual)
    )
    assert deep_look(now=NOW, beginning=began, recent=[*usual, *newer])
    assert not deep_look(now=NOW, beginning=began, recent=[*usual, *newer, oldest])


def test_a_deep_look_goes_no_further_back_than_anything_ever_did() -> None:
    began = NOW - 15 * DAY
    deep = deep_look(now=NOW, beginning=began, recent=[sweep(1, WEEK)])
    assert deep[-1].start == began
    done = Sweep(window_from=began, window_to=NOW - DAY, started_at=NOW - DAY)
    assert deep_look(now=NOW, beginning=began, recent=[done]) == []


def test_the_first_week_needs_no_deep_look() -> None:
    first = sweep(2, WEEK)
    assert deep_look(now=NOW, beginning=first.window_from, recent=[first]) == []


def test_until_35_days_are_held_a_day_after_the_other_is_looked_at_newest_first() -> None:
    steps = fill(now=NOW, since=NOW - 7 * DAY)
    assert len(steps) == 28
    assert (steps[0].end, steps[-1].start) == (NOW - 7 * DAY, NOW - 35 * DAY)
    assert all(later.end == earlier.start for earlier, later in pairwise(steps))
    assert {stretch.late for stretch in steps} == {NOW - WEEK}, "none of it is news"
    assert fill(now=NOW, since=NOW - 35 * DAY) == []
    assert fill(now=NOW, since=None) == []


def test_what_counts_as_news_and_what_is_held_end_with_the_window_or_later() -> None:
    assert horizon(now=NOW) == (NOW - 60 * DAY, NOW - 35 * DAY)
    assert horizon(now=NOW, window=50 * DAY) == (NOW - 60 * DAY, NOW - 50 * DAY)
    assert horizon(now=NOW, window=90 * DAY) == (NOW - 90 * DAY, NOW - 90 * DAY)
