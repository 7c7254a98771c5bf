"""The number check over 2,000 real pairs: what it refuses, and whether a wrong scale passes.

    python benchmarks/translation_numbers.py [-v]

The Chinese is condensed, so that numbers are missing on purpose. Of what is refused, "suspicious"
are pairs in which every missing number's figures stand in the Chinese all the same, or in which
only a number came: these may be false, and -v shows them for reading. A wrong scale is made by
changing a 万 or 亿 that stands behind figures into the other.
"""

import gzip
import json
import re
import sys

from real_papers import real_papers

from bot.translation.checks import numbers, quantities
from bot.translation.checks.validation import without
from bot.translation.text.names import names
from bot.translation.text.prose import plain_prose
from bot.translation.text.untouchable import Kind, pieces

_OTHER = {"万": "亿", "亿": "万"}


def _kept(source: str) -> set[str]:
    """What is no number and comes back to the letter."""
    untouched = (
        source[start:stop] for kind, start, stop in pieces(source) if kind is not Kind.NUMBER
    )
    return {*untouched, *names(source)}


def main() -> None:
    pairs = real_papers().with_name("translation_pairs.jsonl.gz")
    with gzip.open(pairs, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    refused = suspicious = scales = wrong_passed = 0
    for row in rows:
        english, chinese = plain_prose(row["en"]), plain_prose(row["zh"])
        kept = _kept(english)
        source = without(english, kept)

        def changed(text: str, source: str = source, kept: set[str] = kept) -> bool:
            return numbers.changed(
                source, without(text, kept), language="zh-CN", kept=" ".join(kept)
            )

        if changed(chinese):
            refused += 1
            wanted = [q for q in quantities.read(source, language="en") if q.written]
            figures = [re.sub(r"\D+$", "", source[q.start : q.stop]) for q in wanted]
            if all(one in chinese for one in figures):
                suspicious += 1
                if "-v" in sys.argv:
                    print(row["id"], figures, chinese, sep="\n", end="\n\n")
        elif scale := re.search(r"(?<=\d)\s?([万亿])(?![万亿])", chinese):
            scales += 1
            place = scale.start(1)
            other = chinese[:place] + _OTHER[scale[1]] + chinese[place + 1 :]
            wrong_passed += not changed(other)
    print(f"{len(rows):,} pairs, {refused} refused, of these suspicious {suspicious}")
    print(f"wrong scales made in accepted ones: {scales}, passed {wrong_passed}")


if __name__ == "__main__":
    main()
