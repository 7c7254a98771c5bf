"""What the fake arXiv answers to a query, beside what the matcher finds in the same papers."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.playground.arxiv.adapter import adapted
from bot.playground.arxiv.index import Index
from bot.playground.arxiv.papers import ArxivEntry, from_rows
from bot.playground.arxiv.search import find
from bot.query.arxiv_syntax import Questions, questions
from bot.query.ast import Query
from bot.query.matcher import matching
from storage.models import Paper

__all__ = ["Answers", "row"]


def row(title: str = "", **others: Any) -> dict[str, Any]:
    """Return a paper as the fake arXiv takes it."""
    known = {"id": "2505.00284", "version": 1, "abstract": "", "authors": ["Ada Lovelace"]}
    dated = {"categories": ["cs.CV"], "published": "2025-05-01T12:00:00Z"}
    return {"title": title, **known, **dated, **others}


class Answers:
    """Some papers, and who finds which of them."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.index = Index(from_rows(rows))
        self.papers = [_as_told(entry) for entry in self.index.papers.documents]

    def ours(self, query: Query) -> set[str]:
        """Return the ids of the papers that the matcher finds."""
        return self.all_ours([query])[query]

    def all_ours(self, queries: Iterable[Query]) -> dict[Query, set[str]]:
        """Return for each query the ids of the papers that the matcher finds."""
        found = matching(self.papers, {query: query for query in queries})
        return {query: set(ids) for query, ids in found.items()}

    def of_arxiv(self, query: Query) -> set[str]:
        """Return the ids of the papers that arXiv finds, asked for a query. Raises SearchError."""
        return self.to(questions(query))

    def to(self, asked: Questions) -> set[str]:
        """Return the ids of the papers that arXiv finds by some questions. Raises SearchError."""
        found = {entry.id for entry in self.index.papers.documents} & set(asked.ids)
        for search in asked.searches:
            found |= {entry.id for entry in find(self.index, adapted(search) or "")}
        return found


def _as_told(entry: ArxivEntry) -> Paper:
    """Return a paper as arXiv's feed tells it."""
    return Paper(
        id=entry.id,
        version=entry.version,
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        categories=entry.classes,
        comment=entry.comment,
        journal_ref=entry.journal_ref,
        published_at=entry.published,
        updated_at=entry.updated,
    )
