"""Citations: a paper as reference managers take it, in BibTeX and RIS.

RIS: https://en.wikipedia.org/wiki/RIS_(file_format). BibTeX's fields for preprints:
https://info.arxiv.org/help/hypertex/bibstyles/index.html
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.render.person_name import is_team, split_name
from bot.tex.to_latex import encode, to_latex
from bot.tex.to_unicode import one_line, to_text
from storage.models import Paper

_SMALL = frozenset({"a", "an", "the", "on", "of", "in", "for", "to", "with", "and", "is", "are"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper with what its reader said of it."""

    paper: Paper
    note: str | None = None
    labels: tuple[str, ...] = ()
    """Of the topics that it is on."""


def bibtex(paper: Paper) -> str:
    """Return a paper's entry: title, authors, year, its id at arXiv, and the DOI where known."""
    return _entry(paper, _key(paper), {})


def bibtex_file(entries: Iterable[Entry]) -> str:
    """Return the entries of several papers, each under a key of its own.

    Zotero (https://github.com/zotero/translators/blob/master/BibTeX.js) takes an `eprint` with its
    `eprinttype`, `keywords` as tags, and `annote` as a note; plain.bst prints none of them.
    """
    taken: set[str] = set()
    made = []
    for entry in entries:
        paper = entry.paper
        key = _key(paper)
        new = next(
            name for name in (f"{key}{end}" for end in ("", *range(2, 10_000))) if name not in taken
        )
        taken.add(new)
        more = {
            "eprinttype": "arxiv",
            "abstract": to_latex(paper.abstract),
            "keywords": ", ".join(
                encode(_line(word.replace(",", " "))) for word in _keywords(entry)
            ),
            "annote": encode(_line(entry.note or "")),
        }
        made.append(_entry(paper, new, more))
    return "\n\n".join(made) + "\n"


def ris_file(entries: Iterable[Entry]) -> str:
    """Return several papers as RIS, each with its abstract and the reader's own note.

    To Zotero (https://github.com/zotero/translators/blob/master/RIS.js) a GEN is an article, which
    has no publisher; its archive and the place there are DB and AN, and M2 is what else is known.
    """
    records = []
    for entry in entries:
        paper = entry.paper
        fields = [
            ("TY", "GEN"),
            ("TI", to_text(paper.title)),
            *(("AU", split_name(to_text(name)).family_first) for name in paper.authors),
            ("PY", str(paper.published_at.year)),
            ("DA", paper.published_at.strftime("%Y/%m/%d/")),
            ("AB", to_text(paper.abstract)),
            *(("KW", word.replace(";", " ")) for word in _keywords(entry)),
            ("DO", paper.doi or ""),
            ("UR", paper.abs_url),
            ("N1", entry.note or ""),
            ("DB", "arXiv"),
            ("AN", f"arXiv:{paper.id}"),
            ("M2", f"arXiv: {paper.id}"),
        ]
        lines = [f"{tag}  - {_line(value)}" for tag, value in fields if value]
        records.append("\r\n".join((*lines, "ER  - ")))
    return "\r\n\r\n".join(records) + "\r\n"


def _entry(paper: Paper, key: str, more: Mapping[str, str]) -> str:
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
        **more,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if more:
        lines.insert(3, f"  month = {paper.published_at:%b},".lower())
    return "\n".join((f"@misc{{{key},", *lines, "}"))


def _keywords(entry: Entry) -> list[str]:
    """Return the labels of a paper's topics, and its categories."""
    return list(dict.fromkeys(map(_line, (*entry.labels, *entry.paper.categories))))


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
