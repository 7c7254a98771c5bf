"""What was in hand when the bot was stopped or killed, where it asks for its updates."""

import asyncio
import signal

import pytest

from bot.playground.telegram.faults import hang
from tests.commands.paperboy import Paperboy

PATIENCE_SECONDS = 30.0
CROWD = 30


async def test_a_terminal_that_goes_stops_it_as_if_it_were_told_to(paperboy: Paperboy) -> None:
    bot = await paperboy.start("run")
    await bot.says("Paperboy is running")
    ended = await bot.end(signal.SIGHUP)
    assert ended.code == 0
    assert "Paperboy has stopped" in ended.err


async def test_under_nohup_a_terminal_that_goes_stops_nothing(paperboy: Paperboy) -> None:
    bot = await paperboy.start("run", nohup=True)
    await bot.says("Paperboy is running")
    bot.tell(signal.SIGHUP)
    # A bot that stops may answer what it has in hand, and hears nothing new for certain.
    await asyncio.sleep(0.5)
    telegram = paperboy.telegram
    for number in range(3):
        person = telegram.world.add_person(f"P{number}", "en")
        telegram.send_text(person, person, "/help")
        await telegram.wait_for(lambda: telegram.from_bot(person))  # noqa: B023 - this one's
    assert not bot.has_ended
    ended = await bot.end(signal.SIGTERM)
    assert ended.code == 0


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGKILL])
async def test_every_command_is_answered_by_the_next_that_starts(
    paperboy: Paperboy, told: signal.Signals
) -> None:
    telegram = paperboy.telegram
    crowd = [telegram.world.add_person(f"P{n}", "en") for n in range(CROWD)]
    first = await paperboy.start("run")
    await first.says("Paperboy is running")
    telegram.faults.always(hang(), method="sendMessage")
    for person in crowd:
        telegram.send_text(person, person, "/help")
    await telegram.wait_for(lambda: telegram.calls_to("sendMessage"))
    ended = await first.end(told)
    assert told is signal.SIGKILL or ended.code == 0
    telegram.faults.clear()
    async with paperboy.running() as second:
        await telegram.wait_for(
            lambda: all(telegram.from_bot(person) for person in crowd), PATIENCE_SECONDS
        )
        await telegram.wait_for(lambda: not telegram.updates.pending, PATIENCE_SECONDS)
        assert all(len(telegram.from_bot(person)) == 1 for person in crowd)
        ended = await second.end()
    assert "Traceback" not in ended.err
    assert paperboy.sql("SELECT update_id FROM inbox") == []
