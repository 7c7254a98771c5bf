"""A day on which everything fails: no secret in any file or line, and nobody's words in the log."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.telegram.faults import refuse, server_error
from bot.playground.translator.stand_in import TranslatorFault
from tests.commands.paperboy import KEY, Paperboy
from tests.outside import record

FORGED = "\n2026-11-26 02:00:00Z [error    ] FORGED \x9b31m\u202e"


def holders(folder: Path, secret: str) -> list[str]:
    """Return the files below a folder, but for the settings, whose bytes hold a secret."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".env"]
    assert any(path.name == "paperboy.db" for path in files)
    return [path.name for path in files if secret.encode() in path.read_bytes()]


async def test_a_day_of_errors_leaves_no_secret_in_a_file_and_nobody_s_words_in_the_log(
    paperboy: Paperboy,
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person(f"Ada{FORGED}", "en")
    paperboy.arxiv.publish([record(1, f"A NeRF {FORGED}", days_ago=0.1)])
    bot = await paperboy.start("run", BACKUP_DIR="backups", ADMINS=str(ada.id))
    await bot.says("Paperboy is running")
    await bot.says("backed up")
    await paperboy.subscribed(ada, "nerf")
    paperboy.sql("UPDATE chat SET language = 'es', next_push_at = '2026-01-01 00:00:00.000000'")
    paperboy.libre.fault = TranslatorFault.SERVER_ERROR
    paperboy.arxiv.faults.always(ArxivFault.BROKEN)
    telegram.faults.next(refuse(400, f"Bad Request: {FORGED}"), method="sendMessage")
    telegram.send_text(ada, ada, f"/search slam {FORGED}")
    await telegram.wait_for(lambda: paperboy.arxiv.requests)
    telegram.faults.next(server_error(), method="sendMessage", times=3)
    await paperboy("push", "--now")
    with closing(sqlite3.connect(paperboy.database)) as broken:
        broken.execute("ALTER TABLE topic RENAME TO broken")
    telegram.send_text(ada, ada, f"/subscribe gaussian {FORGED}")
    await bot.says("a handler failed")
    ended = await bot.end()  # which looks for secrets in all that was said
    assert ended.code == 0
    for hostile in ("FORGED", "\x9b", "\u202e"):
        assert hostile not in ended.err
    for secret in (KEY, telegram.token, telegram.token.partition(":")[2]):
        assert await asyncio.to_thread(holders, paperboy.folder, secret) == []
