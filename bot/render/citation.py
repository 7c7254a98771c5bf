"""Citations: a paper as reference managers take it, in BibTeX and RIS.

RIS: https://en.wikipedia.org/wiki/RIS_(file_format). BibTeX's fields for preprints:
https://info.arxiv.org/help/hypertex/bibstyles/index.html
"""

import re
import unicodedata
from collections.abc import Iterable

from bot.render.person_name import is_team, split_name
from bot.tex.to_latex import encode, to_latex
from bot.tex.to_unicode import one_line, to_text
from storage.models import Paper

_SMALL = frozenset({"a", "an", "the", "on", "of", "in", "for", "to", "with", "and", "is", "are"})


def bibtex(paper: Paper) -> str:
    """Return a paper's entry: title, authors, year, its id at arXiv, and the DOI where known."""
    fields = {
        # Twice in braces, so that no style makes its capitals small.
        "title": f"{{{to_latex(paper.title)}}}",
        "author": " and ".join(filter(None, map(_author, paper.authors))),
        "year": str(paper.published_at.year),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": _plain_field(paper.categories[0]) if paper.categories else "",
        "doi": _plain_field(paper.doi or ""),
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
            *(("AU", split_name(to_text(name)).family_first) for name in paper.authors),
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


def _author(name: str) -> str:
    """Return an author as BibTeX takes one: `van Gool, Jr, Luc`; a team in braces of its own."""
    text = one_line(to_text(name))
    parts = split_name(text)
    family, given, suffix = map(encode, (parts.family, parts.given, parts.suffix))
    if not given:
        # BibTeX would take a team's words for names, and an "and" for the next author.
        return f"{{{family}}}" if is_team(text) or " " in family else family
    return ", ".join(filter(None, [family, suffix, given]))


def _plain_field(text: str) -> str:
    """Return what is no prose, such as a DOI, without what would end an entry early."""
    return re.sub(r"[{}\\\"%#]", "", _line(text))


def _line(text: str) -> str:
    return " ".join("".join(" " if ord(one) < ord(" ") else one for one in text).split())
