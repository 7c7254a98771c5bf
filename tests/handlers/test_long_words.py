"""Messages as long as Telegram lets them be: every command answers, and none apologises."""

import pytest
from sqlmodel import select

from bot.runtime.application import COMMANDS
from storage.models import Paper
from tests.bot_under_test import BotUnderTest
from tests.seldom import seldom

SORRY = "Sorry, that went wrong on my side. Nothing is lost; please try again."
LONGEST = 4_096
"""Characters, https://core.telegram.org/bots/api#message."""


OFTEN = ("ab ", "<&>", "\N{CJK UNIFIED IDEOGRAPH-8BBA}", "2406.11840 ", "\n", "1 day ")
SELDOM = (
    "x",
    "7",
    "(",
    '"',
    "a|",
    "-a ",
    "é ",
    "ß",
    "\N{ZERO WIDTH SPACE}",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "\N{COMBINING ACUTE ACCENT}",
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}",
    "\N{GRINNING FACE}",
    "$",
    "\\input{a}",
    "http://a.b/",
    "07:30 ",
    "UTC+",
)


@pytest.mark.parametrize(
    "words", seldom([*OFTEN, *(pytest.param(words, marks=pytest.mark.slow) for words in SELDOM)])
)
async def test_every_command_and_every_question_takes_the_longest_of_messages(
    app: BotUnderTest, words: str
) -> None:
    filler = words * LONGEST
    await app.follow(app.ada, "nerf")
    for command in (*COMMANDS, "admin", "unknown"):
        answer = await app.say(app.ada, f"/{command} {filler}"[:LONGEST].rstrip())
        assert answer.text != SORRY, command
    if not words.isprintable():
        return  # Telegram takes no message of what nobody sees
    [entry] = await app.followed(app.ada)
    async with app.database.reading() as session:
        paper_id = (await session.exec(select(Paper.id))).first()
    for about in ("", "rename:{}", "edit:{}", f"note:{paper_id}", "search", "taste", "zone"):
        asked = f"{app.ada.id} 1 {about.format(entry.topic.id)}" if about else None
        await app.change(app.ada, expecting=asked)
        answer = await app.say(app.ada, filler[:LONGEST].rstrip())
        assert answer.text != SORRY, about
