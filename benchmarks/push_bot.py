"""The bot's side of `push.py`: sends to many chats in one of three ways, and says what that took.

Its one argument is a JSON object: `database`, `telegram`, `token`, `way`, `first`, `chats`, `rate`
and `beside`, which is whether commands are asked meanwhile. As many chats as `first` says are
served before the others, with the rate limiter lifted: in what they take is all that a process does
once only. It keeps to one core and spares the garbage collector what stays, as `paperboy run` does,
and runs with whatever version of the bot Python finds.
"""

import asyncio
import json
import logging
import resource
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from as_run import begin_as_run, ready_as_run
from beside import commands, nothing
from push_world import filled, owed
from sqlmodel import col, select, update
from telegram.constants import ParseMode
from telegram.ext import ExtBot

from bot.container import telegram_bot
from bot.i18n import texts
from bot.push.worker import Pusher
from bot.render.push_message import new_papers, push_messages
from bot.settings.model import load
from bot.telegram.rate_limiter import Priority
from bot.translation.paper_view import view
from bot.translation.service import Translator
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, Paper, Translation

AT_ONCE = 100
LIFTED = 1_000.0


async def main(asked: dict[str, Any], *, first: int, chats: int, rate: float) -> None:
    begin_as_run()
    database = await filled(asked["database"], people=first + chats)
    await owed(database)
    ready_as_run()
    some, others = range(1, first + 1), range(first + 1, first + chats + 1)
    took = {
        "first": await measured(asked, database, some, LIFTED),
        "rest": await measured(asked, database, others, rate),
    }
    await database.close()
    print(json.dumps(took))


async def measured(
    asked: dict[str, Any], database: Database, chats: range, rate: float
) -> dict[str, Any]:
    """Send to these chats alone; return the seconds, the CPU and the peak of memory so far.

    And what commands took meanwhile, where some were asked.
    """
    settings = load(
        None,
        telegram_bot_token=asked["token"],
        telegram_api_url=asked["telegram"],
        paid_broadcast=rate > 30,
        send_rate=rate,
    )
    now, day = utc_now(), timedelta(days=1)
    async with database.transaction() as session:
        later = update(Chat).where(col(Chat.next_push_at) < now + day)
        await session.exec(later.values(next_push_at=now + day))
        due = update(Chat).where(col(Chat.id).between(chats.start, chats.stop - 1))
        await session.exec(due.values(next_push_at=now))
    translator = Translator(engines=(), database=database)
    async with telegram_bot(settings, token=asked["token"]) as bot:
        waits: dict[str, list[float]] = {}
        began, busy = time.monotonic(), cpu()
        match asked["way"]:
            case "push":
                async with commands(database) if asked["beside"] else nothing() as waits:
                    await Pusher(database, translator, bot).push_due()
            case "library":
                await library(bot, chats)
            case _:
                await reader(bot, database, chats)
        took = {"seconds": time.monotonic() - began, "cpu": cpu() - busy, "waits": waits}
    await translator.aclose()
    return took | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def library(bot: ExtBot[Priority], chats: range) -> None:
    """Send a text of a push's length to as many chats, and do nothing else."""
    text = "<b>A paper</b> of which something is said here. " * 70
    for start in range(0, len(chats), AT_ONCE):
        some = chats[start : start + AT_ONCE]
        await asyncio.gather(*(post(bot, chat, text) for chat in some))


async def reader(bot: ExtBot[Priority], database: Database, some: range) -> None:
    """Send as RSS-to-Telegram-Bot does: a text an entry, a task a subscriber, nothing written.

    Everybody in a language gets the same entry, a message of five papers, made once.
    """
    async with database.reading() as session:
        wanted = col(Chat.id).between(some.start, some.stop - 1)
        chats: Sequence[Chat] = (await session.exec(select(Chat).where(wanted))).all()
        papers = (await session.exec(select(Paper).limit(5))).all()
        made = (await session.exec(select(Translation))).all()
    found = {(one.paper_id, one.language): one for one in made}
    entry = {}
    for chat in chats:
        if chat.language not in entry:
            _ = texts(chat.ui_language)
            shown = [
                view(paper, translation=found.get((paper.id, chat.language)), labels=("t",))
                for paper in papers
            ]
            (message, *_more) = push_messages(
                shown, _=_, header=new_papers(5, _), language=chat.language
            )
            entry[chat.language] = message.html
    tasks = [
        asyncio.create_task(post(bot, chat.telegram_id, entry[chat.language])) for chat in chats
    ]
    await asyncio.gather(*tasks)


async def post(bot: ExtBot[Priority], chat: int, text: str) -> None:
    await bot.send_message(chat, text, ParseMode.HTML, rate_limit_args=Priority.PUSH)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    given = json.loads(sys.argv[1])
    asyncio.run(main(given, first=given["first"], chats=given["chats"], rate=given["rate"]))
