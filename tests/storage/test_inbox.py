"""Updates that are kept until they are handled."""

from datetime import timedelta
from functools import partial

from storage import inbox
from storage.columns import utc_now
from storage.database import Database


async def keep(database: Database, updates: dict[int, str]) -> None:
    await database.write(lambda each: inbox.keep(each, updates, now=utc_now()))


async def waiting(database: Database, *, after: timedelta = timedelta(0)) -> inbox.Waiting:
    return await database.write(lambda each: inbox.take_up(each, now=utc_now() + after))


async def life(database: Database) -> inbox.Waiting:
    """Begin all that waits, as a start does that is killed after it."""
    found = await waiting(database)
    for number in found.suspects:
        await database.write(partial(inbox.count_try, number=number))
    return found


async def test_what_is_kept_waits_until_it_is_handled(database: Database) -> None:
    await keep(database, {2: "two", 1: "one"})
    await keep(database, {2: "again", 3: "three"})
    assert await waiting(database) == ({1: "one", 2: "two", 3: "three"}, {}, {}, 0, False)
    await database.write(lambda each: inbox.done(each, [1, 3]))
    assert list((await waiting(database)).updates) == [2]


async def test_what_was_begun_ten_times_is_given_up(database: Database) -> None:
    await keep(database, {7: "{}"})
    assert [len((await life(database)).updates) for _ in range(10)] == [1] * 10
    assert await life(database) == ({}, {}, {7: "{}"}, 0, True)


async def test_what_nobody_could_be_told_of_in_three_starts_is_dropped(database: Database) -> None:
    await keep(database, {7: "{}"})
    assert [len((await life(database)).given_up) for _ in range(13)] == [0] * 10 + [1] * 3
    assert await life(database) == ({}, {}, {}, 1, True)


async def test_what_was_begun_twice_is_counted_one_by_one_the_least_tried_first(
    database: Database,
) -> None:
    await keep(database, {7: "{}", 8: "{}", 9: "{}"})
    assert [(await waiting(database)).suspects for _ in range(2)] == [{}, {}]
    begun = []
    for _kill in range(22):  # each in the moment in which the first is begun
        found = await waiting(database)
        assert not found.given_up
        begun.append(next(iter(found.suspects)))
        await database.write(partial(inbox.count_try, number=begun[-1]))
    assert begun == [*([7, 8, 9] * 7), 7]
    assert list((await waiting(database)).given_up) == [7]


async def test_what_a_stop_cut_short_is_no_try(database: Database) -> None:
    await keep(database, {7: "{}", 8: "{}"})
    for _stop in range(12):
        assert 7 in (await life(database)).updates
        await database.write(lambda each: inbox.spare(each, [7]))
    assert list((await life(database)).updates) == [7], "8 was begun ten times"


async def test_what_is_a_day_old_is_given_up(database: Database) -> None:
    await keep(database, {7: "{}"})
    assert (await waiting(database, after=timedelta(hours=23))).updates
    assert await waiting(database, after=timedelta(hours=25)) == ({}, {}, {}, 1, True)


async def test_a_run_that_did_not_end_by_itself_is_known(database: Database) -> None:
    assert [(await waiting(database)).after_crash for _ in range(3)] == [False, True, True]
    assert (await waiting(database, after=timedelta(days=30))) == ({}, {}, {}, 0, True)
    await database.write(lambda each: inbox.done(each, [inbox.RUN]))
    assert not (await waiting(database)).after_crash
