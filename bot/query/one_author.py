"""One author by a name as people write it, with initials too: `Yann LeCun`, `Y LeCun`."""

from collections.abc import Iterable

from bot.query.ast import Query
from bot.query.parser import QuerySyntaxError, parse
from bot.query.tokens import split


def author_query(name: str) -> Query | None:
    """Return a query that finds all papers of an author, and perhaps some of namesakes."""
    words = _words(name)
    whole = [word for word in words if len(word) > 1]
    # What is written as an initial here may be a whole name on a paper.
    wanted = words if len(whole) == len(words) else whole[-1:]
    try:
        return parse(f'au:"{" ".join(wanted)}"') if wanted else None
    except QuerySyntaxError:
        return None


def has_author(authors: Iterable[str], name: str) -> bool:
    """Tell whether an author may be meant by a name: each word begins one of theirs."""
    wanted = _words(name)
    return any(
        all(any(word.startswith(one) for word in _words(author)) for one in wanted)
        for author in authors
    )


def _words(name: str) -> list[str]:
    return [word.lower() for word in split(name)]
