from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import (
    BrokenAnswerError,
    RateLimitedError,
    RejectedQueryError,
    UnreachableError,
)
from tests.arxiv.test_oai_records import HEAD, header, record, records

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
    source, asked = await script(records(record()))
    assert await read(source) == [["2611.00001"]]
    assert asked == [
        {
            "verb": "ListRecords",
            "metadataPrefix": "arXivRaw",
            "from": "2026-11-24",
            "until": "2026-11-24",
        }
    ]


async def test_days_come_one_after_the_other(script: Scripts) -> None:
    source, asked = await script(records(record()), records(record(id="2611.00002")))
    assert await read(source, DAY, date(2026, 11, 25)) == [["2611.00001"], ["2611.00002"]]
    assert [question["from"] for question in asked] == ["2026-11-24", "2026-11-25"]


async def test_a_day_of_several_pages_is_whole(script: Scripts) -> None:
    source, asked = await script(
        records(record(), token=token("verb%3DListRecords%26skip%3D1")),
        records(record(id="2611.00002"), token="<resumptionToken/>"),
        identifiers("2611.00001", "2611.00002"),
    )
    assert await read(source) == [["2611.00001"], ["2611.00002"]]
    assert asked[1] == {"verb": "ListRecords", "resumptionToken": "verb%3DListRecords%26skip%3D1"}
    assert asked[2]["verb"] == "ListIdentifiers"
    assert len(asked) == 3


async def test_what_paging_has_lost_is_asked_for_alone(script: Scripts) -> None:
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


async def test_a_list_that_lacks_most_of_its_records_is_broken(script: Scripts) -> None:
    ids = [f"2611.{number:05}" for number in range(1, 300)]
    source, _ = await script(
        records(record(), token=token("a")), records(record(id=ids[1])), identifiers(*ids)
    )
    with pytest.raises(BrokenAnswerError, match="2 of 299 records of 2026-11-24"):
        await read(source)


async def test_a_token_that_failed_begins_the_list_anew_once(script: Scripts) -> None:
    first = records(record(), token=token("a"))
    source, asked = await script(
        first,
        BAD_TOKEN,
        first,
        records(record(id="2611.00002")),
        identifiers("2611.00001", "2611.00002"),
    )
    assert await read(source) == [["2611.00001"], ["2611.00002"]]
    source, asked = await script(first, BAD_TOKEN, first, BAD_TOKEN)
    with pytest.raises(BrokenAnswerError, match="resumption token: Expired"):
        await read(source)
    assert len(asked) == 4


async def test_an_empty_day_is_believed_when_it_is_said_twice(script: Scripts) -> None:
    source, asked = await script(NONE)
    assert await read(source) == []
    assert len(asked) == 2
    source, asked = await script(NONE, records(record()))
    assert await read(source) == [["2611.00001"]]


async def test_nothing_behind_the_last_page_is_the_end(script: Scripts) -> None:
    source, _ = await script(records(record(), token=token("a")), NONE, identifiers("2611.00001"))
    assert await read(source) == [["2611.00001"]]


async def test_a_list_without_an_end_is_broken(script: Scripts) -> None:
    page = records(record(), token=token("a"))
    source, asked = await script(page)
    with pytest.raises(BrokenAnswerError, match="without an end"):
        await read(source)
    assert len(asked) == 2


@pytest.mark.parametrize("code", ["badArgument", "badVerb", "cannotDisseminateFormat", "odd"])
async def test_a_request_that_arxiv_rejects_is_not_asked_again(script: Scripts, code: str) -> None:
    source, asked = await script(f"{HEAD}<error code='{code}'>No.</error></OAI-PMH>".encode())
    with pytest.raises(RejectedQueryError, match=f"{code}: No"):
        await read(source)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (429, RateLimitedError),
        (406, RateLimitedError),
        (500, UnreachableError),
        (503, UnreachableError),
        (b"<html>Be back soon.</html>", BrokenAnswerError),
        (records(record())[:-20], BrokenAnswerError),
    ],
)
async def test_trouble_that_lasts_is_an_error_and_never_no_papers(
    script: Scripts, answer: bytes | int, kind: type[Exception]
) -> None:
    source, asked = await script(answer)
    with pytest.raises(kind):
        await read(source)
    assert len(asked) == 3
    source, _ = await script(answer, answer, records(record()))
    assert await read(source) == [["2611.00001"]]
