"""Which links real papers get, each with the words before it, to be read by a person.

    python benchmarks/code_links.py --sample 200

First a random sample, then every other link whose nearest words name neither code nor a page:
those where a false link would hide.
"""

import argparse
import random
import re
from collections import Counter
from urllib.parse import urlsplit

from real_papers import read, real_papers

from bot.code_links.extract import code_link
from storage.models import Paper

PLAIN = re.compile(
    r"\b(?:codes?|page|website|releas\w+|project|homepage|source|repository|repo)\b", re.IGNORECASE
)
NEAR = 75
SHOWN = 110


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sample", type=int, default=200, metavar="N", help="links drawn at random"
    )
    size = parser.parse_args().sample
    papers = list(read(real_papers()))
    linked = [
        (paper, link) for paper in papers if (link := code_link(paper.abstract, paper.comment))
    ]
    drawn = random.Random(2026).sample(linked, min(size, len(linked)))
    seen = {paper.id for paper, _link in drawn}
    doubtful = [
        (paper, link)
        for paper, link in linked
        if paper.id not in seen and not PLAIN.search(_before(paper, link)[-NEAR:])
    ]
    for heading, shown in (("drawn at random", drawn), ("nothing plain before it", doubtful)):
        print(f"\n== {heading}: {len(shown)}\n")
        for paper, link in shown:
            print(f"{paper.id} {paper.title}\n    …{_before(paper, link)} >>> {link}")
    hosts = Counter(_kind(link) for _paper, link in linked)
    print(f"\n{len(linked):,} of {len(papers):,} papers have a link: ", end="")
    print(", ".join(f"{count:,} {kind}" for kind, count in hosts.most_common()))
    print(f"to read: {len(drawn) + len(doubtful)}")


def _before(paper: Paper, link: str) -> str:
    text = " ".join(f"{paper.abstract} || {paper.comment or ''}".split())
    place = text.lower().find(link.removeprefix("https://")[:14].lower())
    return text[max(0, place - SHOWN) : max(0, place)]


def _kind(link: str) -> str:
    host = urlsplit(link).netloc
    return host if host in {"github.com", "huggingface.co"} else "elsewhere"


if __name__ == "__main__":
    main()
