"""Queries that are made to hurt are read, or refused, in no time."""

import time

import pytest

from bot.query.parser import QuerySyntaxError, parse

BOMBS = {
    "brackets": "(" * 5_000 + "a" + ")" * 5_000,
    "open brackets": "(" * 20_000,
    "alternatives": " | ".join(f"w{n}" for n in range(5_000)),
    "exclusions": "a " + "-b " * 5_000,
    "quotes": '"' * 9_999,
    "one word": "a" * 100_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_query_bomb_is_refused_in_no_time(kind: str) -> None:
    began = time.thread_time()
    with pytest.raises(QuerySyntaxError):
        parse(BOMBS[kind])
    assert time.thread_time() - began < 2
