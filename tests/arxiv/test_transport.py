import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.arxiv.session import _may_follow
from bot.arxiv.transport import Access, RefusedError, Transport

KEY = "ak-1f2e3d4c5b6a"

Keys = list[str | None]
Listens = Callable[..., Awaitable[tuple[Keys, int]]]


class Listener(RequestHandler):
    def initialize(self, keys: Keys, elsewhere: str | None) -> None:
        self.keys, self.elsewhere = keys, elsewhere

    def get(self) -> None:
        self.keys.append(self.request.headers.get("Authorization"))
        if self.elsewhere:
            self.redirect(self.elsewhere)
        else:
            self.set_status(403)


@pytest.fixture
async def listen() -> AsyncIterator[Listens]:
    servers: list[HTTPServer] = []

    async def start(host: str, elsewhere: str | None = None) -> tuple[Keys, int]:
        keys: Keys = []
        routes = [("/.*", Listener, {"keys": keys, "elsewhere": elsewhere})]
        servers.append(HTTPServer(Application(routes, log_function=lambda _: None)))
        sockets = bind_sockets(0, host)
        servers[-1].add_sockets(sockets)
        return keys, sockets[0].getsockname()[1]

    yield start
    for server in servers:
        server.stop()
        await server.close_all_connections()


async def ask(url: str, key: str | None = KEY) -> None:
    transport = Transport(url, access=Access(delay_seconds=0, api_key=key), timeout_seconds=5)
    try:
        with pytest.raises(RefusedError):
            await transport.run(lambda: transport.judge(transport.get("a=b")))
    finally:
        transport.close()


async def test_the_key_stands_in_every_request(listen: Listens) -> None:
    keys, port = await listen("127.0.0.1")
    await ask(f"http://127.0.0.1:{port}/api/query")
    assert keys == [f"Bearer {KEY}"]


async def test_without_a_key_nothing_is_sent(listen: Listens) -> None:
    keys, port = await listen("127.0.0.1")
    await ask(f"http://127.0.0.1:{port}/api/query", key=None)
    assert keys == [None]


async def test_the_key_goes_to_no_server_but_arxivs_and_those_of_this_machine(
    listen: Listens,
) -> None:
    keys, port = await listen("127.0.0.2")
    await ask(f"http://127.0.0.2:{port}/api/query")
    assert keys == [None]


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://export.arxiv.org/api/query", True),
        ("https://oaipmh.arxiv.org/oai", True),
        ("https://arxiv.org/oai", True),
        ("http://localhost:8080/oai", True),
        ("http://[::1]:8080/oai", True),
        ("http://export.arxiv.org/api/query", False),
        ("https://export.arxiv.org.example.org/api/query", False),
        ("https://notarxiv.org/oai", False),
        ("https://export.arxiv.org@example.org/oai", False),
        ("https://example.org/?https://arxiv.org", False),
        ("http://localhost.example.org/oai", False),
    ],
)
def test_where_the_key_may_go(url: str, goes: bool) -> None:  # noqa: FBT001 - a column of the table
    transport = Transport(url, access=Access(api_key=KEY), timeout_seconds=5)
    assert (transport.has_key, transport.url) == (goes, url)
    transport.close()


async def test_a_redirect_leads_to_no_other_host(listen: Listens) -> None:
    there, port = await listen("127.0.0.2")
    here, own_port = await listen("127.0.0.1", f"http://127.0.0.2:{port}/api/query")
    await ask(f"http://127.0.0.1:{own_port}/api/query")
    assert (here, there) == ([f"Bearer {KEY}"], [])


@pytest.mark.parametrize(
    ("url", "target", "follows"),
    [
        ("https://export.arxiv.org/api/query?a=b", "https://arxiv.org/api/query", True),
        ("https://oaipmh.arxiv.org/oai", "https://oaipmh.arxiv.org/oai/", True),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b", True),
        ("https://export.arxiv.org/api/query", "http://export.arxiv.org/api/query", False),
        ("https://export.arxiv.org/api/query", "https://arxiv.org.example.org/", False),
        ("https://export.arxiv.org/api/query", "https://user@arxiv.org@example.org/", False),
        ("https://export.arxiv.org/api/query", "http://169.254.169.254/latest", False),
        ("https://export.arxiv.org/api/query", "file:///etc/passwd", False),
        ("https://proxy.example.org/arxiv", "https://arxiv.org/api/query", False),
    ],
)
def test_redirects_are_followed_within_arxiv_over_https_alone(
    url: str, target: str, *, follows: bool
) -> None:
    assert _may_follow(url, target) is follows


async def test_the_key_is_in_no_log_and_no_error(
    listen: Listens, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, port = await listen("127.0.0.1")
    access = Access(delay_seconds=0, api_key=KEY)
    transport = Transport(f"http://127.0.0.1:{port}/", access=access, timeout_seconds=5)
    with pytest.raises(RefusedError) as caught:
        await transport.run(lambda: transport.judge(transport.get("a=b")))
    transport.close()
    assert KEY not in f"{caught.value!s} {caught.value!r} {caplog.text}"
