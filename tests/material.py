"""Where the tests find real material: a folder beside the checkout, which need not be there."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

__all__ = ["real_rows", "shared_data"]

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return the path of a file or folder of real material, or skip the test that asks."""
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{name}, which is not beside this checkout")
    return path


def real_rows() -> list[dict[str, Any]]:
    """Return the real papers as the fake arXiv takes them, or skip the test that asks."""
    return [dict(row) for row in _rows(shared_data("papers.jsonl.gz"))]


@cache
def _rows(path: Path) -> tuple[dict[str, Any], ...]:
    """Read once: many a test asks."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return tuple(map(json.loads, lines))
