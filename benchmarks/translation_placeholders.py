"""Which form of placeholder survives an engine: apertium, English to Spanish.

    python benchmarks/translation_placeholders.py [ABSTRACTS]

Of every form: how many placeholders come back exactly once and exactly as they were, how many
abstracts have all of theirs, and what may go wrong elsewhere: letters that an engine inflects,
transliterates or changes the case of, and marks that abstracts have of their own.
"""

import asyncio
import re
import shutil
import sys
from collections.abc import Callable, Mapping

from real_papers import read, real_papers

from bot.translation.text.masking import PLACEHOLDER, mask
from bot.translation.text.prose import plain_prose

FORMS: Mapping[str, Callable[[int], str]] = {
    "⟦0⟧": lambda n: f"⟦{n}⟧",
    "[1.0]": lambda n: f"[1.{n}]",
    "{v0}": lambda n: f"{{v{n}}}",
    "<x0/>": lambda n: f"<x{n}/>",
    "__0__": lambda n: f"__{n}__",
    "XX0XX": lambda n: f"XX{n}XX",
    "%0$s": lambda n: f"%{n}$s",
    "«0»": lambda n: f"«{n}»",
}


async def apertium(text: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "apertium", "-u", "eng-spa",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    translated, _ = await process.communicate(text.encode())
    return translated.decode()


async def main() -> None:
    if shutil.which("apertium") is None:
        sys.exit("needs Debian's apertium and apertium-eng-spa")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    abstracts = [paper.abstract for paper in read(real_papers())]
    texts = [mask(plain_prose(abstract)) for abstract in abstracts]
    # Those with the most to lose.
    texts = sorted(texts, key=lambda text: -len(text.originals))[:wanted]
    total = sum(len(text.originals) for text in texts)
    print(f"{len(texts)} abstracts with {total:,} placeholders\n")
    print("form   | placeholders kept | abstracts whole | has letters | brackets in real abstracts")
    for form, write in FORMS.items():
        kept = whole = 0
        for text in texts:
            forms = [write(n) for n in range(len(text.originals))]
            answer = await apertium(PLACEHOLDER.sub(lambda m: forms[int(m[1])], text.text))  # noqa: B023
            good = sum(answer.count(one) == 1 for one in forms)
            kept += good
            whole += good == len(forms)
        marks = re.split(r"[A-Za-z0-9]+", form)
        known = sum(all(mark in abstract for mark in marks if mark) for abstract in abstracts)
        letters = "yes" if re.search("[A-Za-z]", form) else "no"
        cells = f"{kept:>6,} {kept / total:>10.1%} | {whole:>9} of {len(texts)} | {letters:>11}"
        collisions = f"{known:,}" if any(marks) else "all"
        print(f"{form:<6} | {cells} | {collisions:>8}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
