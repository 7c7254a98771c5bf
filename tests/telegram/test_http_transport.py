"""The transport of the Bot API: what is sent, what is believed, and what is never told."""

import asyncio
import json
import logging
import socket
import ssl
import subprocess
import time
import traceback
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from shutil import which

import pytest
from telegram import Bot, InputFile, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest

from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram, new_token
from bot.telegram.http_transport import (
    LARGEST_ANSWER_BYTES,
    AiohttpRequest,
    Limits,
    NeverSentError,
    NotTelegramError,
)
from bot.telegram.rate_limiter import retry_after_seconds
from tests.raw_http import SLOW, Behaviour, Serve, endless, saying

TOKEN = new_token()
LONG = Limits(connections=2)
SHORT = Limits(connections=2, connect=0.1, read=0.1, write=0.1, write_media=0.1, pool=0.1)
DONE = saying("200 OK", b'{"ok": true, "result": true}', "Content-Type: application/json")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def connected(url: str, limits: Limits = LONG) -> AsyncIterator[Bot]:
    """Open a bot of the library over our transport; it asks nothing by itself."""
    requests = AiohttpRequest(limits), AiohttpRequest(limits)
    bot = Bot(TOKEN, f"{url}/bot", request=requests[0], get_updates_request=requests[1])
    for request in requests:
        await request.initialize()
    yield bot
    for request in requests:
        await request.shutdown()


async def failure_of(request: BaseRequest, url: str) -> TelegramError:
    async with request:
        with pytest.raises(TelegramError) as caught:
            await request.post(f"{url}/bot{TOKEN}/getMe")
    return caught.value


class Listener:
    """An HTTP server that keeps connections open and notes what arrives on which."""

    def __init__(self) -> None:
        self.connections = 0
        self.open = 0
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(length))
                await DONE(head, writer)
        except asyncio.IncompleteReadError:
            self.open -= 1
            writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[tuple[Listener, str]]:
    listening = Listener()
    server = await asyncio.start_server(listening.answer, "127.0.0.1", 0)
    yield listening, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_request_is_json_with_types_of_its_own(listener: tuple[Listener, str]) -> None:
    listening, url = listener
    async with connected(url) as bot:
        await bot.set_my_description("扩散 & <b>\ud83d\ude00</b>", language_code="zh")
        await bot.delete_messages(5, [7, 8])
    assert b"content-type: application/json\r\n" in listening.heads[0]
    assert b"accept-encoding: identity\r\n" in listening.heads[0]
    assert b"user-agent: python-telegram-bot " in listening.heads[0]
    assert [json.loads(body) for body in listening.bodies] == [
        {"description": "扩散 & <b>😀</b>", "language_code": "zh"},
        {"chat_id": 5, "message_ids": [7, 8]},
    ]


async def test_requests_after_each_other_share_a_connection(
    listener: tuple[Listener, str],
) -> None:
    listening, url = listener
    async with connected(url) as bot:
        for _ in range(5):
            await bot.delete_message(5, 7)
        assert listening.connections == 1


async def test_requests_side_by_side_have_connections_up_to_the_limit(
    listener: tuple[Listener, str],
) -> None:
    listening, url = listener
    async with connected(url, Limits(connections=3)) as bot:
        await asyncio.gather(*(bot.delete_message(5, n) for n in range(20)))
    assert listening.connections == 3
    assert len(listening.bodies) == 20


async def test_what_is_shut_down_is_closed_and_can_be_opened_again(
    listener: tuple[Listener, str],
) -> None:
    listening, url = listener
    request = AiohttpRequest(LONG)
    for _ in range(2):
        async with request:
            await request.post(f"{url}/bot{TOKEN}/close")
        await asyncio.sleep(0.05)
        assert listening.open == 0
        await request.shutdown()
    with pytest.raises(NetworkError, match="not initialized"):
        await request.post(f"{url}/bot{TOKEN}/close")


@pytest.mark.parametrize("name", ["papers.md", "扩散模型.md", 'a "b" \\ c.md'])
async def test_a_file_arrives_whole_and_by_its_name(telegram: FakeTelegram, name: str) -> None:
    person = telegram.world.add_person("Ada", "en")
    telegram.send_text(person, person, "hello")
    content = bytes(range(256)) * 8_192  # 2 MB
    request = AiohttpRequest(LONG)
    async with Bot(telegram.token, f"{telegram.url}/bot", request=request) as bot:
        sent = await bot.send_document(
            person.id, InputFile(content, filename=name), caption="<b>é</b>", parse_mode="HTML"
        )
        assert sent.message_id == telegram.from_bot(person)[-1].id
        assert telegram.from_bot(person)[-1].text == "é"
        [stored] = telegram.documents
        assert (stored.name, stored.content) == (name, content)


async def test_a_file_is_read_back_whole(telegram: FakeTelegram) -> None:
    person = telegram.world.add_person("Ada", "en")
    telegram.send_document(person, person, "topics.toml", b"x = 1\n" * 100_000)
    bot = Bot(
        telegram.token,
        f"{telegram.url}/bot",
        f"{telegram.url}/file/bot",
        request=AiohttpRequest(LONG),
    )
    async with bot:
        [stored] = telegram.documents
        file = await bot.get_file(stored.id)
        assert bytes(await file.download_as_bytearray()) == stored.content


async def test_what_telegram_refuses_is_told_in_its_words(telegram: FakeTelegram) -> None:
    person = telegram.world.add_person("Ada", "en")
    telegram.send_text(person, person, "hello")
    bot = Bot(telegram.token, f"{telegram.url}/bot", request=AiohttpRequest(LONG))
    async with bot:
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(
                person.id,
                "hello",
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=ReplyParameters(message_id=99_999),
            )
        telegram.faults.always(faults.flood(7), method="sendMessage")
        with pytest.raises(RetryAfter) as flood:
            await bot.send_message(person.id, "hello")
        assert retry_after_seconds(flood.value) == 7


GARBLED: dict[str, Behaviour] = {
    "reset": saying(""),
    "no HTTP": endless(b"\x16\x03\x01", pause=0, head=b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"),
    "two lengths": saying("200 OK", b"{}", "Content-Length: 7"),
    "cut off": saying("200 OK\r\nContent-Length: 100\r\nX-Y: z", b""),
    "502 of a proxy": saying("502 Bad Gateway", b"<html>Bad Gateway</html>"),
    "elsewhere": saying("302 Found", b"", "Location: http://127.0.0.1:9/"),
    "401": saying("401 Unauthorized", b'{"ok": false, "description": "Unauthorized"}'),
    "no page at all": saying("404 Not Found", b"\xff\xfe"),
    "wait": saying("429 Too Many Requests", b'{"ok": false, "parameters": {"retry_after": 3}}'),
    "moved": saying(
        "400 Bad Request", b'{"ok": false, "parameters": {"migrate_to_chat_id": -100}}'
    ),
}


@pytest.mark.parametrize("kind", GARBLED)
async def test_an_error_is_of_the_kind_that_the_library_makes_of_it(
    serve_raw: Serve, kind: str
) -> None:
    """What sends messages tells by the kind whether they may have arrived."""
    url = await serve_raw(GARBLED[kind])
    expected = await failure_of(HTTPXRequest(), url)
    assert type(await failure_of(AiohttpRequest(LONG), url)) is type(expected)


def test_bytes_that_are_no_utf8_cost_themselves_only() -> None:
    payload = b'{"ok": true, "result": [{"text": "a\xed\xa0\xbdb"}, {"text": "c"}]}'
    said = AiohttpRequest.parse_json_payload(payload)
    assert said["result"] == [{"text": "a\ufffd\ufffd\ufffdb"}, {"text": "c"}]
    with pytest.raises(TelegramError):
        AiohttpRequest.parse_json_payload(b"\xff\xfe")


@pytest.mark.parametrize(
    ("asked", "left"),
    [("3", 3), ("0.5", 1), ("1e99", 86_400), ("1000000000", 86_400), ("Infinity", 86_400)]
    + [(wrong, None) for wrong in ("-5", "0", '"x"', "null", "[]", "{}", "NaN")],
)
def test_patience_that_nobody_can_have_is_not_asked_for(asked: str, left: int | None) -> None:
    payload = f'{{"ok": false, "parameters": {{"retry_after": {asked}}}}}'.encode()
    said = AiohttpRequest.parse_json_payload(payload)
    assert said["parameters"] == ({} if left is None else {"retry_after": left})


@pytest.mark.parametrize(
    ("refusal", "kept"),
    [
        ('"description": "x"', {"description": "x"}),
        (
            '"description": "Bad Request: can\'t parse: tag \\"my \\" words\\" at byte 7"',
            {"description": "Bad Request: can't parse: tag … at byte 7"},
        ),
        (
            '"description": "Bad Request: URL \'my words\' is invalid"',
            {"description": "Bad Request: URL … is invalid"},
        ),
        (f'"description": "x \\"{"y" * 1_000}\\""', {"description": "x …"}),
        (f'"description": "{"x" * 1_000_000}"', {"description": "x" * 300}),
        ('"description": ["x"], "parameters": ["x"]', {}),
        ('"parameters": {"migrate_to_chat_id": -7}', {"parameters": {"migrate_to_chat_id": -7}}),
        ('"parameters": {"migrate_to_chat_id": "x", "more": 1}', {"parameters": {}}),
        ('"parameters": {"migrate_to_chat_id": true}', {"parameters": {}}),
        (f'"parameters": {{"migrate_to_chat_id": {2**60}}}', {"parameters": {}}),
    ],
)
def test_of_a_refusal_what_telegram_describes_is_kept(
    refusal: str, kept: dict[str, object]
) -> None:
    said = AiohttpRequest.parse_json_payload(f'{{"ok": false, {refusal}}}'.encode())
    assert said == {"ok": False, **kept}


async def test_nobody_at_the_address_is_an_error_that_says_so() -> None:
    error = await failure_of(AiohttpRequest(LONG), "http://127.0.0.1:9")
    assert type(error) is NetworkError
    assert "127.0.0.1" in error.message


@pytest.mark.parametrize("kind", SLOW)
async def test_no_answer_keeps_a_request_for_longer_than_its_time_outs(
    serve_raw: Serve, kind: str
) -> None:
    url = await serve_raw(SLOW[kind])
    began = time.monotonic()
    error = await failure_of(AiohttpRequest(SHORT), url)
    assert time.monotonic() - began < 5
    # A status of four digits is no HTTP, however slowly it comes.
    assert type(error) is (NetworkError if kind == "dripping status" else TimedOut)


async def test_what_was_never_sent_says_so(serve_raw: Serve) -> None:
    """Only then may what must not come twice be sent again."""
    nobody, silent = "http://127.0.0.1:9", await serve_raw(SLOW["silence"])
    proxied = AiohttpRequest(LONG, proxy=nobody)
    by_socks = AiohttpRequest(LONG, proxy="socks5://127.0.0.1:9")
    unsent = [
        await failure_of(AiohttpRequest(LONG), nobody),
        await failure_of(AiohttpRequest(LONG), "http://telegram.invalid"),
        await failure_of(AiohttpRequest(LONG), silent.replace("http:", "https:")),
        await failure_of(proxied, silent),
        await failure_of(by_socks, silent),
    ]
    may_have_arrived = [
        await failure_of(AiohttpRequest(SHORT), silent),
        *[
            await failure_of(AiohttpRequest(LONG), await serve_raw(GARBLED[kind]))
            for kind in GARBLED
        ],
    ]
    told = [isinstance(error.__cause__, NeverSentError) for error in (*unsent, *may_have_arrived)]
    assert told == [True] * len(unsent) + [False] * len(may_have_arrived)


async def test_a_request_may_say_itself_how_long_it_waits(serve_raw: Serve) -> None:
    url = await serve_raw(SLOW["silence"])
    async with AiohttpRequest(LONG) as patient:
        with pytest.raises(TimedOut):
            await asyncio.wait_for(
                patient.post(f"{url}/bot{TOKEN}/getUpdates", read_timeout=0.1), 5
            )


async def test_who_finds_no_connection_free_gives_up(serve_raw: Serve) -> None:
    url = await serve_raw(SLOW["silence"])
    async with AiohttpRequest(Limits(connections=1, pool=0.1, connect=0.1)) as request:
        holding = asyncio.create_task(request.post(f"{url}/bot{TOKEN}/first"))
        await asyncio.sleep(0.05)
        with pytest.raises(TimedOut) as caught:
            await asyncio.wait_for(request.post(f"{url}/bot{TOKEN}/second"), 5)
        assert isinstance(caught.value.__cause__, NeverSentError)
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding


async def test_a_server_that_does_not_read_keeps_no_upload_for_ever() -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1)) as deaf:
        async with connected(f"http://127.0.0.1:{deaf.getsockname()[1]}", SHORT) as bot:
            with pytest.raises(TimedOut):
                await asyncio.wait_for(bot.send_document(5, b"x" * 20_000_000), 10)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1_000_000, id="without end"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            (packer := zlib.compressobj(wbits=31)).compress(bytes(50_000_000)) + packer.flush(),
            id="packed",
        ),
    ],
)
async def test_an_answer_larger_than_any_can_be_is_not_read(
    serve_raw: Serve, head: bytes, piece: bytes
) -> None:
    url = await serve_raw(endless(piece, pause=0.001, head=head))
    error = await failure_of(AiohttpRequest(Limits(connections=1)), url)
    assert type(error) is NetworkError
    assert f"more than {LARGEST_ANSWER_BYTES:,} bytes" in error.message


async def test_headers_without_end_are_not_read(serve_raw: Serve) -> None:
    url = await serve_raw(endless(b"X-A: b\r\n" * 1_000, pause=0, head=b"HTTP/1.1 200 OK\r\n"))
    assert type(await failure_of(AiohttpRequest(Limits(connections=1)), url)) is NetworkError


@pytest.mark.parametrize(
    "body",
    [
        *(b"[" * 1_000_000, b"[]", b"5", b"null", b'{"ok": true}', b'{"ok": false, "detail": 1}'),
        *(b'{"ok": true, "result": [{"message": {"text": "zyzzyva', b"<html>zyzzyva</html>"),
    ],
    ids=lambda body: body[:20],
)
async def test_what_is_not_telegram_s_is_no_answer_and_is_quoted_nowhere(
    serve_raw: Serve,
    caplog: pytest.LogCaptureFixture,
    body: bytes,
) -> None:
    url = await serve_raw(saying("200 OK", body))
    error = await failure_of(AiohttpRequest(LONG), url)
    assert isinstance(error, NotTelegramError)
    assert "zyzzyva" not in caplog.text


async def test_a_redirect_is_not_followed(serve_raw: Serve, listener: tuple[Listener, str]) -> None:
    listening, elsewhere = listener
    url = await serve_raw(saying("307 Temporary Redirect", b"", f"Location: {elsewhere}/x"))
    assert type(await failure_of(AiohttpRequest(LONG), url)) is NetworkError
    assert listening.connections == 0


def _self_signed(folder: Path) -> Path:
    """Return a file with a certificate that is its own authority, and its key."""
    path = folder / "server.pem"
    certificate = folder / "certificate.pem"
    words = ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=127.0.0.1"]
    where = ["-days", "1", "-keyout", str(path), "-out", str(certificate)]
    subprocess.run(["openssl", *words, *where], check=True, capture_output=True)  # noqa: S603, S607
    path.write_bytes(path.read_bytes() + certificate.read_bytes())
    return path


@pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate")
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, listener: tuple[Listener, str]
) -> None:
    listening, _url = listener
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    server = await asyncio.start_server(listening.answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    error = await failure_of(AiohttpRequest(LONG), f"https://127.0.0.1:{port}")
    server.close()
    assert type(error) is NetworkError
    assert "certificate verify failed" in error.message
    assert not listening.heads


@pytest.mark.parametrize("kind", [*GARBLED, *SLOW])
async def test_neither_an_error_nor_a_log_tells_the_token(
    serve_raw: Serve, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """It is part of every address."""
    asyncio.get_running_loop().set_debug(True)
    caplog.set_level(logging.DEBUG)
    url = await serve_raw((GARBLED | SLOW)[kind])
    error = await failure_of(AiohttpRequest(LONG if kind in GARBLED else SHORT), url)
    told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
    assert TOKEN.partition(":")[2] not in told
