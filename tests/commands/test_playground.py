"""`paperboy playground`, and `paperboy run` where there is no token."""

import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tornado.httpclient import AsyncHTTPClient

from bot.commands.playground import boxed
from bot.playground.box import outside_world
from bot.settings.model import EXAMPLES, Settings
from tests.commands.paperboy import Paperboy


async def test_without_a_token_the_playground_s_page_answers_where_it_says(
    paperboy: Paperboy,
) -> None:
    # What is set for the real bot is not for the people of the playground.
    kept = {
        "backups/paperboy-2026-01-01.db": "a backup of years",
        "site/feeds/mine.atom": "a real feed",
        "site/index.html": "a real page",
    }
    for name, text in kept.items():
        (paperboy.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (paperboy.folder / name).write_text(text)
    taken = socket.create_server(("127.0.0.1", 0))
    running = await paperboy.start(
        "run",
        TELEGRAM_BOT_TOKEN=None,
        ALLOWED_CHATS="5",
        BACKUP_DIR="backups",
        BACKUP_KEEP="1",
        PUBLISH_DIR="site",
        METRICS_LISTEN=str(taken.getsockname()[1]),
    )
    url = (await running.says(r"Paperboy's playground: (http://127\.0\.0\.1:\d+)"))[1]
    await running.says("Paperboy is running")
    client = AsyncHTTPClient(force_instance=True)
    page = await client.fetch(url)
    client.close()
    assert b"<title>" in page.body
    assert len(list((paperboy.folder / "tmp").iterdir())) == 1
    await running.says("swept")
    ended = await running.end()
    taken.close()
    assert ended.code == 0
    for folder in ("backups", "site"):
        files = [path for path in (paperboy.folder / folder).rglob("*") if path.is_file()]
        assert {str(path.relative_to(paperboy.folder)): path.read_text() for path in files} == {
            name: text for name, text in kept.items() if name.startswith(folder)
        }
    assert "Traceback" not in ended.err
    assert list((paperboy.folder / "tmp").iterdir()) == []
    assert not paperboy.database.exists()


async def test_a_port_that_is_taken_is_one_line(paperboy: Paperboy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await paperboy("playground", "--port", str(port))
    assert ended.complaints == [
        f"port {port} is taken by another program; --port 0 finds a free one"
    ]
    assert (ended.code, ended.out) == (1, "")


async def test_feeds_that_are_not_there_are_one_line(paperboy: Paperboy) -> None:
    ended = await paperboy("playground", "--port", "0", "--feeds", "data")
    (line,) = ended.complaints
    assert "--feeds: data is no folder with recorded Atom files" in line
    assert (ended.code, ended.out) == (1, "")


@pytest.mark.parametrize("live", [False, True])
async def test_no_setting_of_the_production_bot_holds_but_those_that_are_named(
    live: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    marks: dict[str, Any] = {name.lower(): f"set-{name}" for name in EXAMPLES}
    everything = Settings.model_construct(**marks)
    everywhere = {"default_language", "default_timezone", "default_push_time"} | {
        "log_level",
        "log_format",
    }
    outside = everywhere | {
        name
        for name in marks
        if name.startswith(("arxiv", "libre", "microsoft", "deepl", "llm", "code_links"))
        or name in {"translators", "sweep_schedule"}
    }
    async with outside_world() as box:
        inside = boxed(everything, box, tmp_path, live=live)
        own = {box.token, box.telegram_url, box.arxiv_url, box.oai_url, box.libretranslate_url}
    assert {name for name, value in inside if value == marks[name]} == (
        outside if live else everywhere
    )
    for name, value in inside:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if "://" in text and not live:
            ours = text in own or "127.0.0.1" in text or str(tmp_path) in text
            assert ours or value == Settings.model_fields[name].default
    assert [inside.backup_dir, inside.publish_dir, inside.metrics_listen] == [None] * 3
