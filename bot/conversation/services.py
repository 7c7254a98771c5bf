"""Services: what handlers may ask of sweep, push and digest."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.arxiv.transport import CrowdedError, SourceError
from bot.arxiv.turns import asks_for
from bot.container import Container
from bot.digest import compose
from bot.digest.markdown import DETAILS, PLAIN, Digest, file_name, files
from bot.digest.request import DETAILED, DigestRequest
from bot.push.worker import Pusher
from bot.query import tokens
from bot.query.arxiv_syntax import questions
from bot.query.ast import Field, Term
from bot.query.one_author import author_query, has_author
from bot.ranking.far_apart import far_apart
from bot.ranking.model import likes_missing
from bot.render.push_message import PushMessage
from bot.search import own_store
from bot.search.index_words import words_of
from bot.site.page import PageTopic, page
from bot.site.site import slug
from bot.sweep import backfill
from bot.translation.glossary import in_english
from bot.translation.languages import LANGUAGES, Language
from bot.translation.paper_view import PaperView, views
from bot.translation.service import EngineHealth, Progress
from bot.week.look_back import LookBack, look_back
from storage import chats, fan_out, matches, opinions, papers, seeds, weeks
from storage.columns import utc_now
from storage.models import ORIGINAL, Chat, Paper
from storage.topics import Followed
from storage.week_models import WeekNote

_ARXIV_PATIENCE_SECONDS = 90.0
"""Somebody waits: longer than this arXiv counts as silent."""

CARD_PATIENCE_SECONDS = 20.0
"""Somebody waits for one paper."""

TITLE_PATIENCE_SECONDS = 20.0
"""The same, for a paper by its title."""

WORDS_PATIENCE_SECONDS = 8.0
"""Somebody waits for a few words in English."""

_TITLED = 5
"""Papers of nearly the same title."""

_BY_FAMILY = 100
"""Papers among which an author's are looked for: several people share a family name."""

_CHOSEN_FROM = 200
"""Recent papers of which some are shown."""

MOST_BYTES = 49 * 1024 * 1024
"""A file: Telegram takes 50 MB (https://core.telegram.org/bots/api#senddocument)."""


@dataclass(frozen=True, slots=True)
class Document:
    """A digest for a chat, in as many files as Telegram's limit makes of it."""

    files: Sequence[tuple[str, bytes]]
    """The name and the content of each."""
    topics: int
    papers: int
    untranslated: int
    page: tuple[str, bytes] | None = None
    """The same as one HTML file, where it was wanted and Telegram takes one so large."""


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Wait for arXiv only so long; raises TimeoutError, or CrowdedError where it had no turn."""
    asker = asks_for.get()
    if asker is not None:
        asker.gave_up_waiting = False
    try:
        async with asyncio.timeout(_ARXIV_PATIENCE_SECONDS):
            yield
    except TimeoutError:
        if asker is not None and asker.gave_up_waiting:
            raise CrowdedError from None
        raise


class Services:
    """What handlers may ask of the rest of the bot."""

    def __init__(self, container: Container, pusher: Pusher) -> None:
        self.settings = container.settings
        self.database = container.database
        self.languages: Sequence[Language] = [
            LANGUAGES[code] for code in container.translator.languages()
        ]
        """What the configured engines can translate into, the original first."""
        self._personal = container.personal
        self._source = container.source
        self._translator = container.translator
        self._pusher = pusher

    @property
    def ranks(self) -> bool:
        """Whether chats can have an order of their own."""
        return self._personal.is_available

    async def likes_missing(self, chat: Chat) -> int:
        """Return how many more papers a chat must like before its order can be learned."""
        async with self.database.reading() as session:
            liked = await opinions.liked_count(session=session, chat_id=chat.id)
        given = await self.database.read(partial(seeds.count, chat_id=chat.id))
        return likes_missing(liked=liked, given=given)

    def engine_health(self) -> Sequence[EngineHealth]:
        """Return how each translation engine does, in the order in which they are asked."""
        return self._translator.health()

    async def match(self, topic_id: int) -> None:
        """Record all matches of a topic in the own store, where that was not done yet."""
        await own_store.match_topic(database=self.database, topic_id=topic_id)

    async def match_followed(self, followed: Iterable[Followed]) -> None:
        """Match what was not yet: after an update, or right after a topic was followed."""
        for entry in followed:
            if entry.topic.matched_at is None:
                await self.match(entry.topic.id)

    async def match_first_week(self, topic_id: int, chat: Chat) -> None:
        """Record as many of a topic's newest matches as the chat is owed when it follows it."""
        await own_store.match_newest(
            database=self.database,
            topic_id=topic_id,
            since=utc_now() - fan_out.FIRST_WEEK,
            most=fan_out.first_papers(chat),
        )

    async def backfill(self, topic_id: int) -> datetime | None:
        """Ask arXiv for a topic's older papers; raises SourceError or TimeoutError.

        Return from when on the answer has all papers that are older than what the store has all
        papers of; None: that is not known.
        """
        async with _patience():
            return await backfill.backfill(
                database=self.database, source=self._source, topic_id=topic_id
            )

    async def push_now(self, chat_id: int) -> int:
        """Send what the chat is owed, up to its cap; return how many papers."""
        async with self.database.reading() as session:
            chat = await chats.get(session=session, chat_id=chat_id)
        if chat is None:
            return 0
        return (await self._pusher.push_chat(chat_id, limit=chat.papers_per_push)).sent

    async def look_back(self, chat: Chat) -> LookBack:
        """Return the chat's last whole week."""
        return await look_back(
            database=self.database, chat=chat, now=utc_now(), personal=self._personal
        )

    async def week_given_up(self, chat: Chat, week: LookBack) -> WeekNote | None:
        """Return what was to come by itself of that week, where it may not have arrived."""
        return await self.database.read(
            partial(weeks.given_up, chat_id=chat.id, week=week.ends_on.toordinal())
        )

    async def latest(
        self, chat: Chat, followed: Iterable[Followed], limit: int
    ) -> Sequence[PushMessage]:
        """Return the newest papers on the chat's topics as messages."""
        await self.match_followed(followed)
        return await compose.latest(
            database=self.database, translator=self._translator, chat=chat, limit=limit
        )

    async def stored(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Return by id those of some papers that are stored."""
        return await self.database.read(partial(papers.read_many, paper_ids=paper_ids))

    async def papers(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Return papers by their ids, asking arXiv for those unknown."""
        known = await self.stored(paper_ids)
        unknown = [paper_id for paper_id in paper_ids if paper_id not in known]
        if unknown:
            async with _patience():
                found = await self._source.fetch(unknown)
            await self._keep(found)
            known |= {paper.id: paper for paper in found if paper.id in unknown}
        return known

    async def papers_by(self, author: str, *, most: int, ask_arxiv: bool) -> Sequence[Paper]:
        """Return an author's newest papers, of the own store or of arXiv; initials will do.

        Raises SourceError or TimeoutError where arXiv is asked.
        """
        query = author_query(author)
        if query is None:
            return ()
        found = await own_store.newest(database=self.database, query=query, most=_BY_FAMILY)
        mine = [one for one in found if has_author(one.authors, author)]
        if not mine and ask_arxiv:
            async with _patience():
                found = await self._source.ask(questions(query), limit=_BY_FAMILY)
            mine = [one for one in found if has_author(one.authors, author)][:most]
            await self._keep(mine)
        return mine[:most]

    async def to_choose_from(self, chat: Chat) -> Sequence[Paper]:
        """Return recent papers of a chat's topics, or of all, such as are far apart first."""

        def recent(connection: Connection) -> tuple[Sequence[Paper], set[str]]:
            found: Sequence[Paper] = matches.newest_for_chat(
                connection, chat_id=chat.id, limit=_CHOSEN_FROM
            )
            if len(found) < _CHOSEN_FROM // 10:
                found = papers.read_newest(connection, limit=_CHOSEN_FROM)
            known = {one.id for one in seeds.given(connection, chat_id=chat.id)}
            return found, known

        found, known = await self.database.read(recent)
        left = [one for one in found if not one.withdrawn and one.id not in known]
        return await asyncio.to_thread(far_apart, left)

    async def _keep(self, found: Sequence[Paper]) -> None:
        words = await asyncio.to_thread(words_of, found)
        async with self.database.transaction() as session:
            await papers.store(session=session, papers=found, words=words)

    async def titled(self, title: str, *, ask_arxiv: bool) -> Paper | None:
        """Return the newest paper of just this title, from the own store or from arXiv."""
        words = tokens.split(title)
        if not words:
            return None
        query = Term(Field.TITLE, tuple(word.lower() for word in words))
        found = await own_store.newest(database=self.database, query=query, most=_TITLED)
        if not found and ask_arxiv:
            try:
                async with asyncio.timeout(TITLE_PATIENCE_SECONDS):
                    found = await self._source.ask(questions(query), limit=_TITLED)
            except (SourceError, TimeoutError):
                return None
        said = [word.lower() for word in words]
        alike = [one for one in found if [w.lower() for w in tokens.split(one.title)] == said]
        await self._keep(alike[:1])
        return alike[0] if alike else None

    async def into_english(self, words: str, language: str) -> str | None:
        """Return words of a language in English: a term of the glossary, or an engine's answer."""
        if (term := in_english(words, language)) is not None:
            return term
        try:
            async with asyncio.timeout(WORDS_PATIENCE_SECONDS):
                return await self._translator.into_english(words, language=language)
        except TimeoutError:
            return None

    async def view(self, paper: Paper, chat: Chat) -> PaperView:
        """Return a paper in the chat's language, with its labels there."""
        labels = await self.database.read(
            lambda connection: matches.labels(connection, chat_id=chat.id, paper_ids=[paper.id])
        )
        (shown,) = await views(
            translator=self._translator,
            papers=[paper],
            language=chat.language,
            titles=chat.translate_titles,
            labels=labels,
            patience_seconds=CARD_PATIENCE_SECONDS,
        )
        return shown

    async def digest(
        self,
        chat: Chat,
        followed: Sequence[Followed],
        wish: DigestRequest,
        progress: Progress | None,
        *,
        usage_url: str,
        as_page: bool = False,
    ) -> Document:
        """Return the chat's digest; what lacks a translation is translated first."""
        await self.match_followed(followed)
        language = wish.language or chat.language
        sections = [
            heading
            for heading in compose.headings_of(followed)
            if wish.topic_id in {None, heading.topic_id}
        ]
        now = utc_now()
        wanted = compose.Wanted(
            language=language,
            updated=now.astimezone(ZoneInfo(chat.timezone)).date(),
            titles=chat.translate_titles,
            period=wish.period(now),
            key_sentences=as_page,
        )
        made = replace(
            await self._composed(sections, wanted, progress),
            menus=chat.ui_language,
            usage_url=usage_url,
        )
        shown = {paper.id: paper for section in made.sections for paper in section.papers}
        missing = sum(not paper.translated for paper in shown.values())
        about = [wish.span, *(heading.label for heading in sections if wish.topic_id)]
        about += [wish.language or "", DETAILED if wish.detailed else ""]
        form = DETAILS if wish.detailed else PLAIN
        return Document(
            files=await asyncio.to_thread(files, made, form, *about, most_bytes=MOST_BYTES),
            topics=len(sections),
            papers=len(shown),
            untranslated=0 if language == ORIGINAL else missing,
            page=await self._page(made, sections, wanted, about) if as_page else None,
        )

    async def _composed(
        self,
        sections: Sequence[compose.Heading],
        wanted: compose.Wanted,
        progress: Progress | None = None,
    ) -> Digest:
        return await compose.digest(
            database=self.database,
            translator=self._translator,
            sections=sections,
            wanted=wanted,
            progress=progress,
        )

    async def _page(
        self,
        made: Digest,
        sections: Sequence[compose.Heading],
        wanted: compose.Wanted,
        about: Sequence[str],
    ) -> tuple[str, bytes] | None:
        wrote = await self._composed(sections, replace(wanted, language=ORIGINAL))
        original = {paper.id: paper for section in wrote.sections for paper in section.papers}
        topics = [
            PageTopic(slug(each.label, heading.query), each.label, each.papers, ())
            for each, heading in zip(made.sections, sections, strict=True)
        ]

        def write() -> bytes:
            return page(
                topics,
                original,
                language=made.language,
                updated=made.updated,
                menus=made.menus,
                alone=True,
            ).encode("utf-8", "replace")

        content = await asyncio.to_thread(write)
        name = file_name(made.updated, *about).removesuffix(".md") + ".html"
        return (name, content) if len(content) <= MOST_BYTES else None
