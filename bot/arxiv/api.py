"""Connection to arXiv's query API: one page of papers a question, read by the `arxiv` package.

The package has no time-outs and blocks, so it runs in a thread, over a transport that has them.
There it is imported as well, when arXiv is first asked.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from bot.arxiv import feed
from bot.arxiv.transport import Access, BrokenAnswerError, RejectedQueryError, Transport
from bot.arxiv.xml_document import DocumentError
from storage.models import Paper

_NOT_TAKEN = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}
"""Statuses that speak of this question alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """What arXiv is asked: a query in its own syntax, or ids; and in which order."""

    query: str = ""
    ids: tuple[str, ...] = ()
    sort_by: Literal["relevance", "submittedDate", "lastUpdatedDate"] = "relevance"
    order: Literal["ascending", "descending"] = "descending"


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of papers; all but papers and url mean what they mean in `feed.Feed`."""

    url: str
    papers: list[Paper]
    total: int
    page_size: int
    entries: int
    understood: str | None

    @property
    def skipped(self) -> int:
        """How many entries cannot become papers."""
        return self.entries - len(self.papers)


class Connection:
    """Asks one question at a time, however many are waiting, and never faster than agreed."""

    def __init__(self, url: str, *, access: Access, timeout_seconds: float) -> None:
        """Prepare; nothing is asked yet. timeout_seconds is how long arXiv may be silent."""
        self._transport = Transport(url, access=access, timeout_seconds=timeout_seconds)
        self._session = _Session(self._transport)
        self.hold = self._transport.hold
        self.close = self._transport.close

    async def ask(self, question: Question, *, start: int, size: int) -> ResultPage:
        """Return one page; raises one of the transport's errors."""
        return await self._transport.run(lambda: self._page(question, start, size))

    def _page(self, question: Question, start: int, size: int) -> ResultPage:
        import arxiv

        client = arxiv.Client(page_size=size, delay_seconds=0, num_retries=0)
        # The package logs what it knows of the address, which may hold a password: it knows none.
        client.query_url_format = "{}"
        client._session = self._session  # noqa: SLF001 - its only door for time-outs
        search = arxiv.Search(
            question.query,
            id_list=list(question.ids),
            max_results=None,
            sort_by=arxiv.SortCriterion(question.sort_by),
            sort_order=arxiv.SortOrder(question.order),
        )
        session = self._session
        session.begin()
        papers: list[Paper] = []
        try:
            for result in client.results(search, offset=start):
                papers.append(feed.to_paper(result))
                if session.page is None or len(papers) >= session.page.sound:
                    break  # the package would go on to the next page by its own count
        except ValueError as error:
            raise BrokenAnswerError(self._transport.url, f"unreadable: {error}"[:200]) from None
        page = session.page
        if page is None:
            raise BrokenAnswerError(self._transport.url, "nothing was asked")
        if len(papers) != page.sound:
            reason = f"{len(papers)} papers read from {page.sound} entries"
            raise BrokenAnswerError(self._transport.url, reason)
        return ResultPage(
            url=self._transport.url,
            papers=papers,
            total=page.total,
            page_size=page.page_size,
            entries=page.entries,
            understood=page.understood,
        )


@dataclass(frozen=True, slots=True)
class _Response:
    """As much of a requests.Response as the package reads."""

    content: bytes
    status_code: int = 200


class _Session:
    """What the package takes for its requests.Session; used by one thread at a time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.page: feed.Feed | None = None

    def begin(self) -> None:
        """Start on a new question."""
        self.page = None

    def get(self, arguments: str, **unused: Any) -> _Response:
        """Return the sound part of the answer, and leave what it said of itself in `page`."""
        del unused  # the package's own name for itself
        answer = self._transport.get(arguments)
        url, status = self._transport.url, answer.status
        page, broken = None, ""
        try:
            page = feed.read(answer.body)
        except DocumentError as error:
            broken = error.reason
        if page is not None and page.error is not None and status in {200, 400}:
            raise RejectedQueryError(url, page.error, status=status)
        if status in _NOT_TAKEN:
            raise RejectedQueryError(url, f"HTTP {status} without a reason", status=status)
        self._transport.judge(answer)
        if page is None:
            raise BrokenAnswerError(url, broken, status=status)
        self.page = page
        return _Response(page.body)
