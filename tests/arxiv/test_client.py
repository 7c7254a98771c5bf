import asyncio
import contextlib
import gzip
import html
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from structlog.testing import capture_logs
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.arxiv import client, transport
from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import (
    BrokenAnswerError,
    RateLimitedError,
    RejectedQueryError,
    SourceError,
    UnreachableError,
)
from bot.playground.arxiv import parameters
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.service import Asked
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.query.arxiv_syntax import Questions
from tests.material import real_rows, shared_data
from tests.seldom import seldom

MAY = datetime(2025, 5, 1, tzinfo=UTC)
JUNE = datetime(2025, 6, 1, tzinfo=UTC)
JULY = datetime(2025, 7, 1, tzinfo=UTC)

CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
"""What feeds tell of a paper's classes: none of MSC and ACM."""

StandIns = Callable[..., Awaitable[tuple[FakeArxiv, str]]]
Sources = Callable[..., ArxivSource]
Replays = Callable[..., Awaitable[str]]


def row(number: int, **changes: Any) -> dict[str, Any]:
    day = MAY + timedelta(hours=3 * number)
    return {
        "id": f"2505.{number:05}",
        "version": 1,
        "title": f"Paper {number}",
        "abstract": f"We study thing {number}.",
        "authors": ["Ada Lovelace"],
        "categories": ["cs.CV"],
        "published": day.isoformat(),
        **changes,
    }


def ids(papers: Iterable[Any]) -> list[str]:
    return [paper.id for paper in papers]


ROWS = [row(number) for number in range(1, 41)]
ALL = [item["id"] for item in ROWS]


@pytest.fixture
async def open_arxiv() -> AsyncIterator[StandIns]:
    opened: list[FakeArxiv] = []

    async def open_one(rows: Any = ROWS, **options: Any) -> tuple[FakeArxiv, str]:
        arxiv = FakeArxiv(rows, **options)
        opened.append(arxiv)
        return arxiv, await arxiv.start()

    yield open_one
    for arxiv in opened:
        await arxiv.stop()


@pytest.fixture
async def open_source() -> AsyncIterator[Sources]:
    opened: list[ArxivSource] = []

    def open_one(url: str, **options: Any) -> ArxivSource:
        quick = {"delay_seconds": 0, "backoff_seconds": 0.01, "timeout_seconds": 5, "page_size": 10}
        opened.append(ArxivSource(url=url, **{**quick, **options}))
        return opened[-1]

    yield open_one
    for arxiv_source in opened:
        await arxiv_source.aclose()


class Replay(RequestHandler):
    def initialize(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.body, self.status, self.extra = body, status, headers

    def get(self) -> None:
        self.set_status(self.status)
        for name, value in self.extra.items():
            self.set_header(name, value)
        self.write(self.body)


@pytest.fixture
async def replay() -> AsyncIterator[Replays]:
    servers: list[HTTPServer] = []

    async def serve(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> str:
        answer = {"body": body, "status": status, "headers": headers or {}}
        app = Application([("/.*", Replay, answer)], log_function=lambda _: None)
        servers.append(HTTPServer(app))
        sockets = bind_sockets(0, "127.0.0.1")
        servers[-1].add_sockets(sockets)
        return f"http://127.0.0.1:{sockets[0].getsockname()[1]}/api/query"

    yield serve
    for server in servers:
        server.stop()
        await server.close_all_connections()


# The window


async def test_a_window_brings_every_paper_submitted_in_it_oldest_first(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    _, url = await open_arxiv()
    papers = await open_source(url).window(MAY, JUNE)
    assert ids(papers) == ALL
    assert [paper.published_at for paper in papers] == sorted(p.published_at for p in papers)


async def test_a_window_includes_its_ends_to_the_second(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    start, end = MAY + timedelta(seconds=30), MAY + timedelta(hours=1, seconds=30)
    rows = [row(1, published=start.isoformat()), row(2, published=end.isoformat())]
    _, url = await open_arxiv(rows)
    assert ids(await open_source(url).window(start, end)) == ["2505.00001", "2505.00002"]


async def test_a_window_leaves_out_what_was_submitted_before_and_after(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    _, url = await open_arxiv()
    day = MAY + timedelta(days=2)
    papers = await open_source(url).window(day, day + timedelta(hours=23))
    assert ids(papers) == ALL[15:23]


async def test_a_window_of_more_papers_than_arxiv_gives_is_read_in_parts(
    open_arxiv: StandIns, open_source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_LARGEST_ANSWER", 12)
    monkeypatch.setattr(parameters, "_DEEPEST", 12)
    arxiv, url = await open_arxiv()
    papers = await open_source(url, page_size=4).window(MAY, JUNE)
    assert ids(papers) == ALL
    assert all(asked.status == 200 for asked in arxiv.requests)


async def test_more_papers_in_one_minute_than_arxiv_gives_are_an_error(
    open_arxiv: StandIns, open_source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_LARGEST_ANSWER", 12)
    rows = [row(number, published="2025-05-01T12:00:05+00:00") for number in range(20)]
    _, url = await open_arxiv(rows)
    with pytest.raises(BrokenAnswerError, match="one minute"):
        await open_source(url).window(MAY, JUNE)


async def test_a_moment_without_a_time_zone_is_refused(open_source: Sources) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await open_source("http://127.0.0.1:9/").window(MAY.replace(tzinfo=None), JUNE)


async def test_pages_of_2000_over_the_real_papers_bring_each_exactly_once(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    rows = {row["id"]: row for row in real_rows()}
    arxiv, url = await open_arxiv(rows.values())
    papers = await open_source(url, page_size=2000, timeout_seconds=30).window(
        datetime(2025, 4, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)
    )
    assert len(papers) == len(rows) == 4862
    assert {paper.id for paper in papers} == set(rows)
    assert [asked.arguments["start"] for asked in arxiv.requests] == ["0", "2000", "4000"]
    for paper in papers:
        original = rows[paper.id]
        assert paper.version == original["version"]
        assert paper.title == " ".join(original["title"].split())
        if not re.search("[\x80-\x9f]", original["abstract"]):
            assert paper.abstract == " ".join(original["abstract"].split())
        assert set(paper.categories) == set(filter(CATEGORY.fullmatch, original["categories"]))
        assert not re.search(r"v\d+$", paper.id)


# Trouble that passes

PASSING = [
    ArxivFault.TOO_MANY_REQUESTS,
    ArxivFault.NOT_ACCEPTABLE,
    ArxivFault.UNAVAILABLE,
    ArxivFault.BROKEN,
    ArxivFault.RESET,
    ArxivFault.CUT_OFF,
    ArxivFault.TRUNCATED,
    ArxivFault.HTML,
    ArxivFault.EMPTY_PAGE,
    ArxivFault.SHORT_PAGE,
    ArxivFault.REPEATED_PAGE,
    ArxivFault.NOTHING,
]


@pytest.mark.parametrize("fault", seldom(PASSING, after=6), ids=lambda fault: fault.name)
@pytest.mark.parametrize("page", [0, 2])
async def test_trouble_that_passes_costs_no_paper(
    open_arxiv: StandIns, open_source: Sources, fault: ArxivFault, page: int
) -> None:
    arxiv, url = await open_arxiv()
    arxiv_source = open_source(url)
    if page:
        # As many good pages come first.
        arxiv.faults.next(fault, times=1, after=page)
    else:
        arxiv.faults.next(fault, times=2 if fault is not ArxivFault.NOTHING else 1)
    assert ids(await arxiv_source.window(MAY, JUNE)) == ALL


async def test_bad_luck_over_and_over_costs_no_paper(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv(seed=7)
    for fault in (f for f in PASSING if f is not ArxivFault.NOTHING):
        arxiv.faults.sometimes(fault, probability=0.05)
    arxiv_source = open_source(url, max_tries=12)
    for _ in range(5):
        assert ids(await arxiv_source.window(MAY, JUNE)) == ALL


LASTING = [
    (ArxivFault.TOO_MANY_REQUESTS, RateLimitedError, 429),
    (ArxivFault.NOT_ACCEPTABLE, RateLimitedError, 406),
    (ArxivFault.UNAVAILABLE, UnreachableError, 503),
    (ArxivFault.BROKEN, UnreachableError, 500),
    (ArxivFault.RESET, UnreachableError, None),
    (ArxivFault.CUT_OFF, UnreachableError, None),
    (ArxivFault.TRUNCATED, BrokenAnswerError, 200),
    (ArxivFault.HTML, BrokenAnswerError, 200),
    (ArxivFault.EMPTY_PAGE, BrokenAnswerError, 200),
    (ArxivFault.SHORT_PAGE, BrokenAnswerError, 200),
    (ArxivFault.REPEATED_PAGE, BrokenAnswerError, None),
]


@pytest.mark.parametrize(
    ("fault", "kind", "status"), LASTING, ids=lambda value: getattr(value, "name", None)
)
async def test_trouble_that_lasts_is_an_error_and_never_no_papers(
    open_arxiv: StandIns,
    open_source: Sources,
    fault: ArxivFault,
    kind: type[SourceError],
    status: int | None,
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.always(fault)
    with pytest.raises(kind) as caught:
        await open_source(url, max_tries=3).window(MAY, JUNE)
    assert type(caught.value) is kind
    assert (caught.value.tries, caught.value.status) == (3, status)
    assert urlsplit(caught.value.url).path == "/api/query"


async def test_no_papers_is_believed_when_it_is_said_twice(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    assert await open_source(url).window(JUNE, JULY) == []
    assert len(arxiv.requests) == 2


async def test_a_bad_entry_costs_itself_only(open_arxiv: StandIns, open_source: Sources) -> None:
    arxiv, url = await open_arxiv()
    for fault in (ArxivFault.BAD_ENTRY, ArxivFault.ILL_FORMED_ENTRY):
        arxiv.faults.next(fault)
        assert ids(await open_source(url).window(MAY, JUNE)) == ALL[1:]
    assert len(arxiv.requests) == 8


async def test_nobody_listening_is_an_unreachable_arxiv(open_source: Sources) -> None:
    (socket,) = bind_sockets(0, "127.0.0.1")
    port = socket.getsockname()[1]
    socket.close()
    with pytest.raises(UnreachableError) as caught:
        await open_source(f"http://127.0.0.1:{port}/api/query", max_tries=2).window(MAY, JUNE)
    assert caught.value.tries == 2


# What arXiv asks for


async def test_retry_after_in_seconds_is_honoured_for_everybody(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.next(ArxivFault.UNAVAILABLE, retry_after="1")
    arxiv_source = open_source(url)
    window = asyncio.ensure_future(arxiv_source.window(MAY, JUNE))
    async with asyncio.timeout(20):
        while not (arxiv.requests and arxiv.requests[0].status):  # noqa: ASYNC110 - the fake server calls nobody
            await asyncio.sleep(0.01)
    assert [asked.status for asked in arxiv.requests] == [503]
    found = await arxiv_source.search("all:thing", limit=5)
    assert (len(found), ids(await window)) == (5, ALL)
    assert arxiv.requests[1].at - arxiv.requests[0].at >= 1


async def test_retry_after_holds_also_what_waits_already(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.next(ArxivFault.UNAVAILABLE, retry_after="1")
    arxiv_source = open_source(url)
    searches = [arxiv_source.search("all:thing", limit=5) for _ in range(2)]
    assert [len(found) for found in await asyncio.gather(*searches)] == [5, 5]
    assert [asked.status for asked in arxiv.requests] == [503, 200, 200]
    assert arxiv.requests[1].at - arxiv.requests[0].at >= 1


async def test_patience_with_one_service_keeps_no_other_waiting(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    access = transport.Access(delay_seconds=0)
    (held, held_url), (_, url) = await open_arxiv(), await open_arxiv()
    held.faults.next(ArxivFault.UNAVAILABLE, retry_after="2")
    waiting = asyncio.ensure_future(open_source(held_url, access=access).fetch(ALL[:1]))
    other = open_source(url, access=access)
    while not held.requests:  # noqa: ASYNC110 - the fake server calls nobody
        await asyncio.sleep(0.01)
    async with asyncio.timeout(1.5):
        assert ids(await other.fetch(ALL[:1])) == ALL[:1]
    assert ids(await waiting) == ALL[:1]
    assert held.requests[1].at - held.requests[0].at >= 2


async def test_clients_that_share_their_access_ask_one_after_the_other(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    access = transport.Access(delay_seconds=0.1)
    (one, one_url), (other, other_url) = await open_arxiv(), await open_arxiv()
    sources = [open_source(address, access=access) for address in (one_url, other_url)]
    await asyncio.gather(*(arxiv_source.window(MAY, JUNE) for arxiv_source in sources))
    requests = sorted([*one.requests, *other.requests], key=lambda asked: asked.at)
    assert len(requests) == 8
    assert min(gaps(requests)) >= 0.1
    assert not overlaps(requests)


async def test_retry_after_as_a_date_is_honoured(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    due = time.monotonic() + (moment - datetime.now(UTC)).total_seconds()
    arxiv.faults.next(
        ArxivFault.TOO_MANY_REQUESTS, retry_after=format_datetime(moment, usegmt=True)
    )
    assert ids(await open_source(url).window(MAY, JUNE)) == ALL
    assert arxiv.requests[1].at >= due - 0.1


@pytest.mark.parametrize(("asked", "waits"), [("600", 600), ("99999999999999999999", 3600)])
async def test_more_patience_than_a_call_has_is_said_at_once_and_kept(
    open_arxiv: StandIns, open_source: Sources, asked: str, waits: float
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.next(ArxivFault.TOO_MANY_REQUESTS, retry_after=asked)
    arxiv_source = open_source(url)
    with pytest.raises(RateLimitedError) as caught:
        await arxiv_source.window(MAY, JUNE)
    assert caught.value.retry_after == waits
    with pytest.raises(RateLimitedError) as caught:
        await arxiv_source.search("all:thing", limit=5)
    assert caught.value.retry_after
    assert len(arxiv.requests) == 1


@pytest.mark.parametrize(
    "nonsense",
    [
        "soon",
        "-5",
        "1e9",
        "",
        "Thu, 99 Foo 2026",
        "\u0663",
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    ],
)
async def test_a_retry_after_that_says_nothing_is_ignored(
    open_arxiv: StandIns, open_source: Sources, nonsense: str
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.next(ArxivFault.TOO_MANY_REQUESTS, retry_after=nonsense)
    assert ids(await open_source(url).window(MAY, JUNE)) == ALL


def overlaps(requests: list[Asked]) -> bool:
    return any(later.at < (earlier.until or 0) for earlier, later in pairwise(requests))


def gaps(requests: list[Asked]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(requests)]


async def test_requests_go_out_one_at_a_time_and_never_faster_than_agreed(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv(min_delay=0.1)
    arxiv.faults.next(ArxivFault.EMPTY_PAGE, times=2)
    arxiv_source = open_source(url, delay_seconds=0.1)
    window, found, fetched = await asyncio.gather(
        arxiv_source.window(MAY, JUNE),
        arxiv_source.search("ti:paper", limit=15),
        arxiv_source.fetch(ALL[:3]),
    )
    assert (ids(window), len(found), ids(fetched)) == (ALL, 15, ALL[:3])
    assert len(arxiv.requests) >= 9
    assert min(gaps(arxiv.requests)) >= 0.1
    assert not overlaps(arxiv.requests)
    assert {asked.status for asked in arxiv.requests} == {200}


async def test_giving_up_on_an_answer_does_not_break_the_pace(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    arxiv_source = open_source(url, delay_seconds=0.2)
    for _ in range(5):
        impatient = asyncio.ensure_future(arxiv_source.window(MAY, JUNE))
        await asyncio.sleep(0.03)
        impatient.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await impatient
    await arxiv_source.window(MAY, JUNE)
    assert min(gaps(arxiv.requests)) >= 0.2
    assert len(arxiv.requests) <= 8
    assert not overlaps(arxiv.requests)


async def test_requests_name_the_project(open_arxiv: StandIns, open_source: Sources) -> None:
    arxiv, url = await open_arxiv()
    await open_source(url).fetch(ALL[:1])
    assert re.fullmatch(r"paperboy-bot/\d\S*", arxiv.requests[0].user_agent)


# Time


async def test_an_arxiv_that_hangs_blocks_nothing_and_is_given_up(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.always(ArxivFault.HANG)
    arxiv_source = open_source(url, timeout_seconds=2, max_tries=1)
    call = asyncio.ensure_future(arxiv_source.window(MAY, JUNE))
    longest, last = 0.0, time.monotonic()
    while not call.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert isinstance(call.exception(), UnreachableError)
    assert longest < 1.5


async def test_an_answer_that_drips_is_cut_off(open_arxiv: StandIns, open_source: Sources) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.always(ArxivFault.SLOW)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="too slowly"):
        await open_source(url, timeout_seconds=0.2, max_tries=1).window(MAY, JUNE)
    assert time.monotonic() - began < 10


async def test_a_whole_call_has_a_deadline(open_arxiv: StandIns, open_source: Sources) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.always(ArxivFault.BROKEN)
    arxiv_source = open_source(url, deadline_seconds=0.4, max_tries=10_000)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="not done within"):
        await arxiv_source.window(MAY, JUNE)
    assert time.monotonic() - began < 10
    await asyncio.sleep(0.5)  # the request that was under way may still arrive
    asked = len(arxiv.requests)
    await asyncio.sleep(0.2)
    assert len(arxiv.requests) == asked


async def test_closing_ends_the_calls_that_wait(open_arxiv: StandIns, open_source: Sources) -> None:
    arxiv, url = await open_arxiv()
    arxiv_source = open_source(url, delay_seconds=30)
    await arxiv_source.fetch(ALL[:1])
    calls = [asyncio.ensure_future(arxiv_source.fetch(ALL[:1])) for _ in range(3)]
    await asyncio.sleep(0.1)
    await arxiv_source.aclose()
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 3)
    assert all(isinstance(result, UnreachableError) for result in results)
    with pytest.raises(UnreachableError):
        await arxiv_source.fetch(ALL[:1])
    assert len(arxiv.requests) == 1


# Searches and ids


async def test_a_search_brings_the_newest_first_and_no_more_than_asked_for(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    found = await open_source(url).search("ti:paper OR abs:nothing", limit=25)
    assert ids(found) == ALL[::-1][:25]
    since = MAY + timedelta(days=4)
    recent = await open_source(url).search("ti:paper OR abs:nothing", since=since, limit=25)
    assert ids(recent) == ALL[::-1][:9]
    assert await open_source(url).search("ti:paper", limit=0) == []
    assert "(ti:paper OR abs:nothing) AND " in arxiv.requests[-1].arguments["search_query"]


async def test_of_several_questions_the_newest_papers_come_once_each(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    asked = Questions((ALL[0], ALL[20]), ("ti:paper", "abs:study", "ti:nothing"), exact=False)
    source = open_source(url, page_size=100)
    assert ids(await source.ask(asked, limit=25)) == ALL[::-1][:25]
    assert ids(await source.ask(asked, limit=100)) == ALL[::-1]
    ninth = MAY + timedelta(hours=3 * 9)
    assert ids(await source.ask(asked, before=ninth, limit=5)) == ALL[8:3:-1]
    only = Questions((ALL[0], ALL[20]), (), exact=True)
    before = len(arxiv.requests)
    assert ids(await source.ask(only, limit=5)) == [ALL[20], ALL[0]]
    assert len(arxiv.requests) == before + 1
    assert await source.ask(Questions((), (), exact=False), limit=5) == []
    assert len(arxiv.requests) == before + 1


async def test_a_query_that_arxiv_rejects_is_not_asked_again(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    with pytest.raises(RejectedQueryError) as caught:
        await open_source(url).search("ti:(paper", limit=5)
    assert caught.value.message == "Invalid query string: '(ti:paper'"
    assert caught.value.status == 400
    arxiv.faults.next(ArxivFault.ERROR_ENTRY)
    with pytest.raises(RejectedQueryError) as caught:
        await open_source(url).search("ti:paper", limit=5)
    assert (caught.value.status, caught.value.tries) == (200, 1)
    assert len(arxiv.requests) == 2


async def told(arxiv_source: ArxivSource, query: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return what the log says of a query."""
    with capture_logs() as logged:
        await arxiv_source.search(query, limit=limit)
    entries = [entry for entry in logged if entry["event"] == "arxiv_read_otherwise"]
    return [(entry["asked"], entry["understood"]) for entry in entries]


async def test_a_query_that_arxiv_reads_as_another_is_logged_once_without_its_words(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    asked = "ti:paper AND lastUpdatedDate:[202505010000 TO 202506010000]"
    assert await told(open_source(url), asked) == [
        (
            "ti:… AND lastUpdatedDate:[202505010000 TO 202506010000]",
            'ti:… AND submittedDate:"… TO …"',
        )
    ]
    assert [request.arguments["start"] for request in arxiv.requests] == ["0", "10"]


@pytest.mark.parametrize(
    "query",
    [
        "ti:paper",
        "((ti:paper OR abs:thing) AND (abs:thing)) OR cat:cs.CV",
        "ti:paper AND submittedDate:[202505010000 TO 202506010000]",
        'au:"lovelace a*" OR ti:"a paper"',
    ],
)
async def test_arxivs_own_way_of_writing_a_query_is_not_worth_a_word(
    open_arxiv: StandIns, open_source: Sources, query: str
) -> None:
    _, url = await open_arxiv()
    assert await told(open_source(url), query) == []


async def test_nobodys_title_is_taken_for_a_query(replay: Replays, open_source: Sources) -> None:
    files = sorted(shared_data("atom").glob("arxivpy__q_testing*.xml"))
    assert files
    for file in files:
        source = open_source(await replay(file.read_bytes()), max_tries=1)
        assert await told(source, "all:testing", limit=1) == []
        assert await told(source, "all:tests", limit=1) == [("all:…", "all:…")]


async def test_ids_bring_their_papers_in_order_without_versions(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    rows = [*ROWS, row(99, id="hep-ex/0406020", version=3)]
    _, url = await open_arxiv(rows)
    wanted = [ALL[3] + "v7", "hep-ex/0406020v1", ALL[1], ALL[3], "9999.99999", "", "abc", "a,b"]
    papers = await open_source(url).fetch(wanted)
    assert [(paper.id, paper.version) for paper in papers] == [
        (ALL[3], 1),
        ("hep-ex/0406020", 3),
        (ALL[1], 1),
    ]


async def test_an_id_that_arxiv_calls_malformed_costs_itself_and_one_request(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    wanted = [*ALL[:5], "nosuch/0101001", *ALL[5:9], "neither/0101002"]
    assert ids(await open_source(url).fetch(wanted)) == ALL[:9]
    assert [asked.status for asked in arxiv.requests] == [400, 400, 200]


async def test_a_list_that_is_refused_without_a_name_is_asked_in_halves(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    arxiv.faults.next(ArxivFault.ERROR_ENTRY, times=2)
    assert ids(await open_source(url).fetch(ALL[:9])) == ALL[:9]
    asked = [len(request.arguments["id_list"].split(",")) for request in arxiv.requests]
    assert asked == [9, 4, 2, 2, 5]


async def test_an_id_that_is_refused_alone_is_no_paper(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    arxiv, url = await open_arxiv()
    assert await open_source(url).fetch(["nosuch/0101001"]) == []
    assert len(arxiv.requests) == 1


async def test_many_ids_are_asked_for_in_few_requests(
    open_arxiv: StandIns, open_source: Sources
) -> None:
    rows = [row(number) for number in range(250)]
    arxiv, url = await open_arxiv(rows)
    assert len(await open_source(url).fetch(item["id"] for item in rows)) == 250
    assert len(arxiv.requests) == 3
    assert await open_source(url).fetch([]) == []


# Answers that mean harm


async def test_an_answer_too_large_is_cut_off(
    replay: Replays, open_source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_LARGEST_ANSWER", 100_000)
    url = await replay(b"<feed>" + b" " * 200_000)
    with pytest.raises(BrokenAnswerError, match="more than 100,000 bytes"):
        await open_source(url, max_tries=1).window(MAY, JUNE)


async def test_a_compressed_answer_is_measured_as_it_unfolds(
    replay: Replays, open_source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_LARGEST_ANSWER", 1_000_000)
    url = await replay(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(BrokenAnswerError, match="more than 1,000,000 bytes"):
        await open_source(url, max_tries=1).window(MAY, JUNE)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_refusal_that_asking_again_does_not_mend_is_not_asked_again(
    replay: Replays, open_source: Sources, status: int
) -> None:
    with pytest.raises(BrokenAnswerError) as caught:
        await open_source(await replay(b"<h1>no</h1>", status)).window(MAY, JUNE)
    assert (caught.value.status, caught.value.tries) == (status, 1)


async def test_no_secret_of_the_address_is_told(
    replay: Replays, open_source: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    address = urlsplit(await replay(b"", 500))
    url = f"http://someone:hunter2@{address.netloc}/api/query?key=sesame"
    with pytest.raises(UnreachableError) as caught:
        await open_source(url, max_tries=2).window(MAY, JUNE)
    told = f"{caught.value!s} {caught.value!r} {caught.value.url} {caplog.text}"
    assert "search_query" in told
    assert not re.search("hunter2|sesame|someone", told)


async def test_what_somebody_looks_for_is_told_to_nobody(
    replay: Replays, open_source: Sources
) -> None:
    arxiv_source = open_source(await replay(b"", 500), max_tries=2)
    with capture_logs() as logged, pytest.raises(UnreachableError) as caught:
        await arxiv_source.search('ti:divorce AND au:"lawyer s*"', since=MAY, limit=5)
    assert [entry["event"] for entry in logged] == ["arxiv_asked_again"]
    told = unquote_plus(f"{caught.value!s} {caught.value!r} {caught.value.url} {logged}")
    assert '(ti:… AND au:"… …") AND submittedDate:[202505010000 TO ' in told
    assert not re.search("divorce|lawyer", told)


# What arXiv really answered

RECORDED_IDS = re.compile(r"<id>http://arxiv\.org/abs/([^<]+?)v(\d+)</id>")
RECORDED_TITLES = re.compile(r"<entry>.*?<title[^>]*>(.*?)</title>", re.DOTALL)


async def test_every_recorded_answer_of_the_api_is_read_right(
    replay: Replays, open_source: Sources
) -> None:
    files = sorted(shared_data("atom").glob("arxivpy*.xml"))
    assert len(files) == 27
    for file in files:
        text = file.read_text(encoding="utf-8")
        arxiv_source = open_source(await replay(text.encode()), page_size=2000, max_tries=1)
        expected = RECORDED_IDS.findall(text)
        if "id_abc" in file.name:
            with pytest.raises(RejectedQueryError) as refused:
                await arxiv_source.search("all:x", limit=10)
            assert refused.value.message == "incorrect id format for abc"
            assert "abc" not in str(refused.value), "it may quote what was looked for"
            continue
        papers = await arxiv_source.search("all:x", limit=max(1, len(expected)))
        assert [(paper.id, str(paper.version)) for paper in papers] == expected, file.name
        for paper, title in zip(papers, RECORDED_TITLES.findall(text), strict=True):
            if re.search("[\x80-\x9f]", title):
                title = title.encode("latin-1").decode()  # noqa: PLW2901 - recorded like that
            assert paper.title == " ".join(html.unescape(title).split())
            assert paper.abstract
            assert not re.search(r"\s\s|\n", paper.abstract)
            assert paper.authors
            assert re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", paper.categories[0])
            assert len(set(paper.categories)) == len(paper.categories)
            assert paper.updated_at >= paper.published_at
            assert paper.published_at.utcoffset() == timedelta(0)


async def test_old_and_new_form_tell_the_same(replay: Replays, open_source: Sources) -> None:
    def paper_of(name: str) -> bytes:
        (file,) = shared_data("atom").glob(name)
        return file.read_bytes()

    old = open_source(await replay(paper_of("arxivpy_old__id_list_1111.2011v2.xml")))
    (paper,) = await old.search("x", limit=1)
    assert (paper.id, paper.version) == ("1111.2011", 2)
    assert paper.published_at < paper.updated_at
    old_id = open_source(await replay(paper_of("arxivpy_old__id_hep-ex_0406020v1*.xml")))
    (paper,) = await old_id.search("x", limit=1)
    assert (paper.id, paper.categories[0]) == ("hep-ex/0406020", "hep-ex")
    new_id = open_source(await replay(paper_of("arxivpy__id_astro-ph_0601001*.xml")))
    (paper,) = await new_id.search("x", limit=1)
    assert paper.id == "astro-ph/0601001"
    assert paper.journal_ref == "ActaAstron.56:1-50,2006"
    flaky = open_source(await replay(paper_of("arxivpy__q_testing_s50_m10*.xml")))
    papers = {paper.id: paper for paper in await flaky.search("x", limit=10)}
    assert papers["2101.09077"].doi == "10.1109/ICST49551.2021.00026"
    assert (papers["2101.09077"].comment or "").startswith("11 pages, to be published in")


async def test_a_feed_that_is_cut_off_or_not_the_apis_is_broken(
    replay: Replays, open_source: Sources
) -> None:
    files = sorted(shared_data("atom").glob("rss*.xml"))
    assert len(files) == 2
    for file in files:
        with pytest.raises(BrokenAnswerError):
            await open_source(await replay(file.read_bytes()), max_tries=1).window(MAY, JUNE)
