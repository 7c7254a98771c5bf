"""Slices: long work cut into short transactions, so that whoever writes meanwhile hardly waits."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from storage.database import Database

Result = TypeVar("Result")

SECONDS = 0.02
"""So long a slice is to keep others from writing."""


class Slices:
    """Adaptive size: how much of some work one transaction of about SECONDS takes."""

    def __init__(self, *, first: int, least: int, most: int) -> None:
        self.size = first
        self._least, self._most = least, most

    async def write(self, database: Database, work: Callable[[Connection], Result]) -> Result:
        """Do a slice in one hop to a thread, and learn from the time that it took."""
        began = 0.0

        def timed(connection: Connection) -> Result:
            nonlocal began
            began = time.perf_counter()
            return work(connection)

        result = await database.write(timed)
        self.took(time.perf_counter() - began)
        return result

    def took(self, seconds: float) -> None:
        """Adapt the size to what the last slice took; never more than by half or double."""
        factor = min(2.0, max(0.5, SECONDS / max(seconds, 1e-6)))
        self.size = min(self._most, max(self._least, int(self.size * factor)))
