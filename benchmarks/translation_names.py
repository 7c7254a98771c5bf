"""Names of methods through a real engine: apertium, English to Spanish, with and without guards.

    python benchmarks/translation_names.py [ABSTRACTS]

Papers whose title has a name before its colon that stands in the abstract too. "Lost" is a name
that is nowhere in what was accepted. How a name is found here is not how the product finds it.
"""

import asyncio
import random
import re
import shutil
import sys
from collections import Counter

from real_papers import read, real_papers
from translation_integrity import Apertium

from bot import log
from bot.translation.checks.rejection import Rejected
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database


def named(title: str, abstract: str) -> str | None:
    """Return the one word before a title's colon, where the abstract has it as it is."""
    name, colon, _ = title.partition(":")
    if not colon or " " in name or "$" in name or name.istitle() or name.islower():
        return None
    whole = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", abstract)
    return name if whole else None


async def main() -> None:
    if shutil.which("apertium") is None:
        sys.exit("needs Debian's apertium and apertium-eng-spa")
    log.configure(level="CRITICAL", style="console")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    papers = [(p.title, p.abstract) for p in read(real_papers())]
    chosen = random.Random(2).sample(papers, wanted)
    chosen_names = [named(*paper) for paper in chosen]
    engine = Apertium()
    translator = Translator(
        engines=[engine], database=Database("sqlite:///never-opened.db"), failures=sys.maxsize
    )
    accepted, lost, bare_lost = 0, 0, 0
    reasons = Counter[str]()
    for (title, abstract), name in zip(chosen, chosen_names, strict=True):
        if name:
            bare = await engine.translate(" ".join(abstract.split()), source="en", target="es")
            bare_lost += name not in bare
        try:
            made = await translator.translate(abstract, language="es", title=title)
        except AllEnginesFailed as failure:
            error = failure.errors[engine.name]
            reasons[error.reason.value if isinstance(error, Rejected) else str(error)] += 1
            if "-v" in sys.argv:
                print(error, "|", abstract)
            continue
        accepted += 1
        lost += bool(name) and str(name) not in made.text
    print(
        f"{wanted} abstracts, {sum(map(bool, chosen_names))} with a name before the title's colon"
    )
    print(f"accepted: {accepted}, {accepted / wanted:.1%}; refused: {dict(reasons)}")
    print(f"names lost: guarded {lost}, bare {bare_lost}")


if __name__ == "__main__":
    asyncio.run(main())
