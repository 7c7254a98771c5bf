"""View models of papers for one chat, with missing translations filled first."""

from collections.abc import Mapping, Sequence

from bot.translation.paper_view import PaperView, view
from bot.translation.service import Progress, Translator
from storage.models import ORIGINAL, Paper, Translation

PATIENCE_SECONDS = 120.0
"""A push waits no longer than this for translations."""


async def views(
    *,
    translator: Translator,
    papers: Sequence[Paper],
    language: str,
    titles: bool = False,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    because: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> list[PaperView]:
    """Return the papers in a language and with a chat's labels by paper id, in the same order.

    `because` has by paper id the title of what was liked before, where that is why it comes.

    `titles` are in that language as well, or as arXiv has them. What the engines could not
    translate in time stands in the original.
    """
    made: Mapping[str, Translation] = {}
    if papers and language != ORIGINAL:
        made = await translator.papers(
            papers, language, titles=titles, progress=progress, patience_seconds=patience_seconds
        )
    return [
        view(
            paper,
            translation=made.get(paper.id),
            title=titles,
            labels=(labels or {}).get(paper.id, ()),
            because=(because or {}).get(paper.id),
        )
        for paper in papers
    ]
