"""A page of the known kind, read from its own rows and rendered again: what differs.

python benchmarks/seed_again.py PAGE
"""

import re
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from bot.digest.markdown import Digest, Section, render
from bot.translation.paper_view import PaperView

_ROW = re.compile(
    r"\|\*\*(?P<day>.*?)\*\*\|\[(?P<title>.*)\]\((?P<url>.*?)\)\|"
    r"(?:null|\*\*\[link\]\((?P<code>.*?)\)\*\*)\|(?P<abstract>.*)\|"
)
KINDS = {
    "an address is marked as one": r"<https?://",
    "a formula is fenced": r"\$`",
    "a mark is escaped": r"\\[\\_~<>*\[\]$]",
}


def section(part: str) -> Section:
    label, _, table = part.partition("\n")
    rows = [found for line in table.splitlines() if (found := _ROW.fullmatch(line))]
    papers = (
        PaperView(
            id=row["url"].rsplit("/", 1)[1],
            version=1,
            title=row["title"],
            abstract=row["abstract"],
            authors=(),
            categories=(),
            published_at=datetime.fromisoformat(row["day"]).replace(tzinfo=UTC),
            abs_url=row["url"],
            pdf_url="",
            code_url=row["code"],
            translated=True,
        )
        for row in rows
    )
    return Section(label, tuple(papers))


def by_paper(page: str) -> dict[tuple[str, str], str]:
    """Return each row of a page by its section and its paper."""
    return {
        (part.partition("\n")[0], row["url"]): row[0]
        for part in page.split("\n## ")[2:]
        for line in part.splitlines()
        if (row := _ROW.fullmatch(line))
    }


def main() -> None:
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    sections = tuple(map(section, page.split("\n## ")[2:]))
    again = render(Digest(date(2024, 6, 18), sections, language="zh-CN"))
    before, after = by_paper(page), by_paper(again)
    assert before.keys() == after.keys()
    changed = [after[key] for key in before if before[key] != after[key]]
    kinds = Counter(name for row in changed for name, sign in KINDS.items() if re.search(sign, row))
    unsorted = 0
    for one in sections:
        days = [paper.published_at for paper in one.papers]
        unsorted += days != sorted(days, reverse=True)
    print(f"{len(before)} rows in {len(sections)} sections; {len(changed)} rows differ")
    for name, count in kinds.most_common():
        print(f"{count:5} {name}")
    print(f"{unsorted:5} sections were not newest first")


if __name__ == "__main__":
    main()
