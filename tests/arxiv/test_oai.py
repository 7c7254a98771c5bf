import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import (
    Access,
    BrokenAnswerError,
    RateLimitedError,
    RejectedQueryError,
    SourceError,
    UnreachableError,
)
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.oai_xml import licence_of
from bot.playground.arxiv.stand_in import FakeArxiv
from tests.arxiv.test_oai_records import HEAD, header, record, records
from tests.seldom import seldom

DAY = date(2026, 11, 24)
NONE = f"{HEAD}<error code='noRecordsMatch'>Nothing.</error></OAI-PMH>".encode()
BAD_TOKEN = f"{HEAD}<error code='badResumptionToken'>Expired.</error></OAI-PMH>".encode()

Asked = list[dict[str, str]]
Scripts = Callable[..., Awaitable[tuple[OaiSource, Asked]]]


class Script(RequestHandler):
    """Gives its answers one after the other, the last of them for ever."""

    def initialize(self, answers: list[bytes | int], asked: Asked) -> None:
        self.answers, self.asked = answers, asked

    def get(self) -> None:
        self.asked.append({name: self.get_argument(name) for name in self.request.arguments})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, int):
            self.set_status(answer)
        else:
            self.write(answer)

    post = get


@pytest.fixture
async def script() -> AsyncIterator[Scripts]:
    servers: list[HTTPServer] = []
    sources: list[OaiSource] = []

    async def open_one(*answers: bytes | int) -> tuple[OaiSource, Asked]:
        asked: Asked = []
        routes = [("/oai", Script, {"answers": list(answers), "asked": asked})]
        servers.append(HTTPServer(Application(routes, log_function=lambda _: None)))
        sockets = bind_sockets(0, "127.0.0.1")
        servers[-1].add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/oai"
        sources.append(OaiSource(url=url, delay_seconds=0, backoff_seconds=0.01, max_tries=3))
        return sources[-1], asked

    yield open_one
    for source in sources:
        await source.aclose()
    for server in servers:
        server.stop()
        await server.close_all_connections()


async def read(source: OaiSource, first: date = DAY, last: date = DAY) -> list[list[str]]:
    return [[paper.id for paper in page] async for page in source.changed(first, last)]


def token(text: str) -> str:
    return f"<resumptionToken expirationDate='2026-11-25T00:00:00Z'>{text}</resumptionToken>"


def identifiers(*ids: str) -> bytes:
    body = records(*map(header, ids))
    return body.replace(b"ListRecords>", b"ListIdentifiers>")


def single(paper_id: str) -> bytes:
    return records(record(id=paper_id)).replace(b"ListRecords>", b"GetRecord>")


async def test_a_day_is_asked_for_by_its_date(script: Scripts) -> None:
    source, asked = await script(records(record()), identifiers("2611.00001"))
    assert await read(source) == [["2611.00001"]]
    day = {"metadataPrefix": "arXivRaw", "from": "2026-11-24", "until": "2026-11-24"}
    assert asked == [{"verb": "ListRecords", **day}, {"verb": "ListIdentifiers", **day}]


async def test_days_come_one_after_the_other(script: Scripts) -> None:
    source, asked = await script(
        records(record()),
        identifiers("2611.00001"),
        records(record(id="2611.00002")),
        identifiers("2611.00002"),
    )
    assert await read(source, DAY, date(2026, 11, 25)) == [["2611.00001"], ["2611.00002"]]
    assert [question["from"][-2:] for question in asked] == ["24", "24", "25", "25"]


async def test_a_day_of_several_pages_is_followed_by_its_tokens(script: Scripts) -> None:
    source, asked = await script(
        records(record(), token=token("verb%3DListRecords%26skip%3D1")),
        records(record(id="2611.00002"), token="<resumptionToken/>"),
        identifiers("2611.00001", "2611.00002"),
    )
    assert await read(source) == [["2611.00001"], ["2611.00002"]]
    assert asked[1] == {"verb": "ListRecords", "resumptionToken": "verb%3DListRecords%26skip%3D1"}
    assert len(asked) == 3


async def test_what_a_list_has_lost_is_asked_for_alone(script: Scripts) -> None:
    source, asked = await script(
        records(record(), token=token("a")),
        records(record(id="2611.00003")),
        identifiers("2611.00001", "2611.00002", "2611.00003", "2611.00004"),
        single("2611.00002"),
        f"{HEAD}<error code='idDoesNotExist'>It is gone.</error></OAI-PMH>".encode(),
    )
    assert await read(source) == [["2611.00001"], ["2611.00003"], ["2611.00002"]]
    assert asked[3] == {
        "verb": "GetRecord",
        "metadataPrefix": "arXivRaw",
        "identifier": "oai:arXiv.org:2611.00002",
    }


async def test_a_list_that_lacks_most_of_its_records_is_read_anew_and_then_broken(
    script: Scripts,
) -> None:
    ids = [f"2611.{number:05}" for number in range(1, 300)]
    short = [records(record()), identifiers(*ids)]
    whole = records(*(record(id=each) for each in ids))
    source, _ = await script(*short, whole, identifiers(*ids))
    assert await read(source) == [ids[:1], ids[1:]]
    source, asked = await script(*short * 3)
    with pytest.raises(BrokenAnswerError, match="1 of 299 records of 2026-11-24") as caught:
        await read(source)
    assert (caught.value.tries, len(asked)) == (3, 6)


async def test_a_token_that_failed_begins_the_list_anew(script: Scripts) -> None:
    first = records(record(), token=token("a"))
    second = records(record(id="2611.00002"))
    every = identifiers("2611.00001", "2611.00002")
    source, asked = await script(first, BAD_TOKEN, first, second, every)
    assert await read(source) == [["2611.00001"], ["2611.00002"]]
    source, asked = await script(*[first, BAD_TOKEN] * 3)
    with pytest.raises(BrokenAnswerError, match="resumption token: Expired"):
        await read(source)
    assert len(asked) == 6


async def test_an_empty_day_is_believed_when_its_identifiers_say_so_too(script: Scripts) -> None:
    source, asked = await script(NONE)
    assert await read(source) == []
    assert [question["verb"] for question in asked] == ["ListRecords", "ListIdentifiers"]
    source, _ = await script(NONE, identifiers("2611.00001"), single("2611.00001"))
    assert await read(source) == [["2611.00001"]]


async def test_nothing_behind_the_last_page_is_the_end(script: Scripts) -> None:
    source, _ = await script(records(record(), token=token("a")), NONE, identifiers("2611.00001"))
    assert await read(source) == [["2611.00001"]]


async def test_a_list_without_an_end_is_broken(script: Scripts) -> None:
    source, asked = await script(records(record(), token=token("a")))
    with pytest.raises(BrokenAnswerError, match="without an end"):
        await read(source)
    assert len(asked) == 2


async def test_an_unusable_record_is_not_asked_for_again(script: Scripts) -> None:
    source, asked = await script(
        records(record(title=""), record(id="2611.00002")), identifiers("2611.00001", "2611.00002")
    )
    assert await read(source) == [["2611.00002"]]
    assert len(asked) == 2


@pytest.mark.parametrize("code", ["badArgument", "badVerb", "cannotDisseminateFormat", "odd"])
async def test_a_request_that_arxiv_rejects_is_not_asked_again(script: Scripts, code: str) -> None:
    source, asked = await script(f"{HEAD}<error code='{code}'>No.</error></OAI-PMH>".encode())
    with pytest.raises(RejectedQueryError) as refused:
        await read(source)
    assert refused.value.message == f"{code}: No."
    assert len(asked) == 1


# Against the fake, which speaks the protocol as arXiv does

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERY = [f"2611.{number:05}" for number in range(1, 26)]

Fakes = Callable[..., Awaitable[tuple[FakeOai, OaiSource]]]


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"2611.{number:05}",
        "version": 1,
        "title": f"Schrödinger's $α$-cat number {number}",
        "abstract": f"We study {number} cats of Rényi, Gödel & Çelik: $\\ell_1 < β$.",
        "authors": ["Ada Lovelace", "J. -P. Serre", "Kurt Gödel"],
        "categories": ["cs.CV", "hep-th"],
        "published": MONDAY.isoformat(),
        **changes,
    }


@pytest.fixture
async def fake() -> AsyncIterator[Fakes]:
    opened: list[FakeOai | OaiSource] = []

    async def open_one(
        rows: Iterable[Mapping[str, Any]] | None = None, now: datetime = NOW, **options: Any
    ) -> tuple[FakeOai, OaiSource]:
        papers = [row(number) for number in range(1, 26)] if rows is None else rows
        oai = FakeOai(FakeArxiv(papers), now=lambda: now, page_size=10)
        quick = {"delay_seconds": 0, "backoff_seconds": 0.01, "timeout_seconds": 5}
        source = OaiSource(url=await oai.start(), **{**quick, **options})
        opened.extend((oai, source))
        return oai, source

    yield open_one
    for each in opened:
        await (each.aclose() if isinstance(each, OaiSource) else each.stop())


async def found(source: OaiSource, first: date = DAY, last: date = DAY) -> list[str]:
    """Return the ids of all pages, in their order; each must come once."""
    ids = [each for page in await read(source, first, last) for each in page]
    assert len(set(ids)) == len(ids)
    return sorted(ids)


async def test_papers_are_the_same_as_through_the_api(fake: Fakes) -> None:
    rows = [
        row(
            1,
            version=3,
            updated=(MONDAY + timedelta(hours=5)).isoformat(),
            comment="Accepted at Ω 2026. Our code is at https://github.com/ada/cat",
            journal_ref="Acta Mathématique 5 (2026)",
            doi="10.1000/182",
        ),
        row(2, comment="This paper has been withdrawn by the authors"),
        row(3, id="hep-th/9901001", categories=["hep-th"]),
    ]
    _, source = await fake(rows)
    arxiv = FakeArxiv(rows)
    api = ArxivSource(url=await arxiv.start(), delay_seconds=0)
    asked = {paper.id: paper for paper in await api.fetch(item["id"] for item in rows)}
    await api.aclose()
    await arxiv.stop()
    papers = [paper async for page in source.changed(DAY, DAY) for paper in page]
    assert len(papers) == 3
    for paper in papers:
        licence = {"licence": licence_of(paper.id)}
        assert paper.model_dump() == asked[paper.id].model_dump() | licence


async def test_a_month_is_read_day_by_day(fake: Fakes) -> None:
    start = datetime(2026, 10, 26, 12, tzinfo=UTC)
    rows = [
        row(number, published=(start + timedelta(hours=7 * number)).isoformat())
        for number in range(100)
    ]
    oai, source = await fake(rows)
    assert await found(source, date(2026, 10, 27), NOW.date()) == [
        f"2611.{n:05}" for n in range(100)
    ]
    assert all(asked.status == 200 for asked in oai.requests)


async def test_deleted_records_are_nobodys_papers(fake: Fakes) -> None:
    oai, source = await fake()
    oai.edit(EVERY[1:], MONDAY + timedelta(days=1))
    oai.delete(EVERY[:1])
    assert await found(source, DAY, NOW.date()) == EVERY[1:]


async def test_a_record_that_changes_between_two_pages_costs_none(fake: Fakes) -> None:
    oai, source = await fake()
    ids: list[str] = []
    async for page in source.changed(DAY, DAY):
        if not ids:
            oai.edit(EVERY[:3])
        ids += [paper.id for paper in page]
    assert sorted(ids) == EVERY


async def test_tokens_that_expire_in_the_middle_cost_no_paper(fake: Fakes) -> None:
    oai, source = await fake()
    ids: list[str] = []
    async for page in source.changed(DAY, DAY):
        if not ids:
            oai.expire_tokens()
        ids += [paper.id for paper in page]
    assert sorted(ids) == EVERY


async def test_a_day_that_a_cache_calls_empty_is_asked_for_past_it(fake: Fakes) -> None:
    rows = [row(number) for number in range(1, 201)]
    oai, source = await fake([])
    assert await found(source) == []
    oai.arxiv.publish(rows)
    assert await found(source) == [item["id"] for item in rows]
    assert [asked.method for asked in oai.requests[2:4]] == ["GET", "POST"]


async def test_a_service_that_has_moved_is_followed(fake: Fakes) -> None:
    oai, source = await fake()

    class Moved(RequestHandler):
        def get(self) -> None:
            self.redirect(f"{source.url}?{self.request.query}", permanent=True)

        post = get

    server = HTTPServer(Application([("/oai", Moved)], log_function=lambda _: None))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/oai"
    moved = OaiSource(url=url, delay_seconds=0, max_tries=1)
    assert await found(moved) == EVERY
    await moved.aclose()
    server.stop()
    await server.close_all_connections()
    assert {asked.method for asked in oai.requests} == {"GET"}


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
@pytest.mark.parametrize("after", [0, 1, 2, 3])
async def test_trouble_that_passes_costs_no_paper(
    fake: Fakes, fault: ArxivFault, after: int
) -> None:
    oai, source = await fake()
    oai.faults.next(fault, after=after)
    assert await found(source) == EVERY


async def test_bad_luck_over_and_over_costs_no_paper(fake: Fakes) -> None:
    oai, source = await fake(max_tries=12)
    for fault in PASSING[:9]:
        oai.faults.sometimes(fault, probability=0.05)
    for _ in range(5):
        assert await found(source) == EVERY


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (ArxivFault.TOO_MANY_REQUESTS, RateLimitedError),
        (ArxivFault.NOT_ACCEPTABLE, RateLimitedError),
        (ArxivFault.UNAVAILABLE, UnreachableError),
        (ArxivFault.BROKEN, UnreachableError),
        (ArxivFault.RESET, UnreachableError),
        (ArxivFault.CUT_OFF, UnreachableError),
        (ArxivFault.TRUNCATED, BrokenAnswerError),
        (ArxivFault.HTML, BrokenAnswerError),
        (ArxivFault.EMPTY_PAGE, BrokenAnswerError),
        (ArxivFault.ERROR_ENTRY, RejectedQueryError),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_trouble_that_lasts_is_an_error_and_never_no_papers(
    fake: Fakes, fault: ArxivFault, kind: type[SourceError]
) -> None:
    oai, source = await fake(max_tries=3)
    oai.faults.always(fault)
    with pytest.raises(kind) as caught:
        await read(source)
    assert type(caught.value) is kind
    assert caught.value.tries == len(oai.requests) == (1 if kind is RejectedQueryError else 3)
    assert urlsplit(caught.value.url).path == "/oai"


@pytest.mark.parametrize("fault", [ArxivFault.BAD_ENTRY, ArxivFault.ILL_FORMED_ENTRY])
async def test_a_bad_record_costs_itself_only(fake: Fakes, fault: ArxivFault) -> None:
    oai, source = await fake()
    oai.faults.next(fault)
    # An ill-formed one has no name either: it is missed, and asked for alone.
    whole = fault is ArxivFault.ILL_FORMED_ENTRY
    assert await found(source) == EVERY[0 if whole else 1 :]


async def test_a_hanging_server_is_given_up(fake: Fakes) -> None:
    oai, source = await fake(timeout_seconds=0.2, max_tries=2)
    oai.faults.always(ArxivFault.HANG)
    with pytest.raises(UnreachableError, match="no answer in time"):
        await read(source)


async def test_a_page_has_a_deadline(fake: Fakes) -> None:
    oai, source = await fake(deadline_seconds=0.3, max_tries=1000)
    oai.faults.always(ArxivFault.BROKEN)
    with pytest.raises(UnreachableError, match="not done within"):
        await read(source)


async def test_retry_after_is_honoured(fake: Fakes) -> None:
    oai, source = await fake()
    oai.faults.next(ArxivFault.UNAVAILABLE, retry_after="1")
    assert await found(source) == EVERY
    assert oai.requests[1].at - oai.requests[0].at >= 1


async def test_api_and_oai_together_keep_one_pace(fake: Fakes) -> None:
    access = Access(delay_seconds=0.1)
    oai, source = await fake(access=access)
    arxiv = FakeArxiv([row(number) for number in range(1, 26)])
    api = ArxivSource(url=await arxiv.start(), access=access)
    await asyncio.gather(found(source), *(api.fetch([each]) for each in EVERY[:4]))
    await api.aclose()
    await arxiv.stop()
    moments = sorted(asked.at for asked in [*oai.requests, *arxiv.requests])
    assert len(moments) == 8
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.1


async def test_whether_it_answers_can_be_seen(fake: Fakes) -> None:
    oai, source = await fake(max_tries=1)
    await source.check()
    assert oai.requests[0].arguments == {"verb": "Identify"}
    oai.down = True
    with pytest.raises(UnreachableError, match="HTTP 503"):
        await source.check()


async def test_no_secret_of_the_address_is_told(
    fake: Fakes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    oai, plain = await fake()
    oai.down = True
    address = urlsplit(plain.url)
    url = f"http://someone:hunter2@{address.netloc}/oai?key=sesame"
    source = OaiSource(url=url, delay_seconds=0, backoff_seconds=0.01, max_tries=2)
    with pytest.raises(UnreachableError) as caught:
        await read(source)
    await source.aclose()
    told = f"{caught.value!s} {caught.value!r} {caught.value.url} {caplog.text}"
    assert "ListRecords" in told
    assert not re.search("hunter2|sesame|someone", told)
