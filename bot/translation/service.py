"""Text in, trustworthy text out: engines in turn, and every translation made once for everybody."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.translation import chunks, typography
from bot.translation.breaker import Breaker
from bot.translation.checks import Reason, Rejected, check, refuse_notices
from bot.translation.engine import Cause, Engine, EngineError
from bot.translation.languages import LANGUAGES
from bot.translation.masking import PLACEHOLDER, PlaceholdersLost, mask, unmask
from bot.translation.prose import plain_prose
from storage import translations
from storage.models import ORIGINAL, Paper, Translation

__all__ = ["AllEnginesFailed", "Database", "Progress", "Translated", "Translator"]

_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], Awaitable[None]]
"""Called with how many are done and of how many."""


class Database(Protocol):
    """What the translator needs of `storage.database.Database`."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Write: everything in the block is stored together."""

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Read one consistent state."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation that passed the checks, and the engine that made it."""

    text: str
    engine: str


class AllEnginesFailed(Exception):  # noqa: N818 - it is named by what happened
    """No engine gave a translation that can be used; for each of them, why."""

    def __init__(self, errors: dict[str, EngineError | Rejected]) -> None:
        super().__init__("; ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


class Translator:
    """Asks engines in their order until one gives a translation that passes the checks."""

    def __init__(
        self,
        *,
        engines: Sequence[Engine],
        database: Database,
        concurrency: int = 4,
        failures: int = 3,
        rest: timedelta = timedelta(minutes=5),
        retry_after: timedelta = timedelta(minutes=10),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the engines in the order in which they are to be asked.

        An engine rests for `rest` after so many `failures` in a row, or as soon as it says 429. A
        paper that no engine could translate is asked for again after `retry_after` at the earliest.
        `clock` counts seconds.
        """
        self._engines = tuple(engines)
        self._database = database
        self._clock = clock
        self._places = asyncio.Semaphore(concurrency)
        self._breakers = {
            engine.name: Breaker(failures=failures, rest_seconds=rest.total_seconds(), clock=clock)
            for engine in engines
        }
        self._retry_seconds = retry_after.total_seconds()
        self._failed: dict[
            tuple[str, str, str], tuple[float, dict[str, EngineError | Rejected]]
        ] = {}
        self._flights: dict[tuple[str, str, str], asyncio.Task[Translation]] = {}

    def languages(self) -> list[str]:
        """Return the codes of what can be read with these engines, the original's first."""
        return [
            code
            for code in LANGUAGES
            if code == ORIGINAL or any(engine.supports(code) for engine in self._engines)
        ]

    async def translate(self, text: str, *, language: str) -> Translated:
        """Return an English text in another of `languages()`; nothing is stored.

        Raises:
            AllEnginesFailed: with the reason of each engine.

        """
        if language == ORIGINAL:
            return Translated(text, ORIGINAL)
        source = plain_prose(text)
        errors: dict[str, EngineError | Rejected] = {}
        for engine in self._engines:
            try:
                return Translated(await self._ask(engine, source, language), engine.name)
            except (EngineError, Rejected) as error:
                # Without the frames, which hold the text: failures are kept for a while.
                errors[engine.name] = error.with_traceback(None)
                _log.info("no translation", engine=engine.name, language=language, why=str(error))
        raise AllEnginesFailed(errors)

    async def paper(self, paper: Paper, language: str) -> Translation:
        """Return the paper's translation: the stored one, or one that is made now and stored.

        However many ask at the same time, it is made once; it is finished also when nobody waits
        any longer. The paper must be stored already. The title is left as it is (None).

        Raises:
            AllEnginesFailed: now, or a short while ago.

        """
        found = await self._stored([paper], language)
        return found.get(paper.id) or await self._made(paper, language)

    async def papers(
        self, papers: Sequence[Paper], language: str, *, progress: Progress | None = None
    ) -> dict[str, Translation]:
        """Return the translations of many papers by id; absent are those that no engine could do.

        `progress` hears first how many are to be made, and then of each that is done.
        """
        done = await self._stored(papers, language)
        wanted = {paper.id: paper for paper in papers if paper.id not in done}
        if not wanted:
            return done
        if progress:
            await progress(0, len(wanted))
        making = [
            asyncio.ensure_future(self._attempt(paper, language)) for paper in wanted.values()
        ]
        try:
            for count, attempt in enumerate(asyncio.as_completed(making), start=1):
                translation = await attempt
                if translation:
                    done[translation.paper_id] = translation
                if progress:
                    await progress(count, len(wanted))
        finally:
            for one in making:
                one.cancel()
        return done

    async def aclose(self) -> None:
        """Give up what is being made."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _stored(self, papers: Sequence[Paper], language: str) -> dict[str, Translation]:
        if language == ORIGINAL:
            return {paper.id: _untranslated(paper) for paper in papers}
        found = await self._find([paper.id for paper in papers], language)
        return {
            paper.id: found[paper.id]
            for paper in papers
            if paper.id in found and found[paper.id].source_digest == _digest(paper)
        }

    async def _find(self, paper_ids: Sequence[str], language: str) -> dict[str, Translation]:
        async with self._database.reading() as session:
            return await translations.find(session=session, paper_ids=paper_ids, language=language)

    async def _attempt(self, paper: Paper, language: str) -> Translation | None:
        try:
            return await self._made(paper, language)
        except AllEnginesFailed:
            return None

    async def _made(self, paper: Paper, language: str) -> Translation:
        key = (paper.id, language, _digest(paper))
        if key in self._failed:
            again_at, errors = self._failed[key]
            if self._clock() < again_at:
                raise AllEnginesFailed(errors)
            del self._failed[key]
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._make(paper.abstract, key))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    def _landed(self, key: tuple[str, str, str], flight: asyncio.Task[Translation]) -> None:
        self._flights.pop(key, None)
        if flight.cancelled():
            return
        failure = flight.exception()
        if isinstance(failure, AllEnginesFailed) and any(
            not isinstance(error, EngineError) or error.cause is not Cause.RESTING
            for error in failure.errors.values()
        ):
            now = self._clock()
            self._failed = {key: entry for key, entry in self._failed.items() if now < entry[0]}
            self._failed[key] = (now + self._retry_seconds, failure.errors)

    async def _make(self, abstract: str, key: tuple[str, str, str]) -> Translation:
        paper_id, language, digest = key
        async with self._places:
            # Another flight may have landed between the asker's look and this one's start.
            stored = await self._find([paper_id], language)
            if paper_id in stored and stored[paper_id].source_digest == digest:
                return stored[paper_id]
            made = await self.translate(abstract, language=language)
        translation = Translation(
            paper_id=paper_id,
            language=language,
            abstract=made.text,
            engine=made.engine,
            source_digest=digest,
        )
        async with self._database.transaction() as session:
            await translations.store(session=session, translation=translation)
        return translation

    async def _ask(self, engine: Engine, source: str, language: str) -> str:
        breaker = self._breakers[engine.name]
        if not engine.supports(language):
            raise EngineError(engine.name, Cause.UNSUPPORTED)
        if breaker.is_open:
            raise EngineError(engine.name, Cause.RESTING)
        try:
            translated = await _through(engine, source, language)
            check(source, translated, language=language)
        except EngineError as error:
            breaker.failed(at_once=error.cause is Cause.TOO_MANY_REQUESTS)
            raise
        except Rejected as rejection:
            # A paper may be too hard for an engine; a page of errors says that it is ill.
            if rejection.reason is Reason.NOTICE:
                breaker.failed()
            raise
        breaker.succeeded()
        return translated


async def _through(engine: Engine, source: str, language: str) -> str:
    masked = mask(source)
    pieces: list[str] = []
    for piece in chunks.split(masked.text, engine.max_chars):
        asked = piece.strip()
        if not any(sign.isalpha() for sign in PLACEHOLDER.sub("", asked)):
            pieces.append(asked)
            continue
        answer = await engine.translate(asked, source=ORIGINAL, target=language)
        refuse_notices(asked, answer)
        pieces.append(answer.strip())
    try:
        joined = typography.polish(typography.join(pieces, language=language), language=language)
        text = unmask(joined, masked.originals)
    except PlaceholdersLost:
        raise Rejected(Reason.PLACEHOLDERS) from None
    return typography.set_apart(text, language=language)


def _untranslated(paper: Paper) -> Translation:
    return Translation(
        paper_id=paper.id,
        language=ORIGINAL,
        title=paper.title,
        abstract=paper.abstract,
        engine=ORIGINAL,
        source_digest=_digest(paper),
    )


def _digest(paper: Paper) -> str:
    return translations.source_digest(paper.title, paper.abstract)
