"""How far long work has come, for whoever watches it in a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.commands.errors import CommandError

_WIDTH = 24
"""Characters of a bar."""


class Counter:
    """Counts in place, with a bar, on standard error; silent where nobody watches."""

    def __init__(self, words: str) -> None:
        """Take what is counted, such as `translated`."""
        self._words = words

    async def __call__(self, done: int, total: int) -> None:
        """Show so many of so many."""
        self.show(done, total)

    def show(self, done: int, total: int) -> None:
        """Show so many of so many."""
        if sys.stderr.isatty():
            end = "\n" if done >= total else ""
            filled = _WIDTH * done // max(total, 1)
            bar = "█" * filled + "░" * (_WIDTH - filled)
            sys.stderr.write(f"\r{bar} {self._words} {done:,} of {total:,}{end}")
            sys.stderr.flush()


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give the path of an empty file beside `target` that takes its place after the block.

    When the block fails, what stood at `target` still stands there, and nothing is left over.

    Raises:
        CommandError: nothing can be written there.

    """
    try:
        place = target.resolve()
        if place.is_dir():
            raise CommandError(f"{target} is a folder, not a file")
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        beside.open("x").close()
    except OSError as error:
        raise CommandError(f"{target} can't be written: {error.strerror}") from error
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(place)
    except OSError as error:
        raise CommandError(f"{target} can't be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
