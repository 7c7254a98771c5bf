import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import arxiv
import httpx
import pytest

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.stand_in import FakeArxiv
from tests.material import shared_data

ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"2505.{number:05}",
        "version": 2,
        "title": f"Paper {number}",
        "abstract": "An abstract.",
        "authors": ["Ada Lovelace", "Adrian Del Maestro"],
        "categories": ["cs.CV"],
        "published": f"2025-05-{number % 28 + 1:02}T12:00:00",
        **changes,
    }


ROWS = [
    row(1, title="GANs for organs", abstract="Adversarial $\\ell_2$ training & more."),
    row(2, title="The organ", abstract="Gaussian splatting of scenes.", categories=["cs.GR"]),
    row(3, title="Splatting Gaussian blobs", comment="CVPR 2025", categories=["cs.CV", "eess.IV"]),
    row(4, title="Vision-language models", authors=["Émile Zola"], journal_ref="J. Foo 5 (2025)"),
    row(5, id="hep-ex/0406020", title="Charm studies", categories=["hep-ex", "I.2.10"]),
]


@pytest.fixture
async def stand_in() -> AsyncIterator[FakeArxiv]:
    box = FakeArxiv(ROWS)
    yield box
    await box.stop()


async def ask(url: str, **arguments: object) -> httpx.Response:
    async with httpx.AsyncClient(timeout=5) as client:
        return await client.get(url, params={name: str(value) for name, value in arguments.items()})


def found(response: httpx.Response) -> list[str]:
    root = ET.fromstring(response.text)  # noqa: S314 - our own
    addresses = [node.text or "" for node in root.findall(f"{ATOM}entry/{ATOM}id")]
    return [re.sub(r"v\d+$", "", address.partition("/abs/")[2]) for address in addresses]


def total(response: httpx.Response) -> int:
    root = ET.fromstring(response.text)  # noqa: S314 - our own
    return int(root.findtext(f"{OPENSEARCH}totalResults") or -1)


ONE, TWO, THREE, FOUR, FIVE = "2505.00001", "2505.00002", "2505.00003", "2505.00004", ROWS[4]["id"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ti:GAN", {ONE}),
        ("ti:gan", {ONE}),
        ("ti:organ", {ONE, TWO}),
        ("ti:organs", {ONE, TWO}),
        ("ti:orga*", {ONE, TWO}),
        ("ti:splat", {THREE}),
        ('abs:"gaussian splatting"', {TWO}),
        ('all:"gaussian splatting"', {TWO}),
        ("all:gaussian AND all:splatting", {TWO, THREE}),
        ("splatting", {TWO, THREE}),
        ("ti:splatting ti:organ", {ONE, TWO, THREE}),
        ("ti:(splatting organ)", {ONE, TWO, THREE}),
        ("all:splatting ANDNOT cat:cs.GR", {THREE}),
        ("ti:organ OR ti:studies AND cat:hep-ex", {ONE, TWO, FIVE}),
        ("(ti:organ OR ti:studies) AND cat:hep-ex", {FIVE}),
        ("cat:cs.*", {ONE, TWO, THREE, FOUR}),
        ("cat:eess.IV", {THREE}),
        ("cat:cs", set()),
        ("cat:cs.cv", {ONE, THREE, FOUR}),
        ("au:del_maestro", {ONE, TWO, THREE, FIVE}),
        ('au:"Del Maestro"', {ONE, TWO, THREE, FIVE}),
        ("au:zola_e", set()),
        ("au:zola_émile", {FOUR}),
        ("au:émile", {FOUR}),
        ("au:lovelace_maestro", set()),
        ("co:CVPR", {THREE}),
        ('jr:"foo 5"', {FOUR}),
        ("id:2505.00002v2", {TWO}),
        ("id:2505.00002v1", set()),
        ("ti:vision-language", {FOUR}),
        ("ti:the", set()),
        ("submittedDate:[202505020000 TO 202505031200]", {ONE, TWO}),
        ("submittedDate:[202505020000 TO 202505031159]", {ONE}),
        ("submittedDate:[20250503 TO 20250504]", {TWO, THREE}),
        ("lastUpdatedDate:[20250503 TO 20250504] AND cat:cs.CV", {THREE}),
        ("cat:cs.CV AND submittedDate:[19910101 TO 19920101]", set()),
    ],
)
async def test_a_query_finds_what_arxiv_would(
    stand_in: FakeArxiv, query: str, expected: set[str]
) -> None:
    response = await ask(await stand_in.start(), search_query=query)
    assert response.status_code == 200
    assert set(found(response)) == expected
    assert total(response) == len(expected)


INTERNAL = (
    "The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application."
)
NEITHER = "Either a search_query or id_list must be specified for the classic API."


@pytest.mark.parametrize(
    ("arguments", "status", "message", "fragment"),
    [
        ({"id_list": "abc"}, 400, "incorrect id format for abc", "incorrect_id_format_for_abc"),
        (
            {"id_list": "2505.00001,nosuch/0000001"},
            400,
            "incorrect id format for nosuch/0000001",
            "incorrect_id_format_for_nosuch/0000001",
        ),
        ({"id_list": f"{ONE},"}, 400, "incorrect id format for ", "incorrect_id_format_for_"),
        ({}, 400, NEITHER, ""),
        ({"search_query": "ti:"}, 400, NEITHER, ""),
        ({"search_query": "ti:(a"}, 400, "Invalid query string: '(ti:a'", ""),
        ({"search_query": "ti:a)"}, 400, "Invalid query string: 'ti:a)'", ""),
        ({"search_query": "AND ti:a"}, 400, "Invalid query string: 'AND ti:a'", ""),
        ({"search_query": "submittedDate:[then TO now]"}, 500, INTERNAL, ""),
        ({"search_query": "submittedDate:[20259999 TO 20260101]"}, 500, INTERNAL, ""),
        ({"search_query": "ti:*a"}, 500, INTERNAL, ""),
        ({"search_query": "ANDNOT ti:a AND ti:b"}, 500, INTERNAL, ""),
        ({"search_query": "a", "max_results": "0"}, 500, INTERNAL, ""),
        ({"search_query": "ti:a)", "max_results": "0"}, 400, "Invalid query string: 'ti:a)'", ""),
        (
            {"search_query": "a", "start": "x"},
            400,
            "start must be an integer",
            "start_must_be_an_integer",
        ),
        (
            {"search_query": "a", "max_results": ""},
            400,
            "max_results must be an integer",
            "max_results_must_be_an_integer",
        ),
        (
            {"search_query": "a", "max_results": "-1"},
            400,
            "max_results must be non-negative",
            "max_results_must_be_non-negative",
        ),
        (
            {"search_query": "a", "sortBy": "x"},
            400,
            "sortBy must be in: relevance, lastUpdatedDate, submittedDate",
            "sort",
        ),
        (
            {"search_query": "a", "sortOrder": "x"},
            400,
            "sortOrder must be in: ascending, descending",
            "sort",
        ),
    ],
)
async def test_what_arxiv_refuses_is_answered_with_its_error_entry(
    stand_in: FakeArxiv, arguments: dict[str, str], status: int, message: str, fragment: str
) -> None:
    response = await ask(await stand_in.start(), **arguments)
    root = ET.fromstring(response.text)  # noqa: S314 - our own
    (entry,) = root.findall(f"{ATOM}entry")
    assert response.status_code == status
    assert entry.findtext(f"{ATOM}title") == "Error"
    place = entry.findtext(f"{ATOM}id") or ""
    assert place.partition("#")[::2] in {
        ("https://arxiv.org/api/errors", fragment),
        ("https://arxiv.org/help/api/user-manual", fragment),
    }
    assert (entry.findtext(f"{ATOM}summary") or "").startswith(message)


async def test_pages_deeper_than_10_000_fail(stand_in: FakeArxiv) -> None:
    url = await stand_in.start()
    for start, status in (("8000", 200), ("8001", 500), ("29000", 500)):
        response = await ask(url, search_query="ti:a", start=start, max_results="2000")
        assert response.status_code == status


async def test_the_package_that_everybody_uses_reads_it(stand_in: FakeArxiv) -> None:
    url = await stand_in.start()

    def read() -> list[Any]:
        client = arxiv.Client(page_size=2, delay_seconds=0, num_retries=0)
        client.query_url_format = url + "?{}"
        return list(client.results(arxiv.Search("all:abstract OR cat:cs.*", max_results=None)))

    results = await asyncio.to_thread(read)
    assert len(results) == len(stand_in.requests) + 2 == 5
    one = next(result for result in results if result.get_short_id() == "2505.00001v2")
    assert (one.title, one.summary) == (ROWS[0]["title"], ROWS[0]["abstract"])
    assert [author.name for author in one.authors] == ROWS[0]["authors"]
    assert (one.primary_category, one.categories) == ("cs.CV", ["cs.CV"])
    assert one.published == datetime(2025, 5, 2, 12, tzinfo=UTC)
    assert one.pdf_url == "https://arxiv.org/pdf/2505.00001v2"
    three = next(result for result in results if result.get_short_id() == "2505.00003v2")
    assert three.comment == "CVPR 2025"


async def test_pages_orders_and_limits_are_arxivs() -> None:
    box = FakeArxiv([row(number) for number in range(2500)])
    url = await box.start()
    try:
        assert len(found(await ask(url, search_query="cat:cs.CV"))) == 10
        large = await ask(url, search_query="cat:cs.CV", max_results=2000)
        assert (len(found(large)), total(large)) == (2000, 2500)
        rest = await ask(url, search_query="cat:cs.CV", start=2000, max_results=2000)
        assert (len(found(rest)), total(rest)) == (500, 2500)
        assert not set(found(rest)) & set(found(large))
        assert found(await ask(url, search_query="cat:cs.CV", start=2500)) == []
        some = {"search_query": "ti:paper", "max_results": 50, "sortBy": "submittedDate"}
        rising = found(await ask(url, **some, sortOrder="ascending"))
        falling = found(await ask(url, **some, sortOrder="descending"))
        assert (rising, falling) == (box.ids[:50], box.ids[::-1][:50])
        assert found(await ask(url, **some | {"sortBy": "relevance"})) not in (rising, falling)
    finally:
        await box.stop()


async def test_ids_are_looked_up_also_together_with_a_query(stand_in: FakeArxiv) -> None:
    url = await stand_in.start()
    wanted = f"{ONE},{FIVE},0808.05394"
    assert set(found(await ask(url, id_list=wanted))) == {ONE, FIVE}
    assert found(await ask(url, id_list=wanted, search_query="cat:hep-ex")) == [FIVE]


@pytest.mark.parametrize(
    ("ids", "versions"),
    [
        (ONE, [f"{ONE}v2"]),
        (f"{ONE}v1", [f"{ONE}v1"]),
        (f"{ONE}v3", []),
        (f"{ONE}v1,{ONE}", [f"{ONE}v1", f"{ONE}v2"]),
        (f" {ONE}", []),
        (f"arXiv:{ONE}", []),
    ],
)
async def test_an_id_means_its_version(stand_in: FakeArxiv, ids: str, versions: list[str]) -> None:
    response = await ask(await stand_in.start(), id_list=ids)
    assert response.status_code == 200
    root = ET.fromstring(response.text)  # noqa: S314 - our own
    places = [node.text or "" for node in root.findall(f"{ATOM}entry/{ATOM}id")]
    assert sorted(place.partition("/abs/")[2] for place in places) == versions


async def test_the_title_of_a_feed_is_the_query_as_arxiv_read_it(stand_in: FakeArxiv) -> None:
    url = await stand_in.start()
    for asked, read in (
        ("cat:cs.CV AND ti:organ", "cat:cs.CV AND ti:organ"),
        ("ti:(splatting organ)", "(ti:splatting OR ti:organ)"),
        ("lastUpdatedDate:[2025 TO 2025]", 'submittedDate:"202501010000 TO 202512312359"'),
    ):
        root = ET.fromstring((await ask(url, search_query=asked)).text)  # noqa: S314 - our own
        title = f"arXiv Query: search_query={read}&id_list=&start=0&max_results=10"
        assert root.findtext(f"{ATOM}title") == title


async def test_dates_are_moved_by_whole_days_to_look_fresh() -> None:
    newest = datetime(2026, 11, 24, 9, tzinfo=UTC)
    moved, still = FakeArxiv(ROWS, newest=newest), FakeArxiv(ROWS)
    assert moved.ids == still.ids
    url = await moved.start()
    try:
        since = "submittedDate:[202611230900 TO 202611240900]"
        assert found(await ask(url, search_query=since)) == [FIVE]
        everything = "submittedDate:[20261118 TO 20261124]"
        assert total(await ask(url, search_query=everything)) == len(ROWS)
    finally:
        await moved.stop()


async def test_papers_held_back_are_announced_with_todays_date() -> None:
    box = FakeArxiv(ROWS, hold_back=3)
    url = await box.start()
    try:
        assert box.ids == [ONE, TWO]
        assert found(await ask(url, id_list=THREE)) == []
        assert (box.announce(1), len(box._held_back)) == ([FIVE], 2)
        today = datetime.now(UTC) - timedelta(minutes=5)
        span = f"submittedDate:[{today:%Y%m%d%H%M} TO 209901010000]"
        assert found(await ask(url, search_query=span)) == [FIVE]
        assert (box.announce(), box.announce()) == ([THREE, FOUR], [])
        assert set(found(await ask(url, search_query=span))) == {THREE, FOUR, FIVE}
    finally:
        await box.stop()


async def test_the_sample_that_is_shipped_is_served() -> None:
    box = FakeArxiv(newest=datetime.now(UTC), hold_back=5)
    url = await box.start()
    try:
        day = datetime.now(UTC) - timedelta(days=60)
        span = f"submittedDate:[{day:%Y%m%d%H%M} TO 209901010000]"
        response = await ask(url, search_query=span, max_results=100)
        assert len(found(response)) == len(box.ids) >= 24
        assert len(box._held_back) == 5
    finally:
        await box.stop()


async def test_recorded_feeds_are_replayed_and_broken_ones_left_out(tmp_path: Path) -> None:
    box = FakeArxiv(feeds=shared_data("atom"))
    assert {"hep-ex/0406020", "astro-ph/0601001", "1605.08386", "2202.12139"} <= set(box.ids)
    assert len(box.ids) == len(set(box.ids)) > 100
    (tmp_path / "broken.xml").write_text("<feed>", encoding="utf-8")
    assert FakeArxiv(feeds=tmp_path).ids == []


async def test_whoever_asks_too_fast_is_refused(stand_in: FakeArxiv) -> None:
    stand_in.min_delay = 1.5
    url = await stand_in.start()
    assert (await ask(url, id_list=ONE)).status_code == 200
    assert (await ask(url, id_list=ONE)).status_code == 429
    await asyncio.sleep(1.51)
    assert (await ask(url, id_list=ONE)).status_code == 200


async def test_the_log_tells_how_it_was_asked(stand_in: FakeArxiv) -> None:
    await ask(await stand_in.start(), search_query='ti:"a b"', start=3)
    (asked,) = stand_in.requests
    assert asked.arguments == {"search_query": 'ti:"a b"', "start": "3"}
    assert asked.user_agent.startswith("python-httpx")
    assert (asked.status, asked.until is not None and asked.until >= asked.at) == (200, True)


async def test_arxiv_can_be_down(stand_in: FakeArxiv) -> None:
    url = await stand_in.start()
    stand_in.down = True
    assert (await ask(url, id_list=ONE)).status_code == 503
    stand_in.down = False
    assert found(await ask(url, id_list=ONE)) == [ONE]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ArxivFault.HANG, httpx.ReadTimeout),
        (ArxivFault.RESET, httpx.ReadError),
        (ArxivFault.CUT_OFF, httpx.NetworkError),
        (ArxivFault.SLOW, httpx.NetworkError),
    ],
)
async def test_a_connection_fails_as_it_is_told(
    stand_in: FakeArxiv, fault: ArxivFault, error: type[Exception]
) -> None:
    url = await stand_in.start()
    stand_in.faults.next(fault)
    async with httpx.AsyncClient(timeout=1) as client:
        call = asyncio.ensure_future(client.get(url, params={"id_list": ONE}))
        if fault is ArxivFault.SLOW:
            await asyncio.sleep(1.5)
            assert not call.done()
            await stand_in.stop()
            with pytest.raises(httpx.TransportError):
                await call
        else:
            with pytest.raises(error):
                await call
            assert (await ask(url, id_list=ONE)).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "entries", "says"),
    [
        (ArxivFault.TOO_MANY_REQUESTS, 429, None, None),
        (ArxivFault.UNAVAILABLE, 503, None, None),
        (ArxivFault.BROKEN, 500, None, None),
        (ArxivFault.HTML, 200, None, None),
        (ArxivFault.TRUNCATED, 200, None, None),
        (ArxivFault.ILL_FORMED_ENTRY, 200, None, None),
        (ArxivFault.ERROR_ENTRY, 200, 1, 1),
        (ArxivFault.NOTHING, 200, 0, 0),
        (ArxivFault.EMPTY_PAGE, 200, 0, 4),
        (ArxivFault.SHORT_PAGE, 200, 2, 4),
        (ArxivFault.REPEATED_PAGE, 200, 4, 4),
        (ArxivFault.BAD_ENTRY, 200, 4, 4),
    ],
)
async def test_an_answer_fails_as_it_is_told(
    stand_in: FakeArxiv,
    fault: ArxivFault,
    status: int,
    entries: int | None,
    says: int | None,
) -> None:
    url = await stand_in.start()
    stand_in.faults.next(fault, retry_after="7")
    response = await ask(url, search_query="cat:cs.*")
    assert (response.status_code, response.headers["Retry-After"]) == (status, "7")
    if entries is None:
        with pytest.raises((ET.ParseError, AssertionError)):
            assert total(response) >= 0
    else:
        root = ET.fromstring(response.text)  # noqa: S314 - our own
        assert len(root.findall(f"{ATOM}entry")) == entries
        assert int(root.findtext(f"{OPENSEARCH}totalResults") or -1) == says
    assert len(found(await ask(url, search_query="cat:cs.*"))) == 4


async def test_the_same_seed_gives_the_same_bad_luck() -> None:
    async def luck(seed: int) -> list[int]:
        box = FakeArxiv(ROWS, seed=seed)
        box.faults.sometimes(ArxivFault.BROKEN, probability=0.5)
        url = await box.start()
        try:
            return [(await ask(url, id_list=ONE)).status_code for _ in range(12)]
        finally:
            await box.stop()

    first = await luck(1)
    assert set(first) == {200, 500}
    assert first == await luck(1)
    assert first != await luck(2)
