"""Names that are looked up while the system's resolver hangs."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bot.http.client import HttpClient, NoAnswerError
from bot.http.event_loop import Loop


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Let the resolver hang for names that end in `.test`; the fixture is what it was asked."""
    goes_on, real = threading.Event(), socket.getaddrinfo
    asked: list[object] = []

    def hang(host: str, *more: object, **also: object) -> object:
        asked.append(host)
        if str(host).endswith(".test"):
            goes_on.wait(30)
        return real(host, *more, **also)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield asked
    goes_on.set()


def test_a_resolver_that_hangs_holds_up_nothing_else_and_not_the_end(
    asked_for: list[object],
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        looking = [
            asyncio.wait_for(loop.getaddrinfo(f"name{number % 3}.test", 80), 0.5)
            for number in range(30)
        ]
        answers = await asyncio.gather(*looking, return_exceptions=True)
        assert all(isinstance(answer, TimeoutError) for answer in answers)
        with pytest.raises(NoAnswerError):
            await HttpClient(timeout=0.5).get("http://name0.test/")
        assert await asyncio.to_thread(lambda: "done") == "done"
        (found, *_) = await loop.getaddrinfo("127.0.0.1", 80)
        assert found[4] == ("127.0.0.1", 80)

    began = time.monotonic()
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())
    assert time.monotonic() - began < 5
    assert len([name for name in asked_for if str(name).endswith(".test")]) == 3, "one a name"


def test_a_name_that_nobody_has_is_told_to_all_who_asked() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        told = await asyncio.gather(
            *(loop.getaddrinfo("no.such.host.invalid", 80) for _each in range(3)),
            return_exceptions=True,
        )
        assert all(isinstance(error, socket.gaierror) for error in told)

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())
