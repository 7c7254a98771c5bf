"""Text in, trustworthy text out: engines in turn, and every translation made once for everybody."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.translation import chunks, typography
from bot.translation.attempts import Attempts, Failures
from bot.translation.breaker import CircuitBreaker
from bot.translation.checks import Reject, Rejected, check, refuse_notices
from bot.translation.engine import Cause, Engine, EngineError
from bot.translation.languages import LANGUAGES
from bot.translation.masking import PLACEHOLDER, PlaceholdersLost, mask, unmask
from bot.translation.prose import plain_prose
from storage import translations
from storage.models import ORIGINAL, Paper, Translation

_log = structlog.get_logger(__name__)

Progress = Callable[[int, int], Awaitable[None]]
"""Called with how many are done and of how many."""


_WANTS_NO_MORE = {Cause.TOO_MANY_REQUESTS, Cause.QUOTA, Cause.REFUSED}


class _Key(NamedTuple):
    """What is made once: a part of a paper's present text in a language."""

    paper_id: str
    language: str
    digest: str
    part: str = "abstract"


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


@dataclass(slots=True)
class EngineHealth:
    """What an engine did since the program's start."""

    name: str
    accepted: int = 0
    rejected: int = 0
    """Answers that did not pass the checks."""
    failed: int = 0
    last_failure: str | None = None
    """Why it gave none that could be used; neither text nor key nor address is in it."""
    rests_seconds: float = 0.0
    """How long it will be left alone; 0: it is asked."""
    is_down: bool = False
    """Whether it failed too often and has not answered since, resting or not."""


class AllEnginesFailed(Exception):  # noqa: N818 - it is named by what happened
    """No engine gave a translation that can be used; for each of them, why."""

    def __init__(self, errors: Failures) -> None:
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
        tries: int = 6,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the engines in the order in which they are to be asked.

        An engine rests for `rest` after so many `failures` in a row, or as soon as it says that it
        wants no more. What no engine could translate is asked for again after `retry_after` at the
        earliest, and after `tries` unusable answers not before the program's next start. `clock`
        counts seconds.
        """
        self._engines = tuple(engines)
        self._database = database
        self._clock = clock
        self._places = asyncio.Semaphore(concurrency)
        self._breakers = {
            engine.name: CircuitBreaker(
                failures=failures, rest_seconds=rest.total_seconds(), clock=clock
            )
            for engine in engines
        }
        self._health = {engine.name: EngineHealth(engine.name) for engine in engines}
        self._attempts = Attempts(
            wait_seconds=retry_after.total_seconds(), limit=tries, clock=clock
        )
        self._flights: dict[_Key, asyncio.Task[Translation]] = {}

    def health(self) -> list[EngineHealth]:
        """Return how each engine does, in their order."""
        return [
            replace(
                self._health[name], rests_seconds=breaker.rests_seconds, is_down=breaker.is_down
            )
            for name, breaker in self._breakers.items()
        ]

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
        errors: Failures = {}
        for engine in self._engines:
            try:
                return Translated(await self._ask(engine, source, language), engine.name)
            except (EngineError, Rejected) as error:
                # Without the frames, which hold the text: failures are kept for a while.
                errors[engine.name] = error.with_traceback(None)
                _log.info("no translation", engine=engine.name, language=language, why=str(error))
        raise AllEnginesFailed(errors)

    async def paper(self, paper: Paper, language: str, *, title: bool = False) -> Translation:
        """Return the paper's translation: the stored one, or one that is made now and stored.

        However many ask at the same time, it is made once; it is finished also when nobody waits
        any longer. The paper must be stored already. `title`: the title is wanted as well; it is
        None all the same where no engine could do it.

        Raises:
            AllEnginesFailed: now, or a short while ago.

        """
        found = await self._stored([paper], language)
        return await self._made(paper, language, found.get(paper.id), title=title)

    async def papers(
        self,
        papers: Sequence[Paper],
        language: str,
        *,
        titles: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, Translation]:
        """Return the translations of many papers by id; absent are those that no engine could do.

        `titles` are wanted as well, or are not made. `progress` hears first how many papers are to
        be done, and then of each that is.
        """
        done = await self._stored(papers, language)
        wanted = {
            paper.id: paper for paper in papers if self._lacks(done.get(paper.id), titles=titles)
        }
        if not wanted:
            return done
        if progress:
            await progress(0, len(wanted))
        making = [
            asyncio.ensure_future(self._attempt(paper, language, done.get(paper.id), title=titles))
            for paper in wanted.values()
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

    @staticmethod
    def _lacks(stored: Translation | None, *, titles: bool) -> bool:
        return stored is None or (titles and stored.title is None)

    async def _attempt(
        self, paper: Paper, language: str, stored: Translation | None, *, title: bool
    ) -> Translation | None:
        try:
            return await self._made(paper, language, stored, title=title)
        except AllEnginesFailed:
            return stored

    async def _made(
        self, paper: Paper, language: str, stored: Translation | None, *, title: bool
    ) -> Translation:
        """Return what is stored, with what it lacks made now."""
        key = _Key(paper.id, language, _digest(paper))
        made = stored or await self._flight(key, lambda: self._make(paper.abstract, key))
        if not title or made.title is not None:
            return made
        of_title = key._replace(part="title")
        with suppress(AllEnginesFailed):
            return await self._flight(of_title, lambda: self._entitle(paper.title, key))
        return made

    async def _flight(
        self, key: _Key, make: Callable[[], Coroutine[Any, Any, Translation]]
    ) -> Translation:
        refused = self._attempts.refused(key)
        if refused:
            raise AllEnginesFailed(refused)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(make())
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    def _landed(self, key: _Key, flight: asyncio.Task[Translation]) -> None:
        self._flights.pop(key, None)
        if flight.cancelled():
            return
        failure = flight.exception()
        if isinstance(failure, AllEnginesFailed):
            self._attempts.failed(key, failure.errors)
        elif failure is None:
            self._attempts.succeeded(key)

    async def _make(self, abstract: str, key: _Key) -> Translation:
        async with self._places:
            # Another flight may have landed between the asker's look and this one's start.
            found = await self._landed_before(key)
            if found is not None:
                return found
            made = await self.translate(abstract, language=key.language)
        translation = Translation(
            paper_id=key.paper_id,
            language=key.language,
            abstract=made.text,
            engine=made.engine,
            source_digest=key.digest,
        )
        return await self._store(translation)

    async def _entitle(self, title: str, abstract: _Key) -> Translation:
        async with self._places:
            found = await self._landed_before(abstract)
            if found is None:
                raise AllEnginesFailed({})
            if found.title is not None:
                return found
            made = await self.translate(title, language=abstract.language)
        return await self._store(found.model_copy(update={"title": made.text}))

    async def _landed_before(self, key: _Key) -> Translation | None:
        found = (await self._find([key.paper_id], key.language)).get(key.paper_id)
        return found if found is not None and found.source_digest == key.digest else None

    async def _store(self, translation: Translation) -> Translation:
        async with self._database.transaction() as session:
            await translations.store(session=session, translation=translation)
        return translation

    async def _ask(self, engine: Engine, source: str, language: str) -> str:
        breaker, health = self._breakers[engine.name], self._health[engine.name]
        if not engine.supports(language):
            raise EngineError(engine.name, Cause.UNSUPPORTED)
        if breaker.is_open:
            raise EngineError(engine.name, Cause.RESTING)
        try:
            translated = await _through(engine, source, language)
            check(source, translated, language=language)
        except EngineError as error:
            breaker.failed(at_once=error.cause in _WANTS_NO_MORE)
            health.failed += 1
            health.last_failure = error.cause.value
            raise
        except Rejected as rejection:
            # A paper may be too hard for an engine; a page of errors says that it is ill.
            if rejection.reason is Reject.NOTICE:
                breaker.failed()
            health.rejected += 1
            health.last_failure = rejection.reason.value
            raise
        breaker.succeeded()
        health.accepted += 1
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
        raise Rejected(Reject.PLACEHOLDERS) from None
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
