"""Client of arXiv's OAI-PMH, the second road: the papers whose records changed on given days.

https://www.openarchives.org/OAI/openarchivesprotocol.html and, for arXiv's side of it,
https://info.arxiv.org/help/oa/index.html and https://github.com/arXiv/oaipmh. A day's records are
there at about 22:30 US Eastern, Sunday to Thursday, which is the next day in UTC, by which they
are dated.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

import structlog

from bot.arxiv import oai_records
from bot.arxiv.oai_records import Answer
from bot.arxiv.retry import Retry, deadline
from bot.arxiv.transport import (
    Access,
    BrokenAnswerError,
    RejectedQueryError,
    Transport,
)
from bot.arxiv.xml_document import DocumentError
from storage.models import Paper

_FORMAT = {"metadataPrefix": "arXivRaw"}
_DAY = timedelta(days=1)
_MOST_PAGES = 200
"""Of 2,500 records. When arXiv changes records in bulk, a day has tens of thousands."""
_REDIRECTS = range(300, 400)
_MOST_ALONE = 50
"""Records that are asked for one by one; what lacks more is asked for anew."""
_PASSES = 3
"""How often a day's list is read when it is not whole, or a token fails in its middle."""

_log = structlog.get_logger(__name__)


class _TokenError(Exception):
    """The resumption token has expired, or never was one."""


class OaiSource:
    """What changed on arXiv, day by day: new papers, new versions, and whatever else was edited.

    Raises SourceError's kinds, as ArxivSource does, which it shares its access with. The papers
    belong to no database session.
    """

    def __init__(
        self,
        *,
        url: str = "https://oaipmh.arxiv.org/oai",
        delay_seconds: float = 3.0,
        timeout_seconds: float = 60.0,
        deadline_seconds: float = 1800.0,
        backoff_seconds: float = 5.0,
        max_tries: int = 5,
        access: Access | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        deadline_seconds: the most that one page may take with all its tries. All else is as in
        ArxivSource.
        """
        self.url = url
        self._deadline = deadline_seconds
        self._transport = Transport(
            url,
            access=access or Access(delay_seconds=delay_seconds),
            timeout_seconds=timeout_seconds,
        )
        self._retry = Retry(
            backoff_seconds=backoff_seconds, max_tries=max_tries, hold=self._transport.hold
        )

    async def changed(self, first: date, last: date) -> AsyncIterator[list[Paper]]:
        """Yield the papers whose records changed last on these days, UTC, in pages.

        Most are old: the day is that of the last change, whatever it was. Each comes once for a
        day, in pages of at most 2,500, oldest day first, and when all have come every day was
        whole. A day that is not over yet may have more later.
        """
        day = first
        while day <= last:
            async for page in self._day(day):
                yield page
            day += _DAY

    async def check(self) -> None:
        """Ask for nothing, to see whether arXiv answers; raises SourceError's kinds."""
        await self._ask("Identify", {}, afresh=True)

    async def aclose(self) -> None:
        """Ask nothing any more; calls that are still waiting end with UnreachableError."""
        self._transport.close()

    async def _day(self, day: date) -> AsyncIterator[list[Paper]]:
        """Yield the papers of one day, each once, and then those that the list has lost.

        Unlike the API, arXiv's OAI-PMH does not say how many records there are. Its tokens are
        offsets into a list that changes: a record that is edited meanwhile leaves the list, and
        the one behind the page's end is never shown. Its answers come from a cache, too: two pages
        can be of different hours, and that a day is empty is told until midnight to everybody,
        whoever asked too early. Hence the list is held against the day's identifiers, past the
        cache. Where it lacks few their records are asked for one by one, else it is begun anew.
        """
        seen: set[str] = set()
        for begun in range(1, _PASSES + 1):
            try:
                async for answer in self._pages("ListRecords", day, afresh=begun > 1):
                    fresh = {paper.id: paper for paper in answer.papers if paper.id not in seen}
                    seen.update(answer.ids)
                    if fresh:
                        yield list(fresh.values())
                listing = self._pages("ListIdentifiers", day, afresh=True)
                ids = {paper_id async for page in listing for paper_id in page.ids}
            except _TokenError as error:
                reason = f"resumption token: {error}"
            else:
                missing = sorted(ids - seen)
                if len(missing) <= _MOST_ALONE:
                    break
                reason = f"{len(seen)} of {len(ids | seen)} records of {day}"
            if begun == _PASSES:
                raise BrokenAnswerError(self.url, reason, tries=begun)
            _log.warning("arxiv_list_begun_anew", reason=reason, reading=begun)
        if missing and (lost := await self._records(missing)):
            yield lost

    async def _records(self, ids: Sequence[str]) -> list[Paper]:
        """Return the papers with these ids as they are now, without those that are gone."""
        _log.info("arxiv_records_asked_for_alone", records=len(ids))
        found: list[Paper] = []
        for paper_id in ids:
            identifier = {"identifier": f"oai:arXiv.org:{paper_id}"}
            answer = await self._ask("GetRecord", identifier | _FORMAT, afresh=True)
            if answer.error not in {None, "idDoesNotExist"}:
                raise self._rejection(answer)
            found += answer.papers
        return found

    async def _pages(self, verb: str, day: date, *, afresh: bool) -> AsyncIterator[Answer]:
        """Yield the pages of a day's list, none where it is empty; `afresh`: past the cache."""
        span = {"from": day.isoformat(), "until": day.isoformat()}
        answer = await self._ask(verb, _FORMAT | span, afresh=afresh)
        tokens: set[str] = set()
        while True:
            match answer.error:
                case None:
                    yield answer
                case "noRecordsMatch":
                    return  # nothing at all, or nothing any more behind the last page
                case "badResumptionToken" if tokens:
                    raise _TokenError(answer.message)
                case _:
                    raise self._rejection(answer)
            if answer.token is None:
                return
            if answer.token in tokens or len(tokens) >= _MOST_PAGES:
                reason = f"a list without an end, after {len(tokens) + 1} pages"
                raise BrokenAnswerError(self.url, reason)
            tokens.add(answer.token)
            answer = await self._ask(verb, {"resumptionToken": answer.token}, afresh=afresh)

    def _rejection(self, answer: Answer) -> RejectedQueryError:
        return RejectedQueryError(self.url, f"{answer.error}: {answer.message}", status=200)

    async def _ask(self, verb: str, arguments: Mapping[str, str], *, afresh: bool) -> Answer:
        """Return one whole answer, asking as often as it takes and is allowed."""
        asked = urlencode({"verb": verb, **arguments})

        def exchange() -> Answer:
            answer = self._transport.post(asked) if afresh else self._transport.get(asked)
            if answer.status in _REDIRECTS:
                answer = self._transport.get(asked)
            self._transport.judge(answer)
            try:
                return oai_records.read(answer.body, verb=verb)
            except DocumentError as error:
                raise BrokenAnswerError(self._transport.url, error.reason, status=200) from None

        async with deadline(self._deadline, url=self.url):
            return await self._retry(lambda: self._transport.run(exchange))
