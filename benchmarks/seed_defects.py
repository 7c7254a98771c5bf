"""The defects of a page that people read today, counted there and in a digest of the same kind.

    python benchmarks/seed_defects.py [PAGE]

Ours has real papers on the same topics, ten each, in simplified Chinese. What translates them has
the habits of that page's engine: half-width marks, links and formulas glued to the text, spaces in
formulas that it sees, an English run now and then, and never the same words twice.
"""

import asyncio
import random
import re
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from real_papers import read, real_papers

from bot import log
from bot.digest.markdown import Digest, Section, render
from bot.playground.translator.pseudo import pseudo_translate
from bot.query.matcher import matching
from bot.query.parser import parse
from bot.query.presets import PRESETS
from bot.translation.engines.engine import Engine
from bot.translation.languages import Language
from bot.translation.paper_view import view
from bot.translation.service import Translator
from storage import papers as stored
from storage.database import Database

_HAN = r"[\u4e00-\u9fff]"
_FULL = r"[\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]"
_ROW = re.compile(
    r"^\|\*\*[\d-]+\*\*\|\[.*?\]\((?P<url>\S+?)\)\|.*?\|(?P<abstract>.*)\|$", re.MULTILINE
)
DEFECTS = {
    "an English run of nine words or more": r"(?:[A-Za-z][A-Za-z'-]*[,;:]? +){8}[A-Za-z]",
    "a formula torn off its letter": r"[A-Za-z] \$[_^]",
    "\\url{ left": r"\\\\?url",
    "a link glued to Chinese": rf"https?://[^\s<>]*{_FULL}|{_HAN}https?://",
    "half-width brackets in Chinese": rf"{_HAN} ?\\?\(|\)(?! ?\[) ?{_HAN}",
    "half-width commas in Chinese": rf"{_HAN} ?[,;]|[,;] ?{_HAN}",
    "a full-width mark inside a formula": r"\$[^$\u3002]*[，；：（）][^$\u3002]*\$(?=[^$]*$)",
    "Chinese glued to Latin here and apart there": "",
}


def defects(page: str) -> dict[str, int]:
    """Count, for each defect, the abstracts that have it."""
    rows = [(match["url"], match["abstract"]) for match in _ROW.finditer(page)]
    counted = {
        name: sum(bool(re.search(pattern, abstract)) for _url, abstract in rows)
        for name, pattern in DEFECTS.items()
        if pattern
    }
    glued, apart = rf"{_HAN}[A-Za-z]|[A-Za-z]{_HAN}", rf"{_HAN} [A-Za-z]|[A-Za-z] {_HAN}"
    counted["Chinese glued to Latin here and apart there"] = sum(
        bool(re.search(glued, abstract) and re.search(apart, abstract)) for _url, abstract in rows
    )
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for url, abstract in rows:
        versions[url].add(abstract)
    twice = [url for url, times in Counter(url for url, _abstract in rows).items() if times > 1]
    counted["in two sections, translated differently"] = sum(
        len(versions[url]) > 1 for url in twice
    )
    return {"rows": len(rows), "papers in two sections": len(twice)} | counted


class Habits(Engine):
    """An engine with the habits of the page's own."""

    def __init__(self) -> None:
        super().__init__("habits", max_chars=1_800, code=lambda of: of.code, ask=self.ask)
        self._dice = random.Random(1)

    async def ask(self, text: str, source: Language, target: Language) -> str:
        del source
        pieces = re.split(r"(?<=[.!?]) ", text)
        if self._dice.randrange(20) == 0 and len(pieces) > 1:
            kept = max(pieces, key=len)
            out = [p if p is kept else pseudo_translate(p, target.code) for p in pieces]
        else:
            out = [pseudo_translate(piece, target.code) for piece in pieces]
        translated = "".join(out)
        translated = re.sub(r"(\w)(\$[_^])", r"\1 \2", translated)
        translated = re.sub(r" ?(⟦\d+⟧|https?://\S+) ?", r"\1", translated)
        if self._dice.randrange(2):
            translated = re.sub(rf"(?<={_HAN}) (?=[A-Za-z])", "", translated)
        # Never the same words twice.
        return translated.replace("。", "吧。" if self._dice.randrange(2) else "啊。")


async def ours() -> str:
    papers = list(read(real_papers()))
    found = matching(papers, {topic.key: parse(topic.query) for topic in PRESETS})
    by_id = {paper.id: paper for paper in papers}
    sections = {key: [by_id[one] for one in ids[-10:]] for key, ids in found.items()}
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'd.db'}")
        await database.open()
        chosen = {paper.id: paper for some in sections.values() for paper in some}
        async with database.transaction() as session:
            await stored.store(session=session, papers=list(chosen.values()))
        translator = Translator(engines=[Habits()], database=database, failures=sys.maxsize)
        made = await translator.papers(list(chosen.values()), "zh-CN")
        await database.close()
    print(f"ours: {len(made)} of {len(chosen)} papers translated, the others are in the original")
    digest = Digest(
        updated=date(2025, 7, 1),
        language="zh-CN",
        sections=tuple(
            # Of the original nothing is to be said here: only what was translated is shown.
            Section(key, tuple(view(p, translation=made[p.id]) for p in some if p.id in made))
            for key, some in sections.items()
        ),
    )
    return render(digest)


async def main() -> None:
    log.configure(level="ERROR", style="console")
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else real_papers().parent / "seed_digest.md"
    theirs, mine = defects(page.read_text(encoding="utf-8")), defects(await ours())
    print(f"\n{'':<45} | {page.name:>14} | ours")
    for name, count in theirs.items():
        print(f"{name:<45} | {count:>14} | {mine[name]:>4}")


if __name__ == "__main__":
    asyncio.run(main())
