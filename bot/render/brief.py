"""Brief messages: a morning's papers in one or two, each with what it brings in a few lines."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from math import ceil

from markupsafe import Markup, escape

from bot.i18n import Texts, unlinked_whole
from bot.render.push_message import (
    MOST_SHOWN,
    PushMessage,
    Size,
    cut,
    linked_title,
    reason,
    shortened,
    units,
    untranslated,
)
from bot.tex.to_unicode import Span, readable, to_text
from bot.translation.paper_view import PaperView
from storage.models import ORIGINAL

PAPERS_PER_MESSAGE = 15
"""With some 4 entities each; of more papers there are as many messages as needed, evenly full."""
_LONGEST_TITLE = 200
_LONGEST_LINE = 220
"""About five lines on a phone."""
_SHORTEST_LINE = 70
"""Where there is no room for as much, fewer papers go into a message."""
_MOST_LABELS = 3


def brief_messages(
    papers: Sequence[PaperView],
    *,
    _: Texts,
    header: str | None = None,
    footer: str | None = None,
    language: str = ORIGINAL,
    first: int = 1,
) -> list[PushMessage]:
    """Return the papers, each once and in this order, as `push_messages` does."""
    before, after = [header] if header else [], [footer] if footer else []
    if language != ORIGINAL and not all(paper.translated for paper in papers):
        after.insert(0, untranslated(_))
    around = Size.of([*before, *after])
    rows = [_Row(paper, number, _) for number, paper in enumerate(papers, first)]
    for count in range(max(1, ceil(len(rows) / PAPERS_PER_MESSAGE)), len(rows) + 1):
        pages = _evenly(rows, count)
        rooms = [_room(page, around) for page in pages]
        if all(room >= _SHORTEST_LINE for room in rooms) or count == len(rows):
            return [
                _message(
                    page,
                    room,
                    before if page is pages[0] else [],
                    after if page is pages[-1] else [],
                )
                for page, room in zip(pages, rooms, strict=True)
            ]
    return []


class _Row:
    """One paper: its title, what it brings, and who wrote it first."""

    def __init__(self, paper: PaperView, number: int, _: Texts) -> None:
        self.paper_id, self.number = paper.id, number
        title, self._line, self.length = _shared(replace(paper, labels=(), because=None))
        self._above = Markup("{}. {}").format(number, title)
        self._below = "\n".join(filter(None, [reason(paper, _), _about(paper, _)]))
        self.size = Size.of([self._above, self._below])

    def html(self, room: int) -> str:
        """Return it with a line of at most `room` UTF-16 units."""
        return "\n".join(filter(None, [self._above, escape(cut(self._line, room)), self._below]))


@lru_cache(maxsize=2_000)
def _shared(paper: PaperView) -> tuple[Markup, tuple[Span, ...], int]:
    """Return the title, the line and its length, which are the same for all chats of a language."""
    # Where nothing says clearly what it brings, the abstract says it in its own order.
    line = tuple(readable(paper.key_sentence or paper.abstract))
    length = min(units("".join(piece.text for piece in line)), _LONGEST_LINE)
    return linked_title(paper, _LONGEST_TITLE), line, length


def _about(paper: PaperView, _: Texts) -> Markup:
    names = [shortened(to_text(name)) for name in paper.authors]
    who = _.plain("{name} et al.", name=names[0]) if len(names) > 1 else "".join(names)
    named = [shortened(label) for label in paper.labels[:_MOST_LABELS]]
    labels = Markup(", ").join(unlinked_whole(label) or escape(label) for label in named)
    said = Markup(" · ").join(filter(None, [who, labels]))
    mark = Markup("⚠️ <b>{}</b>").format(_.plain("Withdrawn")) if paper.withdrawn else None
    about = Markup("<i>{}</i>").format(said) if said else None
    return Markup(" · ").join(filter(None, [mark, about]))


def _evenly(rows: Sequence[_Row], count: int) -> list[list[_Row]]:
    """Return the rows on so many pages, in their order, with as many on each as can be."""
    ends = [round(len(rows) * page / count) for page in range(count + 1)]
    return [list(rows[start:end]) for start, end in pairwise(ends)]


def _room(page: Sequence[_Row], around: Size) -> int:
    """Return how long a line may be so that all fit: short ones leave their room to the others."""
    size = sum((row.size for row in page), start=around)
    free, lengths = MOST_SHOWN - size.shown, sorted(row.length for row in page)
    for place, length in enumerate(lengths):
        share = free // (len(lengths) - place)
        if length > share:
            return max(0, share)
        free -= length
    return _LONGEST_LINE


def _message(
    page: Sequence[_Row], room: int, before: Sequence[str], after: Sequence[str]
) -> PushMessage:
    return PushMessage(
        "\n\n".join([*before, *(row.html(room) for row in page), *after]),
        tuple(row.paper_id for row in page),
        before=tuple(before),
        after=tuple(after),
        first=page[0].number,
    )
