"""Personal ranking: a chat's own order of papers, learned from what it keeps and votes on."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import NamedTuple

import structlog

from bot.ranking.model import Ranker, is_available, learn
from bot.ranking.word_weights import WordWeights
from bot.translation.paper_view import Because
from storage import opinions, papers, seeds
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper
from storage.opinions import Opinion

MOST_OPINIONS = 400
"""The newest ones: what somebody liked years ago says little."""

MOST_PASSED_OVER = 400
_WEIGHED, _FEWEST_WEIGHED = 2_000, 200
"""The newest papers, which tell how rare words are."""
_WEIGHED_FOR = timedelta(days=1)
KEPT = 32
"""Rankers in memory, about a megabyte each."""

_log = structlog.get_logger(__name__)


class Personal(NamedTuple):
    """Papers in a chat's own order, the best first."""

    papers: Sequence[Paper]
    because: Mapping[str, Because]
    """By paper id another one, liked or given, that it resembles; of some papers only."""


class _Told(NamedTuple):
    """What a chat said of papers."""

    opinions: Sequence[Opinion]
    given: Sequence[Paper]
    """What it gave as examples and has no opinion of."""


class PersonalOrder:
    """Learns what chats like, one at a time, in a thread, with an LRU cache of what was learned."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._learning = asyncio.Lock()
        self._known: OrderedDict[int, tuple[int, Ranker | None]] = OrderedDict()
        self._weights: WordWeights | None = None
        self._weighed_at: datetime | None = None
        self._is_broken = False

    @property
    def is_available(self) -> bool:
        """Whether chats can have an order of their own: scikit-learn is there, and works."""
        return self._is_installed and not self._is_broken

    @cached_property
    def _is_installed(self) -> bool:
        return is_available()  # looks for files, and each card of a paper asks

    async def arrange(
        self, *, chat_id: int, papers: Sequence[Paper], sent: Collection[str] = ()
    ) -> Personal | None:
        """Return papers, the best first; None where too little is known of the chat's taste.

        `sent` came with the same push already: neither that nor any of `papers` is a reason.
        """
        if not self.is_available or not papers:
            return None
        told = await self._told(chat_id)
        try:
            ranker = await self._ranker(chat_id, told, papers)
        except ImportError:
            self._is_broken = True
            _log.exception("scikit-learn does not load, so no chat has an order of its own")
            return None
        if ranker is None:
            return None
        together = {paper.id for paper in papers}.union(sent)
        judged = await asyncio.to_thread(ranker.judge, papers, unnamed=together)
        known = {paper.id: Because(paper.title, given=True) for paper in told.given}
        known |= {opinion.paper.id: Because(opinion.paper.title) for opinion in told.opinions}
        places = sorted(range(len(papers)), key=lambda at: -judged[at].score)
        return Personal(
            papers=[papers[at] for at in places],
            because={
                paper.id: known[judgement.like]
                for paper, judgement in zip(papers, judged, strict=True)
                if judgement.like is not None and known[judgement.like].title != paper.title
            },
        )

    async def _word_weights(self) -> WordWeights | None:
        """Return how rare words are of late, counted once a day; None where few papers are known.

        Only who has `_learning` asks.
        """
        now = utc_now()
        if self._weighed_at is None or now - self._weighed_at >= _WEIGHED_FOR:
            newest = await self._database.read(
                partial(papers.read_newest, limit=_WEIGHED), long=True
            )
            enough = len(newest) >= _FEWEST_WEIGHED
            self._weights = await asyncio.to_thread(WordWeights, newest) if enough else None
            self._weighed_at = now
        return self._weights

    async def _told(self, chat_id: int) -> _Told:
        given = await self._database.read(partial(seeds.given, chat_id=chat_id))
        async with self._database.reading() as session:
            told = await opinions.newest_opinions(
                session=session, chat_id=chat_id, limit=MOST_OPINIONS
            )
        settled = {opinion.paper.id for opinion in told}
        return _Told(told, [paper for paper in given if paper.id not in settled])

    async def _ranker(
        self, chat_id: int, told: _Told, candidates: Sequence[Paper]
    ) -> Ranker | None:
        """Return the ranker of these opinions, learned anew only where they have changed."""
        given = tuple(paper.id for paper in told.given)
        mark = hash((given, *((opinion.paper.id, opinion.liked) for opinion in told.opinions)))
        async with self._learning:
            known = self._known.get(chat_id)
            if known is not None and known[0] == mark:
                self._known.move_to_end(chat_id)
                return known[1]
            async with self._database.reading() as session:
                passed_over = await opinions.passed_over(
                    session=session, chat_id=chat_id, limit=MOST_PASSED_OVER
                )
            settled = {opinion.paper.id for opinion in told.opinions}.union(given)
            ranker = await asyncio.to_thread(
                learn,
                liked=[opinion.paper for opinion in told.opinions if opinion.liked],
                given=told.given,
                disliked=[opinion.paper for opinion in told.opinions if not opinion.liked],
                weights=await self._word_weights(),
                passed_over=[one for one in passed_over or candidates if one.id not in settled],
            )
            self._known[chat_id] = (mark, ranker)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return ranker
