"""Callback routes: one declaration gives a button's data, its pattern and its typed arguments.

    TOPIC = route("topic", NUMBER)
    button(text, TOPIC.data(7))  # sends "topic:7"
    TOPIC.parse("topic:7")  # (7,)

Buttons stay in chats for years: data that was sent once must go on meaning the same.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, TypeVarTuple, cast, overload

MOST_BYTES = 64
"""Telegram takes no longer data (https://core.telegram.org/bots/api#inlinekeyboardbutton)."""

A = TypeVar("A")
B = TypeVar("B")
Values = TypeVarTuple("Values")


@dataclass(frozen=True)
class Field(Generic[A]):
    """One argument of a route: what it looks like, and the way from text to value and back."""

    pattern: str
    """Bounded, without groups that capture; only the last field of a route may hold a colon."""
    read: Callable[[str], A]
    write: Callable[[A], str] = str


@dataclass(frozen=True)
class Route(Generic[*Values]):
    """What one kind of button sends, `name:argument:argument`, and how it is read again."""

    name: str
    fields: tuple[Field[Any], ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the data of such a button looks like from its first to its last character."""
        parts = (re.escape(self.name), *(f"({field.pattern})" for field in self.fields))
        return re.compile(rf"{':'.join(parts)}\Z", re.ASCII)

    def data(self, *values: *Values) -> str:
        """Return what the button with these arguments sends.

        Raises:
            ValueError: `parse` or Telegram would not take it.

        """
        given: tuple[Any, ...] = values
        written = (field.write(value) for field, value in zip(self.fields, given, strict=True))
        data = ":".join((self.name, *written))
        if not self.pattern.match(data) or len(data.encode()) > MOST_BYTES:
            raise ValueError(data)
        return data

    def parse(self, data: str) -> tuple[*Values]:
        """Return the arguments that a button sent.

        Raises:
            ValueError: the data is none of this route's.

        """
        found = self.pattern.match(data)
        if found is None:
            raise ValueError(data)
        texts = zip(self.fields, found.groups(), strict=True)
        return cast("tuple[*Values]", tuple(field.read(text) for field, text in texts))


@overload
def route(name: str, /) -> Route[()]: ...
@overload
def route(name: str, first: Field[A], /) -> Route[A]: ...
@overload
def route(name: str, first: Field[A], second: Field[B], /) -> Route[A, B]: ...
def route(name: str, /, *fields: Field[Any]) -> Route[*tuple[Any, ...]]:
    """Declare a route; the type checker holds buttons and handlers to its arguments."""
    return Route(name, fields)


def matching(pattern: str) -> Field[str]:
    """Return a field for texts of a pattern."""
    return Field(pattern, str)


def one_of(*words: str) -> Field[str]:
    """Return a field for one of a few words."""
    return matching("|".join(map(re.escape, words)))


NUMBER = Field(r"\d{1,9}", int)
SMALL_NUMBER = Field(r"\d{1,2}", int)
FLAG = Field("[01]", lambda text: text == "1", lambda is_on: str(int(is_on)))
PAPER_ID = matching(r"[A-Za-z0-9.-]{1,24}(?:/\d{7})?")
