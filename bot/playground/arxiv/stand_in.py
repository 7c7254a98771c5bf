"""A fake server for arXiv's API that replays recorded papers over real HTTP.

It answers as arXiv did in 2026, with its limits and its errors:
https://info.arxiv.org/help/api/user-manual.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from bot.playground.arxiv.errors import ERRORS, SearchError
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.feed import error, page
from bot.playground.arxiv.index import Index
from bot.playground.arxiv.papers import (
    ArxivEntry,
    date_anew,
    from_feeds,
    from_rows,
    from_sample,
)
from bot.playground.arxiv.parameters import Parameters, read_parameters
from bot.playground.arxiv.search import find
from bot.playground.arxiv.service import Asked, Reply, Service


class FakeArxiv(Service):
    """arXiv in a box; `await start()` returns the address for ARXIV_API_URL."""

    path = "/api/query"

    def __init__(
        self,
        papers: Iterable[Mapping[str, Any]] | None = None,
        *,
        feeds: Path | None = None,
        newest: datetime | None = None,
        hold_back: int = 0,
        min_delay: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Prepare the papers: plain dictionaries, a folder of recorded feeds, or the own sample.

        newest: move all dates by whole days, so that the newest paper lies just before this.
        hold_back: keep so many of the newest papers until `announce`. min_delay: seconds; whoever
        asks faster gets 429.
        """
        super().__init__(min_delay=min_delay, seed=seed)
        self._entries = _read(papers, feeds)
        if newest is not None:
            date_anew(self._entries, newest)
        self._entries.sort(key=lambda entry: (entry.published, entry.id))
        kept = max(0, len(self._entries) - hold_back)
        self._held_back = self._entries[kept:]
        del self._entries[kept:]
        self._index: Index | None = None
        self._found: dict[object, list[ArxivEntry]] = {}

    @property
    def entries(self) -> Sequence[ArxivEntry]:
        """All papers that can be found, oldest first."""
        return self._entries

    @property
    def ids(self) -> list[str]:
        """The ids of all papers that can be found, oldest first."""
        return [entry.id for entry in self._entries]

    def announce(self, count: int | None = None) -> list[str]:
        """Release held-back papers, all or the newest `count`, dated now; return their ids."""
        kept = 0 if count is None else max(0, len(self._held_back) - count)
        released, self._held_back = self._held_back[kept:], self._held_back[:kept]
        now = datetime.now(UTC).replace(microsecond=0)
        for age, entry in enumerate(reversed(released)):
            moment = now - timedelta(seconds=age)
            entry.date(published=moment, updated=moment)
        self._entries += released
        self._changed()
        return [entry.id for entry in released]

    def publish(self, papers: Iterable[Mapping[str, Any]]) -> None:
        """Add papers; one that is known already gets this version."""
        new = from_rows(papers)
        ids = {entry.id for entry in new}
        kept = [entry for entry in self._entries if entry.id not in ids]
        self._entries = sorted([*kept, *new], key=lambda entry: (entry.published, entry.id))
        self._changed()

    def _changed(self) -> None:
        self._index = None
        self._found.clear()

    def reply(self, asked: Asked, fault: ArxivFault | None) -> Reply:
        """Return what the API says."""
        feed = "application/atom+xml; charset=utf-8"
        if fault is ArxivFault.ERROR_ENTRY:
            return Reply(error("unexpected error", ERRORS), feed)
        try:
            return Reply(self.answer(asked.arguments, fault), feed)
        except SearchError as refusal:
            return Reply(error(refusal.message, refusal.place), feed, refusal.status)

    def answer(self, arguments: Mapping[str, str], fault: ArxivFault | None = None) -> str:
        """Return the feed that answers a request. Raises SearchError."""
        parameters = read_parameters(arguments)
        found = self._search(parameters)
        total = len(found)
        rendered = [
            entry.xml for entry in found[parameters.start : parameters.start + parameters.size]
        ]
        match fault:
            case ArxivFault.NOTHING:
                rendered, total = [], 0
            case ArxivFault.EMPTY_PAGE:
                rendered = []
            case ArxivFault.SHORT_PAGE:
                rendered = rendered[: len(rendered) // 2]
            case ArxivFault.REPEATED_PAGE:
                rendered[-1:] = rendered[:1]
            case ArxivFault.BAD_ENTRY:
                rendered[:1] = [
                    re.sub(r"(?<=<published>)[^<]+", "soon", text) for text in rendered[:1]
                ]
            case ArxivFault.ILL_FORMED_ENTRY:
                rendered[:1] = [text.replace("<title>", "<title>0 < 1, ") for text in rendered[:1]]
        return page(
            query=parameters.query or "",
            ids=",".join(parameters.ids),
            total=total,
            start=parameters.start,
            size=parameters.size,
            entries=rendered,
        )

    def _search(self, parameters: Parameters) -> list[ArxivEntry]:
        key = (parameters.query, parameters.ids, parameters.sort_by, parameters.ascending)
        if key not in self._found:
            if len(self._found) > 100:  # noqa: PLR2004 - enough for paging
                self._found.clear()
            self._found[key] = self._sorted(parameters)
        return self._found[key]

    def _sorted(self, parameters: Parameters) -> list[ArxivEntry]:
        if self._index is None:
            self._index = Index(self._entries)
        found = find(self._index, parameters.query) if parameters.query else list(self._entries)
        if parameters.ids:
            found = _of_these(found, parameters.ids)
        found.sort(key=_SORT_KEYS[parameters.sort_by], reverse=not parameters.ascending)
        return found


_SORT_KEYS: Mapping[str, Callable[[ArxivEntry], tuple[object, ...]]] = {
    "relevance": lambda entry: (crc32(entry.id.encode()),),
    "lastUpdatedDate": lambda entry: (entry.updated, entry.id),
    "submittedDate": lambda entry: (entry.published, entry.id),
}
"""Relevance is not a date, and means nothing here."""


def _read(papers: Iterable[Mapping[str, Any]] | None, feeds: Path | None) -> list[ArxivEntry]:
    if papers is not None:
        return from_rows(papers)
    if feeds is not None:
        return from_feeds(feeds)
    return from_sample()


def _of_these(entries: Iterable[ArxivEntry], ids: Sequence[str]) -> list[ArxivEntry]:
    """Return the entries that have one of these ids; an id with a version means that one."""
    papers = {re.sub(r"v\d+$", "", text) for text in ids}
    return [
        entry.at(version)
        for entry in entries
        if entry.id in papers
        for version in range(1, entry.version + 1)
        if f"{entry.id}v{version}" in ids or (version == entry.version and entry.id in ids)
    ]
