from collections.abc import Sequence

import pytest

from storage import papers, translations
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Translation
from storage.translations import source_digest


def a_paper(paper_id: str, abstract: str = "An abstract.") -> Paper:
    return Paper(
        id=paper_id,
        title="A title",
        abstract=abstract,
        published_at=utc_now(),
        updated_at=utc_now(),
    )


def a_translation(paper: Paper, language: str = "es", abstract: str = "Un resumen.") -> Translation:
    return Translation(
        paper_id=paper.id,
        language=language,
        abstract=abstract,
        engine="libre",
        source_digest=source_digest(paper.title, paper.abstract),
    )


async def stored(database: Database, found: Sequence[Paper | Translation]) -> None:
    async with database.transaction() as session:
        for one in found:
            if isinstance(one, Paper):
                await papers.store(session=session, papers=[one])
            else:
                await translations.store(session=session, translation=one)


async def test_a_stored_translation_is_found_by_paper_and_language(database: Database) -> None:
    first, second = a_paper("2401.00001"), a_paper("2401.00002")
    mine = a_translation(first)
    await stored(database, [first, second, mine, a_translation(second, "fr", "Un résumé.")])
    found = await database.read(
        lambda connection: translations.find(
            connection, paper_ids=[first.id, second.id, "none"], language="es"
        )
    )
    assert list(found) == [first.id]
    assert found[first.id].abstract == "Un resumen."
    assert found[first.id].created_at == mine.created_at


async def test_a_newer_translation_takes_the_place_of_the_older(database: Database) -> None:
    paper = a_paper("2401.00001")
    await stored(database, [paper, a_translation(paper), a_translation(paper, abstract="Otro.")])
    found = await database.read(
        lambda connection: translations.find(connection, paper_ids=[paper.id], language="es")
    )
    assert found[paper.id].abstract == "Otro."


async def test_thousands_of_ids_are_asked_for_at_once(database: Database) -> None:
    paper = a_paper("2401.00001")
    await stored(database, [paper, a_translation(paper)])
    ids = [f"none/{number}" for number in range(40_000)] + [paper.id]
    found = await database.read(
        lambda connection: translations.find(connection, paper_ids=ids, language="es")
    )
    assert list(found) == [paper.id]


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("A title", "An\n  abstract. "),
        (" A  title", "An abstract."),
        ("A\ttitle", "An abstract.\n"),
    ],
)
def test_the_digest_does_not_see_line_breaks(title: str, abstract: str) -> None:
    assert source_digest(title, abstract) == source_digest("A title", "An abstract.")


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("A title", "An abstract!"),
        ("A title An", "abstract."),
        ("\ud800", "An abstract."),
        ("", ""),
    ],
)
def test_the_digest_tells_every_other_text_apart(title: str, abstract: str) -> None:
    assert source_digest(title, abstract) != source_digest("A title", "An abstract.")
