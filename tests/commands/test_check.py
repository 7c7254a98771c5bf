"""`paperboy check`: a line for each part, and exit 1 when any does not work."""

import socket
import time

import pytest

from tests.commands.paperboy import Paperboy
from tests.proxy_servers import PASSWORD, USER, proxy_server


async def test_all_is_well(paperboy: Paperboy) -> None:
    ended = await paperboy("check")
    assert ended.code == 0
    assert ended.complaints == []
    arxiv = paperboy.settings["ARXIV_API_URL"]
    assert ended.out.splitlines() == [
        "✓ settings: are good",
        f"✓ database: sqlite:///data/paperboy.db, schema {paperboy.schema()}, no damage",
        "✓ token: is @paperboy_playground_bot's",
        f"✓ arXiv: answers at {arxiv}",
        f"✓ arXiv's OAI-PMH: answers at {paperboy.settings['ARXIV_OAI_URL']}",
        "✓ translator libre: translates into es",
    ]


async def test_every_part_that_does_not_work_is_said_at_once(paperboy: Paperboy) -> None:
    paperboy.arxiv.down = paperboy.oai.down = True
    began = time.monotonic()
    ended = await paperboy(
        "check",
        TELEGRAM_BOT_TOKEN="123456789:AAF-a-token-that-nobody-knows_abcdefgh",
        DATABASE_URL="sqlite:///.env",
        LIBRETRANSLATE_URL="http://127.0.0.1:9",
        ARXIV_DELAY_SECONDS="3",
    )
    assert time.monotonic() - began < 30
    assert ended.code == 1
    said = ended.out.splitlines()
    assert [line.partition(": ")[0] for line in said] == [
        "✓ settings",
        "✗ database",
        "✗ token",
        "✗ arXiv",
        "! arXiv's OAI-PMH",
        "✗ translator libre",
    ]
    assert "file is not a database" in said[1]
    assert "does not know it" in said[2]
    assert "HTTP 503, asked once" in said[3]
    assert "unreachable" in said[5]


@pytest.mark.slow
async def test_the_second_road_alone_fails_nothing(paperboy: Paperboy) -> None:
    paperboy.oai.down = True
    ended = await paperboy("check")
    assert ended.code == 0
    assert "! arXiv's OAI-PMH: no answer, so there is no second road: HTTP 503" in ended.out


@pytest.mark.slow
async def test_another_api_than_arxivs_has_no_second_road_of_its_own(paperboy: Paperboy) -> None:
    ended = await paperboy("check", ARXIV_OAI_URL=None)
    assert ended.code == 0
    assert "OAI-PMH" not in ended.out


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_all_is_well_through_a_proxy_that_is_named_in_dot_env(
    paperboy: Paperboy, kind: str
) -> None:
    names = ("TELEGRAM_API_URL", "ARXIV_API_URL", "ARXIV_OAI_URL", "LIBRETRANSLATE_URL")
    far = {name: paperboy.settings[name].replace("127.0.0.1", "far.test") for name in names}
    async with proxy_server(kind, wants_password=True) as proxy:
        ended = await paperboy("check", ALL_PROXY=proxy.url, NO_PROXY="elsewhere.test", **far)
        shown = proxy.url.replace(f"{USER}:{PASSWORD}@", "").replace("socks5", "socks5h")
    assert ended.code == 0, ended
    assert f"✓ proxy: {shown} for Telegram, arXiv, libre" in ended.out.splitlines()
    assert PASSWORD not in ended.out + ended.err
    assert {host for host, _port in proxy.asked} == {"far.test"}


@pytest.mark.slow
async def test_a_proxy_that_is_not_there_is_said(paperboy: Paperboy) -> None:
    ended = await paperboy(
        "check", HTTP_PROXY="socks5://127.0.0.1:9", TELEGRAM_API_URL="http://far.test"
    )
    assert ended.code == 1
    assert "✗ proxy: socks5h://127.0.0.1:9 for Telegram, but nobody answers there" in ended.out
    assert "arXiv, libre without" in ended.out


@pytest.mark.parametrize(
    ("setting", "value", "part", "why"),
    [
        ("METRICS_LISTEN", "no.such.host.invalid:9464", "METRICS_LISTEN", "can't be listened on"),
        ("METRICS_LISTEN", "-.-:9464", "METRICS_LISTEN", "can't be listened on"),
        ("METRICS_LISTEN", "203.0.113.1:9464", "METRICS_LISTEN", "can't be listened on"),
        ("METRICS_LISTEN", "{taken}", "METRICS_LISTEN", "can't be listened on"),
        ("WEBHOOK_LISTEN", "{taken}", "WEBHOOK_LISTEN", "can't be listened on"),
        ("WEBHOOK_LISTEN", "no.such.host.invalid:1", "WEBHOOK_LISTEN", "can't be listened on"),
        ("WEBHOOK_URL", "https://no.such.host.invalid/", "webhook", "can't be found"),
        ("CODE_LINKS_URL", "http://no.such.host.invalid/", "code links", "no answer"),
        ("PUBLISH_DIR", ".env", "site", "can't be written"),
        ("BACKUP_DIR", "/proc/paperboy", "backups", "can't be written"),
    ],
)
async def test_an_address_or_a_folder_that_the_bot_could_not_use_is_named(
    paperboy: Paperboy, setting: str, value: str, part: str, why: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        value = value.format(taken=f"127.0.0.1:{taken.getsockname()[1]}")
        webhook = "https://127.0.0.1/" if setting == "WEBHOOK_LISTEN" else None
        ended = await paperboy("check", **{"WEBHOOK_URL": webhook, setting: value})
    (said,) = (line for line in ended.out.splitlines() if line[2:].startswith(f"{part}: "))
    assert why in said
    assert ended.code == (0 if part == "code links" else 1), "papers come without code links"


@pytest.mark.slow
async def test_the_port_of_the_bot_at_work_is_its_own(paperboy: Paperboy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        address = f"127.0.0.1:{found.getsockname()[1]}"
    free = await paperboy("check", METRICS_LISTEN=address)
    assert f"✓ METRICS_LISTEN: port {address.partition(':')[2]} of 127.0.0.1 is free" in free.out
    running = await paperboy.start("run", METRICS_LISTEN=address)
    await running.says("Paperboy is running")
    ended = await paperboy("check", METRICS_LISTEN=address)
    assert "! METRICS_LISTEN" in ended.out
    assert "taken, by the bot at work or somebody else" in ended.out
    assert ended.code == 0
    await running.end()
