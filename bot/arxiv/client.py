"""Client of arXiv's API: pages, retries with backoff, and answers believed only when whole.

The difference between "no papers" and "no answer" is made here: an answer counts when it is a
well-formed feed, every page brings as many entries as it announces, and all pages together bring
as many different papers as the total says.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

import structlog

from bot.arxiv.api import Connection, Question, ResultPage
from bot.arxiv.redaction import shape
from bot.arxiv.retry import Retry, deadline
from bot.arxiv.transport import (
    Access,
    BrokenAnswerError,
    RejectedQueryError,
)
from bot.query.arxiv_syntax import Questions
from storage.models import Paper

_LARGEST_PAGE = 2_000
_LARGEST_ANSWER = 10_000
"""Deeper pages are HTTP 500, whatever the manual says (MAX_RESULTS in search/services/index/util.py
of https://github.com/arXiv/arxiv-search)."""
_IDS_A_REQUEST = 100
_PASSES = 3
"""How often a window is read anew when its pages do not add up."""

_AS_QUOTES = str.maketrans("[]", '""')

_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/\d{7})(?:v\d+)?")

_log = structlog.get_logger()


class ArxivSource:
    """What is new on arXiv, what is found there, and what an id means.

    Every method raises SourceError's kinds: UnreachableError, RateLimitedError, BrokenAnswerError
    and, when arXiv does not understand the question, RejectedQueryError. Methods may be called
    together; their requests go out one at a time. The papers belong to no database session.
    """

    def __init__(
        self,
        *,
        url: str = "https://export.arxiv.org/api/query",
        delay_seconds: float = 3.0,
        timeout_seconds: float = 60.0,
        deadline_seconds: float = 1800.0,
        backoff_seconds: float = 5.0,
        page_size: int = _LARGEST_PAGE,
        max_tries: int = 5,
        access: Access | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        delay_seconds: the least time between two requests, 3 by arXiv's terms. timeout_seconds:
        how long arXiv may be silent. deadline_seconds: the most that one call may take with all
        its pages and tries. backoff_seconds: the first wait after a failure; it doubles. access:
        shared with the clients of arXiv's other services; None: its own, of delay_seconds.
        """
        self._url = url
        self._deadline = deadline_seconds
        self._page_size = min(page_size, _LARGEST_PAGE)
        self._connection = Connection(
            url,
            access=access or Access(delay_seconds=delay_seconds),
            timeout_seconds=timeout_seconds,
        )
        self._retry = Retry(
            backoff_seconds=backoff_seconds, max_tries=max_tries, hold=self._connection.hold
        )

    async def window(
        self,
        start: datetime,
        end: datetime,
        *,
        known: AbstractSet[str] = frozenset(),
    ) -> list[Paper]:
        """Return every paper of all of arXiv submitted from start to end, oldest first.

        An empty list means that arXiv said "none" twice; what does not add up is an error.

        known: ids of this window's papers that need not come again. Then what was updated last is
        read first, and reading stops as soon as arXiv's own count says that only known ones are
        left: some of those are returned all the same.
        """
        first, last = _minute(start), _minute(end - timedelta(microseconds=1)) + 1
        async with deadline(self._deadline, url=self._url):
            papers = await self._whole_window(first, last, known)
        return sorted(papers.values(), key=lambda paper: (paper.published_at, paper.id))

    async def ask(
        self, questions: Questions, *, before: datetime | None = None, limit: int
    ) -> list[Paper]:
        """Return the newest papers of all that some questions find, newest first.

        before: none submitted after its minute. Fewer than `limit` are all that there are.
        """
        found = {paper.id: paper for paper in await self.fetch(questions.ids)}
        if before is not None:
            last = _minute(before)
            found = {id_: one for id_, one in found.items() if _minute(one.published_at) <= last}
        for query in questions.searches:
            answer = await self.search(query, before=before, limit=limit)
            found |= {paper.id: paper for paper in answer}
        newest = sorted(found.values(), key=lambda paper: paper.published_at, reverse=True)
        return newest[: max(limit, 0)]

    async def search(
        self,
        arxiv_query: str,
        *,
        since: datetime | None = None,
        before: datetime | None = None,
        limit: int,
    ) -> list[Paper]:
        """Return the newest papers that arXiv's own search finds, newest first.

        arxiv_query: in arXiv's syntax, not URL-encoded. since: none submitted before this. before:
        none submitted after its minute. Fewer than `limit` are all that there are.
        """
        if limit <= 0:
            return []
        query = arxiv_query
        if since is not None or before is not None:
            first = 0 if since is None else _minute(since)
            last = _minute(before or datetime.now(UTC) + timedelta(days=1))
            query = f"({arxiv_query}) AND {_submitted(first, last)}"
        question = Question(query, sort_by="submittedDate")
        found: dict[str, Paper] = {}
        seen = 0
        async with deadline(self._deadline, url=self._url):
            while len(found) < limit:
                page = await self._page(question, start=seen, size=min(limit, self._page_size))
                seen += page.entries
                found |= {paper.id: paper for paper in page.papers if paper.id not in found}
                if seen >= min(page.total, _LARGEST_ANSWER):
                    break
        return list(found.values())[:limit]

    async def fetch(self, ids: Iterable[str]) -> list[Paper]:
        """Return the papers with these ids, in this order; ids that arXiv does not know are absent.

        Versions in the ids are ignored: it is always the newest that comes.
        """
        wanted = list(
            dict.fromkeys(place[1] for id_ in ids if (place := _ID.fullmatch(id_.strip())))
        )
        found: dict[str, Paper] = {}
        async with deadline(self._deadline, url=self._url):
            for start in range(0, len(wanted), _IDS_A_REQUEST):
                await self._fetch_into(found, wanted[start : start + _IDS_A_REQUEST])
        return [found[id_] for id_ in wanted if id_ in found]

    async def aclose(self) -> None:
        """Ask nothing any more; calls that are still waiting end with UnreachableError."""
        self._connection.close()

    async def _whole_window(
        self, first: int, last: int, known: AbstractSet[str] = frozenset()
    ) -> dict[str, Paper]:
        """Return the papers of the minutes first to last, which arXiv takes inclusively."""
        query = _submitted(first, last)
        question = (
            Question(query, sort_by="lastUpdatedDate")
            if known
            else Question(query, sort_by="submittedDate", order="ascending")
        )
        for reading in range(1, _PASSES + 1):
            papers: dict[str, Paper] = {}
            skipped = seen = 0
            while True:
                page = await self._page(question, start=seen, size=self._page_size)
                if page.total > _LARGEST_ANSWER:
                    return await self._halves(first, last, page)
                papers |= {paper.id: paper for paper in page.papers}
                skipped += page.skipped
                seen += page.entries
                if known and not skipped and len(papers.keys() | known) == page.total:
                    return papers
                if seen >= page.total:
                    break
            # "None" is no answer where there were some.
            if len(papers) + skipped == page.total and (page.total or not known):
                return papers
            reason = f"{len(papers)} papers and {skipped} unusable entries of {page.total}"
            _log.warning("arxiv_window_incomplete", reason=reason, reading=reading)
        raise BrokenAnswerError(page.url, reason, tries=_PASSES)

    async def _halves(self, first: int, last: int, page: ResultPage) -> dict[str, Paper]:
        """Return a window that is too large for one answer, read in two."""
        middle = (first + last) // 2
        if middle == first:
            raise BrokenAnswerError(page.url, f"{page.total} papers in one minute")
        # The halves share a minute: whether an end at 12:00 includes 12:00:59 is nowhere said.
        earlier = await self._whole_window(first, middle)
        return earlier | await self._whole_window(middle, last)

    async def _fetch_into(self, found: dict[str, Paper], ids: list[str]) -> None:
        question = Question(ids=tuple(ids))
        try:
            page = await self._page(question, start=0, size=len(ids))
        except RejectedQueryError as error:
            # arXiv refuses the whole list for one id that it finds malformed, and names it.
            named = set(ids) & set(error.message.split())
            if named or len(ids) == 1:
                _log.warning("arxiv_id_rejected", ids=len(named or ids))
                parts = [[id_ for id_ in ids if id_ not in named]] if named else []
            else:
                parts = [ids[: len(ids) // 2], ids[len(ids) // 2 :]]
            for part in filter(None, parts):
                await self._fetch_into(found, part)
        else:
            found |= {paper.id: paper for paper in page.papers}

    async def _page(self, question: Question, *, start: int, size: int) -> ResultPage:
        """Return a whole page, asking as often as it takes and is allowed.

        Empty pages come and go at arXiv, so "nothing" is believed on a first page only, and only
        when it is said a second time.
        """
        size = min(size, _LARGEST_ANSWER - start)
        nothing = 0

        async def ask() -> ResultPage:
            nonlocal nothing
            while True:
                page = await self._connection.ask(question, start=start, size=size)
                nothing += page.total == 0
                if page.total == 0 and start == 0 and nothing == 1:
                    continue
                _check(page, start, size)
                return page

        page = await self._retry(ask)
        if start == 0:
            _tell_what_is_read_otherwise(question.query, page.understood)
        return page


def _tell_what_is_read_otherwise(asked: str, understood: str | None) -> None:
    """Log a query that arXiv answered as another one: it mends what it does not understand.

    Spaces around brackets and the quotes in which it has dates are its own way of writing.
    """
    if understood is not None and _condensed(asked) != _condensed(understood):
        _log.warning("arxiv_read_otherwise", asked=shape(asked), understood=shape(understood))


def _condensed(query: str) -> str:
    return "".join(query.split()).translate(_AS_QUOTES)


def _check(page: ResultPage, start: int, size: int) -> None:
    """Raise BrokenAnswerError when a page brings less than its own numbers promise."""
    expected = min(size, page.page_size or size, page.total - start)
    if page.entries < expected or (start and page.total <= start):
        reason = f"{page.entries} entries from number {start} on, of {page.total}"
        raise BrokenAnswerError(page.url, reason, status=200)


def _minute(moment: datetime) -> int:
    """Return the minute since 1970 that a moment lies in."""
    if moment.tzinfo is None:
        message = f"{moment!r} has no time zone"
        raise ValueError(message)
    return int(moment.timestamp() // 60)


def _submitted(first: int, last: int) -> str:
    """Return arXiv's filter for a span of minutes since 1970, in GMT."""
    start, end = (
        datetime.fromtimestamp(minute * 60, UTC).strftime("%Y%m%d%H%M") for minute in (first, last)
    )
    return f"submittedDate:[{start} TO {end}]"
