"""Atomic writes in a folder that a web server may be reading."""

import errno
import json
import os
import tempfile
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

OURS = ".paperboy"
"""Says that what a folder has under our files' names is ours to replace and to remove."""


def claim(folder: Path, names: Iterable[str]) -> None:
    """Make a folder ours, where nothing of somebody else's would be replaced in it.

    A folder from before there was a mark is known by its `papers.json`.

    Raises:
        OSError: files are there under our names that are not ours, or nothing can be written.

    """
    mark = folder / OURS
    if mark.is_file():
        return
    foreign = next((name for name in names if (folder / name).exists()), None)
    if foreign is not None and not _was_ours(folder / "papers.json"):
        raise FileExistsError(errno.EEXIST, "there is a file that is not Paperboy's", foreign)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("Paperboy publishes here, and replaces what it made.\n", encoding="utf-8")


def _was_ours(place: Path) -> bool:
    try:
        found = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"papers", "topics"} <= found.keys()


def write(folder: Path, files: Mapping[str, str]) -> int:
    """Write files atomically by their paths below the folder; return how many were changed.

    Each appears whole or not at all. One that would not change is not touched.

    Raises:
        OSError: something can't be written; what was written before stays.

    """
    changed = 0
    for name, text in files.items():
        place = folder / name
        content = text.encode("utf-8", "replace")
        if place.is_file() and place.read_bytes() == content:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place) as beside:
            beside.write_bytes(content)
        changed += 1
    return changed


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """Write a file atomically: give an empty one beside it, which takes its place after the block.

    When the block fails, what stood there still stands there, and nothing is left over.

    Raises:
        OSError: nothing can be written there.

    """
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.open("wb").close()
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def remove_others(folder: Path, pattern: str, *, keep: Container[str]) -> int:
    """Remove the files that fit a pattern unless their path below the folder is to be kept.

    Raises:
        OSError: something can't be removed.

    """
    others = [
        place
        for place in folder.glob(pattern)
        if place.relative_to(folder).as_posix() not in keep and place.is_file()
    ]
    for place in others:
        place.unlink(missing_ok=True)
    return len(others)


def try_to_write(folder: Path) -> None:
    """Make the folder where there is none, and leave nothing in it.

    Raises:
        OSError: nothing can be written there.

    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b" ")
