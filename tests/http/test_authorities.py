"""The list of whom to trust: one for everybody who asks."""

import pytest

from bot.http.authorities import authorities
from bot.http.client import HttpClient
from bot.telegram.http_transport import Limits, transport
from bot.translation.engines.registry import build_engines


@pytest.fixture
def lists_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the calls that read a list, from now on."""
    read: list[str] = []
    authorities.cache_clear()
    monkeypatch.setattr(
        "ssl.SSLContext.load_verify_locations", lambda *_args, **_how: read.append("a file")
    )
    monkeypatch.setattr("ssl.SSLContext.set_default_verify_paths", lambda *_: read.append("paths"))
    return read


async def test_whoever_asks_anybody_reads_the_list_once(lists_read: list[str]) -> None:
    try:
        telegram = transport(Limits(connections=1), url="https://api.telegram.org")
        await telegram.initialize()
        await telegram.shutdown()
        HttpClient(timeout=1)
        HttpClient(timeout=1)
        address = "https://example.org/v1"
        settings = dict.fromkeys(("LLM_API_URL", "DEEPL_API_URL"), address)
        build_engines(["llm", "deepl"], settings | {"LLM_MODEL": "any", "DEEPL_API_KEY": "k"})
    finally:
        authorities.cache_clear()
    assert lists_read == ["a file"]
