"""A file of topics that a command was given."""

from pathlib import Path

from bot.commands.outcome import CommandError
from bot.transfer.pages import LARGEST, Page, PageFileError, read_page


def topic_file(path: Path) -> Page:
    """Return what the file names; raises CommandError with what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from error
    try:
        return read_page(path.name, content)
    except PageFileError as error:
        raise CommandError(f"{path}: {error}") from error
