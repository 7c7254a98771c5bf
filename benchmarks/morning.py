"""A morning: what reaches a reader without a tap, in how many messages, sounds, screens and taps.

    python benchmarks/morning.py [PAPERS]

Real papers (1,000 unless said otherwise) are pushed to readers of each style, ten at a time,
through the strict fake Telegram, and mornings of 3, 10 and 30 papers. It prints

- the share of papers whose contribution is visible without a tap: the message begins the paper's
  fold, line or paragraph with its key sentence;
- messages and sounds a morning, and the screens of a telephone that it fills: 390 x 844 pixels, a
  column of 39 Latin letters (17 Chinese characters), lines of 21 pixels, a fold of three lines,
  rows of buttons of 42 pixels;
- the taps from a pushed paper to saving, noting, citing and disliking it;
- what Telegram refused.
"""

import asyncio
import re
import sys
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape
from itertools import islice
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from real_papers import read, real_papers

from bot.container import telegram_bot
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message, Person
from bot.push.messages import Around, CardMarks, messages_of
from bot.push.worker import Pusher
from bot.query.parser import normalise, parse
from bot.ranking.order import PersonalOrder
from bot.render.citation import bibtex
from bot.render.paper_card import Marks
from bot.settings.model import load
from bot.tex.to_unicode import to_text
from bot.translation.key_sentence import shown
from bot.translation.paper_view import view
from bot.translation.service import Translator
from storage import chats, fan_out, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, Paper, PushStyle
from tests.on_connection import record_matches

MORNINGS = (3, 10, 30)
STYLES = tuple(PushStyle)
COLUMN, LINE, FOLD, ROW, SCREEN = 39, 21, 3, 42, 844
TASKS = {
    "save": "☆ Save",
    "note": "✏️ Note",
    "cite": "📋 BibTeX",
    "dislike": "👎 Less like this",
}
"""By what is done the button that does it, on the paper's card."""


def visible(html: str, key: str, style: PushStyle) -> bool:
    """Tell whether the key sentence begins what is seen of a paper; of its first 60 letters."""
    begin = key[:60].rsplit(" ", 1)[0]
    places = {
        PushStyle.LIST: r"<blockquote expandable><b>",
        PushStyle.CARDS: r"<blockquote expandable><b>",
        PushStyle.BRIEF: r"</b>\n",
        PushStyle.RICH: r"</h4><p><b>",
    }
    starts = [unescape(re.sub(r"<[^>]*>", "", part)) for part in re.split(places[style], html)[1:]]
    return any(part.lstrip().startswith(begin) for part in starts)


def share(found: Sequence[Paper], style: PushStyle) -> float:
    """Return how many of the papers say what they bring where it is seen."""
    chat = Chat(id=1, telegram_id=1, push_style=style, told_of_cap=True)
    good = 0
    for paper in found:
        seen = view(paper)
        marks = {paper.id: CardMarks(Marks(), bibtex(paper))} if style is PushStyle.CARDS else {}
        around = Around(before=0, owed=1)
        [message] = messages_of([seen], chat=chat, around=around, marks=marks)
        html = re.sub(r"<tg-math>.*?</tg-math>", "", message.rich or message.html)
        key = to_text(shown(paper.title, paper.abstract))
        if style is PushStyle.RICH:
            key = key if "<tg-math>" not in (message.rich or "") else ""
            good += bool(seen.key_sentence) and (not key or visible(html, key, style))
        else:
            good += bool(key) and visible(html, key, style)
    return good / len(found)


def height(message: Message) -> int:
    """Return the pixels that a message fills on a telephone, its buttons included."""
    if message.rich is not None:
        summary = r"<details>.*?<summary>(.*?)</summary>.*?</details>"
        text = re.sub(summary, r"\1\n", message.rich["html"], flags=re.DOTALL)
        rows = text.count("<tg-button-row>")
        text = re.sub(r"<tg-button-row>.*?</tg-button-row>", "", text)
        text = unescape(re.sub(r"<[^>]*>", "", re.sub(r"</(?:p|h4)>", "\n\n", text)))
        return sum(map(lines, text.split("\n"))) * LINE + (rows + len(message.keyboard)) * ROW
    text, folded = message.text, 0
    for entity in message.formatted.entities:
        told = entity.as_json()
        if told["type"] == "expandable_blockquote":
            units = message.text.encode("utf-16-le")
            start = 2 * told["offset"]
            quote = units[start : start + 2 * told["length"]].decode("utf-16-le")
            text = text.replace(quote, "", 1)
            folded += min(FOLD, sum(map(lines, quote.split("\n")))) - 1
    return (sum(map(lines, text.split("\n"))) + folded) * LINE + len(message.keyboard) * ROW


def lines(text: str) -> int:
    """Return how many lines of a telephone a paragraph takes; an empty one is one."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return max(1, ceil((len(text) + 1.3 * wide) / COLUMN))


class Bed:
    """A bot with a database, and the strict Telegram that it talks to."""

    def __init__(self, telegram: FakeTelegram, database: Database, pusher: Pusher) -> None:
        self.telegram, self.database, self.pusher = telegram, database, pusher

    async def owe(self, name: str, style: PushStyle, found: Sequence[Paper]) -> Person:
        """Owe so many papers to somebody, as on any morning."""
        person = self.telegram.world.add_person(name, "en")
        self.telegram.send_text(person, person, "/start")
        now = utc_now()
        async with self.database.transaction() as session:
            chat = await chats.register(
                session=session,
                telegram_id=person.id,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=now,
                push_style=style,
                papers_per_push=50,
                last_push_on=(now - timedelta(days=1)).date(),
                told_of_cap=True,
            )
            for query in (f"own{name}", f"other{name}"):
                topic = await topics.register(session=session, query=normalise(parse(query)))
                topic.backfilled_at = now
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label="Vision"
                )
            await papers.store(session=session, papers=found)
            new = await record_matches(session=session, matches={topic.id: list(found)})
            await fan_out.fan_out_now(session=session, matches=new)
            chat.next_push_at = now
        return person

    async def push(self, *owed: tuple[Person, int]) -> list[list[Message]]:
        """Push to everybody at once; return what came to each."""
        sent, wanted = await self.pusher.push_due(), sum(count for _person, count in owed)
        if sent != wanted:
            print(f"only {sent:,} of {wanted:,} papers came")
        return [list(self.telegram.from_bot(person)) for person, _count in owed]

    def refused(self) -> list[str]:
        """Return what Telegram refused so far."""
        return [f"{call.method}: {call.error}" for call in self.telegram.calls if call.error]

    def sounds(self, messages: Sequence[Message]) -> int:
        """Return how many of the messages rang."""
        ours = {message.chat_id for message in messages}
        return sum(
            call.params.get("disable_notification") not in (True, "true", "True")
            for call in self.telegram.calls
            if call.method in {"sendMessage", "sendRichMessage"}
            and int(call.params.get("chat_id", 0)) in ours
        )


@asynccontextmanager
async def bed(folder: Path) -> AsyncIterator[Bed]:
    """Start them."""
    telegram = FakeTelegram()
    await telegram.start()
    database = Database(f"sqlite:///{folder / 'paperboy.db'}")
    await database.open()
    settings = load(None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url)
    translator = Translator(engines=[], database=database)
    async with telegram_bot(settings, token=telegram.token) as bot:
        yield Bed(telegram, database, Pusher(database, translator, bot, PersonalOrder(database)))
    await translator.aclose()
    await database.close()
    await telegram.stop()


def taps(messages: Sequence[Message]) -> dict[str, int]:
    """Return the taps from a push to what one may do with its first paper."""
    on_message = {text for message in messages for text in message.buttons}
    inside = any(message.rich and "<tg-button" in message.rich["html"] for message in messages)
    has_number = inside or bool({"1", "☆ Save, note, cite …"} & on_message)
    return {
        what: 1 if text in on_message else 2 if has_number else 99 for what, text in TASKS.items()
    }


async def main(count: int) -> None:
    """Measure, and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    found = list(islice(read(real_papers()), count))
    for style in STYLES:
        print(
            f"{style}: contribution visible without a tap: {share(found, style):.1%} of {count:,}"
        )
    with TemporaryDirectory() as folder:
        async with bed(Path(folder)) as at:
            for style in STYLES:
                days = [found[start : start + 10] for start in range(0, count, 10)]
                days += [found[:many] for many in MORNINGS]
                owed = [
                    (await at.owe(f"{style}{number}", style, some), len(some))
                    for number, some in enumerate(days)
                ]
                all_came = await at.push(*owed)
                print(f"{style}: refused by Telegram over {count:,} papers: {len(at.refused())}")
                for many, came in zip(MORNINGS, all_came[-len(MORNINGS) :], strict=True):
                    screens = sum(map(height, came)) / SCREEN
                    print(
                        f"{style}: {many} papers: {len(came)} messages, {at.sounds(came)} sounds, "
                        f"{screens:.1f} screens; taps: {taps(came)}"
                    )
            print("\n".join(at.refused()[:5]))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
