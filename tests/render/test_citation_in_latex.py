"""Interoperation: BibTeX and LaTeX themselves read what we write, with plain.bst and no package."""

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.render.citation import Entry, bibtex_file
from storage.models import Paper
from tests.material import shared_data

DOCUMENT = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\begin{document}
\nocite{*}
\bibliographystyle{plain}
\bibliography{papers}
\end{document}
"""
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
    r"\href{https://x.org/a_b%20c}{A link} and \emph{more}",
    '# & % _ ^ ~ $ { } \\ < > | "',
]
AUTHORS = [
    "Ada M. Lovelace",
    "Robert W. Heath Jr.",
    "The A & B Collaboration",
    "Łukasz Żółw",
    "x_y",
]


def paper(paper_id: str, title: str, authors: list[str]) -> Paper:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    return Paper(
        id=paper_id,
        title=title,
        abstract="We report.",
        authors=authors,
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
        doi="10.1000/a_b%c",
    )


def hostile() -> list[Paper]:
    return [paper(f"2611.{number:05}", title, AUTHORS) for number, title in enumerate(HOSTILE)]


def real() -> list[Paper]:
    with gzip.open(shared_data("papers.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [paper(row["id"], row["title"], row["authors"]) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("papers", [hostile, real])
@pytest.mark.skipif(shutil.which("latex") is None, reason="needs Debian's texlive-latex-base")
def test_every_real_paper_and_hostile_ones_typeset_without_an_error(
    tmp_path: Path, papers: Callable[[], list[Paper]]
) -> None:
    cited = papers()
    (tmp_path / "papers.bib").write_text(bibtex_file(map(Entry, cited)), "utf-8")
    (tmp_path / "main.tex").write_text(DOCUMENT, "utf-8")
    latex = ["latex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    for command in (latex, ["bibtex", "main"], latex, latex):
        done = subprocess.run(  # noqa: S603
            command, cwd=tmp_path, capture_output=True, timeout=300, check=False
        )
        told = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, told[-2_000:]
    log = (tmp_path / "main.log").read_text("utf-8", "replace")
    assert not re.findall(r"^!.*", log, re.MULTILINE)
    assert "Missing character" not in log
    items = (tmp_path / "main.bbl").read_text("utf-8").count("\\bibitem")
    assert items == len(cited)
