"""View models: papers the way one chat sees them, which messages and documents are made from."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import NamedTuple, TypeVar

import structlog

from bot.translation.key_sentence import aligned, is_remembered, shown
from bot.translation.service import Progress, Translator
from bot.translation.summary import Summary, load
from storage.models import ORIGINAL, Paper, Translation


class Because(NamedTuple):
    """A paper that is the reason why another one comes."""

    title: str
    given: bool = False
    """It was not saved, but given as an example."""


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
    key_sentence: str = ""
    """What the paper brings (TeX), in the language of the abstract; empty where that is not told
    clearly, or not translated well."""
    summary: Summary | None = None
    """What a language model says of it, in the language of the abstract: checked claims."""
    changed_at: datetime | None = None
    """When a new version or its translation came; None: not since it was published."""
    because: Because | None = None
    """A paper that was liked before, where that is why this one comes."""

    @property
    def published_on(self) -> date:
        """The day of submission in UTC, which is arXiv's."""
        return self.published_at.astimezone(UTC).date()

    def for_all(self) -> tuple[object, ...]:
        """Return all that is not one chat's own: labels, and why it comes."""
        values: tuple[object, ...] = _FOR_ALL(self)
        return values


_FOR_ALL = attrgetter(
    *(field.name for field in fields(PaperView) if field.name not in {"labels", "because"})
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


def view(
    paper: Paper,
    *,
    translation: Translation | None = None,
    title: bool = True,
    labels: tuple[str, ...] = (),
    because: Because | None = None,
    key: str | None = None,
) -> PaperView:
    """Return the paper in the words of its translation, or in arXiv's where there is none.

    `title`: that of the translation is wanted, too. `key`: the key sentence, where it is known or
    not wanted; None: it is found, which takes milliseconds.
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
        key_sentence=_key_sentence(paper, translation) if key is None else key,
        summary=load(translation.summary) if translation else None,
        changed_at=max(paper.updated_at, translation.created_at if translation else _LONG_AGO),
        because=because,
    )


def sparing(render: Callable[[Sequence[PaperView]], _T], papers: Sequence[PaperView]) -> _T:
    """Render papers; where that fails, those over which it fails stand without their texts.

    A text that nobody thought of costs its paper, and not the push, the digest or the site.
    """
    try:
        return render(papers)
    except Exception:  # noqa: BLE001 - whatever it is, the other papers are shown
        _log.exception("papers can't be shown as they are")
    return render([paper if _is_shown(render, paper) else _bare(paper) for paper in papers])


def _is_shown(render: Callable[[Sequence[PaperView]], object], paper: PaperView) -> bool:
    try:
        render([paper])
    except Exception:  # noqa: BLE001 - it was logged with all of them
        _log.error("a paper is shown without its texts", paper=paper.id)
        return False
    return True


def _bare(paper: PaperView) -> PaperView:
    return replace(
        paper,
        title=f"arXiv:{paper.id}",
        abstract="",
        key_sentence="",
        authors=(),
        categories=(),
        code_url=None,
        because=None,
    )


def _key_sentence(paper: Paper, translation: Translation | None) -> str:
    try:
        return _told_key(paper, translation)
    except Exception:  # noqa: BLE001 - a paper is worth reading without it
        _log.exception("no key sentence", paper=paper.id)
        return ""


def _is_known(paper: Paper, translation: Translation | None) -> bool:
    if translation is None:
        return is_remembered(paper.title, paper.abstract)
    return bool(translation.key_sentence) or is_remembered(
        paper.title, paper.abstract, translation.abstract, translation.language
    )


def _told_key(paper: Paper, translation: Translation | None) -> str:
    title, abstract = paper.title, paper.abstract
    if translation is None:
        return shown(title, abstract)
    # Older translations have none of their own.
    return translation.key_sentence or aligned(
        title, abstract, translation.abstract, translation.language
    )


_AT_ONCE = 200
"""Papers of which nothing is to be found out: more would keep the event loop for milliseconds."""

PATIENCE_SECONDS = 120.0
"""A push waits no longer than this for translations."""


async def views(
    *,
    translator: Translator,
    papers: Sequence[Paper],
    language: str,
    titles: bool = False,
    labels: Mapping[str, tuple[str, ...]] | None = None,
    because: Mapping[str, Because] | None = None,
    progress: Progress | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    stored: Mapping[str, Translation] | None = None,
    key_sentences: bool = True,
) -> list[PaperView]:
    """Return the papers in a language and with a chat's labels by paper id, in the same order.

    `because` has by paper id what was liked before, where that is why it comes.

    `titles` are in that language as well, or as arXiv has them. What the engines could not
    translate in time stands in the original. `stored`: as in `Translator.papers`.
    `key_sentences` are wanted, or left empty.
    """
    made: Mapping[str, Translation] = {}
    if papers and language != ORIGINAL:
        made = await translator.papers(
            papers,
            language,
            titles=titles,
            progress=progress,
            patience_seconds=patience_seconds,
            stored=stored,
        )

    def seen() -> list[PaperView]:
        return [
            view(
                paper,
                translation=made.get(paper.id),
                title=titles,
                labels=(labels or {}).get(paper.id, ()),
                because=(because or {}).get(paper.id),
                key=None if key_sentences else "",
            )
            for paper in papers
        ]

    is_quick = len(papers) <= _AT_ONCE and (
        not key_sentences or all(_is_known(paper, made.get(paper.id)) for paper in papers)
    )
    return seen() if is_quick else await asyncio.to_thread(seen)
