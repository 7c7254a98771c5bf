import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.code_links.huggingface import (
    BadAnswerError,
    CodeIndex,
    CodeIndexError,
    CodeLinks,
    IndexBusyError,
    IndexDownError,
)
from bot.playground.huggingface import FakeHuggingFace, HuggingFaceFault

KNOWN = "2506.05787"
REPO = "https://github.com/ada/engine"
PAGE = "https://ada.github.io/engine/"


@pytest.fixture
async def hub() -> AsyncIterator[FakeHuggingFace]:
    standing = FakeHuggingFace({KNOWN: {"githubRepo": REPO, "projectPage": PAGE}})
    yield standing
    await standing.stop()


@pytest.fixture
async def index(hub: FakeHuggingFace) -> CodeIndex:
    return CodeIndex(await hub.start(), delay_seconds=0, timeout_seconds=5)


async def looked_up(index: CodeIndex, hub: FakeHuggingFace, **record: Any) -> CodeLinks:
    hub.records[KNOWN] = record
    links = await index.lookup(KNOWN)
    assert links is not None
    return links


async def test_both_kinds_of_link_are_found_and_the_repository_is_the_better_one(
    index: CodeIndex,
) -> None:
    links = await index.lookup(KNOWN)
    assert links == CodeLinks(repository=REPO, project_page=PAGE)
    assert links is not None
    assert links.best == REPO


async def test_a_project_page_alone_is_a_link_too(index: CodeIndex, hub: FakeHuggingFace) -> None:
    links = await looked_up(index, hub, projectPage=PAGE)
    assert links == CodeLinks(repository=None, project_page=PAGE)
    assert links.best == PAGE


@pytest.mark.parametrize("paper", ["2506.99999", "hep-th/9901001"])
async def test_a_paper_that_is_not_indexed_has_no_links(
    index: CodeIndex, hub: FakeHuggingFace, paper: str
) -> None:
    assert await index.lookup(paper) is None
    assert hub.asked == [paper]


async def test_a_paper_without_links_is_known_but_has_none(
    index: CodeIndex, hub: FakeHuggingFace
) -> None:
    assert (await looked_up(index, hub)).best is None


async def test_it_says_who_it_is(index: CodeIndex, hub: FakeHuggingFace) -> None:
    await index.lookup(KNOWN)
    (agent,) = hub.agents
    assert agent.startswith("paperboy-bot/")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://github.com/ada/engine", REPO),
        ("http://www.github.com/ada/engine.git", REPO),
        ("https://github.com/ada/engine/?tab=readme#usage", REPO),
        ("github.com/ada/engine", REPO),
        ("https://gitlab.com/ada/engine", "https://gitlab.com/ada/engine"),
        ("https://github.com/ada", None),
        ("https://github.com/topics/engine", None),
        ("https://example.com/ada/engine", None),
        ("https://github.com.evil.example/ada/engine", None),
        ("https://github.com@evil.example/ada/engine", None),
        ("javascript:alert(1)//github.com/ada/engine", None),
        ("https://github.com/ada/engine' onclick=x", None),
        ("https://github.com/ada/en\ngine", None),
        ("see https://github.com/ada/engine", None),
        ("https://github.com/ada/" + "x" * 400, None),
        ("", None),
        (None, None),
        (7, None),
        ([REPO], None),
        ({"url": REPO}, None),
    ],
)
async def test_a_repository_is_an_owner_and_a_name_or_nothing(
    index: CodeIndex, hub: FakeHuggingFace, given: Any, kept: str | None
) -> None:
    assert (await looked_up(index, hub, githubRepo=given)).repository == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (PAGE, PAGE),
        ("https://ada.example.org/engine?lang=en", "https://ada.example.org/engine?lang=en"),
        ("https://huggingface.co/spaces/ada/demo", "https://huggingface.co/spaces/ada/demo"),
        (REPO, REPO),
        ("https://arxiv.org/abs/2506.05787", None),
        ("https://www.youtube.com/watch?v=x", None),
        ("https://huggingface.co/papers/2506.05787", None),
        ("http://127.0.0.1/admin", None),
        ("http://[::1]/admin", None),
        ("http://localhost:8080/admin", None),
        ("http://intranet/", None),
        ("file:///etc/passwd", None),
        ("data:text/html,<script>", None),
        ("tg://resolve?domain=evil", None),
        ("https://", None),
        ("https://[", None),
        (True, None),
    ],
)
async def test_a_project_page_is_a_public_web_page_or_nothing(
    index: CodeIndex, hub: FakeHuggingFace, given: Any, kept: str | None
) -> None:
    assert (await looked_up(index, hub, projectPage=given)).project_page == kept


@pytest.mark.parametrize(
    "fault",
    [
        HuggingFaceFault.HTML,
        HuggingFaceFault.GARBAGE,
        HuggingFaceFault.NESTED,
        HuggingFaceFault.HUGE,
        HuggingFaceFault.OTHER_PAPER,
        HuggingFaceFault.LIST,
    ],
)
async def test_a_hostile_answer_is_refused(
    index: CodeIndex, hub: FakeHuggingFace, fault: HuggingFaceFault
) -> None:
    hub.faults[KNOWN] = fault
    with pytest.raises(BadAnswerError):
        await index.lookup(KNOWN)
    hub.faults.clear()
    assert await index.lookup(KNOWN)


@pytest.mark.parametrize(
    "fault",
    [
        HuggingFaceFault.UNAVAILABLE,
        HuggingFaceFault.FORBIDDEN,
        HuggingFaceFault.MOVED,
        HuggingFaceFault.RESET,
        HuggingFaceFault.HANG,
        HuggingFaceFault.DRIP,
    ],
)
async def test_a_server_out_of_order_is_told_from_a_paper_without_code(
    hub: FakeHuggingFace, fault: HuggingFaceFault
) -> None:
    index = CodeIndex(await hub.start(), delay_seconds=0, timeout_seconds=0.3)
    hub.fault = fault
    began = time.monotonic()
    with pytest.raises(IndexDownError):
        await index.lookup(KNOWN)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid", "http://a:99999"])
async def test_an_address_where_nobody_answers_is_an_index_that_is_down(url: str) -> None:
    index = CodeIndex(url, delay_seconds=0, timeout_seconds=2)
    with pytest.raises(IndexDownError):
        await index.lookup(KNOWN)


async def test_errors_do_not_repeat_the_address(hub: FakeHuggingFace) -> None:
    address = (await hub.start()).replace("http://", "http://ada:secret@")
    index = CodeIndex(address, delay_seconds=0)
    hub.fault = HuggingFaceFault.UNAVAILABLE
    with pytest.raises(CodeIndexError) as caught:
        await index.lookup(KNOWN)
    assert "secret" not in repr(caught.value) + str(caught.value)


async def test_a_full_quota_is_waited_for_as_long_as_the_server_says(
    index: CodeIndex, hub: FakeHuggingFace
) -> None:
    """Hugging Face tells it in RateLimit alone."""
    hub.quota = 2
    await index.lookup(KNOWN)
    await index.lookup(KNOWN)
    with pytest.raises(IndexBusyError) as caught:
        await index.lookup(KNOWN)
    assert 290 < caught.value.retry_after <= 300
    with pytest.raises(IndexBusyError):
        await index.lookup(KNOWN)
    assert len(hub.asked) == 3


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("120", 120, 120),
        ("0", 0, 0),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True),
            600,
            1800,
            id="in half an hour",
        ),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("99999999", 6 * 3600, 6 * 3600),
        ("9" * 400, 290, 300),
        ("soon", 290, 300),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", 290, 300),
        ("-5", 290, 300),
    ],
)
async def test_retry_after_is_honoured_in_every_form(
    index: CodeIndex, hub: FakeHuggingFace, header: str, low: float, high: float
) -> None:
    hub.retry_after = header
    for fault in (HuggingFaceFault.TOO_MANY_REQUESTS, HuggingFaceFault.UNAVAILABLE):
        fresh = CodeIndex(index.url, delay_seconds=0)
        hub.fault = fault
        with pytest.raises(IndexBusyError) as caught:
            await fresh.lookup(KNOWN)
        assert low <= caught.value.retry_after <= high


async def test_it_is_asked_again_once_its_patience_is_over(
    index: CodeIndex, hub: FakeHuggingFace
) -> None:
    hub.retry_after, hub.fault = "1", HuggingFaceFault.TOO_MANY_REQUESTS
    with pytest.raises(IndexBusyError) as caught:
        await index.lookup(KNOWN)
    hub.fault = None
    await asyncio.sleep(caught.value.retry_after)
    assert await index.lookup(KNOWN)


async def test_questions_keep_their_pace_however_many_ask(hub: FakeHuggingFace) -> None:
    index = CodeIndex(await hub.start(), delay_seconds=0.1)
    began = time.monotonic()
    await asyncio.gather(*(index.lookup(KNOWN) for _ in range(4)))
    assert time.monotonic() - began >= 0.3


async def test_a_cancelled_question_leaves_the_next_one_its_turn(
    index: CodeIndex, hub: FakeHuggingFace
) -> None:
    hub.fault = HuggingFaceFault.HANG
    question = asyncio.create_task(index.lookup(KNOWN))
    await until(lambda: bool(hub.asked))
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    hub.fault = None
    assert await index.lookup(KNOWN)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the fake server calls nobody
            await asyncio.sleep(0.005)
