"""The bot's side of `push.py`: sends to many chats in one of three ways, and says what that took.

Its one argument is a JSON object: `database`, `telegram`, `token`, `way`, `chats` and `rate`. It
runs with whatever version of the bot Python finds.
"""

import asyncio
import json
import logging
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from push_world import filled, owed
from sqlmodel import select
from telegram.constants import ParseMode
from telegram.ext import ExtBot

from bot.container import telegram_bot
from bot.i18n import texts
from bot.push.worker import Pusher
from bot.render.push_message import new_papers, push_messages
from bot.settings import load
from bot.telegram.rate_limiter import Priority
from bot.translation.paper_view import view
from bot.translation.service import Translator
from storage.database import Database
from storage.models import Chat, Paper, Translation

AT_ONCE = 100


async def main(asked: dict[str, str], *, chats: int, rate: float) -> None:
    settings = load(
        None,
        telegram_bot_token=asked["token"],
        telegram_api_url=asked["telegram"],
        paid_broadcast=rate > 30,
        send_rate=rate,
    )
    database = await filled(asked["database"], people=chats)
    await owed(database)
    translator = Translator(engines=(), database=database)
    async with telegram_bot(settings, token=asked["token"]) as bot:
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "push": lambda: Pusher(database, translator, bot).push_due(),
            "library": lambda: library(bot, chats),
            "reader": lambda: reader(bot, database),
        }
        began, busy = time.monotonic(), cpu()
        await ways[asked["way"]]()
        took = {"seconds": time.monotonic() - began, "cpu": cpu() - busy}
    took["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await translator.aclose()
    await database.close()
    print(json.dumps(took))


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def library(bot: ExtBot[Priority], chats: int) -> None:
    """Send a text of a push's length to as many chats, and do nothing else."""
    text = "<b>A paper</b> of which something is said here. " * 70
    for start in range(1, chats + 1, AT_ONCE):
        some = range(start, min(chats + 1, start + AT_ONCE))
        await asyncio.gather(*(post(bot, chat, text) for chat in some))


async def reader(bot: ExtBot[Priority], database: Database) -> None:
    """Send as RSS-to-Telegram-Bot does: a text an entry, a task a subscriber, nothing written.

    Everybody in a language gets the same entry, a message of five papers, made once.
    """
    async with database.reading() as session:
        chats: Sequence[Chat] = (await session.exec(select(Chat))).all()
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
    asyncio.run(main(given, chats=given["chats"], rate=given["rate"]))
