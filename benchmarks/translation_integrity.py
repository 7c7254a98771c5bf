"""What of real abstracts survives an engine that mangles, with and without what guards them.

    python benchmarks/translation_integrity.py [--apertium N]

Every abstract goes through the chain as in the bot: masked, cut, translated, put together, checked.
What must survive is read here in another way than the product reads it, and counted: of what was
accepted, every formula, URL, citation and run of digits must be there as often as in the source.
"""

import argparse
import asyncio
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from real_papers import read, real_papers

from bot import log
from bot.translation.engines.engine import Engine
from bot.translation.languages import Language
from bot.translation.service import AllEnginesFailed, Translator
from bot.translation.text.prose import plain_prose
from storage.database import Database

KINDS = {
    "formula": r"\$\$[^$]+\$\$|(?<![\\$])\$[^$]+\$(?!\$)|\\\(.+?\\\)|\\\[.+?\\\]",
    "URL": r"https?://[\w./~%-]*[\w/]",
    "citation": r"\\cite\w*\{[^}]*\}|\[\d+(?:, ?\d+)*\]",
    "number": r"\d+",
}


def english_or_spanish(language: Language) -> str | None:
    return language.code if language.code in {"en", "es"} else None


class Mangling(Engine):
    """Translates whatever it is shown, words in TeX too, and does all that engines do to the rest.

    Always: words become others, spaces are squeezed, half of the sentences change order. Each of
    the others one time in `rarely`.
    """

    def __init__(self, rarely: int = 12) -> None:
        super().__init__("mangling", max_chars=1_800, code=english_or_spanish, ask=self.ask)
        self._rarely = rarely
        self._dice = random.Random(1)

    async def ask(self, text: str, source: Language, target: Language) -> str:
        del source, target
        translated = re.sub(r"(?<![\w⟦])[A-Za-z]?[a-z]{2,}(?!\w)", _word, text)
        sentences = re.split(r"(?<=[.!?]) +", translated)
        if self._dice.random() < 0.5:
            self._dice.shuffle(sentences)
        translated = re.sub(r" +", " ", " ".join(sentences)).replace("( ", "(")
        for mangle in (
            lambda text: re.sub(r"⟦\d+⟧", "", text, count=1),
            lambda text: re.sub(r"(⟦\d+⟧)", r"\1 \1", text, count=1),
            lambda text: re.sub(r"⟦\d+⟧", "⟦77⟧", text, count=1),
            lambda text: re.sub(r"⟦(\d+)⟧", r"⟦ \1 ⟧", text),
            lambda text: re.sub(r"⟦(\d+)⟧", r"[\1]", text),
            lambda text: re.sub(r"(⟦\d+⟧)(.*)(⟦\d+⟧)", r"\3\2\1", text),
            lambda text: re.sub(r"\d(?=\d)", "", text, count=1),
            lambda text: re.sub(r"(?<![\w⟦])\d(?![\w⟧])", "8", text, count=1),
            lambda text: re.sub(r"\$([^$]+)\$", r"$ \1 $", text),
            lambda text: re.sub(r"(?<=\w)/(?=\w)", " / ", text),
            str.upper,
            str.lower,
        ):
            if self._dice.randrange(self._rarely) == 0:
                translated = mangle(translated)
        return translated


def _word(match: re.Match[str]) -> str:
    return match[0][:1] + match[0][:0:-1].lower() + "o"


class Apertium(Engine):
    """Debian's apertium, English to Spanish."""

    def __init__(self) -> None:
        super().__init__("apertium", max_chars=5_000, code=english_or_spanish, ask=self.ask)

    async def ask(self, text: str, source: Language, target: Language) -> str:
        del source, target
        process = await asyncio.create_subprocess_exec(
            "apertium", "-u", "eng-spa",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        translated, _ = await process.communicate(text.encode())
        return translated.decode().strip()


def found(kind: str, text: str) -> Counter[str]:
    """Count what of a kind stands in a text; two prices are no formula."""
    return Counter(
        one
        for one in re.findall(KINDS[kind], text)
        if kind != "formula" or " " not in one or re.search(r"[\\^_={}]", one)
    )


def lost(source: str, translated: str) -> list[str]:
    """Return the kinds of which something is missing, or is there less often."""
    numbers = Counter(re.findall(KINDS["number"], translated))
    return [
        kind
        for kind in KINDS
        if any(
            (numbers[one] if kind == "number" else translated.count(one)) < times
            for one, times in found(kind, source).items()
        )
    ]


async def guarded(engine: Engine, abstracts: list[str]) -> None:
    translator = Translator(
        engines=[engine], database=Database("sqlite:///never-opened.db"), failures=sys.maxsize
    )
    accepted, damaged = 0, Counter[str]()
    reasons = Counter[str]()

    async def one(abstract: str) -> str | None:
        try:
            return (await translator.translate(abstract, language="es")).text
        except AllEnginesFailed as failure:
            reasons[str(failure.errors[engine.name])] += 1
            return None

    for abstract, translated in await _all(one, abstracts):
        if translated is not None:
            accepted += 1
            damaged.update(lost(plain_prose(abstract), translated))
    _print("guarded", len(abstracts), accepted, damaged)
    print("  left in the original because of:", dict(reasons.most_common()))


async def bare(engine: Engine, abstracts: list[str]) -> None:
    """Take whatever comes, as most tools do."""
    damaged = Counter[str]()

    async def one(abstract: str) -> str:
        return await engine.translate(abstract, source="en", target="es")

    for abstract, translated in await _all(one, [" ".join(text.split()) for text in abstracts]):
        damaged.update(lost(abstract, translated or ""))
    _print("bare", len(abstracts), len(abstracts), damaged)


async def _all(
    one: Callable[[str], Awaitable[str | None]], abstracts: list[str]
) -> list[tuple[str, str | None]]:
    done: list[tuple[str, str | None]] = []
    for start in range(0, len(abstracts), 2):
        pair = abstracts[start : start + 2]
        done += zip(pair, await asyncio.gather(*map(one, pair)), strict=True)
    return done


def _print(side: str, asked: int, accepted: int, damaged: Counter[str]) -> None:
    cells = [f"{side:<8}", f"{asked:>9,}", f"{accepted:>9,}", f"{accepted / asked:>6.1%}"]
    print(" | ".join([*cells, *(f"{damaged[kind]:>8,}" for kind in KINDS)]), flush=True)


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--apertium", type=int, default=300, help="so many abstracts")
    wanted = options.parse_args().apertium
    log.configure(level="ERROR", style="console")
    abstracts = [paper.abstract for paper in read(real_papers())]
    there = Counter(kind for text in abstracts for kind in KINDS if found(kind, text))
    print(f"{len(abstracts):,} abstracts; with a", dict(there))
    heads = ["side    ", "abstracts", " accepted", " share", *(f"{f'{k} lost':>8}" for k in KINDS)]
    print("\nan engine that mangles\n" + " | ".join(heads))
    await bare(Mangling(), abstracts)
    await guarded(Mangling(), abstracts)
    if shutil.which("apertium") is None:
        print("\napertium is not installed")
        return
    # Those with formulas first: they are the hard ones.
    hard = sorted(abstracts, key=lambda text: "$" not in text and "\\" not in text)[: wanted // 2]
    chosen = hard + random.Random(1).sample(abstracts, wanted - len(hard))
    print("\napertium, half of them with TeX\n" + " | ".join(heads))
    await bare(Apertium(), chosen)
    await guarded(Apertium(), chosen)


if __name__ == "__main__":
    asyncio.run(main())
