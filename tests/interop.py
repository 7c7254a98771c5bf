"""Interoperation: other people's programs read what leaves the bot; `make interop` runs it.

Every paper of the real material (docs/testing.md), where there is none those of the playground,
and hostile ones: as BibTeX through BibTeX and LaTeX and by pybtex and bibtexparser, as RIS by
rispy, as feeds by feedparser and the rules of RFC 4287, as a digest by GitHub's parser and its
rules for formulas. Prints a line for each; exits 1 where one is not as it should be.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import cmarkgfm
import feedparser
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from pybtex.database import parse_string
from pylatexenc.latex2text import LatexNodes2Text

from bot.digest.markdown import DETAILS, Digest, Section, render
from bot.render.citation import Entry, bibtex_file, ris_file
from bot.render.person_name import is_team
from bot.site.feed import feed
from bot.site.page import PageTopic
from bot.tex.to_latex import to_latex
from bot.tex.to_unicode import readable, to_text
from bot.translation.paper_view import view
from storage.models import Paper

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "papers.jsonl.gz"
SAMPLE = ROOT / "bot" / "playground" / "feeds" / "sample.xml"
SECONDS = 600

HOSTILE = [
    "SplatPose & Detect: Poses",
    "Explicit_NeRF_QA",
    "100% of {unbalanced",
    r"Trailing backslash \\",
    r"\input{/etc/passwd} and \write18{touch owned}",
    r"$\frac{1}$, $x^2^3$, $\left( y$, $\unknown{z}$, $\begin{matrix}1&2\end{matrix}$",
    r"GenM$^3$, 5$\times$ faster, $k$th, $\mathbb{R}^n$, $\text{if } x$, $\unicode{x3b1}$",
    r"$\text{RLAE}_\text{PPO}$, a ≲ b, rockets 🚀 and ⨂",
    "Ðương Œuvre Ząb ﬁne — “quoted” … α ≤ β ∈ ℝ № ™",
    r"\href{https://x.org/a_b%20c}{A link} and \emph{more}, \textbf{X}, Schr\"odinger",
    '# & % _ ^ ~ $ { } \\ < > | "',
    "-$x$ '$y$' \"$z$\" [$a$] $b$-$c$ | pipes | <b>bold</b>",
]
AUTHORS = [
    "Ada M. Lovelace",
    "Robert W. Heath Jr.",
    "Jan van der Berg",
    "The A & B Collaboration",
    "Łukasz Żółw",
    "Aristotle",
    "x_y",
]

DOCUMENT = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\hyphenpenalty=10000 \exhyphenpenalty=10000 \sloppy \hbadness=10000
\begin{document}
\nocite{*}
\bibliographystyle{plain}
\bibliography{papers}
\end{document}
"""

ABSTRACTS = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\sloppy
\begin{document}
%s
\end{document}
"""


def main() -> int:
    """Try everything; return 0 where all is as it should be."""
    papers = [*_papers(), *_hostile()]
    _say(f"{len(papers):,} papers")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for about, wrong in (
            *_latex(papers, Path(folder)),
            *_names(papers),
            *_feeds(papers),
            *_digest(papers),
        ):
            bad += len(wrong)
            _say(f"{len(wrong):>6,} {about}")
            for one in wrong[:5]:
                _say(f"         {one}")
    return 1 if bad else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_Finding = tuple[str, list[str]]
"""What is counted, and each that is wrong."""


def _paper(
    paper_id: str, title: str, abstract: str, authors: Sequence[str], day: datetime
) -> Paper:
    return Paper(
        id=paper_id,
        title=title,
        abstract=abstract,
        authors=list(authors),
        categories=["cs.CV"],
        published_at=day,
        updated_at=day,
    )


def _papers() -> Iterator[Paper]:
    if not REAL.exists():
        atom = "{http://www.w3.org/2005/Atom}"
        for number, entry in enumerate(ET.parse(SAMPLE).iter(f"{atom}entry")):  # noqa: S314 - ours
            title, abstract = (entry.findtext(f"{atom}{name}", "") for name in ("title", "summary"))
            names = [each.text or "" for each in entry.iter(f"{atom}name")]
            yield _paper(
                f"2601.{number:05}", title, abstract, names, datetime(2026, 1, 2, tzinfo=UTC)
            )
        return
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            day = datetime.fromisoformat(row["published"][:10]).replace(tzinfo=UTC)
            yield _paper(row["id"], row["title"], row["abstract"], row["authors"], day)


def _hostile() -> Iterator[Paper]:
    day = datetime(2026, 11, 25, tzinfo=UTC)
    for number, title in enumerate(HOSTILE):
        paper = _paper(f"2611.9{number:04}", title, title, AUTHORS, day)
        paper.doi = "10.1000/a_b%c"
        yield paper


# BibTeX and LaTeX


def _latex(papers: Sequence[Paper], folder: Path) -> Iterator[_Finding]:
    if not all(map(shutil.which, ("latex", "bibtex", "dvi2tty"))):
        _say("       LaTeX is not here: apt install texlive-latex-base")
        return
    source = bibtex_file(map(Entry, papers))
    (folder / "papers.bib").write_text(source, "utf-8")
    (folder / "main.tex").write_text(DOCUMENT, "utf-8")
    latex = ["latex", "-interaction=nonstopmode", "main.tex"]
    for command in (latex, ["bibtex", "main"], latex, latex):
        _run(command, folder)
    log = (folder / "main.log").read_text("utf-8", "replace")
    errors = _errors(log)
    errors += re.findall(r"^.*error.*", (folder / "main.blg").read_text("utf-8"), re.MULTILINE)
    yield "LaTeX errors", errors
    abstracts = "\n\n".join(to_latex(paper.abstract) for paper in papers)
    (folder / "abstracts.tex").write_text(ABSTRACTS % abstracts, "utf-8")
    _run([*latex[:-1], "abstracts.tex"], folder)
    yield (
        "LaTeX errors in abstracts",
        _errors((folder / "abstracts.log").read_text("utf-8", "replace")),
    )
    keys = re.findall(r"\\bibitem\{(.*?)\}", (folder / "main.bbl").read_text("utf-8"))
    text = _run(["dvi2tty", "-q", "-w132", "main.dvi"], folder)
    items = {int(number): item for number, item in re.findall(
        r"^ *\[(\d+)\](.*?)(?=^ *\[\d+\]|\Z)", text, re.MULTILINE | re.DOTALL
    )}  # fmt: skip
    cited = dict(zip(re.findall(r"^@misc\{(.*?),", source, re.MULTILINE), papers, strict=True))
    lost = [
        f"{word}: {cited[key].title}"
        for number, key in enumerate(keys, 1)
        for word in _lost(cited[key].title, items.get(number, ""))
    ]
    yield "words lost in print", lost
    yield "entries lost in print", sorted(cited.keys() - set(keys))


def _errors(log: str) -> list[str]:
    return re.findall(r"^!.*|Missing character.*", log, re.MULTILINE)


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603 - what this module names
        command, cwd=folder, capture_output=True, timeout=SECONDS, check=False
    )
    return done.stdout.decode("latin-1")


def _lost(title: str, printed: str) -> list[str]:
    """Return the title's words, as far as they are plain letters, that are not in print."""
    prose = "".join(" " if span.formula else span.text for span in readable(title))
    words = [
        word
        for token in re.findall(r"\S+", prose)
        if token.isascii()
        for word in re.findall(r"[A-Za-z]{2,}", token)
    ]
    there = re.sub(r"\s+", "", printed)
    return [word for word, _times in Counter(words).items() if word not in there]


# Names


def _names(papers: Sequence[Paper]) -> Iterator[_Finding]:
    source = bibtex_file(map(Entry, papers))
    entries = parse_string(source, "bibtex").entries
    yield "BibTeX entries that pybtex loses", ["?"] * (len(papers) - len(entries))
    read = parse_bibtex(source)
    yield "BibTeX blocks that bibtexparser refuses", list(map(str, read.failed_blocks))
    ris = rispy.loads(ris_file(map(Entry, papers)))
    yield "RIS records that rispy loses", ["?"] * (len(papers) - len(ris))
    plain = LatexNodes2Text(strict_latex_spaces=True).latex_to_text
    wrong, lost, count = [], [], 0
    for paper, entry, record in zip(papers, entries.values(), ris, strict=True):
        persons = entry.persons.get("author", [])
        for name, person, told in zip(paper.authors, persons, record["authors"], strict=True):
            count += 1
            family = plain(" ".join([*person.prelast_names, *person.last_names]))
            whole = to_text(name)
            # LaTeX's first encoding has no ogonek: "Piękos" is "Piekos" there.
            if _bare(told.partition(",")[0]) != _bare(family):
                wrong.append(f"{whole}: RIS {told}, BibTeX {family}")
            elif "," not in told and " " in told and not is_team(whole):
                wrong.append(f"{whole}: all of it is the family name")
            if Counter(_letters(told)) != Counter(_letters(whole)):
                lost.append(f"{whole}: {told}")
    yield f"of {count:,} family names on which RIS and BibTeX differ", wrong
    yield "names of which RIS loses a letter", lost


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text))).casefold()


# Feeds

_ATOM = "{http://www.w3.org/2005/Atom}"


def _feeds(papers: Sequence[Paper]) -> Iterator[_Finding]:
    invalid = []
    for start in range(0, len(papers), 200):
        shown = tuple(map(view, papers[start : start + 200]))
        text = feed(PageTopic(f"topic-{start}", "A & B <c>", shown, ()))
        read = feedparser.parse(text.encode())
        reasons = [*_against_rfc_4287(ET.fromstring(text))]  # noqa: S314 - our own feed
        if read.bozo or len(read.entries) != len(shown):
            reasons.append(f"feedparser: {read.get('bozo_exception')}, {len(read.entries)} entries")
        newest = sorted(shown, key=lambda one: (one.published_at, one.id), reverse=True)
        for entry, paper in zip(read.entries, newest, strict=False):
            titles = [entry.title, to_text(paper.title) or paper.id]
            told, meant = (_letters(BeautifulSoup(one, "lxml").get_text()) for one in titles)
            if told != meant:
                reasons.append(f"feedparser reads another title: {entry.title!r}")
        invalid += reasons
    yield "faults in feeds", invalid


def _against_rfc_4287(root: ET.Element) -> Iterator[str]:
    """Yield what RFC 4287 forbids: 4.1.1, 4.1.2, 3.3, 4.2.6."""
    for element in [root, *root.iter(f"{_ATOM}entry")]:
        for name in ("id", "title", "updated"):
            if len(element.findall(f"{_ATOM}{name}")) != 1:
                yield f"{element.tag} has not one {name}"
        if not (element.findall(f"{_ATOM}author") or root.findall(f"{_ATOM}author")):
            yield f"{element.tag} has no author"
    for moment in [*root.iter(f"{_ATOM}updated"), *root.iter(f"{_ATOM}published")]:
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment.text or ""):
            yield f"no moment: {moment.text}"
    ids = [each.findtext(f"{_ATOM}id") for each in root.iter(f"{_ATOM}entry")]
    if len(set(ids)) != len(ids):
        yield "an id twice"
    if any(re.match(r"[a-z]+:", one or "") is None for one in ids):
        yield "an id that is no IRI"


# Digest

_FORMULA = re.compile(r"(?<!\\)\$(`)?(.+?)(?(1)`)(?<!\\)\$")
_UNKNOWN_TO_GITHUB = re.compile(r"\\(?:operatorname|unicode|href|ensuremath|require|class|style)\b")
_LEFT_OVER = re.compile(
    r"\\(?:textbf|emph|textit|texttt|href|cite|url|begin)\b|\\[\"'`^~]\{?[A-Za-z]"
)


def _digest(papers: Sequence[Paper]) -> Iterator[_Finding]:
    page = render(
        Digest(datetime.now(UTC).date(), (Section("All", tuple(map(view, papers))),)), DETAILS
    )
    html = cmarkgfm.github_flavored_markdown_to_html(
        page.removeprefix("---\nlayout: default\n---\n"), options=Options.CMARK_OPT_UNSAFE
    )
    rows = BeautifulSoup(html, "lxml").select("tbody tr")
    broken = [str(row)[:100] for row in rows if len(row.find_all("td")) != 4]
    yield "digest rows that GitHub loses", ["?"] * (len(papers) - len(rows)) + broken
    raw, formulas = [], 0
    for line in page.splitlines():
        for found in _FORMULA.finditer(line):
            formulas += 1
            before, after = line[: found.start()][-1:], line[found.end() :][:1]
            if not _is_drawn(before, bool(found[1]), found[2], after):
                raw.append(line[max(0, found.start() - 15) : found.end() + 5])
    yield f"raw among {formulas:,} formulas, by GitHub's rules", raw
    shown = [_without_formulas(row.get_text()) for row in rows]
    left = [found[0] for text in shown for found in [_LEFT_OVER.search(text)] if found]
    yield "TeX left over in digest cells", left


def _is_drawn(before: str, fenced: bool, tex: str, after: str) -> bool:  # noqa: FBT001 - a rule
    """Tell it by https://github.com/github/markup/issues/1742, and GitHub's list of macros."""
    good_start = not before.isalpha() if fenced else before in {"", " ", "(", "|", "["}
    tight = fenced or (not tex[0].isspace() and not tex[-1].isspace())
    return good_start and tight and not after.isalnum() and _UNKNOWN_TO_GITHUB.search(tex) is None


def _without_formulas(text: str) -> str:
    return re.sub(r"\$[^$]*\$", " ", text)


if __name__ == "__main__":
    sys.exit(main())
