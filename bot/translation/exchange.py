"""One text through one engine: masked, cut, asked for, repaired, put together, and checked.

A text may have a key sentence, which travels as a line of its own above it, in the same request,
and is checked by itself: whatever becomes of it, the text is as good as without.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.translation import glossary
from bot.translation.checks import sentences
from bot.translation.checks.claims import is_summarised
from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.checks.validation import check, refuse_notices
from bot.translation.engines.engine import Context, Engine
from bot.translation.summary import Summary
from bot.translation.summary_answer import Asked, checked, numbered
from bot.translation.text import chunks, typography
from bot.translation.text.masking import PLACEHOLDER, Masked, PlaceholdersLost, mask, repaired
from bot.translation.text.names import names
from storage.models import ORIGINAL

_ASKED_AGAIN = 2
"""Sentences of one piece; where more are damaged the engine does not keep placeholders."""
_BY_A_LINE_ABOVE = {Reject.LENGTH, Reject.LOOP}
"""What a text may be refused for that is all right without another line above it."""
_BLANK_LINE = re.compile(r"\s*\n\s*\n\s*")


class Exchanged(NamedTuple):
    """A translation that passed the checks."""

    text: str
    key: str | None = None
    """Its key sentence, where that was asked for and passed them as well."""
    summary: Summary | None = None
    """What of a summary passed its own checks, where the engine adds one."""


async def through(
    engine: Engine, source: str, language: str, *, context: Context, key: str = ""
) -> Exchanged:
    """Return an engine's translation of plain prose, and of its key sentence if it has one.

    Raises:
        EngineError: no answer.
        Rejected: none to be trusted.

    """
    lines = [key, source] if key and engine.keeps_lines else [source]
    return await _through(engine, lines, language, context)


async def _through(
    engine: Engine, lines: Sequence[str], language: str, context: Context
) -> Exchanged:
    """Ask with a summary where an engine adds one, and without where it harms the translation."""
    model = engine.summarises if is_summarised(language) else ""
    if not model:
        return await _exchanged(engine, lines, language, context)
    try:
        made = await _exchanged(engine, lines, language, context, model=model)
    except Rejected as rejection:
        if rejection.reason is Reject.NOTICE:
            raise
        made = await _exchanged(engine, lines, language, context)
        engine.note_summary(harmed=True)
        return made
    engine.note_summary(harmed=False)
    return made


async def _exchanged(
    engine: Engine, lines: Sequence[str], language: str, context: Context, *, model: str = ""
) -> Exchanged:
    """Ask for lines, the last of which is the text; model: of which a summary is wanted, too."""
    source = lines[-1]
    # Masks and checks take tens of milliseconds, in which others are to be answered.
    context, masked = await asyncio.to_thread(
        _prepared, lines, language, context, told=engine.opens_names
    )
    hidden = masked.text.split("\n")
    if len(hidden) != len(lines):  # half a formula in either line
        return await _exchanged(engine, [source], language, context, model=model)
    wanted = tuple(numbered(hidden[-1])) if model else ()
    asking = _Asking(engine, language, context, masked, sentences=wanted)
    answers = await asking.lines()
    made = [
        _Line(line, replace(masked, text=of_line), answer)
        for line, of_line, answer in zip(lines, hidden, answers, strict=True)
    ]
    try:
        return await asyncio.to_thread(_finished, made, language, context, asking.summary, model)
    except Rejected as rejection:
        above = len(lines) > 1
        if above and (asking.has_guessed or rejection.reason in _BY_A_LINE_ABOVE):
            return await _exchanged(engine, [source], language, context, model=model)
        raise


def _prepared(
    lines: Sequence[str], language: str, context: Context, *, told: bool
) -> tuple[Context, Masked]:
    """Return what is told with lines, the last of which is the text, and them masked."""
    source = lines[-1]
    own_names = names(source, title=context.title)
    terms = glossary.occurring(source, language, folder=context.glossaries)
    context = replace(context, names=own_names, terms=glossary.told(terms))
    return context, mask("\n".join(lines), names=own_names, told=told)


def _finished(
    lines: Sequence["_Line"], language: str, context: Context, summary: str, model: str
) -> Exchanged:
    """Return the text, which is the last line, and of what else came all that passes the checks.

    Raises:
        Rejected: the text is not to be trusted.

    """
    *above, text = lines
    told = text.finished(language, context)
    key = None
    for line in above:
        with suppress(Rejected):
            key = line.finished(language, context)
    claims = None
    if summary:
        claims = checked(summary, Asked(text.masked, told, context.title, language, model))
    return Exchanged(told, key, claims)


class _Line(NamedTuple):
    """One line of a source, and what an engine made of its pieces; None: nothing of use."""

    source: str
    masked: Masked
    pieces: list[str] | None

    def finished(self, language: str, context: Context) -> str:
        """Return it with its originals and in its script's typography, checked.

        Raises:
            Rejected: it is not to be trusted.

        """
        if self.pieces is None:
            raise Rejected(Reject.EMPTY)
        terms = glossary.occurring(self.source, language, folder=context.glossaries)
        joined = typography.join(self.pieces, language=language)
        try:
            text = self.masked.restore(typography.polish(joined, language=language))
        except PlaceholdersLost:
            raise Rejected(Reject.PLACEHOLDERS) from None
        text = glossary.mended(self.source, text, language, terms)
        translated = typography.set_apart(text, language=language)
        check(self.source, translated, language=language, title=context.title)
        if any(term.mistaken(self.source, translated) for term in terms):
            raise Rejected(Reject.TERM)
        return translated


@dataclass(slots=True)
class _Asking:
    """What an engine is asked for a masked text."""

    engine: Engine
    language: str
    context: Context
    masked: Masked
    has_guessed: bool = False
    """Whether it is not sure where a line of an answer ends."""
    sentences: tuple[str, ...] = ()
    """What a summary is asked of, with the whole text and nothing less; () where none is."""
    summary: str = ""
    """The summary as it came, unchecked."""

    async def lines(self) -> list[list[str] | None]:
        """Return the pieces of each line of the text as the engine answers them."""
        answers: list[list[str] | None] = [[] for _line in self.masked.text.split("\n")]
        line = 0
        size, longest = self.engine.size, await self.engine.longest()
        pieces = chunks.split(self.masked.text, longest, size=size)
        if len(pieces) > 1:
            self.sentences = ()
        for piece in pieces:
            parts = [part.strip() for part in piece.split("\n")]
            if all(parts) and len(parts) > 1:
                found: list[str | None] = list(await self._two_lines(*parts))
            else:
                found = [await self._piece(part) if part else "" for part in parts]
            for number, answer in enumerate(found, line):
                known = answers[number]
                if answer is None or known is None:
                    answers[number] = None
                elif answer:
                    known.append(answer)
            line += len(parts) - 1
        return answers

    async def _two_lines(self, key: str, text: str) -> tuple[str | None, str]:
        """Ask for two lines at once; without a sign of where the first ends, for the second."""
        try:
            answer = await self._answer(f"{key}\n{text}")
        except Rejected as rejection:
            if rejection.reason is Reject.NOTICE:
                raise
            answer = ""
        found = _parted(answer, text)
        self.engine.note_lines(kept=found is not None)
        if found is None:
            return None, await self._piece(text)
        self.has_guessed |= "\n" not in answer
        # Each by itself: what the one lost is not taken for a part of the other's.
        return repaired(key, found[0]), await self._whole(text, repaired(text, found[1]))

    async def _piece(self, asked: str) -> str:
        if not any(sign.isalpha() for sign in PLACEHOLDER.sub("", asked)):
            return asked
        return await self._whole(asked, await self._answer(asked))

    async def _whole(self, asked: str, answer: str) -> str:
        """Return an answer with the sentences that lost something asked for once more."""
        if self._is_whole(asked, answer):
            return answer
        # What a long text lost a sentence alone often keeps.
        parts, answers = sentences.split(asked), sentences.split(answer)
        if len(parts) != len(answers) or len(parts) == 1:
            return answer
        damaged = [n for n, part in enumerate(parts) if not self._is_whole(part, answers[n])]
        if not 0 < len(damaged) <= _ASKED_AGAIN:
            return answer
        for place in damaged:
            answers[place] = await self._answer(parts[place])
        return typography.join(answers, language=self.language)

    async def _answer(self, asked: str) -> str:
        engine, target = self.engine, self.language
        if engine.is_told:
            # A summary is asked for once, with the first question, which is the whole text.
            context = replace(self.context, sentences=self.sentences)
            said = await engine.respond(asked, source=ORIGINAL, target=target, context=context)
            answer, self.summary = said.text, self.summary or said.summary
            self.sentences = ()
        else:
            answer = await engine.translate(asked, source=ORIGINAL, target=target)
        has_lines = "\n" in asked
        answer = _BLANK_LINE.sub("\n", answer.strip(), count=1) if has_lines else answer
        refuse_notices(asked, answer)
        return answer if has_lines else repaired(asked, answer).strip()

    def _is_whole(self, asked: str, answer: str) -> bool:
        try:
            replace(self.masked, text=asked).restore(answer)
        except PlaceholdersLost:
            return False
        return True


def _parted(answer: str, text: str) -> tuple[str, str] | None:
    """Return the two lines of an answer; None where it can't be told where the second begins.

    `text` is the second line of what was asked for.
    """
    first, *others = [line for part in answer.split("\n") if (line := part.strip())] or [""]
    if others:
        return first, "\n".join(others)
    found = sentences.split(first)
    if not found or len(found) != len(sentences.split(text)) + 1 or not first.startswith(found[0]):
        return None
    return found[0], first[len(found[0]) :].strip()
