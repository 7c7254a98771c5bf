"""Seeds of a chat's personal order: what was named is found, and kept as an example (cold start).

Whatever is found is kept, also where arXiv does not answer. arXiv is asked once at most, for all
that the own store does not know.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.arxiv.transport import SourceError
from bot.conversation.context import Context
from bot.conversation.services import Services
from bot.transfer.examples import MOST_AUTHORS, Example, Examples, names_in
from storage import papers, seeds
from storage.columns import utc_now
from storage.models import Paper
from storage.seed_models import Seed

OF_AN_AUTHOR = 10
"""The newest papers of an author."""

_FEWEST_WORDS = 4
"""Of a title that is in no store: fewer say little."""


@dataclass(slots=True)
class Taken:
    """What became of what was named."""

    titles: list[str] = field(default_factory=list)
    """What is an example now."""
    unknown: list[str] = field(default_factory=list)
    """What says nothing: ids that arXiv does not know, lines that are no title."""
    unanswered: list[str] = field(default_factory=list)
    """What arXiv would have had to be asked for, and did not answer."""
    more: int = 0
    """What does not count any more."""
    nameless: int = 0
    orcids: list[str] = field(default_factory=list)
    """People of whom arXiv's API knows no number."""


async def learn_from(context: Context, named: Examples) -> Taken:
    """Keep what was named as examples of what the chat likes."""
    finder = _Finder(context.services, context.chat.id)
    taken = Taken(more=named.more, nameless=named.nameless, orcids=[*named.orcids])
    await finder.papers(named.papers, taken)
    for line in named.lines:
        await finder.line(line, taken)
    for author in named.authors:
        await finder.author(author, author, taken)
    await give(context, finder.found)
    return taken


async def give(context: Context, found: Sequence[Seed]) -> int:
    """Keep examples; return how many the chat has."""
    return await context.services.database.write(
        partial(seeds.give, chat_id=context.chat.id, seeds=found, now=utc_now())
    )


async def given(context: Context) -> list[Paper]:
    """Return what the chat gave."""
    return await context.services.database.read(partial(seeds.given, chat_id=context.chat.id))


async def forget(context: Context, keys: Collection[str] | None = None) -> int:
    """Forget what the chat gave, or some of it; return how many it has then."""
    return await context.services.database.write(
        partial(seeds.take_back, chat_id=context.chat.id, keys=keys)
    )


class _Finder:
    """Looks things up in the own store, and once at arXiv."""

    def __init__(self, services: Services, chat_id: int) -> None:
        self.found: list[Seed] = []
        self._services = services
        self._chat_id = chat_id
        self._may_ask = True
        self._authors = 0

    async def papers(self, named: Sequence[Example], taken: Taken) -> None:
        """Find papers by id or DOI; what is not found has its words."""
        dois = [one.doi for one in named if one.doi]
        by_doi = await self._services.database.read(partial(papers.ids_of_dois, dois=dois))
        ids = [one.paper_id or by_doi.get(one.doi or "", "") for one in named]
        known, answered = await self._known(filter(None, ids))
        for paper_id, one in zip(ids, named, strict=True):
            if paper_id in known:
                self._take(known[paper_id], taken)
            elif one.title and not one.abstract and (paper := await self._titled(one.title)):
                self._take(paper, taken)
            elif one.title:
                self._take_words(one, taken)
            elif paper_id and not answered:
                taken.unanswered.append(paper_id)
            else:
                taken.unknown.append(paper_id or one.doi or "")

    async def line(self, line: str, taken: Taken) -> None:
        """Find out whether a line is a title or an author."""
        names = names_in(line)
        paper = await self._titled(line)
        if paper is not None:
            self._take(paper, taken)
        elif names and (len(names) > 1 or len(line.split()) < _FEWEST_WORDS):
            for name in names:
                await self.author(name, name, taken)
        elif len(line.split()) >= _FEWEST_WORDS:
            self._take_words(Example(title=line), taken)
        else:
            taken.unknown.append(line)

    async def author(self, name: str, line: str, taken: Taken) -> None:
        """Take the newest papers of an author."""
        self._authors += 1
        if self._authors > MOST_AUTHORS:
            taken.more += 1
            return
        try:
            found = await self._services.papers_by(name, most=OF_AN_AUTHOR, ask_arxiv=False)
            if not found and self._may_ask:
                self._may_ask = False
                found = await self._services.papers_by(name, most=OF_AN_AUTHOR, ask_arxiv=True)
        except (SourceError, TimeoutError):
            taken.unanswered.append(line)
            return
        for paper in found:
            self._take(paper, taken)
        if not found:
            taken.unknown.append(line)

    async def _known(self, ids: Iterable[str]) -> tuple[dict[str, Paper], bool]:
        """Return papers by id, and whether arXiv told of those that the store did not know."""
        wanted = list(dict.fromkeys(ids))
        known = await self._services.stored(wanted)
        unknown = [paper_id for paper_id in wanted if paper_id not in known]
        if not unknown:
            return known, True
        self._may_ask = False
        try:
            return known | await self._services.papers(unknown), True
        except (SourceError, TimeoutError):
            return known, False

    async def _titled(self, title: str) -> Paper | None:
        return await self._services.titled(title, ask_arxiv=False)

    def _take(self, paper: Paper, taken: Taken) -> None:
        self.found.append(seeds.of_paper(self._chat_id, paper.id))
        taken.titles.append(paper.title)

    def _take_words(self, one: Example, taken: Taken) -> None:
        self.found.append(seeds.of_words(self._chat_id, one.title, one.abstract))
        taken.titles.append(one.title)
