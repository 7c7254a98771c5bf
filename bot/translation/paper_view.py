"""View model: a paper the way one chat sees it, which messages and documents are made from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from storage.models import Paper, Translation


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper with its words in the chat's language and the chat's own labels on it."""

    id: str
    version: int
    title: str
    """TeX as arXiv or the translation gives it."""
    abstract: str
    """In the chat's language where `translated`; TeX as arXiv or the translation gives it."""
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime
    """When version 1 was submitted, time-zone-aware."""
    abs_url: str
    pdf_url: str
    code_url: str | None = None
    labels: tuple[str, ...] = ()
    """The chat's labels of the topics that the paper matched."""
    translated: bool = False
    engine: str | None = None
    """Who translated it."""
    withdrawn: bool = False
    """Its authors took it back."""
    because: str | None = None
    """The title of a paper that was liked before, where that is why this one comes."""

    @property
    def published_on(self) -> date:
        """The day of submission in UTC, which is arXiv's."""
        return self.published_at.astimezone(UTC).date()


def view(
    paper: Paper,
    *,
    translation: Translation | None = None,
    title: bool = True,
    labels: tuple[str, ...] = (),
    because: str | None = None,
) -> PaperView:
    """Return the paper in the words of its translation, or in arXiv's where there is none.

    `title`: that of the translation is wanted, too.
    """
    return PaperView(
        id=paper.id,
        version=paper.version,
        title=(title and translation and translation.title) or paper.title,
        abstract=translation.abstract if translation else paper.abstract,
        authors=tuple(paper.authors),
        categories=tuple(paper.categories),
        published_at=paper.published_at,
        abs_url=paper.abs_url,
        pdf_url=paper.pdf_url,
        code_url=paper.code_url,
        labels=labels,
        translated=translation is not None,
        engine=translation.engine if translation else None,
        withdrawn=paper.withdrawn,
        because=because,
    )
