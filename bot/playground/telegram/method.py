"""What a method of the Bot API is to the server: a function and what it may be given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.telegram.account import Account
from bot.playground.telegram.parameters import ApiCall


@dataclass(frozen=True, slots=True)
class Method:
    """`run` returns the result, or an awaitable of it, and raises Refusal."""

    run: Callable[[Account, ApiCall], Any | Awaitable[Any]]
    parameters: frozenset[str]
    paced: bool
    """Whether it makes a new message, which Telegram counts against the bot's pace."""


def method(
    run: Callable[[Account, ApiCall], Any | Awaitable[Any]],
    parameters: str = "",
    *,
    paced: bool = False,
) -> Method:
    """Describe a method; its parameters are named with spaces between."""
    return Method(run, frozenset(parameters.split()), paced)
