"""Upsert: rows that are there already are left alone or replaced, as asked."""

from sqlalchemy import literal
from sqlalchemy import select as select_any
from sqlmodel import col, select

from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Topic, Translation
from storage.upsert import insert_from_select, insert_or_ignore, insert_or_update


async def test_only_the_keys_of_new_rows_are_returned(database: Database) -> None:
    async with database.transaction() as session:
        first = await insert_or_ignore(session, Topic, [{"query": "a"}, {"query": "b"}])
        second = await insert_or_ignore(session, Topic, [{"query": "b"}, {"query": "c"}])
        stored = (await session.exec(select(Topic).order_by(col(Topic.query)))).all()
        assert await insert_or_ignore(session, Topic, []) == set()
    assert first == {(topic.id,) for topic in stored[:2]}
    assert second == {(stored[2].id,)}
    assert [topic.query for topic in stored] == ["a", "b", "c"]
    assert all(topic.created_at <= utc_now() for topic in stored)


async def test_thousands_of_rows_are_inserted_at_once(database: Database) -> None:
    rows = [{"query": f"topic {number}"} for number in range(5000)]
    async with database.transaction() as session:
        assert len(await insert_or_ignore(session, Topic, rows)) == 5000


async def test_an_updated_row_takes_the_place_of_the_older_one_and_of_no_other(
    database: Database,
) -> None:
    now = utc_now()
    async with database.transaction() as session:
        session.add(Paper(id="1", title="T", abstract="A", published_at=now, updated_at=now))
        await session.flush()
        for language, abstract in (("es", "Uno."), ("fr", "Un."), ("es", "Dos.")):
            row = Translation(
                paper_id="1", language=language, abstract=abstract, engine="x", source_digest="x"
            )
            await insert_or_update(session, row)
    async with database.reading() as session:
        found = (await session.exec(select(Translation.language, Translation.abstract))).all()
    assert set(found) == {("es", "Dos."), ("fr", "Un.")}


async def test_what_a_query_names_is_inserted_where_it_is_new(database: Database) -> None:
    values = {"created_at": utc_now()}
    async with database.transaction() as session:
        await insert_or_ignore(session, Topic, [{"query": "a"}, {"query": "a!"}])
        shouted = select_any((col(Topic.query) + literal("!")).label("query")).where(
            col(Topic.query).is_not(None)
        )
        assert await insert_from_select(session, Topic, shouted, values) == 1
