"""Backfill: a topic's past, asked of arXiv's own search once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import RejectedQueryError, SourceError
from bot.arxiv.turns import BACKGROUND, Asker, asks_for
from bot.query.arxiv_syntax import questions
from bot.query.ast import Query
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, parse_stored
from bot.sweep.fan_out import fan_out_to_followers
from bot.sweep.ingest import drop_withdrawn, store
from bot.sweep.window import WINDOW
from storage import matches, sweeps, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper

PAGE = 200
"""How many papers are asked for at once."""

ENOUGH = 50
"""Where so many of them are what the topic finds, no more are asked for."""

MOST_PAGES = 5
"""arXiv can't be asked for all topics exactly, and of what it answers few may be meant."""

AT_ONCE = 100
"""Topics that are asked for after a sweep: five minutes, as a rule."""

OWED_AT_BACKFILL = 10
"""How many of them are owed to those who followed before arXiv answered."""

_FRESH = timedelta(days=2)
"""A store that was filled this lately needs nothing that is newer than its beginning."""

EVER = datetime.min.replace(tzinfo=UTC)
"""When the first paper of all was published, or before."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Past:
    """What arXiv answered."""

    papers: Sequence[Paper]
    since: datetime
    """These are all papers that the topic finds from then on."""


async def backfill(*, database: Database, source: ArxivSource, topic_id: int) -> datetime | None:
    """Backfill a topic's papers from arXiv, once: those older than what the store has all of.

    Return from when on arXiv has told all of them, EVER where it told all that there are; None
    where it was asked before.

    Raises:
        SourceError: arXiv gave no answer that can be trusted; the topic stays to be asked for.

    """
    async with database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        before = await _beginning_of_store(session=session)
    if topic is None or topic.backfilled_at is not None:
        return None
    past = await _ask(source, parse_stored(topic.query), before)
    await store(database, past.papers)
    async with database.transaction() as session:
        stored = await topics.get(session=session, topic_id=topic_id)
        if stored is None:
            return past.since
        # One that retention takes at this moment is left out.
        found = [(paper.id, paper.published_at) for paper in past.papers]
        await matches.record_found(session=session, topic_id=topic_id, found=found)
    await drop_withdrawn(database, past.papers)
    # Whoever followed before the store had the week gets its papers now.
    recent = [paper.id for paper in past.papers if paper.published_at >= utc_now() - WINDOW]
    await fan_out_to_followers(database, topic_id=topic_id, paper_ids=recent[:OWED_AT_BACKFILL])
    async with database.transaction() as session:
        # Last of all: what is interrupted before is done anew, and adds nothing twice.
        await topics.note_backfilled(session=session, topic_id=topic_id, now=utc_now())
    _log.info("backfilled", topic=topic_id, papers=len(past.papers), since=past.since)
    return past.since


async def backfill_waiting(
    *, database: Database, source: ArxivSource, refused: set[int] | None = None
) -> None:
    """Backfill some of the topics that wait for it; a failure leaves the rest for the next time.

    refused: the topics that arXiv, or we, could make nothing of. They are left out and added to,
    so that they keep no others waiting; the next start asks for them once more.

    Those are topics for which arXiv gave no answer, and after an update all that there are: of
    them a few are asked for after each sweep, so that arXiv is not asked for hours.
    """
    async with database.reading() as session:
        refused = set() if refused is None else refused
        some = await topics.unbackfilled(session=session, limit=AT_ONCE + len(refused))
    waiting = [topic for topic in some if topic.id not in refused]
    # In a task of its own, as every job is: whoever waits for an answer comes before or in between.
    asks_for.set(Asker(BACKGROUND))
    for topic in waiting[:AT_ONCE]:
        try:
            await backfill(database=database, source=source, topic_id=topic.id)
        except QuerySyntaxError as error:
            # One bad topic harms nothing but itself.
            refused.add(topic.id)
            _log.error("topic does not parse", topic=topic.id, reason=error.reason)
        except SourceError as error:
            _log.warning("backfill failed", topic=topic.id, error=str(error))
            if error.passing:
                return
            if isinstance(error, RejectedQueryError):
                refused.add(topic.id)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad topic harms nothing but itself
            refused.add(topic.id)
            _log.error("backfill failed", topic=topic.id, error=type(error).__name__)


async def _beginning_of_store(*, session: AsyncSession) -> datetime | None:
    """Return before when the store lacks papers; None where it also lacks new ones."""
    now = utc_now()
    good = await sweeps.last_good(session=session)
    if good is None or good.window_to < now - _FRESH:
        return None
    return await sweeps.known_since(session=session, now=now)


async def _ask(source: ArxivSource, query: Query, before: datetime | None) -> _Past:
    """Ask page after page, the newest first, until enough of the answer is what is meant."""
    kept: dict[str, Paper] = {}
    oldest, asked = before, await asyncio.to_thread(questions, query)
    for _page in range(MOST_PAGES):
        found = await source.ask(asked, before=oldest, limit=PAGE)
        # What our own matcher would not find in a sweep has no place here either.
        meant = set((await asyncio.to_thread(matching, found, {"": query}))[""])
        kept |= {paper.id: paper for paper in found if paper.id in meant}
        if len(found) < PAGE:
            return _Past(list(kept.values()), EVER)
        oldest = found[-1].published_at
        if len(kept) >= ENOUGH:
            break
    return _Past(list(kept.values()), oldest or EVER)
