"""Blocking packages kept within bounds: real threads, real servers."""

import asyncio
import gc
import gzip
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from bot.http import deadline
from bot.http.client import (
    Answer,
    Bounds,
    NoAnswerError,
    Threads,
    TimedOutError,
    TooLargeError,
    exchange,
)
from bot.http.deadline import Session
from tests.raw_http import SLOW, Serve, endless, saying


async def asked(url: str, *, seconds: float = 5.0, **what: Any) -> Answer:
    """Ask in a thread, as the packages do."""
    bounds = Bounds(
        connect=1, ends_at=time.monotonic() + seconds, **{"most_bytes": 1_000_000, **what}
    )

    def call() -> Answer:
        with Session() as session:
            return exchange(session, "GET", url, bounds=bounds)

    return await Threads(at_once=1).run(call)


async def test_an_answer_comes_whole_whatever_its_status(serve_raw: Serve) -> None:
    answer = await asked(await serve_raw(saying("503 Busy", b"{}", "retry-after: 7")))
    assert (answer.status, answer.json(), answer.retry_after) == (503, {}, 7)


@pytest.mark.parametrize("kind", SLOW)
async def test_no_server_outlives_the_deadline(kind: str, serve_raw: Serve) -> None:
    url = await serve_raw(SLOW[kind])
    began = time.monotonic()
    with pytest.raises(TimedOutError):
        await asked(url, seconds=0.3)
    assert time.monotonic() - began < 5


async def test_the_deadline_holds_for_a_connection_that_is_used_again(serve_raw: Serve) -> None:
    url = await serve_raw(saying("200 OK", b"{}"))
    with Session() as session:
        for _ in range(2):
            bounds = Bounds(connect=1, ends_at=time.monotonic() + 5, most_bytes=100)
            ask = partial(exchange, session, "GET", url, bounds=bounds)
            answer = await Threads(at_once=1).run(ask)
            assert answer.body == b"{}"


async def test_the_body_of_a_redirect_is_not_read(serve_raw: Serve) -> None:
    there = await serve_raw(saying("200 OK", b"there"))
    head = f"HTTP/1.1 302 Found\r\nLocation: {there}\r\n\r\n".encode()
    url = await serve_raw(endless(b"x" * 100_000, pause=0, head=head))
    began = time.monotonic()
    assert (await asked(url, seconds=30)).body == b"there"
    assert time.monotonic() - began < 10


async def test_a_server_may_be_slow_within_the_deadline_but_not_silent(serve_raw: Serve) -> None:
    url = await serve_raw(endless(b"x", pause=1))
    began = time.monotonic()
    with pytest.raises(TimedOutError):
        await asked(url, seconds=60, silence=0.2)
    assert time.monotonic() - began < 5


async def test_nothing_is_asked_after_the_deadline() -> None:
    with pytest.raises(TimedOutError):
        await asked("http://127.0.0.1:1", seconds=0)


@pytest.fixture
def silent_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the system's look-up of names hang."""
    goes_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: goes_on.wait(30) and [])
    yield
    goes_on.set()


@pytest.mark.usefixtures("silent_resolver")
@pytest.mark.parametrize("proxy", [None, "http://proxy.test:1", "socks5h://proxy.test:1"])
async def test_no_look_up_of_a_name_outlives_the_deadline(
    proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if proxy is not None:
        monkeypatch.setenv("HTTP_PROXY", proxy)
    began = time.monotonic()
    with pytest.raises(NoAnswerError):
        await asked("http://name.test/", seconds=0.3)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("silent_resolver")
async def test_look_ups_that_hang_are_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_CONNECTING", threading.BoundedSemaphore(3))
    for _each in range(6):
        with pytest.raises(TimedOutError):
            await asked("http://name.test/", seconds=0.1)
    assert sum(thread.name == "connecting" for thread in threading.enumerate()) <= 3


async def test_a_huge_answer_is_cut_off(serve_raw: Serve) -> None:
    url = await serve_raw(endless(b"x" * 100_000, pause=0))
    with pytest.raises(TooLargeError, match="more than 1,000,000 bytes"):
        await asked(url, seconds=30)


async def test_a_gzip_bomb_is_measured_as_it_unfolds(serve_raw: Serve) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    url = await serve_raw(saying("200 OK", bomb, "Content-Encoding: gzip"))
    with pytest.raises(TooLargeError):
        await asked(url)
    packed = gzip.compress(b" " * 900_000)
    url = await serve_raw(saying("200 OK", packed, "Content-Encoding: gzip"))
    assert len((await asked(url)).body) == 900_000


async def test_an_address_where_nobody_answers_is_told_without_the_address() -> None:
    for url in ("http://127.0.0.1:1/?key=sesame", "sesame", "http://sesame.invalid"):
        with pytest.raises(NoAnswerError) as caught:
            await asked(url)
        assert caught.value.__context__ is None
        assert "sesame" not in "".join(traceback.format_exception(caught.value))


async def test_whoever_waits_can_end_an_answer_between_two_packets(serve_raw: Serve) -> None:
    url = await serve_raw(endless(b"x", pause=0.01))
    bounds = Bounds(connect=1, ends_at=time.monotonic() + 60, most_bytes=1_000_000)

    def give_up() -> None:
        raise KeyError

    def call() -> Answer:
        with Session() as session:
            return exchange(session, "GET", url, bounds=bounds, go_on=give_up)

    with pytest.raises(KeyError):
        await Threads(at_once=1).run(call)


def blocked_by(event: threading.Event) -> Callable[[], str]:
    def call() -> str:
        assert event.wait(20)
        return "done"

    return call


async def test_calls_return_and_raise_what_they_do_in_their_thread() -> None:
    threads = Threads(at_once=2)
    assert await threads.run(lambda: "done") == "done"
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    assert await threads.run(lambda: threading.current_thread().daemon)


async def test_no_more_calls_than_agreed_run_at_once() -> None:
    now, most = 0, 0
    lock = threading.Lock()

    def call() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    threads = Threads(at_once=3)
    await asyncio.gather(*(threads.run(call) for _ in range(30)))
    assert most == 3


async def test_a_place_is_free_when_its_call_has_ended_however_early_the_caller_gave_up() -> None:
    threads, event = Threads(at_once=1), threading.Event()
    with pytest.raises(TimeoutError):
        await threads.run(blocked_by(event), seconds=0.05)
    with pytest.raises(TimeoutError):
        await threads.run(lambda: "next", seconds=0.05)
    waiting = asyncio.create_task(threads.run(lambda: "next"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    event.set()
    assert await asyncio.wait_for(waiting, 5) == "next"


async def test_what_a_call_raises_after_the_caller_gave_up_is_nobodys_trouble() -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: told.append(what))
    threads, event = Threads(at_once=1), threading.Event()

    def fail() -> None:
        event.wait(20)
        raise KeyError

    with pytest.raises(TimeoutError):
        await threads.run(fail, seconds=0.05)
    event.set()
    assert await threads.run(lambda: "next") == "next"
    gc.collect()
    assert told == []


def test_a_call_that_hangs_keeps_no_process_from_ending() -> None:
    program = (
        "import asyncio, time\n"
        "from bot.http.client import Threads\n"
        "async def main():\n"
        "    try:\n"
        "        await Threads(at_once=1).run(lambda: time.sleep(600), seconds=0.1)\n"
        "    except TimeoutError:\n"
        "        print('given up')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("given up\n", "")
