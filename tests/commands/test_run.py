"""`paperboy run`, and the commands that work beside it."""

import asyncio
import signal
import time

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.telegram.faults import hang, reset
from bot.playground.translator.stand_in import TranslatorFault
from tests.commands.paperboy import KEY, Paperboy

SOON_SECONDS = 10.0
"""So long Docker waits before it kills."""


async def test_papers_come_once_whoever_sends_them_and_however_often(paperboy: Paperboy) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    await paperboy.follow(1, "cat:cs.* AND ti:unheard")  # with no topic at all it would not look
    async with paperboy.running() as bot:
        await bot.says("swept")  # its own look at arXiv
        telegram.send_text(ada, ada, "/start")
        await telegram.wait_for(lambda: telegram.from_bot(ada))
        assert "Hello, I am Paperboy" in telegram.from_bot(ada)[0].text
        await paperboy.subscribed(ada, "cat:cs.*")
        # How many of the sample's papers are of the last week depends on the hour.
        week = len(paperboy.sql("SELECT id FROM delivery"))
        assert week > 10, "more than one push brings"
        announced = set(paperboy.arxiv.announce())

        swept = await paperboy("sweep")
        assert swept.code == 0
        assert "papers in the window, 4 of them new; 4 matches, " in swept.out, "whoever fans out"

        pushes = await asyncio.gather(paperboy("push", "--now"), paperboy("push", "--now"))
        assert announced < set(paperboy.papers_sent(ada))

    async with paperboy.running():
        again = await paperboy("push", "--chat", str(ada.id))
        nothing, why = again.out.splitlines()
        assert nothing == "0 papers sent."
        assert why.startswith(f"Chat {ada.id} is due at ")
        sent = paperboy.papers_sent(ada)
        assert len(sent) == len(set(sent)) == week + 4, "the week that was stored, and these four"
        assert sum(int(push.out.partition(" ")[0]) for push in pushes) == len(sent)


async def test_told_to_stop_it_ends_within_seconds_whatever_hangs(paperboy: Paperboy) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    bot = await paperboy.start("run")
    await bot.says("Paperboy is running")
    await paperboy.subscribed(ada, "gaussian splatting")
    paperboy.sql("UPDATE chat SET language = 'es'")
    paperboy.libre.fault = TranslatorFault.HANG
    paperboy.arxiv.faults.always(ArxivFault.HANG)
    asked = len(paperboy.arxiv.requests)
    telegram.send_text(ada, ada, "/subscribe nerf")
    await telegram.wait_for(lambda: len(paperboy.arxiv.requests) > asked)
    telegram.send_text(ada, ada, "/digest")
    await asyncio.sleep(1)
    telegram.faults.always(hang())
    began = time.monotonic()
    ended = await bot.end(signal.SIGTERM)
    assert time.monotonic() - began < SOON_SECONDS
    assert ended.code == 0
    assert "Traceback" not in ended.err


async def test_secrets_appear_in_no_log_no_error_no_database(paperboy: Paperboy) -> None:
    """On a day when all goes wrong; what a command says is searched wherever it ends."""
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    async with paperboy.running():
        await paperboy.subscribed(ada, "gaussian splatting")
        paperboy.sql("UPDATE chat SET language = 'es'")
        paperboy.libre.fault = TranslatorFault.SERVER_ERROR
        paperboy.arxiv.faults.always(ArxivFault.RESET)
        telegram.faults.always(reset(), method="sendMessage")
        wrong = (("push", "--now"), ("sweep",), ("check",))
        _push, *failed = await asyncio.gather(*(paperboy(*command) for command in wrong))
        assert [ended.code for ended in failed] == [1, 1]
    kept = [file for file in paperboy.folder.rglob("*") if file.is_file() and file.name != ".env"]
    assert paperboy.database in kept
    for file in kept:
        assert KEY.encode() not in file.read_bytes(), file
        assert telegram.token.partition(":")[2].encode() not in file.read_bytes(), file


async def test_a_message_on_its_way_when_it_stops_is_neither_lost_nor_repeated(
    paperboy: Paperboy,
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    bot = await paperboy.start("run")
    await bot.says("Paperboy is running")
    confirmation = await paperboy.subscribed(ada, "gaussian splatting")
    telegram.tap(ada, confirmation, "📬 Send them now")
    await telegram.wait_for(lambda: telegram.calls_to("sendChatAction"))
    ended = await bot.end(signal.SIGTERM)
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert not paperboy.sql("SELECT 1 FROM delivery WHERE state = 'sending'")

    await asyncio.sleep(2)  # what was put back is due again in a second
    pushed = await paperboy("push", "--now")
    assert pushed.code == 0
    owed = paperboy.sql("SELECT paper_id FROM delivery")
    sent = paperboy.papers_sent(ada)
    assert len(sent) == len(set(sent)) == len(owed) > 0
