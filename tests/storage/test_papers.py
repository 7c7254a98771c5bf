"""Papers: found by words of their titles, and stored by several at once."""

import asyncio
from datetime import timedelta

from storage import papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper

NOW = utc_now()


def paper(number: int, title: str, *, version: int = 1, withdrawn: bool = False) -> Paper:
    return Paper(
        id=f"0001.{number:05}",
        title=title,
        version=version,
        withdrawn=withdrawn,
        abstract="A",
        published_at=NOW + timedelta(minutes=number),
        updated_at=NOW + timedelta(minutes=number),
    )


async def titled(database: Database, *words: str, limit: int = 10) -> list[str]:
    async with database.reading() as session:
        found = await papers.titled(session=session, words=words, limit=limit)
    return [one.title for one in found]


async def test_titles_are_found_by_all_words_newest_first(database: Database) -> None:
    async with database.transaction() as session:
        await papers.store(
            session=session,
            papers=[
                paper(1, "Gaussian Splatting"),
                paper(2, "Splatting of gaussians, 100% faster"),
                paper(3, "Splatting gaussian waves", withdrawn=True),
                paper(4, "Radiance"),
            ],
        )
    both = ["Splatting of gaussians, 100% faster", "Gaussian Splatting"]
    assert await titled(database, "splat", "GAUSSIAN") == both
    assert await titled(database, "splat", limit=1) == both[:1]
    assert await titled(database, "0% f") == both[:1]
    assert await titled(database, "100_") == []
    assert await titled(database) == ["Radiance", *both]


async def test_two_who_store_the_same_at_once_both_succeed(database: Database) -> None:
    """A sweep and a search, each with its own order of the same papers."""
    count = 300

    async def store(version: int, *, backwards: bool) -> int:
        told = [paper(number, f"v{version}", version=version) for number in range(count)]
        if backwards:
            told.reverse()
        async with database.transaction() as session:
            added = await papers.store(session=session, papers=told)
            await asyncio.sleep(0.05)
            return added

    added = await asyncio.gather(
        store(1, backwards=False), store(2, backwards=True), store(2, backwards=False)
    )
    assert sum(added) == count
    assert await titled(database, limit=count) == ["v2"] * count
