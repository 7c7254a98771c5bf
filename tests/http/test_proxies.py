"""Proxies of every kind, for all that leaves the process: Telegram, blocking packages, engines."""

import asyncio
import gc
import os
import ssl
import subprocess
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from telegram.error import TelegramError

from bot.http.authorities import authorities
from bot.http.client import Bounds, HttpClient, NoAnswerError, Threads, TimedOutError, exchange
from bot.http.deadline import Session
from bot.http.proxies import normalised, proxy_for, use, without_password
from bot.telegram.http_transport import Limits, transport
from tests.proxy_servers import PASSWORD, USER, Ask, proxy_server
from tests.raw_http import SLOW, Serve, saying

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
KINDS = [("http", False), ("http", True), ("socks5", False), ("socks5", True)]
ANSWER = saying("200 OK", b'{"ok": true, "result": true}', "Content-Type: application/json")


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Begin without proxies, and leave behind what was there."""
    before = dict(os.environ)
    for name in NAMES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    yield
    os.environ.clear()
    os.environ.update(before)


async def _telegram(url: str) -> int:
    limits = Limits(connections=2, connect=5, read=5)
    async with transport(limits, url=url) as request:
        status, _body = await request.do_request(f"{url}/bot1:a/getMe", "POST")
    return status


async def _blocking(url: str, seconds: float = 5) -> int:
    bounds = Bounds(connect=5, ends_at=time.monotonic() + seconds, most_bytes=1_000)

    def call() -> int:
        with Session() as session:
            return exchange(session, "GET", url, bounds=bounds).status

    return await Threads(at_once=1).run(call)


async def _engines(url: str) -> int:
    return (await HttpClient(timeout=5).get(url)).status


WAYS: dict[str, Ask] = {"Telegram": _telegram, "packages": _blocking, "engines": _engines}


def _named(url: str, name: str = "far.away.test") -> str:
    """Return an address of this machine under a name that only the proxy can look up."""
    return url.replace("127.0.0.1", name)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "wants_password"), KINDS)
async def test_everything_is_asked_through_the_proxy(
    serve_raw: Serve, way: str, kind: str, *, wants_password: bool
) -> None:
    url = await serve_raw(ANSWER)
    async with proxy_server(kind, wants_password=wants_password) as proxy:
        use({"all_proxy": normalised(proxy.url)})
        assert await WAYS[way](_named(url)) == 200
    assert [host for host, _port in proxy.asked] == ["far.away.test"]


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=far.away.test"]
    words += ["-addext", "subjectAltName=DNS:far.away.test", "-days", "1"]
    where = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *words, *where], check=True, capture_output=True)  # noqa: S603, S607
    return key, certificate


@pytest.fixture
def reads_authorities_anew() -> Iterator[None]:
    """They are read once for the process, which other tests share."""
    authorities.cache_clear()
    yield
    authorities.cache_clear()


@pytest.mark.usefixtures("reads_authorities_anew")
@pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate")
@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_an_encrypted_answer_comes_through_a_tunnel(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = await asyncio.to_thread(_certificate, tmp_path)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ANSWER(await reader.readuntil(b"\r\n\r\n"), writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    url = f"https://far.away.test:{server.sockets[0].getsockname()[1]}"
    async with proxy_server(kind) as proxy:
        use({"https_proxy": normalised(proxy.url)})
        for way in WAYS.values():
            assert await way(url) == 200
    server.close()
    assert [host for host, _port in proxy.asked] == ["far.away.test"] * 3


async def _outcome(ask: Ask, url: str) -> str:
    """Return the status, or the error with all that hangs on it."""
    try:
        return str(await ask(url))
    except (TelegramError, NoAnswerError) as error:
        return "".join(traceback.format_exception(error))


# httpcore leaves the connection of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize("way", WAYS)
async def test_no_error_tells_a_password(way: str, kind: str) -> None:
    async with proxy_server(kind, wants_password=True) as proxy:
        use({"all_proxy": normalised(proxy.url.replace(USER, "stranger"))})
        told = await _outcome(WAYS[way], "http://far.away.test")
    assert PASSWORD not in told
    assert proxy.asked == []
    gc.collect()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_no_answer(way: str, scheme: str) -> None:
    use({"all_proxy": normalised(f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:9")})
    with pytest.raises((TelegramError, NoAnswerError)) as caught:
        await WAYS[way]("http://far.away.test")
    assert PASSWORD not in repr(caught.value)


async def test_the_deadline_holds_behind_a_socks_proxy(serve_raw: Serve) -> None:
    url = await serve_raw(SLOW["dripping body"])
    async with proxy_server("socks5") as proxy:
        use({"all_proxy": normalised(proxy.url)})
        began = time.monotonic()
        with pytest.raises(TimedOutError):
            await _blocking(_named(url), seconds=0.3)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_this_machine_is_asked_without(serve_raw: Serve, way: str, name: str) -> None:
    url = _named(await serve_raw(ANSWER), name)
    use({"all_proxy": "http://127.0.0.1:9", "no_proxy": "example.org"})
    assert await WAYS[way](url) == 200
    assert proxy_for("https://api.example.org") is None
    assert proxy_for("https://example.com") == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("proxy.test:3128", "http://proxy.test:3128"),
        ("http://proxy.test", "http://proxy.test"),
        ("https://proxy.test:8443/", "https://proxy.test:8443"),
        ("socks5://u:p@proxy.test:1080", "socks5h://u:p@proxy.test:1080"),
        ("socks5h://[::1]:1080", "socks5h://[::1]:1080"),
    ],
)
def test_what_an_operator_writes(given: str, meant: str) -> None:
    assert normalised(given) == meant
    assert "u:p@" not in without_password(meant)


@pytest.mark.parametrize(
    "given",
    [
        "socks4://proxy.test:1080",
        "socks://a:1",
        "http://:1",
        "socks5://a",
        "http://a:99999",
        "://1",
    ],
)
def test_what_is_no_proxy_is_refused_and_not_quoted(given: str) -> None:
    with pytest.raises(ValueError, match="socks5://") as caught:
        normalised(given)
    assert given not in str(caught.value)


def test_each_scheme_has_its_own_and_all_is_for_the_rest() -> None:
    use({"https_proxy": "http://a.test:1", "all_proxy": "socks5h://b.test:2"})
    assert proxy_for("https://x.test") == "http://a.test:1"
    assert proxy_for("http://x.test") == "socks5h://b.test:2"


def test_a_star_is_no_proxy_for_any_host() -> None:
    use({"all_proxy": "http://a.test:1", "no_proxy": "example.org, *"})
    assert proxy_for("https://x.test") is None


def test_without_a_proxy_nothing_is_changed() -> None:
    before = dict(os.environ)
    use({"http_proxy": None, "no_proxy": "example.org"})
    assert dict(os.environ) == before
    assert proxy_for("https://x.test") is None
