"""Translator: engines with fallback, each answer checked, each translation made once and stored."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from bot.translation.backoff import Backoff, Failures
from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.circuit_breaker import CircuitBreaker
from bot.translation.engines.engine import Cause, Context, Engine, EngineError
from bot.translation.key_sentence import shown
from bot.translation.languages import LANGUAGES
from bot.translation.summary import Summary
from bot.translation.text.prose import plain_prose
from storage import translations
from storage.database import Database
from storage.models import ORIGINAL, Paper, Translation

if TYPE_CHECKING:
    from bot.translation.exchange import Exchanged

Progress = Callable[[int, int], Awaitable[None]]
"""Called with how many are done and of how many."""

_REST_SECONDS = 300.0
"""How long an engine is left alone that failed too often, or that wants no more."""
_RETRY_SECONDS = 600.0
"""After which what no engine could translate is asked for again, at the earliest."""
_WANTS_NO_MORE = {Cause.TOO_MANY_REQUESTS, Cause.QUOTA, Cause.REFUSED}

_log = structlog.get_logger(__name__)


class _Key(NamedTuple):
    """What is made once: a part of a paper's present text in a language."""

    paper_id: str
    language: str
    digest: str
    part: str = "abstract"


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation that passed the checks, and the engine that made it."""

    text: str
    engine: str
    key: str | None = None
    """Its key sentence, where that was asked for and passed the checks as well."""
    summary: Summary | None = None
    """The AI summary that came with it, where one was asked for: what passed its checks."""


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
    """Fallback chain: asks engines in turn until one gives a translation that passes the checks."""

    def __init__(
        self,
        *,
        engines: Sequence[Engine],
        database: Database,
        concurrency: int = 4,
        failures: int = 3,
        tries: int = 6,
        glossaries: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the engines in the order in which they are to be asked.

        An engine rests after so many `failures` in a row, or as soon as it says that it wants no
        more. What no engine could translate is asked for again later, and after `tries` unusable
        answers not before the program's next start. `glossaries` is a folder of more
        terms. `clock` counts seconds.
        """
        self._engines = tuple(engines)
        self._database = database
        self._glossaries = glossaries
        self._places = asyncio.Semaphore(concurrency)
        self._breakers = {
            engine.name: CircuitBreaker(failures=failures, rest_seconds=_REST_SECONDS, clock=clock)
            for engine in engines
        }
        self._health = {engine.name: EngineHealth(engine.name) for engine in engines}
        self._backoff = Backoff(wait_seconds=_RETRY_SECONDS, limit=tries, clock=clock)
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

    async def translate(
        self, text: str, *, language: str, title: str = "", field: str = "", key: str = ""
    ) -> Translated:
        """Return an English text in another of `languages()`; nothing is stored.

        title and field: those of the paper that the text is of, for its names and terms. key: its
        key sentence, which is translated with it.

        Raises:
            AllEnginesFailed: with the reason of each engine.

        """
        source, key = plain_prose(text), plain_prose(key)
        context = Context(title=plain_prose(title), field=field, glossaries=self._glossaries)
        errors: Failures = {}
        for engine in self._engines:
            try:
                made = await self._ask(engine, source, language, context, key)
                return Translated(made.text, engine.name, made.key, made.summary)
            except (EngineError, Rejected) as error:
                # Without the frames, which hold the text: failures are kept for a while.
                errors[engine.name] = error.with_traceback(None)
                _log.info("no translation", engine=engine.name, language=language, why=str(error))
        raise AllEnginesFailed(errors)

    async def into_english(self, words: str, *, language: str) -> str | None:
        """Return a few words of a language in English as an engine says them; None: none could.

        Nobody reads them unasked: they are offered as what may be meant.
        """
        for engine in self._engines:
            if self._breakers[engine.name].is_open:
                continue
            try:
                said = await engine.translate(words, source=language, target=ORIGINAL)
            except EngineError as error:
                _log.info("no translation", engine=engine.name, language=ORIGINAL, why=str(error))
                continue
            if said.strip() and said.casefold() != words.casefold():
                return " ".join(said.split())
        return None

    async def papers(
        self,
        papers: Sequence[Paper],
        language: str,
        *,
        titles: bool = False,
        progress: Progress | None = None,
        patience_seconds: float | None = None,
        stored: Mapping[str, Translation] | None = None,
    ) -> dict[str, Translation]:
        """Return the translations of stored papers by id: what is stored, and what is made now.

        However many ask for a paper at the same time, it is made once; it is finished also when
        nobody waits any longer. Absent are those that no engine could do, now or a short while ago,
        and those that were not done in time. `titles` are wanted as well, or are not made.
        `progress` hears first how many papers are to be done, and then of each that is. `stored`:
        what somebody found just now of their present texts, also for others; None: nobody looked.
        """
        if stored is None:
            stored = await self._database.read(
                partial(translations.find_present, papers=papers, language=language)
            )
        done = {paper.id: stored[paper.id] for paper in papers if paper.id in stored}
        wanted = [
            paper
            for paper in {paper.id: paper for paper in papers}.values()
            if paper.id not in done or (titles and done[paper.id].title is None)
        ]
        if not wanted:
            return done
        if progress:
            await progress(0, len(wanted))
        making = [
            asyncio.ensure_future(self._fill(paper, language, done.get(paper.id), title=titles))
            for paper in wanted
        ]
        try:
            async with asyncio.timeout(patience_seconds):
                for count, one in enumerate(asyncio.as_completed(making), start=1):
                    translation = await one
                    if translation:
                        done[translation.paper_id] = translation
                    if progress:
                        await progress(count, len(wanted))
        except TimeoutError:
            _log.warning("translations are late", language=language, papers=len(papers))
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

    async def _stored(self, digests: Mapping[str, str], language: str) -> dict[str, Translation]:
        """Return the translations of papers' present texts, which their digests tell."""
        found = await self._database.read(
            lambda connection: translations.find(
                connection, paper_ids=list(digests), language=language
            )
        )
        return {
            paper_id: translation
            for paper_id, translation in found.items()
            if translation.source_digest == digests[paper_id]
        }

    async def _fill(
        self, paper: Paper, language: str, stored: Translation | None, *, title: bool
    ) -> Translation | None:
        """Return what is stored, with what it lacks made now where an engine can do it."""
        key = _Key(paper.id, language, _digest(paper))
        made = stored
        try:
            made = made or await self._once(key, lambda: self._make(paper, key))
            if title and made.title is None:
                of_title = key._replace(part="title")
                made = await self._once(of_title, lambda: self._entitle(paper, key))
        except AllEnginesFailed:
            pass
        except SQLAlchemyError as error:
            if not isinstance(error, DataError):
                raise  # not this paper's fault
            self._harmed(key, error)
        except Exception as error:  # noqa: BLE001 - one bad paper harms nothing but itself
            self._harmed(key, error)
        return made

    def _harmed(self, key: _Key, error: Exception) -> None:
        """Note that a paper can't be translated for a reason that lies in itself."""
        kind = type(error).__name__
        _log.error("a paper can't be translated", paper=key.paper_id, part=key.part, error=kind)

    async def _once(
        self, key: _Key, make: Callable[[], Coroutine[Any, Any, Translation]]
    ) -> Translation:
        """Deduplicate: whoever asks while it is being made waits for the same flight."""
        if self._backoff.waits(key):
            raise AllEnginesFailed({})
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
        if failure is None:
            self._backoff.succeeded(key)
        elif not isinstance(failure, SQLAlchemyError) or isinstance(failure, DataError):
            # What could not be stored is as good as no answer at all.
            unusable: Failures = {"": Rejected(Reject.EMPTY)}
            errors = failure.errors if isinstance(failure, AllEnginesFailed) else unusable
            self._backoff.failed(key, errors)

    async def _make(self, paper: Paper, key: _Key) -> Translation:
        async with self._places:
            # Another flight may have landed between the asker's look and this one's start.
            stored = await self._stored({key.paper_id: key.digest}, key.language)
            if key.paper_id in stored:
                return stored[key.paper_id]
            made = await self.translate(
                paper.abstract,
                language=key.language,
                title=paper.title,
                field=_field(paper),
                key=shown(paper.title, paper.abstract),
            )
        translation = Translation(
            paper_id=key.paper_id,
            language=key.language,
            abstract=made.text,
            key_sentence=made.key,
            summary=made.summary.dumped() if made.summary else None,
            engine=made.engine,
            source_digest=key.digest,
        )
        return await self._store(translation)

    async def _entitle(self, paper: Paper, abstract: _Key) -> Translation:
        async with self._places:
            stored = await self._stored({abstract.paper_id: abstract.digest}, abstract.language)
            found = stored.get(abstract.paper_id)
            if found is None:
                raise AllEnginesFailed({})
            if found.title is not None:
                return found
            made = await self.translate(
                paper.title, language=abstract.language, title=paper.title, field=_field(paper)
            )
        return await self._store(found.model_copy(update={"title": made.text}))

    async def _store(self, translation: Translation) -> Translation:
        async with self._database.transaction() as session:
            await translations.store(session=session, translation=translation)
        return translation

    async def _ask(
        self, engine: Engine, source: str, language: str, context: Context, key: str
    ) -> "Exchanged":
        breaker, health = self._breakers[engine.name], self._health[engine.name]
        if not engine.supports(language):
            raise EngineError(engine.name, Cause.UNSUPPORTED)
        if breaker.is_open:
            raise EngineError(engine.name, Cause.RESTING)
        from bot.translation.exchange import through

        try:
            translated = await through(engine, source, language, context=context, key=key)
        except EngineError as error:
            if error.cause is not Cause.FILTERED:
                breaker.failed(
                    at_once=error.cause in _WANTS_NO_MORE, rest_seconds=error.retry_after
                )
            health.failed += 1
            health.last_failure = error.cause.value
            if error.detail.startswith("HTTP"):
                # What the server complains of is what its owner can mend.
                health.last_failure += f" ({error.detail})"
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


def _field(paper: Paper) -> str:
    return next(iter(paper.categories), "")


def _digest(paper: Paper) -> str:
    return translations.source_digest(paper.title, paper.abstract)
