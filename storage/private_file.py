"""Private files: made empty, for their owner alone."""

import os
from pathlib import Path


def create_private(path: Path) -> None:
    """Make an empty file that only its owner may read; SQLite gives its journals the same rights.

    Raises:
        FileExistsError: there is one already.

    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
