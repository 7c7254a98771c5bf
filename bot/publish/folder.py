"""Files in a folder that a web server may be reading."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["write"]


def write(folder: Path, files: Mapping[str, str]) -> int:
    """Write the files by their paths below the folder; return how many were not there just so.

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
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
        changed += 1
    return changed
