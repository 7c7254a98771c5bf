"""`paperboy move`: another database, counted, and never under a running bot."""

from tests.commands.paperboy import Paperboy

FROM, TO = "sqlite:///data/paperboy.db", "sqlite:///data/new.db"


async def test_everything_is_counted_and_a_second_time_is_refused(paperboy: Paperboy) -> None:
    await paperboy.follow(5, "nerf")
    moved = await paperboy("move", FROM, TO)
    assert (moved.code, moved.complaints) == (0, [])
    assert "subscription: 1 rows" in moved.out.splitlines()
    again = await paperboy("move", FROM, TO)
    assert again.code == 1
    assert "is not empty" in again.complaints[0]


async def test_nothing_is_moved_under_a_running_bot(paperboy: Paperboy) -> None:
    async with paperboy.running():
        refused = await paperboy("move", FROM, TO)
    assert refused.code == 1
    assert refused.complaints == ["a bot is at work on sqlite:///data/paperboy.db; stop it first"]


async def test_no_database_and_the_same_twice_are_one_line(paperboy: Paperboy) -> None:
    for target, words in (
        (TO, "there is no database at data/paperboy.db"),
        (FROM, "same database"),
    ):
        refused = await paperboy("move", FROM, target)
        assert refused.code == 1
        assert words in refused.complaints[0]
