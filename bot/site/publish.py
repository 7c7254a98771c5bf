"""Publish the site: put it together from the database, and write it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from bot.digest import compose
from bot.i18n import negotiate, texts
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS, Preset
from bot.site.folder import claim, remove_others, write
from bot.site.site import FEEDS, Site, files
from bot.translation.paper_view import PaperView, sparing
from bot.translation.service import Progress, Translator
from storage import matches, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ORIGINAL

WEEKS = 12
"""How many weeks the pictures show."""


async def of_all(*, database: Database, language: str) -> list[compose.Heading]:
    """Return all that is followed, under names that everybody knows: never a chat's labels."""
    async with database.reading(long=True) as session:
        followed = await topics.followed(session=session)
    return [
        compose.Heading(_known_name(topic.query, language), topic.id, topic.query)
        for topic in sorted(followed, key=lambda topic: topic.query)
    ]


async def publish(
    *,
    database: Database,
    translator: Translator,
    folder: Path,
    sections: Sequence[compose.Heading],
    wanted: compose.Wanted,
    progress: Progress | None = None,
) -> int:
    """Write the site of these topics; return how many files changed.

    Raises:
        OSError: the folder can't be written, or has files under our names that are not ours.

    """
    shown, original = [
        await compose.digest(
            database=database,
            translator=translator,
            sections=sections,
            wanted=replace(wanted, language=language, key_sentences=True),
            progress=progress,
        )
        for language in (wanted.language, ORIGINAL)
    ]
    site = Site(
        shown=shown,
        original={paper.id: paper for section in original.sections for paper in section.papers},
        queries=tuple(section.query for section in sections),
        weeks=await _weeks(database, [section.topic_id for section in sections]),
    )
    return await asyncio.to_thread(_write, folder, site)


def _write(folder: Path, site: Site) -> int:
    made = sparing(lambda some: files(_showing(site, some)), site.shown.papers)
    # Feeds of others would be removed below.
    claim(folder, [*made, *(str(feed.relative_to(folder)) for feed in folder.glob(FEEDS))])
    changed = write(folder, made)
    # What nobody follows any more is nobody's business.
    return changed + remove_others(folder, FEEDS, keep=made)


def _showing(site: Site, some: Sequence[PaperView]) -> Site:
    given = {paper.id: paper for paper in some}
    known = {paper.id: paper for paper in site.shown.papers}
    # Where the texts of one are at fault, the original's are not shown either.
    original = {
        paper_id: paper if given.get(paper_id) is known.get(paper_id) else given[paper_id]
        for paper_id, paper in site.original.items()
        if paper_id in given
    }
    return replace(site, shown=site.shown.showing(some), original=original)


def _known_name(query: str, language: str) -> str:
    preset = _presets_by_query().get(query)
    return preset.label(texts(negotiate(language))) if preset else query


@cache
def _presets_by_query() -> dict[str, Preset]:
    return {normalise(parse(preset.query)): preset for preset in PRESETS}


async def _weeks(database: Database, topic_ids: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())

    def read(connection: Connection) -> list[dict[int, int]]:
        starts = [monday - timedelta(weeks=ago) for ago in range(WEEKS - 1, -1, -1)]
        return [
            matches.published_between(
                connection, topic_ids=topic_ids, start=start, end=start + timedelta(weeks=1)
            )
            for start in starts
        ]

    counts = await database.read(read, long=True)
    return tuple(tuple(week.get(topic_id, 0) for week in counts) for topic_id in topic_ids)
