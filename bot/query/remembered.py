"""Parsed queries that are remembered, bounded by how long they are in all and not by their number.

A tree takes some twenty bytes for each character of its query: a hundred thousand topics of the
longest kind would be a gigabyte.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a text that remembers what it returned; the least lately asked leave first."""

    def __init__(self, make: Callable[[str], T], *, most_characters: int) -> None:
        self._make = make
        self._most = most_characters
        self._made: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()
        self.characters = 0
        """How long all remembered texts are together."""

    def __call__(self, text: str) -> T:
        """Return what belongs to a text; what is raised is not remembered."""
        with self._lock:
            if text in self._made:
                self._made.move_to_end(text)
                return self._made[text]
        made = self._make(text)
        with self._lock:
            if text not in self._made:
                self._made[text] = made
                self.characters += len(text)
            while self.characters > self._most and self._made:
                self.characters -= len(self._made.popitem(last=False)[0])
        return made
