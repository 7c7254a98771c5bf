"""A file that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.commands.outcome import CommandError


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
