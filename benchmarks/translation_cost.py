"""What translation costs: made once for everybody, against once for each chat.

    python benchmarks/translation_cost.py

A real week of papers, 1,000 chats that follow one to four of the ready-made topics in one of five
languages, a push of every matching paper to each of them, and then the same again after a restart.
"""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from real_papers import read, real_papers

from bot import log
from bot.playground.translator.pseudo import pseudo_translate
from bot.query.matcher import matching
from bot.query.parser import parse
from bot.query.presets import PRESETS
from bot.translation.engines.engine import Engine
from bot.translation.languages import Language
from bot.translation.service import Translator
from storage import papers as stored
from storage.database import Database
from storage.models import Paper

CHATS = 1_000
LANGUAGES_READ = ("zh-CN", "ja", "es", "de", "ru")


class Counting(Engine):
    """Translates into nonsense of the right script, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__("counting", max_chars=5_000, code=lambda of: of.code, ask=self.ask)
        self.calls = self.characters = 0

    async def ask(self, text: str, source: Language, target: Language) -> str:
        del source
        self.calls += 1
        self.characters += len(text)
        await asyncio.sleep(0)
        return pseudo_translate(text, target.code)


def busiest_week(papers: list[Paper]) -> list[Paper]:
    days = Counter(paper.published_at.date() for paper in papers)
    first = max(days, key=lambda day: sum(days[day + timedelta(n)] for n in range(7)))
    return [p for p in papers if first <= p.published_at.date() < first + timedelta(7)]


async def week(folder: Path, papers: list[Paper], *, titles: bool) -> None:
    dice = random.Random(1)
    found = matching(papers, {topic.key: parse(topic.query) for topic in PRESETS})
    by_id = {paper.id: paper for paper in papers}
    owed: dict[int, tuple[str, list[Paper]]] = {}
    for chat in range(CHATS):
        followed = dice.sample(list(found), dice.randint(1, 4))
        ids = dict.fromkeys(paper_id for key in followed for paper_id in found[key])
        owed[chat] = dice.choice(LANGUAGES_READ), [by_id[paper_id] for paper_id in ids]
    database = Database(f"sqlite:///{folder / f'titles-{titles}.db'}")
    await database.open()
    async with database.transaction() as session:
        await stored.store(session=session, papers=papers)
    rows: list[tuple[str, int, int]] = []
    per_chat = [paper for _language, wanted in owed.values() for paper in wanted]
    each = sum(len(p.abstract) + (len(p.title) if titles else 0) for p in per_chat)
    rows.append(("once for each chat", len(per_chat) * (1 + titles), each))
    missing = defaultdict[str, int](int)
    for side in ("once for everybody", "after a restart"):
        engine = Counting()
        translator = Translator(engines=[engine], database=database, concurrency=8)
        for start in range(0, CHATS, 25):
            some = [owed[chat] for chat in range(start, start + 25)]
            made = await asyncio.gather(
                *(translator.papers(wanted, language, titles=titles) for language, wanted in some)
            )
            for (_language, wanted), got in zip(some, made, strict=True):
                missing[side] += len({p.id for p in wanted} - got.keys())
        rows.append((side, engine.calls, engine.characters))
    await database.close()
    distinct = {(language, p.id) for language, wanted in owed.values() for p in wanted}
    matched = {paper_id for _language, paper_id in distinct}
    with_titles = "with titles" if titles else "abstracts only"
    print(
        f"\n{with_titles}: {len(matched):,} papers matched, {len(per_chat):,} deliveries, "
        f"{len(distinct):,} of them different (paper, language); left in the original "
        f"{dict(missing)}"
    )
    print("                   |    calls | characters | share")
    for side, calls, characters in rows:
        share = characters / rows[0][2]
        print(f"{side:<18} | {calls:>8,} | {characters:>10,} | {share:>6.2%}", flush=True)


async def main() -> None:
    log.configure(level="ERROR", style="console")
    papers = busiest_week(list(read(real_papers())))
    first, last = (day(p.published_at.date() for p in papers) for day in (min, max))
    print(f"{len(papers):,} papers of {first} to {last}; {CHATS:,} chats in", *LANGUAGES_READ)
    with TemporaryDirectory() as folder:
        for titles in (False, True):
            await week(Path(folder), papers, titles=titles)


if __name__ == "__main__":
    asyncio.run(main())
