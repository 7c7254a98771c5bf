"""Put a site together from the database, and write it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.digest import compose
from bot.i18n import negotiate, texts
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS, Preset
from bot.site.folder import remove_others, write
from bot.site.site import FEEDS, Site, files
from bot.translation.service import Progress, Translator
from storage import matches, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ORIGINAL, Chat

WEEKS = 12
"""How many weeks the pictures show."""


class Listed(NamedTuple):
    """A topic of a site under the name that it has there."""

    label: str
    topic_id: int
    query: str


async def of_chat(*, database: Database, chat: Chat) -> list[Listed]:
    """Return a chat's topics, under its own labels."""
    async with database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=chat.id)
    return [
        Listed(entry.subscription.label, entry.topic.id, entry.topic.query) for entry in followed
    ]


async def of_all(*, database: Database, language: str) -> list[Listed]:
    """Return all that is followed, under names that everybody knows: never a chat's labels."""
    async with database.reading() as session:
        followed = await topics.followed(session=session)
    return [
        Listed(_known_name(topic.query, language), topic.id, topic.query)
        for topic in sorted(followed, key=lambda topic: topic.query)
    ]


async def publish(
    *,
    database: Database,
    translator: Translator,
    folder: Path,
    listed: Sequence[Listed],
    wanted: compose.Wanted,
    progress: Progress | None = None,
) -> int:
    """Write the site of these topics; return how many files changed.

    Raises:
        OSError: the folder can't be written.

    """
    headings = [compose.Heading(topic.label, topic.topic_id) for topic in listed]
    shown, original = [
        await compose.digest(
            database=database,
            translator=translator,
            sections=headings,
            wanted=replace(wanted, language=language),
            progress=progress,
        )
        for language in (wanted.language, ORIGINAL)
    ]
    site = Site(
        shown=shown,
        original={paper.id: paper for section in original.sections for paper in section.papers},
        queries=tuple(topic.query for topic in listed),
        weeks=await _weeks(database, [topic.topic_id for topic in listed]),
    )
    return await asyncio.to_thread(_write, folder, site)


def _write(folder: Path, site: Site) -> int:
    made = files(site)
    changed = write(folder, made)
    # What nobody follows any more is nobody's business.
    return changed + remove_others(folder, FEEDS, keep=made)


def _known_name(query: str, language: str) -> str:
    ready = _ready_by_query().get(query)
    if ready is None:
        return query
    return ready.label(texts(negotiate(language)))


@cache
def _ready_by_query() -> dict[str, Preset]:
    return {normalise(parse(topic.query)): topic for topic in PRESETS}


async def _weeks(database: Database, topic_ids: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    counts = []
    async with database.reading() as session:
        for weeks_ago in range(WEEKS - 1, -1, -1):
            start = monday - timedelta(weeks=weeks_ago)
            counts.append(
                await matches.published_between(
                    session=session,
                    topic_ids=topic_ids,
                    start=start,
                    end=start + timedelta(weeks=1),
                )
            )
    return tuple(tuple(week.get(topic_id, 0) for week in counts) for topic_id in topic_ids)
