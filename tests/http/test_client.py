"""The HTTP client against real servers, which send whatever bytes a test wants."""

import asyncio
import gzip
import json
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.http.client import (
    Answer,
    HttpClient,
    NoAnswerError,
    TimedOutError,
    TooLargeError,
    retry_after,
)
from tests.raw_http import SLOW, Behaviour, Serve, saying


@pytest.mark.parametrize("status", [200, 404, 429, 500])
async def test_an_answer_comes_whole_whatever_its_status(status: int, serve_raw: Serve) -> None:
    url = await serve_raw(saying(f"{status} Word", b'{"a": [1]}', "X-Left: 3"))
    answer = await HttpClient(timeout=5).get(url)
    assert (answer.status, answer.body, answer.headers["x-left"]) == (status, b'{"a": [1]}', "3")
    assert answer.json() == {"a": [1]}


async def test_every_question_names_the_project_and_carries_its_headers(serve_raw: Serve) -> None:
    seen: list[bytes] = []

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request.lower())
        await saying("200 OK", b"{}")(request, writer)

    client = HttpClient(timeout=5, headers={"X-Key": "sesame"})
    url = await serve_raw(behave)
    await client.get(f"{url}/papers")
    await client.post(f"{url}/translate", {"text": "a"})
    assert seen[0].startswith(b"get /papers http/1.1\r\n")
    assert seen[1].startswith(b"post /translate http/1.1\r\n")
    for request in seen:
        assert b"\r\nuser-agent: paperboy-bot/" in request
        assert b"\r\nx-key: sesame\r\n" in request


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW)
async def test_no_server_outlives_the_deadline(behaviour: Behaviour, serve_raw: Serve) -> None:
    url = await serve_raw(behaviour)
    began = time.monotonic()
    with pytest.raises(TimedOutError):
        await HttpClient(timeout=0.3).get(url)
    assert time.monotonic() - began < 5


async def test_an_answer_without_end_is_cut_off_after_a_million_bytes(serve_raw: Serve) -> None:
    sent = 0

    async def flood(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    url = await serve_raw(flood)
    with pytest.raises(TooLargeError, match="more than 1,000,000 bytes"):
        await HttpClient(timeout=30).get(url)
    # What the sockets held in between comes on top.
    assert sent < 20_000_000


async def test_an_answer_of_a_million_bytes_is_taken(serve_raw: Serve) -> None:
    url = await serve_raw(saying("200 OK", b"x" * 1_000_000))
    assert len((await HttpClient(timeout=30).get(url)).body) == 1_000_000


async def test_a_gzip_bomb_is_not_unpacked(serve_raw: Serve) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    url = await serve_raw(saying("200 OK", bomb, "Content-Encoding: gzip"))
    answer = await HttpClient(timeout=30).get(url)
    assert answer.body == bomb
    with pytest.raises(ValueError, match="decode"):
        answer.json()


async def test_a_redirect_is_not_followed(serve_raw: Serve) -> None:
    asked: list[bytes] = []

    async def elsewhere(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        await saying("200 OK", b"{}")(request, writer)

    url = await serve_raw(saying("302 Found", b"", f"Location: {await serve_raw(elsewhere)}/"))
    assert (await HttpClient(timeout=5).get(url)).status == 302
    assert (await HttpClient(timeout=5).post(url, {})).status == 302
    assert asked == []


async def test_each_question_has_a_connection_that_ends_with_it(serve_raw: Serve) -> None:
    ended = asyncio.Event()

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        await saying("200 OK", b"{}")(request, writer)
        await writer.drain()
        with suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        ended.set()

    url = await serve_raw(behave)
    assert (await HttpClient(timeout=5).get(url)).status == 200
    async with asyncio.timeout(5):
        await ended.wait()


async def test_a_cancelled_question_does_not_harm_the_next(serve_raw: Serve) -> None:
    hang = True

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        await (SLOW["dripping body"] if hang else saying("200 OK"))(request, writer)

    client, url = HttpClient(timeout=30), await serve_raw(behave)
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get(url), 0.02)
    hang = False
    assert (await client.get(url)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/?key=sesame",
        "http://sesame.invalid",
        "http://sesame:99999",
        "sesame",
        "ftp://sesame",
    ],
)
async def test_an_address_where_nobody_answers_is_told_without_the_address(url: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        await HttpClient(timeout=5).get(url)
    assert caught.value.__context__ is None
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", b"[" * 100, b'"' + b'\\"' * 100_000, "[]".encode("utf-16")],
)
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|decode|Unterminated"):
        Answer(200, {}, body).json()


@pytest.mark.parametrize("more", [b"[1]" + b", [2]" * 200, b'"]" ' * 200, b"[]" * 200 + b"]" * 99])
def test_what_is_no_json_and_has_many_brackets_is_one_too(more: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra data"):
        Answer(200, {}, b'{"a": ' + more).json()


@pytest.mark.parametrize("inside", [b"", b'"]}"', b'{"[": "\\"]"}, {"a": [[]]}', b"[1], [[2]]"])
def test_json_is_read_if_it_is_nested_100_times_at_most(inside: bytes) -> None:
    beside = b"[" + b"[[], []], " * 60
    read = Answer(200, {}, beside + b"[" * 96 + inside + b"]" * 97).json()
    assert len(read) == 61
    with pytest.raises(ValueError, match="nested more than 100 times"):
        Answer(200, {}, beside + b'[{"":' * 50 + inside + b"}]" * 50 + b"]").json()


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"[\\"":', b'"]]",['])
def test_json_nested_without_end_is_not_even_begun(opening: bytes) -> None:
    """The parser would take all of the stack, and finalizers that run meanwhile would fail."""
    with pytest.raises(ValueError, match="nested more than 100 times"):
        Answer(200, {}, b"[" + opening * 100_000).json()


@pytest.mark.parametrize(
    "said",
    [
        [[]] * 100_000,
        {"text": '[{"' * 1_000, "more": [{"a": [1, "\\"]}] * 200},
        [["[" * 200 + "\\"], ["{" * 200]],
    ],
)
def test_json_that_is_only_long_is_read(said: object) -> None:
    assert Answer(200, {}, b"\xef\xbb\xbf" + json.dumps(said).encode()).json() == said


async def test_retry_after_in_seconds_is_read(serve_raw: Serve) -> None:
    url = await serve_raw(saying("503 Busy", b"", "Retry-After: 120"))
    assert (await HttpClient(timeout=5).get(url)).retry_after == 120


async def test_retry_after_as_a_date_is_read(serve_raw: Serve) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=30)
    url = await serve_raw(saying("429 Busy", b"", f"Retry-After: {format_datetime(moment, True)}"))
    seconds = (await HttpClient(timeout=5).get(url)).retry_after
    assert seconds is not None
    assert 1700 < seconds <= 1800


async def test_an_answer_that_asks_for_no_patience_has_none(serve_raw: Serve) -> None:
    assert (
        await HttpClient(timeout=5).get(await serve_raw(saying("429 Busy")))
    ).retry_after is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("99999999999999999999", 1e20),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("\u0663", None),
        ("9" * 400, None),
        ("Thu, 99 Foo 2026", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
    ],
)
def test_retry_after_says_seconds_or_nothing(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds
