"""The chats, topics and papers of `push.py`: real texts where they are at hand, made up otherwise.

Everybody is owed five papers of 400 characters or less, which are one message. Every second chat
is owed two more, over its cap. Half of the chats read English, a quarter Chinese and a quarter
Spanish; their translations are stored.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from real_papers import FILE, read

from storage import fan_out, matches
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, Paper, Subscription, Topic, Translation
from storage.translations import source_digest

TOPICS, EACH, OVER = 1_000, 5, 2
LONGEST = 400
ROWS = 10_000
KEYS = "key_sentence" in Translation.model_fields
"""Whether this version of the bot stores key sentences in translation."""
LANGUAGES = (("en", "en"), ("zh-CN", "zh_CN"), ("en", "en"), ("es", "es"))
_PAIRS = FILE.with_name("translation_pairs.jsonl.gz")


async def filled(url: str, *, people: int) -> Database:
    """Return a database in which everybody is due, and follows topics with a paper each."""
    database = Database(url)
    await database.open()
    for model, rows in (
        (Paper, _papers()),
        (Topic, _topics()),
        (Translation, _translations()),
        (Chat, _chats(people)),
        (Subscription, _subscriptions(people)),
    ):
        while some := list(islice(rows, ROWS)):
            async with database.transaction() as session:
                session.add_all(model(**row) for row in some)
    async with database.transaction() as session:
        for topic in range(1, TOPICS + 1):
            found = [(paper_id(topic), utc_now())]
            await matches.record_found(session=session, topic_id=topic, found=found)
    return database


async def owed(database: Database) -> None:
    """Owe everybody what is on their topics."""
    for start in range(0, TOPICS, 100):
        some = [(n, paper_id(n)) for n in range(start + 1, min(TOPICS, start + 100) + 1)]
        async with database.transaction() as session:
            await fan_out.fan_out_now(session=session, matches=some)


def paper_id(number: int) -> str:
    return f"2611.{number:05}"


def follows(chat: int) -> list[int]:
    """Return the topics of a chat."""
    return [(chat + k * 7) % TOPICS + 1 for k in range(EACH + OVER * (chat % 2))]


def _texts() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Yield title, abstract, authors and categories of so many papers."""
    if not FILE.exists():
        words = "We report what was found. " * 17
        for n in range(TOPICS):
            yield f"Paper {n}", words, ["Ada Lovelace"], ["cs.CV"]
        return
    for paper in islice(cycle(read(FILE)), TOPICS):
        abstract = paper.abstract[:LONGEST].rpartition(" ")[0]
        yield paper.title[:150], abstract, paper.authors, paper.categories


def _papers() -> Iterator[dict[str, Any]]:
    now = utc_now()
    for n, (title, abstract, authors, categories) in enumerate(_texts(), 1):
        moment = now - timedelta(minutes=n)
        yield {
            "id": paper_id(n),
            "version": 1,
            "title": title,
            "abstract": abstract,
            "authors": authors,
            "categories": categories,
            "published_at": moment,
            "updated_at": moment,
        }


def _translations() -> Iterator[dict[str, Any]]:
    chinese = ["我们报告了在实验中发现的结果。" * 12]
    if _PAIRS.exists():
        with gzip.open(_PAIRS, "rt", encoding="utf-8") as lines:
            chinese = [json.loads(line)["zh"][:200] for line in lines]
    for n, (title, abstract, _authors, _categories) in enumerate(_texts(), 1):
        digest = source_digest(title, abstract)
        for language, text in (("zh-CN", chinese[n % len(chinese)]), ("es", abstract)):
            yield {
                "paper_id": paper_id(n),
                "language": language,
                "title": None,
                "abstract": text,
                **({"key_sentence": text.split(". ")[0][:200]} if KEYS else {}),
                "engine": "libre",
                "source_digest": digest,
            }


def _topics() -> Iterator[dict[str, Any]]:
    now = utc_now()
    for n in range(1, TOPICS + 1):
        yield {"id": n, "query": f"ti:topic{n}", "matched_at": now, "backfilled_at": now}


def _chats(people: int) -> Iterator[dict[str, Any]]:
    now = utc_now()
    for n in range(1, people + 1):
        language, ui_language = LANGUAGES[n // 2 % 4]
        yield {
            "id": n,
            "telegram_id": n,
            "language": language,
            "ui_language": ui_language,
            "papers_per_push": EACH if n % 2 else 10,
            "next_push_at": now - timedelta(minutes=1),
        }


def _subscriptions(people: int) -> Iterator[dict[str, Any]]:
    for n in range(1, people + 1):
        for place, topic in enumerate(follows(n)):
            yield {
                "chat_id": n,
                "topic_id": topic,
                "label": f"topic {topic}",
                "position": place,
            }
