"""Batches: lists cut into parts that one statement can take, below the limit of its parameters."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BATCH = 500
"""Ids a statement; databases take thousands of parameters, SQLite the fewest."""


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Cut a list into batches."""
    return (items[start : start + size] for start in range(0, len(items), size))
