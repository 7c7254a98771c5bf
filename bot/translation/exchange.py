"""One text through one engine: masked, cut, asked for, repaired, put together, and checked."""

from dataclasses import replace

from bot.translation import chunks, glossary, sentences, typography
from bot.translation.checks import Reject, Rejected, check, refuse_notices
from bot.translation.engine import Context, Engine
from bot.translation.masking import PLACEHOLDER, Masked, PlaceholdersLost, mask, repaired
from bot.translation.names import names
from storage.models import ORIGINAL

_ASKED_AGAIN = 2
"""Sentences of one piece; where more are damaged the engine does not keep placeholders."""


async def through(engine: Engine, source: str, language: str, *, context: Context) -> str:
    """Return an engine's translation of plain prose, which passed the checks.

    Raises:
        EngineError: no answer.
        Rejected: none to be trusted.

    """
    own_names = names(source, title=context.title)
    terms = glossary.occurring(source, language, folder=context.glossaries)
    context = replace(context, names=own_names, terms=glossary.told(terms))
    masked = mask(source, names=own_names, told=engine.opens_names)
    pieces: list[str] = []
    for piece in chunks.split(masked.text, await engine.longest(), size=engine.size):
        asked = piece.strip()
        if not any(sign.isalpha() for sign in PLACEHOLDER.sub("", asked)):
            pieces.append(asked)
            continue
        pieces.append(await _piece(engine, asked, language, masked, context))
    try:
        joined = typography.polish(typography.join(pieces, language=language), language=language)
        text = masked.restore(joined)
    except PlaceholdersLost:
        raise Rejected(Reject.PLACEHOLDERS) from None
    text = glossary.mended(source, text, language, terms)
    translated = typography.set_apart(text, language=language)
    check(source, translated, language=language, title=context.title)
    if any(term.mistaken(source, translated) for term in terms):
        raise Rejected(Reject.TERM)
    return translated


async def _piece(
    engine: Engine, asked: str, language: str, masked: Masked, context: Context
) -> str:
    answer = await _answer(engine, asked, language, context)
    if _is_whole(asked, answer, masked):
        return answer
    # What a long text lost a sentence alone often keeps.
    parts, answers = sentences.split(asked), sentences.split(answer)
    if len(parts) != len(answers) or len(parts) == 1:
        return answer
    damaged = [n for n, part in enumerate(parts) if not _is_whole(part, answers[n], masked)]
    if not 0 < len(damaged) <= _ASKED_AGAIN:
        return answer
    for place in damaged:
        answers[place] = await _answer(engine, parts[place], language, context)
    return typography.join(answers, language=language)


async def _answer(engine: Engine, asked: str, language: str, context: Context) -> str:
    if engine.is_told:
        answer = await engine.translate(asked, source=ORIGINAL, target=language, context=context)
    else:
        answer = await engine.translate(asked, source=ORIGINAL, target=language)
    refuse_notices(asked, answer)
    return repaired(asked, answer).strip()


def _is_whole(asked: str, answer: str, masked: Masked) -> bool:
    try:
        Masked(asked, masked.originals, masked.names).restore(answer)
    except PlaceholdersLost:
        return False
    return True
