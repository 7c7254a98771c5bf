"""Citations: a paper as reference managers take it, in BibTeX and RIS.

RIS: https://en.wikipedia.org/wiki/RIS_(file_format). BibTeX's fields for preprints:
https://info.arxiv.org/help/hypertex/bibstyles/index.html
"""

import re
import unicodedata
from collections.abc import Iterable

from bot.tex.to_unicode import to_text
from storage.models import Paper

_SMALL = frozenset({"a", "an", "the", "on", "of", "in", "for", "to", "with", "and", "is", "are"})


def bibtex(paper: Paper) -> str:
    """Return a paper's entry: title, authors, year, its id at arXiv, and the DOI where known."""
    fields = {
        "title": f"{{{_balanced(paper.title)}}}",
        "author": " and ".join(map(_balanced, paper.authors)),
        "year": str(paper.published_at.year),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": _balanced(paper.categories[0]) if paper.categories else "",
        "doi": _balanced(paper.doi or ""),
        "url": paper.abs_url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@misc{{{_key(paper)},", *lines, "}"))


def bibtex_file(papers: Iterable[Paper]) -> str:
    """Return the entries of several papers, each under a key of its own."""
    taken: set[str] = set()
    entries = []
    for paper in papers:
        key = _key(paper)
        new = next(
            name for name in (f"{key}{end}" for end in ("", *range(2, 10_000))) if name not in taken
        )
        taken.add(new)
        entries.append(bibtex(paper).replace(f"{{{key},", f"{{{new},", 1))
    return "\n\n".join(entries) + "\n"


def ris_file(papers: Iterable[Paper], notes: Iterable[str | None]) -> str:
    """Return several papers as RIS, each with its abstract and the reader's own note."""
    records = []
    for paper, note in zip(papers, notes, strict=True):
        fields = [
            ("TY", "GEN"),
            ("TI", to_text(paper.title)),
            *(("AU", to_text(name)) for name in paper.authors),
            ("PY", str(paper.published_at.year)),
            ("DA", paper.published_at.strftime("%Y/%m/%d/")),
            ("AB", to_text(paper.abstract)),
            *(("KW", category) for category in paper.categories),
            ("DO", paper.doi or ""),
            ("UR", paper.abs_url),
            ("N1", note or ""),
            ("PB", f"arXiv:{paper.id}"),
        ]
        lines = [f"{tag}  - {_line(value)}" for tag, value in fields if value]
        records.append("\r\n".join((*lines, "ER  - ")))
    return "\r\n\r\n".join(records) + "\r\n"


def _key(paper: Paper) -> str:
    """Return the first author's last name, the year and the title's first word of weight."""
    names = to_text(paper.authors[0]).split() if paper.authors else []
    words = (_plain(word) for word in to_text(paper.title).split())
    word = next((word for word in words if word and word not in _SMALL), "")
    name = _plain(names[-1]) if names else ""
    return f"{name or 'arxiv'}{paper.published_at.year}{word}"


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word).lower()
    return re.sub(r"[^a-z0-9]", "", decomposed)


def _balanced(text: str) -> str:
    """Return TeX whose braces pair up, so that nothing ends an entry early."""
    kept, open_ones = [], 0
    for part in re.split(r"(\\.|[{}])", _line(text), flags=re.DOTALL):
        if part == "}":
            if not open_ones:
                continue
            open_ones -= 1
        open_ones += part == "{"
        kept.append(part)
    # Alone at the end a backslash would take the brace after it along.
    whole = re.sub(r"(?<!\\)((?:\\\\)*)\\$", r"\1", "".join(kept))
    return whole + "}" * open_ones


def _line(text: str) -> str:
    return " ".join("".join(" " if ord(one) < ord(" ") else one for one in text).split())
