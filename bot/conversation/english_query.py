"""English queries: what somebody wrote in another language, in the words of arXiv's papers."""

import asyncio
import re

from bot.conversation.context import Context
from bot.conversation.written_language import language_of

_OTHER_LETTERS = r"[^\W\d_\x00-\u024f\u0370-\u03ff]"
_PIECE = re.compile(rf"{_OTHER_LETTERS}+(?: {_OTHER_LETTERS}+)*")
"""Words in other letters than Latin and Greek ones, as far as they stand together."""
_JOINING = re.compile(r"^(?:基于|面向|用于|关于|针对|的|和|与|在|中)+|(?:的|和|与|在|中|上|方法)+$")
"""What joins a piece to what stands beside it: 基于transformer的目标检测."""
_MOST_PIECES = 4


async def english_query(context: Context, query: str, written: str) -> str | None:
    """Return what was written in English, None where it is English or nobody can say.

    Words are translated as they stand; what is mixed with English or with the signs of a query,
    such as 扩散模型 -综述, piece by piece.
    """
    language = language_of(written, context.texts.language)
    if language is not None:
        english = await context.services.into_english(written, language)
        if english:
            return english
    pieces = list(dict.fromkeys(_PIECE.findall(query)))
    if not 0 < len(pieces) <= _MOST_PIECES or pieces == [query]:
        return None
    told = await asyncio.gather(*(_of_piece(context, piece) for piece in pieces))
    both = zip(pieces, told, strict=True)
    known = {piece: english for piece, english in both if english is not None}
    if len(known) < len(pieces):
        return None
    return " ".join(_PIECE.sub(lambda found: _instead(found, known[found[0]]), query).split())


async def _of_piece(context: Context, piece: str) -> str | None:
    """Return a piece in English; "" where it only joins others."""
    core = _JOINING.sub("", piece)
    language = language_of(core, context.texts.language)
    return "" if language is None else await context.services.into_english(core, language)


def _instead(piece: re.Match[str], english: str) -> str:
    """Return what stands in a query instead of a piece: in quotes behind a sign."""
    behind = piece.string[: piece.start()][-1:]
    if behind in {"-", ":"}:
        return f'"{english}"'
    return english if behind == '"' else f" {english} "
