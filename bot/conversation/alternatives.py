"""Alternatives to a query that finds nothing: the word that no paper has, and what finds some."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from bot.conversation.context import Context
from bot.conversation.own_papers import registered
from bot.query.ast import Field, Query, Term, all_of, render, terms
from bot.query.looser import MOST, looser, words
from bot.query.parser import QuerySyntaxError, parse
from bot.query.spelling import near
from bot.search import own_store
from storage.models import Topic

OFFERED = 3
_NAME = re.compile(r"[\w'’-]+")
_MOST_NAMES = 4
_TELLING = 3
"""Letters of a word that tells something."""
_SMALL = frozenset(
    re.findall(
        r"\w+",
        """all also any can could did does doing from get got had has have here how its just may
        more most must need needs now one only other our out over own she should some than them
        too use used using very want way were what when where which who why would you your""",
    )
)
"""Words of many papers on which nobody wants papers."""


class Alternative(NamedTuple):
    """Another query, and how many papers it finds."""

    topic: Topic
    label: str
    papers: int


class Alternatives(NamedTuple):
    """What there is to say of a query that finds nothing."""

    missing: list[str]
    """Words that no paper has."""
    offers: list[Alternative]


async def alternatives(
    context: Context, query: Query, written: str, *, since: datetime | None
) -> Alternatives:
    """Return what a query lacks, and up to three queries that find papers since a moment."""

    async def count(tried: Query) -> int:
        by_somebody = any(term.field is Field.AUTHOR for term in terms(tried))
        found = await own_store.find(
            database=context.services.database,
            query=tried,
            since=None if by_somebody else since,  # nobody publishes every month
            most=0,
        )
        return found.count

    single = list(dict.fromkeys(words(query)))[:MOST]
    missing = [word for word in single if not await count(word)]
    offers: list[Alternative] = []
    async for tried in _tries(query, written, missing):
        if len(offers) == OFFERED:
            break
        papers = await count(tried)
        if papers and tried != query and all(one.topic.query != render(tried) for one in offers):
            topic = (await registered(context, render(tried))).topic
            offers.append(Alternative(topic, _label(tried, written), papers))
    return Alternatives(_as_written(missing, written) if len(single) > 1 else [], offers)


def _as_written(missing: list[Term], written: str) -> list[str]:
    """Return words as somebody spelt them, in their order, without small ones."""
    sought = {word.words[0] for word in missing}
    found = []
    for word in written.split():
        with suppress(QuerySyntaxError):
            if len(word) >= _TELLING and any(one.words[0] in sought for one in words(parse(word))):
                found.append(word)
    return found or sorted(sought)


async def _tries(query: Query, written: str, missing: list[Term]) -> AsyncIterator[Query]:
    """Yield what may be meant: words spelt right, an author's name, what asks for less."""
    single = words(query)
    mended = [
        Term(Field.TEXT, (near(word.words[0]) or word.words[0],)) if word in missing else word
        for word in single
    ]
    if single and mended != [Term(Field.TEXT, word.words) for word in single]:
        yield all_of(mended)
    if 1 < len(written.split()) <= _MOST_NAMES and written.replace(" ", "").isalpha():
        with suppress(QuerySyntaxError):
            yield parse(f'au:"{written}"')
    names = _NAME.findall(written.removeprefix("au:"))
    if isinstance(query, Term) and query.field is Field.AUTHOR and len(names) > 1:
        with suppress(QuerySyntaxError):
            yield parse(f'au:"{names[-1]}"')
    for tried in looser(query, missing):
        # What is left of another language's words are its small ones.
        telling = words(tried)
        if not telling or any(_tells(word.words[0]) for word in telling):
            yield tried


def _tells(word: str) -> bool:
    return len(word) >= _TELLING and word not in _SMALL


def _label(query: Query, written: str) -> str:
    """Return a query in the order in which its words were written."""
    single = words(query)
    if any(word.field is not Field.TEXT for word in single) or len(single) < 2:  # noqa: PLR2004
        return render(query)
    there = re.findall(r"\w+", written.casefold())
    ordered = sorted(single, key=lambda word: _place(word.words[0], there))
    spoken = [render(word) for word in ordered]
    return " ".join(spoken) if render(all_of(single)) == render(query) else render(query)


def _place(word: str, there: list[str]) -> int:
    """Return where a word stands among those that were written, however it is spelt there."""
    like = get_close_matches(word, there, n=1)
    return there.index(like[0]) if like else len(there)
