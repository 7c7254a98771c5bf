"""The fake OAI-PMH speaks the protocol as arXiv's own code does, and is stricter where it may be.

Its pages, tokens and errors were held against https://github.com/arXiv/oaipmh, run over the
database that comes with it: the same identifiers, dates, tokens and errors, page by page.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.oai_xml import as_typed, licence_of
from bot.playground.arxiv.stand_in import FakeArxiv

OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIST = {"verb": "ListRecords", "metadataPrefix": "arXivRaw"}
TUESDAY = {"from": "2026-11-24", "until": "2026-11-24"}
"""The day, in UTC, of what is announced on Monday evening."""


def row(number: int, submitted: datetime = MONDAY, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"2611.{number:05}",
        "version": 1,
        "title": f"Schrödinger's cat number {number}",
        "abstract": "We study $α$-cats of Rényi.",
        "authors": ["Ada Lovelace", "Kurt Gödel", "Alan Turing"],
        "categories": ["cs.CV", "hep-th"],
        "published": submitted.isoformat(),
        **changes,
    }


class Asking:
    """The fake, its clock, and what it was last told."""

    def __init__(self, rows: list[dict[str, Any]], page_size: int) -> None:
        self.now = NOW
        self.arxiv = FakeArxiv(rows)
        self.oai = FakeOai(self.arxiv, now=lambda: self.now, page_size=page_size)
        self.url = ""

    async def __call__(self, arguments: dict[str, str], **more: str) -> ET.Element:
        async with httpx.AsyncClient(timeout=5) as client:
            response = await client.get(self.url, params={**arguments, **more})
        assert (response.status_code, response.headers["Content-Type"]) == (200, "text/xml")
        return ET.fromstring(response.text)  # noqa: S314 - our own


@pytest.fixture
async def ask() -> AsyncIterator[Asking]:
    asking = Asking([row(number) for number in range(1, 8)], page_size=3)
    asking.url = await asking.oai.start()
    yield asking
    await asking.oai.stop()


def ids(root: ET.Element) -> list[str]:
    names = [node.text or "" for node in root.iter(f"{OAI}identifier")]
    return [name.removeprefix("oai:arXiv.org:") for name in names]


def error(root: ET.Element) -> str | None:
    found = root.find(f"{OAI}error")
    return None if found is None else found.get("code")


def token(root: ET.Element) -> str | None:
    return next(root.iter(f"{OAI}resumptionToken"), ET.Element("none")).text


async def test_a_list_comes_in_pages(ask: Asking) -> None:
    first = await ask(LIST, **TUESDAY)
    assert ids(first) == ["2611.00001", "2611.00002", "2611.00003"]
    expected = (
        "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2026-11-24"
        "%26until%3D2026-11-24%26skip%3D3"
    )
    assert token(first) == expected
    second = await ask({"verb": "ListRecords", "resumptionToken": expected})
    third = await ask({"verb": "ListRecords", "resumptionToken": token(second) or ""})
    assert ids(second) + ids(third) == ["2611.00004", "2611.00005", "2611.00006", "2611.00007"]
    assert token(third) is None
    assert third.find(f".//{OAI}resumptionToken") is not None


async def test_a_list_of_identifiers_has_no_records(ask: Asking) -> None:
    found = await ask({**LIST, "verb": "ListIdentifiers"}, **TUESDAY)
    assert len(ids(found)) == 7
    assert found.find(f".//{OAI}metadata") is None


async def test_a_record_is_what_its_authors_typed(ask: Asking) -> None:
    ask.arxiv.publish(
        [row(1, version=3, updated=(MONDAY + timedelta(hours=4)).isoformat(), doi="10.1/2")]
    )
    found = await ask({**LIST, "verb": "GetRecord"}, identifier="oai:arXiv.org:2611.00001")
    raw = next(found.iter(f"{RAW}arXivRaw"))
    assert raw.findtext(f"{RAW}title") == "Schr\\\"{o}dinger's cat number 1"
    assert raw.findtext(f"{RAW}abstract") == "  We study $\\alpha{}$-cats of R\\'{e}nyi.\n"
    assert raw.findtext(f"{RAW}authors") == 'Ada Lovelace, Kurt G\\"{o}del and Alan Turing'
    assert raw.findtext(f"{RAW}categories") == "cs.CV hep-th"
    assert raw.findtext(f"{RAW}license") == licence_of("2611.00001")
    assert [
        (node.get("version"), node.findtext(f"{RAW}date")) for node in raw.iter(f"{RAW}version")
    ] == [
        ("v1", "Mon, 23 Nov 2026 12:00:00 GMT"),
        ("v2", "Mon, 23 Nov 2026 14:00:00 GMT"),
        ("v3", "Mon, 23 Nov 2026 16:00:00 GMT"),
    ]
    specs = [node.text for node in found.iter(f"{OAI}setSpec")]
    assert specs == ["cs:cs:CV", "physics:hep-th"]


async def test_a_paper_is_there_once_it_was_announced(ask: Asking) -> None:
    ask.now = datetime(2026, 11, 24, 3, 29, tzinfo=UTC)
    assert error(await ask(LIST, **{"from": "2026-11-24"})) == "noRecordsMatch"
    ask.now += timedelta(minutes=1)
    assert len(ids(await ask(LIST, **TUESDAY))) == 3
    friday = datetime(2026, 11, 27, 20, tzinfo=UTC)
    ask.arxiv.publish([row(9, friday), row(1, version=2, updated=friday.isoformat())])
    ask.now = NOW
    assert error(await ask({**LIST, "verb": "GetRecord"}, identifier="oai:arXiv.org:2611.00009"))
    known = await ask({**LIST, "verb": "GetRecord"}, identifier="oai:arXiv.org:2611.00001")
    assert len(list(known.iter(f"{RAW}version"))) == 1


async def test_an_error_is_kept_in_a_cache_until_midnight(ask: Asking) -> None:
    today = {"from": "2026-11-28"}
    assert error(await ask(LIST, **today)) == "noRecordsMatch"
    ask.oai.edit(["2611.00001"])
    assert error(await ask(LIST, **today)) == "noRecordsMatch"
    async with httpx.AsyncClient() as client:
        posted = await client.post(ask.url, data={**LIST, **today})
    assert "2611.00001" in posted.text
    ask.now = datetime(2026, 11, 29, tzinfo=UTC)
    assert ids(await ask(LIST, **today)) == ["2611.00001"]


async def test_records_are_dated_by_their_last_change(ask: Asking) -> None:
    ask.oai.edit(["2611.00002"], datetime(2026, 11, 26, 9, tzinfo=UTC))
    ask.oai.delete(["2611.00003"])
    assert ids(await ask({**LIST, "verb": "ListIdentifiers"}, **TUESDAY)) == [
        f"2611.{number:05}" for number in (1, 4, 5, 6, 7)
    ]
    later = await ask(LIST, **{"from": "2026-11-25"})
    assert ids(later) == ["2611.00002", "2611.00003"]
    headers = list(later.iter(f"{OAI}header"))
    assert [node.findtext(f"{OAI}datestamp") for node in headers] == ["2026-11-26", "2026-11-28"]
    assert [node.get("status") for node in headers] == [None, "deleted"]


async def test_a_record_that_changes_between_two_pages_moves_the_next_one(ask: Asking) -> None:
    first = await ask(LIST, **TUESDAY)
    ask.oai.edit(["2611.00001"])
    second = await ask({"verb": "ListRecords", "resumptionToken": token(first) or ""})
    assert ids(second) == ["2611.00005", "2611.00006", "2611.00007"]


@pytest.mark.parametrize("end", ["midnight", "sooner"])
async def test_a_token_expires(ask: Asking, end: str) -> None:
    found = await ask(LIST, **TUESDAY)
    element = next(found.iter(f"{OAI}resumptionToken"))
    assert element.get("expirationDate") == "2026-11-29T00:00:00Z"
    if end == "midnight":
        ask.now = datetime(2026, 11, 29, tzinfo=UTC)
    else:
        ask.oai.expire_tokens()
    again = await ask({"verb": "ListRecords", "resumptionToken": element.text or ""})
    assert error(again) == "badResumptionToken"


async def test_sets_are_groups_archives_and_categories(ask: Asking) -> None:
    ask.arxiv.publish([row(8, categories=["math.CO"])])
    headers = {**LIST, "verb": "ListIdentifiers"}
    assert ids(await ask(headers, set="math")) == ["2611.00008"]
    assert ids(await ask(headers, set="math:math:CO")) == ["2611.00008"]
    assert len(ids(await ask(headers, set="physics:hep-th"))) == 7
    assert error(await ask(headers, set="mat")) == "badArgument"
    names = [node.text for node in (await ask({"verb": "ListSets"})).iter(f"{OAI}setSpec")]
    assert names == ["cs:cs:CV", "math:math:CO", "physics:hep-th"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "listRecords"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({**LIST, "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({**LIST, "from": "2026-11-4"}, "badArgument"),
        ({**LIST, "from": "20261104"}, "badArgument"),
        ({**LIST, "from": "2026-11-24T00:00:00Z"}, "badArgument"),
        ({**LIST, "from": "2026-02-30"}, "badArgument"),
        ({**LIST, "from": "2026-11-25", "until": "2026-11-24"}, "badArgument"),
        ({**LIST, "from": "2005-09-15"}, "badArgument"),
        ({**LIST, "until": "2026-12-01"}, "badArgument"),
        ({**LIST, "page": "2"}, "badArgument"),
        ({**LIST, "from": "2026-11-20", "until": "2026-11-22"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "abc"}, "badResumptionToken"),
        ({**LIST, "resumptionToken": "abc"}, "badArgument"),
        ({**LIST, "verb": "GetRecord"}, "badArgument"),
        ({**LIST, "verb": "GetRecord", "identifier": "2611.00001"}, "idDoesNotExist"),
        ({**LIST, "verb": "GetRecord", "identifier": "oai:arXiv.org:2611.9"}, "idDoesNotExist"),
        ({"verb": "Identify", "set": "cs"}, "badArgument"),
    ],
)
async def test_errors_are_those_of_the_protocol(
    ask: Asking, arguments: dict[str, str], code: str
) -> None:
    assert error(await ask(arguments)) == code


async def test_an_argument_that_comes_twice_is_refused(ask: Asking) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{ask.url}?verb=Identify&verb=Identify")
    assert "<error code='badArgument'>" in response.text


async def test_it_says_who_it_is_and_what_it_speaks(ask: Asking) -> None:
    said = await ask({"verb": "Identify"})
    assert said.findtext(f".//{OAI}granularity") == "YYYY-MM-DD"
    formats = await ask({"verb": "ListMetadataFormats"})
    names = [node.text for node in formats.iter(f"{OAI}metadataPrefix")]
    assert names == ["oai_dc", "arXivRaw"]
    core = await ask({**LIST, "metadataPrefix": "oai_dc"})
    assert core.findtext(".//{http://purl.org/dc/elements/1.1/}creator") == "Ada Lovelace"


@pytest.mark.parametrize(
    ("fault", "left"), [(ArxivFault.EMPTY_PAGE, 0), (ArxivFault.SHORT_PAGE, 1)]
)
async def test_it_can_have_a_bad_day(ask: Asking, fault: ArxivFault, left: int) -> None:
    ask.oai.faults.next(fault)
    assert len(ids(await ask(LIST, **TUESDAY))) == left
    ask.oai.faults.next(ArxivFault.UNAVAILABLE, retry_after="30")
    async with httpx.AsyncClient() as client:
        response = await client.get(ask.url)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")


def test_what_is_typed_holds_no_accent_that_arxiv_knows() -> None:
    typed = as_typed("Çağdaş Čech, Émile, $β_μ$")
    assert typed == "\\c{C}ağdaş \\v{C}ech, \\'{E}mile, $\\beta{}_\\mu{}$"
    assert not re.search("[Çčé]", typed)
