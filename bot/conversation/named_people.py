"""Named people: whom a name in Chinese characters may mean among arXiv's authors."""

import asyncio

from bot.conversation.alternatives import Alternative
from bot.conversation.context import Context
from bot.conversation.own_papers import registered
from bot.conversation.topic_history import ask_arxiv
from bot.query.ast import Field, Query, Term, render
from bot.query.parser import parse
from bot.query.romanised_names import han_name, possible_name, romanised
from bot.search import own_store


async def people(context: Context, query: Query, written: str) -> list[Alternative]:
    """Return who may be meant, whoever has the most papers first; nobody where it is no name.

    A name that the own store does not know is asked of arXiv once, in its likeliest form. Where
    nobody has it that form is returned all the same, with no papers.
    """
    name = name_of(query, written)
    if name is None:
        return []
    # The first name of all reads the dictionary.
    candidates = await asyncio.to_thread(romanised, name)
    found: list[Alternative] = []
    for candidate in candidates:
        asked = parse(candidate.query)
        topic = (await registered(context, render(asked))).topic
        found.append(Alternative(topic, candidate.name, await _count(context, asked)))
    if found and not any(one.papers for one in found):
        likeliest = found[0]
        await ask_arxiv(context, likeliest.topic.id)
        papers = await _count(context, parse(candidates[0].query))
        found = [likeliest._replace(papers=papers)]
    known = [one for one in found if one.papers] or found[:1]
    return sorted(known, key=lambda one: -one.papers)


def name_of(query: Query, written: str) -> str | None:
    """Return the name in Chinese characters that a query looks for, or that may be one."""
    match query:
        case Term(field=Field.AUTHOR, words=words):
            return possible_name("".join(words))
    return han_name(written)


async def _count(context: Context, query: Query) -> int:
    found = await own_store.find(database=context.services.database, query=query, most=0)
    return found.count
