"""Compose a digest, or the latest papers, from the database alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from bot.digest.markdown import PAPERS, Digest, Section
from bot.i18n import texts
from bot.render.brief import brief_messages
from bot.render.push_message import PushMessage, push_messages
from bot.translation.paper_view import PaperView, sparing, views
from bot.translation.service import Progress, Translator
from storage import matches, papers, topics
from storage.database import Database
from storage.matches import Found
from storage.models import Chat, Paper, PushStyle
from storage.topics import Followed

PAPERS_OF_DAYS = 500
"""A topic has at most so many papers where those of certain days are wanted."""

DIGEST_PATIENCE_SECONDS = 900.0
"""A digest is asked for, so it waits longer for translations than a push."""


class Heading(NamedTuple):
    """One section of a digest before its papers are there."""

    label: str
    topic_id: int
    query: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a digest is to hold, and in which language."""

    language: str
    updated: date
    """The day that stands on it."""
    titles: bool = False
    """Titles are translated as well."""
    papers: int = PAPERS
    """The newest so many of each topic."""
    period: tuple[datetime, datetime] | None = None
    """Those that were published in this time instead, however many."""
    key_sentences: bool = False
    """What each paper brings is shown as well, as on a page and not in a document."""


async def headings(*, database: Database, chat: Chat) -> list[Heading]:
    """Return what a chat follows, as the sections of its digest."""
    return headings_of(
        await database.read(lambda connection: topics.followed_by(connection, chat_id=chat.id))
    )


def headings_of(followed: Iterable[Followed]) -> list[Heading]:
    """Return these topics as the sections of a digest."""
    return [
        Heading(entry.subscription.label, entry.topic.id, entry.topic.query) for entry in followed
    ]


async def digest(
    *,
    database: Database,
    translator: Translator,
    sections: Sequence[Heading],
    wanted: Wanted,
    progress: Progress | None = None,
) -> Digest:
    """Return each topic's papers, translated; one that stands in two sections is so once."""
    period = wanted.period
    limit = wanted.papers if period is None else PAPERS_OF_DAYS

    def read(connection: Connection) -> tuple[dict[int, list[Found]], dict[str, Paper]]:
        newest = matches.newest_found(
            connection,
            topic_ids=[section.topic_id for section in sections],
            limit=limit,
            period=period,
        )
        ids = dict.fromkeys(found.paper_id for found in chain(*newest.values()))
        return newest, papers.read_many(connection, paper_ids=ids)

    newest, distinct = await database.read(read, long=True)
    shown = await views(
        translator=translator,
        papers=list(distinct.values()),
        language=wanted.language,
        titles=wanted.titles,
        progress=progress,
        patience_seconds=DIGEST_PATIENCE_SECONDS,
        key_sentences=wanted.key_sentences,
    )
    by_id = {paper.id: paper for paper in shown}
    return Digest(
        updated=wanted.updated,
        language=wanted.language,
        sections=tuple(
            Section(
                label=section.label,
                papers=tuple(by_id[found.paper_id] for found in newest[section.topic_id]),
            )
            for section in sections
        ),
        period=None if period is None else (period[0].date(), period[1].date()),
    )


async def latest(
    *, database: Database, translator: Translator, chat: Chat, limit: int
) -> list[PushMessage]:
    """Return the newest papers on a chat's topics as messages."""

    def read(connection: Connection) -> tuple[list[Paper], dict[str, tuple[str, ...]]]:
        newest = matches.newest_for_chat(connection, chat_id=chat.id, limit=limit)
        ids = [paper.id for paper in newest]
        return newest, matches.labels(connection, chat_id=chat.id, paper_ids=ids)

    newest, labels = await database.read(read)
    shown = await views(
        translator=translator,
        papers=newest,
        language=chat.language,
        titles=chat.translate_titles,
        labels=labels,
    )
    _ = texts(chat.ui_language, chat.kind)

    def rendered(some: Sequence[PaperView]) -> list[PushMessage]:
        if chat.push_style is PushStyle.BRIEF:
            return brief_messages(some, _=_, language=chat.language)
        return push_messages(some, _=_, language=chat.language, first=1)

    return sparing(rendered, shown)
