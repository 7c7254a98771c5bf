"""Look back: put together what a chat's last week was, from what the database has counted."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.arxiv.calendar import announced_weeks
from bot.ranking.order import PersonalOrder
from bot.week.rising_words import RisingWord, rising_words, told
from bot.week.watch import Change, changes, facts
from storage import topics, weeks
from storage.database import Database
from storage.database_problem import problem_of
from storage.models import Chat, Paper, PaperOrder, SavedPaper
from storage.topics import Followed
from storage.week_models import TopicWeek
from storage.weeks import MANY_SAVED, HeldBack, Week

COMPARED = 8
"""Weeks before the one that is told."""

_JUDGED = 200
"""The newest papers over the cap that are looked at."""
_HELD_BACK = 2
_TOPICS = 10

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TopicLine:
    """What one topic brought."""

    label: str
    papers: tuple[int, ...]
    """A week, the oldest first; as many as are known, the one that is told last."""

    @property
    def usual(self) -> float | None:
        """Papers a week before; None: that is not known."""
        before = self.papers[:-1]
        return sum(before) / len(before) if before else None


@dataclass(frozen=True, slots=True)
class LookBack:
    """A chat's last week."""

    ends_on: date
    starts_on: date
    topics: tuple[TopicLine, ...] = ()
    more_topics: int = 0
    rising: tuple[RisingWord, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    saved: int = 0
    changed: tuple[tuple[Paper, tuple[Change, ...]], ...] = ()
    known_now: dict[str, dict[str, object]] = field(default_factory=dict)
    """What is remembered of saved papers once this was told, by id; of the changed ones only."""

    @property
    def only_news(self) -> "LookBack":
        """The news of saved papers alone, where nothing else is wanted."""
        return replace(self, topics=(), more_topics=0, rising=(), held_back=(), saved=0)

    @property
    def has_papers(self) -> bool:
        """Whether there is anything but what became of saved papers."""
        return any(line.papers and line.papers[-1] for line in self.topics) or self.saved > 0


async def look_back(
    *, database: Database, chat: Chat, now: datetime, personal: PersonalOrder | None = None
) -> LookBack:
    """Return a chat's last whole week. Nothing is asked of arXiv.

    What was not counted of a topic yet is counted, and stored once for all who follow it: not
    before all its papers are known.
    """
    spans = announced_weeks(now, count=COMPARED + 1)
    followed, counted = await _counted(database, chat, spans)
    read = await database.read(lambda connection: _read(connection, chat, spans[0]), long=True)
    lines = [
        TopicLine(entry.subscription.label, tuple(counted[entry.topic.id].papers))
        for entry in followed
    ]
    rising = (
        RisingWord(**found)
        for topic_id in {entry.topic.id for entry in followed}
        for found in counted[topic_id].rising
    )
    changed = [(paper, news) for kept, paper in read.watched if (news := _news(kept, paper))]
    return LookBack(
        starts_on=spans[0][0].date(),
        ends_on=spans[0][1].date(),
        topics=tuple(lines[:_TOPICS]),
        more_topics=max(0, len(lines) - _TOPICS),
        rising=tuple(told(rising)),
        held_back=tuple(await _best(chat, read.held_back, personal)),
        saved=read.saved,
        changed=tuple(changed) if chat.watches_saved else (),
        known_now={
            paper.id: now_known
            for kept, paper in read.watched
            if (now_known := facts(paper)) != kept.known
        },
    )


@dataclass(frozen=True, slots=True)
class _Read:
    held_back: Sequence[HeldBack]
    saved: int
    watched: Sequence[tuple[SavedPaper, Paper]]


def _read(connection: Connection, chat: Chat, week: Week) -> _Read:
    return _Read(
        held_back=weeks.held_back(connection, chat_id=chat.id, week=week, limit=_JUDGED),
        saved=weeks.saved_since(connection, chat_id=chat.id, since=week[0]),
        watched=weeks.watched(connection, chat_id=chat.id),
    )


async def _counted(
    database: Database, chat: Chat, spans: Sequence[Week]
) -> tuple[list[Followed], dict[int, TopicWeek]]:
    """Return what a chat follows, and what its topics brought."""

    def stored(connection: Connection) -> tuple[list[Followed], dict[int, TopicWeek]]:
        followed = topics.followed_by(connection, chat_id=chat.id)
        ids = [entry.topic.id for entry in followed]
        return followed, weeks.known(connection, topic_ids=ids, week=spans[0])

    followed, counted = await database.read(stored)
    whole: list[TopicWeek] = []
    for entry in followed:
        if entry.topic.id not in counted:
            count = partial(_count, topic_id=entry.topic.id, spans=spans)
            counted[entry.topic.id] = week = await database.read(count, long=True)
            if entry.topic.matched_at and entry.topic.backfilled_at:
                whole.append(week)
    if whole:
        try:
            await database.write(partial(weeks.keep, counted=whole))
        except DBAPIError as error:
            # It only saves to count again.
            _log.warning("a week's counts could not be kept", problem=problem_of(error).value)
    return followed, counted


def _count(connection: Connection, *, topic_id: int, spans: Sequence[Week]) -> TopicWeek:
    *before, week = weeks.titles(connection, topic_id=topic_id, weeks=spans[::-1]) or [[]]
    return TopicWeek(
        topic_id=topic_id,
        ends_at=spans[0][1],
        papers=[*map(len, before), len(week)],
        rising=[asdict(found) for found in rising_words(week, before)],
    )


def _news(kept: SavedPaper, paper: Paper) -> tuple[Change, ...]:
    return changes(kept.known, paper) if kept.known is not None else ()


async def _best(
    chat: Chat, found: Sequence[HeldBack], personal: PersonalOrder | None
) -> Iterable[HeldBack]:
    """Return the best of what the cap held back: by the chat's taste, or by what many saved."""
    if chat.paper_order is PaperOrder.PERSONAL and personal is not None and found:
        own = await personal.arrange(chat_id=chat.id, papers=[one.paper for one in found])
        if own is not None:
            by_id = {one.paper.id: one for one in found}
            return [by_id[paper.id] for paper in own.papers[:_HELD_BACK]]
    liked = [one for one in found if one.saved_by >= MANY_SAVED]
    return sorted(liked, key=lambda one: -one.saved_by)[:_HELD_BACK]
