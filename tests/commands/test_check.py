"""`paperboy check`: a line for each part, and exit 1 when any does not work."""

import time

from tests.commands.paperboy import Paperboy


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
        "✓ translator libre: translates into es",
    ]


async def test_every_part_that_does_not_work_is_said_at_once(paperboy: Paperboy) -> None:
    paperboy.arxiv.down = True
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
        "✗ translator libre",
    ]
    assert "file is not a database" in said[1]
    assert "does not know it" in said[2]
    assert "HTTP 503, asked once" in said[3]
    assert "unreachable" in said[4]
