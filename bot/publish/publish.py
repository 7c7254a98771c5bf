"""Put a site together from the database, and write it."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from bot.i18n import negotiate
from bot.papers.query import normalise, parse
from bot.papers.readymade import READYMADE, ReadyMade
from bot.pipeline import compose
from bot.publish.folder import remove_others, write
from bot.publish.site import FEEDS, Site, files
from bot.translation.service import Translator
from storage import topics
from storage.database import Database
from storage.models import ORIGINAL, Chat, utc_now

__all__ = ["WEEKS", "publish"]

WEEKS = 12
"""How many weeks the pictures show."""


async def publish(
    *,
    database: Database,
    translator: Translator,
    folder: Path,
    language: str,
    updated: date,
    chat: Chat | None = None,
) -> int:
    """Write the site of a chat's topics, or of all that are followed; return the files changed.

    Without a chat topics have the names that everybody knows, never a chat's own labels.

    Raises:
        OSError: the folder can't be written.

    """
    async with database.reading() as session:
        if chat is None:
            found = [
                (_known_name(topic.query, language), topic)
                for topic in sorted(
                    await topics.followed(session=session), key=lambda topic: topic.query
                )
            ]
        else:
            followed = await topics.subscriptions(session=session, chat_id=chat.id)
            found = [(entry.subscription.label, entry.topic) for entry in followed]
    headings = [compose.Heading(label, topic.id) for label, topic in found]
    shown, original = [
        await compose.digest(
            database=database,
            translator=translator,
            sections=headings,
            language=wanted,
            titles=chat is not None and chat.translate_titles,
            updated=updated,
        )
        for wanted in (language, ORIGINAL)
    ]
    site = Site(
        shown=shown,
        original={paper.id: paper for section in original.sections for paper in section.papers},
        queries=tuple(topic.query for _label, topic in found),
        weeks=await _weeks(database, [topic.id for _label, topic in found]),
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
    return ready.names.get(negotiate(language), ready.names["en"])


@cache
def _ready_by_query() -> dict[str, ReadyMade]:
    return {normalise(parse(topic.query)): topic for topic in READYMADE}


async def _weeks(database: Database, topic_ids: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    counts = []
    async with database.reading() as session:
        for weeks_ago in range(WEEKS - 1, -1, -1):
            start = monday - timedelta(weeks=weeks_ago)
            counts.append(
                await topics.published_between(
                    session=session,
                    topic_ids=topic_ids,
                    start=start,
                    end=start + timedelta(weeks=1),
                )
            )
    return tuple(tuple(week.get(topic_id, 0) for week in counts) for topic_id in topic_ids)
