"""Output of commands: a progress bar on a terminal, files that are written atomically."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.commands.errors import CommandError
from bot.site.folder import replacing

_WIDTH = 24
"""Characters of a bar."""


class Counter:
    """Progress bar on standard error, redrawn in place; silent where nobody watches."""

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
    """Write a file atomically, see `replacing`: `target` is replaced once the block has ended well.

    Raises:
        CommandError: nothing can be written there.

    """
    try:
        if target.is_dir():
            raise CommandError(f"{target} is a folder, not a file")
        with replacing(target.resolve()) as beside:
            yield beside
    except OSError as error:
        raise CommandError(f"{target} can't be written: {error.strerror}") from error
