"""Atomic writes in a folder that a web server may be reading."""

import os
import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


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
